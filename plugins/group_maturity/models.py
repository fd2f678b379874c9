"""What is kept. A manager's own ratings and her measurements are hers; what her group answers is nobody's.

While a measurement is open all answers of it lie together in one sealed box (`Inbox`), without order, time or person;
at closing they become figures (`Report`), and the box and its key are gone.
"""

import uuid
from datetime import date, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from service.contract import Base, ConfidentialText, enum_text, pk


class Status(StrEnum):
    """A rating is a draft until it is submitted; then its answers stay as they are."""

    DRAFT = "draft"
    SUBMITTED = "submitted"


class SelfRating(Base):
    """One own rating. `answers` is JSON: item → number, or null for "cannot judge"; an item not there is unanswered.

    `contribution` is the one leader contribution for the next four weeks, in her own words. `measurement_id` is the
    measurement that it is her own picture beside; a rating may also stand alone.
    """

    __tablename__ = "group_maturity_self_rating"
    __table_args__ = (
        sa.Index(None, "cohort_id", "person_id"),
        sa.Index(None, "person_id"),
        # A measurement has at most one own picture.
        sa.Index(None, "measurement_id", unique=True),
        # Two tabs that begin at once meet in the same draft.
        sa.Index(
            "uq_group_maturity_self_rating_draft", "cohort_id", "person_id", unique=True,
            sqlite_where=sa.text("status = 'draft'"), postgresql_where=sa.text("status = 'draft'"),
        ),
    )  # fmt: skip

    id: Mapped[pk]
    cohort_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("cohort.id"))
    person_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("person.id"))
    measurement_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("group_maturity_measurement.id"))
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


class InstrumentVersion(Base):
    """One version of an instrument that a training department uploaded. The bundled one is a file and has no row.

    `source` is the YAML as it came. `licence_ref` is where the right to use the texts is written down; without it a
    version whose licence is not open cannot be used. Once a measurement or rating was made with it, it stays as it is.
    """

    __tablename__ = "group_maturity_instrument"
    __table_args__ = (sa.UniqueConstraint("organisation_id", "key", "version"),)

    id: Mapped[pk]
    organisation_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("organisation.id"))
    key: Mapped[str] = mapped_column(sa.String(80))
    version: Mapped[str] = mapped_column(sa.String(20))
    sha256: Mapped[str] = mapped_column(sa.String(64))
    source: Mapped[str]
    uploaded_by: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("person.id"))
    uploaded_at: Mapped[datetime]
    licence_ref: Mapped[str] = mapped_column(sa.String(300), default="")
    declared_by: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("person.id"))
    declared_at: Mapped[datetime | None]
    retired_at: Mapped[datetime | None]


class Mode(StrEnum):
    """How the group gets in: a one-time code each, or one link for all, which is weaker."""

    CODES = "codes"
    LINK = "link"


class State(StrEnum):
    """Where a measurement is. `closed` waits for its report; `discarded` was given up by its manager."""

    DRAFT = "draft"
    OPEN = "open"
    CLOSED = "closed"
    REPORTED = "reported"
    SUPPRESSED = "suppressed"
    DISCARDED = "discarded"


class Measurement(Base):
    """One wave of asking a group. What was promised to those who answer is frozen when it opens.

    `label` is what the manager calls the group. `box_key` opens the box of answers and is destroyed with it; `codes` are
    the words of the links while it is open. Both are sealed with her key. `changed` is how many joined and left since
    the wave before. `version` counts the edits of a draft, for two tabs. `manager_id` is empty once she was erased.
    """

    __tablename__ = "group_maturity_measurement"
    __table_args__ = (
        sa.Index(None, "cohort_id", "manager_id"),
        sa.Index(None, "manager_id"),
        sa.Index(None, "previous_id", unique=True),
        sa.Index(None, "state", "closes_on"),
    )

    id: Mapped[pk]
    cohort_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("cohort.id"))
    manager_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("person.id"))
    instrument_key: Mapped[str] = mapped_column(sa.String(80))
    instrument_version: Mapped[str] = mapped_column(sa.String(20))
    instrument_sha256: Mapped[str] = mapped_column(sa.String(64))
    state: Mapped[State] = mapped_column(enum_text(State))
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    size: Mapped[int]
    languages: Mapped[list[Any]]
    mode: Mapped[Mode] = mapped_column(enum_text(Mode))
    opens_on: Mapped[date]
    closes_on: Mapped[date]
    opened_at: Mapped[datetime | None]
    closed_on: Mapped[date | None]
    minimum: Mapped[int]
    about_manager: Mapped[bool]
    # Whether those who answer may write a few lines of their own.
    comments: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    group_reads: Mapped[bool]
    wave: Mapped[int] = mapped_column(default=1)
    previous_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("group_maturity_measurement.id"))
    changed: Mapped[int] = mapped_column(default=0)
    enough: Mapped[bool] = mapped_column(default=False)
    label_sealed: Mapped[bytes | None]
    box_key_sealed: Mapped[bytes | None]
    codes_sealed: Mapped[bytes | None]

    label = ConfidentialText("label_sealed", owner="manager_id")
    box_key = ConfidentialText("box_key_sealed", owner="manager_id")
    codes = ConfidentialText("codes_sealed", owner="manager_id")


