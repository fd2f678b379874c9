"""How a habit is planned, the periods that follow from it, and what was kept of them: completion rate and streaks."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

WEEK = 7
EVERY_DAY = 0b1111111
WORKING_DAYS = 0b0011111
SMALL_STEP_MINUTES = 15


class State(StrEnum):
    """What was noted for a day. Partly: something, and less than was wanted of a habit that is counted."""

    DONE = "done"
    PART = "part"
    MISSED = "missed"
    SKIP = "skip"


class Kind(StrEnum):
    """What is noted: that it was done, how many times, or how many minutes."""

    BOOLEAN = "boolean"
    COUNT = "count"
    MINUTES = "minutes"


class Direction(StrEnum):
    """Whether a target is a least or a most. A boolean habit only knows the first."""

    AT_LEAST = "at_least"
    AT_MOST = "at_most"


class Per(StrEnum):
    """Whether a target is one of the day or of the week."""

    DAY = "day"
    WEEK = "week"


@dataclass(frozen=True)
class Mark:
    """What was noted for one day; `value` is how many or how many minutes."""

    state: State
    value: int | None = None


@dataclass(frozen=True)
class Rhythm:
    """How often a habit is planned from a day on: `target` on each of `weekdays` (bit 0 is Monday), or in a week."""

    from_date: date = date.min
    per: Per = Per.DAY
    weekdays: int = EVERY_DAY
    target: int = 1
    direction: Direction = Direction.AT_LEAST


@dataclass(frozen=True)
class Rest:
    """Days on which a habit rests, both ends included; without a last day until further notice."""

    first: date
    last: date | None = None

    def covers(self, day: date) -> bool:
        """Tells whether a day is one of them."""
        return self.first <= day and (self.last is None or day <= self.last)


@dataclass(frozen=True)
class Log:
    """All that the numbers of a habit follow from. `last` is the day it was finished; rhythms lie in order of their days."""

    first: date
    rhythms: Sequence[Rhythm] = (Rhythm(),)
    marks: Mapping[date, Mark] = field(default_factory=dict)
    rests: Sequence[Rest] = ()
    kind: Kind = Kind.BOOLEAN
    last: date | None = None

    def until(self, today: date) -> date:
        """Returns the latest day that counts on `today`."""
        return min(self.last, today) if self.last else today

    def is_skipped(self, day: date) -> bool:
        """True for a day that counts neither way: it was skipped, or lies in a pause."""
        mark = self.marks.get(day)
        return (mark is not None and mark.state is State.SKIP) or (mark is None and paused(self.rests, day))

    def amount(self, day: date) -> int:
        """Returns how much was noted: 1 for a boolean habit that was done, else the number."""
        mark = self.marks.get(day)
        if mark is None or mark.state is State.SKIP:
            return 0
        return int(mark.state is State.DONE) if self.kind is Kind.BOOLEAN else mark.value or 0


@dataclass(frozen=True)
class Period:
    """A day or week, or the part of a week in which one rhythm held: how much was due, how much done, whether it is over."""

    due: int
    done: int
    closed: bool = True
    first: date = date.min
    last: date = date.min

    @property
    def neutral(self) -> bool:
        """True where nothing was due: such a period neither counts nor breaks anything."""
        return self.due == 0

    @property
    def met(self) -> bool:
        """True where as much was done as was due."""
        return self.done >= self.due


def due(target: int, length: int, skipped: int) -> int:
    """Returns what remains due of `target` in `length` days when `skipped` of them are skipped, halves up."""
    return math.floor(target * (length - skipped) / length + 0.5)


def is_planned(weekdays: int, day: date) -> bool:
    """Tells whether a day is among the chosen weekdays. Bit 0 of `weekdays` is Monday."""
    return bool(weekdays >> day.weekday() & 1)


def days(first: date, last: date) -> Iterator[date]:
    """Yields each day from first to last, both included; none when last comes before."""
    return (first + timedelta(offset) for offset in range((last - first).days + 1))


def monday_of(day: date) -> date:
    """Returns the Monday of the day's week (ISO 8601)."""
    return day - timedelta(day.weekday())


def paused(rests: Iterable[Rest], day: date) -> bool:
    """Tells whether a day lies in a pause."""
    return any(rest.covers(day) for rest in rests)


def rhythm_on(rhythms: Sequence[Rhythm], day: date) -> Rhythm:
    """Returns the rhythm in force on a day: the latest that had begun, or the first."""
    return next((rhythm for rhythm in reversed(rhythms) if rhythm.from_date <= day), rhythms[0])


