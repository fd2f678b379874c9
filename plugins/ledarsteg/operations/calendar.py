"""Her own reminders: when, under which title, and the secret address by which her calendar fetches them."""

import uuid
from dataclasses import dataclass
from datetime import date, time, timedelta

import sqlalchemy as sa

from plugins.ledarsteg.calculations import DAY_MINUTES, days
from plugins.ledarsteg.models import Reminder, Status
from plugins.ledarsteg.operations import reading
from plugins.ledarsteg.operations.owner import Owner, get
from plugins.ledarsteg.operations.reading import HabitLog
from service.contract import Invalid, lazy, session

# How far the calendar reaches: a program that reads it again within eight weeks misses nothing.
BACK, AHEAD = timedelta(days=7), timedelta(weeks=8)


@dataclass(frozen=True)
class Occasion:
    """One reminder on one day: its row, the day, and the minute of it where she is."""

    reminder: Reminder
    day: date

    @property
    def at(self) -> time:
        """The time of day."""
        return time(self.reminder.minute // 60, self.reminder.minute % 60)


def reminders(owner: Owner) -> list[tuple[HabitLog, Reminder | None]]:
    """Returns the owner's active habits, each with its reminder where it has one. Three statements."""
    logs = reading.today(owner)
    query = sa.select(Reminder).where(Reminder.habit_id.in_([log.habit.id for log in logs]))
    found = {row.habit_id: row for row in session().scalars(query)}
    return [(log, found.get(log.habit.id)) for log in logs]


def remind(owner: Owner, habit_id: uuid.UUID, minute: int, title: str) -> None:
    """Reminds of a habit at a minute of its days, under a title of her choice; in the place of what was set before.

    Raises NotFound as `get` does, and Invalid for a habit that is finished or a minute that no day has.
    """
    habit = get(owner, habit_id, lock=True)
    if habit.status is not Status.ACTIVE:
        raise Invalid(minute=lazy("This habit is finished, so there is nothing to be reminded of."))
    if not 0 <= minute < DAY_MINUTES:
        raise Invalid(minute=lazy("Choose a time of day."))
    row = session().scalar(sa.select(Reminder).where(Reminder.habit_id == habit.id))
    if row is None:
        row = Reminder(habit_id=habit.id, person_id=habit.person_id)
        session().add(row)
    row.minute, row.title = minute, title
    session().flush()


def forget(owner: Owner, habit_id: uuid.UUID) -> None:
    """Takes a reminder away; none is nothing to do. Raises NotFound as `get` does."""
    habit = get(owner, habit_id)
    session().execute(sa.delete(Reminder).where(Reminder.habit_id == habit.id))


def occasions(owner: Owner) -> list[Occasion]:
    """Returns the reminders of the last week and the eight to come, day by day: on planned days that do not rest.

    A habit that is planned by the week may be done on any day, so it is reminded of each day until the week is done.
    """
    span = list(days(owner.today() - BACK, owner.today() + AHEAD))
    known = ((log, reminder) for log, reminder in reminders(owner) if reminder is not None)
    found = [Occasion(reminder, day) for log, reminder in known for day in span if _is_on(log, day)]
    return sorted(found, key=lambda one: (one.day, one.reminder.minute, one.reminder.id))


def _is_on(log: HabitLog, day: date) -> bool:
    if day == log.today and log.is_week_met:
        return False
    return day >= log.habit.starts_on and log.asks_on(day) and not log.is_paused(day)
