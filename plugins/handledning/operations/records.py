"""All sessions of an engagement that took place, each with what its record holds: three statements, however many."""

from collections.abc import Sequence

from plugins.handledning.models import CoachingSession, Decision, Homework, Outcome, State
from plugins.handledning.operations.overview import HELD
from plugins.handledning.operations.reading import visible
from plugins.handledning.operations.scope import Access, rows
from plugins.handledning.operations.sheet import Sheet
from service.contract import unit


def held_sheets(access: Access) -> Sequence[Sheet]:
    """Returns the sheets of the sessions that were held or closed, the first first, as this person may read them."""
    meetings = rows(access, CoachingSession, order_by=CoachingSession.number)
    decisions = {
        one.session_id: one
        for one in rows(access, Decision, visible(access, Decision), Decision.session_id.is_not(None))
    }
    of_number = {one.id: one for one in meetings}
    homework = sorted(
        rows(access, Homework, visible(access, Homework)),
        key=lambda item: (of_number[item.session_id].number, item.position, item.id),
    )
    unit().vault.fetch({access.manager_id} if homework or decisions else set())
    return [
        Sheet(
            access,
            one,
            decisions.get(one.id),
            [item for item in homework if _follows(item, one, of_number[item.session_id])],
            [item for item in homework if item.session_id == one.id],
        )
        for one in meetings
        if one.state in HELD
    ]


def _follows(item: Homework, meeting: CoachingSession, given_in: CoachingSession) -> bool:
    """Tells whether homework was followed up in a session, or waits for it: as its own page has it."""
    if given_in.id == meeting.id:
        return False
    waits = item.state is Outcome.OPEN and given_in.state is State.CLOSED and not given_in.final
    return item.closed_in_session_id == meeting.id or (waits and meeting.state is not State.CLOSED)
