"""All that one cohort's figures say together: whoever reads everything at once must not learn that it was a few.

Each plugin's own numbers over every cohort of a size that there could be, put through the core's own rule. Of all worlds that
look alike to the training department, some have nobody, or enough, in whatever group of managers somebody asks about.
"""

import itertools
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest

from plugins.group_maturity.cards import training as group
from plugins.handledning.calculations import Frame
from plugins.handledning.models import CoachingSession, Engagement
from plugins.handledning.operations import Standing
from plugins.handledning.report.training import training_report
from plugins.ledarsteg.cards import cohort as habits
from plugins.ledarsteg.operations.participation import Going, Participation, first_of
from service.cohorts import counting
from service.contract import CohortReport, Count, Member, Term

K = 5
World = tuple[int, ...]
NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
SOME = [uuid.UUID(int=number) for number in range(1, 40)]


def worlds(total: int, kinds: int) -> Iterator[World]:
    """Every way in which so many managers can be of so many kinds."""
    for bars in itertools.combinations(range(total + kinds - 1), kinds - 1):
        ends = [-1, *bars, total + kinds - 1]
        yield tuple(right - left - 1 for left, right in itertools.pairwise(ends))


def kinds_of(world: World) -> list[int]:
    """The kind of each manager."""
    return [kind for kind, number in enumerate(world) for _one in range(number)]


def coaching(world: World, told_by_name: World = ()) -> CohortReport:
    """No coach; a coach; an agreement besides; one session besides; three sessions besides."""
    held = [CoachingSession(planned_start=NOW, planned_minutes=150, process_minutes=60, result_minutes=60)] * 3
    waiting, agreed = Engagement(activated_at=None), Engagement(activated_at=NOW)
    ways = [
        (None, 0), (waiting, 0), (agreed, 0), (agreed, 1), (agreed, 3),
    ]  # fmt: skip
    standings = {
        person: Standing(person, ways[kind][0], held[: ways[kind][1]])
        for person, kind in zip(SOME, [*kinds_of(told_by_name), *kinds_of(world)], strict=False)
    }
    named = SOME[: sum(told_by_name)]
    term = Term(2026, autumn=True, first=date(2026, 7, 1), last=date(2026, 12, 31), until=date(2026, 12, 31))
    report = training_report(standings, named, Frame(), term, "UTC")
    # How long a session was is nobody's to know beforehand: hours bound no number of managers, and are left out here.
    return CohortReport(counts=report.counts, spreads=report.spreads)


def habit(world: World) -> CohortReport:
    """No habit; one that is noted; one that rests; one that is neither; notes on a habit that has ended."""
    today = NOW.date()
    this_week = 1 << (today - timedelta(days=today.weekday()) - first_of(today)).days
    kinds = list(zip(SOME, kinds_of(world), strict=False))
    going = {person: Going(today - timedelta(100), rests=kind == 2) for person, kind in kinds if kind in (1, 2, 3)}
    noted = {person: this_week for person, kind in kinds if kind in (1, 4)}
    members = [cast("Member", SimpleNamespace(person_id=person)) for person, _kind in kinds]
    return CohortReport(counts=habits._counts(Participation(today, going, noted), members))


def measured(world: World) -> CohortReport:
    """No measurement; one that 5 to 7 answered, 8 to 12, 13 or more, too few. None was made again."""
    bands = ["5-7", "8-12", "13+", ""]
    reports = [(bands[kind - 1], None) for kind in kinds_of(world) if kind]
    asked = Count("group_asked", "", len(reports), step=5)
    return CohortReport(counts=[asked, Count("group_rated", "", len(reports))], spreads=group._spreads(reports))


def told(report: CohortReport, total: int) -> tuple[Any, ...]:
    """What is shown, as the core keeps it."""
    figures = counting._part("one", report, total)
    return tuple((key, str(value)) for some in figures.values() for key, value in some.items())


@pytest.mark.once
@pytest.mark.parametrize("total", [9, 12, 17])
@pytest.mark.parametrize(("report", "kinds"), [(coaching, 5), (habit, 5), (measured, 5)])
def test_all_that_is_told_of_a_cohort_together_tells_of_no_few(
    report: Callable[[World], CohortReport], kinds: int, total: int
) -> None:
    alike: Mapping[tuple[Any, ...], list[World]] = defaultdict(list)
    for world in worlds(total, kinds):
        alike[told(report(world), total)].append(world)
    assert len(alike) > 1
    for looks, possible in alike.items():
        for some in _groups(kinds):
            numbers = {sum(world[kind] for kind in some) for world in possible}
            assert not numbers <= set(range(1, K)), (looks, some, possible[:3])


@pytest.mark.once
@pytest.mark.parametrize(
    ("named", "rest"), [((0, 0, 0, 9, 0), 1), ((0, 0, 0, 5, 4), 4), ((0, 0, 0, 3, 1), 6), ((0, 0, 0, 2, 3), 12)]
)
def test_of_whom_nothing_is_told_by_name_the_numbers_tell_no_few(named: World, rest: int) -> None:
    """Who reads of the others one by one takes them away; what is left is those who wanted nothing told."""
    alike: Mapping[tuple[Any, ...], list[World]] = defaultdict(list)
    for world in worlds(rest, 5):
        alike[told(coaching(world, named), sum(named) + rest)].append(world)
    for looks, possible in alike.items():
        for some in _groups(5):
            numbers = {sum(world[kind] for kind in some) for world in possible}
            assert not numbers <= set(range(1, K)), (looks, some, possible[:3])


def _groups(kinds: int) -> Iterator[Sequence[int]]:
    for size in range(1, kinds):
        yield from itertools.combinations(range(kinds), size)
