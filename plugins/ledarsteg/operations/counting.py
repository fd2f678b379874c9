"""The days of a cohort: how many people noted something on each, counted from the entries in one statement.

A day is a day where the person who noted it was. Counting twice is counting once.
"""

import uuid
from datetime import UTC, date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from plugins.ledarsteg.calculations import WEEK, State, days
from plugins.ledarsteg.models import CohortDay, Entry, Habit, HabitWeek
from service.contract import Cohort, UtcDateTime, insert_into, local_date, now, session

# A note that was being written while its day was counted is counted again the next time. No unit lasts this long.
LOOK_BACK = timedelta(minutes=2)
# How many days are counted at once, in one statement.
AT_ONCE = 400
# Where a day begins first on earth: no day after this one's can have been noted.
EASTERNMOST = "Pacific/Kiritimati"
COUNTS = ("people", "done", "partly", "missed", "skipped")


def latest_day() -> date:
    """Returns the latest day that it is anywhere."""
    return local_date(now(), EASTERNMOST)


def changed() -> dict[uuid.UUID, tuple[date, date]]:
    """Returns the cohorts in which something has changed since their days were counted: the first and last day of it."""
    counted = sa.select(CohortDay.cohort_id, sa.func.max(CohortDay.counted_at).label("at")).group_by(
        CohortDay.cohort_id
    )
    known = counted.subquery()
    since = sa.func.coalesce(known.c.at, sa.literal(datetime(1970, 1, 1, tzinfo=UTC), UtcDateTime))
    query = (
        sa.select(Cohort.id, sa.func.min(HabitWeek.monday), sa.func.max(HabitWeek.monday))
        .outerjoin(known, known.c.cohort_id == Cohort.id)
        .join(HabitWeek, sa.and_(HabitWeek.cohort_id == Cohort.id, HabitWeek.changed_at > since))
        .group_by(Cohort.id)
        .order_by(Cohort.id)
    )
    return {row[0]: (row[1], row[2] + timedelta(WEEK - 1)) for row in session().execute(query)}


def count_days(cohort_id: uuid.UUID, first: date, last: date) -> int:
    """Counts the days of a cohort from `first` to `last` that have come, and returns how many. Days without a note too."""
    span = list(days(first, min(last, latest_day())))
    # Who counts the same cohort at once waits, and counts what is there afterwards.
    session().execute(sa.select(Cohort.id).where(Cohort.id == cohort_id).with_for_update(key_share=True))
    at = now() - LOOK_BACK
    for start in range(0, len(span), AT_ONCE):
        session().execute(_statement(cohort_id, span[start : start + AT_ONCE], at))
    return len(span)


def noted_by_day(cohort_id: uuid.UUID, first: date, last: date) -> sa.Select[*tuple[Any, ...]]:
    """The days of a cohort on which something was noted: how many people, and how many notes of each kind."""
    of_kind = [sa.func.sum(sa.case((Entry.state == state, 1), else_=0)) for state in _KINDS]
    return (
        sa.select(Entry.local_date, sa.func.count(Habit.person_id.distinct()), *of_kind)
        .join(Habit, Habit.id == Entry.habit_id)
        .where(Habit.cohort_id == cohort_id, Entry.local_date.between(first, last))
        .group_by(Entry.local_date)
    )


# In the order of the columns after `people`.
_KINDS = (State.DONE, State.PART, State.MISSED, State.SKIP)


def _statement(cohort_id: uuid.UUID, span: list[date], at: datetime) -> Any:
    day = sa.column("day", sa.Date)
    wanted = sa.values(day, name="wanted").data([(each,) for each in span]).cte("wanted")
    noted = noted_by_day(cohort_id, span[0], span[-1]).subquery()
    counts = [sa.func.coalesce(column, 0) for column in list(noted.c)[1:]]
    source = (
        sa.select(sa.literal(cohort_id), wanted.c.day, *counts, sa.literal(at, CohortDay.counted_at.type))
        .select_from(wanted)
        .outerjoin(noted, noted.c[0] == wanted.c.day)
        # SQLite takes what follows a join for its condition unless something stands between.
        .where(sa.true())
    )
    names = ["cohort_id", "local_date", *COUNTS, "counted_at"]
    insert = insert_into(CohortDay).from_select(names, source)
    changing = {name: insert.excluded[name] for name in (*COUNTS, "counted_at")}
    return insert.on_conflict_do_update(index_elements=["cohort_id", "local_date"], set_=changing)
