"""The manager's decisions: what she decided and expects, what came of it, and what it taught her. She alone writes."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from plugins.handledning.models import Decision
from plugins.handledning.operations.reading import visible
from plugins.handledning.operations.scope import Access, check_version, find, rows
from service.contract import Invalid, now, session, unit


@dataclass(frozen=True)
class DecisionDraft:
    """A decision as typed."""

    text: str
    expected: str = ""
    actual: str = ""
    lesson: str = ""
    shared: bool = False


def decisions(access: Access) -> Sequence[Decision]:
    """Returns her decisions, newest first; to her coach those she shares."""
    found = rows(access, Decision, visible(access, Decision), order_by=(Decision.decided_at.desc(), Decision.id))
    unit().vault.fetch({one.manager_id for one in found})
    return found


def drafted_decision(row: Decision) -> DecisionDraft:
    """Returns a decision as it would be typed."""
    return DecisionDraft(row.text, row.expected, row.actual, row.lesson, row.shared)


def keep_decision(access: Access, decision_id: uuid.UUID, seen: int, draft: DecisionDraft) -> Decision:
    """Keeps a decision as typed: a new one under an id that is not there. The manager alone may.

    The same again changes nothing. Raises Invalid without a decision, and Conflict when she saved after `seen` (0: new).
    """
    access.only_manager("write_decision", "decision", decision_id)
    access.open()
    row = find(access, Decision, decision_id)
    if row is not None and drafted_decision(row) == draft:
        return row
    check_version(row.version if row else 0, seen)
    if not draft.text:
        raise Invalid(text="empty")
    if row is None:
        row = Decision(
            id=decision_id, engagement_id=access.engagement.id, manager_id=access.manager_id, decided_at=now(), version=0
        )  # fmt: skip
        session().add(row)
    row.shared, row.version = draft.shared, row.version + 1
    row.text, row.expected, row.actual, row.lesson = draft.text, draft.expected, draft.actual, draft.lesson
    session().flush()
    return row
