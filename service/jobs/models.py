"""The outbox: work that was decided, in the transaction that decided it."""

import uuid
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from service.db import Base, enum_text, pk


class JobState(StrEnum):
    """Where a job is. `dead` needs an operator; `cancelled` was asked for or its plugin was switched off."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    DEAD = "dead"
    CANCELLED = "cancelled"


class Job(Base):
    """One piece of decided work. SQL is the truth; the queue only rings with this id.

    A worker leases the row; `lease_token` fences a late writer out. `subject_id` is the row the work is about. The row
    never holds content.
    """

    __tablename__ = "job"
    __table_args__ = (sa.Index(None, "state", "run_after"), sa.Index(None, "state", "finished_at"))

    id: Mapped[pk]
    kind: Mapped[str] = mapped_column(sa.String(60))
    subject_id: Mapped[uuid.UUID]
    organisation_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("organisation.id"))
    cohort_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("cohort.id"))
    state: Mapped[JobState] = mapped_column(enum_text(JobState), default=JobState.QUEUED)
    tries: Mapped[int] = mapped_column(default=0)
    run_after: Mapped[datetime]
    lease_token: Mapped[uuid.UUID | None]
    lease_until: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(sa.String(60), default="")
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]


class WorkerSign(Base):
    """The sign of life of one worker: a number of its own, never the name of a machine.

    Removed when the worker ends; one that was killed leaves its row, which is too old to count soon.
    """

    __tablename__ = "worker_sign"

    id: Mapped[pk]
    started_at: Mapped[datetime]
    beat_at: Mapped[datetime]
    version: Mapped[str] = mapped_column(sa.String(40))
