"""Other people and other calendars: step-mates, nudges, comments on what is shared; and her own reminders."""

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from service.contract import Base, ConfidentialText, pk


class Mate(Base):
    """A step-mate: a peer of the same cohort. One asks, the other accepts; either ends it, without a reason."""

    __tablename__ = "ledarsteg_mate"
    __table_args__ = (
        sa.Index(None, "cohort_id"),
        sa.Index(None, "person_id"),
        sa.Index(None, "mate_id"),
        sa.CheckConstraint("person_id <> mate_id", name="two"),
    )

    id: Mapped[pk]
    cohort_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("cohort.id"))
    person_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("person.id"))
    mate_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("person.id"))
    asked_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class Nudge(Base):
    """The one thing that a step-mate can send: a nudge about a shared habit. It has no words of its own."""

    __tablename__ = "ledarsteg_nudge"
    __table_args__ = (sa.Index(None, "person_id"), sa.Index(None, "from_id"), sa.Index(None, "habit_id"))

    id: Mapped[pk]
    habit_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("ledarsteg_habit.id"))
    person_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("person.id"))
    from_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("person.id"))
    sent_at: Mapped[datetime]
    seen_at: Mapped[datetime | None]


class Comment(Base):
    """One line of the thread between a manager and the coaches about a shared habit, sealed with the manager's key."""

    __tablename__ = "ledarsteg_comment"
    __table_args__ = (sa.Index(None, "habit_id"), sa.Index(None, "person_id"), sa.Index(None, "author_id"))

    id: Mapped[pk]
    habit_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("ledarsteg_habit.id"))
    # Whose habit it is; `author_id` wrote the line.
    person_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("person.id"))
    author_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("person.id"))
    text_sealed: Mapped[bytes | None]
    written_at: Mapped[datetime]
    # When the other side first saw it.
    seen_at: Mapped[datetime | None]

    text = ConfidentialText("text_sealed", owner="person_id")


class Reminder(Base):
    """When her own calendar reminds her of a habit, and the title that she chose to show there."""

    __tablename__ = "ledarsteg_reminder"
    __table_args__ = (
        sa.Index(None, "person_id"),
        sa.CheckConstraint("minute BETWEEN 0 AND 1439", name="minute"),
    )

    id: Mapped[pk]
    habit_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("ledarsteg_habit.id"), unique=True)
    person_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("person.id"))
    # Minutes after midnight where she is.
    minute: Mapped[int]
    title_sealed: Mapped[bytes | None]

    title = ConfidentialText("title_sealed", owner="person_id")
