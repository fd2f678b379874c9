"""All sessions of engagements that took place, each with what its record holds: three statements, however many."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from plugins.handledning.models import CoachingSession, Decision, Homework, Outcome, State
from plugins.handledning.operations.overview import HELD
from plugins.handledning.operations.reading import read
from plugins.handledning.operations.scope import Access
from plugins.handledning.operations.sheet import Sheet
from service.contract import unit


@dataclass(frozen=True)
class Record:
    """One session that took place, as one of the two reads it, and the one that came or is to come after it."""

    sheet: Sheet
    coming: CoachingSession | None


def records_of(some: Sequence[Access]) -> Mapping[uuid.UUID, Sequence[Record]]:
    """Returns the records of the sessions that were held or closed, by engagement, the first first, as she may read them."""
    unit().vault.fetch({one.engagement.manager_id for one in some if one.engagement.manager_id})
    meetings = read(some, CoachingSession, order_by=(CoachingSession.number, CoachingSession.id))
    decisions = read(some, Decision, order_by=(Decision.decided_at, Decision.id))
    homework = read(some, Homework, order_by=(Homework.position, Homework.id))
    return {
        key: _records(one, meetings[key], decisions[key], homework[key]) for one in some for key in [one.engagement.id]
    }


def _records(
    access: Access, meetings: Sequence[CoachingSession], decisions: Sequence[Decision], homework: Sequence[Homework]
) -> Sequence[Record]:
    of_session = {one.session_id: one for one in decisions}
    of_id = {one.id: one for one in meetings}
    ordered = sorted(homework, key=lambda item: of_id[item.session_id].number)
    return [
        Record(
            Sheet(
                access,
                one,
                of_session.get(one.id),
                [item for item in ordered if _follows(item, one, of_id[item.session_id])],
                [item for item in ordered if item.session_id == one.id],
            ),
            _after(one, meetings),
        )
        for one in meetings
        if one.state in HELD
    ]


def _after(one: CoachingSession, meetings: Sequence[CoachingSession]) -> CoachingSession | None:
    """Returns the session that came, or is to come, after one of them."""
    later = [other for other in meetings if other.state != State.CANCELLED and other.planned_start > one.planned_start]
    return min(later, key=lambda other: (other.planned_start, other.id), default=None)


def _follows(item: Homework, meeting: CoachingSession, given_in: CoachingSession) -> bool:
    """Tells whether homework was followed up in a session, or waits for it: as its own page has it."""
    if given_in.id == meeting.id:
        return False
    waits = item.state is Outcome.OPEN and given_in.state is State.CLOSED and not given_in.final
    return item.closed_in_session_id == meeting.id or (waits and meeting.state is not State.CLOSED)
