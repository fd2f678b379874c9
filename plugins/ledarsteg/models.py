"""Habits, their if-then plans, what is chosen away for them, and what was noted each day.

What a person writes is sealed with her own key, and so is the reason for a skipped day: illness is health data.
"""

import uuid
from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from plugins.ledarsteg.calculations import EVERY_DAY, SMALL_STEP_MINUTES, State
from service.contract import Base, ConfidentialText, enum_text, pk


class Status(StrEnum):
    """Whether a habit is being practised. A retired one is kept."""

    ACTIVE = "active"
    RETIRED = "retired"


class SkipReason(StrEnum):
    """Why a day was skipped. Shown to nobody but the owner."""

    NOT_APPLICABLE = "not_applicable"
    OFF = "off"
    ILL = "ill"
    TRAVEL = "travel"
    OTHER = "other"


class Habit(Base):
    """A small step that a person repeats on chosen weekdays. Private until she shares it with the cohort's coaches.

    Bit 0 of `weekdays` is Monday. `minutes` is her own estimate of one time. `source` and `source_ref` name the result
    of another plugin that it came from, where it did.
    """

    __tablename__ = "ledarsteg_habit"
    __table_args__ = (
        sa.Index(None, "cohort_id", "person_id"),
        sa.Index(None, "person_id"),
        sa.CheckConstraint(f"weekdays BETWEEN 1 AND {EVERY_DAY}", name="weekdays"),
        sa.CheckConstraint(f"minutes BETWEEN 1 AND {SMALL_STEP_MINUTES}", name="minutes"),
    )

    id: Mapped[pk]
    cohort_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("cohort.id"))
    person_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("person.id"))
    title_sealed: Mapped[bytes | None]
    weekdays: Mapped[int]
    minutes: Mapped[int | None]
    status: Mapped[Status] = mapped_column(enum_text(Status), default=Status.ACTIVE)
    shared: Mapped[bool] = mapped_column(default=False)
    starts_on: Mapped[date]
    retired_on: Mapped[date | None]
    created_at: Mapped[datetime]
    source: Mapped[str] = mapped_column(sa.String(40), default="")
    source_ref: Mapped[uuid.UUID | None]

    title = ConfidentialText("title_sealed", owner="person_id")


class Plan(Base):
    """If this happens, then I do that; and what I do when it does not work out."""

    __tablename__ = "ledarsteg_plan"
    __table_args__ = (sa.Index(None, "person_id"),)

    id: Mapped[pk]
    habit_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("ledarsteg_habit.id"), unique=True)
    person_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("person.id"))
    cue_sealed: Mapped[bytes | None]
    action_sealed: Mapped[bytes | None]
    coping_sealed: Mapped[bytes | None]

    cue = ConfidentialText("cue_sealed", owner="person_id")
    action = ConfidentialText("action_sealed", owner="person_id")
    coping = ConfidentialText("coping_sealed", owner="person_id")


class DropChoice(Base):
    """What a person chooses away to make room for a habit. An empty `what` means that she answered "nothing"."""

    __tablename__ = "ledarsteg_drop_choice"
    __table_args__ = (sa.Index(None, "person_id"), sa.CheckConstraint("minutes_per_week >= 0", name="minutes"))

    id: Mapped[pk]
    habit_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("ledarsteg_habit.id"), unique=True)
    person_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("person.id"))
    what_sealed: Mapped[bytes | None]
    minutes_per_week: Mapped[int]

    what = ConfidentialText("what_sealed", owner="person_id")


class Entry(Base):
    """What was noted for one habit on one day where the person is. The reason belongs to skipped days."""

    __tablename__ = "ledarsteg_entry"
    __table_args__ = (sa.UniqueConstraint("habit_id", "local_date"), sa.Index(None, "person_id"))

    id: Mapped[pk]
    habit_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("ledarsteg_habit.id"))
    person_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("person.id"))
    local_date: Mapped[date]
    state: Mapped[State] = mapped_column(enum_text(State))
    reason_sealed: Mapped[bytes | None]
    noted_at: Mapped[datetime]

    reason = ConfidentialText("reason_sealed", owner="person_id")
