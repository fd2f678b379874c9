"""Leader contributions: how many, how good she thinks they were, for whom, and which side of Tuff Omsorg they were."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa

from plugins.ledarsteg import calculations
from plugins.ledarsteg.calculations import Contributed, ContributionWeek
from plugins.ledarsteg.models import Contribution, Habit, Status, Target
from plugins.ledarsteg.operations.changing import ChangedMeanwhile
from plugins.ledarsteg.operations.owner import Owner, alone, get, once, owned
from service.contract import Invalid, NotFound, lazy, now, session

BACK = timedelta(days=14)
TREND_WEEKS = 8
MOST = 100
BEST = 5


@dataclass(frozen=True)
class Given:
    """Contributions of a day as she says them. `quality` is 1 to 5, or None; `effects` and `sides` are sets of bits."""

    day: date
    target: Target
    number: int = 1
    quality: int | None = None
    effects: int = 0
    sides: int = 0
    habit_id: uuid.UUID | None = None
    note: str = ""


def _mine(owner: Owner) -> tuple[sa.ColumnElement[bool], ...]:
    return (Contribution.cohort_id == owner.cohort_id, Contribution.person_id == owner.person_id)


def recent(owner: Owner) -> list[Contribution]:
    """Returns what was noted for the last eight weeks, the newest first. One statement."""
    first = calculations.last_mondays(owner.today(), TREND_WEEKS)[0]
    return _newest_first(sa.select(Contribution).where(*_mine(owner), Contribution.local_date >= first))


def everything(owner: Owner) -> list[Contribution]:
    """Returns all that was ever noted, the newest first. One statement."""
    return _newest_first(sa.select(Contribution).where(*_mine(owner)))


def _newest_first(query: sa.Select[Any]) -> list[Contribution]:
    order = (Contribution.local_date.desc(), Contribution.created_at.desc(), Contribution.id)
    return list(session().scalars(query.order_by(*order)))


def weekly(found: Sequence[Contribution], today: date) -> list[ContributionWeek]:
    """Returns the last eight weeks, the one that is going on last."""
    known = [Contributed(row.local_date, row.number, row.quality, row.sides) for row in found]
    return calculations.contribution_weeks(known, calculations.last_mondays(today, TREND_WEEKS))


def habits_to_name(owner: Owner) -> list[Habit]:
    """Returns the habits that a contribution may have come of: those that are going on, in the order they were made."""
    query = sa.select(Habit).where(*owned(owner), Habit.status == Status.ACTIVE)
    return list(session().scalars(query.order_by(Habit.created_at, Habit.id)))


def get_contribution(owner: Owner, contribution_id: uuid.UUID) -> Contribution:
    """Returns one of her contributions. Raises NotFound: absent, or not hers here."""
    found = session().scalar(sa.select(Contribution).where(*_mine(owner), Contribution.id == contribution_id))
    if found is None:
        raise NotFound("contribution")
    return found


def log_contribution(owner: Owner, given: Given, key: str = "") -> Contribution:
    """Notes contributions of a day. The same form sent twice (`key`) is noted once.

    Raises Invalid for a day to come or more than 14 days back and for numbers that are none, and NotFound for a habit
    that is not hers here.
    """
    alone(owner)
    contribution_id = once(owner, key, given)
    known = session().scalar(sa.select(Contribution).where(*_mine(owner), Contribution.id == contribution_id))
    if known is not None:
        return known
    _check_day(owner, given.day)
    _check(owner, given)
    made = Contribution(
        id=contribution_id, cohort_id=owner.cohort_id, person_id=owner.person_id, created_at=now(), **_values(given)
    )  # fmt: skip
    session().add(made)
    session().flush()
    return made


def _check_day(owner: Owner, day: date) -> None:
    today = owner.today()
    if day > today:
        raise Invalid(day=lazy("That day has not come yet."))
    if day < today - BACK:
        raise Invalid(day=lazy("A day can be noted up to 14 days afterwards. That one is further back."))


def _check(owner: Owner, given: Given) -> None:
    if not 1 <= given.number <= MOST:
        text = lazy("Write a number from 1 to %(most)s. You wrote %(number)s.", most=MOST, number=given.number)
        raise Invalid(number=str(text))
    if given.quality is not None and not 1 <= given.quality <= BEST:
        raise Invalid(quality=lazy("Choose among 1 to 5, or leave it."))
    if given.habit_id is not None:
        get(owner, given.habit_id)


def _values(given: Given) -> dict[str, Any]:
    return {
        "local_date": given.day, "number": given.number, "quality": given.quality, "target": given.target,
        "effects": given.effects, "sides": given.sides, "habit_id": given.habit_id, "note": given.note,
    }  # fmt: skip


def change_contribution(owner: Owner, contribution_id: uuid.UUID, given: Given, revision: int) -> None:
    """Changes what was noted; the day may stay though it is further back than a day can be noted.

    Raises as `log_contribution`, and ChangedMeanwhile where another change came first.
    """
    alone(owner)
    found = get_contribution(owner, contribution_id)
    if found.revision != revision:
        raise ChangedMeanwhile
    if given.day != found.local_date:
        _check_day(owner, given.day)
    _check(owner, given)
    for name, value in _values(given).items():
        setattr(found, name, value)
    found.revision += 1
    session().flush()


def delete_contribution(owner: Owner, contribution_id: uuid.UUID) -> None:
    """Takes away what was noted. Raises NotFound as `get_contribution` does."""
    session().delete(get_contribution(owner, contribution_id))
    session().flush()
