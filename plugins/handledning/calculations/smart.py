"""SMART as advice: five checks by plain rules. They never keep a goal from being saved, only from being settled."""

from dataclasses import dataclass, fields
from datetime import date

from plugins.handledning.calculations.discretion import Zone


@dataclass(frozen=True)
class SmartFacts:
    """What the check needs to know of a goal. Texts count when something is written in them."""

    what: str = ""
    where: str = ""
    measure: str = ""
    unit: str = ""
    baseline: str = ""
    target: str = ""
    zone: Zone | None = None
    reason: str = ""
    linked: bool = False
    value: str = ""
    due: date | None = None


@dataclass(frozen=True)
class Smart:
    """Which of the five are in place."""

    specific: bool
    measurable: bool
    achievable: bool
    relevant: bool
    timely: bool

    @property
    def number(self) -> int:
        """How many of the five."""
        return sum(getattr(self, one.name) for one in fields(self))

    @property
    def score(self) -> float:
        """The share of the five."""
        return self.number / len(fields(self))

    @property
    def complete(self) -> bool:
        """True when all five are in place."""
        return self.number == len(fields(self))


def smart(facts: SmartFacts, today: date, contract_end: date | None = None) -> Smart:
    """Checks a goal.

    Specific: what, and where or with whom. Measurable: measure, unit, baseline and a target that differs from it.
    Achievable: a question of the role that is one's own to decide, or a written reason. Relevant: linked to the role's
    content or a goal of the operations, and a value. Timely: after today and within the contract, where there is one.
    """
    return Smart(
        specific=_all(facts.what, facts.where),
        measurable=_all(facts.measure, facts.unit, facts.baseline, facts.target)
        and facts.baseline.strip() != facts.target.strip(),
        achievable=(facts.zone is not None and facts.zone.free) or _all(facts.reason),
        relevant=facts.linked and _all(facts.value),
        timely=facts.due is not None and today < facts.due <= (contract_end or date.max),
    )


def _all(*texts: str) -> bool:
    return all(text.strip() for text in texts)
