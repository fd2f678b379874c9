"""Changing a habit while it goes on: its words, how often it is planned, and pauses."""

import uuid
from dataclasses import dataclass
from datetime import date, timedelta

import sqlalchemy as sa

from plugins.ledarsteg.calculations import SMALL_STEP_MINUTES, Rhythm
from plugins.ledarsteg.models import Habit, Pause, Schedule, Status
from plugins.ledarsteg.operations.habits import Dropped, PlanText, add_schedule, check_rhythm, write_drop, write_plan
from plugins.ledarsteg.operations.owner import Owner, get, tell
from plugins.ledarsteg.operations.reading import one
from plugins.ledarsteg.operations.rollups import write_weeks
from service.contract import Invalid, lazy, session

# How far back a pause may begin: as far as a day can be noted.
BACK = timedelta(days=14)
FORWARD = timedelta(days=366)


class ChangedMeanwhile(Exception):
    """The habit was changed in another tab since the form was opened: both versions are shown, neither is lost."""


@dataclass(frozen=True)
class Change:
    """A habit as it shall be. `rhythm.from_date` is the day from which it is planned so; the past stays as it was.

    `revision` is that of the form; an older one than the habit's is a conflict.
    """

    title: str
    rhythm: Rhythm
    minutes: int | None
    plan: PlanText
    drop: Dropped
    revision: int


def change_habit(owner: Owner, habit_id: uuid.UUID, change: Change) -> None:
    """Changes a habit's words, and from a day on its schedule.

    Raises ChangedMeanwhile when another change came first, and Invalid for a day that has gone by or that is further
    ahead than a year, a step of more than 15 minutes, or a schedule that cannot be kept.
    """
    habit = get(owner, habit_id, lock=True)
    if habit.revision != change.revision:
        raise ChangedMeanwhile
    _check(habit, change, owner.today())
    habit.title, habit.minutes = change.title, change.minutes
    habit.revision += 1
    if change.plan.action:
        write_plan(habit, change.plan)
    write_drop(habit, change.drop)
    _plan_from(habit, change.rhythm)
    session().flush()
    _count_again(owner, habit.id, owner.today())


def _check(habit: Habit, change: Change, today: date) -> None:
    if habit.status is not Status.ACTIVE:
        raise Invalid(habit=lazy("This habit is finished, so it is not changed any more."))
    if change.minutes is not None and change.minutes > SMALL_STEP_MINUTES:
        raise Invalid(minutes=lazy("A small step takes at most 15 minutes. What would the first 15 minutes of it be?"))
    check_rhythm(habit.kind, change.rhythm)
    if not today <= change.rhythm.from_date <= today + FORWARD:
        raise Invalid(
            from_date=lazy("Choose today or a day within a year. What has been planned before stays as it was.")
        )


def _plan_from(habit: Habit, rhythm: Rhythm) -> None:
    """Lets a rhythm hold from its day on; what was planned for that day or later makes room for it."""
    later = sa.and_(Schedule.habit_id == habit.id, Schedule.from_date >= rhythm.from_date)
    before = (
        session()
        .scalars(
            sa.select(Schedule)
            .where(Schedule.habit_id == habit.id, Schedule.from_date < rhythm.from_date)
            .order_by(Schedule.from_date.desc())
            .limit(1)
        )
        .one_or_none()
    )
    session().execute(sa.delete(Schedule).where(later))
    if before is None or rhythm_of(before)[1:] != (rhythm.per, rhythm.weekdays, rhythm.target, rhythm.direction):
        add_schedule(habit, rhythm.from_date, rhythm)


def rhythm_of(schedule: Schedule) -> tuple[object, ...]:
    """Returns what a schedule says, its day first."""
    return (schedule.from_date, schedule.per, schedule.weekdays, schedule.target, schedule.direction)


def pause(owner: Owner, habit_id: uuid.UUID, first: date, last: date | None = None) -> Pause:
    """Lets a habit rest from `first` to `last`, both included, or until it is taken up again.

    Days of it that have a note keep it. Asked for twice, there is one pause. Raises Invalid for an end before the start,
    a start more than 14 days back, before the habit, or more than a year ahead, and for days that rest already.
    """
    habit = get(owner, habit_id, lock=True)
    today = owner.today()
    _check_pause(habit, first, last, today)
    for other in session().scalars(sa.select(Pause).where(Pause.habit_id == habit.id)):
        if (other.first_day, other.last_day) == (first, last):
            return other
        if (last is None or other.first_day <= last) and (other.last_day is None or first <= other.last_day):
            raise Invalid(
                first=lazy("Some of these days rest already. End the pause that is there, or choose other days.")
            )
    made = Pause(habit_id=habit.id, person_id=habit.person_id, first_day=first, last_day=last)
    session().add(made)
    tell(owner, habit, "ledarsteg.pause")
    _count_again(owner, habit.id, first)
    return made


def _check_pause(habit: Habit, first: date, last: date | None, today: date) -> None:
    if habit.status is not Status.ACTIVE:
        raise Invalid(habit=lazy("This habit is finished, so there is nothing to pause."))
    if last is not None and last < first:
        raise Invalid(last=lazy("The pause ends before it begins. Choose a last day that comes after the first."))
    if first < max(habit.starts_on, today - BACK):
        raise Invalid(first=lazy("A pause can begin up to 14 days back, and not before the habit."))
    if max(first, last or first) > today + FORWARD:
        raise Invalid(last=lazy("A pause can be planned for a year ahead."))


def end_pause(owner: Owner, habit_id: uuid.UUID, pause_id: uuid.UUID) -> None:
    """Takes a habit up again: a pause that is going on ends with yesterday, one that has not begun is taken away.

    A pause that is over stays as it is. Raises NotFound as `get` does; a pause that is gone is nothing to do.
    """
    habit = get(owner, habit_id, lock=True)
    found = session().scalar(sa.select(Pause).where(Pause.id == pause_id, Pause.habit_id == habit.id))
    today = owner.today()
    if found is None or (found.last_day is not None and found.last_day < today):
        return
    first = found.first_day
    if first >= today:
        session().delete(found)
    else:
        found.last_day = today - timedelta(1)
    tell(owner, habit, "ledarsteg.end_pause")
    _count_again(owner, habit.id, first)


def _count_again(owner: Owner, habit_id: uuid.UUID, first: date) -> None:
    write_weeks(one(owner, habit_id), min(first, owner.today()))
