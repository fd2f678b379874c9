"""The engagement: a manager, the coach she chose, and how far they have come."""

import uuid
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from plugins.handledning.calculations import EndReason, Status
from plugins.handledning.models.columns import person_or_nobody, row_version
from service.contract import Base, Person, enum_text, pk


class Phase(StrEnum):
    """How far trust has come. The manager sets it; her coach may suggest."""

    TRUST = "trust"
    CHALLENGE = "challenge"
    BEYOND_BUSINESS = "beyond_business"
    CLOSING = "closing"


class Engagement(Base):
    """A manager and the coach she chose, in one cohort. A side becomes empty when that person is erased.

    `started_at`: she chose. `accepted_at`: the coach said yes. `activated_at`: all that is asked for was in place; empty
    for engagements from before there was an agreement here, which go on as they were. `coach_left_at`: since when her coach
    is seen to be a coach of the course no more. `forgotten_at`: what was written in it was kept long enough, and is gone.
    """

    __tablename__ = "handledning_engagement"
    __table_args__ = (
        sa.CheckConstraint("manager_id <> coach_id", name="two_people"),
        sa.Index(
            "uq_handledning_engagement_open",
            "cohort_id",
            "manager_id",
            unique=True,
            sqlite_where=sa.text("status <> 'closed'"),
            postgresql_where=sa.text("status <> 'closed'"),
        ),
        sa.Index(None, "coach_id"),
        sa.Index(None, "manager_id"),
    )

    id: Mapped[pk]
    cohort_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("cohort.id"))
    manager_id: Mapped[person_or_nobody]
    coach_id: Mapped[person_or_nobody]
    status: Mapped[Status] = mapped_column(enum_text(Status))
    phase: Mapped[Phase] = mapped_column(enum_text(Phase), default=Phase.TRUST, server_default="trust")
    started_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    activated_at: Mapped[datetime | None]
    paused_at: Mapped[datetime | None]
    coach_left_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    forgotten_at: Mapped[datetime | None]
    end_reason: Mapped[EndReason | None] = mapped_column(enum_text(EndReason))
    version: Mapped[row_version]

    manager: Mapped[Person | None] = relationship(foreign_keys="Engagement.manager_id", lazy="raise", viewonly=True)
    coach: Mapped[Person | None] = relationship(foreign_keys="Engagement.coach_id", lazy="raise", viewonly=True)
