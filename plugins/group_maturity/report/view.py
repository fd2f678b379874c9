"""A report as it is shown, whoever draws it: page, paper and file say the same."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from plugins.group_maturity import operations
from plugins.group_maturity.calculations import suppression
from plugins.group_maturity.calculations.suppression import WITHHELD, Figure
from plugins.group_maturity.instruments.schema import Instrument, Stage
from plugins.group_maturity.operations.figures import Change
from plugins.group_maturity.report import words
from plugins.group_maturity.report.source import Own, Source

# A gap is called a possible blind spot from here on (POMP, both sides rounded to 5): house rule.
GAP_FROM = 15
# More at once is no help in a conversation.
MOST_GAPS = 2


@dataclass(frozen=True)
class Side:
    """One scale: the group's number beside the manager's. `agreement` is empty where nothing may be said of it."""

    name: str
    title: str
    summary: str
    low_is_mature: bool
    group: Figure
    own: Figure | None
    agreement: str
    strict: str
    change: Change | None
    earlier: Figure | None

    @property
    def gap(self) -> str:
        """Own minus group as it is written."""
        return words.gap(self.own or WITHHELD, self.group)

    @property
    def apart(self) -> int:
        """How far apart the two numbers are, at least; 0 where one is missing."""
        if self.own is None or self.own.value is None or self.group.value is None:
            return 0
        return abs(self.own.value - self.group.value)

    @property
    def said(self) -> Any:
        """The sentence about agreement."""
        return words.agreement(self.agreement, self.group) if self.agreement else ""

    @property
    def flattered(self) -> bool:
        """True when the stricter measure says much less."""
        return bool(self.agreement) and words.much_stricter(self.agreement, self.strict)


@dataclass(frozen=True)
class Line:
    """One statement: its text, the manager's answer in words and the group's number."""

    text: str
    own: str
    group: Figure


@dataclass(frozen=True)
class Report:
    """A whole report in one language. Texts of the instrument are in `language`, everything else in the page's."""

    source: Source
    language: str
    sides: Sequence[Side]
    contribution: Side | None
    own_lines: Sequence[Line]
    statements: Sequence[tuple[Side, Sequence[Line]]]
    group_stage: Stage | None
    own_stage: Stage | None

    @property
    def instrument(self) -> Instrument:
        """What was asked."""
        return self.source.instrument

    @property
    def numbered(self) -> bool:
        """False when only the direction of change may be told."""
        return self.source.figures.numbered

    @property
    def own(self) -> Own | None:
        """The manager's own picture."""
        return self.source.own

    @property
    def band(self) -> str:
        """How many answered, as people may know it."""
        return words.band(self.source.figures.band)

    @property
    def notice(self) -> str:
        """What must stand wherever the instrument is shown."""
        return (self.instrument.validation.notice or {}).get(self.language, "")

    @property
    def group_text(self) -> str:
        """What the group's answers resemble, in a sentence."""
        if self.group_stage is None:
            return ""
        told = self.instrument.interpretation
        return (told.group_texts or told.stage_texts)[self.group_stage.id][self.language]

    @property
    def questions(self) -> Sequence[str]:
        """What to talk about: the questions of the stage, those of the default where none is named."""
        stage = self.group_stage or self.instrument.stages[-1]
        return self.instrument.interpretation.discussion_questions[stage.id][self.language]

    @property
    def agreed(self) -> Sequence[Side]:
        """The sides about whose agreement something may be said."""
        return [side for side in self.sides if side.agreement]

    @property
    def changed(self) -> Sequence[Side]:
        """What can be set beside an earlier wave."""
        every = [*self.sides, *([self.contribution] if self.contribution else [])]
        return [side for side in every if side.change is not None]

    @property
    def earlier_on(self) -> date | None:
        """The day of the wave that this one is set beside."""
        return None if self.source.earlier is None else self.source.earlier[0]

    @property
    def blind_spots(self) -> Sequence[tuple[Side, str]]:
        """The sides seen most differently, with what that may mean; it never says who is right."""
        every = [*self.sides, *([self.contribution] if self.contribution else [])]
        wide = sorted((side for side in every if side.apart >= GAP_FROM), key=lambda side: -side.apart)
        return [(side, self._gap_text(side)) for side in wide[:MOST_GAPS]]

    def _gap_text(self, side: Side) -> str:
        texts = self.instrument.interpretation.gap_texts.get(side.name)
        if texts is None or side.own is None or side.own.value is None or side.group.value is None:
            return ""
        return (texts.own_higher if side.own.value > side.group.value else texts.group_higher)[self.language]


