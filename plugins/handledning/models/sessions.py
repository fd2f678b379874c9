"""Coaching sessions and what belongs to them: agenda, parts, decisions, homework, pulses, and contacts in between."""

import uuid
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from plugins.handledning.models.columns import (
    OfEngagement,
    Private,
    Shared,
    person_or_nobody,
    row_version,
    sealed,
    session_key,
)
from plugins.handledning.models.kinds import (
    CancelReason,
    Channel,
    Driver,
    Focus,
    HomeworkKind,
    Mode,
    Outcome,
    Side,
    State,
)
from service.contract import Base, ConfidentialText, enum_text, pk


class CoachingSession(OfEngagement, Base):
    """One meeting of an engagement. Numbers are consecutive; `version` grows with every change by either of the two.

    `process_minutes` and `result_minutes` are what its parts come to, or what was noted where no parts were.
    `sequence` counts what calendars were told, which they need to take a change for newer.
    """

    __tablename__ = "handledning_coaching_session"
    __table_args__ = (sa.UniqueConstraint("engagement_id", "number"),)

    id: Mapped[pk]
    number: Mapped[int]
    planned_start: Mapped[datetime]
    planned_minutes: Mapped[int]
    process_minutes: Mapped[int | None]
    result_minutes: Mapped[int | None]
    mode: Mapped[Mode | None] = mapped_column(enum_text(Mode))
    focus: Mapped[Focus | None] = mapped_column(enum_text(Focus))
    state: Mapped[State] = mapped_column(enum_text(State), default=State.PLANNED)
    final: Mapped[bool] = mapped_column(default=False)
    version: Mapped[int] = mapped_column(default=1)
    sequence: Mapped[int] = mapped_column(default=0, server_default="0")
    prepared_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]
    cancel_reason: Mapped[CancelReason | None] = mapped_column(enum_text(CancelReason))

    @property
    def planned_end(self) -> datetime:
        """When it is planned to end."""
        return self.planned_start + timedelta(minutes=self.planned_minutes)

    @property
    def minutes(self) -> int:
        """The minutes spent, 0 until they are noted."""
        return (self.process_minutes or 0) + (self.result_minutes or 0)


class SessionText(Shared, Base):
    """What is written about a session besides decisions: what it is about, a first result to see soon, why it was cancelled.

    The manager writes the first two. `version` is that of her preparation, which her coach's changes of the frame leave alone.
    """

    __tablename__ = "handledning_session_text"
    __table_args__ = (sa.UniqueConstraint("session_id"), sa.Index(None, "engagement_id"), sa.Index(None, "manager_id"))

    id: Mapped[pk]
    session_id: Mapped[session_key]
    version: Mapped[row_version]
    topic_sealed: Mapped[sealed]
    quick_win_sealed: Mapped[sealed]
    cancel_note_sealed: Mapped[sealed]

    topic = ConfidentialText("topic_sealed", owner="manager_id", fixed="engagement_id")
    quick_win = ConfidentialText("quick_win_sealed", owner="manager_id", fixed="engagement_id")
    cancel_note = ConfidentialText("cancel_note_sealed", owner="manager_id", fixed="engagement_id")


class SessionPart(OfEngagement, Base):
    """A part of a session with its time box. `key` names the part of the template, `technique` what was used in it."""

    __tablename__ = "handledning_session_part"
    __table_args__ = (sa.UniqueConstraint("session_id", "position"), sa.Index(None, "engagement_id"))

    id: Mapped[pk]
    session_id: Mapped[session_key]
    position: Mapped[int]
    key: Mapped[str] = mapped_column(sa.String(40))
    planned_minutes: Mapped[int]
    minutes: Mapped[int | None]
    side: Mapped[Side] = mapped_column(enum_text(Side))
    technique: Mapped[str] = mapped_column(sa.String(40), default="", server_default="")


class AgendaItem(Shared, Base):
    """Something that one of the two wants to take up, and who drives it."""

    __tablename__ = "handledning_agenda_item"
    __table_args__ = (sa.Index(None, "session_id"), sa.Index(None, "engagement_id"), sa.Index(None, "manager_id"))

    id: Mapped[pk]
    session_id: Mapped[session_key]
    author_id: Mapped[person_or_nobody]
    position: Mapped[int]
    driver: Mapped[Driver] = mapped_column(enum_text(Driver), default=Driver.MANAGER)
    text_sealed: Mapped[sealed]

    text = ConfidentialText("text_sealed", owner="manager_id", fixed="engagement_id")


class Question(Base):
    """A question of the bank as the training department changed or added it in one cohort, in three languages.

    Without a row the bank's own question of that `key` stands as it was written for this product.
    """

    __tablename__ = "handledning_question"
    __table_args__ = (sa.UniqueConstraint("cohort_id", "key"),)

    id: Mapped[pk]
    cohort_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("cohort.id"))
    key: Mapped[str] = mapped_column(sa.String(40))
    theme: Mapped[str] = mapped_column(sa.String(40))
    sv: Mapped[str]
    en: Mapped[str]
    lv: Mapped[str]
    retired: Mapped[bool] = mapped_column(default=False)
    changed_at: Mapped[datetime]
    version: Mapped[row_version]


