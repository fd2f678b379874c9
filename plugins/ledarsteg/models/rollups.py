"""Counts kept beside the entries, so that no dashboard reads entries. Each can be made again from them at any time."""

import uuid
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from service.contract import Base


class HabitWeek(Base):
    """One habit in one week (ISO 8601, by its Monday): what was noted, and habit strength at the end of `until`.

    `days` has bit 0 for Monday where anything was noted. `value` is the sum of what was counted. Written whole, from the
    entries, with the note that changes it; a job writes it for weeks in which nothing was noted.
    """

    __tablename__ = "ledarsteg_habit_week"
    __table_args__ = (
        sa.Index(None, "cohort_id", "monday"),
        # What has changed since the days of the cohort were counted.
        sa.Index(None, "cohort_id", "changed_at"),
        sa.Index(None, "person_id"),
    )

    habit_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("ledarsteg_habit.id"), primary_key=True)
    monday: Mapped[date] = mapped_column(primary_key=True)
    cohort_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("cohort.id"))
    person_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("person.id"))
    days: Mapped[int]
    done: Mapped[int]
    partly: Mapped[int]
    missed: Mapped[int]
    skipped: Mapped[int]
    value: Mapped[int]
    strength: Mapped[float]
    until: Mapped[date]
    changed_at: Mapped[datetime]


class CohortDay(Base):
    """One day of a cohort: how many notes of each kind there were, and by how many people. Counted by a job."""

    __tablename__ = "ledarsteg_cohort_day"

    cohort_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("cohort.id"), primary_key=True)
    local_date: Mapped[date] = mapped_column(primary_key=True)
    people: Mapped[int]
    done: Mapped[int]
    partly: Mapped[int]
    missed: Mapped[int]
    skipped: Mapped[int]
    counted_at: Mapped[datetime]
