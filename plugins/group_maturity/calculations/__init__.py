"""Numbers in, numbers out: scores, stages, agreement, reliability, change, and what of it may be shown."""

from plugins.group_maturity.calculations import agreement, change, reliability, suppression
from plugins.group_maturity.calculations.scoring import (
    gaps,
    index,
    pomp,
    profile_distance,
    reverse,
    scale_score,
    whole,
)
from plugins.group_maturity.calculations.stage import OPERATORS, Conditions, agreed_stage, deciding, stage

__all__ = [
    "OPERATORS", "Conditions", "agreed_stage", "agreement", "change", "deciding", "gaps", "index", "pomp",
    "profile_distance", "reliability", "reverse", "scale_score", "stage", "suppression", "whole",
]  # fmt: skip
