"""The settings of all plugins in one place: those of a cohort, and those that new cohorts begin with."""

import uuid
from dataclasses import dataclass
from typing import Any

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from service.access import requires
from service.cohorts import plugin_settings, settings_forms, switches
from service.cohorts.completion import progress_changed
from service.cohorts.current import Stay, stay
from service.cohorts.models import Cohort
from service.cohorts.settings_forms import SettingsForm
from service.cohorts.switchboard import known
from service.contract.records import PluginSettings
from service.core import core
from service.errors import Conflict, NotFound
from service.host import Plugin
from service.web import page

Answer = Response | tuple[str, int]


@dataclass(frozen=True)
class Place:
    """Whose settings: a cohort's, or without one those of new cohorts."""

    here: Stay
    cohort: Cohort | None

    def settings(self, plugin: Plugin) -> PluginSettings | None:
        """Returns how a plugin is set; None where it is off."""
        if self.cohort is None:
            return plugin_settings.default_settings(self.here.launch.organisation_id, plugin)
        on = switches.enabled(self.cohort.id)
        return core().host.for_cohort(on).settings(plugin.key) if plugin.key in on else None

    def save(self, plugin: Plugin, wanted: PluginSettings, seen: PluginSettings) -> uuid.UUID | None:
        """Saves them and returns the change. Raises Conflict when somebody has set them otherwise since."""
        if self.cohort is None:
            whose = self.here.launch.organisation_id
            return plugin_settings.save_default_settings(whose, plugin, wanted, seen=seen, actor=self.here.actor)
        made = plugin_settings.save_settings(self.cohort, plugin.key, wanted, seen=seen, actor=self.here.actor)
        if made is not None:
            progress_changed(self.cohort, plugin.key)
        return made

    def url(self, endpoint: str, **values: Any) -> str:
        """Returns the address of a page about the same place."""
        return url_for(endpoint, cohort=self.cohort.id if self.cohort else None, **values)


@requires("core.switch_plugins")
def overview() -> Answer:
    """Shows how every part is set, for one cohort or for new ones."""
    place = _place()
    lines = []
    for plugin in core().host:
        settings = place.settings(plugin) if plugin.manifest.settings_words else None
        if settings is not None:
            lines.append(
                (plugin, settings_forms.told(plugin.manifest, settings), place.url("l.settings_of", plugin=plugin.key))
            )
    return page("cohorts/settings.html", place=place, lines=lines, saved=request.args.get("saved", "") in core().host)


@requires("core.switch_plugins")
def one(plugin: str) -> Answer:
    """Shows the form of one part's settings."""
    place, found, settings = _asked(plugin)
    return _show(place, found, settings_forms.showing(found.manifest, settings))


@requires("core.switch_plugins")
def write(plugin: str) -> Answer:
    """Saves them. When somebody else was first, both are shown and none is lost."""
    place, found, there = _asked(plugin)
    seen = settings_forms.before_in(found.manifest, request.form.get("seen", ""))
    form, wanted = settings_forms.read(found.manifest, request.form, seen or there)
    if wanted is None:
        return _show(place, found, form, status=422)
    try:
        if seen is None:
            raise Conflict("settings_unseen")  # noqa: TRY301 - as if somebody had been first: what is set is shown
        made = place.save(found, wanted, seen)
    except Conflict:
        form.seen = there.model_dump_json()
        return _show(place, found, form, saved=settings_forms.told(found.manifest, there), status=409)
    return redirect(place.url("l.settings", saved=found.key, change=made), 303)


def _place() -> Place:
    here, wanted = stay(), request.args.get("cohort")
    if wanted is None:
        return Place(here, None)
    try:
        cohort_id = uuid.UUID(wanted)
    except ValueError as error:
        raise NotFound("no_cohort") from error
    return Place(here, switches.cohort_in(here.launch.organisation_id, cohort_id))


def _asked(key: str) -> tuple[Place, Plugin, PluginSettings]:
    """Raises NotFound for a part without settings here."""
    place, found = _place(), known(key)
    settings = place.settings(found) if found.manifest.settings_words else None
    if settings is None:
        raise NotFound("no_settings")
    return place, found, settings


def _show(
    place: Place, plugin: Plugin, form: SettingsForm, *, saved: list[tuple[str, str]] | None = None, status: int = 200
) -> tuple[str, int]:
    return page("cohorts/settings_of.html", status=status, place=place, plugin=plugin, form=form, saved=saved)
