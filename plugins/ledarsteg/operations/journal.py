"""What stands in her journal as a whole, in one statement: what is offered next, and how far her first week is."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from plugins.ledarsteg.calculations import LEAST_AUDIT_DAYS, WEEK, friday_of, is_ending, most_within
from plugins.ledarsteg.models import (
    Choice,
    Habit,
    Insight,
    InsightKind,
    Offer,
    PutAway,
    Review,
    Status,
    TermChoice,
    TimeAudit,
    TimeRow,
)
from plugins.ledarsteg.operations.owner import Owner, owned
from plugins.ledarsteg.operations.rows import insert_once
from service.contract import session

# A decision that is older than this on the last day of a term was made for the term before.
DECIDED_WITHIN = timedelta(weeks=8)


@dataclass
class Standing:
    """What there is of the owner's in this course, as far as it decides what to offer next. No text of hers."""

    today: date
    # Her first day with anything written here; None before that.
    begun: date | None = None
    habits: int = 0
    ahas: int = 0
    audit_days: int = 0
    audit_begun: bool = False
    reviewed: list[date] = field(default_factory=list)
    put_away: set[Offer] = field(default_factory=set)
    # Active habits for which nothing has been decided for this term's end, and habits that could be taken along.
    undecided: int = 0
    portable: int = 0
    carried: int = 0

    @property
    def is_first_week(self) -> bool:
        """True for the seven days from the first that she writes anything here, and before."""
        return self.begun is None or self.today < self.begun + timedelta(WEEK)

    @property
    def offers_aha(self) -> bool:
        """Whether the Aha exercise is offered: in the first week, until it is done or put away."""
        return self.is_first_week and not self.ahas and Offer.AHA not in self.put_away

    @property
    def offers_carry_over(self) -> bool:
        """Whether habits of earlier courses are offered: until one is taken along, or the offer put away."""
        return self.portable > 0 and not self.carried and Offer.CARRY_OVER not in self.put_away

    def reviews_done(self, weeks: int) -> int:
        """Returns how many reviews count towards complete, where it takes some within `weeks` weeks."""
        return most_within(self.reviewed, weeks)


@dataclass(frozen=True)
class FirstWeek:
    """Which things of the first week are done, in the order in which they are best done."""

    audit_begun: bool
    audit: bool
    aha: bool
    habit: bool
    review: bool
    # The days of the time audit that have something noted, and whether "not now" was said to the Aha exercise.
    audit_days: int
    aha_put_away: bool


def first_week(stands: Standing) -> FirstWeek:
    """Tells which of the first week's things are done."""
    return FirstWeek(
        audit_begun=stands.audit_begun, audit=stands.audit_days >= LEAST_AUDIT_DAYS, aha=stands.ahas > 0,
        habit=stands.habits > 0, review=bool(stands.reviewed),
        audit_days=stands.audit_days, aha_put_away=Offer.AHA in stands.put_away,
    )  # fmt: skip


def standing(owner: Owner, term_ends_on: date | None = None) -> Standing:
    """Reads what there is of the owner's in this course. `term_ends_on` counts what is undecided for it. One statement."""
    found = Standing(owner.today())
    for row in session().execute(sa.union_all(*_facts(owner, found.today, term_ends_on))):
        _take(found, row)
    return found


def _facts(owner: Owner, today: date, term_ends_on: date | None) -> Sequence[sa.Select[Any]]:
    """Each a row or some of (what, day, number)."""

    def mine(model: Any) -> tuple[sa.ColumnElement[bool], ...]:
        return (model.cohort_id == owner.cohort_id, model.person_id == owner.person_id)

    def fact(what: str, day: Any, number: Any = None) -> sa.Select[Any]:
        number = sa.literal(0) if number is None else number
        return sa.select(sa.literal(what).label("what"), day.label("day"), number.label("number"))

    no_day: Any = sa.cast(sa.null(), sa.Date)
    count: Any = sa.func.count()
    audit_days = sa.func.count(sa.distinct(TimeRow.local_date))
    crossroads = Insight.kind == InsightKind.CROSSROADS
    facts = [
        fact("habit", sa.func.min(Habit.starts_on), count).where(*mine(Habit)),
        fact("insight", sa.func.min(Insight.local_date), count).where(*mine(Insight)),
        fact("crossroads", sa.func.min(Insight.local_date), count).where(*mine(Insight), crossroads),
        fact("audit", sa.func.min(TimeAudit.first_day), audit_days)
        .select_from(TimeAudit)
        .outerjoin(TimeRow, TimeRow.audit_id == TimeAudit.id)
        .where(*mine(TimeAudit)),
        fact("review", Review.monday).where(*mine(Review)),
        sa.select(sa.cast(PutAway.offer, sa.String), PutAway.put_away_on, sa.literal(0)).where(*mine(PutAway)),
        fact("portable", no_day, count).select_from(Habit).where(*_portable(owner)),
        fact("carried", no_day, count).select_from(Habit).where(*owned(owner), _from_elsewhere(owner)),
    ]
    if term_ends_on is not None and is_ending(today, term_ends_on):
        facts.append(fact("undecided", no_day, count).select_from(Habit).where(*_undecided(owner, term_ends_on)))
    return facts


def _portable(owner: Owner) -> tuple[sa.ColumnElement[bool], ...]:
    after = aliased(Habit)
    onwards = sa.select(after.id).where(after.continues_id == Habit.id, after.person_id == owner.person_id).exists()
    return (Habit.person_id == owner.person_id, Habit.cohort_id != owner.cohort_id, ~onwards)


def _from_elsewhere(owner: Owner) -> sa.ColumnElement[bool]:
    before = aliased(Habit)
    return (
        sa.select(before.id).where(before.id == Habit.continues_id, before.cohort_id != owner.cohort_id).exists()
    )  # fmt: skip


def _undecided(owner: Owner, ends_on: date) -> tuple[sa.ColumnElement[bool], ...]:
    stands = (
        sa.select(TermChoice.id)
        .where(
            TermChoice.habit_id == Habit.id, TermChoice.choice != Choice.RETIRE, TermChoice.decided_on > ends_on - DECIDED_WITHIN
        )
        .exists()
    )  # fmt: skip
    return (*owned(owner), Habit.status == Status.ACTIVE, ~stands)


def _take(found: Standing, row: Any) -> None:
    what, day, number = row.what, row.day, row.number
    if what in set(Offer):
        found.put_away.add(Offer(what))
        return
    if what == "review":
        found.reviewed.append(day)
        day = friday_of(day)
    elif what in _NUMBERS:
        setattr(found, _NUMBERS[what], number)
        found.audit_begun = found.audit_begun or (what == "audit" and day is not None)
    if day is not None:
        found.begun = min(day, found.begun or day)


_NUMBERS = {
    "habit": "habits", "crossroads": "ahas", "audit": "audit_days", "portable": "portable", "carried": "carried",
    "undecided": "undecided",
}  # fmt: skip


def put_away(owner: Owner, offer: Offer) -> None:
    """Says "not now" to an offer: it is not made again in this course. Said twice is once."""
    insert_once(
        PutAway(cohort_id=owner.cohort_id, person_id=owner.person_id, offer=offer, put_away_on=owner.today())
    )  # fmt: skip
