"""Discretion: how much of what a role decides is one's own, now and wanted, and how much of that is assumption."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Zone(StrEnum):
    """How much a question of the role is one's own: decides, decides after asking, proposes, or it is given."""

    OWN = "own"
    CONSULT = "consult"
    PROPOSE = "propose"
    GIVEN = "given"

    @property
    def points(self) -> int:
        """3 for one's own down to 0 for given."""
        return _POINTS[self]

    @property
    def free(self) -> bool:
        """True where one decides oneself, alone or after asking."""
        return self in (Zone.OWN, Zone.CONSULT)


_POINTS = {Zone.OWN: 3, Zone.CONSULT: 2, Zone.PROPOSE: 1, Zone.GIVEN: 0}
_MOST = 3


class Source(StrEnum):
    """Where it is written who decides. An assumption is often the most useful to find."""

    DELEGATION = "delegation"
    LAW = "law"
    BOSS = "boss"
    ASSUMPTION = "assumption"


@dataclass(frozen=True)
class Question:
    """A question of the role."""

    now: Zone
    wanted: Zone
    source: Source


@dataclass(frozen=True)
class Discretion:
    """Shares from 0 to 1. `gap` is what is wanted beyond what there is; it may be negative."""

    number: int
    now: float
    wanted: float
    assumptions: int

    @property
    def gap(self) -> float:
        """What is wanted beyond what there is."""
        return self.wanted - self.now

    @property
    def assumption_share(self) -> float:
        """The share of the questions that rests on assumption."""
        return self.assumptions / self.number


def discretion(questions: Sequence[Question]) -> Discretion | None:
    """Returns `Σ z / 3n` for now and for wanted, and how many questions rest on assumption. None without questions."""
    number = len(questions)
    if not number:
        return None
    return Discretion(
        number,
        sum(q.now.points for q in questions) / (_MOST * number),
        sum(q.wanted.points for q in questions) / (_MOST * number),
        sum(q.source is Source.ASSUMPTION for q in questions),
    )
