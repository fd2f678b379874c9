"""The statement behind a coach's list: one row per engagement, with what tells her where she is needed."""

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from plugins.handledning.calculations import OPEN, Progress
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
    Scope,
    State,
)
from plugins.handledning.operations.overview import COMING, HELD
from service.contract import Member, Person, Prepared


def one_of(column: Any, values: Iterable[Any]) -> sa.ColumnElement[bool]:
    """Says that a column has one of some values, without a list, which a prepared statement does not take."""
    return sa.or_(*(column == value for value in sorted(values)))


def _own() -> sa.Select[Any]:
    return sa.select(Engagement.id).where(
        Engagement.cohort_id == sa.bindparam("cohort_id"),
        Engagement.coach_id == sa.bindparam("coach_id"),
        one_of(Engagement.status, OPEN),
    )


def _sessions() -> sa.Subquery:
    one = CoachingSession
    held = one_of(one.state, HELD)
    coming = sa.and_(one_of(one.state, COMING), one.planned_start > sa.bindparam("moment"))
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
            sa.func.min(Homework.due_on).label("first_due"),
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
    sessions, contacts = parts[0], parts[3]
    met = sa.func.coalesce(sessions.c.last_start, its.started_at, type_=its.started_at.type)
    silent = sa.and_(
        met < sa.bindparam("silent_from", type_=its.started_at.type),
        sa.or_(contacts.c.called.is_(None), contacts.c.called < sa.bindparam("silent_on", type_=sa.Date())),
    )
    query = sa.select(
        its.id,
        its.manager_id,
        Person.name,
        its.status,
        its.phase,
        its.started_at,
        its.accepted_at,
        its.paused_at,
        silent.label("silent"),
        *numbers,
    ).join(Person, Person.id == its.manager_id)
    # Who has left the course is not among them: see `scope.mine`.
    here = sa.and_(Member.cohort_id == its.cohort_id, Member.person_id == its.manager_id)
    query = query.join(Member, here).where(Member.active)
    for part in parts:
        query = query.outerjoin(part, part.c.engagement_id == its.id)
    return query.where(its.id.in_(_own()))


LIST = Prepared(lambda _dialect: _list())
