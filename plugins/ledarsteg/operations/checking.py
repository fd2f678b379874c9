"""Whether the counts beside the entries say what the entries say; and making them do so again.

What has not been counted yet is no difference: a week is compared as it stood on the day it was counted up to, and days
of a cohort in which something has changed since are left to the next count.
"""

import math
import uuid
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa

from plugins.ledarsteg.calculations import WEEK, monday_of
from plugins.ledarsteg.models import CohortDay, Habit, HabitWeek
from plugins.ledarsteg.operations import counting, quiet
from plugins.ledarsteg.operations.reading import HabitLog
from plugins.ledarsteg.operations.rollups import DAY, Curve, counts_of, curve_of, upsert, week_rows
from service.contract import Cohort, Person, local_date, now, session

Weeks = Mapping[date, HabitWeek]
PRECISION = 1e-9


def check_some(after: uuid.UUID | None = None) -> tuple[Counter[uuid.UUID], uuid.UUID | None]:
    """Compares the weeks of the next habits, by id, with what was noted for them.

    Returns how many weeks differ, by cohort, and the last habit's id; nothing in its place after the last habit.
    """
    habits = list(session().scalars(_next(after)))
    kept = _kept(habits)
    wrong = Counter[uuid.UUID]()
    for log, _since in quiet.logs(habits, date.max, whole=True):
        wrong[log.habit.cohort_id] += wrong_weeks(log, kept[log.habit.id])
    return +wrong, _last(habits)


def mend_some(after: uuid.UUID | None = None) -> uuid.UUID | None:
    """Writes the weeks of the next habits, by id, from what was noted for them. Returns as `check_some`."""
    habits = list(session().scalars(_next(after).with_for_update(of=Habit)))
    ids = [habit.id for habit in habits]
    where = (
        sa.select(Habit.id, quiet.person_zone)
        .join(Person, Person.id == Habit.person_id)
        .join(Cohort, Cohort.id == Habit.cohort_id)
        .where(Habit.id.in_(ids))
    )
    here = {row[0]: row[1] for row in session().execute(where)}
    rows: list[dict[str, Any]] = []
    for log, _since in quiet.logs(habits, date.min, whole=True):
        log.today = local_date(now(), here[log.habit.id])
        rows += week_rows(log, log.habit.starts_on)
    session().execute(sa.delete(HabitWeek).where(HabitWeek.habit_id.in_(ids)))
    upsert(rows)
    return _last(habits)


def _next(after: uuid.UUID | None) -> sa.Select[Habit]:
    query = sa.select(Habit).order_by(Habit.id).limit(quiet.AT_ONCE)
    return query if after is None else query.where(Habit.id > after)


def _last(habits: Sequence[Habit]) -> uuid.UUID | None:
    return habits[-1].id if len(habits) == quiet.AT_ONCE else None


def _kept(habits: Sequence[Habit]) -> Mapping[uuid.UUID, Weeks]:
    kept: defaultdict[uuid.UUID, dict[date, HabitWeek]] = defaultdict(dict)
    query = sa.select(HabitWeek).where(HabitWeek.habit_id.in_([habit.id for habit in habits]))
    for week in session().scalars(query):
        kept[week.habit_id][week.monday] = week
    return kept


def wrong_weeks(log: HabitLog, kept: Weeks) -> int:
    """Returns how many weeks of a habit are missing, too many, or say something else than what was noted."""
    noted = {monday_of(day) for day in log.marks}
    if not kept:
        return len(noted)
    first, last = monday_of(log.habit.starts_on), max([*kept, *noted])
    until = max(week.until for week in kept.values())
    curve = curve_of(log, until)
    mondays = [first + timedelta(offset) for offset in range(0, (last - first).days + 1, WEEK)]
    wrong = sum(not _fits(log, kept.get(monday), curve, whole=monday != last) for monday in mondays)
    return wrong + len(set(kept) - set(mondays))


def _fits(log: HabitLog, week: HabitWeek | None, curve: Curve, *, whole: bool) -> bool:
    """Tells whether a week says what was noted, and strength as it was on the day it was counted up to."""
    if week is None or week.until > log.log.until(date.max):
        return False
    sunday = week.monday + timedelta(WEEK - 1)
    if not (week.until == sunday if whole else week.monday - DAY <= week.until <= sunday):
        return False
    counted = all(getattr(week, name) == number for name, number in counts_of(log, week.monday).items())
    return counted and math.isclose(week.strength, curve.at(week.until), abs_tol=PRECISION)


def cohorts() -> list[uuid.UUID]:
    """Returns the cohorts that have habits or days."""
    both = sa.union(sa.select(Habit.cohort_id), sa.select(CohortDay.cohort_id)).subquery()
    return list(session().scalars(sa.select(both.c[0]).order_by(both.c[0])))


def wrong_days(cohort_id: uuid.UUID) -> int:
    """Returns on how many days the cohort's counts differ from what was noted."""
    query = counting.noted_by_day(cohort_id, date.min, date.max)
    noted = {row[0]: tuple(row[1:]) for row in session().execute(query)}
    columns = [getattr(CohortDay, name) for name in counting.COUNTS]
    rows = session().execute(sa.select(CohortDay.local_date, *columns).where(CohortDay.cohort_id == cohort_id))
    kept = {row[0]: tuple(row[1:]) for row in rows}
    waiting = counting.changed().get(cohort_id)
    nothing = (0,) * len(columns)
    return sum(
        noted.get(day, nothing) != kept.get(day, nothing)
        for day in noted.keys() | kept.keys()
        if waiting is None or not waiting[0] <= day <= waiting[1]
    )


def mend_days(cohort_id: uuid.UUID) -> int:
    """Counts all days of a cohort again, and returns how many."""
    noted = sa.select(HabitWeek.monday).where(HabitWeek.cohort_id == cohort_id, HabitWeek.days > 0)
    counted = sa.select(CohortDay.local_date).where(CohortDay.cohort_id == cohort_id)
    both = sa.union_all(noted, counted).subquery()
    first = session().scalar(sa.select(sa.func.min(both.c[0])))
    return counting.count_days(cohort_id, first, counting.latest_day()) if first is not None else 0
