"""Goal attainment scaling: a T-score over goals a person set herself, with her own five levels each.

T = 50 + 10·Σwx / √((1-r)·Σw² + r·(Σw)²), r = 0.3: Kiresuk & Sherman 1968, in the form of the published erratum to
Turner-Stokes 2009 (Clin Rehabil 23:362-70), whose own printed formula was wrong. A summary of a few goals of one person's
own, never a ranking of people.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

RHO = 0.3
LEVELS = (-2, -1, 0, 1, 2)
# Where a goal may begin: -2 where it could hardly be worse, else -1 (King's College London's overview of the method).
BASELINES = (-2, -1)
# T sums up one to six goals; more than that are not weighed against each other any more.
MOST_GOALS = 6
_CENTRE, _SCALE = 50.0, 10.0


def t_score(weights: Sequence[int], levels: Sequence[int]) -> float | None:
    """Returns T for goals of these weights (above 0) at these levels (-2 to +2); None without goals.

    Raises ValueError for a weight that is not above 0, an unknown level, or a different number of each.
    """
    if len(weights) != len(levels) or any(w <= 0 for w in weights) or any(x not in LEVELS for x in levels):
        raise ValueError("a T-score needs a weight above 0 and a level from -2 to 2 for each goal")
    if not weights:
        return None
    pairs = zip(weights, levels, strict=True)
    return t_from_sums(sum(w * x for w, x in pairs), sum(w * w for w in weights), sum(weights))


def t_from_sums(weighted: float, squares: float, total: float) -> float:
    """Returns T from Σwx, Σw² and Σw, which a database may have added up. `total` is above 0."""
    return _CENTRE + _SCALE * weighted / sqrt((1 - RHO) * squares + RHO * total * total)


@dataclass(frozen=True)
class GasChange:
    """T at the baseline and now."""

    baseline: float
    now: float

    @property
    def change(self) -> float:
        """How much T has grown."""
        return self.now - self.baseline


def change(weights: Sequence[int], baseline: Sequence[int], now: Sequence[int]) -> GasChange | None:
    """Returns T before and now over the same goals; None without goals."""
    before, after = t_score(weights, baseline), t_score(weights, now)
    return None if before is None or after is None else GasChange(before, after)


def distinct(texts: Sequence[str]) -> bool:
    """Tells whether these are five levels: all written, and no two the same but for space and capitals."""
    plain = {" ".join(text.split()).casefold() for text in texts}
    return len(texts) == len(LEVELS) and len(plain) == len(LEVELS) and "" not in plain


def faulty(texts: Sequence[str]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Returns which levels are not written, and which say the same as one before them but for space and capitals."""
    plain = [" ".join(text.split()).casefold() for text in texts]
    empty = tuple(level for level, text in zip(LEVELS, plain, strict=True) if not text)
    same = tuple(level for n, (level, text) in enumerate(zip(LEVELS, plain, strict=True)) if text and text in plain[:n])
    return empty, same
