"""When a coach is a coach of the course no more: her managers are told, and after two weeks their engagements end.

She reads nothing from the moment she has left. The two weeks are for a course's list of participants that was wrong for a
day: nothing is ended that would have to be begun anew.
"""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa

from plugins.handledning.calculations import OPEN, EndReason
from plugins.handledning.models import Engagement
from plugins.handledning.operations.engagements import end
from plugins.handledning.operations.scope import Access, Party, Seat
from service.contract import Actor, Cohort, Role, members_as, notify, now, session

GRACE = timedelta(days=14)


def cohorts() -> Sequence[uuid.UUID]:
    """Returns the cohorts in which something is to be noted of a coach who has left or come back."""
    query = sa.select(Engagement.cohort_id).where(Engagement.status.in_(OPEN)).distinct()
    return [one for one in session().scalars(query.order_by(Engagement.cohort_id)) if _changes(one, now())]


def follow(cohort_id: uuid.UUID) -> int:
    """Notes who has left or come back, and ends what has waited long enough. Returns how many engagements it touched."""
    moment = now()
    changes = _changes(cohort_id, moment, lock=True)
    for its in changes:
        if its.coach_left_at is None:
            its.coach_left_at = moment
            notify(its.manager_id, cohort_id=cohort_id)
        elif _has_left(its, coaches_of(cohort_id)):
            end(_by_itself(its), EndReason.COACH_LEFT)
        else:
            its.coach_left_at = None
    session().flush()
    return len(changes)


def _changes(cohort_id: uuid.UUID, moment: datetime, *, lock: bool = False) -> Sequence[Engagement]:
    """Returns the engagements of which something is to be noted: left just now, come back, or left long enough ago."""
    query = sa.select(Engagement).where(Engagement.cohort_id == cohort_id, Engagement.status.in_(OPEN))
    if lock:
        query = query.with_for_update()
    here = coaches_of(cohort_id)
    return [
        its
        for its in session().scalars(query.order_by(Engagement.id))
        if _has_left(its, here) is (its.coach_left_at is None)
        or (its.coach_left_at is not None and its.coach_left_at <= moment - GRACE)
    ]


def _has_left(its: Engagement, here: frozenset[uuid.UUID]) -> bool:
    return its.coach_id not in here


def coaches_of(cohort_id: uuid.UUID) -> frozenset[uuid.UUID]:
    """Returns who is a coach of a cohort now."""
    cohort = session().get_one(Cohort, cohort_id)
    return frozenset(member.person_id for member in members_as(cohort, Role.COACH))


def _by_itself(its: Engagement) -> Access:
    """The engagement as the service itself ends it: nobody is behind it, and the trail says so."""
    cohort = session().get_one(Cohort, its.cohort_id)
    nobody = Actor(cohort.organisation_id, None, "", cohort.id)
    return Access(its, Party(cohort, uuid.UUID(int=0), nobody, Role.MANAGER), Seat.MANAGER)
