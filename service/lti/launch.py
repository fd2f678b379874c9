"""Launching: from what the platform posted to a launch row, in two steps.

`verified` asks whether the message is genuine and the answer to a login of this browser; it writes nothing. `opened`
then consumes the nonce and writes person, cohort, member and launch in one transaction, or nothing.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from service import audit
from service.access import Role
from service.audit import Actor
from service.core import Core
from service.errors import Denial, DeploymentPending, LaunchRefused, PlatformPending
from service.lti import acceptance, adapter, state
from service.lti.arrival import Arrival
from service.lti.claims import Message, read_message
from service.lti.keysets import KeySets
from service.lti.landing import landing
from service.lti.models import DeploymentState, PlatformState
from service.lti.people import Place, consume, deployed, find_place, insert_launch, settle
from service.lti.quirks import quirks_of
from service.lti.registrations import Registration, Registrations, origin_of
from service.lti.roles import Meaning, meaning_of
from service.unit import Unit

# A spent nonce is remembered longer than any token with it could still be accepted.
NONCE_MARGIN = timedelta(minutes=5)


@dataclass(frozen=True)
class Verified:
    """A genuine message: whose it is, the login it answers, and its claims, read as far as they prove it."""

    registration: Registration
    login: state.LoginState
    claims: dict[str, Any]

    @property
    def actor(self) -> Actor:
        """Whose audit trail hears of it when it is refused from here on."""
        return Actor(self.registration.organisation_id)


@dataclass(frozen=True)
class Opened:
    """A launch that was accepted: its id, the role it was given, and the path to go on to."""

    launch_id: uuid.UUID
    role: Role
    path: str


@dataclass(frozen=True)
class Visitor:
    """What the browser said: the language it prefers, and whether it shows us in a frame (None: no word)."""

    language: str
    in_frame: bool | None


def login_of(core: Core, state_text: str) -> state.LoginState:
    """Returns the login that a state belongs to. Raises LaunchRefused."""
    return state.read(core.state_key, adapter.returned_state(state_text), core.units.clock.now())


def verified(
    core: Core, known: Registrations, key_sets: KeySets, token: str, login: state.LoginState, secret: bytes | None
) -> Verified:
    """Returns the message, if it is genuine and the answer to a login of this browser. Raises LaunchRefused.

    `secret` is what the browser proves itself with: its cookie, or what the platform's storage kept.
    """
    now = core.units.clock.now()
    if not login.is_proved_by(secret):
        raise LaunchRefused("state_binding")
    registration = known.by_id(login.platform_id)
    if registration is None or registration.state is PlatformState.DISABLED:
        raise LaunchRefused("platform_disabled")
    leeway = timedelta(seconds=core.settings.leeway_seconds)
    return Verified(registration, login, _claims(key_sets, registration, login, token, now, leeway))


def _claims(
    key_sets: KeySets, registration: Registration, login: state.LoginState, token: str, now: datetime, leeway: timedelta
) -> dict[str, Any]:
    keys = key_sets.keys(registration)
    try:
        return acceptance.verify(token, registration.expected, keys, now, leeway, nonce=login.nonce)
    except LaunchRefused as refused:
        newer = key_sets.newer_keys(registration) if refused.reason == "kid_unknown" else None
        if newer is None:
            raise
    return acceptance.verify(token, registration.expected, newer, now, leeway, nonce=login.nonce)


def opened(core: Core, message: Verified, visitor: Visitor) -> Opened:
    """Writes the launch. Raises LaunchRefused, PlatformPending or DeploymentPending, each with its denial."""
    launch = _read(core, message)
    with core.units.writing() as unit:
        place = find_place(unit, message.registration, launch)
        if place.platform_state is PlatformState.PENDING:
            raise PlatformPending("platform_pending", denial=Denial("launch", "platform_pending"))
        if place.platform_state is not PlatformState.ACTIVE:
            raise _denied("platform_disabled")
        if place.deployment_id is None:
            place = deployed(unit, message.registration, launch, place)
        if place.deployment_state is DeploymentState.ACTIVE:
            result = _open(core, unit, message, launch, place, visitor)
            unit.after_commit.append(core.metrics.launches.labels(result.role.value).inc)
            return result
        if place.deployment_state is DeploymentState.DISABLED:
            raise _denied("deployment_disabled")
    # The pending row is kept; the platform's administrator reads its number to the training department.
    raise DeploymentPending(launch.deployment_id, denial=Denial("launch", "deployment_pending"))


def _denied(reason: str) -> LaunchRefused:
    return LaunchRefused(reason, denial=Denial("launch", reason))


def _read(core: Core, message: Verified) -> Message:
    try:
        launch = read_message(message.claims)
    except LaunchRefused as refused:
        raise _denied(refused.reason) from refused
    if launch.sub is None and not message.registration.allow_missing_sub:
        raise _denied("sub")
    if not _is_target(core, message, launch.target_link_uri):
        raise _denied("target")
    return launch


def _is_target(core: Core, message: Verified, target: str | None) -> bool:
    """A request for content may leave the target out; what a launch opens is ours, and the login named it too."""
    if target is None:
        return True
    public_url, named = core.settings.public_url, message.login.target_link_uri
    if target != named:
        in_token = quirks_of(message.registration.family).target_in_token
        if not in_token or named != f"{public_url}/lti/launch":
            return False
    return origin_of(target) == origin_of(public_url)


def _open(core: Core, unit: Unit, message: Verified, launch: Message, place: Place, visitor: Visitor) -> Opened:
    expires = datetime.fromtimestamp(message.claims["exp"], unit.now().tzinfo)
    until = max(expires, message.login.expires_at) + timedelta(seconds=core.settings.leeway_seconds) + NONCE_MARGIN
    if not consume(unit, message.registration.id, message.login.nonce, until):
        raise _denied("nonce_used")
    meaning = meaning_of(launch.roles)
    place = settle(unit, core.host, message.registration, launch, meaning, place)
    launch_id = _insert_launch(core, unit, message, launch, place, meaning, visitor)
    _audit(message, place, meaning, launch_id)
    path = landing(Arrival(core, unit, message.registration, launch, place, meaning.role, launch_id))
    return Opened(launch_id, meaning.role, f"/l/{launch_id}{path}")


def _insert_launch(
    core: Core,
    unit: Unit,
    message: Verified,
    launch: Message,
    place: Place,
    meaning: Meaning,
    visitor: Visitor,
) -> uuid.UUID:
    launch_id, now = uuid.uuid4(), unit.now()
    return_url, return_origin = _way_home(message.registration, launch)
    origins = dict.fromkeys(filter(None, (*message.registration.origins, return_origin)))
    insert_launch(unit, {
        "id": launch_id, "browser_hash": message.login.browser_hash, "platform_id": message.registration.id,
        "deployment_id": place.deployment_id, "organisation_id": place.organisation_id, "person_id": place.person_id,
        "cohort_id": place.cohort_id, "member_id": place.member_id, "role": meaning.role,
        "locale": launch.language or place.person_locale or visitor.language,
        "in_frame": launch.in_frame if visitor.in_frame is None else visitor.in_frame,
        "return_url": return_url, "frame_origins": " ".join(origins), "created_at": now,
        "expires_at": now + timedelta(hours=core.settings.launch_hours),
    })  # fmt: skip
    return launch_id


def _way_home(registration: Registration, launch: Message) -> tuple[str, str]:
    """Returns the address back to the course and its origin, if it is one that we would send somebody to."""
    url = (launch.presentation.return_url if launch.presentation else None) or ""
    origin = origin_of(url)
    return (url, origin) if origin.startswith("https://") or origin in registration.origins else ("", "")


def _audit(message: Verified, place: Place, meaning: Meaning, launch_id: uuid.UUID) -> None:
    organisation_id = place.organisation_id or message.registration.organisation_id
    audit.append(
        Actor(organisation_id, place.person_id, meaning.role.value, place.cohort_id), "launch",
        reason="role_unmapped" if meaning.role is Role.NONE else "", object_type="launch", object_ref=str(launch_id),
    )  # fmt: skip
