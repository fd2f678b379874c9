"""Engagements, coaching sessions, decisions and homework. What is written is sealed with the manager's key."""

import uuid
from datetime import date, datetime, timedelta
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from service.contract import Base, ConfidentialText, Person, enum_text, pk


class Status(StrEnum):
    """Where an engagement is. Proposed: somebody suggested it and the manager has not answered."""

    PROPOSED = "proposed"
    ACTIVE = "active"
    CLOSED = "closed"


class State(StrEnum):
    """Where a coaching session is. Held: the time spent is noted."""

    PLANNED = "planned"
    HELD = "held"
    CLOSED = "closed"


class Outcome(StrEnum):
    """What became of homework. Only the manager sets it."""

    OPEN = "open"
    DONE = "done"
    PARTLY = "partly"
    NOT_DONE = "not_done"
    DROPPED = "dropped"


class Engagement(Base):
    """A manager and the coach she accepted, in one cohort. A side becomes empty when that person is erased."""

    __tablename__ = "handledning_engagement"
    __table_args__ = (
        sa.CheckConstraint("manager_id <> coach_id", name="two_people"),
        sa.Index(
            "uq_handledning_engagement_active",
            "cohort_id",
            "manager_id",
            unique=True,
            sqlite_where=sa.text("status = 'active'"),
            postgresql_where=sa.text("status = 'active'"),
        ),
        sa.Index(None, "coach_id"),
        sa.Index(None, "manager_id"),
    )

    id: Mapped[pk]
    cohort_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("cohort.id"))
    manager_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("person.id"))
    coach_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("person.id"))
    status: Mapped[Status] = mapped_column(enum_text(Status))
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    manager: Mapped[Person | None] = relationship(foreign_keys=[manager_id], lazy="raise", viewonly=True)
    coach: Mapped[Person | None] = relationship(foreign_keys=[coach_id], lazy="raise", viewonly=True)


class CoachingSession(Base):
    """One meeting of an engagement. Numbers are consecutive; `version` grows with every change by either of the two."""

    __tablename__ = "handledning_coaching_session"
    __table_args__ = (sa.UniqueConstraint("engagement_id", "number"),)

    id: Mapped[pk]
    engagement_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("handledning_engagement.id"))
    number: Mapped[int]
    planned_start: Mapped[datetime]
    planned_minutes: Mapped[int]
    process_minutes: Mapped[int | None]
    result_minutes: Mapped[int | None]
    state: Mapped[State] = mapped_column(enum_text(State), default=State.PLANNED)
    final: Mapped[bool] = mapped_column(default=False)
    version: Mapped[int] = mapped_column(default=1)
    closed_at: Mapped[datetime | None]

    @property
    def planned_end(self) -> datetime:
        """When it is planned to end."""
        return self.planned_start + timedelta(minutes=self.planned_minutes)

    @property
    def minutes(self) -> int:
        """The minutes spent, 0 until they are noted."""
        return (self.process_minutes or 0) + (self.result_minutes or 0)


class Decision(Base):
    """What the manager decided in a session and what she expects of it. Written by her alone."""

    __tablename__ = "handledning_decision"
    __table_args__ = (sa.Index(None, "session_id"),)

    id: Mapped[pk]
    session_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("handledning_coaching_session.id"))
    manager_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("person.id"))
    text_sealed: Mapped[bytes | None]
    expected_sealed: Mapped[bytes | None]

    text = ConfidentialText("text_sealed", owner="manager_id")
    expected = ConfidentialText("expected_sealed", owner="manager_id")


class Homework(Base):
    """What the manager takes home from a session. In a final session it is a commitment she runs herself."""

    __tablename__ = "handledning_homework"
    __table_args__ = (sa.Index(None, "session_id"), sa.Index(None, "closed_in_session_id"))

    id: Mapped[pk]
    session_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("handledning_coaching_session.id"))
    manager_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("person.id"))
    position: Mapped[int]
    due_on: Mapped[date | None]
    comfort: Mapped[int | None]
    state: Mapped[Outcome] = mapped_column(enum_text(Outcome), default=Outcome.OPEN)
    closed_in_session_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("handledning_coaching_session.id"))
    text_sealed: Mapped[bytes | None]
    criterion_sealed: Mapped[bytes | None]
    outcome_note_sealed: Mapped[bytes | None]

    text = ConfidentialText("text_sealed", owner="manager_id")
    criterion = ConfidentialText("criterion_sealed", owner="manager_id")
    outcome_note = ConfidentialText("outcome_note_sealed", owner="manager_id")
