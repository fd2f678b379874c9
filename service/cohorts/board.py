"""What the plugins that are on say about a cohort's managers, put together for their coach.

Each plugin is asked once about all managers. What a page shows of a manager, her cells and the words of why she needs
her coach, is read for those on the page alone: a cohort may have a thousand. A plugin whose answer proves broken leaves
nothing of itself but the sentence that says so.
"""

import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Any

from flask import render_template, url_for
from markupsafe import Markup

from service.cohorts.models import Member
from service.contract.records import Card
from service.contract.reports import Attention, Cell, CohortReport, Column, Picture, TermMark
from service.host import Plugin, Unavailable, guarded

# The small curve in a cell, in pixels.
CURVE_WIDTH, CURVE_HEIGHT, CURVE_EDGE = 64, 20, 2
PAUSED = "pause"


@dataclass
class Row:
    """One manager: what she needs from her coach, heaviest first, remarks, and her cells in the order of the columns."""

    member: Member
    reasons: list[Attention] = field(default_factory=list)
    cells: list[Cell | None] = field(default_factory=list)
    remarks: list[Attention] = field(default_factory=list)
    # The page on which more of her stands; nothing where she shares none.
    url: str = ""


@dataclass(frozen=True)
class Told:
    """A plugin's answer once its outline proved usable: the columns, and how much and how often somebody needs her coach."""

    plugin: Plugin
    report: CohortReport
    columns: Sequence[Column]
    needs: Mapping[uuid.UUID, tuple[float, int]]
    paused: AbstractSet[uuid.UUID]
    panels: Sequence[str]

    def name(self, key: str) -> str:
        """Returns what a column or filter of this plugin is called among those of all."""
        return f"{self.plugin.key}.{key}"


@dataclass
class Board:
    """The managers of a cohort, those who are looked at filled in."""

    members: Sequence[Member]
    told: list[Told] = field(default_factory=list)
    failed: list[Unavailable] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    pictures: list[str] = field(default_factory=list)
    marks: list[TermMark] = field(default_factory=list)
    _needs: dict[uuid.UUID, tuple[float, int]] | None = None

    @property
    def columns(self) -> list[Column]:
        """The columns of all plugins; their keys are those of the address."""
        return [
            Column(told.name(column.key), column.title, column.kind, column.minor, column.order)
            for told in self.told
            for column in told.columns
        ]

    @property
    def headings(self) -> list[Column]:
        """The columns that stand beside a manager's name, in their order on the page."""
        return sorted((column for column in self.columns if not column.minor), key=lambda column: column.order)

    def beside(self, row: Row) -> list[tuple[Column, Cell | None]]:
        """Returns what stands beside a manager's name."""
        pairs = zip(self.columns, row.cells, strict=True)
        return sorted((pair for pair in pairs if not pair[0].minor), key=lambda pair: pair[0].order)

    def below(self, row: Row) -> list[tuple[Column, Cell]]:
        """Returns what there is in the line below it; what has no value yet is left out."""
        pairs = zip(self.columns, row.cells, strict=True)
        found = [(column, cell) for column, cell in pairs if column.minor and cell and cell.value is not None]
        return sorted(found, key=lambda pair: pair[0].order)

    def needs(self) -> dict[uuid.UUID, tuple[float, int]]:
        """Returns the heaviest reason of each who needs her coach, and how many she has."""
        if self._needs is None:
            found: dict[uuid.UUID, tuple[float, int]] = {}
            for told in self.told:
                for key, (weight, number) in told.needs.items():
                    before = found.get(key, (0.0, 0))
                    found[key] = (max(before[0], weight), before[1] + number)
            self._needs = found
        return self._needs

    def paused(self) -> set[uuid.UUID]:
        """Returns who rests and needs nothing."""
        paused = {key for told in self.told for key in told.paused}
        return paused.difference(self.needs()) if paused else paused

    def new(self) -> set[uuid.UUID]:
        """Returns who has begun nothing that is told of; nobody where no plugin tells of it."""
        begun = [told.report.begun for told in self.told if told.report.begun is not None]
        return {member.person_id for member in self.members}.difference(*begun) if begun else set()

    def values(self, name: str) -> Callable[[Member], Any] | None:
        """Returns what gives each manager's value in a column; None where its plugin fails at it, which is then left out."""
        told = next(each for each in self.told if name.startswith(f"{each.plugin.key}."))
        key, cells = name.partition(".")[2], told.report.cells

        def found() -> dict[uuid.UUID, Any]:
            values = {member.id: cells.get(member.id, {}).get(key) for member in self.members}
            return {member_id: _sortable(cell.value) for member_id, cell in values.items() if cell is not None}

        values = guarded(told.plugin, found)
        if isinstance(values, Unavailable):
            self._leave_out(told, values)
            return None
        return lambda member: values.get(member.id)

    def _leave_out(self, told: Told, why: Unavailable) -> None:
        self.failed.append(why)
        self.told.remove(told)
        self._needs = None

    def fill(self, members: Sequence[Member]) -> None:
        """Fills in what the page shows of these managers. A plugin that fails at it is left out altogether."""
        self.rows, self.pictures, self.marks = [Row(member) for member in members], [], []
        parts = []
        for told in list(self.told):
            part = guarded(told.plugin, lambda told=told: _part(told, members))  # type: ignore[misc]
            if isinstance(part, Unavailable):
                self._leave_out(told, part)
            else:
                parts.append(part)
        for part in parts:
            self._add(part)
        for row in self.rows:
            row.url = next((cell.path for _column, cell in self.beside(row) if cell and cell.path), "")

    def _add(self, part: "_Part") -> None:
        self.pictures += part.pictures
        self.marks += part.marks
        for row, cells, reasons in zip(self.rows, part.cells, part.reasons, strict=True):
            row.cells += cells
            for reason in reasons:
                (row.reasons if reason.weight > 0 else row.remarks).append(reason)
            row.reasons.sort(key=lambda reason: -reason.weight)