class Answer(Shared, Base):
    """A question the coach picked for a session, as it was worded then in each language, and the manager's answer."""

    __tablename__ = "handledning_answer"
    __table_args__ = (
        sa.UniqueConstraint("session_id", "question_key"),
        sa.Index(None, "engagement_id"),
        sa.Index(None, "manager_id"),
    )

    id: Mapped[pk]
    session_id: Mapped[session_key]
    question_key: Mapped[str] = mapped_column(sa.String(40))
    position: Mapped[int]
    sv: Mapped[str] = mapped_column(default="", server_default="")
    en: Mapped[str] = mapped_column(default="", server_default="")
    lv: Mapped[str] = mapped_column(default="", server_default="")
    text_sealed: Mapped[sealed]

    text = ConfidentialText("text_sealed", owner="manager_id", fixed="engagement_id")


class Decision(Shared, Base):
    """What the manager decided and expects, what came of it, and what it taught her. Written by her alone.

    Her coach reads it when she shares it: what is written on a session's page is shared unless she keeps it to herself.
    """

    __tablename__ = "handledning_decision"
    __table_args__ = (sa.Index(None, "session_id"), sa.Index(None, "engagement_id"), sa.Index(None, "manager_id"))

    id: Mapped[pk]
    session_id: Mapped[session_key | None]
    shared: Mapped[bool]
    decided_at: Mapped[datetime | None]
    version: Mapped[row_version]
    text_sealed: Mapped[sealed]
    expected_sealed: Mapped[sealed]
    actual_sealed: Mapped[sealed]
    lesson_sealed: Mapped[sealed]

    text = ConfidentialText("text_sealed", owner="manager_id", fixed="engagement_id")
    expected = ConfidentialText("expected_sealed", owner="manager_id", fixed="engagement_id")
    actual = ConfidentialText("actual_sealed", owner="manager_id", fixed="engagement_id")
    lesson = ConfidentialText("lesson_sealed", owner="manager_id", fixed="engagement_id")


class Homework(Shared, Base):
    """What the manager takes home from a session. In a final session it is a commitment she runs herself.

    `habit_wanted`: practice that is to become a habit when the session is closed. `adopted_at`: it became one; the core
    keeps the link to it.
    """

    __tablename__ = "handledning_homework"
    __table_args__ = (
        sa.Index(None, "session_id"),
        sa.Index(None, "closed_in_session_id"),
        sa.Index(None, "engagement_id"),
        sa.Index(None, "manager_id"),
    )

    id: Mapped[pk]
    session_id: Mapped[session_key]
    position: Mapped[int]
    kind: Mapped[HomeworkKind] = mapped_column(
        enum_text(HomeworkKind), default=HomeworkKind.TASK, server_default="task"
    )
    repetitions: Mapped[int | None]
    due_on: Mapped[date | None]
    comfort: Mapped[int | None]
    state: Mapped[Outcome] = mapped_column(enum_text(Outcome), default=Outcome.OPEN)
    closed_in_session_id: Mapped[session_key | None]
    habit_wanted: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    adopted_at: Mapped[datetime | None]
    text_sealed: Mapped[sealed]
    criterion_sealed: Mapped[sealed]
    outcome_note_sealed: Mapped[sealed]

    text = ConfidentialText("text_sealed", owner="manager_id", fixed="engagement_id")
    criterion = ConfidentialText("criterion_sealed", owner="manager_id", fixed="engagement_id")
    outcome_note = ConfidentialText("outcome_note_sealed", owner="manager_id", fixed="engagement_id")


class TrustPulse(Private, Base):
    """How much one of the two trusts the other after a session, 1 to 5; shown to both once both have answered."""

    __tablename__ = "handledning_trust_pulse"
    __table_args__ = (
        sa.UniqueConstraint("session_id", "person_id"),
        sa.Index(None, "engagement_id"),
        sa.Index(None, "person_id"),
    )

    id: Mapped[pk]
    session_id: Mapped[session_key]
    given_at: Mapped[datetime]
    value_sealed: Mapped[sealed]

    value = ConfidentialText("value_sealed", owner="person_id", fixed="engagement_id")


class CoachFeedback(Shared, Base):
    """What the manager tells her coach after a session: three ratings from 1 to 5, as digits, and words."""

    __tablename__ = "handledning_coach_feedback"
    __table_args__ = (sa.UniqueConstraint("session_id"), sa.Index(None, "engagement_id"), sa.Index(None, "manager_id"))

    id: Mapped[pk]
    session_id: Mapped[session_key]
    given_at: Mapped[datetime]
    answers_sealed: Mapped[sealed]
    text_sealed: Mapped[sealed]

    answers = ConfidentialText("answers_sealed", owner="manager_id", fixed="engagement_id")
    text = ConfidentialText("text_sealed", owner="manager_id", fixed="engagement_id")


class Contact(Shared, Base):
    """A call or message between sessions. Never asked for, never counted as a session."""

    __tablename__ = "handledning_contact"
    __table_args__ = (sa.Index(None, "engagement_id", "day"), sa.Index(None, "manager_id"))

    id: Mapped[pk]
    author_id: Mapped[person_or_nobody]
    day: Mapped[date]
    channel: Mapped[Channel] = mapped_column(enum_text(Channel))
    minutes: Mapped[int | None]
    note_sealed: Mapped[sealed]

    note = ConfidentialText("note_sealed", owner="manager_id", fixed="engagement_id")
