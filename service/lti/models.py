"""Platforms, their deployments and keys, our own keys, and consumed nonces."""

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from service.db import Base, enum_text, pk


class PlatformState(StrEnum):
    """Whether a registered platform may launch. Pending: it registered itself, and nobody has approved that yet."""

    PENDING = "pending"
    ACTIVE = "active"
    DISABLED = "disabled"


class DeploymentState(StrEnum):
    """Whether a deployment may launch. Pending: seen in a verified launch, not yet activated."""

    PENDING = "pending"
    ACTIVE = "active"
    DISABLED = "disabled"


class Platform(Base):
    """A learning platform registered with us: one (issuer, client_id), the `public_id` of its own login address."""

    __tablename__ = "platform"
    __table_args__ = (sa.UniqueConstraint("issuer", "client_id"),)

    id: Mapped[pk]
    public_id: Mapped[str] = mapped_column(sa.String(40), unique=True)
    name: Mapped[str]
    issuer: Mapped[str] = mapped_column(sa.String(500))
    client_id: Mapped[str] = mapped_column(sa.String(255))
    auth_login_url: Mapped[str]
    token_url: Mapped[str]
    jwks_url: Mapped[str]
    # Whom our assertions for access tokens are addressed to, where that is not the token address itself.
    token_audience: Mapped[str] = mapped_column(default="", server_default="")
    # The product, in the platform's own word (moodle, canvas): its oddities are in `quirks`. Empty when it never said.
    family: Mapped[str] = mapped_column(sa.String(80), default="", server_default="")
    # Signature algorithms accepted from this platform. RS256 alone unless somebody decided otherwise.
    algorithms: Mapped[list[Any]] = mapped_column(default=lambda: ["RS256"])
    # Other audiences that a token may name beside us (OpenID Connect Core 3.1.3.7, rule 3).
    trusted_audiences: Mapped[list[Any]] = mapped_column(default=list)
    state: Mapped[PlatformState] = mapped_column(enum_text(PlatformState), default=PlatformState.ACTIVE)
    # The organisation that new deployments of this platform belong to.
    organisation_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("organisation.id"))
    auto_activate: Mapped[bool] = mapped_column(default=False)
    allow_missing_sub: Mapped[bool] = mapped_column(default=False)
    # Hash of the one-time code by which the first member of the training department proves it.
    training_code_hash: Mapped[bytes | None]
    # What we asked of the platform when it registered us, and what it granted (see `registering`); empty by hand.
    asked: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    granted: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    created_at: Mapped[datetime]


class Deployment(Base):
    """A platform's installation of the tool."""

    __tablename__ = "deployment"
    __table_args__ = (sa.UniqueConstraint("platform_id", "deployment_id"),)

    id: Mapped[pk]
    platform_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("platform.id"))
    organisation_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("organisation.id"))
    deployment_id: Mapped[str] = mapped_column(sa.String(255))
    state: Mapped[DeploymentState] = mapped_column(enum_text(DeploymentState))
    # Where this deployment takes subscriptions to its notices; empty where it sends none.
    notices_url: Mapped[str] = mapped_column(default="", server_default="")
    notices_since: Mapped[datetime | None]
    created_at: Mapped[datetime]


class Invite(Base):
    """An invitation to register one platform by itself: good once, for a day, for one organisation.

    Only the hash of its secret is kept. While a platform is being asked the invite is claimed for a moment, so that of
    two who use it at once one gets through; a platform that refused gives it back.
    """

    __tablename__ = "invite"

    id: Mapped[pk]
    secret_hash: Mapped[bytes] = mapped_column(unique=True)
    organisation_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("organisation.id"))
    # For whom it is: the name of the platform or of its administrator, as who made it wrote it.
    name: Mapped[str]
    # Whether what registers with it may launch at once, its deployments too.
    activates: Mapped[bool] = mapped_column(default=False)
    training_code_hash: Mapped[bytes | None]
    made_by: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("person.id"))
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    claimed_until: Mapped[datetime | None]
    used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    platform_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("platform.id"))


class PlatformKeys(Base):
    """The platform's keys as last fetched. `tried_at` throttles fetching; the keys stay usable while it is down."""

    __tablename__ = "platform_keys"

    platform_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("platform.id"), primary_key=True)
    jwks: Mapped[dict[str, Any] | None]
    fetched_at: Mapped[datetime | None]
    tried_at: Mapped[datetime | None]
    error: Mapped[str] = mapped_column(default="")


class UsedNonce(Base):
    """A consumed nonce. The primary key makes consuming atomic; the row stays until no token with it can be valid."""

    __tablename__ = "used_nonce"

    nonce_hash: Mapped[bytes] = mapped_column(primary_key=True)
    expires_at: Mapped[datetime]


class ToolKeyState(StrEnum):
    """A key of ours is published before it signs and after it has signed."""

    NEXT = "next"
    CURRENT = "current"
    RETIRING = "retiring"


class ToolKey(Base):
    """One of our own RSA keys; the private half is wrapped with the master key. `kid` is the RFC 7638 thumbprint."""

    __tablename__ = "tool_key"

    id: Mapped[pk]
    kid: Mapped[str] = mapped_column(sa.String(64), unique=True)
    state: Mapped[ToolKeyState] = mapped_column(enum_text(ToolKeyState))
    public_jwk: Mapped[dict[str, Any]]
    master: Mapped[str] = mapped_column(sa.String(16))
    wrapped: Mapped[bytes]
    created_at: Mapped[datetime]
    signs_from: Mapped[datetime | None]
    retires_at: Mapped[datetime | None]
