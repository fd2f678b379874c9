"""A plugin's settings in one cohort, and those that an organisation's new cohorts begin with."""

import uuid
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING

import sqlalchemy as sa
from pydantic import BaseModel

from service import audit
from service.audit import Actor
from service.cohorts import kept_changes
from service.cohorts.models import Cohort, CohortPlugin, OrganisationPlugin
from service.errors import Conflict, NotFound
from service.unit import current, insert_into

if TYPE_CHECKING:
    from service.contract.records import PluginSettings
    from service.host import Plugin


def save_settings(cohort: Cohort, key: str, settings: BaseModel, *, seen: BaseModel, actor: Actor) -> uuid.UUID | None:
    """Saves a plugin's settings for a cohort. Returns the change, by which it can be undone; None where nothing changed.

    `seen` is how they stood when the form was opened. Raises Conflict when somebody has set them otherwise since, and
    NotFound where the plugin is not on. The trail says from what to what, but for texts.
    """
    session = current().session
    # What is known of the row may be as old as the form: it is read again, and locked.
    row = session.get(CohortPlugin, (cohort.id, key), with_for_update=True, populate_existing=True)
    if row is None or not row.enabled:
        raise NotFound("plugin_off")
    now_set = type(seen).model_validate(dict(row.settings), strict=False)
    if now_set == settings:
        return None
    if now_set != seen:
        raise Conflict("settings_changed")
    row.settings, row.changed_at = settings.model_dump(mode="json"), current().now()
    session.flush()
    _tell(actor, "plugin.settings", now_set, settings, ("cohort_plugin", f"{cohort.id}/{key}"))
    return _kept(cohort.organisation_id, "settings", f"{cohort.id}/{key}", now_set, settings)


def default_settings(organisation_id: uuid.UUID, plugin: "Plugin") -> "PluginSettings":
    """Returns what a plugin is set to in an organisation's new cohorts."""
    query = sa.select(OrganisationPlugin.settings).where(
        OrganisationPlugin.organisation_id == organisation_id, OrganisationPlugin.plugin == plugin.key
    )
    kept = current().session.scalars(query).one_or_none()
    return plugin.manifest.settings.model_validate(kept or {}, strict=False)


def save_default_settings(
    organisation_id: uuid.UUID, plugin: "Plugin", settings: "PluginSettings", *, seen: "PluginSettings", actor: Actor
) -> uuid.UUID | None:
    """Saves what new cohorts begin with; those that exist stay as they are. As `save_settings` does."""
    session = current().session
    first = {"organisation_id": organisation_id, "plugin": plugin.key, "enabled": plugin.manifest.on_by_default}
    session.execute(insert_into(OrganisationPlugin).values(first | {"settings": {}}).on_conflict_do_nothing())
    row = session.get_one(
        OrganisationPlugin, (organisation_id, plugin.key), with_for_update=True, populate_existing=True
    )
    now_set = plugin.manifest.settings.model_validate(dict(row.settings), strict=False)
    if now_set == settings:
        return None
    if now_set != seen:
        raise Conflict("settings_changed")
    row.settings = settings.model_dump(mode="json")
    session.flush()
    _tell(actor, "plugin.default_settings", now_set, settings, ("organisation_plugin", plugin.key))
    return _kept(organisation_id, "defaults", plugin.key, now_set, settings)


def _kept(organisation_id: uuid.UUID, kind: str, ref: str, before: BaseModel, after: BaseModel) -> uuid.UUID:
    sides = {"before": before.model_dump(mode="json"), "after": after.model_dump(mode="json")}
    return kept_changes.keep(organisation_id, kind, ref, **sides)


def _tell(actor: Actor, action: str, before: BaseModel, after: BaseModel, about: tuple[str, str]) -> None:
    """Leaves a line in the trail for each setting that changed. What a text was is nobody's business there."""
    was, now_is = before.model_dump(mode="json"), after.model_dump(mode="json")
    for name in now_is:
        if was.get(name) != now_is[name]:
            plain = not isinstance(now_is[name], str | dict) or isinstance(getattr(after, name), date | StrEnum)
            told = f"{name}: {was.get(name)} > {now_is[name]}" if plain else f"{name}: text"
            audit.append(actor, action, reason=told, object_type=about[0], object_ref=about[1])
