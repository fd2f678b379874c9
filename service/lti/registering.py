"""Registering with a platform that asked us to: one request with an invite, and what it answers becomes a platform.

LTI Dynamic Registration 1.0 §3.6; OpenID Connect Dynamic Client Registration 1.0 §3. Nothing of ours is written before
the platform has answered, and no transaction is open while it is asked.
"""

import json
import uuid
from dataclasses import dataclass
from typing import Annotated, Any

import sqlalchemy as sa
from pydantic import AfterValidator, Field, StrictStr

from service import audit
from service.audit import Actor, Outcome
from service.core import Core
from service.errors import Conflict
from service.lti import asking, invites, offers, platforms
from service.lti.asking import TOOL, Asked, Difference
from service.lti.models import Deployment, DeploymentState, Invite, Platform, PlatformKeys, PlatformState
from service.lti.offers import Offer, Refused
from service.lti.people import insert_new
from service.lti.service_models import AccessToken, PlatformHealth
from service.lti.strict import NotStrict, is_whole_text, read_object, tidy
from service.outbound import Answer, Outbound
from service.unit import current

_MADE = (200, 201)
_TOKEN = (401, 403)
_SERVER_ERROR = 500
MAX_DETAIL = 200


def _identifier(value: str) -> str:
    if not value.strip() or not is_whole_text(value):
        raise ValueError("an identifier has visible characters and no control characters")
    return value


Identifier = Annotated[StrictStr, Field(max_length=255), AfterValidator(_identifier)]
Names = Annotated[list[Annotated[StrictStr, Field(max_length=300)]], Field(max_length=500)]


class _Message(offers.Said):
    type: StrictStr
    placements: Names | None = None


class _Tool(offers.Said):
    deployment_id: Identifier | None = None
    claims: Names | None = None
    messages: Annotated[list[_Message], Field(max_length=100)] | None = None


class Answered(offers.Said):
    """What we read of a platform's answer to a registration."""

    client_id: Identifier
    scope: Annotated[StrictStr, Field(max_length=20_000)] | None = None
    tool: _Tool = Field(default_factory=_Tool, alias=TOOL)

    @property
    def granted(self) -> Asked:
        """What the platform granted; None for what the answer leaves open."""
        messages = self.tool.messages
        placed = [one.placements for one in messages or [] if one.placements is not None]
        return Asked(
            scopes=None if self.scope is None else self.scope.split(),
            claims=self.tool.claims,
            messages=None if messages is None else [one.type for one in messages],
            placements=[place.rpartition("/")[2] for places in placed for place in places] if placed else None,
        )


@dataclass(frozen=True)
class Done:
    """A registration that was made, or one of ours that was brought up to date."""

    platform: Platform
    is_new: bool
    differences: list[Difference]


@dataclass(frozen=True)
class Attempt:
    """One use of an invite: the invite while it is claimed, what the platform offers, and what we ask of it."""

    invite: Invite
    offer: Offer
    asked: Asked
    public_id: str


def register(core: Core, outbound: Outbound, secret: str, form: str) -> Done:
    """Registers with the platform whose offer the form carries.

    Raises NotFound for an invite that is none, Refused for what the platform or its answer did not allow, and Conflict
    when somebody else is using the invite. After any of them nothing is kept and the invite is free again.
    """
    with core.units.writing():
        invite = invites.find(secret)
        offer = offers.unsign(form, core.state_key, invite.id, current().now())
        invites.claim(invite.id)
    attempt = Attempt(invite, offer, asking.wanted(offer.configuration), platforms.new_public_id())
    try:
        answered = _ask(outbound, attempt, core.settings.public_url)
        with core.units.writing():
            return _keep(attempt, answered)
    except (Refused, Conflict) as refused:
        with core.units.writing():
            invites.give_back(invite.id)
            note_failure(invite, refused.reason)
        raise


def note_failure(invite: Invite, reason: str) -> None:
    """Writes down, in a writing unit, that an attempt to use an invite failed."""
    audit.append(
        Actor(invite.organisation_id), "registration", outcome=Outcome.DENY, reason=reason, object_type="invite",
        object_ref=str(invite.id),
    )  # fmt: skip


