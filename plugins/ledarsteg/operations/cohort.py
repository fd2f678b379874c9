"""Reading a whole cohort at once: who takes part, and what is shared. The number of statements is fixed.

All of it comes from habits and the counts beside the entries; no entry is read.
"""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any

import sqlalchemy as sa

from plugins.ledarsteg.calculations import WEEK, days, monday_of
from plugins.ledarsteg.models import CohortDay, Comment, Habit, HabitWeek, Pause, Status
from plugins.ledarsteg.operations.counting import LOOK_BACK
from service.contract import Cohort, Lines, Prepared, local_date, now, session, unit

WEEKS = 8
QUIET_DAYS = 14


@dataclass(frozen=True)
class Going:
    """The habits that a person has going on: since when the first of them, and whether all of them rest today."""

    since: date
    rests: bool


@dataclass(frozen=True)
class Participation:
    """Who takes part, by person: what is going on, and the days with a note, as weeks of bits (bit 0 is Monday).

    The weeks are the last eight, and the last one with a note where that lies further back.
    """

    today: date
    going: Mapping[uuid.UUID, Going]
    noted: Mapping[uuid.UUID, Mapping[date, int]]

    def noted_lately(self, person_id: uuid.UUID) -> int:
        """Returns on how many of the last 14 days the person noted something."""
        weeks = self.noted.get(person_id)
        return sum((weeks.get(monday, 0) & bits).bit_count() for monday, bits in self._lately.items()) if weeks else 0

    @cached_property
    def _lately(self) -> Mapping[date, int]:
        """The last 14 days, as weeks of bits."""
        weeks: defaultdict[date, int] = defaultdict(int)
        for day in days(self.today - timedelta(QUIET_DAYS - 1), self.today):
            weeks[monday_of(day)] |= 1 << day.weekday()
        return weeks

    def last(self, person_id: uuid.UUID) -> date | None:
        """Returns the latest day on which the person noted something."""
        weeks = self.noted.get(person_id)
        if not weeks:
            return None
        monday = max(weeks)
        return monday + timedelta(weeks[monday].bit_length() - 1)

    @cached_property
    def quiet(self) -> AbstractSet[uuid.UUID]:
        """Everybody who is quiet."""
        began = self.today - timedelta(QUIET_DAYS)
        return {
            person_id
            for person_id, going in self.going.items()
            if not going.rests and going.since <= began and not self.noted_lately(person_id)
        }

    def weeks(self) -> list[date]:
        """Returns the Mondays of the last eight weeks, oldest first."""
        monday = monday_of(self.today)
        return [monday - timedelta(WEEK * back) for back in reversed(range(WEEKS))]

    def by_week(self, persons: Iterable[uuid.UUID]) -> Mapping[date, int]:
        """Returns on how many days of each week these persons noted something, all days of all of them together."""
        found: defaultdict[date, int] = defaultdict(int)
        for person in persons:
            for monday, bits in self.noted.get(person, {}).items():
                found[monday] += bits.bit_count()
        return found


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


def today_of(cohort: Cohort) -> date:
    """Returns the calendar day where the cohort is."""
    return local_date(now(), cohort.zone)


def participation(cohort: Cohort, *, shared_only: bool = False) -> Participation:
    """Reads who takes part, in two statements; by shared habits alone where nothing else may be seen."""
    today = today_of(cohort)
    going, noted = _READ[shared_only]
    connection, values = unit().connection, {"cohort_id": cohort.id, "today": today}
    first = monday_of(today) - timedelta(WEEK * (WEEKS - 1))
    weeks = _by_person(noted.lines(connection, {"cohort_id": cohort.id, "first": first}))
    begun = going.lines(connection, values).rows()
    return Participation(today, {row[0]: Going(row[1], not row[2]) for row in begun}, weeks)


def _by_person(lines: Lines) -> dict[uuid.UUID, dict[date, int]]:
    """Puts the weeks of each person together. There are eight for each: people and Mondays are read once, not eight times."""
    found: defaultdict[Any, dict[date, int]] = defaultdict(dict)
    mondays: dict[Any, date] = {}
    for person, monday, bits in map(lines.raw("person_id", "monday", "bits"), lines.found):
        if monday not in mondays:
            mondays[monday] = lines.convert("monday", monday)
        found[person][mondays[monday]] = bits
    return {lines.convert("person_id", person): weeks for person, weeks in found.items()}


