"""What the training department is told: of each manager what her contract says, and sums that say no more than that.

There is no other way from an engagement to the training department. Where no contract is in force, nothing is told.
"""

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa

from plugins.handledning.calculations import Told, Totals, may_tell_total, said
from plugins.handledning.models import CoachingSession, Contract, Engagement, State
from plugins.handledning.operations.overview import COMING, HELD
from plugins.handledning.operations.scope import Party
from service.contract import Member, Role, local_date, members_as, session


@dataclass(frozen=True)
class ToldLine:
    """One manager, and what her contracts let the employer know; None is not told."""

    member: Member
    sessions: int | None = None
    minutes: int | None = None
    booked: int | None = None
    dates: Sequence[date] | None = None


@dataclass(frozen=True)
class ToldPage:
    """All managers of the cohort by name, and the sums over those who have a coach."""

    lines: Sequence[ToldLine]
    sessions: Totals
    minutes: Totals


@dataclass(frozen=True)
class _Meeting:
    told: frozenset[Told]
    start: datetime
    minutes: int
    state: State


def told(party: Party, moment: datetime) -> ToldPage:
    """Returns what the training department may know, in a fixed number of statements."""
    meetings, engaged = _meetings(party.cohort.id)
    lines = [_line(member, meetings[member.person_id], engaged, party, moment) for member in _managers(party)]
    shown = {line.member.person_id: line for line in lines}
    sessions, minutes = [], []
    for person_id in engaged:
        held = [one for one in meetings[person_id] if one.state in HELD]
        line = shown.get(person_id)
        amounts = (len(held), sum(one.minutes for one in held))
        # Told in full, or not told: the part that another contract of hers keeps back would show in the difference.
        sessions.append((amounts[0], line is not None and line.sessions == amounts[0]))
        minutes.append((amounts[1], line is not None and line.minutes == amounts[1]))
    return ToldPage(lines, may_tell_total(sessions), may_tell_total(minutes))


def _managers(party: Party) -> Sequence[Member]:
    return members_as(party.cohort, Role.MANAGER)


def told_by_name(cohort_id: uuid.UUID) -> set[uuid.UUID]:
    """Returns the managers of whom the training department reads by name how many sessions they had, each of them."""
    meetings, engaged = _meetings(cohort_id)
    kept_back = {
        manager_id
        for manager_id, some in meetings.items()
        if any(one.state in HELD and Told.SESSIONS not in one.told for one in some)
    }
    return {manager_id for manager_id, tells in engaged.items() if Told.SESSIONS in tells} - kept_back


def _meetings(cohort_id: uuid.UUID) -> tuple[Mapping[uuid.UUID, list[_Meeting]], Mapping[uuid.UUID, frozenset[Told]]]:
    """Returns every manager's sessions with what the contract of their engagement tells, and what any of hers tells."""
    newest = (
        sa.select(Contract.engagement_id, sa.func.max(Contract.number).label("number"))
        .where(Contract.manager_accepted_at.is_not(None), Contract.coach_accepted_at.is_not(None))
        .group_by(Contract.engagement_id)
        .subquery()
    )
    in_force = sa.and_(Contract.engagement_id == newest.c.engagement_id, Contract.number == newest.c.number)
    query = (
        sa.select(
            Engagement.manager_id,
            Contract.told,
            CoachingSession.planned_start,
            sa.func.coalesce(CoachingSession.process_minutes, 0) + sa.func.coalesce(CoachingSession.result_minutes, 0),
            CoachingSession.state,
        )
        .outerjoin(newest, newest.c.engagement_id == Engagement.id)
        .outerjoin(Contract, in_force)
        .outerjoin(CoachingSession, CoachingSession.engagement_id == Engagement.id)
        .where(Engagement.cohort_id == cohort_id)
        .order_by(CoachingSession.planned_start)
    )
    meetings: dict[uuid.UUID, list[_Meeting]] = defaultdict(list)
    engaged: dict[uuid.UUID, frozenset[Told]] = {}
    for manager_id, words, start, minutes, state in session().execute(query):
        if manager_id is None:  # erased
            continue
        tells = said(words or "")
        engaged[manager_id] = engaged.get(manager_id, frozenset()) | tells
        if start is not None:
            meetings[manager_id].append(_Meeting(tells, start, minutes, state))
    return meetings, engaged


def _line(
    member: Member,
    meetings: Sequence[_Meeting],
    engaged: Mapping[uuid.UUID, frozenset[Told]],
    party: Party,
    moment: datetime,
) -> ToldLine:
    """Counts only sessions of engagements whose contract tells of them."""
    tells = engaged.get(member.person_id, frozenset())

    def of(what: Told, *, held: bool = True) -> list[_Meeting]:
        return [one for one in meetings if what in one.told and (one.state in HELD) is held]

    booked = [one for one in of(Told.BOOKED, held=False) if one.state in COMING and one.start > moment]
    return ToldLine(
        member,
        sessions=len(of(Told.SESSIONS)) if Told.SESSIONS in tells else None,
        minutes=sum(one.minutes for one in of(Told.HOURS)) if Told.HOURS in tells else None,
        booked=len(booked) if Told.BOOKED in tells else None,
        dates=[local_date(one.start, party.cohort.zone) for one in of(Told.DATES)] if Told.DATES in tells else None,
    )
