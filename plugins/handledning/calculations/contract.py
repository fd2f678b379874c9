"""What a contract lacks before it can be accepted: five parts, none of them empty, every date within its time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Section(StrEnum):
    """The five parts."""

    RESULTS = "results"
    TIME = "time"
    RESPONSIBILITIES = "responsibilities"
    RISKS = "risks"
    INTERMEDIATE = "intermediate"


class Fault(StrEnum):
    """What can be wrong with an intermediate result."""

    NO_DATE = "no_date"
    OUTSIDE = "outside"
    NO_WEIGHT = "no_weight"


@dataclass(frozen=True)
class Milestone:
    """An intermediate result as far as the check needs it."""

    due: date | None
    weight: int | None


@dataclass(frozen=True)
class ContractFacts:
    """How many lines each part has that somebody wrote something in, and the dates."""

    results: int = 0
    responsibilities: int = 0
    risks: int = 0
    period_from: date | None = None
    period_to: date | None = None
    milestones: Sequence[Milestone] = ()


@dataclass(frozen=True)
class Lacking:
    """What is missing: empty parts, and per intermediate result (from 0) what is wrong with it."""

    sections: tuple[Section, ...]
    faults: tuple[tuple[int, Fault], ...]

    def __bool__(self) -> bool:
        """True when anything is missing."""
        return bool(self.sections or self.faults)


def what_contract_lacks(facts: ContractFacts) -> Lacking:
    """Returns what is missing before it can be accepted; nothing when it is complete."""
    first, last = facts.period_from, facts.period_to
    empty = {
        Section.RESULTS: not facts.results,
        Section.TIME: first is None or last is None or last < first,
        Section.RESPONSIBILITIES: not facts.responsibilities,
        Section.RISKS: not facts.risks,
        Section.INTERMEDIATE: not facts.milestones,
    }
    faults = [(n, fault) for n, stone in enumerate(facts.milestones) for fault in _faults(stone, first, last)]
    return Lacking(tuple(section for section, lacks in empty.items() if lacks), tuple(faults))


def _faults(stone: Milestone, first: date | None, last: date | None) -> list[Fault]:
    found = []
    if stone.due is None:
        found.append(Fault.NO_DATE)
    elif stone.due < (first or date.min) or stone.due > (last or date.max):
        found.append(Fault.OUTSIDE)
    if not stone.weight or stone.weight < 0:
        found.append(Fault.NO_WEIGHT)
    return found
