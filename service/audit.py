"""The audit trail: append-only, chained per organisation, never any content.

Each event's hash covers its fields and the hash before it, so that a changed, removed or inserted event shows.
"""

import hashlib
import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column

from service.db import Base, pk
from service.errors import Busy
from service.prepared import Prepared
from service.unit import Units, current

# The chain of events that belong to no organisation: the operator's own.
OPERATOR = uuid.UUID(int=0)
# The event that says the same as a checkpoint, inside the chain.
CHECKPOINT = "audit.checkpoint"
# What a coach opens or takes of a whole course at once: everybody in it is one of many, and may read of it.
COURSE_WIDE = ("cohort.view", "export.request")
_COURSE_WIDE = sa.text("action IN ('cohort.view', 'export.request')")
ROWS_AT_ONCE = 1000
# Who opens the same again within this, by a filter, a page or a click back, is on the same visit.
VISIT = timedelta(minutes=10)


class Outcome(StrEnum):
    """How what was tried ended."""

    ALLOW = "allow"
    DENY = "deny"
    ERROR = "error"


class AuditChain(Base):
    """The head of one chain. Its row lock puts writers of one chain in order."""

    __tablename__ = "audit_chain"

    chain: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    seq: Mapped[int]
    head: Mapped[str] = mapped_column(sa.String(64))


class AuditEvent(Base):
    """Who did what to which object, when, and how it ended. `object_ref` is an id, never a name or a text.

    `subject_id` is the person whose content was looked at, where it was somebody else's: she may read who did.
    """

    __tablename__ = "audit_event"
    __table_args__ = (
        sa.UniqueConstraint("chain", "seq"),
        # Few events look at anybody; the others are not in the index. Nobody's own are in none.
        *(
            sa.Index(None, who, "at", sqlite_where=there, postgresql_where=there)
            for who, there in ((name, sa.text(f"{name} IS NOT NULL")) for name in ("subject_id", "actor_id"))
        ),
        sa.Index(
            "ix_audit_event_course_wide", "cohort_id", "at", sqlite_where=_COURSE_WIDE, postgresql_where=_COURSE_WIDE,
        ),
    )  # fmt: skip

    id: Mapped[pk]
    chain: Mapped[uuid.UUID]
    seq: Mapped[int]
    at: Mapped[datetime]
    actor_id: Mapped[uuid.UUID | None]
    role: Mapped[str] = mapped_column(sa.String(20))
    cohort_id: Mapped[uuid.UUID | None]
    action: Mapped[str] = mapped_column(sa.String(60))
    outcome: Mapped[str] = mapped_column(sa.String(8))
    # A short word, or from what to what: an organisation's own words are as long as they are.
    reason: Mapped[str]
    object_type: Mapped[str] = mapped_column(sa.String(40))
    object_ref: Mapped[str] = mapped_column(sa.String(80))
    incident: Mapped[str] = mapped_column(sa.String(20))
    subject_id: Mapped[uuid.UUID | None]
    prev_hash: Mapped[str] = mapped_column(sa.String(64))
    hash: Mapped[str] = mapped_column(sa.String(64))


class AuditCheckpoint(Base):
    """Up to where a chain was forgotten: the last event that is gone, and its hash, by which the next one is judged.

    The database lets no event go that no checkpoint covers, and changes neither (triggers of migration 0017).
    """

    __tablename__ = "audit_checkpoint"

    chain: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    hash: Mapped[str] = mapped_column(sa.String(64))
    at: Mapped[datetime]


_FIELDS = (
    "chain",
    "seq",
    "at",
    "actor_id",
    "role",
    "cohort_id",
    "action",
    "outcome",
    "reason",
    "object_type",
    "object_ref",
    "incident",
)


@dataclass(frozen=True)
class Actor:
    """Who is behind an event: the organisation whose chain it goes to, the person, the role she had, the cohort."""

    organisation_id: uuid.UUID = OPERATOR
    person_id: uuid.UUID | None = None
    role: str = ""
    cohort_id: uuid.UUID | None = None


def append(
    actor: Actor,
    action: str,
    *,
    outcome: Outcome = Outcome.ALLOW,
    reason: str = "",
    object_type: str = "",
    object_ref: str = "",
    incident: str = "",
    subject_id: uuid.UUID | None = None,
    once: bool = False,
) -> None:
    """Appends one event in the current writing unit: it is kept exactly when what it tells of is kept.

    `once` is for a look: the same person, in the same role and course, at the same thing is noted once in `VISIT`. It
    takes no statement of its own. Two looks at the same moment may both be noted on PostgreSQL, but never neither.

    Raises Busy where the database does not take it.
    """
    connection, now = current().connection, current().now()
    row = {
        "chain": actor.organisation_id, "at": now, "actor_id": actor.person_id, "role": actor.role,
        "cohort_id": actor.cohort_id, "action": action, "outcome": outcome.value, "reason": reason,
        "object_type": object_type, "object_ref": object_ref, "incident": incident,
        "subject_id": subject_id,
    }  # fmt: skip
    seq, head, *noted = _lock_head(connection, _HEAD_OF_LOOK if once else _HEAD, row | {"since": now - VISIT})
    if any(noted):
        return
    row["seq"] = seq + 1
    digest = _digest(row, head)
    try:
        _WRITE.run(connection, {"id": uuid.uuid4(), **row, "prev_hash": head, "hash": digest})
    except sa.exc.OperationalError:
        raise
    except sa.exc.DBAPIError as error:
        # Whatever the database has against it: what is not noted does not happen, and may be tried again (S43).
        raise Busy("audit", retry_after=5) from error
    _ADVANCE.run(connection, {"chain": actor.organisation_id, "to": seq + 1, "digest": digest})


