"""What is kept: a manager's own ratings of her group, one row each time, what she answered sealed with her key."""

import uuid
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from service.contract import Base, ConfidentialText, enum_text, pk


class Status(StrEnum):
    """A rating is a draft until it is submitted; then its answers stay as they are."""

    DRAFT = "draft"
    SUBMITTED = "submitted"


class SelfRating(Base):
    """One own rating. `answers` is JSON: item → number, or null for "cannot judge"; an item not there is unanswered.

    `contribution` is the one leader contribution for the next four weeks, in her own words.
    """

    __tablename__ = "group_maturity_self_rating"
    __table_args__ = (
        sa.Index(None, "cohort_id", "person_id"),
        sa.Index(None, "person_id"),
        # Two tabs that begin at once meet in the same draft.
        sa.Index(
            "uq_group_maturity_self_rating_draft", "cohort_id", "person_id", unique=True,
            sqlite_where=sa.text("status = 'draft'"), postgresql_where=sa.text("status = 'draft'"),
        ),
    )  # fmt: skip

    id: Mapped[pk]
    cohort_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("cohort.id"))
    person_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("person.id"))
    instrument_key: Mapped[str] = mapped_column(sa.String(80))
    instrument_version: Mapped[str] = mapped_column(sa.String(20))
    instrument_sha256: Mapped[str] = mapped_column(sa.String(64))
    status: Mapped[Status] = mapped_column(enum_text(Status))
    started_at: Mapped[datetime]
    saved_at: Mapped[datetime]
    submitted_at: Mapped[datetime | None]
    answers_sealed: Mapped[bytes | None]
    contribution_sealed: Mapped[bytes | None]

    answers = ConfidentialText("answers_sealed", owner="person_id")
    contribution = ConfidentialText("contribution_sealed", owner="person_id")
