"""Notices of platforms (1EdTech Platform Notification Service 1.0): asking for them, and taking them.

One kind is asked for: that a course was copied. Canvas sends a notice once and never again, so it is kept at once and
followed when the copied course is opened; what it would have said is also looked for in every launch (see `copies`).
"""

import json
import uuid
from collections.abc import Sequence
from datetime import timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from flask import Response, current_app, request
from pydantic import BaseModel, ConfigDict, Field, StrictStr, ValidationError

from service.access import public
from service.core import core
from service.errors import LaunchRefused, Malformed
from service.jobs import outbox
from service.jobs.outbox import Fate, Held, Refused
from service.lti import acceptance, copies, services
from service.lti.arrival import Arrival
from service.lti.claims import CLAIM, Context, Identifier
from service.lti.models import Deployment, DeploymentState, Platform
from service.lti.people import consume
from service.lti.registrations import Registration
from service.lti.strict import NotStrict, read_object
from service.unit import current

if TYPE_CHECKING:
    from service.lti.routes import Parts

COPY, HELLO = "LtiContextCopyNotice", "LtiHelloWorldNotice"
SCOPE = "https://purl.imsglobal.org/spec/lti/scope/noticehandlers"
SUBSCRIBE = "notices.subscribe"
MAX_BODY = 256 * 1024
MAX_NOTICES = 50
# A spent id is remembered longer than any token with it could still be accepted.
MARGIN = timedelta(minutes=10)


class _Model(BaseModel):
    model_config = ConfigDict(strict=True, extra="ignore", frozen=True, hide_input_in_errors=True)


class _About(_Model):
    id: Identifier
    type: StrictStr


class Notice(_Model):
    """What a verified notice says."""

    version: StrictStr = Field(alias=CLAIM + "version")
    deployment_id: Identifier = Field(alias=CLAIM + "deployment_id")
    about: _About = Field(alias=CLAIM + "notice")
    context: Context | None = Field(default=None, alias=CLAIM + "context")
    origin_contexts: list[Identifier] = Field(default_factory=list, max_length=50, alias=CLAIM + "origin_contexts")


# Taking notices.


@public("a platform tells of a copied course; each notice proves itself by its signature and is taken once")
def receive(public_id: str) -> Response:
    """Takes notices: 202 when all were genuine and new, else 401. One that is refused does not hold back another."""
    parts: Parts = current_app.extensions["stegvis.lti"]
    parts.launches.take(request.remote_addr or "", current_app.config["LTI_PER_MINUTE"])
    registration = parts.registrations.by_public_id(public_id)
    if registration is None or not registration.is_active:
        raise LaunchRefused("notice_platform")
    refused: LaunchRefused | None = None
    for token in _tokens():
        try:
            _take(registration, _verified(parts, registration, token))
        except LaunchRefused as refusal:
            refused = refusal
    if refused is not None:
        raise LaunchRefused(f"notice_{refused.reason}")
    return Response(status=HTTPStatus.ACCEPTED)


def _tokens() -> Sequence[str]:
    request.max_content_length = MAX_BODY
    try:
        notices = read_object(request.get_data(cache=False)).get("notices")
    except NotStrict as error:
        raise Malformed("notice_body") from error
    if not isinstance(notices, list) or not 0 < len(notices) <= MAX_NOTICES:
        raise Malformed("notice_body")
    named = [notice.get("jwt") if isinstance(notice, dict) else None for notice in notices]
    tokens = [token for token in named if isinstance(token, str)]
    if len(tokens) < len(named):
        raise Malformed("notice_body")
    return tokens


def _verified(parts: "Parts", registration: Registration, token: str) -> dict[str, Any]:
    now, leeway = core().units.clock.now(), timedelta(seconds=core().settings.leeway_seconds)
    keys = parts.key_sets.keys(registration)
    try:
        return acceptance.verify(token, registration.expected, keys, now, leeway, nonce=None)
    except LaunchRefused as refused:
        newer = parts.key_sets.newer_keys(registration) if refused.reason == "kid_unknown" else None
        if newer is None:
            raise
    return acceptance.verify(token, registration.expected, newer, now, leeway, nonce=None)


def _take(registration: Registration, claims: dict[str, Any]) -> None:
    try:
        notice = Notice.model_validate(claims)
    except ValidationError as error:
        raise LaunchRefused("claims") from error
    if notice.version != "1.3.0":
        raise LaunchRefused("version")
    if notice.about.type not in (COPY, HELLO):
        raise LaunchRefused("type")
    with core().units.writing() as unit:
        deployment = _deployment(registration.id, notice.deployment_id)
        until = unit.now() + timedelta(seconds=claims["exp"] - claims["iat"]) + MARGIN
        if not consume(unit, registration.id, f"notice {notice.about.id}", until):
            raise LaunchRefused("replay")
        if notice.about.type == COPY and notice.context is not None and notice.origin_contexts:
            copies.remember(deployment.id, deployment.organisation_id, notice.context.id, notice.origin_contexts)


def _deployment(platform_id: uuid.UUID, number: str) -> Deployment:
    query = sa.select(Deployment).where(Deployment.platform_id == platform_id, Deployment.deployment_id == number)
    found = current().session.scalars(query).one_or_none()
    if found is None or found.state is not DeploymentState.ACTIVE:
        raise LaunchRefused("deployment")
    return found


# Asking for notices.


def subscribe(arrival: Arrival) -> None:
    """Decides to ask for copy notices when the launch names an address for that which is not known yet."""
    offered = arrival.message.notices
    url = offered.platform_notification_service_url if offered else None
    if offered is None or not url or COPY not in offered.notice_types_supported or url == arrival.place.notices_url:
        return
    deployment = arrival.unit.session.get_one(Deployment, arrival.place.deployment_id)
    deployment.notices_url, deployment.notices_since = url, None
    arrival.unit.session.flush()
    outbox.decide(SUBSCRIBE, deployment.id, deployment.organisation_id)


def run(held: Held) -> None:
    """Asks the platform to send a deployment's copy notices to us. There is one handler for a kind: the latest."""
    with core().units.reading() as unit:
        deployment = unit.session.get_one(Deployment, held.subject_id)
        platform = unit.session.get_one(Platform, deployment.platform_id)
        url, platform_id, public_id = deployment.notices_url, platform.id, platform.public_id
    handler = f"{core().settings.public_url}/lti/notices/{public_id}"
    body = json.dumps({"notice_type": COPY, "handler": handler}).encode()
    try:
        answer = services.of_app().call(platform_id, (SCOPE,), "PUT", url, content_type="application/json", body=body)
    except services.ServiceRefused as refusal:
        raise Refused(refusal.reason) from refusal
    if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise RuntimeError(f"status_{answer.status}")
    if answer.status >= HTTPStatus.MULTIPLE_CHOICES:
        raise Refused(f"status_{answer.status}")
    with core().units.writing() as unit:
        unit.session.get_one(Deployment, held.subject_id).notices_since = unit.now()
        outbox.finish(held)


def tell(deployment_id: uuid.UUID, fate: Fate, _reason: str) -> None:
    """After the last try in vain the address is forgotten, so that a later launch asks again."""
    if fate is Fate.DEAD:
        current().session.get_one(Deployment, deployment_id).notices_url = ""
