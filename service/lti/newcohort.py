"""A new cohort begins with the plugins that its organisation has chosen for new cohorts."""

import sqlalchemy as sa

from service.cohorts.models import Cohort, CohortPlugin, OrganisationPlugin
from service.host import Host
from service.unit import Unit


def start(unit: Unit, host: Host, cohort: Cohort) -> None:
    """Writes the cohort's switches: the organisation's defaults, else the plugin's own."""
    query = sa.select(OrganisationPlugin.plugin, OrganisationPlugin.enabled).where(
        OrganisationPlugin.organisation_id == cohort.organisation_id
    )
    chosen = {row.plugin: row.enabled for row in unit.session.execute(query)}
    rows = [
        {"cohort_id": cohort.id, "plugin": plugin.key, "enabled": chosen.get(plugin.key, plugin.manifest.on_by_default), "settings": {}, "changed_at": unit.now()}
        for plugin in host
    ]
    if rows:
        unit.session.execute(sa.insert(CohortPlugin), rows)
