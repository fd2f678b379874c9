"""Registering platforms by hand: what an operator types, checked, and what she gives the platform's administrator."""

import secrets
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

import sqlalchemy as sa

from service import audit
from service.audit import Actor
from service.cohorts.claims import digest
from service.cohorts.models import Organisation
from service.errors import Invalid, NotFound
from service.lti.asking import differences as differences
from service.lti.invites import new_code
from service.lti.keys import KeySetRefused, read_key_set
from service.lti.models import Deployment, DeploymentState, Platform, PlatformState
from service.lti.strict import NotStrict, is_whole_text, read_object
from service.outbound import Outbound, OutboundFailed, OutboundRefused
from service.settings import LOOPBACK
from service.unit import current

_NAME = "it must be 1 to 255 characters on one line"
_WHY = {
    "not_https": "it must begin with https://",
    "private_address": "its address is private: name the host in STEGVIS_PRIVATE_HOSTS if it is yours",
    "name": "there is no such host",
    "url": "it is not a web address",
    "redirect": "it leads to another address: give that one",
    "timeout": "it did not answer in time",
    "connection": "nothing answers there",
    "no_usable_key": "it has no RSA key of 2048 bits or more for signatures",
    "too_many_keys": "it has more than 20 keys",
}


@dataclass(frozen=True)
class Entry:
    """What an operator typed about a platform."""

    name: str
    issuer: str
    client_id: str
    auth_login_url: str
    token_url: str
    jwks_url: str
    organisation: str
    deployments: Sequence[str] = ()
    # The product, in the word of `quirks`; empty where it behaves as the specifications say.
    family: str = ""


@dataclass(frozen=True)
class Registered:
    """A new registration, and the one-time code that is shown once and kept nowhere."""

    public_id: str
    training_code: str


def check_entry(entry: Entry, *, demo: bool) -> None:
    """Raises Invalid, naming each wrong field, for an entry that no launch could work with."""
    wrong: dict[str, str] = {}
    for field in ("name", "client_id", "organisation"):
        if not _is_name(getattr(entry, field)):
            wrong[field] = _NAME
    for field in ("issuer", "auth_login_url", "token_url", "jwks_url"):
        why = _wrong_address(getattr(entry, field), demo=demo)
        if why:
            wrong[field] = why
    if any(not number.strip() or len(number) > 255 for number in entry.deployments):  # noqa: PLR2004 - the column
        wrong["deployment"] = "it must be 1 to 255 characters"
    if wrong:
        raise Invalid(**wrong)


def _wrong_address(url: str, *, demo: bool) -> str:
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 - asking is what checks it
    except ValueError:
        return _WHY["url"]
    if parts.scheme == "http" and not (demo and parts.hostname in LOOPBACK):
        return _WHY["not_https"]
    if parts.scheme not in ("https", "http") or not parts.hostname or parts.username or len(url) > 500:  # noqa: PLR2004 - the column
        return _WHY["url"]
    return "" if is_whole_text(url) and " " not in url else _WHY["url"]


def check_keys(outbound: Outbound, jwks_url: str) -> None:
    """Asks for the platform's keys. Raises Invalid(jwks_url=…) when there is no usable key set at that address."""
    try:
        answer = outbound.get(jwks_url)
        if answer.status != 200:  # noqa: PLR2004 - HTTP's OK
            raise Invalid(jwks_url=f"it answers with status {answer.status}")
        read_key_set(read_object(answer.body))
    except NotStrict as error:
        raise Invalid(jwks_url="what it answers is not a JSON Web Key Set") from error
    except (OutboundRefused, OutboundFailed, KeySetRefused) as error:
        raise Invalid(jwks_url=_WHY.get(str(error), "what it answers is not a JSON Web Key Set")) from error


def new_public_id() -> str:
    """Returns the name of a registration in its own addresses, and on the command line, where it may not begin with a hyphen."""
    return secrets.token_hex(10)


