"""How an engagement stands, and how all of a cohort's do: a fixed number of statements, however many managers."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from plugins.handledning.calculations import OPEN
from plugins.handledning.models import CoachingSession, Engagement, Homework, Outcome, State
from plugins.handledning.operations.scope import Party, reach
from service.contract import session, unit

# The states of a session that is still to come, and of one that took place.
COMING = frozenset({State.PLANNED, State.PREPARED})
HELD = frozenset({State.HELD, State.CLOSED})


@dataclass(frozen=True)
class Overview:
    """One engagement with its sessions by number and the homework that waits, with what is written in it."""

    engagement: Engagement
    sessions: Sequence[CoachingSession]
    homework: Sequence[Homework]

    def next_session(self, moment: datetime) -> CoachingSession | None:
        """The nearest session still to come."""
        return min(_booked(self.sessions, moment), key=lambda one: one.planned_start, default=None)

    def past(self, moment: datetime) -> Sequence[CoachingSession]:
        """Sessions whose time has gone and of which nothing is noted, oldest first."""
        return [one for one in self.sessions if one.state in COMING and one.planned_start <= moment]

    @property
    def unfinished(self) -> Sequence[CoachingSession]:
        """The sessions that are not closed, oldest first."""
        return [one for one in self.sessions if one.state not in (State.CLOSED, State.CANCELLED)]


@dataclass(frozen=True)
class Standing:
    """How one manager stands.

    `held` are all her sessions in the cohort, oldest first; the rest is her present engagement's.
    """

    manager_id: uuid.UUID
    engagement: Engagement | None = None
    held: Sequence[CoachingSession] = ()
    booked: Sequence[CoachingSession] = ()
    due: Sequence[date | None] = ()

    def overdue(self, today: date) -> Sequence[date]:
        """The due dates of open homework that have passed, earliest first."""
        return sorted(due for due in self.due if due is not None and due < today)

    def last_contact(self) -> datetime | None:
        """When the two last met, or when the engagement began."""
        if self.engagement is None:
            return None
        met = [one.planned_start for one in self.held if one.engagement_id == self.engagement.id]
        return max([*met, self.engagement.started_at])


def _booked(sessions: Sequence[CoachingSession], moment: datetime) -> list[CoachingSession]:
    return sorted(
        (s for s in sessions if s.state in COMING and s.planned_start > moment), key=lambda s: s.planned_start
    )


def _waiting() -> sa.ColumnElement[bool]:
    """Open homework counts from when its session is closed; a final session's commitments are nobody's to follow up."""
    return sa.and_(
        Homework.state == Outcome.OPEN, CoachingSession.state == State.CLOSED, CoachingSession.final.is_(False)
    )


def open_homework(engagement_id: uuid.UUID) -> Sequence[Homework]:
    """Returns the homework that waits for an outcome, earliest due first."""
    query = (
        sa.select(Homework)
        .join(CoachingSession, CoachingSession.id == Homework.session_id)
        .where(CoachingSession.engagement_id == engagement_id, _waiting())
        .order_by(Homework.due_on, Homework.id)
    )
    return session().scalars(query).all()


def overview(party: Party, engagement_id: uuid.UUID) -> Overview:
    """Returns one of the party's engagements with its sessions and open homework. Raises NotFound for any other."""
    its = reach(party, engagement_id).engagement
    query = sa.select(CoachingSession).where(CoachingSession.engagement_id == its.id).order_by(CoachingSession.number)
    homework = open_homework(its.id)
    unit().vault.fetch({item.manager_id for item in homework})
    return Overview(its, session().scalars(query).all(), homework)


def standings(cohort_id: uuid.UUID, moment: datetime) -> Mapping[uuid.UUID, Standing]:
    """Returns how each manager of a cohort stands, by person id, in two statements."""
    found: dict[uuid.UUID, Standing] = {}
    due = _due_dates(cohort_id)
    meetings: dict[uuid.UUID, list[CoachingSession]] = defaultdict(list)
    engagements: dict[uuid.UUID, Engagement] = {}
    for its, meeting in session().execute(_ALL, {"cohort_id": cohort_id}):
        engagements[its.id] = its
        if meeting is not None:
            meetings[its.id].append(meeting)
    for key, its in engagements.items():
        if its.manager_id is not None:
            before = found.get(its.manager_id, Standing(its.manager_id))
            found[its.manager_id] = _add(before, its, meetings[key], due[key], moment)
    return found


_ALL = (
    sa.select(Engagement, CoachingSession)
    .outerjoin(CoachingSession, CoachingSession.engagement_id == Engagement.id)
    .where(Engagement.cohort_id == sa.bindparam("cohort_id"))
    .options(joinedload(Engagement.manager))
    .order_by(Engagement.started_at, CoachingSession.planned_start)
)


def _due_dates(cohort_id: uuid.UUID) -> Mapping[uuid.UUID, list[date | None]]:
    query = (
        sa.select(CoachingSession.engagement_id, Homework.due_on)
        .join(CoachingSession, CoachingSession.id == Homework.session_id)
        .join(Engagement, Engagement.id == CoachingSession.engagement_id)
        .where(Engagement.cohort_id == cohort_id, _waiting())
    )
    found: dict[uuid.UUID, list[date | None]] = defaultdict(list)
    for engagement_id, due_on in session().execute(query):
        found[engagement_id].append(due_on)
    return found


def _add(
    before: Standing, its: Engagement, meetings: Sequence[CoachingSession], due: Sequence[date | None], moment: datetime
) -> Standing:
    held = sorted([*before.held, *(s for s in meetings if s.state in HELD)], key=lambda s: s.planned_start)
    if its.status not in OPEN:
        return replace(before, held=held)
    return replace(before, held=held, engagement=its, booked=_booked(meetings, moment), due=due)
