"""Where time goes: shares of a time audit, what of it may not stand being challenged, and the change to the next."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from plugins.ledarsteg.calculations.habits import WEEK, WORKING_DAYS, is_planned, monday_of

DAY_MINUTES = 24 * 60
# A round of the audit is noted on so many working days: at least, and at most.
LEAST_AUDIT_DAYS, MOST_AUDIT_DAYS = 3, 5


class Category(StrEnum):
    """What time went to: the five that the method names, leader contributions, and the rest."""

    FIREFIGHTING = "firefighting"
    SEEMINGLY_URGENT = "seemingly_urgent"
    ROUTINES = "routines"
    MEETINGS = "meetings"
    OLD_HABITS = "old_habits"
    LEADER_CONTRIBUTION = "leader_contribution"
    OTHER = "other"


SEED_CATEGORIES = (
    Category.FIREFIGHTING, Category.SEEMINGLY_URGENT, Category.ROUTINES, Category.MEETINGS, Category.OLD_HABITS,
)  # fmt: skip


@dataclass(frozen=True)
class Spent:
    """A stretch of time: its minutes, what it went to, and whether it may not stand being challenged."""

    category: Category
    minutes: int
    challengeable: bool = False


def shares(rows: Iterable[Spent]) -> Mapping[Category, float]:
    """Returns each category's share of all minutes, from 0 to 1; nothing at all when there are no minutes."""
    minutes = dict.fromkeys(Category, 0)
    for row in rows:
        minutes[row.category] += row.minutes
    total = sum(minutes.values())
    return {category: number / total for category, number in minutes.items()} if total else {}


def challengeable_share(rows: Iterable[Spent]) -> float | None:
    """Returns the share from 0 to 1 of minutes that may not stand being challenged; None when there are no minutes."""
    known = list(rows)
    total = sum(row.minutes for row in known)
    return sum(row.minutes for row in known if row.challengeable) / total if total else None


def seed_share(found: Mapping[Category, float]) -> float:
    """Returns what the five categories that the method names have together of `shares`, from 0 to 1."""
    return sum(found.get(category, 0.0) for category in SEED_CATEGORIES)


def points(before: float, after: float) -> float:
    """Returns the change from one share to another in percentage points."""
    return (after - before) * 100


def freed(minutes_per_week: Iterable[int]) -> int:
    """Returns how many minutes a week are freed by what is chosen away for the habits that go on."""
    return sum(minutes_per_week)


def is_working_day(day: date) -> bool:
    """Tells whether a day is one of Monday to Friday."""
    return is_planned(WORKING_DAYS, day)


def working_days(first: date, number: int = MOST_AUDIT_DAYS) -> list[date]:
    """Returns so many working days, the earliest of them `first` or the next one after it."""
    found: list[date] = []
    day = first
    while len(found) < number:
        if is_working_day(day):
            found.append(day)
        day += timedelta(1)
    return found


def per_working_week(minutes: int, days: int) -> int:
    """Returns what `minutes` on so many noted days come to in a week: the whole minutes of one day, times five."""
    return round(minutes / days) * MOST_AUDIT_DAYS


def last_mondays(today: date, number: int) -> list[date]:
    """Returns the Mondays of so many weeks, oldest first; the last is that of the week that is going on."""
    monday = monday_of(today)
    return [monday - timedelta(WEEK * back) for back in reversed(range(number))]


@dataclass(frozen=True)
class SetAside:
    """Time set aside for leading on a day, and how much of it was kept; None while that is not known."""

    day: date
    planned: int
    kept: int | None = None


@dataclass(frozen=True)
class LeaderWeek:
    """How many minutes of a week were planned for leading, and how many of them kept."""

    monday: date
    planned: int
    kept: int


def leader_weeks(blocks: Iterable[SetAside], mondays: Sequence[date]) -> list[LeaderWeek]:
    """Returns what was planned and kept in each of those weeks; what is not known yet counts as nothing kept."""
    planned, kept = dict.fromkeys(mondays, 0), dict.fromkeys(mondays, 0)
    for block in blocks:
        monday = monday_of(block.day)
        if monday in planned:
            planned[monday] += block.planned
            kept[monday] += block.kept or 0
    return [LeaderWeek(monday, planned[monday], kept[monday]) for monday in mondays]
