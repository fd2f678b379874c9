"""Noting a day: done, not done or skipped; and taking it back."""

import uuid
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from plugins.ledarsteg.calculations import State, days, is_planned
from plugins.ledarsteg.models import Entry, Habit, SkipReason, Status
from plugins.ledarsteg.operations.habits import Owner, get
from service.contract import Invalid, lazy, now, progress_changed, session

BACKFILL_DAYS = 14


def mark(
    owner: Owner,
    habit_id: uuid.UUID,
    day: date,
    state: State,
    reason: SkipReason = SkipReason.NOT_APPLICABLE,
) -> None:
    """Notes one day of a habit, in the place of what was noted before; twice the same is once.

    `reason` is kept for skipped days only. Four statements at most. Raises NotFound for a habit that is not hers, and
    Invalid for a day to come, one more than 14 days back, one before the habit began or one that is not planned.
    """
    habit = get(owner, habit_id)
    _check_day(habit, day, owner.today())
    session().execute(_upsert(_row(habit, day, state, reason if state is State.SKIP else None)))
    progress_changed(owner.cohort_id, "ledarsteg")


def unmark(owner: Owner, habit_id: uuid.UUID, day: date) -> None:
    """Takes back what was noted for a day. Raises as `mark`; nothing noted is nothing to do."""
    habit = get(owner, habit_id)
    _check_day(habit, day, owner.today())
    session().execute(sa.delete(Entry).where(Entry.habit_id == habit.id, Entry.local_date == day))


def open_days(habit: Habit, today: date) -> list[date]:
    """Returns the days that may be noted now, latest first."""
    if habit.status is not Status.ACTIVE:
        return []
    first = max(habit.starts_on, today - timedelta(BACKFILL_DAYS))
    return [day for day in reversed(list(days(first, today))) if is_planned(habit.weekdays, day)]


def _check_day(habit: Habit, day: date, today: date) -> None:
    if habit.status is not Status.ACTIVE:
        raise Invalid(day=lazy("This habit is finished, so nothing more can be noted for it."))
    if day > today:
        raise Invalid(day=lazy("That day has not come yet."))
    if day < today - timedelta(BACKFILL_DAYS):
        raise Invalid(day=lazy("A day can be noted up to 14 days afterwards. That one is further back."))
    if day < habit.starts_on:
        raise Invalid(day=lazy("You began this habit later than that day."))
    if not is_planned(habit.weekdays, day):
        raise Invalid(day=lazy("Nothing is planned for that day of the week."))


def _row(habit: Habit, day: date, state: State, reason: SkipReason | None) -> dict[str, Any]:
    """The id follows from habit and day: noting again meets the same row, and the sealed reason is bound to that id."""
    entry = Entry(
        id=uuid.uuid5(habit.id, day.isoformat()), habit_id=habit.id, person_id=habit.person_id, local_date=day,
        state=state, reason_sealed=None, noted_at=now(), reason=reason.value if reason else "",
    )  # fmt: skip
    return {column.key: getattr(entry, column.key) for column in sa.inspect(Entry).columns}


def _upsert(row: Mapping[str, Any]) -> sa.Insert:
    postgres = session().get_bind().dialect.name == "postgresql"
    statement = (postgresql.insert if postgres else sqlite.insert)(Entry).values(row)
    return statement.on_conflict_do_update(
        index_elements=["habit_id", "local_date"],
        set_={name: statement.excluded[name] for name in ("state", "reason_sealed", "noted_at")},
    )
