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
from plugins.ledarsteg.calculations import Direction, Log, Mark, Per, Period, Rest, Rhythm, State
from plugins.ledarsteg.models import DropChoice, Entry, Habit, HabitWeek, Pause, Plan, Schedule, Status
from plugins.ledarsteg.operations.owner import Owner, get, owned
from service.contract import UtcDateTime, session, unit

# The latest day that a habit's weeks are counted up to.
COUNTED_UNTIL = (
    sa.select(HabitWeek.until)
    .where(HabitWeek.habit_id == Habit.id)
    .order_by(HabitWeek.monday.desc())
    .limit(1)
    .correlate(Habit)
    .scalar_subquery()
)


@dataclass
class HabitLog:
    """A habit with its plan, what is chosen away for it, and what was noted, as it stands on `today`."""

    habit: Habit
    plan: Plan | None
    drop: DropChoice | None
    today: date
    rhythms: list[Rhythm] = field(default_factory=list)
    pauses: dict[uuid.UUID, Rest] = field(default_factory=dict)
    marks: dict[date, Mark] = field(default_factory=dict)
    noted_at: dict[date, datetime] = field(default_factory=dict)
    # The day up to which its weeks have been counted, without a gap.
    counted_until: date | None = None

    @cached_property
    def log(self) -> Log:
        """What the numbers follow from."""
        habit = self.habit
        rests = sorted(self.pauses.values(), key=lambda rest: rest.first)
        return Log(habit.starts_on, self.rhythms, self.marks, rests, habit.kind, habit.retired_on)

    @property
    def last_day(self) -> date:
        """The latest day that counts: today, or the day the habit was finished."""
        return self.log.until(self.today)

    @property
    def rhythm(self) -> Rhythm:
        """How often it is planned on its latest day."""
        return self.rhythm_on(self.last_day)

    def rhythm_on(self, day: date) -> Rhythm:
        """Returns how often it is planned on a day."""
        return calculations.rhythm_on(self.rhythms, day)

    @cached_property
    def periods(self) -> list[Period]:
        """Its periods since it began."""
        return calculations.periods(self.log, self.today)

    @cached_property
    def strength(self) -> float:
        """Habit strength now, from 0 to 1."""
        return calculations.strength(self.log, self.last_day)

    def mark(self, day: date, mark: Mark | None, noted_at: datetime) -> None:
        """Puts what was noted for a day in the place of what stood there; nothing takes it away."""
        self.marks.pop(day, None)
        self.noted_at.pop(day, None)
        if mark is not None:
            self.marks[day], self.noted_at[day] = mark, noted_at
        for name in ("log", "periods", "strength"):
            self.__dict__.pop(name, None)

    def is_planned(self, day: date) -> bool:
        """True where the day is one of the habit's: it is going on, it does not rest, and the weekday is planned."""
        return self.asks_on(day) and self.habit.starts_on <= day <= self.last_day and not self.is_paused(day)

    def asks_on(self, day: date) -> bool:
        """True where the schedule of the day has something on it: its weekday, or any day of a week."""
        rhythm = self.rhythm_on(day)
        return rhythm.per is Per.WEEK or calculations.is_planned(rhythm.weekdays, day)

    def is_paused(self, day: date) -> bool:
        """True where the day lies in a pause."""
        return calculations.paused(self.pauses.values(), day)

    def is_due_on(self, today: date) -> bool:
        """True where there is something to do or to undo today: noted, or planned and of a week not yet enough."""
        if self.habit.status is not Status.ACTIVE:
            return False
        return today in self.marks or (self.is_planned(today) and not self.is_week_met)

    @property
    def is_week_met(self) -> bool:
        """True where a habit that is planned by the week has been done often enough in this one."""
        last = self.periods[-1] if self.periods else None
        at_least = self.rhythm.direction is Direction.AT_LEAST
        return at_least and self.rhythm.per is Per.WEEK and last is not None and not last.neutral and last.met


def list_habits(owner: Owner) -> list[HabitLog]:
    """Returns the owner's habits, in the order they were made, the finished ones last."""
    order = (Habit.status != Status.ACTIVE, Habit.created_at, Habit.id)
    return load(sa.select(Habit.id).where(*owned(owner)), owner.today(), order)


