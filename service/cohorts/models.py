"""Organisations, persons, cohorts, members, grants, switches and launches."""

import uuid
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from service.access import Role
from service.db import Base, enum_text, pk

# What stands before the random name that an erased person has instead of the platform's.
ERASED = "erased "


class Organisation(Base):
    """The tenant. Deployments belong to one; defaults and the training role are the organisation's.

    `words` are its own for labels of the product, by language and key (`glossary.LABELS`).
    """

    __tablename__ = "organisation"

    id: Mapped[pk]
    name: Mapped[str]
    words: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    created_at: Mapped[datetime]


class Person(Base):
    """One (platform, sub) in one organisation. Never matched by e-mail or name.

    Name and locale are what the platform last said, or nothing: without a name the person is shown as a pseudonym.
    """

    __tablename__ = "person"
    __table_args__ = (sa.UniqueConstraint("organisation_id", "platform_id", "sub"),)

    id: Mapped[pk]
    organisation_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("organisation.id"))
    platform_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("platform.id"))
    sub: Mapped[str] = mapped_column(sa.String(255))
    name: Mapped[str] = mapped_column(default="")
    locale: Mapped[str] = mapped_column(sa.String(8), default="")
    zone: Mapped[str] = mapped_column(sa.String(64), default="")
    # The time zone she chose herself, which outranks the platform's; empty until she has.
    own_zone: Mapped[str] = mapped_column(sa.String(64), default="", server_default="")
    is_test: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]

    @property
    def display_name(self) -> str:
        """The name, or a stable pseudonym where the platform keeps names to itself."""
        return self.name or f"#{self.id.hex[:4]}"

    @property
    def is_erased(self) -> bool:
        """Whether she was erased: instead of the platform's own name for her there is one that leads nowhere."""
        return self.sub.startswith(ERASED)


class Cohort(Base):
    """An LTI context (a course) in one deployment."""

    __tablename__ = "cohort"
    __table_args__ = (sa.UniqueConstraint("deployment_id", "context_id"),)

    id: Mapped[pk]
    organisation_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("organisation.id"))
    deployment_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("deployment.id"))
    context_id: Mapped[str] = mapped_column(sa.String(255))
    title: Mapped[str] = mapped_column(default="")
    zone: Mapped[str] = mapped_column(sa.String(64), default="Europe/Stockholm")
    # The platform's services for this course, as its latest launch named them; empty where it offers none.
    memberships_url: Mapped[str] = mapped_column(default="", server_default="")
    lineitems_url: Mapped[str] = mapped_column(default="", server_default="")
    # The scopes of the line items that the platform grants here, with spaces between.
    grade_scopes: Mapped[str] = mapped_column(default="", server_default="")
    # The cohort whose course this one was copied from, and when somebody decided what to take along.
    copied_from_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("cohort.id", ondelete="SET NULL"))
    copy_decided_at: Mapped[datetime | None]
    # Put away by the training department: no roster, no completion; what people wrote stays readable to them.
    archived_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class Member(Base):
    """A person in a cohort. `role` is the tool role that her LMS roles gave at the latest launch; grants outrank it."""

    __tablename__ = "member"
    __table_args__ = (sa.UniqueConstraint("cohort_id", "person_id"), sa.Index(None, "person_id"))

    id: Mapped[pk]
    cohort_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("cohort.id"))
    person_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("person.id"))
    role: Mapped[Role] = mapped_column(enum_text(Role))
    active: Mapped[bool] = mapped_column(default=True)
    # Known from the course's roster alone: has not opened Stegvis in this course yet.
    from_roster: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    first_seen_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]

    person: Mapped[Person] = relationship(lazy="raise")
    cohort: Mapped[Cohort] = relationship(lazy="raise")


class Grant(Base):
    """A role given inside the tool: training for an organisation (no cohort), coach or manager for one cohort.

    It lasts until it is revoked; the row stays, so that the page can say who gave what when.
    """

    __tablename__ = "role_grant"
    __table_args__ = (sa.Index(None, "person_id"),)

    id: Mapped[pk]
    organisation_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("organisation.id"))
    cohort_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("cohort.id"))
    person_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("person.id"))
    role: Mapped[Role] = mapped_column(enum_text(Role))
    granted_by: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("person.id"))
    granted_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class CohortPlugin(Base):
    """Whether a plugin is on for a cohort, and its settings there. Off keeps the settings: hiding never deletes."""

    __tablename__ = "cohort_plugin"

    cohort_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("cohort.id"), primary_key=True)
    plugin: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    enabled: Mapped[bool]
    settings: Mapped[dict[str, Any]] = mapped_column(default=dict)
    # Whether the platform's gradebook is told who has completed this plugin here. Nothing but that is ever told.
    completion: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    changed_at: Mapped[datetime]


class OrganisationPlugin(Base):
    """Whether a plugin is on in the organisation's new cohorts, and its settings there. No row: the plugin's own default."""

    __tablename__ = "organisation_plugin"

    organisation_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("organisation.id"), primary_key=True)
    plugin: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    enabled: Mapped[bool]
    settings: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")


class ProposalLink(Base):
    """That one plugin's result became another's beginning. The thread of the person whose it is draws on these."""

    __tablename__ = "proposal_link"
    __table_args__ = (sa.Index(None, "person_id", "cohort_id"),)

    id: Mapped[pk]
    cohort_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("cohort.id"))
    person_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("person.id"))
    source_plugin: Mapped[str] = mapped_column(sa.String(40))
    source_ref: Mapped[uuid.UUID]
    target_plugin: Mapped[str] = mapped_column(sa.String(40))
    target_ref: Mapped[uuid.UUID]
    at: Mapped[datetime]


class Launch(Base):
    """One verified launch and the stay that follows.

    The id stands in the path and selects; the credential is the browser's secret, of which the hash is kept here.
    `cohort_id` and `member_id` are missing when the platform launched without a course.
    """

    __tablename__ = "launch"
    __table_args__ = (
        sa.Index(None, "browser_hash"),
        # Few launches have a ticket; the others are not in the index.
        sa.Index(
            None,
            "ticket_hash",
            unique=True,
            sqlite_where=sa.text("ticket_hash IS NOT NULL"),
            postgresql_where=sa.text("ticket_hash IS NOT NULL"),
        ),
    )

    id: Mapped[pk]
    browser_hash: Mapped[bytes]
    platform_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("platform.id"))
    deployment_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("deployment.id"))
    organisation_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("organisation.id"))
    person_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("person.id"))
    cohort_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("cohort.id"))
    member_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("member.id"))
    role: Mapped[Role] = mapped_column(enum_text(Role))
    locale: Mapped[str] = mapped_column(sa.String(8))
    in_frame: Mapped[bool]
    return_url: Mapped[str] = mapped_column(default="")
    frame_origins: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    # The launch whose one-time ticket opened this one in a window of its own: leaving ends both.
    opened_from: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("launch.id", ondelete="SET NULL"))
    ticket_hash: Mapped[bytes | None]
    ticket_expires_at: Mapped[datetime | None]
