"""What may be shown of a group's answers: one function for every cell, and the rules between measurements.

The rules are those of domain.md §5.4: nothing about fewer than *k*; a mean only rounded, because a mean of few whole
numbers gives back their sum; how many answered only as a band; single statements only from ten; spread only from eight,
and a group that is of one mind looks like one that nearly is; what is withheld looks the same whether nobody answered
or one too few did. Complementary disclosure: L. H. Cox, JASA 1980.
"""

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

FLOOR = 4
# The ends of the scale are shown as "at most 10" and "at least 90": a group that gave one answer throughout stays unseen.
LOW_END, HIGH_END = 10, 90
BANDS = ((7, 0), (12, 8), (None, 13))


@dataclass(frozen=True)
class Rules:
    """Frozen when a measurement opens. Numbers of people; `round_to` in POMP points."""

    minimum: int = 5
    item_from: int = 10
    comment_from: int = 10
    spread_from: int = 8
    round_to: int = 5

    def __post_init__(self) -> None:
        if self.minimum < FLOOR:
            raise ValueError(f"the minimum is at least {FLOOR}")


class Level(StrEnum):
    """What a cell is about; each has its own least number of people, and none is below *k*."""

    SCALE = "scale"
    ITEM = "item"
    COMMENT = "comment"
    TEAMS = "teams"


@dataclass(frozen=True)
class Cell:
    """One number that might be shown: what stands behind it, one POMP (0 to 100) per person or team."""

    level: Level
    values: Sequence[float]


@dataclass(frozen=True)
class Figure:
    """A cell as it is shown. `value` None is withheld. `edge`: "low" for at most 10, "high" for at least 90."""

    value: int | None
    edge: str = ""


WITHHELD = Figure(None)


def least(level: Level, rules: Rules) -> int:
    """Returns how many must stand behind a cell of a level."""
    wanted = {Level.ITEM: rules.item_from, Level.COMMENT: rules.comment_from}.get(level, 0)
    return max(rules.minimum, wanted)


def shown(level: Level, number: int, mean: float, rules: Rules) -> Figure:
    """The one way to a shown number: withheld where too few stand behind it, else rounded with its ends folded in.

    `mean` is not looked at below the minimum, so that nothing about it can show.
    """
    return WITHHELD if number < least(level, rules) else folded(rounded(mean, rules.round_to))


def figure(cell: Cell, rules: Rules) -> Figure:
    """Returns a cell as it is shown."""
    number = len(cell.values)
    return shown(cell.level, number, math.fsum(cell.values) / number if number else 0.0, rules)


def figures(cells: Mapping[str, Cell], groups: Iterable[Collection[str]], rules: Rules) -> dict[str, Figure]:
    """Returns every cell as it is shown. `groups` name cells that are all shown or all withheld.

    The statements of a scale are such a group: its mean and all but one of them would give the last one back.
    """
    found = {name: figure(cell, rules) for name, cell in cells.items()}
    for group in groups:
        if any(found[name].value is None for name in group):
            found.update(dict.fromkeys(group, WITHHELD))
    return found


def rounded(value: float, step: int) -> int:
    """Returns a POMP rounded to the nearest `step`, halves upwards."""
    return step * math.floor(value / step + 0.5)


def folded(value: int) -> Figure:
    """Returns a rounded POMP with the ends of the scale folded in."""
    if value <= LOW_END:
        return Figure(LOW_END, "low")
    return Figure(HIGH_END, "high") if value >= HIGH_END else Figure(value)


def band(number: int, minimum: int) -> str:
    """Returns how many answered as people may know it: "5-7", "8-12", "13+"; the first begins at the minimum.

    Empty below the minimum, whatever the number is.
    """
    if number < minimum:
        return ""
    for last, first in BANDS:
        if last is None or number <= last:
            return f"{max(first, minimum)}+" if last is None else _span(max(first, minimum), last)
    raise AssertionError("the last band has no end")  # pragma: no cover - the loop always returns


def _span(first: int, last: int) -> str:
    return str(first) if first == last else f"{first}-{last}"


