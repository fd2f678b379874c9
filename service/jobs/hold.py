"""Holding all work: after a restore nothing is done, told or sent until an operator says so.

A restored database is a copy of an earlier moment: what it wants to send may have been sent long ago. While a row stands
here no job is leased or rung for, and the periodic work rests. Pages work: what people write is theirs at once.
"""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from service.db import Base
from service.unit import Units, current

ONLY = 1


class OutboxHold(Base):
    """That all work is held, since when, and from which moment the restored copy is."""

    __tablename__ = "outbox_hold"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    since: Mapped[datetime]
    copy_of: Mapped[datetime]


def is_held() -> sa.ColumnElement[bool]:
    """The condition that all work is held, for a statement that asks for work."""
    return sa.exists().where(OutboxHold.id == ONLY)


def held() -> OutboxHold | None:
    """Returns the hold, or None while work is done as usual."""
    return current().session.get(OutboxHold, ONLY)


def rests(units: Units) -> bool:
    """Tells whether all work is held, in a unit of its own."""
    with units.reading() as unit:
        return bool(unit.session.scalar(sa.select(is_held())))


def let_go() -> None:
    """Ends the hold, in a writing unit: what waits is done from now on."""
    current().session.execute(sa.delete(OutboxHold), execution_options={"synchronize_session": "fetch"})
