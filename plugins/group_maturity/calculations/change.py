"""Whether a change is larger than the measurement's own error, for one person and for a group.

Person: Jacobson & Truax 1991, Journal of Consulting and Clinical Psychology 59:12-19. Group: our own derivation (house
rule, to be confirmed by a statistician): both waves are anonymous and so unpaired, and the team is a finite population.
"""

import math
from dataclasses import dataclass

# |RC| above this happens by chance in one of twenty cases: the 97.5 % point of the normal distribution.
LIMIT = 1.96
# Both waves must have been answered by this share of the group: house rule, domain.md §2.3.5.
LEAST_ANSWERED = 0.6


def standard_error(deviation: float, reliability: float) -> float:
    """Returns the standard error of measurement of a score, from its standard deviation and reliability (0 to 1)."""
    return deviation * math.sqrt(1 - reliability)


def person_change(first: float, second: float, deviation: float, reliability: float) -> float:
    """Returns the reliable change index of one person. Raises ValueError for a measure without error."""
    difference = math.sqrt(2) * standard_error(deviation, reliability)
    if difference == 0:
        raise ValueError("a measure without error has no reliable change")
    return (second - first) / difference


def smallest_reliable(deviation: float, reliability: float) -> float:
    """Returns the smallest difference of one person that is larger than error, in points of the scale."""
    return LIMIT * math.sqrt(2) * standard_error(deviation, reliability)


@dataclass(frozen=True)
class Wave:
    """One wave of a group: mean and standard deviation of person scores, how many answered and how many there are."""

    mean: float
    deviation: float
    answered: int
    size: int


def wave_variance(wave: Wave, alpha: float) -> float:
    """Returns the variance of a wave's mean: error of measurement, and of who did not answer in a finite group."""
    square = wave.deviation**2
    missing = 1 - wave.answered / wave.size
    return square * (1 - alpha) / wave.answered + square * alpha / wave.answered * missing


def group_change(first: Wave, second: Wave, alpha: float) -> float | None:
    """Returns the reliable change index of a group; None when both waves are without any error."""
    error = math.sqrt(wave_variance(first, alpha) + wave_variance(second, alpha))
    return None if error == 0 else (second.mean - first.mean) / error


def may_compare(first: Wave, second: Wave, least: int) -> bool:
    """Tells whether a change may be called larger or smaller than error: enough answered, and most of the group did."""
    return all(wave.answered >= least and wave.answered >= LEAST_ANSWERED * wave.size for wave in (first, second))
