"""Choosing a coach, and the engagement that comes of it.

The manager chooses, and changes without a reason. The training department curates the list and may propose. What each may
still read when an engagement is over: the manager everything of hers; the coach nothing but her own private notes in her
own copy; the next coach nothing of what was written with the one before.
"""

import uuid
from collections.abc import Callable
from dataclasses import replace

import sqlalchemy as sa

from plugins.handledning.calculations import OPEN, EndReason, Event, Status
from plugins.handledning.models import CancelReason, CoachingSession, Engagement, Phase, State
from plugins.handledning.operations.agreement import begin_agreement
from plugins.handledning.operations.coaches import coaches
from plugins.handledning.operations.contract import begin_contract
from plugins.handledning.operations.maps import MAP_LISTS, drafted_row, map_of, write_rows, write_situation
from plugins.handledning.operations.overview import COMING
from plugins.handledning.operations.scope import Access, Party, Seat, open_engagement, rows
from plugins.handledning.operations.steps import note_move, settle, take
from service.contract import Member, NotFound, Role, audit, members_as, now, session


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
        end(
            Access(before, party, Seat.MANAGER),
            EndReason.COACH_LEFT if coach_has_left(before, party) else EndReason.CHANGED,
        )
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


# A step that the manager takes by herself.
Step = Callable[[Access], None]


def coach_has_left(its: Engagement, party: Party) -> bool:
    """Tells whether an engagement's coach is a coach of the cohort no more. Her managers are told, and choose again."""
    here = {member.person_id for member in members_as(party.cohort, Role.COACH)}
    return its.status in OPEN and its.coach_id not in here


def leave(access: Access) -> None:
    """Ends an engagement from the coach's side: a manager she cannot take, or one she has to leave."""
    access.only_coach("leave")
    end(access, EndReason.COACH_LEFT if access.engagement.accepted_at else EndReason.DECLINED)


def set_phase(access: Access, phase: Phase) -> None:
    """Says how far trust has come. The manager alone may; her coach suggests."""
    access.only_manager("set_phase")
    if access.open().engagement.phase is not phase:
        access.engagement.phase = phase
        note_move(access, f"phase_{phase.value}")


def carry_map(before: Access, after: Access) -> int:
    """Takes the manager's map along to her next engagement, unshared, and returns how many rows that were.

    Nothing else goes along: what was written with the coach before stays between the two.
    """
    before.only_manager("carry_map")
    after.only_manager("carry_map")
    page, number = map_of(before), 0
    if page.head is not None:
        write_situation(after, map_of(after).version, page.head.text, page.head.solutions)
    for kind, attribute in MAP_LISTS.items():
        drafts = [drafted_row(kind, row) for row in getattr(page, attribute)]
        own = [replace(draft, id=uuid.uuid5(after.engagement.id, str(draft.id))) for draft in drafts]
        write_rows(after, map_of(after).version, kind, own)
        number += len(own)
    return number


def end(access: Access, reason: EndReason) -> None:
    """Ends an engagement. What was written stays the manager's; the coach reads it no more.

    What was booked is called off, so that nobody's calendar goes on saying that the two meet.
    """
    its = access.engagement
    its.ended_at, its.end_reason = now(), reason
    take(access, Event.END)
    one = CoachingSession
    for meeting in rows(access, one, one.state.in_(sorted(COMING)), one.planned_start > now()):
        meeting.state, meeting.cancelled_at, meeting.cancel_reason = State.CANCELLED, now(), CancelReason.OTHER
        meeting.version, meeting.sequence = meeting.version + 1, meeting.sequence + 1
    session().flush()


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
