"""Insights, the weekly review, what becomes of a habit at the end of a term, and offers that were put away."""

import uuid
from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from service.contract import Base, ConfidentialText, enum_text, pk


class InsightKind(StrEnum):
    """What an insight is about. A crossroads is the Aha of the first week: what the core of leading is."""

    CROSSROADS = "crossroads"
    OBSERVATION = "observation"


class Insight(Base):
    """An insight in at most 280 characters. Private unless it is shared, one by one, with the cohort's coaches."""

    __tablename__ = "ledarsteg_insight"
    __table_args__ = (
        sa.Index(None, "cohort_id", "person_id"),
        sa.Index(None, "person_id"),
        sa.Index(None, "habit_id"),
    )

    id: Mapped[pk]
    cohort_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("cohort.id"))
    person_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("person.id"))
    local_date: Mapped[date]
    kind: Mapped[InsightKind] = mapped_column(enum_text(InsightKind))
    habit_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("ledarsteg_habit.id", ondelete="SET NULL"))
    shared: Mapped[bool] = mapped_column(default=False)
    text_sealed: Mapped[bytes | None]
    created_at: Mapped[datetime]

    text = ConfidentialText("text_sealed", owner="person_id")


class Review(Base):
    """The look back on a week (ISO 8601, by its Monday): the contribution, being and doing, and the week to come.

    `being` and `doing` say from 1 to 5 how much room each had; either may be left out. `sides` are the sides of Tuff
    Omsorg that she was on, as bits like those of a contribution. `revision` as for habits.
    """

    __tablename__ = "ledarsteg_review"
    __table_args__ = (
        sa.UniqueConstraint("cohort_id", "person_id", "monday"),
        sa.Index(None, "person_id"),
        sa.CheckConstraint("being IS NULL OR being BETWEEN 1 AND 5", name="being"),
        sa.CheckConstraint("doing IS NULL OR doing BETWEEN 1 AND 5", name="doing"),
        sa.CheckConstraint("sides BETWEEN 0 AND 7", name="sides"),
    )

    id: Mapped[pk]
    cohort_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("cohort.id"))
    person_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("person.id"))
    monday: Mapped[date]
    being: Mapped[int | None]
    doing: Mapped[int | None]
    sides: Mapped[int] = mapped_column(default=0, server_default="0")
    contribution_sealed: Mapped[bytes | None]
    being_text_sealed: Mapped[bytes | None]
    doing_text_sealed: Mapped[bytes | None]
    next_week_sealed: Mapped[bytes | None]
    written_at: Mapped[datetime]
    revision: Mapped[int] = mapped_column(default=1)

    contribution = ConfidentialText("contribution_sealed", owner="person_id")
    being_text = ConfidentialText("being_text_sealed", owner="person_id")
    doing_text = ConfidentialText("doing_text_sealed", owner="person_id")
    next_week = ConfidentialText("next_week_sealed", owner="person_id")


class Choice(StrEnum):
    """What becomes of a habit at the end of a term."""

    KEEP = "keep"
    RAISE = "raise"
    RETIRE = "retire"


class TermChoice(Base):
    """What a person decided for a habit at the end of a term, and why if she says so. A later decision replaces it.

    `revision` as for habits.
    """

    __tablename__ = "ledarsteg_term_choice"
    __table_args__ = (sa.Index(None, "person_id"),)

    id: Mapped[pk]
    habit_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("ledarsteg_habit.id"), unique=True)
    person_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("person.id"))
    choice: Mapped[Choice] = mapped_column(enum_text(Choice))
    why_sealed: Mapped[bytes | None]
    decided_on: Mapped[date]
    revision: Mapped[int] = mapped_column(default=1, server_default="1")

    why = ConfidentialText("why_sealed", owner="person_id")


class Offer(StrEnum):
    """What is offered once on a member's own page, until it is taken up or put away with "not now"."""

    AHA = "aha"
    CARRY_OVER = "carry_over"


class PutAway(Base):
    """That a person said "not now" to an offer. It is not made again in that cohort; what it led to stays reachable."""

    __tablename__ = "ledarsteg_put_away"
    __table_args__ = (sa.UniqueConstraint("cohort_id", "person_id", "offer"), sa.Index(None, "person_id"))

    id: Mapped[pk]
    cohort_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("cohort.id"))
    person_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("person.id"))
    offer: Mapped[Offer] = mapped_column(enum_text(Offer))
    put_away_on: Mapped[date]
