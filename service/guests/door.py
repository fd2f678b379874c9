"""The guest door: `/g/<pass>/<plugin>/…`, for people who hold a link. It carries no person and sets no cookie.

The secret word in the path is the credential here, so pages behind it are never cached and send no referrer.
"""

import hashlib
import hmac
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, current_app, g, request
from flask.blueprints import BlueprintSetupState

from service import browser, catalogues
from service.access import Role, permission_of
from service.cohorts.door import plugin_of
from service.cohorts.models import Cohort, CohortPlugin, Organisation
from service.core import core, open_unit
from service.errors import NotFound
from service.guests.models import GuestPass
from service.guests.passes import GuestVisit, digest
from service.host import Host
from service.lti.limits import Limit
from service.lti.models import Deployment, DeploymentState
from service.unit import current

GUEST_DOOR = "g"
EXTENSION = "stegvis.guests"
# What one link may be asked for in a minute from one address: a whole group may answer from it at once, and whoever
# floods it from elsewhere closes it for nobody. And how many wrong words may come from one address, which takes nothing
# from those who hold a right one there.
PER_MINUTE, STRANGE_PER_MINUTE = "GUESTS_PER_MINUTE", "GUESTS_STRANGE_PER_MINUTE"
DEFAULT_PER_MINUTE, DEFAULT_STRANGE_PER_MINUTE = 1200, 60
# Put together once: every request of a guest asks it.
_LOOK = (
    sa.select(GuestPass, Cohort, Organisation.name)
    .join(Cohort, Cohort.id == GuestPass.cohort_id)
    .join(Organisation, Organisation.id == Cohort.organisation_id)
    .join(Deployment, Deployment.id == Cohort.deployment_id)
    .join(CohortPlugin, sa.and_(CohortPlugin.cohort_id == Cohort.id, CohortPlugin.plugin == GuestPass.plugin))
    .where(
        GuestPass.pass_hash == sa.bindparam("word"),
        GuestPass.revoked_at.is_(None),
        GuestPass.expires_at > sa.bindparam("at"),
        GuestPass.plugin == sa.bindparam("plugin"),
        CohortPlugin.enabled,
        Deployment.state == DeploymentState.ACTIVE,
    )
)


@dataclass(frozen=True)
class Limits:
    """The counts of one process: by link, and of wrong words by address."""

    links: Limit
    strange: Limit


def build_guest_door(host: Host) -> Blueprint:
    """Returns the guest door with each plugin's guest pages hung under it."""
    door = Blueprint(GUEST_DOOR, __name__, url_prefix="/g/<guest_pass>")
    door.url_value_preprocessor(_take_pass)
    door.url_defaults(_give_pass)
    door.before_request(enter)
    door.record(_make_limits)
    for plugin in host:
        if plugin.guest_blueprint is not None:
            door.register_blueprint(plugin.guest_blueprint, url_prefix=f"/{plugin.key}")
    return door


def _make_limits(state: BlueprintSetupState) -> None:
    state.app.config.setdefault(PER_MINUTE, DEFAULT_PER_MINUTE)
    state.app.config.setdefault(STRANGE_PER_MINUTE, DEFAULT_STRANGE_PER_MINUTE)
    store = state.app.extensions["stegvis"].settings.rate_limit_storage
    state.app.extensions[EXTENSION] = Limits(
        Limit("guest", store, reason="guest_rate"), Limit("guest_strange", store, reason="guest_rate")
    )


def _take_pass(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    g.guest_word = (values or {}).pop("guest_pass", None)


def _give_pass(_endpoint: str, values: dict[str, Any]) -> None:
    if "guest_pass" not in values and g.get("guest_word") is not None:
        values["guest_pass"] = g.guest_word


def enter() -> None:
    """Loads the pass. Used, expired, revoked, foreign, guessed, and switched off all look the same: 404.

    A flood is told to wait: of wrong words by address, of one link by itself. The pass is looked for while reading, so
    that a flood of guesses holds up nobody who writes, and again once writing.
    """
    limits: Limits = current_app.extensions[EXTENSION]
    writing = request.method not in browser.SAFE
    open_unit(writing=False)
    row = _look()
    if row is None:
        limits.strange.take(_kept_as(""), current_app.config[STRANGE_PER_MINUTE])
        raise NotFound("guest_pass")
    limits.links.take(_kept_as(str(g.guest_word)), current_app.config[PER_MINUTE])
    if writing:
        browser.check_origin()
        open_unit(writing=True)
        row = _look()
        if row is None:
            raise NotFound("guest_pass")
    catalogues.speak(row[0].plugin)
    g.guest = GuestVisit(row[0].id, row[1], row[0].plugin, row[0].subject_id, row[0].locale, row[2])


def _look() -> Any:
    permission = permission_of(current_app.view_functions[request.endpoint or ""])
    if permission is None or Role.NONE not in core().host.permissions[permission].roles:
        return None
    values = {"word": digest(str(g.guest_word)), "at": current().now(), "plugin": plugin_of(request.endpoint or "")}
    return current().session.execute(_LOOK, values).one_or_none()


def _kept_as(word: str) -> str:
    """What a count is kept as: a keyed digest, from which nobody reads who asked for which link."""
    told = f"guest\0{word}\0{request.remote_addr or ''}".encode()
    return hmac.new(core().form_key, told, hashlib.sha256).hexdigest()[:32]
