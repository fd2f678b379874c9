"""The Friday review: which week is looked back on, what counts towards complete, a long imbalance; and a term's end.

The rules are choices of this product; each stands beside the number it uses.
"""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from plugins.ledarsteg.calculations.habits import WEEK, monday_of

# A week is looked back on from its Friday on, and at the latest on the Thursday after: there is always exactly one.
FRIDAY = 4
# Doing has long won over being when it had at least two more of the five points, four reviewed weeks in a row.
IMBALANCE, IMBALANCE_WEEKS = 2, 4
# The days before the end of a term in which she is asked what becomes of each habit, the last day included.
ENDING_DAYS = 14


def reviewed_week(today: date) -> date:
    """Returns the Monday of the one week (ISO 8601) that can be looked back on today."""
    return monday_of(today - timedelta(FRIDAY))


def is_offered(today: date) -> bool:
    """True from Friday to Sunday, when the review is asked for."""
    return today.weekday() >= FRIDAY


def friday_of(monday: date) -> date:
    """Returns the day on which a week's review is asked for first."""
    return monday + timedelta(FRIDAY)


def last_day_for(monday: date) -> date:
    """Returns the last day on which a review of a week can be begun: the Thursday after it."""
    return monday + timedelta(WEEK + FRIDAY - 1)


def most_within(mondays: Iterable[date], weeks: int) -> int:
    """Returns in how many of `weeks` weeks in a row there was a review, at most: the best such stretch.

    One more review never makes it less, and neither does time: what is complete stays complete.
    """
    known = sorted(set(mondays))
    span = timedelta(WEEK * weeks)
    return max((sum(first <= monday < first + span for monday in known) for first in known), default=0)


def is_long_imbalance(weighed: Sequence[tuple[int | None, int | None]]) -> bool:
    """Tells whether doing has long won over being. Each pair is (being, doing) of a reviewed week, the latest last.

    A week in which one of the two was not weighed is left out; it neither makes nor breaks a row.
    """
    latest = [(being, doing) for being, doing in weighed if being is not None and doing is not None][-IMBALANCE_WEEKS:]
    return len(latest) == IMBALANCE_WEEKS and all(doing - being >= IMBALANCE for being, doing in latest)


def is_ending(today: date, ends_on: date | None) -> bool:
    """Tells whether a term is in its last two weeks; one without an end never is."""
    return ends_on is not None and timedelta() <= ends_on - today < timedelta(ENDING_DAYS)
