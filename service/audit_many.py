"""Several events of the trail at once: what a worker takes of many persons for one file."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from service.audit import Actor, AuditChain, AuditEvent, Outcome, _digest, append
from service.db import Base
from service.errors import Busy
from service.unit import current

_EVENTS, _CHAINS = (Base.metadata.tables[model.__tablename__] for model in (AuditEvent, AuditChain))
USUAL = {
    "outcome": Outcome.ALLOW.value,
    "reason": "",
    "object_type": "",
    "object_ref": "",
    "incident": "",
    "subject_id": None,
}
# Whatever the database has against an event, but not that it could not be asked.
AGAINST = (sa.exc.IntegrityError, sa.exc.DataError, sa.exc.InternalError, sa.exc.ProgrammingError)


def append_all(actor: Actor, events: Sequence[Mapping[str, Any]]) -> None:
    """Appends several events, one at least, in the current writing unit, in as many statements for two as for many.

    Each has an `action`, and of `append`'s other values what it needs. Raises Busy where the database does not take them.
    """
    first, *others = events
    append(actor, **first)
    if not others:
        return
    # The chain is ours until the commit: the first event has locked its head.
    connection, chain = current().connection, actor.organisation_id
    kept = connection.execute(sa.select(_CHAINS.c.seq, _CHAINS.c.head).where(_CHAINS.c.chain == chain)).one()
    who = {"chain": chain, "actor_id": actor.person_id, "role": actor.role, "cohort_id": actor.cohort_id}
    rows: list[dict[str, Any]] = []
    head = kept.head
    for seq, event in enumerate(others, start=kept.seq + 1):
        row = {**USUAL, **who, "at": current().now(), "seq": seq, **event}
        rows.append({"id": uuid.uuid4(), **row, "prev_hash": head, "hash": _digest(row, head)})
        head = rows[-1]["hash"]
    try:
        connection.execute(sa.insert(_EVENTS), rows)
    except AGAINST as error:
        # What is not noted does not happen, and may be tried again (S43).
        raise Busy("audit", retry_after=5) from error
    values = {"seq": kept.seq + len(rows), "head": head}
    connection.execute(sa.update(_CHAINS).where(_CHAINS.c.chain == chain).values(values))