def comments_shown(answered: int, written: int, rules: Rules) -> bool:
    """Tells whether what people wrote in their own words may be read: enough answered, and enough of them wrote.

    A text stands out among few, so that ten must have answered; and of one or two texts everybody asks whose they are.
    """
    return answered >= least(Level.COMMENT, rules) and written >= rules.minimum


def spread_shown(number: int, rules: Rules) -> bool:
    """Tells whether anything may be said about how much people agree."""
    return number >= max(rules.spread_from, rules.minimum)


def complement_holds(wanted: frozenset[Any], published: Collection[frozenset[Any]], minimum: int) -> bool:
    """Tells whether a set may be shown beside those that are: no remainder is smaller than the minimum.

    A remainder is what is left of a set when other shown sets are taken away from it, one by one or together.
    """
    if len(wanted) < minimum:
        return False
    every = [*published, wanted]
    for whole in every:
        parts = [part for part in every if part < whole]
        remainders = [whole - part for part in every if part & whole]
        remainders.append(whole.difference(*parts) if parts else frozenset())
        if any(0 < len(rest) < minimum for rest in remainders):
            return False
    return True


def behind(figure: Figure, step: int) -> tuple[float, float]:
    """Returns between which means a shown figure lies, from 0 to 100."""
    if figure.value is None:
        return 0.0, 100.0
    low = 0.0 if figure.edge == "low" else figure.value - step / 2
    return low, 100.0 if figure.edge == "high" else figure.value + step / 2


@dataclass(frozen=True)
class Seen:
    """A figure of one wave as somebody sees it who knows how many have answered."""

    figure: Figure
    answered: int


def pinned(first: Seen, second: Seen, joined: int, left: int, step: int) -> bool:
    """Tells whether two figures push all who joined or left to an end of the scale, and so tell what each has answered.

    All others are taken to have answered as before, which is the most that somebody who subtracts can hope for. The ends
    are folded in as those of a figure are.
    """
    (low1, high1), (low2, high2) = behind(first.figure, step), behind(second.figure, step)
    least_moved = second.answered * low2 - first.answered * high1
    most_moved = second.answered * high2 - first.answered * low1
    low, high = LOW_END + step / 2, HIGH_END - step / 2
    return least_moved > joined * high - left * low or most_moved < joined * low - left * high


class Detail(StrEnum):
    """How much of a later wave is shown beside an earlier one."""

    NUMBERS = "numbers"
    WORDS = "words"


@dataclass(frozen=True)
class Turnout:
    """A wave of a group: its size, how many answered, and how many joined and left since the wave before."""

    size: int
    answered: int
    changed: int = 0


def detail(waves: Sequence[Turnout], numbered: Collection[int], minimum: int) -> Detail:
    """Returns how much of the last of a group's waves may be shown; `numbered` are the earlier ones shown in numbers.

    Two means over nearly the same people tell what the few who came or went have answered. Numbers are therefore shown
    again only when everybody is the same and has answered both times, or when surely at least the minimum differ;
    otherwise only whether each side has gone up or down.
    """
    last = len(waves) - 1
    fine = all(_apart(waves, earlier, last, minimum) for earlier in numbered)
    return Detail.NUMBERS if fine else Detail.WORDS


def _apart(waves: Sequence[Turnout], earlier: int, later: int, minimum: int) -> bool:
    changes = [wave.changed for wave in waves[earlier + 1 : later + 1]]
    missing = sum(wave.size - wave.answered for wave in (waves[earlier], waves[later]))
    if not any(changes) and not missing:
        return True
    # Who left may have come back: of all changes only what the largest has over the others is sure to be a difference.
    surely = 2 * max(changes) - sum(changes) - missing
    return surely >= minimum


def direction(first: Figure, second: Figure) -> str | None:
    """Returns "higher", "lower" or "same" from two rounded figures; None when either is withheld."""
    if first.value is None or second.value is None:
        return None
    if first.value == second.value:
        return "same"
    return "higher" if second.value > first.value else "lower"
