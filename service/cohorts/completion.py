"""Telling the platform's gradebook that a manager has completed a part: whether it is done, and how far it is.

Off unless the training department switches it on, part by part and cohort by cohort. Told is "complete", one of one, and
nothing else: no comment, no content, no progress on the way. Guests and the platform's test users are never told of.
"""

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from service import audit
from service.audit import Actor
from service.cohorts.models import Cohort, CohortPlugin
from service.cohorts.programme_models import CompletionChoice
from service.errors import NotFound
from service.jobs import outbox
from service.jobs.models import Job, JobState
from service.lti.service_models import Delivery, DeliveryState, LineItem
from service.unit import Units, current, insert_into

GATHER = "completion.gather"
# A change is written down again only after this long, so that a whole course that writes at once waits for nobody.
# Whoever gathers looks back twice as far (`gathered_at` is set to that), so that no change falls in between.
RESTING = timedelta(minutes=5)
LOOK_BACK = 2 * RESTING
# The hours of the cohort's own night in which it is gathered; the periodic work comes by once an hour.
NIGHT = range(1, 5)
# Progress can also change by itself, as a setting or a calendar moves.
AT_LEAST_EVERY = timedelta(days=7)
OPEN = (JobState.QUEUED, JobState.RUNNING)


@dataclass(frozen=True)
class Standing:
    """What became of telling that one person has completed one part."""

    plugin: str
    state: DeliveryState
    reason: str
    at: datetime


def progress_changed(cohort: Cohort | uuid.UUID, plugin: str) -> None:
    """Notes, in the current writing unit, that somebody's progress in a plugin may be another: it will be asked for.

    One statement. It writes nothing where completion is not told, and nothing when a change was noted a moment ago.
    """
    session, now = current().session, current().now()
    cohort_id = cohort if isinstance(cohort, uuid.UUID) else cohort.id
    noted = sa.exists().where(
        LineItem.cohort_id == cohort_id, LineItem.plugin == plugin, LineItem.changed_at > now - RESTING
    )
    values = {"id": uuid.uuid4(), "url": "", "columns": 0, "reason": "", "changed_at": now}
    table: Any = LineItem.__table__
    source = sa.select(
        CohortPlugin.cohort_id, CohortPlugin.plugin,
        *(sa.literal(value, table.c[name].type) for name, value in values.items()),
    ).where(
        CohortPlugin.cohort_id == cohort_id, CohortPlugin.plugin == plugin,
        CohortPlugin.enabled, CohortPlugin.completion, ~noted,
    )  # fmt: skip
    insert = insert_into(LineItem).from_select(["cohort_id", "plugin", *values], source, include_defaults=False)
    session.execute(insert.on_conflict_do_update(index_elements=["cohort_id", "plugin"], set_={"changed_at": now}))


def switch(cohort: Cohort, plugin: str, on: bool, actor: Actor) -> bool:  # noqa: FBT001 - "switch on" reads as it is meant
    """Switches on or off that a plugin's completion is told for a cohort. Returns whether that changed anything.

    What waits to be told is called off by switching off. Raises NotFound where the plugin is not on.
    """
    session = current().session
    row = session.get(CohortPlugin, (cohort.id, plugin), with_for_update=True)
    if row is None or not row.enabled:
        raise NotFound("plugin_off")
    if row.completion is on:
        return False
    row.completion = on
    session.flush()
    if on:
        _look_again(cohort, plugin)
    else:
        waiting = sa.delete(Delivery).where(Delivery.state != DeliveryState.SENT)
        session.execute(waiting.where(Delivery.line_item_id.in_(_items(cohort, [plugin]))))
    ref = f"{cohort.id}/{plugin}"
    audit.append(actor, "completion.switch", reason="on" if on else "off", object_type="cohort_plugin", object_ref=ref)
    return True


def _look_again(cohort: Cohort, plugin: str) -> None:
    """Lets everybody's progress be asked for, whenever that was done before."""
    progress_changed(cohort, plugin)
    current().session.execute(sa.update(LineItem).where(_of(cohort, [plugin])).values(gathered_at=None))


def _of(cohort: Cohort, plugins: Sequence[str]) -> sa.ColumnElement[bool]:
    return sa.and_(LineItem.cohort_id == cohort.id, LineItem.plugin.in_(plugins))


def _items(cohort: Cohort, plugins: Sequence[str]) -> sa.Select[uuid.UUID]:
    return sa.select(LineItem.id).where(_of(cohort, plugins))


def told(cohort_id: uuid.UUID | None) -> dict[str, Mapping[str, Any]]:
    """Returns the settings of the plugins whose completion is told for a cohort, by key, where they are on."""
    query = sa.select(CohortPlugin.plugin, CohortPlugin.settings).where(
        CohortPlugin.cohort_id == cohort_id, CohortPlugin.enabled, CohortPlugin.completion
    )
    return {row.plugin: row.settings for row in current().session.execute(query)}


def columns(cohort: Cohort) -> dict[str, LineItem]:
    """Returns what is known of the cohort's columns in the gradebook, by plugin."""
    query = sa.select(LineItem).where(LineItem.cohort_id == cohort.id)
    return {row.plugin: row for row in current().session.scalars(query)}


def standings(
    cohort: Cohort, plugins: Sequence[str], person_id: uuid.UUID | None = None
) -> Mapping[uuid.UUID, Mapping[str, Standing]]:
    """Returns who is on the way to the gradebook or has arrived there, by person and plugin. One statement."""
    query = (
        sa.select(Delivery.person_id, LineItem.plugin, Delivery.state, Delivery.reason, Delivery.decided_at, Delivery.sent_at)
        .join(LineItem, LineItem.id == Delivery.line_item_id)
        .where(_of(cohort, plugins))
    )  # fmt: skip
    if person_id is not None:
        query = query.where(Delivery.person_id == person_id)
    found: dict[uuid.UUID, dict[str, Standing]] = defaultdict(dict)
    for row in current().session.execute(query):
        standing = Standing(row.plugin, row.state, row.reason, row.sent_at or row.decided_at)
        found[row.person_id][row.plugin] = standing
    return found


