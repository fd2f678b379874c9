"""The cohort as its coach sees it, one row per manager, and as the training department does: counts alone."""

import uuid
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

from flask import render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from markupsafe import Markup

from service import audit
from service.access import Role, requires
from service.clock import local_date
from service.cohorts import completion_pages, counting, people, programme
from service.cohorts.current import InCohort, stay
from service.cohorts.models import Member
from service.cohorts.suppression import DEFAULT_MINIMUM
from service.contract.records import Attention, Cell, CohortReport, Column
from service.core import core
from service.errors import NotFound
from service.host import Plugin, Unavailable, guarded
from service.lti import copies, roster_pages
from service.unit import now
from service.web import page

T = TypeVar("T")


@dataclass
class Row:
    """One manager: what she needs from her coach, heaviest first, and her cells in the order of the columns."""

    member: Member
    reasons: list[Attention] = field(default_factory=list)
    cells: list[Cell | None] = field(default_factory=list)

    @property
    def weight(self) -> float:
        """How much she needs her coach; nothing when she does not."""
        return max((reason.weight for reason in self.reasons), default=0.0)


@dataclass
class Dashboard:
    """What the plugins that are on say about a cohort, ready to be drawn."""

    rows: list[Row]
    columns: list[Column] = field(default_factory=list)
    pictures: list[str] = field(default_factory=list)
    failed: list[Unavailable] = field(default_factory=list)

    @property
    def needing(self) -> list[Row]:
        """Who needs her coach, most first."""
        return sorted((row for row in self.rows if row.reasons), key=lambda row: -row.weight)

    @property
    def well(self) -> list[Row]:
        """Who goes on well."""
        return [row for row in self.rows if not row.reasons]


@requires("core.cohort_report")
def cohort() -> tuple[str, int]:
    """The cohort dashboard. A launch without a course has none."""
    here = stay()
    if not isinstance(here, InCohort):
        raise NotFound("no_course")
    return _for_training(here) if here.role is Role.TRAINING else _for_coach(here)


def _for_coach(here: InCohort) -> tuple[str, int]:
    # Looking at other people's data leaves a trace before anything of theirs is read.
    audit.append_now(core().units, here.actor, "cohort.view", object_type="cohort", object_ref=str(here.cohort.id))
    seen = roster_pages.look(here)
    board = collect(here)
    total, needing = len(board.rows), len(board.needing)
    heading = (
        ngettext(
            "%(num)d of %(total)d managers needs you", "%(num)d of %(total)d managers need you", needing, total=total
        )
        if needing
        else _("Nobody needs you right now")
    )
    only = request.args.get("show") == "needs"
    return page(
        "cohorts/coach.html", board=board, heading=heading, week=week(here), total=total, only=only, roster=seen,
        copied=copies.question(here),
        completion=completion_pages.table(here, here.cohort, [row.member for row in board.rows]),
    )  # fmt: skip


def week(here: InCohort) -> int:
    """The week of the person's own day (ISO 8601)."""
    return local_date(now(), here.zone).isocalendar().week


def collect(here: InCohort, only: Sequence[Member] | None = None) -> Dashboard:
    """Asks the plugins once for all managers, or for those named. The statements do not grow with the managers."""
    managers = people.managers(here.cohort) if only is None else only
    board = Dashboard([Row(member) for member in managers])
    for plugin, answered in here.plugins.cohort_report(here.cohort, managers, Role.COACH, here.person.id):
        _take(
            plugin, answered, board.failed, partial(_part, plugin.key, rows=board.rows), lambda part: _add(board, part)
        )
    return board


@dataclass(frozen=True)
class _Part:
    columns: Sequence[Column]
    cells: Sequence[Sequence[Cell | None]]
    reasons: Sequence[Sequence[Attention]]
    pictures: Sequence[str]


def _take(
    plugin: Plugin, answered: CohortReport | Unavailable, failed: list[Unavailable],
    work: Callable[[CohortReport], T], use: Callable[[T], None],
) -> None:  # fmt: skip
    """Uses what a plugin answered once all of it proves usable: a broken answer leaves no half of itself."""
    part = answered if isinstance(answered, Unavailable) else guarded(plugin, lambda: work(answered))
    if isinstance(part, Unavailable):
        failed.append(part)
    else:
        use(part)


def _part(plugin: str, report: CohortReport, rows: Sequence[Row]) -> _Part:
    columns = [Column(column.key, str(column.title), column.kind) for column in report.columns]
    cells = [[_cell(plugin, report.cells.get(row.member.id, {}).get(column.key)) for column in columns] for row in rows]
    by_member: dict[uuid.UUID, list[Attention]] = defaultdict(list)
    for reason in report.attention:
        by_member[reason.member_id].append(_reason(reason))
    reasons = [by_member[row.member.id] for row in rows]
    pictures = [Markup(render_template("cohorts/picture.html", picture=picture)) for picture in report.pictures]  # noqa: S704
    pictures += [Markup(render_template(panel.template, **panel.context)) for panel in report.panels]  # noqa: S704
    return _Part(columns, cells, reasons, pictures)


def _cell(plugin: str, cell: Cell | None) -> Cell | None:
    if cell is None:
        return None
    path = f"{url_for('l.home')}{plugin}/{cell.path}" if cell.path else ""
    return Cell(cell.value, str(cell.text), str(cell.detail), str(cell.mark), path)


def _reason(reason: Attention) -> Attention:
    return Attention(reason.member_id, str(reason.why), str(reason.detail), float(reason.weight))


def _add(board: Dashboard, part: _Part) -> None:
    board.columns += part.columns
    board.pictures += part.pictures
    for row, cells, reasons in zip(board.rows, part.cells, part.reasons, strict=True):
        row.cells += cells
        row.reasons = sorted([*row.reasons, *reasons], key=lambda reason: -reason.weight)


def _for_training(here: InCohort) -> tuple[str, int]:
    seen = roster_pages.look(here)
    said, failed = programme.said(here.plugins, here.cohort)
    published = counting.of_cohort(here.cohort)
    return page(
        "cohorts/training.html",
        course=here.cohort.title,
        steps=[programme.line(count.title, [(published.figures, key)]) for key, count in said.counts.items()],
        total=len(people.managers(here.cohort)),
        published=published,
        minimum=DEFAULT_MINIMUM,
        failed=failed,
        roster=seen,
    )
