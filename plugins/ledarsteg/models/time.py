"""Where the time goes, the time kept for leading, what was contributed in it, and the balance of its two sides."""

import uuid
from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from plugins.ledarsteg.calculations import DAY_MINUTES, Category
from service.contract import Base, ConfidentialText, enum_text, pk

__all__ = ["Category", "Contribution", "LeaderTime", "Polarity", "PolarityReading", "Target", "TimeAudit", "TimeRow"]


class TimeAudit(Base):
    """One round of seeing where the time goes: three to five working days, the first round and those that repeat it."""

    __tablename__ = "ledarsteg_time_audit"
    __table_args__ = (
        sa.UniqueConstraint("cohort_id", "person_id", "number"),
        sa.Index(None, "person_id"),
    )

    id: Mapped[pk]
    cohort_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("cohort.id"))
    person_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("person.id"))
    number: Mapped[int]
    first_day: Mapped[date]
    finished_at: Mapped[datetime | None]
    # Whether the cohort's coaches see its shares. Not until she says so, and only while it is finished.
    shared: Mapped[bool] = mapped_column(default=False, server_default=sa.false())


class TimeRow(Base):
    """A stretch of time in a round. `challengeable`: she thinks that it may not stand being challenged."""

    __tablename__ = "ledarsteg_time_row"
    __table_args__ = (
        sa.Index(None, "audit_id"),
        sa.Index(None, "person_id"),
        sa.CheckConstraint(f"minutes BETWEEN 1 AND {DAY_MINUTES}", name="minutes"),
        sa.CheckConstraint("starts_at IS NULL OR starts_at BETWEEN 0 AND 1439", name="starts_at"),
    )

    id: Mapped[pk]
    audit_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("ledarsteg_time_audit.id"))
    person_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("person.id"))
    local_date: Mapped[date]
    # Minutes after midnight, where she noted when.
    starts_at: Mapped[int | None]
    minutes: Mapped[int]
    category: Mapped[Category] = mapped_column(enum_text(Category))
    challengeable: Mapped[bool]
    what_sealed: Mapped[bytes | None]
    created_at: Mapped[datetime]
    # Grows with every edit, so that of two tabs the later one notices.
    revision: Mapped[int] = mapped_column(default=1, server_default="1")

    what = ConfidentialText("what_sealed", owner="person_id")


class LeaderTime(Base):
    """Time set aside for leading on a day, and how much of it was kept once that is known."""

    __tablename__ = "ledarsteg_leader_time"
    __table_args__ = (
        sa.Index(None, "cohort_id", "person_id", "local_date"),
        sa.Index(None, "person_id"),
        sa.CheckConstraint(f"planned_minutes BETWEEN 0 AND {DAY_MINUTES}", name="planned"),
        sa.CheckConstraint(f"kept_minutes IS NULL OR kept_minutes BETWEEN 0 AND {DAY_MINUTES}", name="kept"),
    )

    id: Mapped[pk]
    cohort_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("cohort.id"))
    person_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("person.id"))
    local_date: Mapped[date]
    planned_minutes: Mapped[int]
    kept_minutes: Mapped[int | None]
    created_at: Mapped[datetime]
    # Grows with every edit, so that of two tabs the later one notices.
    revision: Mapped[int] = mapped_column(default=1, server_default="1")


class Target(StrEnum):
    """Whom a leader contribution helped to build something."""

    SELF = "self"
    INDIVIDUAL = "individual"
    GROUP = "group"


class Contribution(Base):
    """Leader contributions of a day: how many, and how good she thinks they were (1 to 5) where she says so.

    `effects` and `sides` are sets of tags as bits: see `calculations.contributions`. The sides are those of Tuff Omsorg.
    """

    __tablename__ = "ledarsteg_contribution"
    __table_args__ = (
        sa.Index(None, "cohort_id", "person_id", "local_date"),
        sa.Index(None, "person_id"),
        sa.Index(None, "habit_id"),
        sa.CheckConstraint("number BETWEEN 1 AND 100", name="number"),
        sa.CheckConstraint("quality IS NULL OR quality BETWEEN 1 AND 5", name="quality"),
        sa.CheckConstraint("effects BETWEEN 0 AND 15", name="effects"),
        sa.CheckConstraint("sides BETWEEN 0 AND 7", name="sides"),
    )

    id: Mapped[pk]
    cohort_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("cohort.id"))
    person_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("person.id"))
    local_date: Mapped[date]
    number: Mapped[int]
    quality: Mapped[int | None]
    target: Mapped[Target] = mapped_column(enum_text(Target))
    effects: Mapped[int] = mapped_column(default=0)
    sides: Mapped[int] = mapped_column(default=0)
    habit_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("ledarsteg_habit.id", ondelete="SET NULL"))
    note_sealed: Mapped[bytes | None]
    created_at: Mapped[datetime]
    # Grows with every edit, so that of two tabs the later one notices.
    revision: Mapped[int] = mapped_column(default=1, server_default="1")

    note = ConfidentialText("note_sealed", owner="person_id")


class Polarity(Base):
    """Two poles of which neither may win. Each person has Tuff Omsorg (`builtin`), and may write more of her own."""

    __tablename__ = "ledarsteg_polarity"
    __table_args__ = (sa.Index(None, "cohort_id", "person_id"), sa.Index(None, "person_id"))

    id: Mapped[pk]
    cohort_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("cohort.id"))
    person_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("person.id"))
    builtin: Mapped[str] = mapped_column(sa.String(20), default="")
    left_sealed: Mapped[bytes | None]
    right_sealed: Mapped[bytes | None]
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    # Whether the cohort's coaches see the poles and the weeks. Not until she says so.
    shared: Mapped[bool] = mapped_column(default=False, server_default=sa.false())

    left = ConfidentialText("left_sealed", owner="person_id")
    right = ConfidentialText("right_sealed", owner="person_id")


class PolarityReading(Base):
    """Where a week lay between the poles: -100 is all to the left, 100 all to the right, 0 in the middle."""

    __tablename__ = "ledarsteg_polarity_reading"
    __table_args__ = (
        sa.UniqueConstraint("polarity_id", "monday"),
        sa.Index(None, "person_id"),
        sa.CheckConstraint("value BETWEEN -100 AND 100", name="value"),
    )

    id: Mapped[pk]
    polarity_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("ledarsteg_polarity.id"))
    person_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("person.id"))
    monday: Mapped[date]
    value: Mapped[int]
