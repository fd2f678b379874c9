"""Who of a cohort takes part, in two statements however many they are.

All of it comes from habits and the counts beside the entries; no entry is read.
"""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from typing import Any, NamedTuple

import sqlalchemy as sa

from plugins.ledarsteg.calculations import WEEK, monday_of
from plugins.ledarsteg.models import Habit, HabitWeek, Pause, Status
from service.contract import Cohort, Prepared, local_date, now, unit

WEEKS = 8
QUIET_DAYS = 14
EVERY_DAY = (1 << WEEK) - 1
A_MONDAY = date(1970, 1, 5)


class Going(NamedTuple):
    """The habits that a person has going on: since when the first of them, and whether all of them rest today."""

    since: date
    rests: bool


@dataclass(frozen=True)
class Participation:
    """Who takes part, by person: what is going on, and the days with a note.

    `noted` holds the days of the last eight weeks as bits (bit 0 is the Monday of the first); `before` the last day with a
    note, as far as a week before those is known.
    """

    today: date
    going: Mapping[uuid.UUID, Going]
    noted: Mapping[uuid.UUID, int]
    before: Mapping[uuid.UUID, date] = field(default_factory=dict)

    @property
    def first(self) -> date:
        """The Monday of the first of the eight weeks."""
        return first_of(self.today)

    def noted_lately(self, person_id: uuid.UUID) -> int:
        """Returns on how many of the last 14 days the person noted something."""
        return (self.noted.get(person_id, 0) & self._lately).bit_count()

    @cached_property
    def _lately(self) -> int:
        """The last 14 days, as bits."""
        until = (self.today - self.first).days + 1
        return (1 << until) - (1 << until - QUIET_DAYS)

    def last(self, person_id: uuid.UUID) -> date | None:
        """Returns the latest day on which the person noted something."""
        noted = self.noted.get(person_id, 0)
        return self.first + timedelta(noted.bit_length() - 1) if noted else self.before.get(person_id)

    @property
    def begun(self) -> AbstractSet[uuid.UUID]:
        """Everybody who ever noted something."""
        return self.noted.keys() | self.before.keys()

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
        return [self.first + timedelta(WEEK * week) for week in range(WEEKS)]

    def by_week(self, persons: Iterable[uuid.UUID]) -> Sequence[int]:
        """Returns on how many days of each of the weeks these persons noted something, all days of all of them together."""
        found = [noted for person in persons if (noted := self.noted.get(person))]
        masks = [EVERY_DAY << WEEK * week for week in range(WEEKS)]
        return [sum((noted & mask).bit_count() for noted in found) for mask in masks]


def first_of(today: date) -> date:
    """Returns the Monday of the first of the eight weeks that end with this one."""
    return monday_of(today) - timedelta(WEEK * (WEEKS - 1))


def today_of(cohort: Cohort) -> date:
    """Returns the calendar day where the cohort is."""
    return local_date(now(), cohort.zone)


def participation(cohort: Cohort, *, shared_only: bool = False) -> Participation:
    """Reads who takes part, in two statements; by shared habits alone where nothing else may be seen."""
    today = today_of(cohort)
    going, noted = _READ[shared_only]
    connection, values = unit().connection, {"cohort_id": cohort.id, "today": today}
    begun = going.lines(connection, values).rows()
    found = noted.lines(connection, {"cohort_id": cohort.id, "first": first_of(today)}).rows()
    return Participation(
        today,
        {person: Going(since, not awake) for person, since, awake in begun},
        {person: days for person, days, _before in found if days},
        {person: _day(before) for person, _days, before in found if before is not None},
    )


def _day(packed: int) -> date:
    """Returns the last day with a note of a week, as `_noted` has packed the week."""
    days, bits = divmod(packed, EVERY_DAY + 1)
    return A_MONDAY + timedelta(days + bits.bit_length() - 1)


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


def _noted(dialect: str, *, shared_only: bool) -> sa.Select[*Columns]:
    """The days of a person, in which a bit is set where any of her habits has it; and her last week before those.

    Days follow each other as bits, so a week is moved by as many bits as it lies days behind the first. An earlier week is
    told as one number, so that the latest is the greatest: its days since `A_MONDAY`, and below them its bits.
    """
    first, which = sa.bindparam("first", type_=sa.Date()), _which(shared_only=shared_only)
    columns = (HabitWeek.person_id, HabitWeek.monday, HabitWeek.days)
    lately = sa.select(*columns).where(
        HabitWeek.cohort_id == sa.bindparam("cohort_id"), HabitWeek.monday >= first, HabitWeek.days > 0
    )
    if shared_only:
        lately = lately.where(HabitWeek.habit_id.in_(sa.select(Habit.id).where(*which)))
    days = sa.union_all(lately, _last_before(which, first)).subquery()
    bits: sa.ColumnElement[int] = sa.func.max(days.c.days.bitwise_and(1))
    for weekday in range(1, WEEK):
        bits += sa.func.max(days.c.days.bitwise_and(1 << weekday))
    weeks = (
        sa.select(days.c.person_id, days.c.monday, sa.cast(bits, sa.BigInteger).label("bits"))
        .group_by(days.c.person_id, days.c.monday)
        .subquery()
    )
    behind = _days_between(dialect, first, weeks.c.monday)
    since = _days_between(dialect, sa.literal(A_MONDAY, sa.Date()), weeks.c.monday)
    moved = sa.func.sum(sa.case((weeks.c.monday >= first, weeks.c.bits.bitwise_lshift(behind)), else_=0))
    return sa.select(
        weeks.c.person_id,
        sa.cast(moved, sa.BigInteger).label("days"),
        sa.func.max(sa.case((weeks.c.monday < first, since * (EVERY_DAY + 1) + weeks.c.bits))).label("before"),
    ).group_by(weeks.c.person_id)


def _days_between(dialect: str, early: Any, late: Any) -> sa.ColumnElement[int]:
    by_dialect = {
        "postgresql": sa.type_coerce(sa.cast(late, sa.Date).op("-")(sa.cast(early, sa.Date)), sa.Integer),
        "sqlite": sa.cast(sa.func.julianday(late) - sa.func.julianday(early), sa.Integer),
    }
    return by_dialect[dialect]


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


_READ = {
    only: (
        Prepared(lambda _dialect, only=only: _going(shared_only=only)),  # type: ignore[misc]  # each its own
        Prepared(lambda dialect, only=only: _noted(dialect, shared_only=only)),  # type: ignore[misc]
    )
    for only in (False, True)
}
