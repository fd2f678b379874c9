"""Scores, index and gap: pure functions, numbers in, numbers out.

POMP is the per cent of the maximum possible score (Cohen, Cohen, Aiken & West 1999, Multivariate Behavioral Research
34:315-346): 0 is the lowest answer throughout, 100 the highest.
"""

import math
from collections.abc import Iterable, Mapping, Sequence


def reverse(answer: int, low: int, high: int) -> int:
    """Returns a reverse-keyed answer turned the right way round: 1 becomes 5, 5 becomes 1."""
    return low + high - answer


def scale_score(answers: Sequence[int | None], min_answered: int) -> float | None:
    """Returns the mean of the answered items, None when fewer than `min_answered` are. A None is "cannot judge"."""
    given = [answer for answer in answers if answer is not None]
    if not given or len(given) < min_answered:
        return None
    return math.fsum(given) / len(given)


def pomp(score: float, low: int, high: int) -> float:
    """Returns a score as per cent of the maximum possible, 0 to 100."""
    return 100 * (score - low) / (high - low)


def index(pomps: Mapping[str, float | None], parts: Iterable[tuple[str, bool]]) -> float | None:
    """Returns the mean of several scales' POMP, inverted ones counted from 100 down; None when one is missing."""
    values = []
    for scale, invert in parts:
        value = pomps.get(scale)
        if value is None:
            return None
        values.append(100 - value if invert else value)
    return math.fsum(values) / len(values)


def gaps(own: Mapping[str, float], group: Mapping[str, float]) -> dict[str, float]:
    """Returns own minus group for each scale that both have, in POMP points."""
    return {scale: own[scale] - group[scale] for scale in own if scale in group}


def profile_distance(differences: Mapping[str, float]) -> float:
    """Returns the root mean square of the gaps, 0 for equal pictures. Raises ValueError when there is no gap at all."""
    if not differences:
        raise ValueError("no scale is known in both pictures")
    return math.sqrt(math.fsum(gap * gap for gap in differences.values()) / len(differences))


def whole(value: float) -> int:
    """Returns a score as people read it: the nearest whole number, halves upwards."""
    return math.floor(value + 0.5)