def today(owner: Owner, *, lock: bool = False, seals: bool = False) -> list[HabitLog]:
    """Returns the owner's active habits, in the order they were made; locked for a change where asked.

    With `seals` her key comes along, because something of hers is sealed afterwards.
    """
    wanted = sa.select(Habit.id).where(*owned(owner), Habit.status == Status.ACTIVE)
    order = (Habit.created_at, Habit.id)
    return load(wanted, owner.today(), order, lock=lock, seals_for=owner.person_id if seals else None)


def one(owner: Owner, habit_id: uuid.UUID) -> HabitLog:
    """Returns one habit with everything about it. Raises NotFound as `get` does."""
    habit = get(owner, habit_id)
    return load(sa.select(Habit.id).where(Habit.id == habit.id), owner.today())[0]


def load(
    wanted: sa.Select[uuid.UUID], day: date, order: Sequence[Any] = (), *, lock: bool = False, seals_for: uuid.UUID | None = None
) -> list[HabitLog]:  # fmt: skip
    """Returns the habits whose ids `wanted` selects, with all that belongs to them: two statements for any number.

    `seals_for` is the person whose key comes along.
    """
    query: Any = (
        sa.select(Habit, Plan, DropChoice, COUNTED_UNTIL)
        .outerjoin(Plan, Plan.habit_id == Habit.id)
        .outerjoin(DropChoice, DropChoice.habit_id == Habit.id)
        .where(Habit.id.in_(wanted))
        .order_by(*order)
    )
    if lock:
        query = query.with_for_update(of=Habit)
    if seals_for is not None:
        query = unit().vault.beside(seals_for, query)
    rows = session().execute(query).all()
    if rows and seals_for is not None:
        unit().vault.keep(seals_for, *rows[0][-2:])
    logs = {row[0].id: HabitLog(row[0], row[1], row[2], day, counted_until=row[3]) for row in rows}
    facts: defaultdict[uuid.UUID, list[Any]] = defaultdict(list)
    for fact in session().execute(_facts(wanted)):
        facts[fact.habit_id].append(fact)
    for habit_id, log in logs.items():
        for fact in sorted(facts[habit_id], key=lambda fact: fact.first):
            _take(log, fact)
    return list(logs.values())


def _facts(wanted: sa.Select[uuid.UUID]) -> sa.CompoundSelect[Any]:
    """One row for each schedule, pause and entry of the habits."""
    nothing, no_day, no_word = sa.null(), sa.cast(sa.null(), sa.Date), sa.cast(sa.null(), sa.String)
    entries = sa.select(
        Entry.habit_id, Entry.id, sa.literal("entry").label("what"), Entry.local_date.label("first"),
        no_day.label("last"), sa.cast(Entry.state, sa.String).label("word"), Entry.value.label("number"),
        sa.cast(nothing, sa.Integer).label("days"), no_word.label("way"), Entry.noted_at.label("at"),
    ).where(Entry.habit_id.in_(wanted))  # fmt: skip
    schedules = sa.select(
        Schedule.habit_id, Schedule.id, sa.literal("schedule"), Schedule.from_date, no_day,
        sa.cast(Schedule.per, sa.String), Schedule.target, Schedule.weekdays, sa.cast(Schedule.direction, sa.String),
        sa.cast(nothing, UtcDateTime),
    ).where(Schedule.habit_id.in_(wanted))  # fmt: skip
    pauses = sa.select(
        Pause.habit_id, Pause.id, sa.literal("pause"), Pause.first_day, Pause.last_day, no_word,
        sa.cast(nothing, sa.Integer), sa.cast(nothing, sa.Integer), no_word, sa.cast(nothing, UtcDateTime),
    ).where(Pause.habit_id.in_(wanted))  # fmt: skip
    return sa.union_all(entries, schedules, pauses)


def _take(log: HabitLog, fact: Any) -> None:
    if fact.what == "entry":
        log.marks[fact.first] = Mark(State(fact.word), fact.number)
        log.noted_at[fact.first] = fact.at
    elif fact.what == "pause":
        log.pauses[fact.id] = Rest(fact.first, fact.last)
    else:
        log.rhythms.append(Rhythm(fact.first, Per(fact.word), fact.days, fact.number, Direction(fact.way)))
