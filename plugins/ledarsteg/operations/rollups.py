"""Counts beside the entries: written with each note, refreshed by a job, and made again from the entries when asked.

A week of a habit is written whole and not added to, so writing it twice is once. A habit's weeks have no gap: whatever
writes one writes those before it that are missing. The days of a cohort are counted by a job: a note of one manager
waits for no other's.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from plugins.ledarsteg.calculations import WEEK, Reached, State, days, monday_of, start_of, strength_by_day
from plugins.ledarsteg.models import HabitWeek
from plugins.ledarsteg.operations.reading import HabitLog
from service.contract import insert_into, now, session

CHANGING = ("days", "done", "partly", "missed", "skipped", "value", "strength", "until", "changed_at")
DAY = timedelta(1)


def write_weeks(log: HabitLog, first: date) -> None:
    """Writes the habit's weeks from the one with `first` up to the one with its latest day. One statement."""
    begins = log.habit.starts_on if log.counted_until is None else log.counted_until + DAY
    upsert(week_rows(log, min(first, begins)))


def upsert(rows: Sequence[Mapping[str, Any]]) -> None:
    """Writes weeks in the place of what stood there."""
    if rows:
        statement = insert_into(HabitWeek)
        changed = {name: statement.excluded[name] for name in CHANGING}
        statement = statement.on_conflict_do_update(index_elements=["habit_id", "monday"], set_=changed)
        session().execute(statement, list(rows))


@dataclass(frozen=True)
class Curve:
    """Habit strength after each day from `first` on, and what it was before."""

    before: float
    first: date
    after: Sequence[float]

    def at(self, day: date) -> float:
        """Returns the strength after a day."""
        index = (day - self.first).days
        return self.after[index] if index >= 0 else self.before


def curve_of(log: HabitLog, last: date, since: Reached | None = None) -> Curve:
    """Returns the habit's strength up to a day, counted from its beginning or on from `since`."""
    if since is None:
        return Curve(start_of(log.log), log.habit.starts_on, strength_by_day(log.log, last))
    return Curve(since.strength, since.day + DAY, strength_by_day(log.log, last, since))


def week_rows(log: HabitLog, first: date, since: Reached | None = None) -> list[dict[str, Any]]:
    """Returns a row for each week from the one with `first` on, or from the habit's first week if that is later.

    With `since` strength goes on from there; then `first` is the day after it at the earliest, and the log need not
    reach back further than a week and what strength looks back.
    """
    # Who travels west over the date line may have noted a day that has not come yet where she is.
    last, begins = max([log.last_day, *log.marks]), log.habit.starts_on
    if last < begins:
        return []
    curve = curve_of(log, last, since)
    at, monday = now(), monday_of(max(first, begins))
    mondays = range(0, (monday_of(last) - monday).days + 1, WEEK)
    return [_row(log, monday + timedelta(offset), last, curve, at) for offset in mondays]


def _row(log: HabitLog, monday: date, last: date, curve: Curve, at: Any) -> dict[str, Any]:
    until = min(monday + timedelta(WEEK - 1), last)
    if until == log.today and until not in log.marks:
        # A day that is going on counts once something is noted for it.
        until -= DAY
    return {
        "habit_id": log.habit.id, "monday": monday, "cohort_id": log.habit.cohort_id, "person_id": log.habit.person_id,
        **counts_of(log, monday), "strength": curve.at(until), "until": until, "changed_at": at,
    }  # fmt: skip


def counts_of(log: HabitLog, monday: date) -> dict[str, int]:
    """Returns what was noted in a week, as it is kept."""
    inside = [day for day in days(monday, monday + timedelta(WEEK - 1)) if day in log.marks]
    counts = Counter(log.marks[day].state for day in inside)
    return {
        "days": sum(1 << day.weekday() for day in inside), "done": counts[State.DONE], "partly": counts[State.PART],
        "missed": counts[State.MISSED], "skipped": counts[State.SKIP], "value": sum(log.log.amount(day) for day in inside),
    }  # fmt: skip
