"""Reading what somebody else wrote leaves a trace, and never happens without one. She whose it is can read the traces."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from service import audit
from service.cohorts import people
from service.cohorts.current import current_launch
from service.core import core
from service.unit import current


def audit_view(action: str, object_type: str, object_ref: str) -> None:
    """Notes that the person of the current launch looks at another person's data. `action` is `<plugin>.view…`.

    While reading, in a transaction of its own; call it before the data is opened: when the trace cannot be kept, the
    page is refused. In a writing unit the event is part of it (a second writer would wait for the first).
    """
    if current().writing:
        audit.append(current_launch().actor, action, object_type=object_type, object_ref=object_ref)
        return
    audit.append_now(core().units, current_launch().actor, action, object_type=object_type, object_ref=object_ref)


@dataclass(frozen=True)
class Look:
    """Somebody looked, or tried to: who, as what, when, at what kind of thing, and whether she was let in."""

    at: datetime
    name: str
    role: str
    object_type: str
    object_ref: str
    allowed: bool


def looks_at(object_refs: Collection[uuid.UUID], most: int = 100) -> Sequence[Look]:
    """Returns who but the person of the current launch looked at these objects, the latest first, in two statements.

    The caller answers for the objects being hers.
    """
    here = current_launch()
    event = audit.AuditEvent
    query = (
        sa.select(event)
        .where(
            event.chain == here.launch.organisation_id,
            event.object_ref.in_([str(ref) for ref in object_refs]),
            sa.text(audit.VIEWS),
            sa.or_(event.actor_id.is_(None), event.actor_id != here.person.id),
        )
        .order_by(event.seq.desc())
        .limit(most)
    )
    events = current().session.scalars(query).all()
    names = people.names([one.actor_id for one in events if one.actor_id is not None])
    return [
        Look(
            one.at,
            names.get(one.actor_id, "") if one.actor_id is not None else "",
            one.role,
            one.object_type,
            one.object_ref,
            one.outcome == audit.Outcome.ALLOW.value,
        )
        for one in events
    ]
