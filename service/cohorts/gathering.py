"""Asking the plugins who has completed, at night, and writing down what is to be told. Nothing here speaks to a platform.

That is left to `service.lti.deliveries`: a platform that is away at night delays nothing but the telling.
"""

import uuid
from collections.abc import Mapping, Sequence

import sqlalchemy as sa

from service.cohorts import completion, people
from service.cohorts.models import Cohort, Member
from service.core import core
from service.host import Unavailable
from service.jobs import outbox
from service.jobs.outbox import Fate, Held, Refused
from service.lti import due
from service.lti.models import Deployment
from service.lti.service_models import Delivery, DeliveryState, LineItem
from service.unit import current, insert_into

AT_ONCE = 500


def gather(held: Held) -> None:
    """Asks a cohort's plugins for everybody's progress, writes down who is to be told of, and finishes the job.

    Raises Refused for a cohort that is put away or gone.
    """
    with core().units.reading() as unit:
        started = unit.now()
        cohort = unit.session.get(Cohort, held.subject_id)
        if cohort is None or cohort.archived_at is not None:
            raise Refused("archived")
        complete = _complete(cohort)
        platform_id = unit.session.scalars(
            sa.select(Deployment.platform_id).where(Deployment.id == cohort.deployment_id)
        ).one()
    with core().units.writing():
        outbox.finish(held)
        for plugin, person_ids in complete.items():
            item_id = _line_item(cohort.id, plugin)
            _add(item_id, platform_id, person_ids)
            seen = {"gathered_at": started - completion.LOOK_BACK}
            current().session.execute(sa.update(LineItem).where(LineItem.id == item_id).values(seen))
        due.decide(platform_id)


def tell(_cohort_id: uuid.UUID, _fate: Fate, _reason: str) -> None:
    """Nothing waits for a gathering that failed: the next night decides on another."""


def _complete(cohort: Cohort) -> Mapping[str, Sequence[uuid.UUID]]:
    """Who has completed what, by plugin; a plugin that fails is left out and asked again the next night.

    Whoever does not want her course told of her is not asked about at all.
    """
    silent = completion.not_told(cohort.id)
    managers = [member for member in people.managers(cohort) if member.person_id not in silent]
    part = core().host.for_cohort(completion.told(cohort.id))
    return {
        plugin.key: _persons(managers, {key for key, progress in answered.items() if progress.complete})
        for plugin, answered in part.progress(cohort, managers)
        if not isinstance(answered, Unavailable)
    }


def _persons(managers: Sequence[Member], complete: set[uuid.UUID]) -> list[uuid.UUID]:
    return [member.person_id for member in managers if member.id in complete]


def _line_item(cohort_id: uuid.UUID, plugin: str) -> uuid.UUID:
    values = {"id": uuid.uuid4(), "cohort_id": cohort_id, "plugin": plugin}
    current().session.execute(insert_into(LineItem).values(values).on_conflict_do_nothing())
    query = sa.select(LineItem.id).where(LineItem.cohort_id == cohort_id, LineItem.plugin == plugin)
    return current().session.scalars(query).one()


def _add(item_id: uuid.UUID, platform_id: uuid.UUID, person_ids: Sequence[uuid.UUID]) -> None:
    """Adds who is not there yet: one statement for many, however many there are already."""
    now = current().now()
    common = {"line_item_id": item_id, "platform_id": platform_id, "state": DeliveryState.WAITING,
              "reason": "", "tries": 0, "decided_at": now, "due_at": due.not_before(platform_id)}  # fmt: skip
    for start in range(0, len(person_ids), AT_ONCE):
        rows = [{"id": uuid.uuid4(), "person_id": one, **common} for one in person_ids[start : start + AT_ONCE]]
        insert = insert_into(Delivery).values(rows)
        current().session.execute(insert.on_conflict_do_nothing(index_elements=["line_item_id", "person_id"]))
