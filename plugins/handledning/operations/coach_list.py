"""A coach's own managers with everything that tells her where she is needed, in one statement however many they are."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from plugins.handledning.calculations import (
    OPEN,
    Balance,
    GasChange,
    Need,
    Progress,
    Signs,
    Status,
    balance,
    needs,
    t_from_sums,
    term_of,
    urgency,
)
from plugins.handledning.models import (
    CoachingSession,
    Contact,
    Contract,
    ContractItem,
    Engagement,
    GasRating,
    GasScale,
    Goal,
    Homework,
    ItemKind,
    Outcome,
    Phase,
    Scope,
    State,
)
from plugins.handledning.operations.overview import COMING, HELD
from plugins.handledning.operations.scope import Party
from service.contract import Person, local_date, session


@dataclass(frozen=True)
class CoachRow:
    """One of a coach's managers. Sessions, minutes and balance are this term's; `variance` is None without a contract."""

    engagement_id: uuid.UUID
    manager_id: uuid.UUID
    name: str
    status: Status
    phase: Phase
    next_start: datetime | None
    last_on: date | None
    held: int
    process: int
    result: int
    homework: int
    late: int
    variance: float | None
    days_since_contact: int
    gas: GasChange | None
    needs: Sequence[Need]
    accepted: bool

    @property
    def minutes(self) -> int:
        """Minutes of this term's sessions."""
        return self.process + self.result

    @property
    def balance(self) -> Balance | None:
        """Of process and result."""
        return balance(self.process, self.result)


def coach_rows(party: Party, moment: datetime) -> Sequence[CoachRow]:
    """Returns a coach's own managers whose engagement has not ended, those who need her first, then by name."""
    zone = party.cohort.zone
    today = local_date(moment, zone)
    term = term_of(today)
    values = {
        "cohort_id": party.cohort.id,
        "coach_id": party.person_id,
        "moment": moment,
        "today": today,
        "term_from": _midnight(term.first, zone),
        "term_to": _midnight(term.last + timedelta(days=1), zone),
    }
    found = [_row(line, today, zone) for line in session().execute(LIST, values)]
    return sorted(found, key=lambda row: (*urgency(row.needs), row.name))


def _midnight(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)


def _row(line: Any, today: date, zone: str) -> CoachRow:
    met = local_date(line.last_start or line.started_at, zone)
    days = (today - max(met, line.called or met)).days
    variance = (line.there - line.due) / line.weight if line.weight else None
    signs = Signs(line.late or 0, line.next_start is not None, variance, days)
    return CoachRow(
        engagement_id=line.id,
        manager_id=line.manager_id,
        name=line.name or f"#{line.manager_id.hex[:4]}",
        status=line.status,
        phase=line.phase,
        next_start=line.next_start,
        last_on=local_date(line.last_start, zone) if line.last_start else None,
        held=line.held or 0,
        process=line.process or 0,
        result=line.result or 0,
        homework=line.homework or 0,
        late=line.late or 0,
        variance=variance,
        days_since_contact=days,
        gas=_change(line),
        needs=needs(signs) if line.status is Status.ACTIVE else (),
        accepted=line.accepted_at is not None,
    )


def _change(line: Any) -> GasChange | None:
    if not line.total:
        return None
    before = t_from_sums(line.wx_base, line.squares, line.total)
    return GasChange(before, t_from_sums(line.wx_now, line.squares, line.total))


def _own() -> sa.Select[Any]:
    return sa.select(Engagement.id).where(
        Engagement.cohort_id == sa.bindparam("cohort_id"),
        Engagement.coach_id == sa.bindparam("coach_id"),
        Engagement.status.in_(sorted(OPEN)),
    )


def _sessions() -> sa.Subquery:
    one = CoachingSession
    held = one.state.in_(sorted(HELD))
    coming = sa.and_(one.state.in_(sorted(COMING)), one.planned_start > sa.bindparam("moment"))
    term = sa.and_(held, one.planned_start >= sa.bindparam("term_from"), one.planned_start < sa.bindparam("term_to"))
    return (
        sa.select(
            one.engagement_id,
            sa.func.min(one.planned_start).filter(coming).label("next_start"),
            sa.func.max(one.planned_start).filter(held).label("last_start"),
            sa.func.count().filter(term).label("held"),
            sa.func.sum(one.process_minutes).filter(term).label("process"),
            sa.func.sum(one.result_minutes).filter(term).label("result"),
        )
        .where(one.engagement_id.in_(_own()))
        .group_by(one.engagement_id)
        .subquery("sessions")
    )


