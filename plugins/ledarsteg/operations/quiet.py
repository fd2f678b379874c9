"""Weeks in which nothing was noted: a job writes them, so that strength falls in them too.

Only what has happened since a habit was last counted is read: strength goes on from there. Habits are taken some at a
time, each lot in a unit of its own; one that somebody is noting just now is passed over, because the note counts it.
"""

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa

from plugins.ledarsteg.calculations import LOOK_BACK_DAYS, Mark, Reached, Rest, Rhythm
from plugins.ledarsteg.models import Entry, Habit, HabitWeek, Pause, Schedule
from plugins.ledarsteg.operations.reading import COUNTED_UNTIL, HabitLog
from plugins.ledarsteg.operations.rollups import DAY, upsert, week_rows
from service.contract import Cohort, Person, local_date, now, session

AT_ONCE = 100
# Where a person's days begin: in her own zone, else in the cohort's.
person_zone = sa.func.coalesce(sa.func.nullif(Person.zone, ""), Cohort.zone)


def zones() -> list[str]:
    """Returns the time zones in which somebody has a habit."""
    query = sa.select(person_zone).select_from(Habit).join(Person, Person.id == Habit.person_id)
    return list(session().scalars(query.join(Cohort, Cohort.id == Habit.cohort_id).distinct().order_by(person_zone)))


def count_some(zone: str, after: uuid.UUID | None = None) -> tuple[int, uuid.UUID | None]:
    """Counts the next habits of a zone, by id, up to yesterday there.

    Returns how many weeks were written, and the last habit's id; nothing in its place after the last habit.
    """
    today = local_date(now(), zone)
    habits = list(session().scalars(_behind(zone, today - DAY, after)))
    rows = [row for log, since in logs(habits, today) for row in week_rows(log, _next(log, since), since)]
    upsert(rows)
    return len(rows), habits[-1].id if len(habits) == AT_ONCE else None


def _next(log: HabitLog, since: Reached | None) -> date:
    return log.habit.starts_on if since is None else since.day + DAY


def _behind(zone: str, yesterday: date, after: uuid.UUID | None) -> sa.Select[Habit]:
    """Habits of which a day that is over has not been counted: yesterday, or the last one of those that are finished."""
    last = sa.case((Habit.retired_on < yesterday, Habit.retired_on), else_=yesterday)
    query = (
        sa.select(Habit)
        .join(Person, Person.id == Habit.person_id)
        .join(Cohort, Cohort.id == Habit.cohort_id)
        .where(person_zone == zone, Habit.starts_on <= last, sa.func.coalesce(COUNTED_UNTIL, date.min) < last)
    )
    if after is not None:
        query = query.where(Habit.id > after)
    return query.order_by(Habit.id).limit(AT_ONCE).with_for_update(of=Habit, skip_locked=True)


def logs(habits: Sequence[Habit], today: date, *, whole: bool = False) -> list[tuple[HabitLog, Reached | None]]:
    """Returns the logs of habits from where each was left, and what strength was there; or the whole logs.

    Four statements. Nothing sealed is read.
    """
    if not habits:
        return []
    ids = [habit.id for habit in habits]
    reached = {} if whole else _reached(ids)
    found = {habit.id: HabitLog(habit, None, None, today) for habit in habits}
    for plan in session().execute(_of(Schedule, ids).order_by(Schedule.from_date)).scalars():
        rhythm = Rhythm(plan.from_date, plan.per, plan.weekdays, plan.target, plan.direction)
        found[plan.habit_id].rhythms.append(rhythm)
    for pause in session().execute(_of(Pause, ids)).scalars():
        found[pause.habit_id].pauses[pause.id] = Rest(pause.first_day, pause.last_day)
    for habit_id, marks in _marks(ids, reached).items():
        found[habit_id].marks.update(marks)
    return [(found[habit.id], reached.get(habit.id)) for habit in habits]


def _of(model: Any, ids: Sequence[uuid.UUID]) -> Any:
    return sa.select(model).where(model.habit_id.in_(ids))


def _reached(ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, Reached]:
    """How far each habit has been counted. One that has not begun to be is counted from its beginning."""
    query = (
        sa.select(HabitWeek.habit_id, HabitWeek.until, HabitWeek.strength)
        .join(Habit, Habit.id == HabitWeek.habit_id)
        .where(HabitWeek.habit_id.in_(ids), HabitWeek.until == COUNTED_UNTIL, HabitWeek.until >= Habit.starts_on)
    )
    return {row.habit_id: Reached(row.until, row.strength) for row in session().execute(query)}


def _marks(ids: Sequence[uuid.UUID], reached: Mapping[uuid.UUID, Reached]) -> dict[uuid.UUID, dict[date, Mark]]:
    """What was noted since as far back as strength looks; rows and not objects, because there may be many."""
    query = sa.select(Entry.habit_id, Entry.local_date, Entry.state, Entry.value).where(Entry.habit_id.in_(ids))
    if len(reached) == len(ids):
        # A week begins at most six days before its last day, and strength looks back further than that.
        first = min(since.day for since in reached.values()) - timedelta(LOOK_BACK_DAYS - 1)
        query = query.where(Entry.local_date >= first)
    found: defaultdict[uuid.UUID, dict[date, Mark]] = defaultdict(dict)
    for habit_id, day, state, value in session().execute(query):
        found[habit_id][day] = Mark(state, value)
    return found
