"""The launch door: `/l/<launch>/…`, the core's pages and each plugin's.

One `before_request` decides everything: no such launch, another browser's, expired → open it again from your course
(401); plugin off → 404; role without the permission → 403. Nothing else in the code asks whether a plugin is on.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, Flask, current_app, g, request

from service import browser, catalogues
from service.access import Role, permission_of
from service.audit import Actor
from service.cohorts import glossary, people, switches
from service.cohorts.current import InCohort, Stay
from service.cohorts.models import Cohort, Grant, Launch, Member, Organisation, Person
from service.cohorts.roles import effective_role
from service.core import core, open_unit
from service.crypto import PersonKey
from service.errors import Denial, Forbidden, NoRole, NotFound, SessionEnded
from service.host import Host
from service.lti.models import Deployment, DeploymentState, Platform, PlatformState
from service.unit import current

LAUNCH_DOOR = "l"


def build_door(host: Host) -> Blueprint:
    """Returns the door with each plugin's pages hung under it. The core adds its own pages beside them."""
    door = Blueprint(LAUNCH_DOOR, __name__, url_prefix="/l/<uuid:launch>")
    door.url_value_preprocessor(_take_launch_id)
    door.url_defaults(_give_launch_id)
    door.before_request(enter)
    for plugin in host:
        if plugin.blueprint is not None:
            door.register_blueprint(plugin.blueprint, url_prefix=f"/{plugin.key}")
    return door


def _take_launch_id(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    g.launch_id = (values or {}).pop("launch", None)


def _give_launch_id(_endpoint: str, values: dict[str, Any]) -> None:
    if "launch" not in values and g.get("launch_id") is not None:
        values["launch"] = g.launch_id


def enter() -> None:
    """Loads the launch and refuses what may not pass. Three statements; a fourth never comes before the page's own."""
    open_unit(writing=request.method not in browser.SAFE)
    secret = browser.secret()
    found = _load(g.launch_id, secret)
    enabled = switches.enabled(found.launch.cohort_id)
    role = effective_role(found.launch.role, _grants(found))
    g.stay = _stay(found, role, enabled)
    browser.check_form_token(secret, found.launch.id, g.stay.actor)
    _check_plugin(enabled)
    _check_permission(role)


@dataclass(frozen=True)
class _Found:
    launch: Launch
    person: Person
    cohort: Cohort | None
    member: Member | None
    organisation_name: str


_LOAD = (
    sa.select(
        Launch,
        Person,
        Cohort,
        Member,
        Organisation.name,
        Organisation.words,
        Deployment.state,
        Platform.state,
        PersonKey,
    )
    .join(Person, Person.id == Launch.person_id)
    .join(Organisation, Organisation.id == Launch.organisation_id)
    .join(Deployment, Deployment.id == Launch.deployment_id)
    .join(Platform, Platform.id == Launch.platform_id)
    .outerjoin(Cohort, Cohort.id == Launch.cohort_id)
    .outerjoin(Member, Member.id == Launch.member_id)
    .outerjoin(PersonKey, PersonKey.person_id == Launch.person_id)
    .where(Launch.id == sa.bindparam("launch_id"))
)


def _load(launch_id: uuid.UUID | None, secret: bytes | None) -> _Found:
    row = current().session.execute(_LOAD, {"launch_id": launch_id}).one_or_none() if launch_id and secret else None
    if row is None or secret is None:
        raise SessionEnded("no_launch")
    launch, person, cohort, member, organisation_name, words, deployment_state, platform_state, key = row
    # Her own text is what most pages open: held here, her key is known to the session and asked for no more.
    g.person_key = key
    g.own_words = glossary.by_message(words)
    if launch.browser_hash != browser.digest(secret):
        raise SessionEnded("other_browser")
    if launch.ended_at is not None or launch.expires_at <= current().now():
        raise SessionEnded("expired")
    if deployment_state is not DeploymentState.ACTIVE or platform_state is not PlatformState.ACTIVE:
        raise SessionEnded("disabled", denial=_ended(launch, "platform_disabled"))
    if member is not None and not member.active:
        raise SessionEnded("member_left", denial=_ended(launch, "member_left"))
    return _Found(launch, person, cohort, member, organisation_name)


def _ended(launch: Launch, reason: str) -> Denial:
    g.denied_actor = Actor(launch.organisation_id, launch.person_id, launch.role.value, launch.cohort_id)
    g.return_url = launch.return_url
    return Denial("session", reason, "launch", str(launch.id))


def _grants(found: _Found) -> list[Role]:
    launch = found.launch
    query = sa.select(Grant.role).where(
        Grant.person_id == launch.person_id,
        Grant.organisation_id == launch.organisation_id,
        Grant.revoked_at.is_(None),
        sa.or_(Grant.cohort_id == launch.cohort_id, Grant.cohort_id.is_(None)),
    )
    return list(current().session.scalars(query))


def _stay(found: _Found, role: Role, enabled: Mapping[str, Mapping[str, Any]]) -> Stay:
    host = core().host
    part = host.for_cohort(enabled)
    if found.cohort is None or found.member is None:
        return Stay(found.launch, found.person, None, None, found.organisation_name, role, part, enabled)
    people.complete(found.member, found.person, found.cohort)
    return InCohort(
        found.launch, found.person, found.cohort, found.member, found.organisation_name, role, part, enabled
    )


def plugin_of(endpoint: str) -> str | None:
    """Returns the plugin key of an endpoint such as `l.ledarsteg.today`, None for the core's own."""
    parts = endpoint.split(".")
    return parts[1] if len(parts) == len(("door", "plugin", "view")) else None


def _check_plugin(enabled: Mapping[str, Any]) -> None:
    key = plugin_of(request.endpoint or "")
    if key is None:
        return
    if key not in enabled:
        raise NotFound("plugin_off", denial=Denial("plugin", "disabled", "plugin", key))
    catalogues.speak(key)


def _check_permission(role: Role) -> None:
    key = permission_of(current_app.view_functions[request.endpoint or ""])
    host = core().host
    if key is not None and role in host.permissions[key].roles:
        return
    denial = Denial("authz", "role", "endpoint", request.endpoint or "")
    if role in (Role.NONE, Role.CANDIDATE):
        raise NoRole("no_role", denial=denial)
    raise Forbidden("role", denial=denial)


def check_routes(app: Flask, host: Host) -> list[str]:
    """Returns one sentence per endpoint that declares no permission, or one that nobody knows."""
    problems = []
    for endpoint, view in app.view_functions.items():
        permission = permission_of(view)
        if permission is not None and permission not in host.permissions:
            problems.append(f"endpoint {endpoint!r} requires {permission!r}, which no manifest declares")
        elif permission is None and not browser.is_exempt(endpoint, view):
            problems.append(f"endpoint {endpoint!r} declares no permission: put @requires(...) on its view")
    return problems
