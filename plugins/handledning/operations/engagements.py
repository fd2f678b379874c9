"""Choosing a coach, and the engagement that comes of it.

The manager chooses, and changes without a reason. The training department curates the list and may propose. What each may
still read when an engagement is over: the manager everything of hers; the coach nothing but her own private notes in her
own copy; the next coach nothing of what was written with the one before.
"""

import uuid

import sqlalchemy as sa

from plugins.handledning.calculations import EndReason, Event, Status
from plugins.handledning.models import Engagement
from plugins.handledning.operations.agreement import begin_agreement
from plugins.handledning.operations.coaches import coaches
from plugins.handledning.operations.contract import begin_contract
from plugins.handledning.operations.scope import Access, Party, Seat, open_engagement
from plugins.handledning.operations.steps import settle, take
from service.contract import Member, NotFound, audit, now, session


def choose_coach(party: Party, coach_id: uuid.UUID) -> Engagement:
    """Makes the manager's engagement with a coach of the cohort, and ends the one before.

    Her choice lets the coach read. Choosing the same coach again changes nothing. Raises NotFound for anybody who is not
    on the cohort's list.
    """
    # Two choices at once wait for each other here: one engagement goes on per manager and cohort.
    session().execute(
        sa.select(Member.id)
        .where(Member.cohort_id == party.cohort.id, Member.person_id == party.person_id)
        .with_for_update()
    )
    before = open_engagement(party)
    if before is not None and before.coach_id == coach_id:
        return before
    if all(one.member.person_id != coach_id for one in coaches(party)):
        raise NotFound("coach")
    if before is not None:
        end(Access(before, party, Seat.MANAGER), EndReason.CHANGED)
    chosen = Engagement(
        cohort_id=party.cohort.id,
        manager_id=party.person_id,
        coach_id=coach_id,
        status=Status.DRAFT,
        started_at=now(),
        version=1,
    )
    session().add(chosen)
    session().flush()
    begin_agreement(chosen)
    begin_contract(chosen)
    audit(party.actor, "handledning.choose_coach", object_type="engagement", object_ref=str(chosen.id))
    return chosen


def end(access: Access, reason: EndReason) -> None:
    """Ends an engagement. What was written stays the manager's; the coach reads it no more."""
    its = access.engagement
    its.ended_at, its.end_reason = now(), reason
    take(access, Event.END)


def pause(access: Access) -> None:
    """Lets an engagement rest. The manager alone may; raises Conflict unless it is active."""
    access.only_manager("pause")
    access.engagement.paused_at = now()
    take(access, Event.PAUSE)


def resume(access: Access) -> None:
    """Goes on after a pause. The manager alone may; raises Conflict unless it is paused."""
    access.only_manager("resume")
    access.engagement.paused_at = None
    take(access, Event.RESUME)


def accept_manager(access: Access) -> None:
    """Notes that the coach says yes to a manager who chose her. Saying it again changes nothing."""
    access.only_coach("accept_manager")
    if access.engagement.accepted_at is None:
        access.engagement.accepted_at = now()
        settle(access)