def build(source: Source, locale: str) -> Report:
    """Returns a report in a language."""
    instrument = source.instrument
    language = instrument.language(locale)
    sides = [_side(source, name, language) for name in instrument.scales if name != operations.CONTRIBUTION_SCALE]
    about = None
    if operations.CONTRIBUTION_SCALE in instrument.scales and (source.own or source.about_manager):
        about = _side(source, operations.CONTRIBUTION_SCALE, language)
    names = {stage.id: stage for stage in instrument.stages}
    return Report(
        source, language, sides, about,
        own_lines=[] if about is None else _lines(source, about, language),
        statements=[(side, _lines(source, side, language)) for side in sides if _items_shown(source, side.name)],
        group_stage=names.get(source.figures.stage or ""),
        own_stage=None if source.own is None else source.own.profile.stage,
    )  # fmt: skip


def _side(source: Source, name: str, language: str) -> Side:
    scale, found = source.instrument.scales[name], source.figures
    told = found.scales.get(name, WITHHELD)
    shown = told if name != operations.CONTRIBUTION_SCALE or source.about_manager else WITHHELD
    agreement, strict = found.agreement.get(name, ("", "")) if shown.value is not None else ("", "")
    change = found.changes.get(name) if name != operations.CONTRIBUTION_SCALE or source.about_manager else None
    earlier = source.earlier[1].scales.get(name) if source.earlier and change is not None else None
    return Side(
        name, scale.title[language], scale.summary[language], scale.direction == "low_is_mature", shown,
        _own_figure(source.own, name), agreement, strict, change, earlier,
    )  # fmt: skip


def _own_figure(own: Own | None, name: str) -> Figure | None:
    """The manager's number, rounded and folded as the group's are, so that the two can be set beside each other."""
    if own is None:
        return None
    value = own.profile.pomps.get(name)
    return WITHHELD if value is None else suppression.folded(suppression.rounded(value, 5))


def _items_shown(source: Source, name: str) -> bool:
    items = source.instrument.items
    return any(items[item].scale == name and figure.value is not None for item, figure in source.figures.items.items())


def _lines(source: Source, side: Side, language: str) -> Sequence[Line]:
    instrument, told = source.instrument, source.figures.items
    names = instrument.items_of(side.name)
    show = side.name != operations.CONTRIBUTION_SCALE or source.about_manager
    return [
        Line(
            instrument.items[name].text[language], _own_answer(source, name, language),
            told.get(name, WITHHELD) if show else WITHHELD,
        )
        for name in names
    ]  # fmt: skip


def _own_answer(source: Source, name: str, language: str) -> str:
    if source.own is None:
        return ""
    scale, answer = source.instrument.response_scale, source.own.answers.get(name)
    return scale.not_applicable.labels[language] if answer is None else scale.labels[language][answer - scale.min]


def chart(report: Report, names: Mapping[str, str], sides: Sequence[Side]) -> dict[str, Any]:
    """Returns the picture of some sides: a mark for the group and one for the manager. `names`: group and you."""
    series = [
        {
            "name": names["group"], "mark": "disc", "data": [side.group.value for side in sides],
            "words": [words.number(side.group) for side in sides],
        }
    ]  # fmt: skip
    if report.own is not None:
        own = [side.own or WITHHELD for side in sides]
        series.append(
            {"name": names["you"], "mark": "diamond", "data": [one.value for one in own],
             "words": [words.number(one) for one in own]}
        )  # fmt: skip
    return {
        "kind": "dots",
        "x": {"min": 0, "max": 100},
        "y": {"labels": [side.title for side in sides]},
        "series": series,
    }
