"""What a coach sees of one manager: the habits that are shared, week by week, and what has been written about them."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from plugins.ledarsteg.models import Habit, HabitWeek, Status
from service.contract import Cohort, Member, NotFound, Person, session

# So many weeks of a habit are shown.
SHOWN_WEEKS = 53


@dataclass(frozen=True)
class SharedWithCoach:
    """A shared habit and its weeks, oldest first."""

    habit: Habit
    weeks: Sequence[HabitWeek]


def manager(cohort: Cohort, member_id: uuid.UUID) -> Person:
    """Returns a manager of the cohort. Raises NotFound for anybody else, and for who has left."""
    query = (
        sa.select(Person)
        .join(Member, Member.person_id == Person.id)
        .where(Member.id == member_id, Member.cohort_id == cohort.id, Member.active)
    )
    found = session().scalar(query)
    if found is None:
        raise NotFound("member")
    return found


def shared_with_coach(cohort: Cohort, person: Person) -> list[SharedWithCoach]:
    """Returns what a person shares with the cohort's coaches, what is going on first. Two statements, nothing opened.

    Raises NotFound where nothing is shared.
    """
    habits = session().scalars(
        sa.select(Habit)
        .where(Habit.cohort_id == cohort.id, Habit.person_id == person.id, Habit.shared)
        .order_by(Habit.status != Status.ACTIVE, Habit.created_at, Habit.id)
    )
    found = {habit.id: habit for habit in habits}
    if not found:
        raise NotFound("habit")
    weeks: dict[uuid.UUID, list[HabitWeek]] = {habit_id: [] for habit_id in found}
    rows = session().scalars(
        sa.select(HabitWeek).where(HabitWeek.habit_id.in_(found)).order_by(HabitWeek.habit_id, HabitWeek.monday)
    )
    for week in rows:
        weeks[week.habit_id].append(week)
    return [SharedWithCoach(habit, weeks[habit_id][-SHOWN_WEEKS:]) for habit_id, habit in found.items()]
