"""Notes of three kinds, the coach's suggestions, and tests taken elsewhere."""

import uuid
from datetime import date, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, validates

from plugins.handledning.models.columns import (
    OfEngagement,
    Shared,
    person_key,
    person_or_nobody,
    row_version,
    sealed,
    session_key,
)
from service.contract import Base, ConfidentialText, enum_text, pk


class NoteKind(StrEnum):
    """Who reads a note. It never changes in place: a private note is shared as a copy."""

    SHARED = "shared"
    COACH_PRIVATE = "coach_private"
    MANAGER_PRIVATE = "manager_private"


class NoteType(StrEnum):
    """What a note is for. Feedback: observation, effect, question. Referral: outside what coaching is, without content."""

    PLAIN = "plain"
    FEEDBACK = "feedback"
    REFERRAL = "referral"


class SuggestionKind(StrEnum):
    """What a coach suggests. The manager writes it herself, in her own words, or leaves it."""

    DECISION = "decision"
    HOMEWORK = "homework"
    OUTCOME = "outcome"
    GOAL = "goal"
    GOAL_STATUS = "goal_status"
    PHASE = "phase"
    INTERMEDIATE = "intermediate"


class Note(OfEngagement, Base):
    """One note. `owner_id` is whose key it is sealed with: the writer's for a private one, the manager's for a shared.

    Its words are bound to its kind and its engagement: changed in the database, they do not open. `author_id` is empty
    when the writer of a shared note was erased. `copied_from` is the private note it was made of.
    """

    __tablename__ = "handledning_note"
    __table_args__ = (
        sa.Index(None, "engagement_id"),
        sa.Index(None, "author_id"),
        sa.Index(None, "owner_id"),
        sa.Index(None, "session_id"),
    )

    id: Mapped[pk]
    kind: Mapped[NoteKind] = mapped_column(enum_text(NoteKind))
    type: Mapped[NoteType] = mapped_column(enum_text(NoteType), default=NoteType.PLAIN)
    author_id: Mapped[person_or_nobody]
    owner_id: Mapped[person_key]
    session_id: Mapped[session_key | None]
    copied_from: Mapped[uuid.UUID | None]
    written_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    version: Mapped[row_version]
    body_sealed: Mapped[sealed]

    body = ConfidentialText("body_sealed", owner="owner_id", fixed=("kind", "engagement_id"))

    @validates("kind", "owner_id")
    def _stays(self, name: str, value: Any) -> Any:
        """Who reads a note is said when it is written, and never again."""
        if getattr(self, name) not in (None, value):
            raise ValueError("a note's readers do not change where it lies: write another one")
        return value


class Suggestion(Shared, Base):
    """Something the coach suggests about one thing of the manager's. `subject_id` is that thing's id, where there is one."""

    __tablename__ = "handledning_suggestion"
    __table_args__ = (
        sa.Index(None, "engagement_id", "kind"),
        sa.Index(None, "session_id"),
        sa.Index(None, "manager_id"),
    )

    id: Mapped[pk]
    kind: Mapped[SuggestionKind] = mapped_column(enum_text(SuggestionKind))
    author_id: Mapped[person_or_nobody]
    session_id: Mapped[session_key | None]
    subject_id: Mapped[uuid.UUID | None]
    made_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    text_sealed: Mapped[sealed]

    text = ConfidentialText("text_sealed", owner="manager_id", fixed="engagement_id")


class ExternalTest(Shared, Base):
    """A test taken elsewhere, such as IDI or Belbin: when, with whom, and what the manager herself makes of it.

    Its items and results are never kept here. The coach reads it when she shares it.
    """

    __tablename__ = "handledning_external_test"
    __table_args__ = (sa.Index(None, "engagement_id"), sa.Index(None, "manager_id"))

    id: Mapped[pk]
    taken_on: Mapped[date]
    shared: Mapped[bool] = mapped_column(default=False)
    version: Mapped[row_version]
    name_sealed: Mapped[sealed]
    provider_sealed: Mapped[sealed]
    summary_sealed: Mapped[sealed]

    name = ConfidentialText("name_sealed", owner="manager_id", fixed="engagement_id")
    provider = ConfidentialText("provider_sealed", owner="manager_id", fixed="engagement_id")
    summary = ConfidentialText("summary_sealed", owner="manager_id", fixed="engagement_id")
