"""Goals with their scale, how far they are, what they are worth, and the activities that lead there."""

import uuid
from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from plugins.handledning.models.before import Moment
from plugins.handledning.models.columns import Shared, row_version, sealed, session_key
from service.contract import Base, ConfidentialText, enum_text, pk


class Scope(StrEnum):
    """What part of life a goal belongs to. A life goal never leaves the two people."""

    PROFESSIONAL = "professional"
    PERSONAL = "personal"
    LIFE = "life"


class Theme(StrEnum):
    """What managers usually come for."""

    EMOTIONS = "emotions"
    MOTIVATION = "motivation"
    SELF_MANAGEMENT = "self_management"
    PEOPLE = "people"


class ValueType(StrEnum):
    """What kind of value a goal makes."""

    RESULT = "result"
    PERFORMANCE = "performance"
    RELATION = "relation"
    OTHER = "other"


class GoalStatus(StrEnum):
    """Where a goal is. The manager alone says so."""

    OPEN = "open"
    REACHED = "reached"
    RESTING = "resting"
    DROPPED = "dropped"


class ActivityState(StrEnum):
    """Where an activity is. The manager alone says so."""

    OPEN = "open"
    DONE = "done"
    DROPPED = "dropped"


class Goal(Shared, Base):
    """One goal. Its SMART parts may be empty: the check is advice until the plan is settled.

    `shared` matters for life goals, which are the manager's alone until she shares them; the coach reads the others.
    `importance` and `difficulty` are 1 to 3, and their product is the goal's weight.
    """

    __tablename__ = "handledning_goal"
    __table_args__ = (sa.Index(None, "engagement_id"), sa.Index(None, "manager_id"))

    id: Mapped[pk]
    position: Mapped[int]
    scope: Mapped[Scope] = mapped_column(enum_text(Scope))
    theme: Mapped[Theme | None] = mapped_column(enum_text(Theme))
    value_type: Mapped[ValueType | None] = mapped_column(enum_text(ValueType))
    status: Mapped[GoalStatus] = mapped_column(enum_text(GoalStatus), default=GoalStatus.OPEN)
    shared: Mapped[bool]
    slow: Mapped[bool] = mapped_column(default=False)
    importance: Mapped[int] = mapped_column(default=2)
    difficulty: Mapped[int] = mapped_column(default=2)
    due_on: Mapped[date | None]
    discretion_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("handledning_discretion_item.id"))
    role_content_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("handledning_role_content.id"))
    operations_goal_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("handledning_operations_goal.id"))
    created_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    version: Mapped[row_version]
    title_sealed: Mapped[sealed]
    behaviour_sealed: Mapped[sealed]
    what_sealed: Mapped[sealed]
    where_sealed: Mapped[sealed]
    measure_sealed: Mapped[sealed]
    unit_sealed: Mapped[sealed]
    baseline_sealed: Mapped[sealed]
    target_sealed: Mapped[sealed]
    reason_sealed: Mapped[sealed]
    value_sealed: Mapped[sealed]

    title = ConfidentialText("title_sealed", owner="manager_id", fixed="engagement_id")
    behaviour = ConfidentialText("behaviour_sealed", owner="manager_id", fixed="engagement_id")
    what = ConfidentialText("what_sealed", owner="manager_id", fixed="engagement_id")
    where = ConfidentialText("where_sealed", owner="manager_id", fixed="engagement_id")
    measure = ConfidentialText("measure_sealed", owner="manager_id", fixed="engagement_id")
    unit = ConfidentialText("unit_sealed", owner="manager_id", fixed="engagement_id")
    baseline = ConfidentialText("baseline_sealed", owner="manager_id", fixed="engagement_id")
    target = ConfidentialText("target_sealed", owner="manager_id", fixed="engagement_id")
    reason = ConfidentialText("reason_sealed", owner="manager_id", fixed="engagement_id")
    value = ConfidentialText("value_sealed", owner="manager_id", fixed="engagement_id")

    @property
    def weight(self) -> int:
        """Importance times difficulty, never 0."""
        return self.importance * self.difficulty


class GasScale(Shared, Base):
    """One version of a goal's five levels. Frozen with the first rating: a change after that is the next version."""

    __tablename__ = "handledning_gas_scale"
    __table_args__ = (
        sa.UniqueConstraint("goal_id", "version"),
        sa.Index(None, "engagement_id"),
        sa.Index(None, "manager_id"),
    )

    id: Mapped[pk]
    goal_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("handledning_goal.id"))
    version: Mapped[int]
    written_at: Mapped[datetime]
    baseline: Mapped[int | None]
    baseline_at: Mapped[datetime | None]
    much_less_sealed: Mapped[sealed]
    less_sealed: Mapped[sealed]
    expected_sealed: Mapped[sealed]
    more_sealed: Mapped[sealed]
    much_more_sealed: Mapped[sealed]

    much_less = ConfidentialText("much_less_sealed", owner="manager_id", fixed="engagement_id")
    less = ConfidentialText("less_sealed", owner="manager_id", fixed="engagement_id")
    expected = ConfidentialText("expected_sealed", owner="manager_id", fixed="engagement_id")
    more = ConfidentialText("more_sealed", owner="manager_id", fixed="engagement_id")
    much_more = ConfidentialText("much_more_sealed", owner="manager_id", fixed="engagement_id")


class GasRating(Shared, Base):
    """Where the manager says she is on a scale (-2 to +2), on its own or in a session."""

    __tablename__ = "handledning_gas_rating"
    __table_args__ = (
        sa.Index(None, "goal_id", "rated_at"),
        sa.Index(None, "scale_id"),
        sa.Index(None, "engagement_id"),
        sa.Index(None, "manager_id"),
    )

    id: Mapped[pk]
    goal_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("handledning_goal.id"))
    scale_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("handledning_gas_scale.id"))
    session_id: Mapped[session_key | None]
    level: Mapped[int]
    rated_at: Mapped[datetime]
    note_sealed: Mapped[sealed]

    note = ConfidentialText("note_sealed", owner="manager_id", fixed="engagement_id")


class ValueReading(Shared, Base):
    """The value of a goal read again, half way and at the end: 1 to 5, and what she says of it."""

    __tablename__ = "handledning_value_reading"
    __table_args__ = (
        sa.UniqueConstraint("goal_id", "moment"),
        sa.Index(None, "engagement_id"),
        sa.Index(None, "manager_id"),
    )

    id: Mapped[pk]
    goal_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("handledning_goal.id"))
    moment: Mapped[Moment] = mapped_column(enum_text(Moment))
    rating: Mapped[int]
    read_at: Mapped[datetime]
    text_sealed: Mapped[sealed]

    text = ConfidentialText("text_sealed", owner="manager_id", fixed="engagement_id")


class Activity(Shared, Base):
    """Something concrete that leads towards a goal. There is none without a goal."""

    __tablename__ = "handledning_activity"
    __table_args__ = (sa.Index(None, "goal_id"), sa.Index(None, "engagement_id"), sa.Index(None, "manager_id"))

    id: Mapped[pk]
    goal_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("handledning_goal.id"))
    position: Mapped[int]
    due_on: Mapped[date | None]
    state: Mapped[ActivityState] = mapped_column(enum_text(ActivityState), default=ActivityState.OPEN)
    done_at: Mapped[datetime | None]
    version: Mapped[row_version]
    text_sealed: Mapped[sealed]

    text = ConfidentialText("text_sealed", owner="manager_id", fixed="engagement_id")
