"""Making, planning, sharing and retiring a habit."""

import uuid
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Self

import sqlalchemy as sa

from plugins.ledarsteg.calculations import SMALL_STEP_MINUTES, WORKING_DAYS
from plugins.ledarsteg.models import DropChoice, Habit, Plan, Status
from service.contract import (
    Actor,
    Cohort,
    Invalid,
    Member,
    NotFound,
    Proposal,
    Role,
    audit,
    lazy,
    local_date,
    now,
    session,
)

FIRST_MONTH = timedelta(days=30)


@dataclass(frozen=True)
class Owner:
    """One person in one cohort, and her time zone: what every operation is scoped by."""

    organisation_id: uuid.UUID
    cohort_id: uuid.UUID
    person_id: uuid.UUID
    zone: str

    @classmethod
    def of(cls, cohort: Cohort, member: Member, zone: str = "") -> Self:
        """Returns the owner that a member is. Without `zone` her days are the cohort's."""
        return cls(cohort.organisation_id, cohort.id, member.person_id, zone or cohort.zone)

    @property
    def actor(self) -> Actor:
        """Who the audit trail says it was."""
        return Actor(self.organisation_id, self.person_id, Role.MANAGER.value, self.cohort_id)

    def today(self) -> date:
        """Returns the calendar day where the person is."""
        return local_date(now(), self.zone)


@dataclass(frozen=True)
class PlanText:
    """If `cue`, then `action`; and `coping` when that does not work out. Without an action there is no plan yet."""

    cue: str = ""
    action: str = ""
    coping: str = ""


@dataclass(frozen=True)
class NewHabit:
    """What a person says of a new habit. An empty `drop` is the answer "nothing"."""

    title: str
    weekdays: int = WORKING_DAYS
    minutes: int | None = None
    plan: PlanText = PlanText()
    drop: str = ""
    drop_minutes: int = 0


def make_habit(owner: Owner, new: NewHabit, *, max_first_month: int | None = None) -> Habit:
    """Makes a habit with its plan and what is chosen away for it, from today on.

    Raises Invalid for a step of more than 15 minutes, and for one more than `max_first_month` habits at a time during
    the first month: few steps at once are kept.
    """
    if new.minutes is not None and new.minutes > SMALL_STEP_MINUTES:
        raise Invalid(minutes=lazy("A small step takes at most 15 minutes. What would the first 15 minutes of it be?"))
    if max_first_month is not None and _is_full(owner, max_first_month):
        raise Invalid(
            title=lazy(
                "Few steps at a time: at most %(number)s in the first month. Finish one first.", number=max_first_month
            )
        )
    habit = _new(owner, title=new.title, weekdays=new.weekdays, minutes=new.minutes)
    if new.plan.action:
        _write_plan(habit, new.plan)
    minutes = new.drop_minutes if new.drop else 0
    session().add(DropChoice(habit_id=habit.id, person_id=habit.person_id, what=new.drop, minutes_per_week=minutes))
    session().flush()
    return habit


def _is_full(owner: Owner, most: int) -> bool:
    habits = session().execute(sa.select(Habit.starts_on, Habit.status).where(*owned(owner))).all()
    active = sum(habit.status is Status.ACTIVE for habit in habits)
    return active >= most and min(habit.starts_on for habit in habits) > owner.today() - FIRST_MONTH


def _new(owner: Owner, **values: Any) -> Habit:
    habit = Habit(
        cohort_id=owner.cohort_id, person_id=owner.person_id, starts_on=owner.today(), created_at=now(), **values
    )  # fmt: skip
    session().add(habit)
    session().flush()
    return habit


def adopt_habit(owner: Owner, proposal: Proposal) -> Habit:
    """Makes a habit of another plugin's result; the same result offered twice gives the same habit."""
    origin = (Habit.source == proposal.source, Habit.source_ref == proposal.source_ref)
    found = session().scalar(sa.select(Habit).where(*owned(owner), *origin))
    if found is not None:
        return found
    source = {"source": proposal.source, "source_ref": proposal.source_ref}
    return _new(owner, title=proposal.title, weekdays=WORKING_DAYS, **source)


def write_plan(owner: Owner, habit_id: uuid.UUID, text: PlanText) -> None:
    """Writes the habit's plan in the place of the one before."""
    _write_plan(get(owner, habit_id), text)
    session().flush()


def _write_plan(habit: Habit, text: PlanText) -> None:
    plan = session().scalar(sa.select(Plan).where(Plan.habit_id == habit.id))
    if plan is None:
        plan = Plan(habit_id=habit.id, person_id=habit.person_id)
        session().add(plan)
    plan.cue, plan.action, plan.coping = text.cue, text.action, text.coping


def owned(owner: Owner) -> tuple[sa.ColumnElement[bool], ...]:
    """Returns the condition that holds for the owner's habits and nobody else's."""
    return (Habit.cohort_id == owner.cohort_id, Habit.person_id == owner.person_id)


def get(owner: Owner, habit_id: uuid.UUID) -> Habit:
    """Returns one habit of the owner. Raises NotFound when it is absent or not hers in this cohort."""
    habit = session().scalar(sa.select(Habit).where(Habit.id == habit_id, *owned(owner)))
    if habit is None:
        raise NotFound("habit")
    return habit


def share(owner: Owner, habit_id: uuid.UUID) -> None:
    """Shows the habit's title, strength and days to the cohort's coaches. Sharing what is shared changes nothing."""
    _set_shared(owner, habit_id, shared=True)


def unshare(owner: Owner, habit_id: uuid.UUID) -> None:
    """Makes the habit private again."""
    _set_shared(owner, habit_id, shared=False)


def _set_shared(owner: Owner, habit_id: uuid.UUID, *, shared: bool) -> None:
    habit = get(owner, habit_id)
    if habit.shared != shared:
        habit.shared = shared
        _tell(owner, habit, "ledarsteg.share" if shared else "ledarsteg.unshare")


def retire(owner: Owner, habit_id: uuid.UUID) -> None:
    """Ends a habit. It stays readable, and can be taken up again the same day."""
    habit = get(owner, habit_id)
    if habit.status is Status.ACTIVE:
        habit.status, habit.retired_on = Status.RETIRED, owner.today()
        _tell(owner, habit, "ledarsteg.retire")


def resume(owner: Owner, habit_id: uuid.UUID) -> None:
    """Takes back a retirement of the same day. Later it would fill the days between with steps nobody meant to take.

    Raises Invalid when the habit was retired on an earlier day.
    """
    habit = get(owner, habit_id)
    if habit.status is Status.ACTIVE:
        return
    if habit.retired_on != owner.today():
        raise Invalid(habit=lazy("This habit was finished on an earlier day. Begin a new one instead."))
    habit.status, habit.retired_on = Status.ACTIVE, None
    _tell(owner, habit, "ledarsteg.resume")


def _tell(owner: Owner, habit: Habit, action: str) -> None:
    session().flush()
    audit(owner.actor, action, object_type="ledarsteg_habit", object_ref=str(habit.id))
