"""The rule for closing a session: it can be followed up, and it asks for something at home."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class MissingKind(StrEnum):
    """What can keep a coaching session open."""

    OUTCOME = "outcome"
    REASON = "reason"
    HOMEWORK = "homework"
    DUE = "due"
    TOO_LATE = "too_late"
    CRITERION = "criterion"
    COMMITMENT = "commitment"
    TIME = "time"
    AGREED = "agreed"


@dataclass(frozen=True)
class Missing:
    """One thing that is missing, and the homework it is missing from."""

    kind: MissingKind
    homework: UUID | None = None


@dataclass(frozen=True)
class Earlier:
    """Homework from an earlier session, and whether it has an outcome. "Not done" is one; letting it go needs a reason."""

    id: UUID
    has_outcome: bool
    lacks_reason: bool = False


@dataclass(frozen=True)
class New:
    """Homework given in this session, and which of its parts are there. In time: due before they meet again."""

    id: UUID
    has_text: bool
    has_due: bool
    has_criterion: bool
    in_time: bool = True

    @property
    def complete(self) -> bool:
        """True when it can be followed up: what, by when, and how it shows."""
        return self.has_text and self.has_due and self.has_criterion and self.in_time


@dataclass(frozen=True)
class SessionFacts:
    """What the closing rule needs to know of a session."""

    final: bool
    minutes: int
    earlier: Sequence[Earlier] = ()
    new: Sequence[New] = ()
    agreed: bool = True


def what_is_missing(facts: SessionFacts) -> list[Missing]:
    """Returns what is missing before a session may be closed, in the order of its page; nothing when it may.

    Every earlier open homework has an outcome, and a reason where it was let go. At least one new homework has a text, a
    due date no later than the next session and a criterion for following it up. The final session has nobody to follow up
    with: there a commitment she runs herself is enough. The time spent is noted. And the two have agreed on what they do:
    the engagement is active.
    """
    missing = [
        Missing(MissingKind.REASON if item.has_outcome else MissingKind.OUTCOME, item.id)
        for item in facts.earlier
        if item.lacks_reason or not item.has_outcome
    ]
    missing += _missing_commitment(facts.new) if facts.final else _missing_homework(facts.new)
    if facts.minutes <= 0:
        missing.append(Missing(MissingKind.TIME))
    if not facts.agreed:
        missing.append(Missing(MissingKind.AGREED))
    return missing


def _missing_commitment(new: Sequence[New]) -> list[Missing]:
    return [] if any(item.has_text for item in new) else [Missing(MissingKind.COMMITMENT)]


def _missing_homework(new: Sequence[New]) -> list[Missing]:
    if any(item.complete for item in new):
        return []
    begun = [item for item in new if item.has_text]
    if not begun:
        return [Missing(MissingKind.HOMEWORK)]
    missing = []
    for item in begun:
        if not item.has_due:
            missing.append(Missing(MissingKind.DUE, item.id))
        elif not item.in_time:
            missing.append(Missing(MissingKind.TOO_LATE, item.id))
        if not item.has_criterion:
            missing.append(Missing(MissingKind.CRITERION, item.id))
    return missing
