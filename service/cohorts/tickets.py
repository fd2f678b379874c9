"""Windows of one's own, and leaving: how a launch moves to another window, and how all of a browser's launches end.

A browser that keeps no cookies in frames shows a launch in a window of its own. There it has another cookie jar, so a
one-time ticket carries the launch over; what is opened so is remembered, and leaving ends both.
"""

import hashlib
import secrets
from datetime import timedelta

import sqlalchemy as sa

from service import audit, browser
from service.audit import Actor
from service.cohorts.models import Launch
from service.errors import SessionEnded
from service.unit import current

LIFETIME = timedelta(seconds=60)


def issue(launch: Launch) -> str:
    """Gives the launch a ticket for one new window; a ticket given before is void. Only its hash is kept."""
    ticket = secrets.token_urlsafe(32)
    launch.ticket_hash = _digest(ticket)
    launch.ticket_expires_at = current().now() + LIFETIME
    current().session.flush()
    return ticket


def redeem(ticket: str, secret: bytes) -> Launch:
    """Consumes a ticket and opens the same stay in the browser that has `secret`.

    Same person, course, role and end; another id. Raises SessionEnded for a ticket that is unknown, used or too old, or
    whose launch has ended.
    """
    session, now = current().session, current().now()
    query = sa.select(Launch).where(
        Launch.ticket_hash == _digest(ticket), Launch.ticket_expires_at > now, Launch.expires_at > now,
        Launch.ended_at.is_(None),
    )  # fmt: skip
    # The row is locked: whoever comes second finds the ticket gone.
    launch = session.scalars(query.with_for_update()).one_or_none()
    if launch is None:
        raise SessionEnded("ticket")
    launch.ticket_hash = launch.ticket_expires_at = None
    moved = Launch(
        browser_hash=browser.digest(secret), platform_id=launch.platform_id, deployment_id=launch.deployment_id,
        organisation_id=launch.organisation_id, person_id=launch.person_id, cohort_id=launch.cohort_id,
        member_id=launch.member_id, role=launch.role, locale=launch.locale, in_frame=False,
        return_url=launch.return_url, created_at=now, expires_at=launch.expires_at, opened_from=launch.id,
    )  # fmt: skip
    session.add(moved)
    session.flush()
    actor = Actor(moved.organisation_id, moved.person_id, moved.role.value, moved.cohort_id)
    audit.append(actor, "launch.window", object_type="launch", object_ref=str(moved.id))
    return moved


def leave(launch: Launch, actor: Actor) -> None:
    """Ends every launch of the launch's browser, whoever's they are, and of the windows opened from or to it."""
    ends = sa.update(Launch).where(Launch.browser_hash.in_(_jars(launch.browser_hash)), Launch.ended_at.is_(None))
    values = {"ended_at": current().now(), "ticket_hash": None, "ticket_expires_at": None}
    current().session.execute(ends.values(values), execution_options={"synchronize_session": "fetch"})
    audit.append(actor, "launch.leave", object_type="launch", object_ref=str(launch.id))


def _jars(start: bytes) -> set[bytes]:
    """The cookie jars of one browser, as far as tickets have connected them."""
    known: set[bytes] = set()
    found = {start}
    while found - known:
        known |= found
        ours = sa.select(Launch.id).where(Launch.browser_hash.in_(known))
        from_ours = sa.select(Launch.opened_from).where(Launch.browser_hash.in_(known), Launch.opened_from.is_not(None))
        beside = sa.select(Launch.browser_hash).where(sa.or_(Launch.opened_from.in_(ours), Launch.id.in_(from_ours)))
        found = set(current().session.scalars(beside))
    return known


def _digest(ticket: str) -> bytes:
    return hashlib.sha256(b"window ticket\0" + ticket.encode("utf-8", "surrogatepass")).digest()
