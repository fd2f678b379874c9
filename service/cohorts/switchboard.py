"""The switchboard of the training department: each change is saved at once, and can be undone, for one cohort or many.

Which cohorts are shown is in the address. What was switched for several at once is known by the moment it happened: all of
them changed at the same one, and the undo in the notice finds them by it.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

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
MAX_WORDS = 80
# A page of this length is read, printed and posted without trouble.
ON_A_PAGE = 50


@dataclass(frozen=True)
class Line:
    """A cohort on the switchboard."""

    cohort: Cohort
    managers: int
    on: dict[str, bool]
    here: bool


@dataclass(frozen=True)
class Chosen:
    """What the address asks for: words of a name, which page of the list, and whether several are to be chosen."""

    words: str
    number: int
    many: bool


@dataclass(frozen=True)
class Listed:
    """The cohorts that fit, of which `lines` are on this page of `pages`."""

    lines: Sequence[Line]
    fitting: int
    every: int
    page: int
    pages: int


@dataclass(frozen=True)
class Several:
    """What was switched last in several cohorts at once, and at which moment."""

    plugin: Plugin
    number: int
    on: bool
    at: str


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
    here = stay()
    return _show(here, changed=_changed(here), several=_several(here))


@requires("core.switch_plugins")
def switch_many() -> Answer:
    """Switches a plugin for the cohorts that were chosen, for all that fit a search, or back for those switched before."""
    here, form = stay(), request.form
    plugin = known(form.get("plugin", ""))
    on = STATES.get(form.get("state", ""))
    if on is None:
        return _show(here, changed=None, unreadable=True, status=422)
    organisation_id = here.launch.organisation_id
    wanted = _wanted(here, plugin, on=on)
    if not wanted:
        return _show(here, changed=None, nothing_chosen=True, status=422)
    moment = switches.switch_many(organisation_id, wanted, plugin.key, on, here.actor)
    if moment is None:
        return redirect(url_for("l.switches", same=plugin.key), 303)
    return redirect(url_for("l.switches", changed=plugin.key, at=moment.isoformat()), 303)


def _wanted(here: Stay, plugin: Plugin, *, on: bool) -> list[uuid.UUID]:
    """Raises NotFound for an id that is none."""
    form, organisation_id = request.form, here.launch.organisation_id
    if form.get("at"):
        moment = _moment(form["at"])
        found = switches.changed_at(organisation_id, plugin.key, moment) if moment else []
        return [cohort_id for cohort_id, stands in found if stands is not on]
    if form.get("all") == "on":
        words = form.get("q", "").strip().casefold()
        return [cohort.id for cohort, _on in switches.cohorts(organisation_id) if words in cohort.title.casefold()]
    try:
        return [uuid.UUID(one) for one in dict.fromkeys(form.getlist("cohort"))]
    except ValueError as error:
        raise NotFound("no_cohort") from error


def _moment(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else None


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


def _show(
    here: Stay, *, changed: Changed | None, several: Several | None = None, unreadable: bool = False,
    nothing_chosen: bool = False, status: int = 200,
) -> tuple[str, int]:  # fmt: skip
    host = core().host
    organisation_id = here.launch.organisation_id
    chosen = _chosen()
    return page(
        "cohorts/switches.html", status=status, plugins=list(host), defaults=switches.defaults(organisation_id, host),
        listed=_listed(here, chosen), chosen=chosen, changed=changed, several=several, unreadable=unreadable,
        nothing_chosen=nothing_chosen, same=request.args.get("same", "") in host, organisation=here.organisation_name,
        copied=copies.question(here),
    )  # fmt: skip


def _chosen() -> Chosen:
    """Reads the address, or the form that was sent: it is shown again as it was."""
    words = request.values.get("q", "").strip()[:MAX_WORDS]
    many = request.values.get("many") == "1" or request.method == "POST"
    return Chosen(words, max(request.values.get("page", 1, type=int), 1), many)


def _listed(here: Stay, chosen: Chosen) -> Listed:
    """Three statements, however many cohorts there are."""
    host, own = core().host, here.launch.cohort_id
    every = switches.cohorts(here.launch.organisation_id)
    fitting = [pair for pair in every if chosen.words.casefold() in pair[0].title.casefold()]
    pages = max(-(-len(fitting) // ON_A_PAGE), 1)
    number = min(chosen.number, pages)
    counts = people.manager_counts(here.launch.organisation_id)
    lines = [
        Line(cohort, counts.get(cohort.id, 0), {p.key: states.get(p.key, False) for p in host}, cohort.id == own)
        for cohort, states in fitting[(number - 1) * ON_A_PAGE : number * ON_A_PAGE]
    ]
    return Listed(lines, len(fitting), len(every), number, pages)


def _several(here: Stay) -> Several | None:
    """What the address says was switched at one moment, as it stands now."""
    host, key, at = core().host, request.args.get("changed", ""), request.args.get("at", "")
    moment = _moment(at.replace(" ", "+"))
    if key not in host or moment is None:
        return None
    found = switches.changed_at(here.launch.organisation_id, key, moment)
    return Several(host[key], len(found), found[0][1], moment.isoformat()) if found else None


def _changed(here: Stay) -> Changed | None:
    """What the address says was switched, as it stands now: the notice is true whoever made the address."""
    host, key = core().host, request.args.get("changed", "")
    if key not in host or "at" in request.args:
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
