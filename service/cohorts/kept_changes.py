"""Remembering what was before a change of configuration, so that it can come back. `undo` knows how each kind does."""

import uuid
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from service.cohorts.programme_models import KeptChange
from service.errors import NotFound
from service.unit import current

# An undo is for what was just done; what is older is forgotten with the organisation's next change.
KEPT = timedelta(days=30)


def keep(
    organisation_id: uuid.UUID, kind: str, ref: str, *, before: Mapping[str, Any], after: Mapping[str, Any]
) -> uuid.UUID:
    """Remembers a change that is being made in the current writing unit. Returns its id, by which it is undone."""
    session, now = current().session, current().now()
    old = sa.and_(KeptChange.organisation_id == organisation_id, KeptChange.at < now - KEPT)
    session.execute(sa.delete(KeptChange).where(old))
    row = KeptChange(
        organisation_id=organisation_id, kind=kind, ref=ref, before=dict(before), after=dict(after), at=now
    )
    session.add(row)
    session.flush()
    return row.id


def find(organisation_id: uuid.UUID, change_id: uuid.UUID) -> KeptChange:
    """Returns a change of the organisation that can still be undone. Raises NotFound for any other."""
    query = sa.select(KeptChange).where(
        KeptChange.id == change_id, KeptChange.organisation_id == organisation_id,
        KeptChange.at >= current().now() - KEPT,
    )  # fmt: skip
    found = current().session.scalars(query).one_or_none()
    if found is None:
        raise NotFound("no_change")
    return found
