"""Before the contract: the coaches to choose among, readiness, ego, value, and how open the two want to be."""

import uuid
from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from plugins.handledning.calculations import Readiness
from plugins.handledning.models.columns import Private, Shared, person_key, person_or_nobody, row_version, sealed
from service.contract import Base, ConfidentialText, enum_text, pk


class Ethics(StrEnum):
    """The code of ethics a coach works by."""

    ICF = "icf"
    EMCC = "emcc"
    OTHER = "other"


class Moment(StrEnum):
    """When something is asked that is asked more than once."""

    START = "start"
    HALFWAY = "halfway"
    END = "end"


class CoachProfile(Base):
    """How a coach presents herself to the managers of her courses, and the code of ethics she works by."""

    __tablename__ = "handledning_coach_profile"
    __table_args__ = (sa.UniqueConstraint("person_id"),)

    id: Mapped[pk]
    person_id: Mapped[person_key]
    ethics: Mapped[Ethics | None] = mapped_column(enum_text(Ethics))
    ethics_name: Mapped[str] = mapped_column(default="", server_default="")
    ethics_version: Mapped[str] = mapped_column(default="", server_default="")
    ethics_on: Mapped[date | None]
    about_sealed: Mapped[sealed]
    way_sealed: Mapped[sealed]
    version: Mapped[row_version]

    about = ConfidentialText("about_sealed", owner="person_id")
    way = ConfidentialText("way_sealed", owner="person_id")


class CoachListing(Base):
    """What the training department says of a coach in one cohort's list. Without a row she is listed."""

    __tablename__ = "handledning_coach_listing"
    __table_args__ = (sa.UniqueConstraint("cohort_id", "coach_id"),)

    id: Mapped[pk]
    cohort_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("cohort.id"))
    coach_id: Mapped[person_key]
    listed: Mapped[bool]
    position: Mapped[int] = mapped_column(default=0, server_default="0")
    changed_at: Mapped[datetime]


class CoachProposal(Base):
    """A coach the training department proposes to a manager. It binds nobody: she chooses."""

    __tablename__ = "handledning_coach_proposal"
    __table_args__ = (sa.UniqueConstraint("cohort_id", "manager_id"), sa.Index(None, "coach_id"))

    id: Mapped[pk]
    cohort_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("cohort.id"))
    manager_id: Mapped[person_key]
    coach_id: Mapped[person_key]
    proposed_by: Mapped[person_or_nobody]
    proposed_at: Mapped[datetime]


class ReadinessCheck(Shared, Base):
    """One answer to the three statements of readiness. `answers` are three digits from 1 to 5."""

    __tablename__ = "handledning_readiness_check"
    __table_args__ = (sa.Index(None, "engagement_id", "answered_at"), sa.Index(None, "manager_id"))

    id: Mapped[pk]
    answered_at: Mapped[datetime]
    outcome: Mapped[Readiness] = mapped_column(enum_text(Readiness))
    ask_again_on: Mapped[date | None]
    answers_sealed: Mapped[sealed]

    answers = ConfidentialText("answers_sealed", owner="manager_id", fixed="engagement_id")


class EgoCheck(Private, Base):
    """What one of the two notices of her own ego before a session, for herself alone. `jobs` are words with spaces."""

    __tablename__ = "handledning_ego_check"
    __table_args__ = (sa.Index(None, "engagement_id", "person_id"), sa.Index(None, "person_id"))

    id: Mapped[pk]
    written_at: Mapped[datetime]
    jobs_sealed: Mapped[sealed]
    text_sealed: Mapped[sealed]

    jobs = ConfidentialText("jobs_sealed", owner="person_id", fixed="engagement_id")
    text = ConfidentialText("text_sealed", owner="person_id", fixed="engagement_id")


class ValueCheck(Private, Base):
    """The manager's answers to the four statements of value, at start and end, for herself. Four digits from 1 to 5."""

    __tablename__ = "handledning_value_check"
    __table_args__ = (sa.UniqueConstraint("engagement_id", "moment"), sa.Index(None, "person_id"))

    id: Mapped[pk]
    moment: Mapped[Moment] = mapped_column(enum_text(Moment))
    answered_at: Mapped[datetime]
    answers_sealed: Mapped[sealed]
    text_sealed: Mapped[sealed]

    answers = ConfidentialText("answers_sealed", owner="person_id", fixed="engagement_id")
    text = ConfidentialText("text_sealed", owner="person_id", fixed="engagement_id")


class Openness(Shared, Base):
    """How open the manager wants the talks to be: a new row whenever she changes it, so that every version is kept."""

    __tablename__ = "handledning_openness"
    __table_args__ = (sa.UniqueConstraint("engagement_id", "version"), sa.Index(None, "manager_id"))

    id: Mapped[pk]
    version: Mapped[int]
    challenge: Mapped[int | None]
    written_at: Mapped[datetime]
    inside_sealed: Mapped[sealed]
    outside_sealed: Mapped[sealed]

    inside = ConfidentialText("inside_sealed", owner="manager_id", fixed="engagement_id")
    outside = ConfidentialText("outside_sealed", owner="manager_id", fixed="engagement_id")
