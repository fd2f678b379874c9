"""The gradebook column of a plugin in a course: known, or the platform's own, or found, or made; and made once.

Making one is not idempotent on any platform: the same column asked for twice is two columns. So of any number of jobs
that need a column one holds it and asks; the others come back later. Only addresses of the course's own service are
believed, or what a signed launch said.
"""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.cohorts.models import Cohort
from service.lti.columns import LINEITEM, READ_LINEITEM, SCORE, Caller, NoColumn, Wanted, found_or_made, same_origin
from service.lti.item_models import ResourceLink
from service.lti.models import Deployment
from service.lti.service_models import Delivery, DeliveryState, LineItem
from service.unit import Units

# Longer than all calls of one ensuring may take together.
HELD = timedelta(minutes=2)


def ensure(units: Units, caller: Caller, item_id: uuid.UUID, label: Any) -> str:
    """Returns the address of a line item's column: known, or the platform's own, or found, or made.

    `label` is the column's title, said in the service's first language. Raises NoColumn when there is none now, and
    whatever the caller raises.
    """
    with units.reading() as unit:
        wanted = _wanted(unit.session, item_id)
        links = [] if wanted.url else _declared(unit.session, wanted)
    if wanted.url:
        return wanted.url
    if SCORE not in wanted.scopes:
        raise _none(units, item_id, "no_service")
    if links:
        return _keep(units, item_id, links[0], len(links))
    if not wanted.lineitems_url or not wanted.scopes & {LINEITEM, READ_LINEITEM}:
        raise _none(units, item_id, "no_column")
    until = _hold(units, item_id)
    try:
        url, number = found_or_made(caller, wanted, label)
    except Exception as problem:
        _give_back(units, item_id, until, problem.reason if isinstance(problem, NoColumn) else "")
        raise
    return _keep(units, item_id, url, number, until)


def forget(units: Units, item_id: uuid.UUID, url: str) -> bool:
    """Forgets a column that is gone from the platform, and lets everybody in it be told of again.

    Returns whether it was still the one that is known.
    """
    with units.writing() as unit:
        cohort_id = sa.select(LineItem.cohort_id).where(LineItem.id == item_id).scalar_subquery()
        unit.session.execute(
            sa.update(ResourceLink)
            .where(ResourceLink.cohort_id == cohort_id, ResourceLink.lineitem_url == url)
            .values(lineitem_url="")
        )
        same = sa.update(LineItem).where(LineItem.id == item_id, LineItem.url == url)
        done: Any = unit.session.execute(same.values(url="", columns=0))
        if not done.rowcount:
            return False
        told = sa.and_(Delivery.line_item_id == item_id, Delivery.state == DeliveryState.SENT)
        again = {"state": DeliveryState.WAITING, "due_at": unit.now()}
        unit.session.execute(sa.update(Delivery).where(told).values(again))
        return True


def _wanted(session: Session, item_id: uuid.UUID) -> Wanted:
    query = (
        sa.select(
            LineItem.id, LineItem.plugin, Deployment.platform_id, LineItem.cohort_id, LineItem.url,
            Cohort.lineitems_url, Cohort.grade_scopes,
        )
        .join(Cohort, Cohort.id == LineItem.cohort_id)
        .join(Deployment, Deployment.id == Cohort.deployment_id)
        .where(LineItem.id == item_id)
    )  # fmt: skip
    row = session.execute(query).one()
    return Wanted(
        row.id, row.plugin, row.platform_id, row.cohort_id, row.url, row.lineitems_url,
        frozenset(row.grade_scopes.split()),
    )  # fmt: skip


def _declared(session: Session, wanted: Wanted) -> Sequence[str]:
    """The columns that the platform made itself for this plugin's links in the course, always in the same order."""
    query = (
        sa.select(ResourceLink.lineitem_url)
        .where(ResourceLink.cohort_id == wanted.cohort_id, ResourceLink.plugin == wanted.plugin)
        .where(ResourceLink.lineitem_url != "")
        .order_by(ResourceLink.link_id)
    )
    found = dict.fromkeys(session.scalars(query))
    return [url for url in found if not wanted.lineitems_url or same_origin(url, wanted.lineitems_url)]


def _hold(units: Units, item_id: uuid.UUID) -> datetime:
    """Takes the right to ask the platform. Raises NoColumn when somebody else has it."""
    with units.writing() as unit:
        now = unit.now()
        free = sa.or_(LineItem.held_until.is_(None), LineItem.held_until <= now)
        hold = sa.update(LineItem).where(LineItem.id == item_id, LineItem.url == "", free)
        done: Any = unit.session.execute(hold.values(held_until=now + HELD))
        if done.rowcount != 1:
            raise NoColumn("held")
        return now + HELD


def _give_back(units: Units, item_id: uuid.UUID, until: datetime, reason: str) -> None:
    """Lets another ask, unless the right ran out and another has it already."""
    with units.writing() as unit:
        mine = sa.update(LineItem).where(LineItem.id == item_id, LineItem.held_until == until)
        unit.session.execute(mine.values(held_until=None, reason=reason))


def _none(units: Units, item_id: uuid.UUID, reason: str) -> NoColumn:
    with units.writing() as unit:
        unit.session.execute(sa.update(LineItem).where(LineItem.id == item_id).values(reason=reason))
    return NoColumn(reason)


def _keep(units: Units, item_id: uuid.UUID, url: str, columns: int, until: datetime | None = None) -> str:
    """Keeps a column's address, unless its right to ask ran out meanwhile: then whoever asks now is believed."""
    mine = sa.true() if until is None else LineItem.held_until == until
    with units.writing() as unit:
        keep = sa.update(LineItem).where(LineItem.id == item_id, LineItem.url == "", mine)
        done: Any = unit.session.execute(keep.values(url=url, columns=columns, reason="", held_until=None))
    if done.rowcount != 1:
        raise NoColumn("held")
    return url
