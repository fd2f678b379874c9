"""The training department's overview: how many measurements there are, and means over at least five teams."""

from plugins.group_maturity.instruments.schema import Instrument
from plugins.group_maturity.models import State
from plugins.group_maturity.operations import overview
from plugins.group_maturity.operations.overview import Aggregate, Tested
from plugins.group_maturity.operations.releasing import TEAMS
from plugins.group_maturity.routes.blueprint import Answer, bp
from service.contract import Cohort, current_launch, page, requires
from service.contract import gettext as _


@bp.get("/overview")
@requires("group_maturity.aggregate")
def training() -> Answer:
    """Counts, and the mean profile of each instrument where enough teams stand behind it."""
    launch = current_launch()
    counts = overview.counts(launch.cohort)
    closed = sum(counts.get(state, 0) for state in (State.CLOSED, State.REPORTED, State.SUPPRESSED))
    numbers = [
        (_("Planned"), counts.get(State.DRAFT, 0)), (_("Open now"), counts.get(State.OPEN, 0)), (_("Closed"), closed),
        (_("Closed, not shown"), counts.get(State.SUPPRESSED, 0)),
    ]  # fmt: skip
    return page(
        "group_maturity/training.html", numbers=[(title, overview.in_groups(number)) for title, number in numbers], teams=TEAMS,
        profiles=[_profile(tested, launch.cohort, launch.locale) for tested in overview.tested(launch.cohort)],
    )  # fmt: skip


def _profile(tested: Tested, cohort: Cohort, locale: str) -> dict[str, object]:
    courses = overview.cohorts_of(cohort)
    key, major = tested.instrument.key, tested.major
    first, again, every = (
        overview.aggregate([cohort.id], key, major),
        overview.aggregate([cohort.id], key, major, wave=2),
        overview.aggregate(courses, key, major),
    )
    language = tested.instrument.language(locale)
    columns = [(_("The first time"), first), (_("The second time"), again)]
    if every.teams > first.teams:
        columns.append((_("All courses, the first time"), every))
    shown = [pair for pair in columns if pair[1].scales]
    return {
        "instrument": tested.instrument, "language": language, "columns": shown, "major": major,
        "chart": _chart(tested.instrument, language, shown),
        "scales": {name: scale.title[language] for name, scale in tested.instrument.scales.items()},
        "low": {name for name, scale in tested.instrument.scales.items() if scale.direction == "low_is_mature"},
    }  # fmt: skip


def _chart(instrument: Instrument, language: str, columns: list[tuple[str, Aggregate]]) -> dict[str, object]:
    names = [name for name in instrument.scales if any(name in found.scales for _title, found in columns)]
    return {
        "kind": "dots", "x": {"min": 0, "max": 100}, "y": {"labels": [instrument.scales[name].title[language] for name in names]},
        "series": [
            {"name": title, "data": [found.scales.get(name) for name in names]} for title, found in columns
        ],
    }  # fmt: skip
