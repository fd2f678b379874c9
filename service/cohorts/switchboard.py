"""The switchboard of the training department: each change is saved at once, and can be undone."""

import uuid
from dataclasses import dataclass
from typing import Any

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from service.access import requires
from service.cohorts import people, switches
from service.cohorts.current import Stay, stay
from service.cohorts.models import Cohort
from service.core import core
from service.errors import NotFound
from service.host import Plugin
from service.lti import copies
from service.web import page

Answer = Response | tuple[str, int]
STATES = {"on": True, "off": False}


@dataclass(frozen=True)
class Line:
    """A cohort on the switchboard."""

    cohort: Cohort
    managers: int
    on: dict[str, bool]
    here: bool


@dataclass(frozen=True)
class Changed:
    """What was switched last: the plugin, where (no cohort: new cohorts), how it stands now, how to undo that."""

    plugin: Plugin
    cohort: Cohort | None
    on: bool
    action: str


@requires("core.switch_plugins")
def switchboard() -> Answer:
    """Shows what is on in every cohort of the organisation and in its new ones."""
    return _show(stay(), changed=_changed(stay()))


@requires("core.switch_plugins")
def switch(plugin: str) -> Answer:
    """Switches a plugin for the cohort of this launch."""
    here = stay()
    if here.cohort is None:
        raise NotFound("no_course")
    return _switch(here, here.cohort, plugin)


@requires("core.switch_plugins")
def switch_cohort(cohort: uuid.UUID, plugin: str) -> Answer:
    """Switches a plugin for any cohort of the own organisation."""
    here = stay()
    return _switch(here, switches.cohort_in(here.launch.organisation_id, cohort), plugin)


@requires("core.switch_plugins")
def switch_default(plugin: str) -> Answer:
    """Switches a plugin for the organisation's new cohorts."""
    here = stay()
    found = known(plugin)
    on = STATES.get(request.form.get("state", ""))
    if on is None:
        return _show(here, changed=None, unreadable=True, status=422)
    switches.switch_default(here.launch.organisation_id, found.key, on, here.actor, core().host)
    return redirect(url_for("l.switches", changed=found.key), 303)


def known(key: str) -> Plugin:
    """Returns a plugin of this process. Raises NotFound."""
    if key not in core().host:
        raise NotFound("no_plugin")
    return core().host[key]


def _switch(here: Stay, cohort: Cohort, key: str) -> Answer:
    plugin = known(key)
    on = STATES.get(request.form.get("state", ""))
    if on is None:
        return _show(here, changed=None, unreadable=True, status=422)
    switches.switch(cohort, plugin.key, on, here.actor)
    return redirect(url_for("l.switches", changed=plugin.key, cohort=cohort.id), 303)


def _show(here: Stay, *, changed: Changed | None, unreadable: bool = False, status: int = 200) -> tuple[str, int]:
    host = core().host
    organisation_id, own = here.launch.organisation_id, here.launch.cohort_id
    counts = people.manager_counts(organisation_id)
    lines = [
        Line(cohort, counts.get(cohort.id, 0), {p.key: states.get(p.key, False) for p in host}, cohort.id == own)
        for cohort, states in switches.cohorts(organisation_id)
    ]  # fmt: skip
    values: dict[str, Any] = {
        "plugins": list(host), "defaults": switches.defaults(organisation_id, host), "lines": lines,
        "changed": changed, "unreadable": unreadable, "organisation": here.organisation_name,
        "copied": copies.question(here),
    }  # fmt: skip
    return page("cohorts/switches.html", status=status, **values)


def _changed(here: Stay) -> Changed | None:
    """What the address says was switched, as it stands now: the notice is true whoever made the address."""
    host, key = core().host, request.args.get("changed", "")
    if key not in host:
        return None
    organisation_id = here.launch.organisation_id
    wanted = request.args.get("cohort", type=uuid.UUID)
    if wanted is None:
        on = switches.defaults(organisation_id, host)[key]
        return Changed(host[key], None, on, url_for("l.switch_default", plugin=key))
    for cohort, states in switches.cohorts(organisation_id):
        if cohort.id == wanted:
            action = url_for("l.switch_cohort", cohort=cohort.id, plugin=key)
            return Changed(host[key], cohort, states.get(key, False), action)
    return None
