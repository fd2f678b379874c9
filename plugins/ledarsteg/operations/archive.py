"""What a person wrote in earlier courses: hers to read, and habits of it to take along. No coach's, old or new."""

import uuid
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from plugins.ledarsteg.models import (
    Contribution,
    Habit,
    Insight,
    LeaderTime,
    Polarity,
    PolarityReading,
    Review,
    Status,
    TimeAudit,
)
from plugins.ledarsteg.operations.contributions import everything
from plugins.ledarsteg.operations.habits import carry_over, check_room
from plugins.ledarsteg.operations.insights import Noted, insights
from plugins.ledarsteg.operations.owner import Owner, owned
from plugins.ledarsteg.operations.polarities import PoleCard
from plugins.ledarsteg.operations.reading import HabitLog, load
from plugins.ledarsteg.operations.reviews import reviews
from plugins.ledarsteg.operations.rounds import Round, rounds
from service.contract import Cohort, NotFound, session

KEPT: tuple[type[Any], ...] = (Habit, Review, Insight, TimeAudit, Contribution, LeaderTime, Polarity)


@dataclass(frozen=True)
class Earlier:
    """Another course of hers, and how much of each kind she has there, by the name of its table."""

    cohort: Cohort
    counts: Mapping[str, int]

    @property
    def habits(self) -> int:
        """How many habits."""
        return self.counts[Habit.__tablename__]

    @property
    def reviews(self) -> int:
        """How many reviews."""
        return self.counts[Review.__tablename__]

    @property
    def insights(self) -> int:
        """How many insights."""
        return self.counts[Insight.__tablename__]

    @property
    def audits(self) -> int:
        """How many time audits."""
        return self.counts[TimeAudit.__tablename__]

    @property
    def contributions(self) -> int:
        """On how many notes of leader contributions."""
        return self.counts[Contribution.__tablename__]


@dataclass(frozen=True)
class Archive:
    """All that she wrote in one other course."""

    cohort: Cohort
    habits: Sequence[HabitLog]
    reviews: Sequence[Review]
    insights: Sequence[Noted]
    rounds: Sequence[Round]
    contributions: Sequence[Contribution]
    leader_time: Sequence[LeaderTime]
    cards: Sequence[PoleCard]


@dataclass(frozen=True)
class Portable:
    """A habit of an earlier course, and the one that continues it here, once it has been taken along."""

    log: HabitLog
    cohort: Cohort
    here: uuid.UUID | None


def earlier(owner: Owner) -> list[Earlier]:
    """Returns the other courses in which the owner has written anything, the latest first. Two statements."""
    counted = sa.union_all(*(
        sa.select(model.cohort_id, sa.literal(model.__tablename__).label("kind"), sa.func.count().label("number"))
        .where(model.person_id == owner.person_id, model.cohort_id != owner.cohort_id)
        .group_by(model.cohort_id)
        for model in KEPT
    ))  # fmt: skip
    counts: defaultdict[uuid.UUID, Counter[str]] = defaultdict(Counter)
    for cohort_id, kind, number in session().execute(counted):
        counts[cohort_id][kind] = number
    query = sa.select(Cohort).where(Cohort.id.in_(list(counts))).order_by(Cohort.created_at.desc(), Cohort.id)
    return [Earlier(cohort, counts[cohort.id]) for cohort in session().scalars(query)]


def archive(owner: Owner, cohort_id: uuid.UUID) -> Archive:
    """Returns what the owner wrote in another course. Raises NotFound for this one and where there is nothing of hers."""
    found = next((one for one in earlier(owner) if one.cohort.id == cohort_id), None)
    if found is None:
        raise NotFound("archive")
    there = Owner(owner.organisation_id, cohort_id, owner.person_id, owner.zone)
    return Archive(
        found.cohort, _logs(owner, Habit.cohort_id == cohort_id), reviews(there), insights(there), rounds(there),
        everything(there), _leader_time(there), _cards(there),
    )  # fmt: skip


def _leader_time(there: Owner) -> Sequence[LeaderTime]:
    mine = (LeaderTime.cohort_id == there.cohort_id, LeaderTime.person_id == there.person_id)
    order = (LeaderTime.local_date.desc(), LeaderTime.created_at, LeaderTime.id)
    return session().scalars(sa.select(LeaderTime).where(*mine).order_by(*order)).all()


def _cards(there: Owner) -> list[PoleCard]:
    """Returns the cards with all their weeks, those without a week left out."""
    mine = (Polarity.cohort_id == there.cohort_id, Polarity.person_id == there.person_id)
    query = (
        sa.select(Polarity, PolarityReading)
        .join(PolarityReading, PolarityReading.polarity_id == Polarity.id)
        .where(*mine)
        .order_by(Polarity.created_at, Polarity.id, PolarityReading.monday.desc())
    )
    found: dict[uuid.UUID, PoleCard] = {}
    for card, reading in session().execute(query):
        found.setdefault(card.id, PoleCard(card)).readings[reading.monday] = reading.value
    return list(found.values())


def _logs(owner: Owner, *which: sa.ColumnElement[bool]) -> list[HabitLog]:
    wanted = sa.select(Habit.id).where(Habit.person_id == owner.person_id, Habit.cohort_id != owner.cohort_id, *which)
    logs = load(wanted, owner.today(), (Habit.created_at, Habit.id))
    for log in logs:
        if log.habit.status is Status.ACTIVE:
            # What nobody notes any more stands as it was on the last day that somebody did.
            log.today = max(log.marks, default=log.habit.starts_on)
    return logs


def portable(owner: Owner) -> list[Portable]:
    """Returns the habits of earlier courses that can be taken along or have been, the latest course first.

    Of a habit that was taken from course to course only the latest one is offered.
    """
    after = aliased(Habit)
    onwards = (
        sa.select(after.id)
        .where(after.continues_id == Habit.id, after.person_id == owner.person_id, after.cohort_id != owner.cohort_id)
        .exists()
    )
    logs = _logs(owner, ~onwards)
    query = sa.select(Habit.continues_id, Habit.id).where(*owned(owner), Habit.continues_id.is_not(None))
    here = {row.continues_id: row.id for row in session().execute(query)}
    found = sa.select(Cohort).where(Cohort.id.in_({log.habit.cohort_id for log in logs}))
    cohorts = {cohort.id: cohort for cohort in session().scalars(found)}
    seen = [Portable(log, cohorts[log.habit.cohort_id], here.get(log.habit.id)) for log in logs]
    return sorted(seen, key=lambda one: one.cohort.created_at, reverse=True)


def carry(owner: Owner, habit_id: uuid.UUID, *, max_first_month: int | None = None) -> Habit:
    """Takes a habit of an earlier course along: a new one here that continues it. Asked for twice, there is one.

    The old one stays as it was. Raises NotFound for a habit that is not hers or is of this course, and Invalid for one
    more than `max_first_month` at a time during the first month.
    """
    mine = (Habit.id == habit_id, Habit.person_id == owner.person_id, Habit.cohort_id != owner.cohort_id)
    before = session().scalar(sa.select(Habit).where(*mine).with_for_update())
    if before is None:
        raise NotFound("habit")
    taken = session().scalar(sa.select(Habit).where(*owned(owner), Habit.continues_id == before.id))
    if taken is not None:
        return taken
    check_room(owner, max_first_month)
    return carry_over(owner, before)