@dataclass(frozen=True)
class _Part:
    cells: Sequence[Sequence[Cell | None]]
    reasons: Sequence[Sequence[Attention]]
    pictures: Sequence[str]
    marks: Sequence[TermMark]


def gather(answers: Iterable[tuple[Plugin, CohortReport | Unavailable]], members: Sequence[Member]) -> Board:
    """Takes what the plugins answered about these managers, as far as it is usable."""
    board = Board(members)
    for plugin, answered in answers:
        told = answered if isinstance(answered, Unavailable) else guarded(plugin, _outline(plugin, answered))
        if isinstance(told, Unavailable):
            board.failed.append(told)
        else:
            board.told.append(told)
    return board


def _outline(plugin: Plugin, report: CohortReport) -> Callable[[], Told]:
    def outline() -> Told:
        needs: dict[uuid.UUID, tuple[float, int]] = {}
        paused = set()
        for reason in report.attention:
            if reason.weight > 0:
                weight, number = needs.get(reason.member_id, (0.0, 0))
                needs[reason.member_id] = (max(weight, reason.weight), number + 1)
            elif reason.mark == PAUSED:
                paused.add(reason.member_id)
        columns = [
            Column(column.key, str(column.title), column.kind, column.minor, int(column.order))
            for column in report.columns
        ]
        return Told(plugin, report, columns, needs, paused, [*_drawn(report.pictures), *_panels(report.panels)])

    return outline


def _part(told: Told, members: Sequence[Member]) -> _Part:
    report = told.report
    more = report.details(members) if report.details is not None else CohortReport()
    cells = []
    for member in members:
        hers = {**report.cells.get(member.id, {}), **more.cells.get(member.id, {})}
        cells.append([_cell(told.plugin.key, hers, column) for column in told.columns])
    by_member: dict[uuid.UUID, list[Attention]] = defaultdict(list)
    shown = {member.id for member in members}
    for reason in report.attention:
        if reason.member_id in shown:
            by_member[reason.member_id].append(_reason(reason))
    reasons = [by_member[member.id] for member in members]
    marks = [TermMark(mark.member_id, mark.at, str(mark.what), str(mark.shape)) for mark in more.marks]
    return _Part(cells, reasons, [*_drawn(more.pictures), *_panels(more.panels), *told.panels], marks)


def _sortable(value: Any) -> Any:
    return value.casefold() if isinstance(value, str) else value


def _drawn(pictures: Sequence[Picture]) -> Iterator[str]:
    for picture in pictures:
        yield Markup(render_template("cohorts/picture.html", picture=picture))  # noqa: S704 - a template's own output


def _panels(panels: Sequence[Card]) -> Iterator[str]:
    for panel in panels:
        yield Markup(render_template(panel.template, **panel.context))  # noqa: S704 - a template's own output


def _cell(plugin: str, cells: Mapping[str, Cell], column: Column) -> Cell | None:
    cell = cells.get(column.key)
    if cell is None:
        return None
    path = f"{url_for('l.home')}{plugin}/{cell.path}" if cell.path else ""
    bar = None if cell.bar is None else min(max(float(cell.bar), 0.0), 1.0)
    return Cell(cell.value, str(cell.text), str(cell.detail), str(cell.mark), path, tuple(map(float, cell.line)), bar)


def _reason(reason: Attention) -> Attention:
    return Attention(reason.member_id, str(reason.why), str(reason.detail), float(reason.weight), str(reason.mark))


def curve(line: Sequence[float]) -> str:
    """Returns the path of a small curve through numbers from 0 to 1; nothing for fewer than two."""
    if len(line) <= 1:
        return ""
    step = (CURVE_WIDTH - 2 * CURVE_EDGE) / (len(line) - 1)
    tall = CURVE_HEIGHT - 2 * CURVE_EDGE
    points = [
        f"{CURVE_EDGE + step * at:.1f} {CURVE_EDGE + tall * (1 - min(max(number, 0.0), 1.0)):.1f}"
        for at, number in enumerate(line)
    ]
    return "M" + " L".join(points)
