"""The distance to a contract: how much of its intermediate results is there, against what should be by now."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Progress(StrEnum):
    """How far an intermediate result is. The manager alone says so."""

    NOT = "not"
    PARTLY = "partly"
    DONE = "done"

    @property
    def amount(self) -> float:
        """0, one half or 1."""
        return _AMOUNTS[self]


_AMOUNTS = {Progress.NOT: 0.0, Progress.PARTLY: 0.5, Progress.DONE: 1.0}


@dataclass(frozen=True)
class Step:
    """An intermediate result: its weight (above 0), the day it is due, and how far it is."""

    weight: int
    due: date
    progress: Progress


@dataclass(frozen=True)
class Distance:
    """Shares of the whole weight. `variance` below 0 is behind the plan."""

    progress: float
    planned: float

    @property
    def variance(self) -> float:
        """Progress beyond what was planned for by now."""
        return self.progress - self.planned

    @property
    def distance(self) -> float:
        """What is left."""
        return 1 - self.progress


def distance(steps: Sequence[Step], today: date) -> Distance | None:
    """Returns `Σ wa / Σ w` and the weight that is due by today over the whole. None without steps."""
    total = sum(step.weight for step in steps)
    if not total:
        return None
    return Distance(
        sum(step.weight * step.progress.amount for step in steps) / total,
        sum(step.weight for step in steps if step.due <= today) / total,
    )


def risk_score(probability: int, impact: int) -> int:
    """Returns probability times impact, 1 to 25: for the order of a list and nothing else."""
    return probability * impact
