"""Habits, how often they are planned, their pauses and if-then plans, what is chosen away, and what was noted each day."""

import uuid
from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from plugins.ledarsteg.calculations import EVERY_DAY, SMALL_STEP_MINUTES, Direction, Kind, Per, State
from service.contract import Base, ConfidentialText, enum_text, pk


class Status(StrEnum):
    """Whether a habit is being practised. A retired one is kept. A pause is a range of days, not a status."""

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
    """A small step that a person repeats. Private until she shares it, with the cohort's coaches, her step-mate or both.

    `kind` says what is noted: that it was done, how many, or how many minutes. How often is in `Schedule`. `minutes` is
    her own estimate of one time. `revision` grows with every edit, so that of two tabs the later one notices.
    `continues_id` is the habit that this one takes up again, as a new season in the same cohort or carried over from
    another; `season` counts them from 1. `source` and `source_ref` name the result of another plugin that it came from,
    `step_id` the step of the training department's library.
    """

    __tablename__ = "ledarsteg_habit"
    __table_args__ = (
        sa.Index(None, "cohort_id", "person_id"),
        sa.Index(None, "person_id"),
        sa.CheckConstraint(f"minutes BETWEEN 1 AND {SMALL_STEP_MINUTES}", name="minutes"),
    )

    id: Mapped[pk]
    cohort_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("cohort.id"))
    person_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("person.id"))
    title_sealed: Mapped[bytes | None]
    kind: Mapped[Kind] = mapped_column(enum_text(Kind), default=Kind.BOOLEAN, server_default=Kind.BOOLEAN.value)
    minutes: Mapped[int | None]
    status: Mapped[Status] = mapped_column(enum_text(Status), default=Status.ACTIVE)
    shared: Mapped[bool] = mapped_column(default=False)
    shared_mate: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    starts_on: Mapped[date]
    retired_on: Mapped[date | None]
    created_at: Mapped[datetime]
    revision: Mapped[int] = mapped_column(default=1, server_default="1")
    season: Mapped[int] = mapped_column(default=1, server_default="1")
    continues_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("ledarsteg_habit.id", ondelete="SET NULL"))
    source: Mapped[str] = mapped_column(sa.String(40), default="")
    source_ref: Mapped[uuid.UUID | None]
    step_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("ledarsteg_step.id", ondelete="SET NULL"))

    title = ConfidentialText("title_sealed", owner="person_id")


class Schedule(Base):
    """How often a habit is planned, from a day on until the next schedule of it. The past keeps what it was planned by.

    By day: on each day of `weekdays` (bit 0 is Monday) `target` is wanted: 1 of a boolean habit, else how many or how
    many minutes. By week (ISO 8601): `target` times of a boolean habit, else how many or how many minutes in all.
    """

    __tablename__ = "ledarsteg_schedule"
    __table_args__ = (
        sa.UniqueConstraint("habit_id", "from_date"),
        sa.Index(None, "person_id"),
        sa.CheckConstraint(f"weekdays BETWEEN 1 AND {EVERY_DAY}", name="weekdays"),
        sa.CheckConstraint("target >= 1", name="target"),
    )

    id: Mapped[pk]
    habit_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("ledarsteg_habit.id"))
    person_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("person.id"))
    from_date: Mapped[date]
    per: Mapped[Per] = mapped_column(enum_text(Per), default=Per.DAY)
    weekdays: Mapped[int]
    target: Mapped[int] = mapped_column(default=1)
    direction: Mapped[Direction] = mapped_column(enum_text(Direction), default=Direction.AT_LEAST)


class Pause(Base):
    """Days on which a habit rests, both ends included; without a last day until it is taken up again."""

    __tablename__ = "ledarsteg_pause"
    __table_args__ = (
        sa.Index(None, "habit_id"),
        sa.Index(None, "person_id"),
        sa.CheckConstraint("last_day IS NULL OR last_day >= first_day", name="order"),
    )

    id: Mapped[pk]
    habit_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("ledarsteg_habit.id"))
    person_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("person.id"))
    first_day: Mapped[date]
    last_day: Mapped[date | None]


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
    review_on: Mapped[date | None]

    what = ConfidentialText("what_sealed", owner="person_id")


class Entry(Base):
    """What was noted for one habit on one day where the person is. The reason belongs to skipped days.

    `value` is how many or how many minutes, for habits of those kinds; nothing for the others and for skipped days.
    """

    __tablename__ = "ledarsteg_entry"
    __table_args__ = (
        sa.UniqueConstraint("habit_id", "local_date"),
        sa.Index(None, "person_id"),
        sa.CheckConstraint("value IS NULL OR value >= 0", name="value"),
    )

    id: Mapped[pk]
    habit_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("ledarsteg_habit.id"))
    person_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("person.id"))
    local_date: Mapped[date]
    state: Mapped[State] = mapped_column(enum_text(State))
    value: Mapped[int | None]
    reason_sealed: Mapped[bytes | None]
    note_sealed: Mapped[bytes | None]
    noted_at: Mapped[datetime]

    reason = ConfidentialText("reason_sealed", owner="person_id")
    note = ConfidentialText("note_sealed", owner="person_id")
