"""Writing an export: the job's function. Nothing is carried in the queue; everything is rebuilt from the row."""

import uuid
from datetime import timedelta

import sqlalchemy as sa
from flask_babel import force_locale

from service.access import Role
from service.catalogues import speaking
from service.cohorts import people
from service.cohorts.models import Cohort, CohortPlugin
from service.contract.records import ExportScope
from service.core import core
from service.exports import catalogue, core_files
from service.exports.catalogue import Offer
from service.exports.fill import Progress, fill
from service.exports.models import ExportFile, ExportState
from service.exports.store import open_store
from service.jobs import outbox
from service.jobs.outbox import Fate, Held, LeaseLost, Refused
from service.unit import current

FATES = {
    Fate.AGAIN: ExportState.WAITING, Fate.DEAD: ExportState.FAILED, Fate.CANCELLED: ExportState.CANCELLED,
}  # fmt: skip


def write(held: Held) -> None:
    """Writes the file of one export and finishes the job, both or neither.

    Raises Refused when the person may not have it any more, LeaseLost when another worker took over.
    """
    row = _begin(held)
    settings = core().settings
    store = open_store(settings)
    key = f"{uuid.uuid4()}.{row.format.value}"
    progress = Progress(
        lambda done, total: _report(held, row.id, done, total), settings.export_batch, settings.export_pause_seconds
    )
    with store.writing(key) as path:
        with force_locale(row.locale), speaking(row.plugin), core().units.reading():
            fill(*_scope(row), row, path, progress)
        digest, size = store.publish(key, path)
    try:
        _complete(held, row.id, key=key, digest=digest, size=size, count=progress.done)
    except LeaseLost:
        store.delete(key)
        raise


def tell(export_id: uuid.UUID, fate: Fate, reason: str) -> None:
    """Tells the row, in the current unit, what becomes of a job that was not done."""
    finished_at = None if fate is Fate.AGAIN else current().now()
    current().session.execute(
        sa.update(ExportFile)
        .where(ExportFile.id == export_id, ExportFile.state.in_((ExportState.WAITING, ExportState.RUNNING)))
        .values(state=FATES[fate], reason=reason, finished_at=finished_at)
    )


def _begin(held: Held) -> ExportFile:
    with core().units.writing() as unit:
        outbox.renew(held)
        row = unit.session.get(ExportFile, held.subject_id)
        if row is None or row.state not in {ExportState.WAITING, ExportState.RUNNING}:
            raise Refused("not_wanted")
        row.state, row.rows_done, row.rows_total, row.reason = ExportState.RUNNING, 0, 0, ""
        return row


def _scope(row: ExportFile) -> tuple[Offer, ExportScope]:
    """Rebuilds what is asked for by whom, from the row and from what is true now. Raises Refused."""
    session = current().session
    cohort = session.get_one(Cohort, row.cohort_id)
    role = Role(row.role)
    if _present_role(cohort, row.person_id) is not role:
        raise Refused("role")
    switches = sa.select(CohortPlugin.plugin, CohortPlugin.settings).where(
        CohortPlugin.cohort_id == cohort.id, CohortPlugin.enabled
    )
    part = core().host.for_cohort({found.plugin: found.settings for found in session.execute(switches)})
    if row.plugin != core_files.CORE and row.plugin not in part:
        raise Refused("plugin_off")
    offer = catalogue.find(cohort, part, role, f"{row.plugin}.{row.kind}")
    if offer is None:
        raise Refused("not_offered")
    return offer, ExportScope(cohort.id, row.person_id, role, row.locale)


def _present_role(cohort: Cohort, person_id: uuid.UUID) -> Role | None:
    for line in people.everyone(cohort):
        if line.member.person_id == person_id and line.member.active:
            return line.role
    return None


def _report(held: Held, export_id: uuid.UUID, done: int, total: int) -> None:
    """Commits how far it is, in a short transaction of its own. Raises LeaseLost."""
    with core().units.writing() as unit:
        outbox.renew(held)
        unit.session.execute(
            sa.update(ExportFile).where(ExportFile.id == export_id).values(rows_done=done, rows_total=total)
        )


def _complete(held: Held, export_id: uuid.UUID, *, key: str, digest: str, size: int, count: int) -> None:
    with core().units.writing() as unit:
        outbox.finish(held)
        now = unit.now()
        unit.session.execute(
            sa.update(ExportFile)
            .where(ExportFile.id == export_id)
            .values(
                state=ExportState.DONE, file_key=key, sha256=digest, size=size, rows_done=count, rows_total=count,
                finished_at=now, expires_at=now + timedelta(days=core().settings.export_days), reason="",
            )
        )  # fmt: skip
