"""Counts beside the entries: written with each note, refreshed by a job, and made again from the entries when asked.

A week of a habit is written whole and not added to, so writing it twice is once. The days of a cohort are counted by a
job: a note of one manager waits for no other's.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from plugins.ledarsteg.calculations import WEEK, State, days, monday_of, strength_by_day
from plugins.ledarsteg.models import HabitWeek
from plugins.ledarsteg.operations.reading import HabitLog
from service.contract import insert_into, now, session

CHANGING = ("days", "done", "partly", "missed", "skipped", "value", "strength", "until", "changed_at")


def write_weeks(log: HabitLog, first: date) -> None:
    """Writes the habit's weeks from the one with `first` up to the one with its latest day. One statement."""
    upsert(week_rows(log, first))


def upsert(rows: Sequence[Mapping[str, Any]]) -> None:
    """Writes weeks in the place of what stood there."""
    if rows:
        statement = insert_into(HabitWeek).values(list(rows))
        changed = {name: statement.excluded[name] for name in CHANGING}
        session().execute(statement.on_conflict_do_update(index_elements=["habit_id", "monday"], set_=changed))


def week_rows(log: HabitLog, first: date) -> list[dict[str, Any]]:
    """Returns a row for each week from the one with `first` on, or from the habit's first week if that is later."""
    last, begins = log.last_day, log.habit.starts_on
    if last < begins:
        return []
    strength = strength_by_day(log.log, last)
    at = now()
    mondays = range(0, (monday_of(last) - monday_of(max(first, begins))).days + 1, WEEK)
    return [_row(log, monday_of(max(first, begins)) + timedelta(offset), last, strength, at) for offset in mondays]


def _row(log: HabitLog, monday: date, last: date, strength: Sequence[float], at: Any) -> dict[str, Any]:
    until = min(monday + timedelta(WEEK - 1), last)
    if until == log.today and until not in log.marks:
        # A day that is going on counts once something is noted for it.
        until -= timedelta(1)
    inside = [day for day in days(monday, monday + timedelta(WEEK - 1)) if day in log.marks]
    counts = Counter(log.marks[day].state for day in inside)
    after = (until - log.habit.starts_on).days
    return {
        "habit_id": log.habit.id, "monday": monday, "cohort_id": log.habit.cohort_id, "person_id": log.habit.person_id,
        "days": sum(1 << day.weekday() for day in inside), "done": counts[State.DONE], "partly": counts[State.PART],
        "missed": counts[State.MISSED], "skipped": counts[State.SKIP],
        "value": sum(log.log.amount(day) for day in inside),
        "strength": strength[after] if after >= 0 else 0.0, "until": until, "changed_at": at,
    }  # fmt: skip
