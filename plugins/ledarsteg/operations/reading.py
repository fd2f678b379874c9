"""Reading habits with their plans and what was noted, in a number of statements that does not grow with them."""

import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any

import sqlalchemy as sa

from plugins.ledarsteg import calculations
from plugins.ledarsteg.calculations import Period, State
from plugins.ledarsteg.models import DropChoice, Entry, Habit, Plan, Status
from plugins.ledarsteg.operations.habits import Owner, get, owned
from service.contract import session


@dataclass(frozen=True)
class HabitLog:
    """A habit with its plan, what is chosen away for it, and what was noted, as it stands on `today`."""

    habit: Habit
    plan: Plan | None
    drop: DropChoice | None
    today: date
    entries: dict[date, State] = field(default_factory=dict)
    noted_at: dict[date, datetime] = field(default_factory=dict)

    @property
    def last_day(self) -> date:
        """The latest day that counts: today, or the day the habit was finished."""
        return self.habit.retired_on or self.today

    @cached_property
    def periods(self) -> list[Period]:
        """One period per planned day since the habit began."""
        return calculations.periods(self.habit.weekdays, self.entries, self.habit.starts_on, self.last_day)

    @property
    def strength(self) -> float:
        """Habit strength now, from 0 to 1."""
        return calculations.strength(self.habit.weekdays, self.entries, self.habit.starts_on, self.last_day)

    @property
    def planned_today(self) -> bool:
        """True where today is one of the habit's days."""
        return self.habit.status is Status.ACTIVE and calculations.is_planned(self.habit.weekdays, self.today)


def list_habits(owner: Owner) -> list[HabitLog]:
    """Returns the owner's habits, in the order they were made, the finished ones last."""
    order = (Habit.status != Status.ACTIVE, Habit.created_at, Habit.id)
    return load(sa.select(Habit.id).where(*owned(owner)), owner.today(), order)


def today(owner: Owner) -> list[HabitLog]:
    """Returns the owner's active habits, in the order they were made."""
    return [log for log in list_habits(owner) if log.habit.status is Status.ACTIVE]


def one(owner: Owner, habit_id: uuid.UUID) -> HabitLog:
    """Returns one habit with everything about it. Raises NotFound as `get` does."""
    habit = get(owner, habit_id)
    return load(sa.select(Habit.id).where(Habit.id == habit.id), owner.today())[0]


def load(wanted: sa.Select[uuid.UUID], day: date, order: Sequence[Any] = ()) -> list[HabitLog]:
    """Returns the habits whose ids `wanted` selects, with all that belongs to them: two statements for any number."""
    rows = session().execute(
        sa.select(Habit, Plan, DropChoice)
        .outerjoin(Plan, Plan.habit_id == Habit.id)
        .outerjoin(DropChoice, DropChoice.habit_id == Habit.id)
        .where(Habit.id.in_(wanted))
        .order_by(*order)
    )
    logs = [HabitLog(habit, plan, drop, day) for habit, plan, drop in rows]
    entries: defaultdict[uuid.UUID, list[tuple[date, State, datetime]]] = defaultdict(list)
    columns = (Entry.habit_id, Entry.local_date, Entry.state, Entry.noted_at)
    for habit_id, local_date, state, noted_at in session().execute(
        sa.select(*columns).where(Entry.habit_id.in_(wanted))
    ):
        entries[habit_id].append((local_date, state, noted_at))
    for log in logs:
        for local_date, state, noted_at in entries[log.habit.id]:
            log.entries[local_date] = state
            log.noted_at[local_date] = noted_at
    return logs
