"""Single-use tickets: how a file gets from the page into the browser's downloads.

Pressing the button (a POST with the page's own token) makes a ticket for a minute; fetching the address it leads to (a
GET, which is what browsers download) uses it up. One use and no more, also for the same browser: whoever needs a second
try presses the button again. A retry for free would make of three downloads any number within the minute.
"""

import hashlib
import secrets
import uuid
from datetime import timedelta

import sqlalchemy as sa

from service import audit
from service.cohorts.current import InCohort
from service.errors import Denial, Gone, NotFound
from service.exports import operations
from service.exports.models import ExportFile, ExportState, ExportTicket
from service.unit import Units, current

LIFETIME = timedelta(seconds=60)
KEPT = timedelta(days=1)


def issue(stay: InCohort, export_id: uuid.UUID) -> str:
    """Makes a ticket for one of her own files. Raises NotFound for another's, Gone when it can be fetched no more."""
    row = operations.get(stay, export_id)
    if not operations.can_fetch(row):
        raise Gone("export_gone", denial=denial(_why(row), row.id))
    token = secrets.token_urlsafe(32)
    ticket = ExportTicket(
        export_id=row.id,
        launch_id=stay.id,
        token_hash=_hash(token),
        expires_at=current().now() + LIFETIME,
        used_at=None,
    )
    current().session.add(ticket)
    current().session.flush()
    return token


def look(stay: InCohort, token: str) -> tuple[ExportTicket, ExportFile]:
    """Returns a ticket of this launch and its file, and uses nothing up. Raises NotFound, Gone."""
    ticket = current().session.scalars(
        sa.select(ExportTicket).where(
            ExportTicket.token_hash == _hash(token), ExportTicket.launch_id == stay.id
        )
    ).one_or_none()  # fmt: skip
    if ticket is None:
        raise NotFound("no_ticket", denial=denial("not_found"))
    row = operations.get(stay, ticket.export_id)
    if ticket.used_at is not None:
        raise Gone("ticket_used", denial=denial("used", row.id))
    if ticket.expires_at <= current().now():
        raise Gone("ticket_expired", denial=denial("ticket_expired", row.id))
    if not operations.can_fetch(row):
        raise Gone("export_gone", denial=denial(_why(row), row.id))
    return ticket, row


def take(stay: InCohort, token: str) -> ExportFile:
    """Uses a ticket up and counts a download, both or neither; of two at once one gets it.

    In the current writing unit. Raises NotFound for a guessed one and another launch's, Gone for a used or late one.
    """
    ticket, row = look(stay, token)
    now = current().now()
    session = current().session
    used = session.execute(
        sa.update(ExportTicket)
        .where(ExportTicket.id == ticket.id, ExportTicket.used_at.is_(None), ExportTicket.expires_at > now)
        .values(used_at=now)
    )
    if not used.rowcount:  # type: ignore[attr-defined]  # an UPDATE gives a cursor result
        raise Gone("ticket_used", denial=denial("used", row.id))
    counted = session.execute(
        sa.update(ExportFile)
        .where(
            ExportFile.id == row.id, ExportFile.state == ExportState.DONE, ExportFile.downloads_left > 0,
            ExportFile.expires_at > now,
        )
        .values(downloads_left=ExportFile.downloads_left - 1)
    )  # fmt: skip
    if not counted.rowcount:  # type: ignore[attr-defined]  # as above
        raise Gone("export_gone", denial=denial(_why(row), row.id))
    audit.append(stay.actor, "export.fetch", object_type="export", object_ref=str(row.id))
    return row


def purge(units: Units) -> int:
    """Removes tickets that were of no use for a day."""
    with units.writing() as unit:
        gone = unit.session.execute(sa.delete(ExportTicket).where(ExportTicket.expires_at < unit.now() - KEPT))
        return int(gone.rowcount)  # type: ignore[attr-defined]  # a DELETE gives a cursor result


def denial(why: str, export_id: uuid.UUID | None = None) -> Denial:
    """What the audit trail keeps of a download that was refused."""
    return Denial("export", why, "export", "" if export_id is None else str(export_id))


def _why(row: ExportFile) -> str:
    """Why a file can be fetched no more."""
    if row.state is ExportState.DONE:
        return "spent" if row.downloads_left < 1 else "expired"
    return "gone" if row.state is ExportState.GONE else "not_ready"


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
