"""Who acts, and what she may reach: everything is loaded through an engagement of hers in the cohort she is in."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from plugins.handledning.models import CoachingSession, Decision, Engagement, Homework, Outcome, State, Status
from service.contract import Actor, Cohort, Conflict, Denial, Forbidden, NotFound, Role, session, unit


@dataclass(frozen=True)
class Party:
    """The person who acts, in the cohort she is in. `actor` is what the audit trail says of her."""

    cohort: Cohort
    person_id: uuid.UUID
    actor: Actor

    @classmethod
    def of(cls, cohort: Cohort, person_id: uuid.UUID, role: Role) -> Party:
        """Makes one where there is no launch."""
        return cls(cohort, person_id, Actor(cohort.organisation_id, person_id, role.value, cohort.id))


def _mine(party: Party) -> sa.ColumnElement[bool]:
    """A manager keeps what was hers; a coach reads as long as the manager's acceptance lasts."""
    return sa.and_(
        Engagement.cohort_id == party.cohort.id,
        sa.or_(
            Engagement.manager_id == party.person_id,
            sa.and_(Engagement.coach_id == party.person_id, Engagement.status == Status.ACTIVE),
        ),
    )


_NAMES = (joinedload(Engagement.manager), joinedload(Engagement.coach))


def engagement(party: Party, engagement_id: uuid.UUID) -> Engagement:
    """Returns one of the party's engagements with both names. Raises NotFound for any other."""
    found = session().scalar(sa.select(Engagement).where(Engagement.id == engagement_id, _mine(party)).options(*_NAMES))
    if found is None:
        raise NotFound("engagement", denial=Denial("handledning.view", "not_hers", "engagement", str(engagement_id)))
    return found


def active_engagement(party: Party) -> Engagement | None:
    """Returns the manager's own engagement that goes on, if there is one."""
    query = sa.select(Engagement).where(
        Engagement.cohort_id == party.cohort.id,
        Engagement.manager_id == party.person_id,
        Engagement.status == Status.ACTIVE,
    )
    return session().scalar(query.options(*_NAMES))


@dataclass(frozen=True)
class Sheet:
    """One coaching session with everything on its page. `follow_up` is the homework from before; `new` what it gave."""

    engagement: Engagement
    session: CoachingSession
    decision: Decision | None
    follow_up: Sequence[Homework]
    new: Sequence[Homework]
    party: Party = field(repr=False)

    @property
    def is_managers(self) -> bool:
        """True for the manager's own view of it."""
        return self.engagement.manager_id == self.party.person_id

    def earlier(self, homework_id: uuid.UUID) -> Homework:
        """Returns homework that is followed up here. Raises NotFound for any other."""
        found = next((item for item in self.follow_up if item.id == homework_id), None)
        if found is None:
            raise NotFound("homework")
        return found


def sheet(party: Party, session_id: uuid.UUID, *, lock: bool = False) -> Sheet:
    """Returns one coaching session of the party's. Raises NotFound for any other. `lock` holds it until the commit."""
    query = (
        sa.select(CoachingSession, Engagement)
        .join(Engagement, Engagement.id == CoachingSession.engagement_id)
        .where(CoachingSession.id == session_id, _mine(party))
        .options(*_NAMES)
        .execution_options(populate_existing=lock)
    )
    if lock:
        query = query.with_for_update(of=CoachingSession)
    row = session().execute(query).one_or_none()
    if row is None:
        raise NotFound("session", denial=Denial("handledning.view", "not_hers", "coaching_session", str(session_id)))
    meeting, its = row
    decision = session().scalar(sa.select(Decision).where(Decision.session_id == meeting.id))
    homework = session().scalars(_homework(meeting)).all()
    unit().vault.fetch({item.manager_id for item in homework} | ({decision.manager_id} if decision else set()))
    new = [item for item in homework if item.session_id == meeting.id]
    return Sheet(its, meeting, decision, [item for item in homework if item.session_id != meeting.id], new, party)


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


def only_manager(found: Sheet, action: str) -> None:
    """Raises Forbidden for the coach: decisions and outcomes are the manager's alone."""
    if not found.is_managers:
        denial = Denial(f"handledning.{action}", "manager_only", "coaching_session", str(found.session.id))
        raise Forbidden("manager_only", denial=denial)


def changeable(found: Sheet, version: int | None = None) -> None:
    """Raises Conflict when the session was closed, the engagement ended, or somebody saved after `version` was read."""
    if found.engagement.status is not Status.ACTIVE or found.session.state is State.CLOSED:
        raise Conflict("closed")
    if version is not None and found.session.version != version:
        raise Conflict("changed")
