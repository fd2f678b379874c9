"""What diagnostics keep: the latest launches with each check, and when platforms fetched our keys."""

import uuid
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from service.db import Base, pk


class LaunchNote(Base):
    """One launch, accepted or refused, as far as it may be told: checks, times and the names of claims, no person.

    `evidence` is what re-validation needs without the token: header, claims that say nothing about anybody, the digest
    that was signed and the signature.
    """

    __tablename__ = "launch_note"
    __table_args__ = (sa.Index(None, "platform_id", "at"),)

    id: Mapped[pk]
    at: Mapped[datetime]
    # Empty when the message did not even say whose login it answers.
    platform_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("platform.id"))
    deployment: Mapped[str] = mapped_column(sa.String(255), default="")
    message: Mapped[str] = mapped_column(sa.String(60), default="")
    outcome: Mapped[str] = mapped_column(sa.String(60))
    incident: Mapped[str] = mapped_column(sa.String(20), default="")
    # How the browser was bound: cookie, storage, window; empty when it was not.
    binding: Mapped[str] = mapped_column(sa.String(20), default="")
    # Seconds that the platform's clock is ahead of ours by its iat; None when it did not say.
    skew: Mapped[float | None]
    evidence: Mapped[dict[str, Any]] = mapped_column(default=dict)


class KeysFetched(Base):
    """When a platform last fetched our public keys at its own address."""

    __tablename__ = "keys_fetched"

    platform_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("platform.id"), primary_key=True)
    at: Mapped[datetime]
    agent: Mapped[str] = mapped_column(sa.String(200), default="")
