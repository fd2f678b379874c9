"""The guest door: `/g/<pass>/<plugin>/…`, for people who hold a link. It carries no person and sets no cookie.

The secret word in the path is the credential here, so pages behind it are never cached and send no referrer.
"""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, current_app, g, request
from flask.blueprints import BlueprintSetupState

from service import browser
from service.access import Role, permission_of
from service.cohorts.door import plugin_of
from service.cohorts.models import Cohort, CohortPlugin
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
# What one link may be asked for in a minute: a whole group may answer from it at once. And how many wrong words may come
# from one address, which takes nothing from those who hold a right one there.
PER_MINUTE, STRANGE_PER_MINUTE = "GUESTS_PER_MINUTE", "GUESTS_STRANGE_PER_MINUTE"
DEFAULT_PER_MINUTE, DEFAULT_STRANGE_PER_MINUTE = 1200, 60


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

    A flood is told to wait: of wrong words by address, of one link by itself.
    """
    open_unit(writing=request.method not in browser.SAFE)
    query = (
        sa.select(GuestPass, Cohort)
        .join(Cohort, Cohort.id == GuestPass.cohort_id)
        .join(Deployment, Deployment.id == Cohort.deployment_id)
        .join(CohortPlugin, sa.and_(CohortPlugin.cohort_id == Cohort.id, CohortPlugin.plugin == GuestPass.plugin))
        .where(
            GuestPass.pass_hash == digest(str(g.guest_word)),
            GuestPass.revoked_at.is_(None),
            GuestPass.expires_at > current().now(),
            GuestPass.plugin == plugin_of(request.endpoint or ""),
            CohortPlugin.enabled,
            Deployment.state == DeploymentState.ACTIVE,
        )
    )
    row = current().session.execute(query).one_or_none()
    permission = permission_of(current_app.view_functions[request.endpoint or ""])
    limits: Limits = current_app.extensions[EXTENSION]
    if row is None or permission is None or Role.NONE not in core().host.permissions[permission].roles:
        limits.strange.take(request.remote_addr or "", current_app.config[STRANGE_PER_MINUTE])
        raise NotFound("guest_pass")
    limits.links.take(row[0].id.hex, current_app.config[PER_MINUTE])
    if request.method not in browser.SAFE:
        browser.check_origin()
    g.guest = GuestVisit(row[0].id, row[1], row[0].plugin, row[0].subject_id, row[0].locale)
