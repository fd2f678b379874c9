"""Holding a session: its template with time boxes, what the minutes went to, and which technique was used."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from plugins.handledning.calculations import time_boxes
from plugins.handledning.models import CoachingSession, SessionPart, Side, State
from plugins.handledning.operations.scope import Access, Party, rows
from plugins.handledning.operations.sessions import MINUTES_MAX, before_held
from plugins.handledning.operations.sheet import Sheet, sheet
from service.contract import Invalid, session

# What a coach may note that she used; empty means nothing in particular.
TECHNIQUES = (
    "open_questions", "listening", "scaling", "reframing", "mapping", "trying_out", "feedback", "challenge", "silence",
)  # fmt: skip


@dataclass(frozen=True)
class PartDraft:
    """A part as typed. `minutes` is None until they are noted."""

    key: str
    planned_minutes: int
    minutes: int | None
    side: Side
    technique: str = ""


def parts_of(access: Access, session_id: uuid.UUID) -> Sequence[SessionPart]:
    """Returns a session's parts in their order; none before somebody saved any."""
    return rows(access, SessionPart, SessionPart.session_id == session_id, order_by=SessionPart.position)


def drafted_parts(access: Access, meeting: CoachingSession) -> Sequence[PartDraft]:
    """Returns a session's parts as they would be typed: those saved, or the template's for its planned time."""
    saved = parts_of(access, meeting.id)
    if saved:
        return [PartDraft(one.key, one.planned_minutes, one.minutes, one.side, one.technique) for one in saved]
    return [PartDraft(box.key, box.minutes, None, Side(box.side)) for box in time_boxes(meeting.planned_minutes)]


def save_parts(party: Party, session_id: uuid.UUID, seen: int, drafts: Sequence[PartDraft]) -> Sheet:
    """Keeps a session's parts; either of the two may. What they come to are the session's minutes.

    The same again changes nothing. Raises Invalid for what is no part or technique and for more than a day, and Conflict
    when somebody saved after `seen`.
    """
    found = sheet(party, session_id, lock=True)
    there = parts_of(found.access, session_id)
    if there and drafted_parts(found.access, found.session) == list(drafts):
        return found
    found.changeable(seen)
    _check(drafts)
    for place, draft in enumerate(drafts):
        row = there[place] if place < len(there) else _new(found, place)
        row.key, row.planned_minutes, row.minutes = draft.key, draft.planned_minutes, draft.minutes
        row.side, row.technique = draft.side, draft.technique
    for row in there[len(drafts) :]:
        session().delete(row)
    spend(found.session, drafts)
    found.session.version += 1
    session().flush()
    return found


def _new(found: Sheet, place: int) -> SessionPart:
    row = SessionPart(session_id=found.session.id, engagement_id=found.engagement.id, position=place)
    session().add(row)
    return row


def _check(drafts: Sequence[PartDraft]) -> None:
    known = {box.key for box in time_boxes(1)}
    if any(draft.key not in known for draft in drafts):
        raise Invalid(part="unknown")
    if any(draft.technique and draft.technique not in TECHNIQUES for draft in drafts):
        raise Invalid(technique="unknown")
    amounts = [amount for draft in drafts for amount in (draft.planned_minutes, draft.minutes or 0)]
    if any(amount < 0 for amount in amounts) or sum(draft.minutes or 0 for draft in drafts) > MINUTES_MAX:
        raise Invalid(minutes="unlikely")


def spend(meeting: CoachingSession, drafts: Sequence[PartDraft]) -> None:
    """Lets a session's minutes be what its parts come to. None of them noted: then it has none."""
    noted = any(draft.minutes for draft in drafts)
    for side, name in ((Side.PROCESS, "process_minutes"), (Side.RESULT, "result_minutes")):
        amount = sum(draft.minutes or 0 for draft in drafts if draft.side is side)
        setattr(meeting, name, amount if noted else None)
    meeting.state = State.HELD if noted else before_held(meeting)
