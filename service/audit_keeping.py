"""The end of old events: the only way by which any leave the audit trail, always the oldest, with a checkpoint."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service import audit
from service.audit import CHECKPOINT, Actor, AuditChain, AuditCheckpoint, AuditEvent
from service.unit import current

# Each lot leaves a checkpoint and an event: more events in one than other rules take.
EVENTS_PER_THING = 40


def count(chain: uuid.UUID, before: datetime) -> int:
    """Returns how many events are due: the oldest, up to the first that is not from before the moment."""
    first, last = _due(chain, before)
    return max(0, last - first + 1)


def forget(chain: uuid.UUID, before: datetime, limit: int) -> int:
    """Deletes some of the oldest events, and leaves a checkpoint and an event that tells of it. Returns how many."""
    session = current().session
    session.execute(sa.select(AuditChain.seq).where(AuditChain.chain == chain).with_for_update())
    first, last = _due(chain, before)
    last = min(last, first + limit * EVENTS_PER_THING - 1)
    if last < first:
        return 0
    digest = session.scalars(sa.select(AuditEvent.hash).where(AuditEvent.chain == chain, AuditEvent.seq == last)).one()
    session.add(AuditCheckpoint(chain=chain, seq=last, hash=digest, at=current().now()))
    session.flush()
    audit.append(Actor(chain), CHECKPOINT, object_type="audit_chain", object_ref=audit.reference(last, digest))
    gone = session.execute(sa.delete(AuditEvent).where(AuditEvent.chain == chain, AuditEvent.seq <= last))
    return int(gone.rowcount)  # type: ignore[attr-defined]  # a DELETE gives a cursor result


def _due(chain: uuid.UUID, before: datetime) -> tuple[int, int]:
    """Returns the first event there is and the last that is due; the last is below the first where none is."""
    session = current().session
    mine = AuditEvent.chain == chain
    first = session.scalar(sa.select(sa.func.min(AuditEvent.seq)).where(mine))
    if first is None:
        return 1, 0
    young = session.scalar(sa.select(sa.func.min(AuditEvent.seq)).where(mine, AuditEvent.at >= before))
    newest = session.scalar(sa.select(sa.func.max(AuditEvent.seq)).where(mine)) or 0
    return first, newest if young is None else young - 1


@dataclass(frozen=True)
class Checked:
    """One chain as it was verified. `wrong` is the first number that does not fit, None where it is whole."""

    chain: uuid.UUID
    seq: int
    head: str
    kept_from: int
    wrong: int | None


def check_all(session: Session) -> Sequence[Checked]:
    """Verifies every chain there is, also one whose head or whose events are gone."""
    known = {row.chain: row for row in session.scalars(sa.select(AuditChain))}
    chains = {*known, *session.scalars(sa.select(AuditEvent.chain).distinct())}
    return [_check(session, chain, known.get(chain)) for chain in sorted(chains)]


def _check(session: Session, chain: uuid.UUID, kept: AuditChain | None) -> Checked:
    point = audit.newest_checkpoint(session, chain)
    seq, head = (kept.seq, kept.head) if kept is not None else (0, "")
    return Checked(chain, seq, head, point.seq + 1 if point is not None else 1, audit.verify(session, chain))
