"""Noting a day: done, partly, not done or skipped; and taking it back."""

import uuid
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa

from plugins.ledarsteg.calculations import DAY_MINUTES, Direction, Kind, Mark, Per, Rhythm, State, days
from plugins.ledarsteg.models import Entry, Habit, SkipReason, Status
from plugins.ledarsteg.operations import reading
from plugins.ledarsteg.operations.owner import Owner, get
from plugins.ledarsteg.operations.reading import HabitLog
from plugins.ledarsteg.operations.rollups import write_weeks
from service.contract import Invalid, insert_into, lazy, now, session

BACKFILL_DAYS = 14
MOST = {Kind.COUNT: 1000, Kind.MINUTES: DAY_MINUTES}


@dataclass(frozen=True)
class Note:
    """What is to be noted for a day. `reason` is kept for skipped days only, `value` for what is counted.

    A habit that is counted needs no value to be done: it is as much as was wanted that day.
    """

    state: State
    value: int | None = None
    reason: SkipReason = SkipReason.NOT_APPLICABLE
    text: str = ""


def mark(owner: Owner, habit_id: uuid.UUID, day: date, note: Note) -> list[HabitLog]:
    """Notes one day of a habit, in the place of what was noted before; twice the same is once.

    Returns the owner's active habits as they stand afterwards. Four statements, with words to be sealed too. Raises
    NotFound for a habit that is not hers, and Invalid for a day to come, one more than 14 days back, one before the habit
    began or one that is not planned, and for more than a day can hold.
    """
    logs, log = _open(owner, habit_id, day, seals=bool(note.text) or note.state is State.SKIP)
    noted = _weighed(log, day, note)
    row = row_of(log.habit, day, noted, note.reason, note.text)
    statement = insert_into(Entry).values(row)
    changing = ("state", "value", "reason_sealed", "note_sealed", "noted_at")
    changed = {name: statement.excluded[name] for name in changing}
    session().execute(statement.on_conflict_do_update(index_elements=["habit_id", "local_date"], set_=changed))
    log.mark(day, noted, row["noted_at"])
    write_weeks(log, day)
    return logs


def unmark(owner: Owner, habit_id: uuid.UUID, day: date) -> list[HabitLog]:
    """Takes back what was noted for a day. Returns and raises as `mark`; nothing noted is nothing to do."""
    logs, log = _open(owner, habit_id, day)
    session().execute(sa.delete(Entry).where(Entry.habit_id == log.habit.id, Entry.local_date == day))
    log.mark(day, None, now())
    write_weeks(log, day)
    return logs


def _open(owner: Owner, habit_id: uuid.UUID, day: date, *, seals: bool = False) -> tuple[list[HabitLog], HabitLog]:
    """Returns all active habits and the one that a day of is to be noted."""
    logs = reading.today(owner, lock=True, seals=seals)
    log = next((log for log in logs if log.habit.id == habit_id), None)
    if log is None:
        get(owner, habit_id)
        raise Invalid(day=lazy("This habit is finished, so nothing more can be noted for it."))
    _check_day(log, day)
    return logs, log


def open_days(log: HabitLog) -> list[date]:
    """Returns the days that may be noted now, latest first."""
    if log.habit.status is not Status.ACTIVE:
        return []
    first = max(log.habit.starts_on, log.today - timedelta(BACKFILL_DAYS))
    return [day for day in reversed(list(days(first, log.today))) if log.is_planned(day) or day in log.marks]


def notes(habit: Habit, most: int = 20) -> list[tuple[date, str]]:
    """Returns the latest words that were written with a day, newest first."""
    query = sa.select(Entry).where(Entry.habit_id == habit.id, Entry.note_sealed.is_not(None))
    found = session().scalars(query.order_by(Entry.local_date.desc()).limit(most))
    return [(entry.local_date, entry.note) for entry in found]


def _check_day(log: HabitLog, day: date) -> None:
    if day > log.today:
        raise Invalid(day=lazy("That day has not come yet."))
    if day < log.today - timedelta(BACKFILL_DAYS):
        raise Invalid(day=lazy("A day can be noted up to 14 days afterwards. That one is further back."))
    if day < log.habit.starts_on:
        raise Invalid(day=lazy("You began this habit later than that day."))
    if log.is_paused(day) and day not in log.marks:
        raise Invalid(day=lazy("The habit rests on that day. End the pause first if you did it all the same."))
    if not log.is_planned(day) and day not in log.marks:
        raise Invalid(day=lazy("Nothing is planned for that day of the week."))


def _weighed(log: HabitLog, day: date, note: Note) -> Mark:
    """Returns what is kept of a note: how much it is, and whether that is all that was wanted."""
    kind = log.habit.kind
    if kind is Kind.BOOLEAN and note.state is State.PART:
        raise Invalid(value=lazy("This habit is not counted, so it is done or not done."))
    if kind is Kind.BOOLEAN or note.state in (State.SKIP, State.MISSED):
        return Mark(note.state)
    rhythm = log.rhythm_on(day)
    value = _value(kind, rhythm, note)
    if rhythm.direction is Direction.AT_MOST:
        return Mark(State.DONE if rhythm.per is Per.WEEK or value <= rhythm.target else State.PART, value)
    if value == 0:
        return Mark(State.MISSED)
    return Mark(State.DONE if rhythm.per is Per.WEEK or value >= rhythm.target else State.PART, value)


def _value(kind: Kind, rhythm: Rhythm, note: Note) -> int:
    if note.value is None and note.state is State.PART:
        raise Invalid(value=lazy("Write how much it was."))
    # Done without a number is as much as was wanted that day; of a week, once.
    value = note.value if note.value is not None else rhythm.target if rhythm.per is Per.DAY else 1
    if value > MOST[kind]:
        raise Invalid(value=_too_much(kind, value))
    return value


def _too_much(kind: Kind, value: int) -> str:
    if kind is Kind.MINUTES:
        text = lazy("A day has %(most)s minutes. You wrote %(number)s.", most=DAY_MINUTES, number=value)
    else:
        text = lazy("Write at most %(most)s. You wrote %(number)s.", most=MOST[kind], number=value)
    return str(text)


def row_of(
    habit: Habit, day: date, mark: Mark, reason: SkipReason = SkipReason.NOT_APPLICABLE, text: str = ""
) -> dict[str, Any]:  # fmt: skip
    """Returns the row that keeps a note.

    Its id follows from habit and day: noting again meets the same row, and what is sealed is bound to that id.
    """
    entry = Entry(
        id=uuid.uuid5(habit.id, day.isoformat()), habit_id=habit.id, person_id=habit.person_id, local_date=day,
        state=mark.state, value=mark.value, reason_sealed=None, note_sealed=None, noted_at=now(),
        reason=reason.value if mark.state is State.SKIP else "", note=text,
    )  # fmt: skip
    return {column.key: getattr(entry, column.key) for column in sa.inspect(Entry).columns}
