"""Choosing a coach. A coach is chosen by the manager, and changed without a reason."""

import uuid
from collections.abc import Sequence

import sqlalchemy as sa

from plugins.handledning.models import Engagement, Status
from plugins.handledning.operations.scope import Party, active_engagement
from service.contract import Member, NotFound, Role, audit, members_as, now, session


def coaches(party: Party) -> Sequence[Member]:
    """Returns the cohort's coaches a manager can choose among, by name, without herself."""
    return [member for member in members_as(party.cohort, Role.COACH) if member.person_id != party.person_id]


def choose_coach(party: Party, coach_id: uuid.UUID) -> Engagement:
    """Makes the manager's engagement with a coach of the cohort, and ends the one before.

    Her choice is the acceptance. Choosing the same coach again changes nothing. Raises NotFound for anybody who is not
    among the cohort's coaches.
    """
    if all(member.person_id != coach_id for member in coaches(party)):
        raise NotFound("coach")
    # Two choices at once wait for each other here: one engagement goes on per manager and cohort.
    session().execute(
        sa.select(Member.id)
        .where(Member.cohort_id == party.cohort.id, Member.person_id == party.person_id)
        .with_for_update()
    )
    before = active_engagement(party)
    if before is not None:
        if before.coach_id == coach_id:
            return before
        end(party, before)
    chosen = Engagement(
        cohort_id=party.cohort.id, manager_id=party.person_id, coach_id=coach_id, status=Status.ACTIVE, started_at=now()
    )
    session().add(chosen)
    session().flush()
    audit(party.actor, "handledning.accept_coach", object_type="engagement", object_ref=str(chosen.id))
    return chosen


def end(party: Party, engagement: Engagement) -> None:
    """Ends an engagement. What was written stays the manager's; the coach reads it no more."""
    engagement.status, engagement.ended_at = Status.CLOSED, now()
    session().flush()
    audit(party.actor, "handledning.end_engagement", object_type="engagement", object_ref=str(engagement.id))