def choose(cohort: Cohort, person_id: uuid.UUID, yes: bool, actor: Actor) -> bool:  # noqa: FBT001 - what she chose
    """Keeps whether a manager's course may be told of her. Returns whether that changed anything.

    What waits to be told is called off; what has been told stays told. Letting it be told again has her asked for anew.
    """
    session = current().session
    row = session.get(CompletionChoice, (cohort.id, person_id), with_for_update=True)
    if (row is None) is yes:
        return False
    if row is not None:
        session.delete(row)
        session.flush()
        for plugin in told(cohort.id):
            _look_again(cohort, plugin)
    else:
        values = {"cohort_id": cohort.id, "person_id": person_id, "chosen_at": current().now()}
        session.execute(insert_into(CompletionChoice).values(values).on_conflict_do_nothing())
        mine = sa.delete(Delivery).where(Delivery.person_id == person_id, Delivery.state != DeliveryState.SENT)
        items = sa.select(LineItem.id).where(LineItem.cohort_id == cohort.id)
        session.execute(mine.where(Delivery.line_item_id.in_(items)))
    reason = "told" if yes else "not_told"
    audit.append(actor, "completion.choose", reason=reason, object_type="cohort", object_ref=str(cohort.id))
    return True


def approve(cohort: Cohort, person_id: uuid.UUID, on: bool, actor: Actor) -> bool:  # noqa: FBT001 - "approve" or not
    """Notes by hand that a manager whose course is not told of her has taken part, or takes that back.

    Returns whether that changed anything. Raises NotFound for anybody else.
    """
    row = current().session.get(CompletionChoice, (cohort.id, person_id), with_for_update=True)
    if row is None:
        raise NotFound("no_choice")
    if (row.approved_at is not None) is on:
        return False
    row.approved_at = current().now() if on else None
    row.approved_by = actor.person_id if on else None
    current().session.flush()
    reason = "approved" if on else "taken_back"
    audit.append(actor, "completion.approve", reason=reason, object_type="person", object_ref=str(person_id))
    return True


def not_told(cohort_id: uuid.UUID) -> Mapping[uuid.UUID, CompletionChoice]:
    """Returns who does not want her course told of her, by person."""
    query = sa.select(CompletionChoice).where(CompletionChoice.cohort_id == cohort_id)
    return {row.person_id: row for row in current().session.scalars(query)}


def send_now(cohort: Cohort, actor: Actor) -> None:
    """Has everybody's progress asked for at once, and whatever was given up or refused tried again from the beginning."""
    session, now = current().session, current().now()
    plugins = list(told(cohort.id))
    for plugin in plugins:
        _look_again(cohort, plugin)
    again = {"state": DeliveryState.WAITING, "reason": "", "tries": 0, "decided_at": now, "due_at": now}
    session.execute(
        sa.update(Delivery)
        .where(Delivery.line_item_id.in_(_items(cohort, plugins)), Delivery.state != DeliveryState.SENT)
        .values(again)
    )
    decide_gather(cohort.id, cohort.organisation_id)
    audit.append(actor, "completion.send_now", object_type="cohort", object_ref=str(cohort.id))


def decide_gather(cohort_id: uuid.UUID, organisation_id: uuid.UUID) -> bool:
    """Decides on gathering a cohort's completions unless that is decided already. Tells whether it was."""
    session = current().session
    # The lock puts two who decide at once in order.
    session.execute(sa.select(Cohort.id).where(Cohort.id == cohort_id).with_for_update(key_share=True))
    same = sa.select(Job.id).where(Job.kind == GATHER, Job.subject_id == cohort_id, Job.state.in_(OPEN))
    if session.scalars(same.limit(1)).first() is not None:
        return False
    outbox.decide(GATHER, cohort_id, organisation_id, cohort_id)
    return True


def decide_nightly(units: Units) -> int:
    """Decides on gathering in the cohorts whose night it is and where something may have changed. Returns how many."""
    with units.reading() as unit:
        now = unit.now()
        found = [row for row in unit.session.execute(_changed()) if now.astimezone(ZoneInfo(row.zone)).hour in NIGHT]
    decided = 0
    for row in found:
        with units.writing():
            decided += decide_gather(row.id, row.organisation_id)
    return decided


def _changed() -> sa.Select[uuid.UUID, uuid.UUID, str]:
    """Cohorts with a part that is told, where progress or the switch changed since it was asked for, or long ago."""
    stale = sa.or_(
        LineItem.gathered_at.is_(None),
        LineItem.changed_at > LineItem.gathered_at,
        CohortPlugin.changed_at > LineItem.gathered_at,
        LineItem.gathered_at < current().now() - AT_LEAST_EVERY,
    )
    told = (
        sa.select(CohortPlugin.cohort_id)
        .outerjoin(LineItem, (LineItem.cohort_id == CohortPlugin.cohort_id) & (LineItem.plugin == CohortPlugin.plugin))
        .where(CohortPlugin.enabled, CohortPlugin.completion, stale)
    )
    open_job = sa.exists().where(Job.kind == GATHER, Job.subject_id == Cohort.id, Job.state.in_(OPEN))
    return sa.select(Cohort.id, Cohort.organisation_id, Cohort.zone).where(
        Cohort.archived_at.is_(None), Cohort.id.in_(told), ~open_job
    )
