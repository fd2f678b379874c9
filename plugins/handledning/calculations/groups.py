"""Means over whole groups of people, so that nobody's own number is the difference between two of them."""

from collections.abc import Sequence
from typing import TypeVar

# So many people stand behind each number that is added to what is shown.
GROUP = 5

One = TypeVar("One")


def whole_groups(people: Sequence[One], size: int = GROUP) -> list[Sequence[One]]:
    """Returns as many whole groups as there are, in the order in which people came; the rest waits for more."""
    whole = len(people) // size * size
    return [people[first : first + size] for first in range(0, whole, size)]


def sums(rows: Sequence[Sequence[float]]) -> list[float]:
    """Returns the sum of each column."""
    return [sum(column) for column in zip(*rows, strict=True)]


def means_of_groups(groups: Sequence[Sequence[float]], size: int = GROUP) -> list[float]:
    """Returns the means over all groups of `size` people, given as sums; nothing where there is no group."""
    return [total / (len(groups) * size) for total in sums(groups)]
