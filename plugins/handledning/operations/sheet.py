"""One coaching session with everything on its page."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from plugins.handledning.models import CoachingSession, Decision, Engagement, Homework, Outcome, SessionText, State
from plugins.handledning.operations.reading import visible
from plugins.handledning.operations.scope import Access, Party, check_version, reach_row, rows
from service.contract import Conflict, NotFound, session, unit


@dataclass(frozen=True)
class Sheet:
    """One coaching session with everything on its page. `follow_up` is the homework from before; `new` what it gave."""

    access: Access
    session: CoachingSession
    decision: Decision | None
    follow_up: Sequence[Homework]
    new: Sequence[Homework]

    @property
    def engagement(self) -> Engagement:
        """The engagement it belongs to."""
        return self.access.engagement

    @property
    def is_managers(self) -> bool:
        """True for the manager's own view of it."""
        return self.access.is_managers

    def earlier(self, homework_id: uuid.UUID) -> Homework:
        """Returns homework that is followed up here. Raises NotFound for any other."""
        found = next((item for item in self.follow_up if item.id == homework_id), None)
        if found is None:
            raise NotFound("homework")
        return found

    def only_manager(self, action: str) -> None:
        """Raises Forbidden for the coach: decisions and outcomes are the manager's alone."""
        self.access.only_manager(action, "coaching_session", self.session.id)

    def changeable(self, version: int | None = None) -> None:
        """Raises Conflict when it is over, the engagement rests or ended, or somebody saved after `version`."""
        self.access.going_on()
        if self.session.state in (State.CLOSED, State.CANCELLED):
            raise Conflict(self.session.state.value)
        if version is not None:
            check_version(self.session.version, version)


def sheet(party: Party, session_id: uuid.UUID, *, lock: bool = False) -> Sheet:
    """Returns one coaching session of the party's. Raises NotFound for any other. `lock` holds it until the commit."""
    meeting, access = reach_row(party, CoachingSession, session_id, lock=lock)
    decision = next(iter(rows(access, Decision, Decision.session_id == meeting.id, visible(access, Decision))), None)
    homework = session().scalars(_homework(meeting)).all()
    unit().vault.fetch({item.manager_id for item in homework} | ({decision.manager_id} if decision else set()))
    new = [item for item in homework if item.session_id == meeting.id]
    return Sheet(access, meeting, decision, [item for item in homework if item.session_id != meeting.id], new)


def _homework(meeting: CoachingSession) -> sa.Select[Homework]:
    """Its own homework, what was followed up in it, and what waits from closed sessions that were not final."""
    earlier = sa.select(CoachingSession.id).where(
        CoachingSession.engagement_id == meeting.engagement_id,
        CoachingSession.state == State.CLOSED,
        CoachingSession.final.is_(False),
    )
    waits = sa.and_(Homework.session_id.in_(earlier), Homework.state == Outcome.OPEN)
    if meeting.state is State.CLOSED:
        waits = sa.false()
    return (
        sa.select(Homework)
        .join(CoachingSession, CoachingSession.id == Homework.session_id)
        .where(sa.or_(Homework.session_id == meeting.id, Homework.closed_in_session_id == meeting.id, waits))
        .order_by(CoachingSession.number, Homework.position, Homework.id)
    )


def text_of(found: Sheet) -> SessionText:
    """Returns the row of a session's texts, made where there is none. Its version is 0 until somebody saves."""
    where = SessionText.session_id == found.session.id
    row = next(iter(rows(found.access, SessionText, where)), None)
    if row is None:
        row = SessionText(
            session_id=found.session.id,
            engagement_id=found.engagement.id,
            manager_id=found.access.manager_id,
            version=0,
        )
        session().add(row)
    return row
