"""Placed items: what an activity in a course opens, and what is kept of the link that the platform has to it."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

import sqlalchemy as sa

from service.cohorts.models import Cohort, CohortPlugin
from service.lti import copies, notices
from service.lti.arrival import Arrival
from service.lti.claims import ResourceLinkLaunch
from service.lti.item_models import PlacedItem, ResourceLink
from service.lti.people import insert_new
from service.lti.targets import PARAMETER, Item, item_id_of, item_of
from service.prepared import Prepared


@dataclass(frozen=True)
class _Known:
    """What is known of the item and the link that a launch names; missing parts are None."""

    item_id: uuid.UUID | None
    plugin: str | None
    path: str | None
    item_cohort_id: uuid.UUID | None
    is_on: bool | None
    link_row: uuid.UUID | None
    link_plugin: str | None
    link_item_id: uuid.UUID | None
    link_cohort_id: uuid.UUID | None
    lineitem_url: str | None
    copied_from_id: uuid.UUID | None
    copy_decided_at: datetime | None
    cohort_created_at: datetime


_FIND = Prepared(lambda _dialect: (
    sa.select(
        PlacedItem.id, PlacedItem.plugin, PlacedItem.path, PlacedItem.cohort_id, CohortPlugin.enabled,
        ResourceLink.id, ResourceLink.plugin, ResourceLink.item_id, ResourceLink.cohort_id, ResourceLink.lineitem_url,
        Cohort.copied_from_id, Cohort.copy_decided_at, Cohort.created_at,
    )
    .select_from(Cohort)
    .outerjoin(
        PlacedItem,
        (PlacedItem.id == sa.bindparam("item", type_=sa.Uuid()))
        & (PlacedItem.organisation_id == Cohort.organisation_id),
    )
    .outerjoin(
        CohortPlugin,
        (CohortPlugin.cohort_id == Cohort.id)
        & (CohortPlugin.plugin == sa.func.coalesce(PlacedItem.plugin, sa.bindparam("plugin", type_=sa.Text()))),
    )
    .outerjoin(
        ResourceLink,
        (ResourceLink.deployment_id == Cohort.deployment_id)
        & (ResourceLink.link_id == sa.bindparam("link", type_=sa.Text())),
    )
    .where(Cohort.id == sa.bindparam("cohort"))
))  # fmt: skip


def land(arrival: Arrival) -> str:
    """Returns the path that the placed item asks for; the home page for anything unknown.

    A launch that names nothing costs no statement; one that names an item costs one.
    """
    launch = cast("ResourceLinkLaunch", arrival.message)
    notices.subscribe(arrival)
    if arrival.place.cohort_id is None:
        return "/"
    target = item_of(arrival.core.settings.public_url, launch.target_link_uri)
    item_id = item_id_of(launch.custom_text(PARAMETER), launch.target_link_uri)
    traces = copies.traces_in(launch)
    names_something = target or item_id or traces or (launch.endpoint and launch.endpoint.lineitem)
    if not names_something and not arrival.made_cohort:
        return "/"
    known = _find(arrival, launch, target, item_id)
    opened = target if known.plugin is None else Item(known.plugin, known.path or "")
    if opened is not None and opened.plugin not in arrival.core.host:
        opened = None
    _keep_link(arrival, launch, known, opened)
    if known.copied_from_id is None and known.copy_decided_at is None:
        copies.trace(arrival, traces, known.item_cohort_id, known.cohort_created_at)
    return _path(arrival, opened, on=bool(known.is_on))


def _find(arrival: Arrival, launch: ResourceLinkLaunch, target: Item | None, item_id: uuid.UUID | None) -> _Known:
    row = _FIND.row(arrival.unit.connection, {
        "cohort": arrival.place.cohort_id, "item": item_id, "plugin": target.plugin if target else None,
        "link": launch.resource_link.id,
    })  # fmt: skip
    return _Known(*cast("tuple[Any, ...]", row))


def _path(arrival: Arrival, opened: Item | None, *, on: bool) -> str:
    if opened is None:
        return "/"
    # The teacher who placed it and the administrator who tries it first are told whom it is for, instead of refused.
    meant_for = {role for tab in arrival.core.host[opened.plugin].manifest.nav for role in tab.roles}
    is_hers = not meant_for or arrival.role in meant_for
    return f"/{opened.plugin}/{opened.rest}" if on and is_hers else f"/off/{opened.plugin}"


def _keep_link(arrival: Arrival, launch: ResourceLinkLaunch, known: _Known, opened: Item | None) -> None:
    """Writes down what the launch says anew of its link. Links without item and column are not kept."""
    column = known.lineitem_url or ""
    if launch.endpoint is not None:
        column = launch.endpoint.lineitem or ""
    said = {
        "cohort_id": arrival.place.cohort_id, "plugin": opened.plugin if opened else "", "item_id": known.item_id,
        "lineitem_url": column,
    }  # fmt: skip
    if known.link_row is None:
        if known.item_id is not None or column:
            insert_new(arrival.unit, ResourceLink, {
                "id": uuid.uuid4(), "deployment_id": arrival.place.deployment_id, "link_id": launch.resource_link.id,
                "seen_at": arrival.unit.now(), **said,
            })  # fmt: skip
        return
    was = {
        "cohort_id": known.link_cohort_id, "plugin": known.link_plugin, "item_id": known.link_item_id,
        "lineitem_url": known.lineitem_url,
    }  # fmt: skip
    if said != was:
        links: Any = ResourceLink.__table__
        change = sa.update(links).where(links.c.id == known.link_row).values(seen_at=arrival.unit.now(), **said)
        arrival.unit.connection.execute(change)