def append_now(
    units: Units,
    actor: Actor,
    action: str,
    *,
    outcome: Outcome = Outcome.ALLOW,
    reason: str = "",
    object_type: str = "",
    object_ref: str = "",
    subject_id: uuid.UUID | None = None,
    once: bool = False,
) -> None:
    """Appends one event in a transaction of its own, for what a reading unit does: looking at another person's data."""
    with units.writing():
        append(
            actor, action, outcome=outcome, reason=reason,
            object_type=object_type, object_ref=object_ref, subject_id=subject_id, once=once,
        )  # fmt: skip


_EVENTS, _CHAINS = (Base.metadata.tables[model.__tablename__] for model in (AuditEvent, AuditChain))
_WRITE = Prepared(lambda _dialect: sa.insert(_EVENTS))
_HEAD = Prepared(
    lambda _dialect: (
        sa.select(_CHAINS.c.seq, _CHAINS.c.head).where(_CHAINS.c.chain == sa.bindparam("chain")).with_for_update()
    )
)
_ADVANCE = Prepared(
    lambda _dialect: (
        sa.update(_CHAINS)
        .where(_CHAINS.c.chain == sa.bindparam("chain"))
        .values(seq=sa.bindparam("to"), head=sa.bindparam("digest"))
    )
)


def _head_of_look(_dialect: str) -> sa.Select[tuple[int, str, bool]]:
    """A chain's head, and whether the same look was noted since a moment."""
    events, given = _EVENTS.c, {name: sa.bindparam(name, type_=_EVENTS.c[name].type) for name in _SAME}
    same = [events[name].is_not_distinct_from(given[name]) for name in _SAME if name != "actor_id"]
    # As an equality, which the index of an actor's events serves; what nobody did is not looked at by anybody.
    noted = sa.exists().where(events.actor_id == given["actor_id"], events.at > sa.bindparam("since"), *same)
    query = sa.select(_CHAINS.c.seq, _CHAINS.c.head, noted.label("noted"))
    return query.where(_CHAINS.c.chain == sa.bindparam("chain")).with_for_update(of=_CHAINS)


_SAME = (
    "chain", "actor_id", "role", "cohort_id", "action", "outcome", "reason", "object_type", "object_ref", "subject_id",
)  # fmt: skip
_HEAD_OF_LOOK = Prepared(_head_of_look)


def _lock_head(connection: sa.Connection, query: Prepared, values: dict[str, Any]) -> tuple[Any, ...]:
    found = query.row(connection, values)
    if found is None:
        insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
        begun = insert(_CHAINS).values(chain=values["chain"], seq=0, head="")
        connection.execute(begun.on_conflict_do_nothing())
        found = query.row(connection, values) or (0, "")
    return found


def _digest(row: dict[str, Any], prev_hash: str) -> str:
    fields = {name: _plain(row[name]) for name in _FIELDS}
    # Events without one are hashed as they were before there was one.
    if row["subject_id"] is not None:
        fields["subject_id"] = _plain(row["subject_id"])
    canonical = json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256((prev_hash + canonical).encode()).hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat(timespec="microseconds")
    return str(value) if isinstance(value, uuid.UUID) else value


def verify(session: Session, chain: uuid.UUID) -> int | None:
    """Recounts one chain from its newest checkpoint. Returns None when it is whole, else the first number that is wrong.

    What was kept long enough is gone with the trail's own leave: the checkpoint says up to where and with which hash, and
    an event that was appended with it says the same.
    """
    point = newest_checkpoint(session, chain)
    begun, head = (point.seq, point.hash) if point is not None else (0, "")
    expected, told = begun, point is None
    for event in _events(session, chain):
        expected += 1
        row = {name: getattr(event, name) for name in (*_FIELDS, "subject_id")}
        if event.seq != expected or event.prev_hash != head or event.hash != _digest(row, head):
            return expected
        head = event.hash
        told = told or (
            event.action == CHECKPOINT and event.object_ref == reference(begun, point.hash if point else "")
        )
    if not told:
        return begun
    kept = session.get(AuditChain, chain)
    if (kept.seq, kept.head) != (expected, head) if kept is not None else expected:
        return expected + 1
    return None


def _events(session: Session, chain: uuid.UUID) -> Iterator[AuditEvent]:
    """Yields the events of a chain in their order, some at a time."""
    after: int | None = None
    while True:
        query = sa.select(AuditEvent).where(AuditEvent.chain == chain).order_by(AuditEvent.seq).limit(ROWS_AT_ONCE)
        found = session.scalars(query if after is None else query.where(AuditEvent.seq > after)).all()
        yield from found
        if len(found) < ROWS_AT_ONCE:
            return
        after = found[-1].seq


def newest_checkpoint(session: Session, chain: uuid.UUID) -> AuditCheckpoint | None:
    """Returns where a chain begins by now, None where it begins at its first event."""
    query = sa.select(AuditCheckpoint).where(AuditCheckpoint.chain == chain)
    return session.scalars(query.order_by(AuditCheckpoint.seq.desc()).limit(1)).one_or_none()


def reference(seq: int, digest: str) -> str:
    """Returns how an event names a checkpoint."""
    return f"{seq} {digest}"
