"""Closing a coaching session by the rule, opening it again, and what is practised becoming a habit."""

import uuid
from collections.abc import Sequence
from datetime import date

import sqlalchemy as sa

from plugins.handledning.calculations import Earlier, Missing, New, SessionFacts, Status, what_is_missing
from plugins.handledning.models import CoachingSession, Homework, HomeworkKind, Outcome, State
from plugins.handledning.operations.goal_sheets import her_zone
from plugins.handledning.operations.overview import COMING
from plugins.handledning.operations.scope import Access, Party, rows
from plugins.handledning.operations.sheet import Sheet, sheet
from plugins.handledning.settings import KEY
from service.contract import (
    Adopted,
    Conflict,
    Invalid,
    NotFound,
    audit,
    local_date,
    now,
    progress_changed,
    propose,
    session,
    unit,
)


class NotYet(Invalid):
    """The session cannot be closed yet; `missing` says what for. Everything saved stays saved."""

    def __init__(self, missing: Sequence[Missing]) -> None:
        super().__init__(**{item.kind.value: "" for item in missing})
        self.missing = missing


def facts(found: Sheet) -> SessionFacts:
    """Returns what the closing rule needs to know of a session as it is saved."""
    again = _next_day(found)
    return SessionFacts(
        final=found.session.final,
        minutes=found.session.minutes,
        agreed=found.access.agreed,
        earlier=[_earlier(item) for item in found.follow_up],
        new=[
            New(
                item.id,
                bool(item.text_sealed),
                item.due_on is not None,
                bool(item.criterion_sealed),
                in_time=again is None or item.due_on is None or item.due_on <= again,
            )
            for item in found.new
        ],
    )


def _earlier(item: Homework) -> Earlier:
    unexplained = item.state is Outcome.DROPPED and not item.outcome_note_sealed
    return Earlier(item.id, item.state is not Outcome.OPEN, lacks_reason=unexplained)


def _next_day(found: Sheet) -> date | None:
    """The day the two meet again, where that is booked."""
    query = sa.select(sa.func.min(CoachingSession.planned_start)).where(
        CoachingSession.engagement_id == found.engagement.id,
        CoachingSession.planned_start > found.session.planned_start,
        CoachingSession.state.in_(sorted(COMING)),
    )
    start = session().scalar(query)
    return local_date(start, her_zone(found.access)) if start else None


def close_session(party: Party, session_id: uuid.UUID) -> Sheet:
    """Closes a session for good; the manager alone may. Raises NotYet with everything the rule still misses."""
    found = sheet(party, session_id, lock=True)
    found.only_manager("close_session")
    found.changeable()
    missing = what_is_missing(facts(found))
    if missing:
        raise NotYet(missing)
    found.session.state, found.session.closed_at = State.CLOSED, now()
    found.session.version += 1
    session().flush()
    progress_changed(party.cohort, KEY)
    audit(party.actor, "handledning.close_session", object_type="coaching_session", object_ref=str(session_id))
    return found


def reopen_session(party: Party, session_id: uuid.UUID) -> Sheet:
    """Opens the newest closed session again; the manager alone may, and the trail says so.

    Raises Conflict for one that is not closed, and for one whose homework a later session has followed up.
    """
    found = sheet(party, session_id, lock=True)
    found.only_manager("reopen_session")
    found.access.going_on()
    if found.session.state is not State.CLOSED:
        raise Conflict("not_closed")
    if not may_reopen(found):
        raise Conflict("followed_up")
    found.session.state, found.session.closed_at = State.HELD, None
    found.session.version += 1
    session().flush()
    progress_changed(party.cohort, KEY)
    audit(party.actor, "handledning.reopen_session", object_type="coaching_session", object_ref=str(session_id))
    return found


def may_reopen(found: Sheet) -> bool:
    """Tells whether a session is the newest that was closed, in an engagement that goes on."""
    if found.session.state is not State.CLOSED or found.engagement.status is not Status.ACTIVE:
        return False
    later = sa.select(CoachingSession.id).where(
        CoachingSession.engagement_id == found.engagement.id,
        CoachingSession.state == State.CLOSED,
        CoachingSession.closed_at > found.session.closed_at,
    )
    return session().scalar(later.limit(1)) is None


def offer_habits(found: Sheet) -> Sequence[Adopted | None]:
    """Offers what the manager wants to practise to whichever plugin keeps habits; None for what nobody took.

    Works in a launch of hers. What became a habit is not offered again.
    """
    wanted = [
        item
        for item in found.new
        if item.kind is HomeworkKind.PRACTICE and item.habit_wanted and item.adopted_at is None
    ]
    return [_offer(item) for item in wanted]


def make_habit(found: Sheet, homework_id: uuid.UUID) -> Adopted | None:
    """Offers one practised homework of a session as a habit; the manager alone may. None when nobody took it.

    Raises NotFound for what is not practised.
    """
    found.only_manager("make_habit")
    found.access.open()
    item = next((item for item in (*found.new, *found.follow_up) if item.id == homework_id), None)
    if item is None or item.kind is not HomeworkKind.PRACTICE:
        raise NotFound("practice")
    return _offer(item)


def practised(access: Access) -> Sequence[Homework]:
    """Returns the homework of an engagement that became a habit, oldest first."""
    found = rows(access, Homework, Homework.adopted_at.is_not(None), order_by=(Homework.adopted_at, Homework.id))
    unit().vault.fetch({item.manager_id for item in found})
    return found


def _offer(item: Homework) -> Adopted | None:
    adopted = propose("habit", item.text, KEY, item.id)
    if adopted is not None:
        item.adopted_at = item.adopted_at or now()
        session().flush()
    return adopted
