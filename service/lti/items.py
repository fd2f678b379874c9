"""Placed items: what an activity in a course opens."""

import sqlalchemy as sa

from service.cohorts.models import CohortPlugin
from service.lti.arrival import Arrival
from service.lti.targets import item_of


def land(arrival: Arrival) -> str:
    """Returns the path that the placed item asks for; the home page for anything unknown."""
    item = item_of(arrival.core.settings.public_url, arrival.message.target_link_uri or "")
    if item is None or item.plugin not in arrival.core.host or arrival.place.cohort_id is None:
        return "/"
    is_on = arrival.unit.session.scalar(
        sa.select(CohortPlugin.enabled).where(
            CohortPlugin.cohort_id == arrival.place.cohort_id, CohortPlugin.plugin == item.plugin
        )
    )
    return f"/{item.plugin}/{item.rest}" if is_on else f"/off/{item.plugin}"
