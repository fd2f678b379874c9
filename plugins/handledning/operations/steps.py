"""Where an engagement is: what is in place, and the steps that follow from it."""

import uuid
from collections.abc import Sequence
from datetime import date

import sqlalchemy as sa

from plugins.handledning.calculations import Asked, Event, EventRefused, Met, Status, move, settled
from plugins.handledning.models import Agreement, CoachProfile, Contract, Engagement, ReadinessCheck
from plugins.handledning.operations.scope import Access
from service.contract import Conflict, audit, now, session


def met(its: Engagement) -> Met:
    """Returns what is in place for an engagement, in one statement."""
    newest = (
        sa.select(ReadinessCheck.outcome)
        .where(ReadinessCheck.engagement_id == its.id)
        .order_by(ReadinessCheck.answered_at.desc(), ReadinessCheck.id)
        .limit(1)
    )
    ethics = sa.select(CoachProfile.id).where(CoachProfile.person_id == its.coach_id, CoachProfile.ethics.is_not(None))
    query = sa.select(
        newest.scalar_subquery(),
        ethics.exists(),
        accepted_by_both(its.id, Agreement),
        accepted_by_both(its.id, Contract),
    )
    outcome, has_ethics, agreement, contract = session().execute(query).one()
    return Met(
        readiness=outcome is not None and outcome.goes_on,
        coach=its.accepted_at is not None,
        ethics=has_ethics,
        agreement=agreement,
        contract=contract,
    )


def waits_for_manager(its: Engagement, today: date) -> Sequence[Asked]:
    """Returns what an engagement that is not active yet waits for from the manager, in the order in which it is done.

    After "not now" the readiness check waits again once its day has come.
    """
    checks = sa.select(ReadinessCheck.ask_again_on).where(ReadinessCheck.engagement_id == its.id)
    newest = session().execute(checks.order_by(ReadinessCheck.answered_at.desc(), ReadinessCheck.id).limit(1)).first()
    not_yet = newest is not None and newest[0] is not None and newest[0] > today
    there = met(its)
    waits = [] if there.readiness or not_yet else [Asked.READINESS]
    for asked, paper, number in (
        (Asked.AGREEMENT, Agreement, Agreement.version),
        (Asked.CONTRACT, Contract, Contract.number),
    ):
        accepted = sa.select(paper.manager_accepted_at).where(paper.engagement_id == its.id).order_by(number.desc())
        if session().scalar(accepted.limit(1)) is None and there.readiness:
            waits.append(asked)
    return waits


def accepted_by_both(engagement_id: uuid.UUID, paper: type[Agreement] | type[Contract]) -> sa.ColumnElement[bool]:
    """Tells in SQL whether the two have accepted the same version of a paper: it stays in force until a later one is."""
    both = sa.and_(paper.manager_accepted_at.is_not(None), paper.coach_accepted_at.is_not(None))
    return sa.select(paper.id).where(paper.engagement_id == engagement_id, both).exists()


def settle(access: Access) -> None:
    """Moves an engagement to where it is by what is in place. Call it after every step of the two, engagement locked."""
    its = access.engagement
    before, its.status = its.status, settled(its.status, met(its))
    if its.status is before:
        return
    if its.status is Status.ACTIVE:
        its.activated_at = now()
    note_move(access, f"now_{its.status.value}")


def take(access: Access, event: Event) -> None:
    """Takes somebody's own step. Raises Conflict when there is no such step from where the engagement is."""
    try:
        access.engagement.status = move(access.engagement.status, event)
    except EventRefused as error:
        raise Conflict("no_such_step") from error
    note_move(access, f"now_{access.engagement.status.value}")


def note_move(access: Access, reason: str) -> None:
    """Writes down a change of an engagement, for the trail and for forms that were opened before it."""
    access.engagement.version += 1
    session().flush()
    audit(
        access.party.actor,
        "handledning.move_engagement",
        reason=reason,
        object_type="engagement",
        object_ref=str(access.engagement.id),
    )