def periods(log: Log, today: date) -> list[Period]:
    """Returns the periods of a habit up to `today`, oldest first; those that reach today are still open.

    By day: one per planned day. By week: one per ISO week, or per part of a week in which one rhythm held; days outside the
    part count as skipped ones do. A day that is not planned is no period; one without a note counts as not done once it
    is over.
    """
    found: list[Period] = []
    end = log.until(today)
    for stretch in _stretches(log, end):
        found += _days_of(log, stretch, today) if stretch.rhythm.per is Per.DAY else _weeks_of(log, stretch, today)
    return found


@dataclass(frozen=True)
class _Stretch:
    """The days on which one rhythm held: from `first` to `last` so far, and to `ends` at the latest."""

    rhythm: Rhythm
    first: date
    last: date
    ends: date


def _stretches(log: Log, last: date) -> Iterator[_Stretch]:
    for index, rhythm in enumerate(log.rhythms):
        first = log.first if index == 0 else max(log.first, rhythm.from_date)
        following = log.rhythms[index + 1].from_date - timedelta(1) if index + 1 < len(log.rhythms) else date.max
        ends = min(following, log.last or date.max)
        if first <= min(ends, last):
            yield _Stretch(rhythm, first, min(ends, last), ends)


def _days_of(log: Log, stretch: _Stretch, today: date) -> Iterator[Period]:
    rhythm = stretch.rhythm
    for day in days(stretch.first, stretch.last):
        if is_planned(rhythm.weekdays, day):
            wanted = due(rhythm.target, 1, int(log.is_skipped(day)))
            yield Period(*_weighed(log, rhythm, [day], wanted), closed=day < today, first=day, last=day)


def _weeks_of(log: Log, stretch: _Stretch, today: date) -> Iterator[Period]:
    monday = monday_of(stretch.first)
    while monday <= stretch.last:
        sunday = monday + timedelta(WEEK - 1)
        first, last = max(monday, stretch.first), min(sunday, stretch.last)
        # The week that is going on is weighed whole: what is left of it may still be used.
        ends = min(sunday, stretch.ends)
        counting = sum(not log.is_skipped(day) for day in days(first, ends))
        wanted = due(stretch.rhythm.target, WEEK, WEEK - counting)
        done = _weighed(log, stretch.rhythm, list(days(first, last)), wanted)
        yield Period(*done, closed=ends < today, first=first, last=last)
        monday += timedelta(WEEK)


def _weighed(log: Log, rhythm: Rhythm, span: Sequence[date], wanted: int) -> tuple[int, int]:
    """Returns what was due and what was done. A most is one thing to keep: kept when noted and not above it."""
    amount = sum(log.amount(day) for day in span)
    if rhythm.direction is Direction.AT_LEAST:
        return wanted, amount
    noted = any(day in log.marks and log.marks[day].state is not State.SKIP for day in span)
    return int(wanted > 0), int(noted and amount <= wanted)


def totals(periods: Iterable[Period]) -> tuple[int, int]:
    """Returns what was done, never more than was due, and what was due, over the closed periods: `78 of 107 times`."""
    closed = [period for period in periods if period.closed]
    return sum(min(period.done, period.due) for period in closed), sum(period.due for period in closed)


def completion_rate(periods: Iterable[Period]) -> float | None:
    """Returns the share from 0 to 1 of what was due in closed periods that was done; None when nothing was due."""
    done, wanted = totals(periods)
    return done / wanted if wanted else None


def tally(periods: Iterable[Period]) -> tuple[int, int]:
    """Returns how many periods were met, of how many that are over or met already: `8 of 9 days`."""
    counted = [period for period in periods if not period.neutral and (period.closed or period.met)]
    return sum(period.met for period in counted), len(counted)


def current_streak(periods: Sequence[Period]) -> int:
    """Returns how many periods up to now were met in a row.

    Neutral periods are bridged and not counted, so a skip never lengthens a streak. The open period adds one when it is
    met already, and is ignored otherwise. (Other trackers count skipped days; why that misleads is told in pull request
    630 of Loop Habit Tracker, github.com/iSoron/uhabits.)
    """
    length = 0
    for period in reversed(periods):
        if period.neutral or (not period.closed and not period.met):
            continue
        if not period.met:
            break
        length += 1
    return length


def best_streak(periods: Sequence[Period]) -> int:
    """Returns the longest run of met periods, by the rules of `current_streak`."""
    best = length = 0
    for period in periods:
        if period.neutral or (not period.closed and not period.met):
            continue
        length = length + 1 if period.met else 0
        best = max(best, length)
    return best
