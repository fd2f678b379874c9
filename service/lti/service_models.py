"""What the platforms' services need: access tokens, how each platform answers, rosters, columns and deliveries."""

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from service.db import Base, enum_text, pk


class AccessToken(Base):
    """A platform's access token for one set of scopes, sealed with the master key, until shortly before it expires."""

    __tablename__ = "access_token"
    __table_args__ = (sa.UniqueConstraint("platform_id", "scopes_hash"),)

    id: Mapped[pk]
    platform_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("platform.id"))
    scopes_hash: Mapped[bytes]
    master: Mapped[str] = mapped_column(sa.String(16))
    wrapped: Mapped[bytes]
    expires_at: Mapped[datetime]


class PlatformHealth(Base):
    """How a platform's services answered lately. While `closed_until` has not passed nothing is asked of them."""

    __tablename__ = "platform_health"

    platform_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("platform.id"), primary_key=True)
    failures: Mapped[int] = mapped_column(default=0)
    closed_until: Mapped[datetime | None]
    last_ok_at: Mapped[datetime | None]
    last_failed_at: Mapped[datetime | None]
    # A short stable word, never what was answered.
    reason: Mapped[str] = mapped_column(sa.String(60), default="")


class RosterState(StrEnum):
    """Where the reading of a course's roster is. Failed: it will be tried again; refused: somebody has to look."""

    NEVER = "never"
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    REFUSED = "refused"


class RosterSync(Base):
    """The reading of one cohort's roster: how far it is, and when one was last complete."""

    __tablename__ = "roster_sync"

    cohort_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("cohort.id"), primary_key=True)
    state: Mapped[RosterState] = mapped_column(enum_text(RosterState), default=RosterState.NEVER)
    reason: Mapped[str] = mapped_column(sa.String(60), default="")
    # The run under way, so that one that was broken off goes on where it was.
    run: Mapped[uuid.UUID | None]
    next_url: Mapped[str] = mapped_column(default="")
    pages: Mapped[int] = mapped_column(default=0)
    members: Mapped[int] = mapped_column(default=0)
    # Lines of this run that could not be read: nobody is found gone by a roster that was not understood.
    skipped: Mapped[int] = mapped_column(default=0)
    # Digests of the pages read in this run: a platform that leads in a circle is noticed.
    visited: Mapped[list[Any]] = mapped_column(default=list)
    asked_at: Mapped[datetime | None]
    begun_at: Mapped[datetime | None]
    # The last complete reading, how many it found, and how many it found gone.
    done_at: Mapped[datetime | None]
    found: Mapped[int] = mapped_column(default=0)
    gone: Mapped[int] = mapped_column(default=0)


class RosterEntry(Base):
    """One line of a roster as read, waiting until the whole of it has been.

    `person_id` and `member_id` are new ids, used where the person or member is not there yet.
    """

    __tablename__ = "roster_entry"

    cohort_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("cohort.id"), primary_key=True)
    sub: Mapped[str] = mapped_column(sa.String(255), primary_key=True)
    run: Mapped[uuid.UUID]
    name: Mapped[str] = mapped_column(default="")
    locale: Mapped[str] = mapped_column(sa.String(8), default="")
    role: Mapped[str] = mapped_column(sa.String(20))
    is_test: Mapped[bool] = mapped_column(default=False)
    active: Mapped[bool] = mapped_column(default=True)
    person_id: Mapped[uuid.UUID]
    member_id: Mapped[uuid.UUID]


class LineItem(Base):
    """The gradebook column of one plugin in one cohort. `url` is empty until it has been found or made."""

    __tablename__ = "line_item"
    __table_args__ = (sa.UniqueConstraint("cohort_id", "plugin"),)

    id: Mapped[pk]
    cohort_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("cohort.id"))
    plugin: Mapped[str] = mapped_column(sa.String(40))
    url: Mapped[str] = mapped_column(default="")
    # How many columns the platform had for it when we last looked: more than one is shown to the training department.
    columns: Mapped[int] = mapped_column(default=0)
    # Whoever ensures it holds it until then; of ten at once one asks the platform.
    held_until: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(sa.String(60), default="")
    # Progress has changed since it was last asked for; when it was.
    changed_at: Mapped[datetime | None]
    gathered_at: Mapped[datetime | None]


class DeliveryState(StrEnum):
    """Where a completion is on its way to the gradebook."""

    WAITING = "waiting"
    SENT = "sent"
    # The platform said why it will not take it; trying again would not help.
    REFUSED = "refused"
    # Tried for three days: somebody has to look.
    NEEDS_ATTENTION = "needs_attention"


class Delivery(Base):
    """One person's completion on its way to one column. Only "complete" is ever told, and once."""

    __tablename__ = "delivery"
    __table_args__ = (
        sa.UniqueConstraint("line_item_id", "person_id"),
        sa.Index(None, "platform_id", "state", "due_at"),
    )

    id: Mapped[pk]
    line_item_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("line_item.id"))
    platform_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("platform.id"))
    person_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("person.id"))
    state: Mapped[DeliveryState] = mapped_column(enum_text(DeliveryState), default=DeliveryState.WAITING)
    reason: Mapped[str] = mapped_column(sa.String(60), default="")
    tries: Mapped[int] = mapped_column(default=0)
    decided_at: Mapped[datetime]
    due_at: Mapped[datetime]
    # The timestamp of the score last sent: later ones are later by whole seconds.
    score_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
