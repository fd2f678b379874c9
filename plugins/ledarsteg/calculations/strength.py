"""Habit strength: exponential smoothing as Loop Habit Tracker publishes it, written anew from the formula."""

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from plugins.ledarsteg.calculations.habits import (
    EVERY_DAY,
    WEEK,
    Direction,
    Kind,
    Log,
    Per,
    Rhythm,
    State,
    days,
    is_planned,
    rhythm_on,
)

HALF_LIFE_DAYS = 13
# How many days before a day its strength can depend on, beside the strength of the day before: the widest window.
LOOK_BACK_DAYS = 2 * WEEK
# Whole per cent from which a habit is called on the way, and settled.
ON_THE_WAY_FROM, SETTLED_FROM = 30, 70


def strength_step(frequency: float, before: float, done: float) -> float:
    """Returns the strength after one more day, all from 0 to 1. `frequency` is repetitions per day.

    s' = s·m + c·(1 - m), m = 0.5 ** (sqrt(f) / 13). A daily habit halves in 13 days. (github.com/iSoron/uhabits,
    Score.compute.)
    """
    kept: float = 0.5 ** (math.sqrt(frequency) / HALF_LIFE_DAYS)
    return before * kept + done * (1 - kept)


@dataclass(frozen=True)
class Rule:
    """What a day's strength is measured by: repetitions per day, and how much is wanted in how many days up to it."""

    frequency: float
    wanted: int
    window: int
    direction: Direction = Direction.AT_LEAST

    @classmethod
    def times(cls, times: int, per_days: int) -> "Rule":
        """Returns the rule of a boolean habit done `times` in `per_days` days.

        The window of a habit that is not daily is doubled, so that an irregular week does not saw. (Loop Habit Tracker,
        ScoreList.recompute.)
        """
        if times == per_days:
            return cls(1.0, 1, 1)
        return cls(times / per_days, 2 * times, 2 * per_days)

    @classmethod
    def of(cls, kind: Kind, rhythm: Rhythm) -> "Rule":
        """Returns the rule of a rhythm. What is counted is summed over the day or week that its target is for."""
        if kind is Kind.BOOLEAN:
            return cls.times(rhythm.target if rhythm.per is Per.WEEK else rhythm.weekdays.bit_count(), WEEK)
        if rhythm.per is Per.WEEK:
            return cls(1 / WEEK, rhythm.target, WEEK, rhythm.direction)
        if rhythm.weekdays == EVERY_DAY:
            return cls(1.0, rhythm.target, 1, rhythm.direction)
        number = rhythm.weekdays.bit_count()
        return cls(number / WEEK, number * rhythm.target, WEEK, rhythm.direction)

    def share(self, amount: int) -> float:
        """Returns how much of what is wanted `amount` is, from 0 to 1; of a most, how far it was kept."""
        if self.direction is Direction.AT_LEAST:
            return min(1.0, amount / self.wanted)
        return min(1.0, max(0.0, 1 - (amount - self.wanted) / self.wanted))

    @property
    def start(self) -> float:
        """The strength before the first day: a most is kept until it is not."""
        return float(self.direction is Direction.AT_MOST)


def strength_series(times: int, per_days: int, states: Iterable[State | None]) -> list[float]:
    """Returns the strength after each day, oldest first, of a boolean habit planned `times` in `per_days` days.

    A skipped day leaves the strength as it was.
    """
    rule, log = Rule.times(times, per_days), list(states)
    steps = ((rule, state is State.SKIP, int(state is State.DONE), True) for state in log)
    return list(_series(steps))


@dataclass(frozen=True)
class Reached:
    """Habit strength after a day, as it was counted before."""

    day: date
    strength: float


def strength_by_day(log: Log, today: date, since: Reached | None = None) -> list[float]:
    """Returns the strength after each day from the log's first to `today`, each by the rhythm in force on it.

    Skipped and paused days leave it as it was. A planned day of an at-most habit for which nothing was noted counts as
    not kept: not having looked is no proof.

    Counting can go on where it was left: with `since`, the days after that one alone are returned, and of the log no
    more is needed than the last `LOOK_BACK_DAYS` before it. The numbers are the same.
    """
    rules = {rhythm: Rule.of(log.kind, rhythm) for rhythm in log.rhythms}
    if since is None:
        return list(_series(_steps(log, rules, log.first, log.until(today))))
    first = max(log.first, since.day - timedelta(LOOK_BACK_DAYS - 1))
    steps = _steps(log, rules, first, log.until(today))
    return list(_series(steps, since.strength, known=(since.day - first).days + 1))


def start_of(log: Log) -> float:
    """Returns the strength before the first day."""
    return Rule.of(log.kind, log.rhythms[0]).start


def _steps(log: Log, rules: Mapping[Rhythm, Rule], first: date, last: date) -> Iterator[tuple[Rule, bool, int, bool]]:
    noted = date.min
    for day in days(first, last):
        rhythm = rhythm_on(log.rhythms, day)
        noted = day if day in log.marks else noted
        known = rhythm.direction is Direction.AT_LEAST or _was_looked(rhythm, day, noted)
        yield rules[rhythm], log.is_skipped(day), log.amount(day), known


def _was_looked(rhythm: Rhythm, day: date, noted: date) -> bool:
    """Tells whether an at-most habit was looked at: on that day, in a week of it, or on no day that asked for it."""
    if rhythm.per is Per.WEEK:
        return day - noted < timedelta(WEEK)
    return noted == day or not is_planned(rhythm.weekdays, day)


def _series(
    steps: Iterable[tuple[Rule, bool, int, bool]], strength: float | None = None, *, known: int = 0
) -> Iterator[float]:
    """Yields the strength after each step: by which rule, whether it is left out, how much, and whether that is known.

    The first `known` steps are behind `strength` already: they only fill the windows of those that follow.
    """
    sums = [0]
    for index, (rule, left_out, amount, looked) in enumerate(steps):
        strength = rule.start if strength is None else strength
        sums.append(sums[-1] + amount)
        if index < known:
            continue
        if not left_out:
            in_window = sums[-1] - sums[max(0, len(sums) - 1 - rule.window)]
            strength = strength_step(rule.frequency, strength, rule.share(in_window) if looked else 0.0)
        yield strength


def strength(log: Log, today: date) -> float:
    """Returns the strength now, from 0 to 1. Today counts once something is noted for it."""
    last = today if today in log.marks else today - timedelta(1)
    series = strength_by_day(log, last)
    return series[-1] if series else start_of(log)


class Band(StrEnum):
    """Habit strength in words."""

    BEGINS = "begins"
    ON_THE_WAY = "on_the_way"
    SETTLED = "settled"


def band(value: float) -> Band:
    """Returns the words for a strength, by the whole per cent that is shown beside them."""
    percent = round(value * 100)
    return Band.BEGINS if percent < ON_THE_WAY_FROM else Band.ON_THE_WAY if percent < SETTLED_FROM else Band.SETTLED
