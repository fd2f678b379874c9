"""Trust pulses: each of the two sees the other's once both have given theirs; means only over enough people."""

from collections.abc import Sequence

TRUST_MEAN_MIN = 5


def revealed(own: int | None, other: int | None) -> int | None:
    """Returns the other's pulse when both are there, else None."""
    return other if own is not None and other is not None else None


def mean_of_enough(values: Sequence[float], least: int = TRUST_MEAN_MIN) -> float | None:
    """Returns the mean of one value per person, or None when fewer than `least` persons stand behind it."""
    return sum(values) / len(values) if len(values) >= max(least, 1) else None
