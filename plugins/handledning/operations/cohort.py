"""Reading a whole cohort for its coach: how often each manager has met, and the coach's own managers together.

The number of statements is fixed. What is read of the managers on a page is read for those alone.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, cast

import sqlalchemy as sa

from plugins.handledning.models import (
    CoachingSession,
    Contact,
    Engagement,
    GasRating,
    GasScale,
    Goal,
    Homework,
    Outcome,
    Scope,
    Theme,
)
from plugins.handledning.operations.coach_lines import one_of
from plugins.handledning.operations.coach_list import midnight
from plugins.handledning.operations.overview import COMING, HELD
from plugins.handledning.operations.scope import Party, manager_is_here
from service.contract import Prepared, Term, local_date, session, unit


class Kind(StrEnum):
    """What a day of the term was."""

    HELD = "held"
    BOOKED = "booked"
    CALLED = "called"


@dataclass(frozen=True)
class Together:
    """A coach's own managers together: homework done of homework with an outcome, and goals by theme, none of life."""

    done: int
    settled: int
    themes: Mapping[Theme, int]


def _held() -> sa.Select[*tuple[Any, ...]]:
    one = CoachingSession
    term = sa.and_(one.planned_start >= sa.bindparam("term_from"), one.planned_start < sa.bindparam("term_to"))
    return (
        sa.select(Engagement.manager_id, sa.func.count().label("ever"), sa.func.count().filter(term).label("held"))
        .join(Engagement, Engagement.id == one.engagement_id)
        .where(Engagement.cohort_id == sa.bindparam("cohort_id"), one_of(one.state, HELD))
        .where(Engagement.manager_id.is_not(None))
        .group_by(Engagement.manager_id)
    )


_HELD = Prepared(lambda _dialect: _held())


def held_by_manager(cohort_id: uuid.UUID, term: Term, zone: str) -> dict[uuid.UUID, int]:
    """Returns how many sessions of the term each manager has held who ever held one, with whichever coach."""
    values = {
        "cohort_id": cohort_id, "term_from": midnight(term.first, zone),
        "term_to": midnight(term.until + timedelta(days=1), zone),
    }  # fmt: skip
    lines = _HELD.lines(unit().connection, values)
    return dict(zip(lines.column("manager_id"), lines.column("held"), strict=True))


def days_of_term(
    engagements: Mapping[uuid.UUID, uuid.UUID], moment: datetime, term: Term, zone: str
) -> list[tuple[uuid.UUID, date, Kind]]:
    """Returns sessions and calls of the term, and what is booked, of engagements, earliest first; by what each is mapped to."""
    one = CoachingSession
    held = sa.and_(one.state.in_(HELD), one.planned_start >= midnight(term.first, zone))
    booked = sa.and_(one.state.in_(COMING), one.planned_start > moment)
    sessions = (
        sa.select(one.engagement_id, one.planned_start, one.state)
        .where(one.engagement_id.in_(engagements), sa.or_(held, booked))
        .order_by(one.planned_start, one.id)
    )
    calls = (
        sa.select(Contact.engagement_id, Contact.day)
        .where(Contact.engagement_id.in_(engagements), Contact.day >= term.first)
        .order_by(Contact.day, Contact.id)
    )
    found = [
        (engagements[row[0]], local_date(row[1], zone), Kind.HELD if row[2] in HELD else Kind.BOOKED)
        for row in session().execute(sessions)
    ]
    return found + [(engagements[row[0]], row[1], Kind.CALLED) for row in session().execute(calls)]


@dataclass(frozen=True)
class GoalLevel:
    """One goal that a coach reads and its manager has begun on: its place among those, and its levels from -2 to +2."""

    engagement_id: uuid.UUID
    number: int
    theme: Theme | None
    baseline: int
    level: int


def goal_levels(engagement_ids: Sequence[uuid.UUID]) -> Sequence[GoalLevel]:
    """Returns where each goal began and where it is, of what a coach reads in engagements, in one statement.

    Life goals are there only where they are shared. What a goal is called is sealed, and not opened for this.
    """
    here = GasScale.engagement_id.in_(engagement_ids)
    newest = sa.func.row_number().over(partition_by=GasScale.goal_id, order_by=GasScale.version.desc()).label("place")
    scales = (
        sa.select(GasScale.id, GasScale.goal_id, GasScale.baseline, newest)
        .where(here, GasScale.baseline.is_not(None))
        .subquery("scales")
    )
    order = (GasRating.rated_at.desc(), GasRating.id)
    last = sa.func.row_number().over(partition_by=GasRating.scale_id, order_by=order).label("place")
    ratings = (
        sa.select(GasRating.scale_id, GasRating.level, last)
        .where(GasRating.engagement_id.in_(engagement_ids))
        .subquery("ratings")
    )
    number = sa.func.row_number().over(partition_by=Goal.engagement_id, order_by=(Goal.position, Goal.id))
    goals = (
        sa.select(Goal.id, Goal.engagement_id, Goal.theme, number.label("number"))
        .where(Goal.engagement_id.in_(engagement_ids), sa.or_(Goal.scope != Scope.LIFE, Goal.shared))
        .subquery("goals")
    )
    level = sa.func.coalesce(ratings.c.level, scales.c.baseline)
    query = (
        sa.select(goals.c.engagement_id, goals.c.number, goals.c.theme, scales.c.baseline, level)
        .join(scales, sa.and_(scales.c.goal_id == goals.c.id, scales.c.place == 1))
        .outerjoin(ratings, sa.and_(ratings.c.scale_id == scales.c.id, ratings.c.place == 1))
        .order_by(goals.c.engagement_id, goals.c.number)
    )
    return [GoalLevel(*row) for row in session().execute(query)]


def together(party: Party) -> Together:
    """Returns how a coach's own managers do together, in two statements."""
    own = sa.select(Engagement.id).where(
        Engagement.cohort_id == party.cohort.id, Engagement.coach_id == party.person_id, manager_is_here()
    )
    settled = sa.and_(Homework.state != Outcome.OPEN, Homework.state != Outcome.DROPPED)
    outcomes = sa.select(sa.func.count().filter(Homework.state == Outcome.DONE), sa.func.count().filter(settled)).where(
        Homework.engagement_id.in_(own.where(Engagement.ended_at.is_(None)))
    )
    done, of = session().execute(outcomes).one()
    themes = (
        sa.select(Goal.theme, sa.func.count())
        .where(Goal.engagement_id.in_(own.where(Engagement.ended_at.is_(None))))
        .where(Goal.scope != Scope.LIFE, Goal.theme.is_not(None))
        .group_by(Goal.theme)
    )
    rows: Sequence[Any] = session().execute(themes).all()
    return Together(done, of, {cast("Theme", row[0]): row[1] for row in rows})
