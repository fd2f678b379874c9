"""The training department's page over all cohorts of its organisation: how far the managers have come, never who.

Everything about people comes from the weekly figures (`counting`) and is added up from what is shown of each cohort. What
plugins draw besides is theirs to answer for: means over whole groups, load, and what contracts tell.
"""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from flask import render_template, request
from flask_babel import gettext as _
from markupsafe import Markup

from service.access import Role, requires
from service.clock import local_date
from service.cohorts import counting, switches, terms
from service.cohorts.counting import Figures, Published, Shown
from service.cohorts.current import stay
from service.cohorts.models import Cohort
from service.cohorts.suppression import DEFAULT_MINIMUM, together
from service.cohorts.terms import Term
from service.contract.reports import Amount, CohortReport, Count, ProgrammeReport, Spread
from service.core import core
from service.host import Part, Plugin, Unavailable, guarded
from service.unit import now
from service.web import SERVICE_LOCALES, page

MAX_WORDS = 80
LANGUAGES = {"sv": "Svenska", "en": "English", "lv": "Latviešu"}


@dataclass
class Said:
    """What the plugins count, by "plugin/key" in their order, with nobody's numbers in it."""

    counts: dict[str, Count] = field(default_factory=dict)
    spreads: dict[str, Spread] = field(default_factory=dict)
    amounts: dict[str, Amount] = field(default_factory=dict)


def said(part: Part, cohort: Cohort) -> tuple[Said, list[Unavailable]]:
    """Asks the plugins what they count, in the language of the page: a report about nobody."""
    languages = [*(str(LANGUAGES[one]) for one in SERVICE_LOCALES), _("Another, or not known")]
    found = Said(
        {counting.LAUNCHED: Count("launched", _("Have opened Stegvis"), 0, step=1)},
        {counting.LANGUAGE: Spread("language", _("Languages of the managers' learning platform"), languages, ())},
    )
    failed: list[Unavailable] = []
    for plugin, report in part.cohort_report(cohort, [], Role.TRAINING, counting.NOBODY):
        words = report if isinstance(report, Unavailable) else guarded(plugin, lambda r=report: _words(r))  # type: ignore[misc]
        if isinstance(words, Unavailable):
            failed.append(words)
            continue
        for kind, things in words.items():
            getattr(found, kind).update({f"{plugin.key}/{key}": one for key, one in things.items()})
    return found, failed


def _words(report: CohortReport) -> dict[str, dict[str, Any]]:
    return {
        "counts": {one.key: Count(one.key, str(one.title), 0, int(one.step)) for one in report.counts},
        "spreads": {
            one.key: Spread(one.key, str(one.title), [str(label) for label in one.labels], ()) for one in report.spreads
        },
        "amounts": {
            one.key: Amount(one.key, str(one.title), str(one.unit), 0, 0, int(one.step)) for one in report.amounts
        },
    }


@dataclass(frozen=True)
class Step:
    """A number as the training department sees it: None when it is withheld everywhere.

    `out_of` are the managers of the cohorts whose number is in it, `hidden` how many cohorts' numbers are not.
    """

    title: str
    number: Shown
    out_of: int = 0
    hidden: int = 0

    @property
    def percent(self) -> int:
        """How wide its bar is."""
        return round(100 * self.number / self.out_of) if self.number and self.out_of else 0


def line(title: Any, figures: Sequence[tuple[Figures, str]]) -> Step:
    """Adds up one number over cohorts, of each the figures and the key in them."""
    shown = [(one.counts[key], one.total) for one, key in figures if one.counts.get(key) is not None]
    hidden = sum(key in one.counts and one.counts[key] is None for one, key in figures)
    return Step(str(title), together(number for number, _total in shown), sum(total for _n, total in shown), hidden)


# --- the page ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Chosen:
    """What the address asks for: a term, or all; words of a cohort's name, or none.

    Of a term that is over, the numbers are the last ones that were counted in it.
    """

    term: Term | None
    words: str
    is_over: bool = False

    @property
    def until(self) -> date | None:
        """The last day of the weeks that count; None where the newest do."""
        return self.term.until if self.term is not None and self.is_over else None


@requires("core.programme")
def programme() -> tuple[str, int]:
    """The programme of the whole organisation, or of the cohorts that the address chooses."""
    here = stay()
    organisation_id = here.launch.organisation_id
    every, calendar = switches.cohorts(organisation_id), terms.terms_of(organisation_id)
    by_term = {cohort.id: calendar.of_day(local_date(cohort.created_at, cohort.zone)) for cohort, _on in every}
    today = local_date(now(), here.zone)
    chosen = _chosen(set(by_term.values()), today)
    some = [
        (cohort, on)
        for cohort, on in every
        if chosen.term in (None, by_term[cohort.id]) and chosen.words.casefold() in cohort.title.casefold()
    ]
    found = counting.published((cohort.id for cohort, _on in some), chosen.until)
    if chosen.is_over and not found:
        # From before anything was counted: what there is of its cohorts is what was counted since.
        chosen = replace(chosen, is_over=False)
        found = counting.published(cohort.id for cohort, _on in some)
    words, failed = said(core().host.everyone(), some[0][0]) if some else (Said(), [])
    reports, broken = _reports(some)
    return page(
        "cohorts/programme.html", chosen=chosen, terms=sorted(set(by_term.values()), reverse=True),
        board=_board(words, [found[cohort.id] for cohort, _on in some if cohort.id in found]),
        lines=_lines(some, words, found), pictures=reports, failed=[*failed, *broken], minimum=DEFAULT_MINIMUM,
        organisation=here.organisation_name, this=calendar.of_day(today), number=len(every),
        steps=_steps(words),
    )  # fmt: skip


