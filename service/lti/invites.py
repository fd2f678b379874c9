"""Invites: by one of them, once and within a day, a platform may register itself for one organisation.

The secret stands in the address that an administrator pastes into her platform; we keep its hash. An invite that is
unknown, used, expired or revoked answers as if it had never been, and nothing is asked of anybody.
"""

import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from service import audit
from service.access import Role
from service.audit import Actor
from service.cohorts.claims import digest
from service.cohorts.models import Grant
from service.errors import Conflict, Denial, Invalid, NotFound
from service.lti.models import Invite
from service.lti.strict import is_whole_text
from service.unit import current

LIFETIME = timedelta(days=1)
# Longer than one call to a platform can take; after it an invite whose process died may be used again.
CLAIM = timedelta(seconds=60)
MAX_NAME = 200
_INVITES: Any = Invite.__table__


class InviteState(StrEnum):
    """What has become of an invite."""

    OPEN = "open"
    USED = "used"
    EXPIRED = "expired"
    REVOKED = "revoked"


@dataclass(frozen=True)
class Made:
    """A new invite, shown once: its secret, and the one-time code for the first member of the training department.

    The code is empty where the organisation has a training member already.
    """

    id: uuid.UUID
    secret: str
    training_code: str
    expires_at: datetime

    def address(self, public_url: str) -> str:
        """The registration address that the platform's administrator pastes."""
        return f"{public_url}/lti/register/{self.secret}"


@dataclass(frozen=True)
class Line:
    """An invite as a list shows it. `platform_id` is the platform that registered with it."""

    id: uuid.UUID
    name: str
    state: InviteState
    activates: bool
    made_by: uuid.UUID | None
    made_at: datetime
    expires_at: datetime
    used_at: datetime | None
    platform_id: uuid.UUID | None


def make(organisation_id: uuid.UUID, name: str, actor: Actor, *, activates: bool = False) -> Made:
    """Makes an invite, in a writing unit. `activates`: what registers with it may launch at once.

    Raises Invalid(name=…) for a name that is empty, too long or not one line.
    """
    name = name.strip()
    if not name or len(name) > MAX_NAME or not is_whole_text(name):
        raise Invalid(name=f"it must be 1 to {MAX_NAME} characters on one line")
    secret, now = secrets.token_urlsafe(24), current().now()
    code = "" if has_training(organisation_id) else new_code()
    invite = Invite(
        secret_hash=digest(secret), organisation_id=organisation_id, name=name, activates=activates,
        training_code_hash=digest(code) if code else None, made_by=actor.person_id, made_at=now,
        expires_at=now + LIFETIME,
    )  # fmt: skip
    current().session.add(invite)
    current().session.flush()
    _note(actor, "invite.make", invite.id, reason="activates" if activates else "")
    return Made(invite.id, secret, code, invite.expires_at)


def new_code() -> str:
    """Returns a one-time code that can be read out."""
    return "-".join(secrets.token_hex(2) for _ in range(6))


def has_training(organisation_id: uuid.UUID) -> bool:
    """Tells whether somebody is in the organisation's training department already."""
    found = sa.select(Grant.id).where(
        Grant.organisation_id == organisation_id, Grant.role == Role.TRAINING, Grant.cohort_id.is_(None),
        Grant.revoked_at.is_(None),
    )  # fmt: skip
    return current().session.scalar(found.limit(1)) is not None


def listing(organisation_id: uuid.UUID, limit: int = 50) -> list[Line]:
    """Returns the organisation's invites, the latest first."""
    query = sa.select(Invite).where(Invite.organisation_id == organisation_id)
    found = current().session.scalars(query.order_by(Invite.made_at.desc(), Invite.id).limit(limit))
    now = current().now()
    return [
        Line(
            one.id, one.name, state_of(one, now), one.activates, one.made_by, one.made_at, one.expires_at, one.used_at,
            one.platform_id,
        )
        for one in found
    ]  # fmt: skip


def state_of(invite: Invite, now: datetime) -> InviteState:
    """Returns what has become of an invite by now."""
    if invite.used_at is not None:
        return InviteState.USED
    if invite.revoked_at is not None:
        return InviteState.REVOKED
    return InviteState.EXPIRED if invite.expires_at <= now else InviteState.OPEN


def revoke(organisation_id: uuid.UUID, invite_id: uuid.UUID, actor: Actor) -> None:
    """Takes an invite back. Raises NotFound unless the organisation has an open one with this id."""
    now = current().now()
    query = sa.update(_INVITES).where(
        _INVITES.c.id == invite_id, _INVITES.c.organisation_id == organisation_id, *_is_open(now)
    )
    if not _one(query.values(revoked_at=now)):
        raise NotFound("no_invite")
    _note(actor, "invite.revoke", invite_id)


class Closed(NotFound):
    """An invite that was one once. The visitor is told what anybody is told; the organisation's audit trail hears of it."""

    def __init__(self, invite: Invite, state: InviteState) -> None:
        denial = Denial("registration", f"invite_{state.value}", "invite", str(invite.id))
        super().__init__("no_invite", denial=denial)
        self.actor = Actor(invite.organisation_id)


def find(secret: str) -> Invite:
    """Returns the open invite with this secret. Raises NotFound when there was never one, Closed when there was."""
    query = sa.select(Invite).where(Invite.secret_hash == digest(secret))
    invite = current().session.scalars(query).one_or_none()
    if invite is None:
        raise NotFound("no_invite")
    state = state_of(invite, current().now())
    if state is not InviteState.OPEN:
        raise Closed(invite, state)
    return invite


def claim(invite_id: uuid.UUID) -> None:
    """Takes an open invite for as long as a platform is being asked. Raises Conflict when another has it."""
    now = current().now()
    query = sa.update(_INVITES).where(
        _INVITES.c.id == invite_id, *_is_open(now),
        sa.or_(_INVITES.c.claimed_until.is_(None), _INVITES.c.claimed_until <= now),
    )  # fmt: skip
    if not _one(query.values(claimed_until=now + CLAIM)):
        raise Conflict("invite_in_use")


def give_back(invite_id: uuid.UUID) -> None:
    """Makes a claimed invite free again: the platform did not register us."""
    current().session.execute(sa.update(_INVITES).where(_INVITES.c.id == invite_id).values(claimed_until=None))


def spend(invite_id: uuid.UUID, platform_id: uuid.UUID) -> None:
    """Uses a claimed invite up. Raises Conflict when it has been used or revoked meanwhile."""
    now = current().now()
    query = sa.update(_INVITES).where(
        _INVITES.c.id == invite_id, _INVITES.c.used_at.is_(None), _INVITES.c.revoked_at.is_(None)
    )
    if not _one(query.values(used_at=now, claimed_until=None, platform_id=platform_id)):
        raise Conflict("invite_gone")


def _is_open(now: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    return (_INVITES.c.used_at.is_(None), _INVITES.c.revoked_at.is_(None), _INVITES.c.expires_at > now)


def _one(statement: sa.Update) -> bool:
    result = current().session.execute(statement, execution_options={"synchronize_session": False})
    return bool(result.rowcount == 1)  # type: ignore[attr-defined]  # an UPDATE's result has it


def _note(actor: Actor, action: str, invite_id: uuid.UUID, reason: str = "") -> None:
    audit.append(actor, action, reason=reason, object_type="invite", object_ref=str(invite_id))