class Inbox(Base):
    """The box of answers of an open measurement: one sealed value of constant size, mixed anew by every answer."""

    __tablename__ = "group_maturity_inbox"

    measurement_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("group_maturity_measurement.id"), primary_key=True)
    sealed: Mapped[bytes]


class Report(Base):
    """What a measurement said, counted once when it closed: rounded and suppressed, the same for every reader.

    `figures` are the published ones (`operations.reports.Figures`). `moments` are the unrounded sums, sealed with the
    manager's key and read only to compare waves and to tell how well the instrument measures. `release` is when its
    figures became part of what the training department sees, together with other teams'; empty before that. `comments`
    is a JSON list of what people wrote in words of their own, mixed, where that may be shown; it is kept for 90 days.
    """

    __tablename__ = "group_maturity_report"
    __table_args__ = (sa.Index(None, "cohort_id", "release"), sa.Index(None, "manager_id"))

    id: Mapped[pk]
    measurement_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("group_maturity_measurement.id"), unique=True)
    cohort_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("cohort.id"))
    manager_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("person.id"))
    instrument_key: Mapped[str] = mapped_column(sa.String(80))
    # Versions of the same major can be put together; others cannot.
    instrument_major: Mapped[int]
    wave: Mapped[int]
    frozen_on: Mapped[date]
    release: Mapped[int | None]
    figures: Mapped[dict[str, Any]]
    moments_sealed: Mapped[bytes | None]
    comments_sealed: Mapped[bytes | None]

    moments = ConfidentialText("moments_sealed", owner="manager_id")
    comments = ConfidentialText("comments_sealed", owner="manager_id")


class ReportedScale(Base):
    """A report's published figure of one side of the group, as a row, so that the database can put teams together.

    Only reports that show all sides have such rows, and what was said of the manager has none.
    """

    __tablename__ = "group_maturity_reported_scale"

    report_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("group_maturity_report.id"), primary_key=True)
    scale: Mapped[str] = mapped_column(sa.String(16), primary_key=True)
    value: Mapped[int]


class Share(Base):
    """That a manager shows a coach one report, until she stops. `with_own` adds her own picture to it."""

    __tablename__ = "group_maturity_share"
    __table_args__ = (
        sa.Index(None, "measurement_id"),
        sa.Index(None, "coach_id"),
        sa.Index(
            "uq_group_maturity_share_going_on", "measurement_id", "coach_id", unique=True,
            sqlite_where=sa.text("ended_at IS NULL"), postgresql_where=sa.text("ended_at IS NULL"),
        ),
    )  # fmt: skip

    id: Mapped[pk]
    measurement_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("group_maturity_measurement.id"))
    coach_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("person.id"))
    with_own: Mapped[bool]
    shared_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class Reliability(Base):
    """How well one scale of an instrument version measures in an organisation, counted now and then from many teams."""

    __tablename__ = "group_maturity_reliability"
    __table_args__ = (
        sa.UniqueConstraint(
            "organisation_id",
            "instrument_key",
            "instrument_version",
            "scale",
            name="uq_group_maturity_reliability_scale",
        ),
    )

    id: Mapped[pk]
    organisation_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("organisation.id"))
    instrument_key: Mapped[str] = mapped_column(sa.String(80))
    instrument_version: Mapped[str] = mapped_column(sa.String(20))
    scale: Mapped[str] = mapped_column(sa.String(16))
    persons: Mapped[int]
    teams: Mapped[int]
    deviation: Mapped[float]
    alpha: Mapped[float | None]
    icc1: Mapped[float | None]
    icc2: Mapped[float | None]
    counted_on: Mapped[date]
