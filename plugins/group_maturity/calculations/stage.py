"""Which stage a profile resembles, by the rules of its instrument.

The thresholds are the instrument's own and provisional; they come from no norm group.
"""

import operator
from collections.abc import Callable, Mapping, Sequence

Conditions = Mapping[str, Mapping[str, float | str]]

# The only comparisons a stage may use. With `_scale` the other side is another scale's score.
OPERATORS: Mapping[str, Callable[[float, float], bool]] = {
    "gte": operator.ge, "gt": operator.gt, "lte": operator.le, "lt": operator.lt,
}  # fmt: skip


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


def deciding(rules: Sequence[tuple[str, Conditions]], name: str) -> frozenset[str]:
    """Returns the scales that a stage's conditions look at: those that must agree before it may be named."""
    return frozenset(_scales(dict(rules)[name]))


def agreed_stage(
    pomps: Mapping[str, float | None], rules: Sequence[tuple[str, Conditions]],
    agreement: Mapping[str, float | None], least: float,
) -> str | None:  # fmt: skip
    """Returns the stage of a group, and the default (the last rule) where a scale that decides it lacks agreement.

    `agreement` is r_wg(j) per scale. A mean that the answers do not share names nothing: below `least` (0.70, James,
    Demaree & Wolf 1984) the group is "mixed". None as for `stage`.
    """
    found = stage(pomps, rules)
    if found is None:
        return None
    shared = all((agreement.get(scale) or 0.0) >= least for scale in deciding(rules, found))
    return found if shared else rules[-1][0]
