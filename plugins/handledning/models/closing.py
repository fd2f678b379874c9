"""The development plan's own page, the end of a term, and what the programme hears back."""

import uuid
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from plugins.handledning.models.columns import Shared, row_version, sealed
from service.contract import Base, ConfidentialText, enum_text, pk


class PlanPage(Shared, Base):
    """What the development plan says beside its goals and activities. One living page per engagement.

    `settled_at`: the manager says that it stands; until then, and after the next change, it is a draft. `settled_as` marks
    what stood then, by ids and versions.
    """

    __tablename__ = "handledning_plan_page"
    __table_args__ = (sa.UniqueConstraint("engagement_id"), sa.Index(None, "manager_id"))

    id: Mapped[pk]
    changed_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    settled_as: Mapped[str | None] = mapped_column(sa.Text())
    version: Mapped[row_version]
    purpose_sealed: Mapped[sealed]
    strengths_sealed: Mapped[sealed]
    resources_sealed: Mapped[sealed]
    support_sealed: Mapped[sealed]

    purpose = ConfidentialText("purpose_sealed", owner="manager_id", fixed="engagement_id")
    strengths = ConfidentialText("strengths_sealed", owner="manager_id", fixed="engagement_id")
    resources = ConfidentialText("resources_sealed", owner="manager_id", fixed="engagement_id")
    support = ConfidentialText("support_sealed", owner="manager_id", fixed="engagement_id")


class TermOutcomes(Shared, Base):
    """What a term gave: herself, her role in the group's process, the operations; and how she goes on without a coach."""

    __tablename__ = "handledning_term_outcomes"
    __table_args__ = (sa.UniqueConstraint("engagement_id"), sa.Index(None, "manager_id"))

    id: Mapped[pk]
    changed_at: Mapped[datetime]
    version: Mapped[row_version]
    own_sealed: Mapped[sealed]
    role_sealed: Mapped[sealed]
    operations_sealed: Mapped[sealed]
    self_run_sealed: Mapped[sealed]

    own = ConfidentialText("own_sealed", owner="manager_id", fixed="engagement_id")
    role = ConfidentialText("role_sealed", owner="manager_id", fixed="engagement_id")
    operations = ConfidentialText("operations_sealed", owner="manager_id", fixed="engagement_id")
    self_run = ConfidentialText("self_run_sealed", owner="manager_id", fixed="engagement_id")


class Evaluation(Base):
    """One version of what managers are asked about the programme in a cohort. Earlier versions stay with their answers.

    `questions` are the words of the five statements by language. Without a row those that come with the product are asked.
    """

    __tablename__ = "handledning_evaluation"
    __table_args__ = (sa.UniqueConstraint("cohort_id", "version"),)

    id: Mapped[pk]
    cohort_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("cohort.id"))
    version: Mapped[int]
    questions: Mapped[list[dict[str, str]]] = mapped_column(sa.JSON)
    written_at: Mapped[datetime]


class Figure(StrEnum):
    """What the training department sees as means over groups: what managers say, their trust, their goals."""

    FEEDBACK = "feedback"
    TRUST = "trust"
    GOALS = "goals"


class ProgrammeGroup(Base):
    """The sums over one group of managers of a cohort, counted once. Nobody can be told from them, nor who they were.

    `version` is that of the questions, 0 for other figures. `until_at` and `until_id` are the last one's place in the order
    in which they came: the next group begins after it, whoever has been erased since.
    """

    __tablename__ = "handledning_programme_group"
    __table_args__ = (sa.UniqueConstraint("cohort_id", "figure", "version", "number"),)

    id: Mapped[pk]
    cohort_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("cohort.id"))
    figure: Mapped[Figure] = mapped_column(enum_text(Figure))
    version: Mapped[int]
    number: Mapped[int]
    sums: Mapped[list[float]] = mapped_column(sa.JSON)
    until_at: Mapped[datetime]
    until_id: Mapped[uuid.UUID]
    counted_at: Mapped[datetime]


class ProgrammeFeedback(Shared, Base):
    """What a manager tells the programme: ratings from 1 to 5, as digits, and words. Training sees means of groups of five.

    `evaluation` is the version of the questions, 0 for those that come with the product.
    """

    __tablename__ = "handledning_programme_feedback"
    __table_args__ = (sa.UniqueConstraint("engagement_id"), sa.Index(None, "manager_id"))

    id: Mapped[pk]
    evaluation: Mapped[int]
    given_at: Mapped[datetime]
    answers_sealed: Mapped[sealed]
    text_sealed: Mapped[sealed]

    answers = ConfidentialText("answers_sealed", owner="manager_id", fixed="engagement_id")
    text = ConfidentialText("text_sealed", owner="manager_id", fixed="engagement_id")
