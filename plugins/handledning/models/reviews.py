"""A coach's own notes about a manager who has asked for all that is kept about her: what becomes of each."""

import uuid
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from plugins.handledning.models.columns import Shared, person_or_nobody, row_version, sealed
from service.contract import Base, ConfidentialText, enum_text, pk


class Decision(StrEnum):
    """What a coach decided of one of her notes."""

    RELEASED = "released"
    REDACTED = "redacted"
    REFUSED = "refused"


class Ground(StrEnum):
    """Why something of a note is not given out: the rights of others (GDPR, Article 15(4)), or a law."""

    OTHER_PEOPLE = "other_people"
    COACH_HERSELF = "coach_herself"
    SECRECY = "secrecy"


class NoteReview(Shared, Base):
    """That a coach is asked, until a day, to give out one of her own notes about a manager, and what she decided.

    `text` is what the manager gets, sealed with her key: the note as it was, or what the coach left of it. The note itself
    stays the coach's. `coach_id` is empty once she was erased, `note_id` once the note is gone.
    """

    __tablename__ = "handledning_note_review"
    __table_args__ = (
        sa.UniqueConstraint("note_id"),
        sa.Index(None, "engagement_id"),
        sa.Index(None, "manager_id"),
        sa.Index(None, "coach_id"),
    )

    id: Mapped[pk]
    coach_id: Mapped[person_or_nobody]
    note_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("handledning_note.id", ondelete="SET NULL"))
    written_at: Mapped[datetime]
    asked_at: Mapped[datetime]
    due_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    decision: Mapped[Decision | None] = mapped_column(enum_text(Decision))
    ground: Mapped[Ground | None] = mapped_column(enum_text(Ground))
    version: Mapped[row_version]
    text_sealed: Mapped[sealed]

    text = ConfidentialText("text_sealed", owner="manager_id", fixed="engagement_id")
