"""Where time goes: shares of a time audit, what of it may not stand being challenged, and the change to the next."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

DAY_MINUTES = 24 * 60


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


def points(before: float, after: float) -> float:
    """Returns the change from one share to another in percentage points."""
    return (after - before) * 100


def freed(minutes_per_week: Iterable[int]) -> int:
    """Returns how many minutes a week are freed by what is chosen away for the habits that go on."""
    return sum(minutes_per_week)
