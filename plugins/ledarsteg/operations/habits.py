"""Making, sharing and retiring a habit, and taking one up again as a new season."""

import uuid
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa

from plugins.ledarsteg.calculations import SMALL_STEP_MINUTES, WEEK, WORKING_DAYS, Direction, Kind, Per, Rhythm
from plugins.ledarsteg.models import DropChoice, Habit, Plan, Schedule, Status, Step
from plugins.ledarsteg.operations.owner import Owner, get, owned, tell
from service.contract import Invalid, Proposal, lazy, now, session

FIRST_MONTH = timedelta(days=30)
EACH_WORKING_DAY = Rhythm(weekdays=WORKING_DAYS)


@dataclass(frozen=True)
class PlanText:
    """If `cue`, then `action`; and `coping` when that does not work out. Without an action there is no plan yet."""

    cue: str = ""
    action: str = ""
    coping: str = ""


@dataclass(frozen=True)
class Dropped:
    """What is chosen away for a habit, how many minutes a week that frees, and when to think of it again.

    An empty `what` is the answer "nothing".
    """

    what: str = ""
    minutes: int = 0
    review_on: date | None = None


@dataclass(frozen=True)
class NewHabit:
    """What a person says of a new habit. With an `id` of its own it is made once, however often it is sent."""

    title: str
    kind: Kind = Kind.BOOLEAN
    rhythm: Rhythm = EACH_WORKING_DAY
    minutes: int | None = None
    plan: PlanText = PlanText()
    drop: Dropped = Dropped()
    step_id: uuid.UUID | None = None
    id: uuid.UUID | None = None


def make_habit(
    owner: Owner, new: NewHabit, *, max_first_month: int | None = None, starts_on: date | None = None
) -> Habit:
    """Makes a habit with its schedule, its plan and what is chosen away for it, from today on or from `starts_on`.

    Raises Invalid for a step of more than 15 minutes, for a schedule that cannot be kept, and for one more than
    `max_first_month` habits at a time during the first month: few steps at once are kept.
    """
    taken = session().get(Habit, new.id) if new.id else None
    if taken is not None and (taken.cohort_id, taken.person_id) == (owner.cohort_id, owner.person_id):
        return taken
    if new.minutes is not None and new.minutes > SMALL_STEP_MINUTES:
        raise Invalid(minutes=lazy("A small step takes at most 15 minutes. What would the first 15 minutes of it be?"))
    check_rhythm(new.kind, new.rhythm)
    check_room(owner, max_first_month)
    key = uuid.uuid4() if taken or not new.id else new.id
    step = session().get(Step, new.step_id) if new.step_id else None
    step_id = step.id if step is not None and step.organisation_id == owner.organisation_id else None
    habit = _new(
        owner,
        new.rhythm,
        id=key,
        title=new.title,
        kind=new.kind,
        minutes=new.minutes,
        step_id=step_id,
        starts_on=starts_on,
    )
    if new.plan.action:
        write_plan(habit, new.plan)
    write_drop(habit, new.drop)
    session().flush()
    return habit


def check_rhythm(kind: Kind, rhythm: Rhythm) -> None:
    """Raises Invalid for a habit that is to be done more often in a week than it has days, or less than once."""
    if rhythm.target < 1:
        raise Invalid(target=lazy("Write at least 1."))
    if kind is Kind.BOOLEAN and rhythm.per is Per.WEEK and rhythm.target > WEEK:
        raise Invalid(target=lazy("A week has seven days. Write at most 7 times a week."))
    if kind is Kind.BOOLEAN and rhythm.direction is Direction.AT_MOST:
        raise Invalid(direction=lazy("At most is for what is counted. Count times or minutes for it."))


def check_room(owner: Owner, most: int | None) -> None:
    """Raises Invalid when the owner, in her first month here, has `most` habits going on already; None is no limit."""
    if most is not None and _is_full(owner, most):
        raise Invalid(
            title=lazy("Few steps at a time: at most %(number)s in the first month. Finish one first.", number=most)
        )


def _is_full(owner: Owner, most: int) -> bool:
    habits = session().execute(sa.select(Habit.created_at, Habit.status).where(*owned(owner))).all()
    active = sum(habit.status is Status.ACTIVE for habit in habits)
    # Since she began here: a habit that was brought along may have begun long before.
    return active >= most and min(habit.created_at for habit in habits) > now() - FIRST_MONTH


def _new(owner: Owner, rhythm: Rhythm, starts_on: date | None = None, **values: Any) -> Habit:
    first = starts_on or owner.today()
    habit = Habit(
        cohort_id=owner.cohort_id, person_id=owner.person_id, starts_on=first, created_at=now(), **values
    )  # fmt: skip
    session().add(habit)
    session().flush()
    add_schedule(habit, first, rhythm)
    session().flush()
    return habit


def add_schedule(habit: Habit, from_date: date, rhythm: Rhythm) -> None:
    """Plans a habit from a day on."""
    session().add(
        Schedule(
            habit_id=habit.id,
            person_id=habit.person_id,
            from_date=from_date,
            per=rhythm.per,
            weekdays=rhythm.weekdays,
            target=rhythm.target,
            direction=rhythm.direction,
        )
    )


