"""Time set aside for leading: planned ahead, and how much of it was kept."""

import uuid
from dataclasses import dataclass
from datetime import date, timedelta

import sqlalchemy as sa

from plugins.ledarsteg import calculations
from plugins.ledarsteg.calculations import DAY_MINUTES, WEEK, LeaderWeek, SetAside
from plugins.ledarsteg.models import LeaderTime
from plugins.ledarsteg.operations.changing import ChangedMeanwhile
from plugins.ledarsteg.operations.owner import Owner, alone, once
from plugins.ledarsteg.operations.time import check_day, check_minutes
from service.contract import Invalid, NotFound, lazy, now, session

# How far back a block can be put in afterwards, and how far ahead it can be planned.
BACK, AHEAD = timedelta(days=14), timedelta(days=56)
TREND_WEEKS = 8


@dataclass(frozen=True)
class Block:
    """A block of leader time as she wants it. `kept` is None while it is not known."""

    day: date
    planned: int
    kept: int | None = None


def _mine(owner: Owner) -> tuple[sa.ColumnElement[bool], ...]:
    return (LeaderTime.cohort_id == owner.cohort_id, LeaderTime.person_id == owner.person_id)


def blocks(owner: Owner) -> list[LeaderTime]:
    """Returns her blocks of the last eight weeks and those to come, in the order of days. One statement."""
    first = calculations.last_mondays(owner.today(), TREND_WEEKS)[0]
    query = sa.select(LeaderTime).where(*_mine(owner), LeaderTime.local_date >= first)
    return list(session().scalars(query.order_by(LeaderTime.local_date, LeaderTime.created_at, LeaderTime.id)))


def trend(found: list[LeaderTime], today: date) -> list[LeaderWeek]:
    """Returns what was planned and kept in each of the last eight weeks, the one that is going on last."""
    known = [SetAside(block.local_date, block.planned_minutes, block.kept_minutes) for block in found]
    return calculations.leader_weeks(known, calculations.last_mondays(today, TREND_WEEKS))


def get_block(owner: Owner, block_id: uuid.UUID) -> LeaderTime:
    """Returns one block. Raises NotFound: absent, or not hers here."""
    block = session().scalar(sa.select(LeaderTime).where(*_mine(owner), LeaderTime.id == block_id))
    if block is None:
        raise NotFound("leader_time")
    return block


def plan_block(owner: Owner, wanted: Block, key: str = "") -> LeaderTime:
    """Sets time aside. The same form sent twice (`key`) is one block.

    Raises Invalid for a day further off than can be planned or put in afterwards, and for more minutes than a day has.
    """
    alone(owner)
    block_id = once(owner, key, wanted)
    known = session().scalar(sa.select(LeaderTime).where(*_mine(owner), LeaderTime.id == block_id))
    if known is not None:
        return known
    _check_day(owner, wanted.day)
    _check_minutes(owner, wanted)
    block = LeaderTime(
        id=block_id, cohort_id=owner.cohort_id, person_id=owner.person_id, local_date=wanted.day,
        planned_minutes=wanted.planned, kept_minutes=wanted.kept, created_at=now(),
    )  # fmt: skip
    session().add(block)
    session().flush()
    return block


def _check_day(owner: Owner, day: date) -> None:
    today = owner.today()
    if day < today - BACK:
        raise Invalid(day=lazy("Leader time can be put in up to 14 days afterwards. That day is further back."))
    if day > today + AHEAD:
        raise Invalid(day=lazy("Leader time can be planned eight weeks ahead. That day is further off."))


def _check_minutes(owner: Owner, wanted: Block, instead_of: LeaderTime | None = None) -> None:
    """Raises Invalid where the minutes that are planned, or those that were kept, are more than a day has."""
    check_minutes(wanted.planned)
    query = sa.select(LeaderTime).where(*_mine(owner), LeaderTime.local_date == wanted.day)
    others = [block for block in session().scalars(query) if block is not instead_of]
    check_day(sum(block.planned_minutes for block in others), wanted.planned)
    if wanted.kept is None:
        return
    if wanted.day > owner.today():
        raise Invalid(kept=lazy("That day has not come yet."))
    kept = sum(block.kept_minutes or 0 for block in others) + wanted.kept
    if kept > DAY_MINUTES:
        text = lazy("A day has %(most)s minutes. With this, %(number)s would be kept.", most=DAY_MINUTES, number=kept)
        raise Invalid(kept=str(text))


def keep(owner: Owner, block_id: uuid.UUID, minutes: int | None) -> None:
    """Notes how much of a block was kept, in the place of what was noted before; None takes it back.

    Raises NotFound as `get_block` does, and Invalid for a day that has not come and more minutes than a day has.
    """
    alone(owner)
    block = get_block(owner, block_id)
    _check_minutes(owner, Block(block.local_date, block.planned_minutes, minutes), block)
    block.kept_minutes = minutes
    block.revision += 1
    session().flush()


def change_block(owner: Owner, block_id: uuid.UUID, wanted: Block, revision: int) -> LeaderTime:
    """Changes a block. Raises as `plan_block` and `keep`, and ChangedMeanwhile where another change came first."""
    alone(owner)
    block = get_block(owner, block_id)
    if block.revision != revision:
        raise ChangedMeanwhile
    if wanted.day != block.local_date:
        _check_day(owner, wanted.day)
    _check_minutes(owner, wanted, block)
    block.local_date, block.planned_minutes, block.kept_minutes = wanted.day, wanted.planned, wanted.kept
    block.revision += 1
    session().flush()
    return block


def delete_block(owner: Owner, block_id: uuid.UUID) -> None:
    """Takes a block away. Raises NotFound as `get_block` does."""
    session().delete(get_block(owner, block_id))
    session().flush()


def next_free_day(found: list[LeaderTime], today: date) -> date:
    """Returns the next working day of the coming week that has no block yet, or the next working day."""
    taken = {block.local_date for block in found}
    days = calculations.working_days(today, WEEK - 2)
    return next((day for day in days if day not in taken), days[0])
