"""A manager's habits as her thread of events tells of them: each with its strength as it was counted last."""

import sqlalchemy as sa

from plugins.ledarsteg.models import Habit, HabitWeek
from plugins.ledarsteg.operations.owner import Owner, owned
from service.contract import session


def habits_so_far(owner: Owner) -> list[tuple[Habit, float]]:
    """Returns the owner's habits in the order they were made, each with its strength. One statement, no entry read."""
    strength = (
        sa.select(HabitWeek.strength)
        .where(HabitWeek.habit_id == Habit.id)
        .order_by(HabitWeek.monday.desc())
        .limit(1)
        .correlate(Habit)
        .scalar_subquery()
    )
    query = sa.select(Habit, sa.func.coalesce(strength, 0.0)).where(*owned(owner))
    return [(row[0], row[1]) for row in session().execute(query.order_by(Habit.created_at, Habit.id))]