def _homework() -> sa.Subquery:
    waiting = sa.and_(
        Homework.state == Outcome.OPEN, CoachingSession.state == State.CLOSED, CoachingSession.final.is_(False)
    )
    return (
        sa.select(
            Homework.engagement_id,
            sa.func.count().label("homework"),
            sa.func.count().filter(Homework.due_on < sa.bindparam("today")).label("late"),
        )
        .join(CoachingSession, CoachingSession.id == Homework.session_id)
        .where(Homework.engagement_id.in_(_own()), waiting)
        .group_by(Homework.engagement_id)
        .subquery("homework")
    )


def _contracts() -> sa.Subquery:
    newest = (
        sa.select(Contract.engagement_id, sa.func.max(Contract.number).label("number"))
        .where(
            Contract.engagement_id.in_(_own()),
            Contract.manager_accepted_at.is_not(None),
            Contract.coach_accepted_at.is_not(None),
        )
        .group_by(Contract.engagement_id)
        .subquery("newest")
    )
    amount = sa.case(
        (ContractItem.progress == Progress.DONE, Progress.DONE.amount),
        (ContractItem.progress == Progress.PARTLY, Progress.PARTLY.amount),
        else_=Progress.NOT.amount,
    )
    due = ContractItem.due_on <= sa.bindparam("today")
    return (
        sa.select(
            Contract.engagement_id,
            sa.func.sum(ContractItem.weight).label("weight"),
            sa.func.sum(ContractItem.weight * amount).label("there"),
            sa.func.coalesce(sa.func.sum(ContractItem.weight).filter(due), 0).label("due"),
        )
        .join(newest, sa.and_(newest.c.engagement_id == Contract.engagement_id, newest.c.number == Contract.number))
        .join(ContractItem, ContractItem.contract_id == Contract.id)
        .where(ContractItem.kind == ItemKind.INTERMEDIATE)
        .group_by(Contract.engagement_id)
        .subquery("contracts")
    )


def _contacts() -> sa.Subquery:
    return (
        sa.select(Contact.engagement_id, sa.func.max(Contact.day).label("called"))
        .where(Contact.engagement_id.in_(_own()))
        .group_by(Contact.engagement_id)
        .subquery("contacts")
    )


def _gas() -> sa.Subquery:
    """Sums for T at the baseline and now, over the goals that a coach reads and that have a baseline."""
    weight = Goal.importance * Goal.difficulty
    place = sa.func.row_number().over(partition_by=GasScale.goal_id, order_by=GasScale.version.desc())
    scales = (
        sa.select(GasScale.id, GasScale.goal_id, GasScale.baseline, place.label("place"))
        .where(GasScale.engagement_id.in_(_own()), GasScale.baseline.is_not(None))
        .subquery("scales")
    )
    last = sa.func.row_number().over(
        partition_by=GasRating.scale_id, order_by=(GasRating.rated_at.desc(), GasRating.id)
    )
    ratings = (
        sa.select(GasRating.scale_id, GasRating.level, last.label("place"))
        .where(GasRating.engagement_id.in_(_own()))
        .subquery("ratings")
    )
    level = sa.func.coalesce(ratings.c.level, scales.c.baseline)
    return (
        sa.select(
            Goal.engagement_id,
            sa.func.sum(weight * scales.c.baseline).label("wx_base"),
            sa.func.sum(weight * level).label("wx_now"),
            sa.func.sum(weight * weight).label("squares"),
            sa.func.sum(weight).label("total"),
        )
        .join(scales, sa.and_(scales.c.goal_id == Goal.id, scales.c.place == 1))
        .outerjoin(ratings, sa.and_(ratings.c.scale_id == scales.c.id, ratings.c.place == 1))
        .where(sa.or_(Goal.scope != Scope.LIFE, Goal.shared))
        .group_by(Goal.engagement_id)
        .subquery("gas")
    )


def _list() -> sa.Select[Any]:
    its = Engagement
    parts = [_sessions(), _homework(), _contracts(), _contacts(), _gas()]
    numbers = (column for part in parts for column in part.c if column.key != "engagement_id")
    query = sa.select(
        its.id, its.manager_id, Person.name, its.status, its.phase, its.started_at, its.accepted_at, *numbers
    ).join(Person, Person.id == its.manager_id)
    for part in parts:
        query = query.outerjoin(part, part.c.engagement_id == its.id)
    return query.where(its.id.in_(_own()))


LIST = _list()
