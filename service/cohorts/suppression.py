"""Which numbers about people may be shown: one rule for every page and every file of the training department.

Counts are shown in whole groups of *k* (default five, never under four): 15 says that at least 15 have come so far. So
every difference between two shown numbers, of steps that lie inside each other, of two filters or of two days, is 0 or at
least *k* (the complement rule; L. H. Cox, "Suppression methodology and statistical disclosure control", JASA 1980). As
many as *k* are always left out of what is shown, unless all have done it: "all but one" is never said. None and *k* - 1
are withheld alike. A sum over cohorts adds what is shown of each and nothing else, so that no choice of cohorts tells more
than the cohorts themselves do.

Over time numbers are counted once a week (`service.cohorts.counting`) about people who enter and leave the counting in
groups of *k* (`next_counted`): two looks never differ by one person who came or went, and nobody sees a number move at
the moment somebody acts.
"""

from collections.abc import Iterable, Sequence
from typing import TypeVar

DEFAULT_MINIMUM = 5
FLOOR = 4
T = TypeVar("T")


def publishable(number: int, total: int, minimum: int = DEFAULT_MINIMUM) -> int | None:
    """Returns how many of `total` people there are at least, in whole groups of `minimum`; None when that is withheld.

    Raises ValueError for a number outside 0 to `total`, and for a minimum below the floor.
    """
    if minimum < FLOOR:
        raise ValueError(f"the minimum group is at least {FLOOR}")
    if not 0 <= number <= total:
        raise ValueError(f"{number} is not a count out of {total}")
    if number == total:
        return total if total >= minimum else None
    # A group stays out of sight at the top as at the bottom.
    whole = min(number, total - minimum) // minimum * minimum
    return whole if whole > 0 else None


def spread(numbers: Sequence[int], minimum: int = DEFAULT_MINIMUM) -> list[int | None]:
    """Returns the bins of a histogram as they may be shown: each as a count is, and all of them together.

    The bins come to all people, which everybody knows. So the people who are in no shown whole group are at least
    `minimum`, and may be in other bins than they are: until that is so, the smallest bin is withheld too. Where so few
    people could have nothing but small bins, none is shown.
    """
    total = sum(numbers)
    shown = [publishable(number, total, minimum) for number in numbers]
    if total <= len(numbers) * (minimum - 1):
        return [None] * len(numbers)
    while any(number is not None for number in shown):
        rest = total - sum(number or 0 for number in shown)
        if minimum <= rest <= len(numbers) * (minimum - 1) - minimum:
            return shown
        smallest = min(number for number in shown if number is not None)
        shown[shown.index(smallest)] = None
    return shown


def rising(numbers: Sequence[int], total: int, minimum: int = DEFAULT_MINIMUM) -> list[int | None]:
    """Returns bins that lie inside each other, each as a count is.

    Counts that lie inside each other never bound what is between two of them to a few: each may be up to `minimum` - 1
    more than it says. That holds as long as nothing says what is between them, so that such bins go with no `spread`.
    """
    return [publishable(number, total, minimum) for number in numbers]


def amount(value: int, people: int, total: int, step: int, minimum: int = DEFAULT_MINIMUM) -> int | None:
    """Returns a sum about `people` of `total` in whole steps; None where their number is withheld, and under one step.

    `step` is what `minimum` people usually add. A sum that is shown says that its people's number may be.
    """
    whole = value // step * step
    return whole if publishable(people, total, minimum) is not None and whole > 0 else None


def together(numbers: Iterable[int | None]) -> int | None:
    """Returns the sum of what is shown; None when nothing is."""
    shown = [number for number in numbers if number is not None]
    return sum(shown) if shown else None


def next_counted(there: frozenset[T], before: Sequence[frozenset[T]], minimum: int = DEFAULT_MINIMUM) -> frozenset[T]:
    """Returns about whom the next numbers are, given who is there now and about whom all earlier ones were, oldest first.

    Who came is counted once `minimum` have come, who left is counted until `minimum` have left, and never so that two
    groups that were counted differ by fewer.
    """
    if not before:
        return there
    last = before[-1]
    for wanted in (there, last | there, last & there):
        if all(_apart(wanted, earlier, minimum) for earlier in before):
            return wanted
    return last


def _apart(one: frozenset[T], other: frozenset[T], minimum: int) -> bool:
    return all(not rest or len(rest) >= minimum for rest in (one - other, other - one))
