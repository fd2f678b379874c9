"""Guest passes: making, reading and revoking the links of people without an account."""

import hashlib
import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import cast

import sqlalchemy as sa
from flask import g, url_for

from service.cohorts.models import Cohort
from service.core import core
from service.guests.models import GuestPass
from service.unit import current

# Crockford's base 32 in small letters: without i, l, o and u.
TYPEABLE = "0123456789abcdefghjkmnpqrstvwxyz"


@dataclass(frozen=True)
class GuestVisit:
    """A guest at the door: which cohort, which plugin, and the plugin's own object that the pass is for. No person."""

    pass_id: uuid.UUID
    cohort: Cohort
    plugin: str
    subject_id: uuid.UUID | None
    locale: str
    organisation_name: str


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


def issue_passes(
    cohort: Cohort, plugin: str, number: int, *, expires_at: datetime, subject_id: uuid.UUID, locale: str = ""
) -> list[str]:
    """Makes passes that people may have to type, for one object. Returns their words, in an order that tells nothing."""
    words = sorted(typeable_word() for _ in range(number))
    at = current().now()
    current().session.add_all(
        GuestPass(
            pass_hash=digest(word), cohort_id=cohort.id, plugin=plugin, subject_id=subject_id, locale=locale,
            created_at=at, expires_at=expires_at,
        )
        for word in words
    )  # fmt: skip
    current().session.flush()
    return words


def typeable_word() -> str:
    """Returns a word of 80 random bits in four groups, of letters and digits that are not mistaken for each other."""
    letters = "".join(secrets.choice(TYPEABLE) for _ in range(16))
    return "-".join(letters[start : start + 4] for start in range(0, 16, 4))


def guest_address(endpoint: str, word: str) -> str:
    """Returns the whole address of a guest page for the word of a pass: `guest_address("example.greeting", word)`."""
    return core().settings.public_url + url_for(f"g.{endpoint}", guest_pass=word)


def forget_passes(plugin: str, subject_id: uuid.UUID) -> None:
    """Deletes all passes for one of a plugin's objects, so that not even their hashes are left."""
    mine = sa.and_(GuestPass.plugin == plugin, GuestPass.subject_id == subject_id)
    current().session.execute(sa.delete(GuestPass).where(mine))


def revoke_pass(pass_id: uuid.UUID) -> None:
    """Ends a pass at once."""
    current().session.execute(sa.update(GuestPass).where(GuestPass.id == pass_id).values(revoked_at=current().now()))


def current_guest() -> GuestVisit:
    """Returns the current guest. Raises LookupError outside the guest door."""
    found = g.get("guest")
    if found is None:
        raise LookupError("there is no guest here")
    return cast("GuestVisit", found)