def adopt_habit(owner: Owner, proposal: Proposal) -> Habit:
    """Makes a habit of another plugin's result; the same result offered twice gives the same habit."""
    origin = (Habit.source == proposal.source, Habit.source_ref == proposal.source_ref)
    found = session().scalar(sa.select(Habit).where(*owned(owner), *origin))
    if found is not None:
        return found
    source: dict[str, Any] = {"source": proposal.source, "source_ref": proposal.source_ref}
    return _new(owner, EACH_WORKING_DAY, title=proposal.title, **source)


def write_plan(habit: Habit, text: PlanText) -> None:
    """Writes the habit's plan in the place of the one before."""
    plan = session().scalar(sa.select(Plan).where(Plan.habit_id == habit.id))
    if plan is None:
        plan = Plan(habit_id=habit.id, person_id=habit.person_id)
        session().add(plan)
    plan.cue, plan.action, plan.coping = text.cue, text.action, text.coping


def write_drop(habit: Habit, dropped: Dropped) -> None:
    """Writes what is chosen away for a habit in the place of what was."""
    drop = session().scalar(sa.select(DropChoice).where(DropChoice.habit_id == habit.id))
    if drop is None:
        drop = DropChoice(habit_id=habit.id, person_id=habit.person_id)
        session().add(drop)
    drop.what, drop.review_on = dropped.what, dropped.review_on
    drop.minutes_per_week = dropped.minutes if dropped.what else 0


def retire(owner: Owner, habit_id: uuid.UUID) -> None:
    """Ends a habit. It stays readable, can be taken up again the same day, and later as a new season."""
    habit = get(owner, habit_id, lock=True)
    if habit.status is Status.ACTIVE:
        habit.status, habit.retired_on = Status.RETIRED, owner.today()
        tell(owner, habit, "ledarsteg.retire")


def resume(owner: Owner, habit_id: uuid.UUID) -> None:
    """Takes back a retirement of the same day. Later it would fill the days between with steps nobody meant to take.

    Raises Invalid when the habit was retired on an earlier day.
    """
    habit = get(owner, habit_id, lock=True)
    if habit.status is Status.ACTIVE:
        return
    if habit.retired_on != owner.today():
        raise Invalid(
            habit=lazy("This habit was finished on an earlier day. Take it up again as a new season instead.")
        )
    habit.status, habit.retired_on = Status.ACTIVE, None
    tell(owner, habit, "ledarsteg.resume")


def begin_season(owner: Owner, habit_id: uuid.UUID) -> Habit:
    """Takes up a finished habit again from today on: a new season, which keeps the title, schedule and plan.

    The season before stays as it was, with all that was noted. Asked for twice, it is begun once. Raises Invalid while
    the habit is still going on.
    """
    before = get(owner, habit_id, lock=True)
    if before.status is Status.ACTIVE:
        raise Invalid(habit=lazy("This habit is going on. Finish it before you begin a new season of it."))
    begun = session().scalar(sa.select(Habit).where(*owned(owner), Habit.continues_id == before.id))
    return begun if begun is not None else carry_over(owner, before)


def carry_over(owner: Owner, before: Habit) -> Habit:
    """Makes a habit of `owner` that continues another of the same person, in this cohort or from an earlier one."""
    query = sa.select(Schedule).where(Schedule.habit_id == before.id).order_by(Schedule.from_date.desc()).limit(1)
    last = session().scalars(query).one()
    rhythm = Rhythm(date.min, last.per, last.weekdays, last.target, last.direction)
    habit = _new(
        owner, rhythm, title=before.title, kind=before.kind, minutes=before.minutes, season=before.season + 1,
        continues_id=before.id, source=before.source, source_ref=before.source_ref, step_id=before.step_id,
    )  # fmt: skip
    plan = session().scalar(sa.select(Plan).where(Plan.habit_id == before.id))
    if plan is not None:
        write_plan(habit, PlanText(plan.cue, plan.action, plan.coping))
    drop = session().scalar(sa.select(DropChoice).where(DropChoice.habit_id == before.id))
    if drop is not None:
        write_drop(habit, Dropped(drop.what, drop.minutes_per_week))
    tell(owner, habit, "ledarsteg.season")
    return habit


def seasons(owner: Owner, habit: Habit) -> list[Habit]:
    """Returns the seasons of a habit in this cohort other than itself, the earliest first."""
    mine = {each.id: each for each in session().scalars(sa.select(Habit).where(*owned(owner)))}
    chain: list[Habit] = []
    before = mine.get(habit.continues_id) if habit.continues_id else None
    while before is not None:
        chain.insert(0, before)
        before = mine.get(before.continues_id) if before.continues_id else None
    after = next((each for each in mine.values() if each.continues_id == habit.id), None)
    while after is not None:
        chain.append(after)
        after = next((each for each in mine.values() if each.continues_id == after.id), None)
    return chain
