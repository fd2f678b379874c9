"""Visits of the operator: a one-time address, the browser that it let in, and their end. Each is in the operator's trail."""

import hashlib
import secrets
from datetime import timedelta

import sqlalchemy as sa

from service import audit, browser
from service.audit import Actor
from service.errors import NotFound, SessionEnded
from service.operator.models import OperatorVisit
from service.settings import Settings
from service.unit import Units, current

LINK_LIFETIME = timedelta(minutes=10)
LIFETIME = timedelta(hours=8)
KEPT = timedelta(days=30)


def issue(settings: Settings) -> str:
    """Makes a one-time address, in the current writing unit. Returns it."""
    word, now = secrets.token_urlsafe(32), current().now()
    visit = OperatorVisit(link_hash=_digest(word), link_expires_at=now + LINK_LIFETIME, created_at=now)
    current().session.add(visit)
    current().session.flush()
    _audit("operator.link", visit)
    return f"{settings.public_url}/operator/enter/{word}"


def waiting(word: str) -> OperatorVisit:
    """Returns the visit that an address may still open. Raises NotFound: guessed, used and too old look the same."""
    query = sa.select(OperatorVisit).where(
        OperatorVisit.link_hash == _digest(word), OperatorVisit.link_expires_at > current().now(),
        OperatorVisit.browser_hash.is_(None), OperatorVisit.ended_at.is_(None),
    )  # fmt: skip
    # The row is locked where that is possible: whoever comes second finds the address used.
    found = current().session.scalars(query.with_for_update() if current().writing else query).one_or_none()
    if found is None:
        raise NotFound("operator_link")
    return found


def open_here(word: str, secret: bytes) -> OperatorVisit:
    """Uses an address up: from now on the visit is that of the browser with this secret. Raises NotFound."""
    visit = waiting(word)
    visit.browser_hash, visit.expires_at = browser.digest(secret), current().now() + LIFETIME
    current().session.flush()
    _audit("operator.open", visit)
    return visit


def find(secret: bytes | None) -> OperatorVisit:
    """Returns the visit of the browser with this secret.

    Raises NotFound for a browser that never had one, SessionEnded for one whose visit is over.
    """
    query = sa.select(OperatorVisit).where(OperatorVisit.browser_hash == browser.digest(secret or b""))
    visit = current().session.scalars(query).one_or_none() if secret is not None else None
    if visit is None:
        raise NotFound("operator")
    if visit.ended_at is not None or visit.expires_at is None or visit.expires_at <= current().now():
        raise SessionEnded("operator_ended")
    return visit


def end(visit: OperatorVisit) -> None:
    """Ends a visit at once."""
    current().session.execute(
        sa.update(OperatorVisit).where(OperatorVisit.id == visit.id).values(ended_at=current().now())
    )
    _audit("operator.leave", visit)


def end_all() -> int:
    """Ends every visit and every unused address, in the current writing unit. Returns how many that were."""
    now = current().now()
    open_ones = sa.or_(OperatorVisit.expires_at > now, OperatorVisit.link_expires_at > now)
    ends = sa.update(OperatorVisit).where(OperatorVisit.ended_at.is_(None), open_ones).values(ended_at=now)
    ended = int(current().session.execute(ends).rowcount)  # type: ignore[attr-defined]  # an UPDATE gives a cursor result
    audit.append(Actor(), "operator.end", reason=str(ended))
    return ended


def forget(units: Units) -> int:
    """Removes visits, and addresses that were never used, of a month ago. Returns how many; the trail has them still."""
    with units.writing() as unit:
        old = sa.delete(OperatorVisit).where(OperatorVisit.created_at < unit.now() - KEPT)
        return int(unit.session.execute(old).rowcount)  # type: ignore[attr-defined]  # a DELETE gives a cursor result


def _audit(action: str, visit: OperatorVisit) -> None:
    audit.append(Actor(), action, object_type="operator_visit", object_ref=str(visit.id))


def _digest(word: str) -> bytes:
    return hashlib.sha256(b"operator link\0" + word.encode("utf-8", "surrogatepass")).digest()