def _chosen(there: Iterable[Term], today: date) -> Chosen:
    """Reads the address. A term that no cohort has is none."""
    wanted = request.args.get("term", "")
    term = next((term for term in there if code(term) == wanted), None)
    return Chosen(term, request.args.get("q", "").strip()[:MAX_WORDS], term is not None and term.until < today)


def code(term: Term) -> str:
    """Returns how a term is named in an address: `2026-2` is the autumn of 2026."""
    return f"{term.year}-{2 if term.autumn else 1}"


@dataclass(frozen=True)
class Bins:
    """A histogram over cohorts: each bin's number, None where it is withheld in all. Without any there is no picture."""

    title: str
    rows: Sequence[tuple[str, Shown]]
    chart: Mapping[str, Any]

    @property
    def shown(self) -> bool:
        """Whether there is anything to draw: a withheld number must not look like none."""
        return any(number is not None for _label, number in self.rows)


@dataclass(frozen=True)
class Board:
    """All figures of the chosen cohorts together. `hidden` is how many cells of cohorts are withheld."""

    total: int
    steps: Sequence[Step]
    others: Sequence[Step]
    spreads: Sequence[Bins]
    amounts: Sequence[tuple[str, Shown, str]]
    hidden: int
    first: datetime | None
    last: datetime | None


def _board(words: Said, found: Sequence[Published]) -> Board:
    every = [one.figures for one in found]
    on_the_way = _steps(words)
    others = [key for key, one in words.counts.items() if not one.step]
    moments = [one.counted_at for one in found if one.counted_at is not None]
    cells = [cell for one in every for cell in _cells(words, one)]
    return Board(
        total=sum(one.total for one in every),
        steps=[line(words.counts[key].title, [(one, key) for one in every]) for key in on_the_way],
        others=[line(words.counts[key].title, [(one, key) for one in every]) for key in others],
        spreads=[_bins(one, [figures.spreads.get(key, ()) for figures in every]) for key, one in words.spreads.items()],
        amounts=[
            (str(one.title), together(figures.amounts.get(key) for figures in every), str(one.unit))
            for key, one in words.amounts.items()
        ],
        hidden=sum(cell is None for cell in cells),
        first=min(moments, default=None), last=max(moments, default=None),
    )  # fmt: skip


def _cells(words: Said, figures: Figures) -> list[Shown]:
    """The cells of one cohort that the page and the file show or withhold; what nobody has words for is none of them."""
    bins = [figures.spreads[key] for key in words.spreads if key in figures.spreads]
    return [
        *(figures.counts[key] for key in words.counts if key in figures.counts),
        *(figures.amounts[key] for key in words.amounts if key in figures.amounts),
        *(cell for some in bins for cell in some),
    ]


def _steps(words: Said) -> list[str]:
    return sorted((key for key, one in words.counts.items() if one.step), key=lambda key: words.counts[key].step)


def _bins(spread: Spread, every: Sequence[Sequence[Shown]]) -> Bins:
    labels = [str(label) for label in spread.labels]
    numbers = [together(bins[at] for bins in every if at < len(bins)) for at in range(len(labels))]
    chart = {
        "kind": "bar", "x": {"labels": labels}, "y": {"min": 0},
        "series": [{"name": _("Managers, at least"), "data": numbers}],
    }  # fmt: skip
    return Bins(str(spread.title), list(zip(labels, numbers, strict=True)), chart)


@dataclass(frozen=True)
class Line:
    """One cohort on the page: how many it is about, and its steps in the order of the way."""

    cohort: Cohort
    total: int | None
    steps: Sequence[Shown]


def _lines(some: Sequence[tuple[Cohort, Any]], words: Said, found: Mapping[uuid.UUID, Published]) -> list[Line]:
    keys = _steps(words)
    lines = []
    for cohort, _on in some:
        figures = found[cohort.id].figures if cohort.id in found else Figures(0)
        lines.append(Line(cohort, figures.total or None, [figures.counts.get(key) for key in keys]))
    return lines


def _reports(some: Sequence[tuple[Cohort, Mapping[str, bool]]]) -> tuple[list[str], list[Unavailable]]:
    """Asks each plugin once for all cohorts where it is on, and draws what it answers."""
    where = {plugin.key: [cohort for cohort, on in some if on.get(plugin.key)] for plugin in core().host}
    drawn: list[str] = []
    failed: list[Unavailable] = []
    for plugin, report in core().host.programme_report(where):
        part = report if isinstance(report, Unavailable) else _drawn(plugin, report)
        if isinstance(part, Unavailable):
            failed.append(part)
        else:
            drawn += part
    return drawn, failed


def _drawn(plugin: Plugin, report: ProgrammeReport) -> list[str] | Unavailable:
    def draw() -> list[str]:
        return [Markup(render_template("cohorts/picture.html", picture=picture)) for picture in report.pictures]  # noqa: S704 - our template

    return guarded(plugin, draw)
