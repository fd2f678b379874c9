"""What is on for whom: plugins per cohort, and in an organisation's new cohorts. Off hides and deletes nothing."""

import uuid
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from service import audit
from service.audit import Actor
from service.cohorts.models import Cohort, CohortPlugin, OrganisationPlugin
from service.core import core
from service.errors import NotFound
from service.host import Host
from service.unit import current


def enabled(cohort_id: uuid.UUID | None) -> Mapping[str, Mapping[str, Any]]:
    """Returns the settings of the plugins that are on for a cohort, by key, as `Host.for_cohort` takes them."""
    query = sa.select(CohortPlugin.plugin, CohortPlugin.settings).where(
        CohortPlugin.cohort_id == cohort_id, CohortPlugin.enabled
    )
    return {row.plugin: row.settings for row in current().session.execute(query)}


def defaults(organisation_id: uuid.UUID, host: Host) -> Mapping[str, bool]:
    """Returns for each plugin whether it is on in the organisation's new cohorts: its choice, else the plugin's own."""
    query = sa.select(OrganisationPlugin.plugin, OrganisationPlugin.enabled).where(
        OrganisationPlugin.organisation_id == organisation_id
    )
    chosen = {row.plugin: row.enabled for row in current().session.execute(query)}
    return {plugin.key: chosen.get(plugin.key, plugin.manifest.on_by_default) for plugin in host}


def start_cohort(cohort: Cohort, host: Host | None = None) -> None:
    """Switches and sets a new cohort's plugins as its organisation's defaults say. What somebody has switched stays."""
    wanted = defaults(cohort.organisation_id, host or core().host)
    if wanted:
        query = sa.select(OrganisationPlugin.plugin, OrganisationPlugin.settings).where(
            OrganisationPlugin.organisation_id == cohort.organisation_id
        )
        settings = {row.plugin: row.settings for row in current().session.execute(query)}
        rows = [
            {
                "cohort_id": cohort.id, "plugin": key, "enabled": on, "settings": settings.get(key, {}),
                "changed_at": current().now(),
            }
            for key, on in wanted.items()
        ]  # fmt: skip
        current().session.execute(_insert(CohortPlugin).on_conflict_do_nothing(), rows)


def cohort_in(organisation_id: uuid.UUID, cohort_id: uuid.UUID) -> Cohort:
    """Returns a cohort of the organisation. Raises NotFound for any other."""
    query = sa.select(Cohort).where(Cohort.id == cohort_id, Cohort.organisation_id == organisation_id)
    found = current().session.scalars(query).one_or_none()
    if found is None:
        raise NotFound("no_cohort")
    return found


def cohorts(organisation_id: uuid.UUID) -> list[tuple[Cohort, Mapping[str, bool]]]:
    """Returns the organisation's cohorts by title, each with what is on. Two statements."""
    session = current().session
    found = session.scalars(sa.select(Cohort).where(Cohort.organisation_id == organisation_id)).all()
    query = (
        sa.select(CohortPlugin.cohort_id, CohortPlugin.plugin, CohortPlugin.enabled)
        .join(Cohort, Cohort.id == CohortPlugin.cohort_id)
        .where(Cohort.organisation_id == organisation_id)
    )
    states: dict[uuid.UUID, dict[str, bool]] = {}
    for row in session.execute(query):
        states.setdefault(row.cohort_id, {})[row.plugin] = row.enabled
    return [(cohort, states.get(cohort.id, {})) for cohort in sorted(found, key=lambda cohort: cohort.title.casefold())]


def switch_many(
    organisation_id: uuid.UUID,
    cohort_ids: Collection[uuid.UUID],
    plugin: str,
    on: bool,  # noqa: FBT001 - as below
    actor: Actor,
) -> datetime | None:
    """Switches a plugin on or off for several cohorts of an organisation. Returns the moment; None when nothing changed.

    Raises NotFound, and changes nothing, when one of them is not the organisation's. Each change is in the trail.
    """
    query = sa.select(Cohort).where(Cohort.organisation_id == organisation_id, Cohort.id.in_(cohort_ids))
    found = current().session.scalars(query.order_by(Cohort.id)).all()
    if len(found) != len(set(cohort_ids)):
        raise NotFound("no_cohort")
    moment = current().now()
    changed = [switch(cohort, plugin, on, actor, moment) for cohort in found]
    return moment if any(changed) else None


def changed_at(organisation_id: uuid.UUID, plugin: str, moment: datetime) -> list[tuple[uuid.UUID, bool]]:
    """Returns the organisation's cohorts in which a plugin was switched last at a moment, and how it stands there."""
    query = (
        sa.select(CohortPlugin.cohort_id, CohortPlugin.enabled)
        .join(Cohort, Cohort.id == CohortPlugin.cohort_id)
        .where(
            Cohort.organisation_id == organisation_id, CohortPlugin.plugin == plugin, CohortPlugin.changed_at == moment
        )
    )
    return [(row[0], row[1]) for row in current().session.execute(query)]


def switch(cohort: Cohort, plugin: str, on: bool, actor: Actor, at: datetime | None = None) -> bool:  # noqa: FBT001 - "switch on" reads as it is meant
    """Switches a plugin on or off for a cohort and keeps its settings. Returns whether that changed anything."""
    session, moment = current().session, at or current().now()
    row = session.get(CohortPlugin, (cohort.id, plugin), with_for_update=True)
    if (row is not None and row.enabled) is on:
        return False
    if row is not None:
        row.enabled, row.changed_at = on, moment
        session.flush()
    else:
        values = {"enabled": on, "changed_at": moment}
        insert = _insert(CohortPlugin).values(cohort_id=cohort.id, plugin=plugin, settings={}, **values)
        session.execute(insert.on_conflict_do_update(index_elements=["cohort_id", "plugin"], set_=values))
    ref = f"{cohort.id}/{plugin}"
    audit.append(actor, "plugin.switch", reason="on" if on else "off", object_type="cohort_plugin", object_ref=ref)
    return True


def switch_default(organisation_id: uuid.UUID, plugin: str, on: bool, actor: Actor, host: Host) -> bool:  # noqa: FBT001
    """Switches a plugin on or off in the organisation's new cohorts; those that exist stay as they are."""
    if defaults(organisation_id, host)[plugin] is on:
        return False
    insert = _insert(OrganisationPlugin).values(organisation_id=organisation_id, plugin=plugin, enabled=on, settings={})
    current().session.execute(
        insert.on_conflict_do_update(index_elements=["organisation_id", "plugin"], set_={"enabled": on})
    )
    reason = "on" if on else "off"
    audit.append(actor, "plugin.default", reason=reason, object_type="organisation_plugin", object_ref=plugin)
    return True


def _insert(model: type) -> Any:
    name = current().session.get_bind().dialect.name
    return postgresql.insert(model) if name == "postgresql" else sqlite.insert(model)
