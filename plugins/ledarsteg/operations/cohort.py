"""Reading what a whole cohort shares, at once. The number of statements is fixed, and no entry is read."""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa

from plugins.ledarsteg.models import CohortDay, Comment, Habit, HabitWeek, Status
from plugins.ledarsteg.operations.counting import LOOK_BACK
from plugins.ledarsteg.operations.participation import first_of
from service.contract import Prepared, session, unit


@dataclass(frozen=True, slots=True)
class SharedHabit:
    """A habit that is shared with the cohort's coaches, and its strength as it was counted last.

    There may be thousands on a page: this is what is shown of one, and no more.
    """

    id: uuid.UUID
    person_id: uuid.UUID
    title_sealed: bytes | None
    strength: float

    @property
    def title(self) -> str:
        """The title, opened."""
        return str(_TITLE.__get__(self, Habit))


_TITLE = vars(Habit)["title"]


@dataclass(frozen=True)
class CountedDays:
    """How many people noted something on each day of a cohort, and when that was counted."""

    people: Mapping[date, int]
    counted_at: datetime


def _shared() -> sa.Select[uuid.UUID, int]:
    return (
        sa.select(Habit.person_id, sa.func.count().label("number"))
        .where(Habit.cohort_id == sa.bindparam("cohort_id"), Habit.shared, Habit.status == Status.ACTIVE)
        .group_by(Habit.person_id)
    )


_SHARED = Prepared(lambda _dialect: _shared())


def shared_counts(cohort_id: uuid.UUID) -> dict[uuid.UUID, int]:
    """Returns how many active habits each person shares with the cohort's coaches; who shares none is not there."""
    lines = _SHARED.lines(unit().connection, {"cohort_id": cohort_id})
    return dict(zip(lines.column("person_id"), lines.column("number"), strict=True))


def shared_habits(cohort_id: uuid.UUID, persons: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[SharedHabit]]:
    """Returns the active habits that these people share with the cohort's coaches, in the order they were made."""
    strength = (
        sa.select(HabitWeek.strength)
        .where(HabitWeek.habit_id == Habit.id)
        .order_by(HabitWeek.monday.desc())
        .limit(1)
        .correlate(Habit)
        .scalar_subquery()
    )
    rows = session().execute(
        sa.select(Habit.id, Habit.person_id, Habit.title_sealed, sa.func.coalesce(strength, 0.0))
        .where(Habit.cohort_id == cohort_id, Habit.shared, Habit.status == Status.ACTIVE, Habit.person_id.in_(persons))
        .order_by(Habit.created_at, Habit.id)
    )
    by_person: defaultdict[uuid.UUID, list[SharedHabit]] = defaultdict(list)
    for row in rows:
        by_person[row[1]].append(SharedHabit(*row))
    unit().vault.fetch(by_person)
    return dict(by_person)


def strengths(today: date, habits: Iterable[SharedHabit]) -> dict[uuid.UUID, list[float]]:
    """Returns how strong each person's habits have been: the mean of each week with a note, of the last eight."""
    rows = session().execute(
        sa.select(HabitWeek.person_id, HabitWeek.monday, sa.func.avg(HabitWeek.strength))
        .where(HabitWeek.habit_id.in_([habit.id for habit in habits]), HabitWeek.monday >= first_of(today))
        .group_by(HabitWeek.person_id, HabitWeek.monday)
        .order_by(HabitWeek.person_id, HabitWeek.monday)
    )
    found: defaultdict[uuid.UUID, list[float]] = defaultdict(list)
    for person_id, _monday, strength in rows:
        found[person_id].append(float(strength))
    return dict(found)


def new_words(cohort_id: uuid.UUID) -> dict[uuid.UUID, int]:
    """Returns how many comments of each manager's on her shared habits no coach has seen."""
    rows = session().execute(
        sa.select(Comment.person_id, sa.func.count())
        .join(Habit, Habit.id == Comment.habit_id)
        .where(
            Habit.cohort_id == cohort_id,
            Habit.shared,
            Comment.author_id == Comment.person_id,
            Comment.seen_at.is_(None),
        )
        .group_by(Comment.person_id)
    )
    return {row[0]: row[1] for row in rows}


def counted_days(cohort_id: uuid.UUID, first: date, last: date) -> CountedDays | None:
    """Returns the days of a cohort as they were counted; nothing where none has been yet."""
    rows = session().execute(
        sa.select(CohortDay.local_date, CohortDay.people, CohortDay.counted_at).where(
            CohortDay.cohort_id == cohort_id, CohortDay.local_date.between(first, last)
        )
    )
    found = rows.all()
    if not found:
        return None
    # What was noted in the last moments before is counted with the next.
    return CountedDays({row[0]: row[1] for row in found}, max(row[2] for row in found) + LOOK_BACK)
