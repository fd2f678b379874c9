"""Guest passes: making, reading and revoking the links of people without an account."""

import hashlib
import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import cast

import sqlalchemy as sa
from flask import g

from service.cohorts.models import Cohort
from service.guests.models import GuestPass
from service.unit import current


@dataclass(frozen=True)
class GuestVisit:
    """A guest at the door: which cohort, which plugin, and the plugin's own object that the pass is for. No person."""

    pass_id: uuid.UUID
    cohort: Cohort
    plugin: str
    subject_id: uuid.UUID | None
    locale: str


def digest(word: str) -> bytes:
    """Returns the hash of a pass, which is all that the database keeps."""
    return hashlib.sha256(b"guest pass\0" + word.encode()).digest()


def issue_pass(
    cohort: Cohort, plugin: str, *, expires_at: datetime, subject_id: uuid.UUID | None = None, locale: str = ""
) -> tuple[uuid.UUID, str]:
    """Makes a pass to a plugin's guest pages. Returns its id and the secret word of the link, which is shown once."""
    word = secrets.token_urlsafe(24)
    row = GuestPass(
        pass_hash=digest(word), cohort_id=cohort.id, plugin=plugin, subject_id=subject_id, locale=locale,
        created_at=current().now(), expires_at=expires_at,
    )  # fmt: skip
    current().session.add(row)
    current().session.flush()
    return row.id, word


def revoke_pass(pass_id: uuid.UUID) -> None:
    """Ends a pass at once."""
    current().session.execute(sa.update(GuestPass).where(GuestPass.id == pass_id).values(revoked_at=current().now()))


def current_guest() -> GuestVisit:
    """Returns the current guest. Raises LookupError outside the guest door."""
    found = g.get("guest")
    if found is None:
        raise LookupError("there is no guest here")
    return cast("GuestVisit", found)