def _ask(outbound: Outbound, attempt: Attempt, base: str) -> Answered:
    configuration = attempt.offer.configuration
    body = asking.payload(configuration, attempt.asked, base, attempt.public_id)
    answer = offers.call(
        outbound, "POST", configuration.registration_endpoint, attempt.offer.token, json.dumps(body).encode()
    )
    if answer.status not in _MADE:
        raise _complaint(answer)
    try:
        return offers.read(Answered, answer.body)
    except Refused as refused:
        raise Refused("answer_unreadable", refused.detail) from refused


def _complaint(answer: Answer) -> Refused:
    if answer.status in _TOKEN:
        return Refused("token_refused", _word(answer.body))
    if answer.status >= _SERVER_ERROR:
        return Refused("broken", str(answer.status))
    return Refused("refused", _word(answer.body) or str(answer.status))


def _word(body: bytes) -> str:
    """What the platform says in words: in a field of its JSON, or as plain text. A page of HTML says nothing."""
    try:
        said = read_object(body)
    except NotStrict:
        text = body.decode("utf-8", "replace")
        return "" if "<" in text else tidy(text, MAX_DETAIL)
    listed = said.get("errors")
    first = listed[0] if isinstance(listed, list) and listed else listed
    named = [first.get("message")] if isinstance(first, dict) else [first]
    words = [word for word in (said.get("error"), said.get("error_description"), *named) if isinstance(word, str)]
    return tidy(": ".join(words), MAX_DETAIL)


def _keep(attempt: Attempt, answered: Answered) -> Done:
    """Writes platform and deployment, in a writing unit, and uses the invite up."""
    invite = attempt.invite
    is_new = insert_new(current(), Platform, _values(attempt, answered))
    platform = current().session.scalars(sa.select(Platform).where(
        Platform.issuer == attempt.offer.configuration.issuer, Platform.client_id == answered.client_id
    )).one()  # fmt: skip
    if not is_new:
        _bring_up_to_date(platform, attempt, answered)
    invites.spend(invite.id, platform.id)
    if answered.tool.deployment_id is not None:
        insert_new(current(), Deployment, {
            "id": uuid.uuid4(), "platform_id": platform.id, "organisation_id": platform.organisation_id,
            "deployment_id": answered.tool.deployment_id, "state": DeploymentState.ACTIVE,
            "created_at": current().now(),
        })  # fmt: skip
    audit.append(
        Actor(invite.organisation_id), "registration", reason=platform.state.value if is_new else "updated",
        object_type="platform", object_ref=str(platform.id),
    )  # fmt: skip
    return Done(platform, is_new, asking.differences(platform))


def _values(attempt: Attempt, answered: Answered) -> dict[str, Any]:
    invite = attempt.invite
    return {
        "id": uuid.uuid4(), "name": invite.name, "issuer": attempt.offer.configuration.issuer,
        "client_id": answered.client_id, "organisation_id": invite.organisation_id, "auto_activate": invite.activates,
        "state": PlatformState.ACTIVE if invite.activates else PlatformState.PENDING,
        "training_code_hash": invite.training_code_hash, "created_at": current().now(), **_said(attempt, answered),
    }  # fmt: skip


def _said(attempt: Attempt, answered: Answered) -> dict[str, Any]:
    configuration = attempt.offer.configuration
    return {
        "public_id": attempt.public_id, "auth_login_url": configuration.authorization_endpoint,
        "token_url": configuration.token_endpoint, "jwks_url": configuration.jwks_uri,
        "token_audience": configuration.audience, "family": configuration.family,
        "asked": attempt.asked.kept(), "granted": answered.granted.kept(),
    }  # fmt: skip


def _bring_up_to_date(platform: Platform, attempt: Attempt, answered: Answered) -> None:
    """Takes over what the platform says now. Its people, its deployments and whether it may launch stay as they are.

    The platform has just been told new addresses of ours, so the registration answers to those from here on.
    """
    invite = attempt.invite
    if platform.organisation_id != invite.organisation_id:
        raise Refused("other_organisation")
    for name, value in _said(attempt, answered).items():
        setattr(platform, name, value)
    if invite.activates:
        platform.auto_activate = True
        if platform.state is PlatformState.PENDING:
            platform.state = PlatformState.ACTIVE
    platform.training_code_hash = invite.training_code_hash or platform.training_code_hash
    current().session.flush()
    for kept in (PlatformKeys, AccessToken, PlatformHealth):
        current().session.execute(sa.delete(kept).where(kept.platform_id == platform.id))
