"""The plugin's part of the training department's figures: how many have rated, asked and been answered, never who."""

from collections.abc import Collection, Sequence

from plugins.group_maturity import operations
from plugins.group_maturity.operations import measurements, overview
from service.contract import Cohort, CohortReport, Count, Member, Spread, lazy


def training_report(cohort: Cohort, members: Sequence[Member]) -> CohortReport:
    """Returns counts and histograms over the cohort's managers; the core withholds what may not be shown."""
    people = [member.person_id for member in members]
    latest = operations.latest_by_person(cohort, people)
    closed = [one for one in overview.states(cohort, people).values() if one & measurements.ENDED]
    rated = Count("group_rated", lazy("Have rated their group"), len(latest))
    asked = Count("group_asked", lazy("Have asked their group"), len(closed), step=5)
    return CohortReport(counts=(rated, asked), spreads=_spreads(overview.answered(cohort, people).values()))


def _spreads(reports: Collection[tuple[str, str | None]]) -> list[Spread]:
    """How many answered the newest measurements, in bands, and in how many of those made again more than error changed."""
    bands = [band for band, _moved in reports]
    moved = [moved for _band, moved in reports if moved is not None]
    known = ("5-7", "8-12", "13+")
    return [
        Spread(
            "answered", lazy("Groups by how many answered"), [*known, lazy("Other, or too few")],
            [*(bands.count(one) for one in known), sum(one not in known for one in bands)],
        ),
        Spread(
            "changed", lazy("Groups asked again, by how much changed"),
            [lazy("More than error on some side"), lazy("Within error"), lazy("Cannot be told")],
            [moved.count(one) for one in (overview.BEYOND, overview.WITHIN, overview.UNKNOWN)],
        ),
    ]  # fmt: skip
