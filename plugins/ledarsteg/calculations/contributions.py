"""Leader contributions: what they helped to build, which side of Tuff Omsorg they were, and both by the week."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import IntFlag

from plugins.ledarsteg.calculations.habits import monday_of


class Effect(IntFlag):
    """What a contribution helped to build. Kept as bits, so the numbers never change."""

    ABILITY = 1
    ATTITUDE = 2
    COLLABORATION = 4
    VALUE = 8


class Side(IntFlag):
    """Which side of Tuff Omsorg a contribution was: the hard one, the soft one for the operations, for an individual.

    Kept as bits, so the numbers never change.
    """

    HARD = 1
    SOFT_OPERATIONS = 2
    SOFT_INDIVIDUAL = 4


SOFT = Side.SOFT_OPERATIONS | Side.SOFT_INDIVIDUAL


@dataclass(frozen=True)
class Contributed:
    """So many contributions of a day, how good she thinks they were (1 to 5) where she says so, and their sides."""

    day: date
    number: int = 1
    quality: int | None = None
    sides: int = 0


@dataclass(frozen=True)
class ContributionWeek:
    """A week of contributions. `quality` is the mean of the `rated` ones; None when none is rated."""

    monday: date
    count: int
    rated: int
    quality: float | None
    hard: int
    soft: int


def contribution_weeks(rows: Iterable[Contributed], mondays: Sequence[date]) -> list[ContributionWeek]:
    """Returns the contributions of each of those weeks. A row of three that is rated 4 is three contributions rated 4."""
    by_week: dict[date, list[Contributed]] = {monday: [] for monday in mondays}
    for row in rows:
        by_week.get(monday_of(row.day), []).append(row)
    return [_week(monday, found) for monday, found in by_week.items()]


def _week(monday: date, rows: Sequence[Contributed]) -> ContributionWeek:
    quality, rated = mean_quality((row.number, row.quality) for row in rows)
    hard, soft = hard_and_soft(rows)
    return ContributionWeek(monday, sum(row.number for row in rows), rated, quality, hard, soft)


def mean_quality(rows: Iterable[tuple[int, int | None]]) -> tuple[float | None, int]:
    """Returns how good contributions were on the average, and how many are rated. Rows are how many, and their rating."""
    known = [(number, quality) for number, quality in rows if quality is not None]
    rated = sum(number for number, _quality in known)
    return (sum(number * quality for number, quality in known) / rated if rated else None), rated


def hard_and_soft(rows: Iterable[Contributed]) -> tuple[int, int]:
    """Returns how many contributions were the hard side and how many the soft one.

    One that was both counts on each side. One with both soft tags counts once: the soft side has two tags and the hard
    one has one, and counting tags would make the soft side win by that alone.
    """
    hard = soft = 0
    for row in rows:
        hard += row.number if row.sides & Side.HARD else 0
        soft += row.number if row.sides & SOFT else 0
    return hard, soft