Columns = tuple[Any, ...]


def _which(*, shared_only: bool) -> list[sa.ColumnElement[bool]]:
    which: list[sa.ColumnElement[bool]] = [Habit.cohort_id == sa.bindparam("cohort_id")]
    return [*which, sa.and_(Habit.shared)] if shared_only else which


def _going(*, shared_only: bool) -> sa.Select[*Columns]:
    today = sa.bindparam("today", type_=sa.Date())
    resting = sa.exists().where(
        Pause.habit_id == Habit.id, Pause.first_day <= today, Pause.last_day.is_(None) | (Pause.last_day >= today)
    )
    awake = sa.func.sum(sa.case((resting, 0), else_=1)).label("awake")
    return (
        sa.select(Habit.person_id, sa.func.min(Habit.starts_on).label("since"), awake)
        .where(*_which(shared_only=shared_only), Habit.status == Status.ACTIVE)
        .group_by(Habit.person_id)
    )


def _noted(*, shared_only: bool) -> sa.Select[*Columns]:
    """The days of a person in a week: a bit is set where any of her habits has it."""
    first, which = sa.bindparam("first", type_=sa.Date()), _which(shared_only=shared_only)
    columns = (HabitWeek.person_id, HabitWeek.monday, HabitWeek.days)
    lately = sa.select(*columns).where(
        HabitWeek.cohort_id == sa.bindparam("cohort_id"), HabitWeek.monday >= first, HabitWeek.days > 0
    )
    if shared_only:
        lately = lately.where(HabitWeek.habit_id.in_(sa.select(Habit.id).where(*which)))
    weeks = sa.union_all(lately, _last_before(which, first)).subquery()
    bits: sa.ColumnElement[int] = sa.func.max(weeks.c.days.bitwise_and(1))
    for weekday in range(1, WEEK):
        bits += sa.func.max(weeks.c.days.bitwise_and(1 << weekday))
    return sa.select(weeks.c.person_id, weeks.c.monday, bits.label("bits")).group_by(weeks.c.person_id, weeks.c.monday)


def _last_before(which: list[sa.ColumnElement[bool]], first: Any) -> sa.Select[*Columns]:
    """The last week with a note of each habit, where it lies before `first`: looked up one by one, never searched for."""
    latest = (
        sa.select(HabitWeek.monday)
        .where(HabitWeek.habit_id == Habit.id, HabitWeek.days > 0)
        .order_by(HabitWeek.monday.desc())
        .limit(1)
        .correlate(Habit)
        .scalar_subquery()
    )
    last = sa.select(Habit.id, Habit.person_id, latest.label("monday")).where(*which).subquery()
    noted = sa.select(HabitWeek.days).where(HabitWeek.habit_id == last.c.id, HabitWeek.monday == last.c.monday)
    return sa.select(last.c.person_id, last.c.monday, noted.scalar_subquery()).where(last.c.monday < first)


def _shared() -> sa.Select[*Columns]:
    return (
        sa.select(Habit.person_id, sa.func.count().label("number"))
        .where(Habit.cohort_id == sa.bindparam("cohort_id"), Habit.shared, Habit.status == Status.ACTIVE)
        .group_by(Habit.person_id)
    )


_READ = {
    only: (
        Prepared(lambda _dialect, only=only: _going(shared_only=only)),  # type: ignore[misc]  # each its own
        Prepared(lambda _dialect, only=only: _noted(shared_only=only)),  # type: ignore[misc]
    )
    for only in (False, True)
}
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
    first = monday_of(today) - timedelta(WEEK * (WEEKS - 1))
    rows = session().execute(
        sa.select(HabitWeek.person_id, HabitWeek.monday, sa.func.avg(HabitWeek.strength))
        .where(HabitWeek.habit_id.in_([habit.id for habit in habits]), HabitWeek.monday >= first)
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
