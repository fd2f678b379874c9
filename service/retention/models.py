"""What an organisation decided of how long things are kept, and what each daily run deleted."""

import uuid
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from service.db import Base, pk


class RetentionDays(Base):
    """That an organisation keeps something for another time than the rule's own. No row: the rule's default."""

    __tablename__ = "retention_days"

    organisation_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("organisation.id"), primary_key=True)
    # `plugin.rule`, `core.rule`.
    rule: Mapped[str] = mapped_column(sa.String(80), primary_key=True)
    days: Mapped[int]
    changed_at: Mapped[datetime]


class RetentionRun(Base):
    """One run for one organisation: the day's own, or without a day one that an operator asked for.

    `organisation_id` is not a key: id 0 is the operator, who has an audit trail and is no organisation.
    """

    __tablename__ = "retention_run"
    __table_args__ = (sa.UniqueConstraint("organisation_id", "day"),)

    id: Mapped[pk]
    organisation_id: Mapped[uuid.UUID]
    day: Mapped[date | None]
    # What is due is counted from this moment, also when a run is taken up again.
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    # Why it was given up, a short stable word; empty while it goes on and when it is done.
    failed_because: Mapped[str] = mapped_column(sa.String(60), default="", server_default="")


class RetentionCount(Base):
    """How many rows of one kind a run has deleted by one rule so far; written with each lot, in its transaction."""

    __tablename__ = "retention_count"

    run_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("retention_run.id", ondelete="CASCADE"), primary_key=True)
    rule: Mapped[str] = mapped_column(sa.String(80), primary_key=True)
    kind: Mapped[str] = mapped_column(sa.String(80), primary_key=True)
    rows: Mapped[int]
