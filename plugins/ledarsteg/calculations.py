"""Numbers in, numbers out: completion rate, streaks, habit strength and the advice on a plan. No database, no clock."""

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

WEEK = 7
EVERY_DAY = 0b1111111
WORKING_DAYS = 0b0011111
SMALL_STEP_MINUTES = 15
HALF_LIFE_DAYS = 13
# Whole per cent from which a habit is called on the way, and settled.
ON_THE_WAY_FROM, SETTLED_FROM = 30, 70
# Fewer words than these name no situation and no action.
CUE_WORDS, ACTION_WORDS = 3, 2


class State(StrEnum):
    """What was noted for a day."""

    DONE = "done"
    MISSED = "missed"
    SKIP = "skip"


Entries = Mapping[date, State]


@dataclass(frozen=True)
class Period:
    """A day or week: how much was due, how much was done, and whether it is over."""

    due: int
    done: int
    closed: bool = True

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


def periods(weekdays: int, entries: Entries, first: date, today: date) -> list[Period]:
    """Returns one period per planned day from `first` to `today`, oldest first; today is still open.

    A day that is not planned is no period. A day without an entry counts as not done once it is over.
    """
    return [
        Period(
            due=due(1, 1, int(entries.get(day) is State.SKIP)),
            done=int(entries.get(day) is State.DONE),
            closed=day < today,
        )
        for day in days(first, today)
        if is_planned(weekdays, day)
    ]


def completion_rate(periods: Iterable[Period]) -> float | None:
    """Returns the share from 0 to 1 of what was due in closed periods that was done; None when nothing was due."""
    closed = [period for period in periods if period.closed]
    total = sum(period.due for period in closed)
    return sum(min(period.done, period.due) for period in closed) / total if total else None


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


def strength_step(frequency: float, before: float, done: float) -> float:
    """Returns the strength after one more day, all from 0 to 1. `frequency` is repetitions per day.

    Exponential smoothing as Loop Habit Tracker publishes it: s' = s·m + c·(1 - m), m = 0.5 ** (sqrt(f) / 13). A daily
    habit halves in 13 days. (github.com/iSoron/uhabits, Score.compute; written anew from the formula.)
    """
    kept: float = 0.5 ** (math.sqrt(frequency) / HALF_LIFE_DAYS)
    return before * kept + done * (1 - kept)


def strength_series(times: int, per_days: int, states: Iterable[State | None]) -> list[float]:
    """Returns the strength after each day, oldest first, of a habit planned `times` in `per_days` days.

    What counts is the share done of a trailing window, which is doubled for habits that are not daily, so that an
    irregular week does not saw. A skipped day leaves the strength as it was. (Loop Habit Tracker, ScoreList.recompute.)
    """
    wanted, window = (1, 1) if times == per_days else (2 * times, 2 * per_days)
    log = list(states)
    strength, series = 0.0, []
    for index, state in enumerate(log):
        if state is not State.SKIP:
            repeated = log[max(0, index + 1 - window) : index + 1].count(State.DONE)
            strength = strength_step(times / per_days, strength, min(1.0, repeated / wanted))
        series.append(strength)
    return series


def strength(weekdays: int, entries: Entries, first: date, today: date) -> float:
    """Returns the strength now, from 0 to 1. Today counts once something is noted for it."""
    last = today if today in entries else today - timedelta(1)
    series = strength_series(weekdays.bit_count(), WEEK, [entries.get(day) for day in days(first, last)])
    return series[-1] if series else 0.0


class Band(StrEnum):
    """Habit strength in words."""

    BEGINS = "begins"
    ON_THE_WAY = "on_the_way"
    SETTLED = "settled"


def band(value: float) -> Band:
    """Returns the words for a strength, by the whole per cent that is shown beside them."""
    percent = round(value * 100)
    return Band.BEGINS if percent < ON_THE_WAY_FROM else Band.ON_THE_WAY if percent < SETTLED_FROM else Band.SETTLED


# Words by which a situation is no cue, an action no action, or one sentence two actions, in the three languages.
_VAGUE = re.compile(
    r"\b(när jag hinner|får tid|har tid|någon gång|ibland|oftare|when i (can|have time)|sometimes?|more often|"
    r"some day|kad būs laiks|dažreiz|biežāk)\b",
    re.IGNORECASE,
)
_NO_VERB = re.compile(
    r"(inte|aldrig|försök\w*|bättre|mer|mindre|en|ett|not|never|try|better|more|less|an?|the|ne|nekad|labāk|vairāk|mazāk)\b",
    re.IGNORECASE,
)
_SEVERAL = re.compile(r"[;+]|\b(och|samt|sedan|and|then|un|tad)\b", re.IGNORECASE)


@dataclass(frozen=True)
class PlanAdvice:
    """What an if-then plan has that tends to help. Advice, never a condition."""

    concrete_cue: bool
    small_action: bool
    one_action: bool
    has_coping: bool


def plan_advice(cue: str, action: str, coping: str, minutes: int | None) -> PlanAdvice:
    """Looks at the words of a plan: a concrete situation, one action, a small one, and a reserve plan.

    If-then plans help people do what they intend (Gollwitzer and Sheeran 2006, doi:10.1016/S0065-2601(06)38002-1). The
    look is rough on purpose: it reads words, not meaning, and says so on the page.
    """
    return PlanAdvice(
        concrete_cue=len(cue.split()) >= CUE_WORDS and not _VAGUE.search(cue),
        small_action=(
            len(action.split()) >= ACTION_WORDS and not _NO_VERB.match(action) and (minutes or 0) <= SMALL_STEP_MINUTES
        ),
        one_action=bool(action.strip()) and not _SEVERAL.search(action),
        has_coping=bool(coping.strip()),
    )
