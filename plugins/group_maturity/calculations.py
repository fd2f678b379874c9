"""Scores, profile, stage and gap: pure functions, numbers in, numbers out.

POMP is the per cent of the maximum possible score (Cohen, Cohen, Aiken & West 1999, Multivariate Behavioral Research
34:315-346): 0 is the lowest answer throughout, 100 the highest. The thresholds of the stages are the instrument's own
and provisional; they come from no norm group.
"""

import math
import operator
from collections.abc import Callable, Iterable, Mapping, Sequence

Conditions = Mapping[str, Mapping[str, float | str]]

# The only comparisons a stage may use. With `_scale` the other side is another scale's score.
OPERATORS: Mapping[str, Callable[[float, float], bool]] = {
    "gte": operator.ge, "gt": operator.gt, "lte": operator.le, "lt": operator.lt,
}  # fmt: skip


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


def stage(pomps: Mapping[str, float | None], rules: Sequence[tuple[str, Conditions]]) -> str | None:
    """Returns the first stage whose conditions all hold; a stage without conditions always does.

    None when a scale that the rules look at is missing: too little was judged to name anything.
    """
    seen = {scale for _, conditions in rules for scale in _scales(conditions)}
    known = {scale: value for scale in seen if (value := pomps.get(scale)) is not None}
    if known.keys() != seen:
        return None
    return next((name for name, conditions in rules if _hold(known, conditions)), None)


def _scales(conditions: Conditions) -> set[str]:
    others = {str(bound) for limits in conditions.values() for name, bound in limits.items() if name.endswith("_scale")}
    return {*conditions, *others}


def _hold(pomps: Mapping[str, float], conditions: Conditions) -> bool:
    return all(
        OPERATORS[name.removesuffix("_scale")](pomps[scale], pomps[bound] if isinstance(bound, str) else bound)
        for scale, limits in conditions.items()
        for name, bound in limits.items()
    )


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