def register(entry: Entry) -> Registered:
    """Writes a registration, in a writing unit. Raises Invalid when issuer and client id are registered already."""
    session, now = current().session, current().now()
    same = sa.select(Platform.id).where(Platform.issuer == entry.issuer, Platform.client_id == entry.client_id)
    if session.scalar(same) is not None:
        raise Invalid(client_id="this client id is already registered for this issuer")
    organisation = organisation_named(entry.organisation)
    registered = Registered(new_public_id(), new_code())
    platform = Platform(
        public_id=registered.public_id, name=entry.name, issuer=entry.issuer, client_id=entry.client_id,
        auth_login_url=entry.auth_login_url, token_url=entry.token_url, jwks_url=entry.jwks_url, family=entry.family,
        organisation_id=organisation.id, training_code_hash=digest(registered.training_code), created_at=now,
    )  # fmt: skip
    session.add(platform)
    session.flush()
    for number in dict.fromkeys(entry.deployments):
        session.add(Deployment(
            platform_id=platform.id, organisation_id=organisation.id, deployment_id=number,
            state=DeploymentState.ACTIVE, created_at=now,
        ))  # fmt: skip
    session.flush()
    audit.append(Actor(organisation.id), "platform.register", object_type="platform", object_ref=str(platform.id))
    return registered


def checked_name(name: str) -> str:
    """Returns the name of an organisation. Raises Invalid(organisation=…) for one that no column takes."""
    if not _is_name(name):
        raise Invalid(organisation=_NAME)
    return name


def _is_name(value: str) -> bool:
    return bool(value.strip()) and len(value) <= 255 and is_whole_text(value)  # noqa: PLR2004 - as long as the column


def organisation_named(name: str) -> Organisation:
    """Returns the organisation of that name; makes it, in a writing unit, when there is none."""
    session = current().session
    organisation = session.scalars(sa.select(Organisation).where(Organisation.name == name)).first()
    if organisation is None:
        organisation = Organisation(name=name, created_at=current().now())
        session.add(organisation)
        session.flush()
    return organisation


def find_organisation(name: str) -> Organisation:
    """Returns the organisation of that name. Raises NotFound when there is none."""
    found = current().session.scalars(sa.select(Organisation).where(Organisation.name == name)).first()
    if found is None:
        raise NotFound("no_organisation")
    return found


def listing() -> list[tuple[Platform, str, list[Deployment]]]:
    """Returns every platform with its organisation's name and its deployments."""
    session = current().session
    found = session.execute(sa.select(Platform, Organisation.name).join(Organisation).order_by(Platform.name))
    deployments: dict[uuid.UUID, list[Deployment]] = {}
    for one in session.scalars(sa.select(Deployment).order_by(Deployment.deployment_id)):
        deployments.setdefault(one.platform_id, []).append(one)
    return [(platform, name, deployments.get(platform.id, [])) for platform, name in found]


def set_state(public_id: str, state: PlatformState) -> Platform:
    """Lets a platform launch or stops it, its open launches too. Raises NotFound for an unknown one."""
    platform = current().session.scalars(sa.select(Platform).where(Platform.public_id == public_id)).one_or_none()
    if platform is None:
        raise NotFound("no_platform")
    change_state(platform, state, Actor(platform.organisation_id))
    return platform


def activate(deployment_id: str, public_id: str = "") -> Deployment:
    """Activates a deployment. Raises NotFound for an unknown one, Invalid when several platforms have this number."""
    query = sa.select(Deployment).join(Platform).where(Deployment.deployment_id == deployment_id)
    if public_id:
        query = query.where(Platform.public_id == public_id)
    found = current().session.scalars(query).all()
    if not found:
        raise NotFound("no_deployment")
    if len(found) > 1:
        raise Invalid(platform="several platforms have a deployment with this number: say which one")
    change_state(found[0], DeploymentState.ACTIVE, Actor(found[0].organisation_id))
    return found[0]


def change_state(row: Platform | Deployment, state: PlatformState | DeploymentState, actor: Actor) -> None:
    """Changes whether a platform or deployment may launch, and says in the audit trail who did and what it was before.

    What is in that state already stays untouched. Whose it may be is for the caller to have asked.
    """
    if row.state is state:
        return
    kind, before = row.__tablename__, row.state.value
    row.state = state
    current().session.flush()
    audit.append(actor, f"{kind}.{state.value}", reason=f"was_{before}", object_type=kind, object_ref=str(row.id))
