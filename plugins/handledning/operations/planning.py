"""Booking a coaching session, and cancelling it."""

import uuid

import sqlalchemy as sa

from plugins.handledning.models import CancelReason, CoachingSession, State
from plugins.handledning.operations.overview import COMING
from plugins.handledning.operations.scope import Party, check_version, reach
from plugins.handledning.operations.sessions import Meeting
from plugins.handledning.operations.sheet import Sheet, sheet, text_of
from service.contract import Conflict, audit, now, session


def plan_session(party: Party, engagement_id: uuid.UUID, meeting: Meeting) -> CoachingSession:
    """Books the next session of an engagement; either of the two may. Numbers are consecutive.

    The first may be booked before there is a contract: that is often what it is about. Closing it waits for one.
    """
    its = reach(party, engagement_id, lock=True).going_on().engagement
    last = session().scalar(
        sa.select(sa.func.max(CoachingSession.number)).where(CoachingSession.engagement_id == its.id)
    )
    planned = CoachingSession(
        engagement_id=its.id,
        number=(last or 0) + 1,
        planned_start=meeting.start,
        planned_minutes=meeting.minutes,
        mode=meeting.mode,
        focus=meeting.focus,
        state=State.PLANNED,
        final=False,
        version=1,
    )
    session().add(planned)
    session().flush()
    return planned


def cancel_session(party: Party, session_id: uuid.UUID, seen: int, reason: CancelReason, note: str = "") -> Sheet:
    """Cancels a session that is still to come; either of the two may. It keeps its number. Again changes nothing.

    Raises Conflict for one that was held, and when somebody saved after `seen`.
    """
    found = sheet(party, session_id, lock=True)
    if found.session.state is State.CANCELLED:
        return found
    found.access.open()  # one that was booked may be cancelled while the two rest
    row = found.session
    check_version(row.version, seen)
    if row.state not in COMING:
        raise Conflict("held")
    row.state, row.cancelled_at, row.cancel_reason = State.CANCELLED, now(), reason
    row.version, row.sequence = row.version + 1, row.sequence + 1
    if note:
        text_of(found).cancel_note = note
    session().flush()
    audit(
        party.actor,
        "handledning.cancel_session",
        reason=reason.value,
        object_type="coaching_session",
        object_ref=str(session_id),
    )
    return found
