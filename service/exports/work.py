"""Writing an export: the job's function. Nothing is carried in the queue; everything is rebuilt from the row."""

import time
import uuid
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa
from flask_babel import force_locale

from service.access import Role
from service.catalogues import speaking
from service.cohorts import people
from service.cohorts.models import Cohort, CohortPlugin
from service.contract.records import ExportScope
from service.core import core
from service.exports import catalogue, overview
from service.exports.catalogue import Offer
from service.exports.models import ExportFile, ExportFormat, ExportState
from service.exports.own import writing
from service.exports.store import LocalStore
from service.exports.writers import TooManyRows, Value, open_writer
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
    store = LocalStore(core().settings.export_dir)
    key = f"{uuid.uuid4()}.{row.format.value}"
    with store.writing(key) as path, force_locale(row.locale), speaking(row.plugin), core().units.reading():
        if row.format is ExportFormat.ZIP:
            _scope(row)
            count = writing.fill(row, path, lambda done, total: _report(held, row.id, done, total))
        else:
            count = _fill(held, row, path)
        digest, size = store.publish(key, path)
    try:
        _complete(held, row.id, key=key, digest=digest, size=size, count=count)
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


def _fill(held: Held, row: ExportFile, path: Path) -> int:
    """Writes all rows and reports on the way. Returns how many there were."""
    offer, scope = _scope(row)
    total = offer.export.count(scope)
    _report(held, row.id, 0, total)
    headers = [str(title) for title in offer.export.headers(scope)]
    done = 0
    writer = open_writer(
        row.format, path, locale=row.locale, headers=headers, kinds=offer.kinds(scope), made_at=row.created_at
    )
    with writer:
        for batch in _batches(offer, scope, core().settings.export_batch):
            try:
                for values in batch:
                    writer.row(values)
            except TooManyRows as error:
                raise Refused("too_many_rows") from error
            done += len(batch)
            _report(held, row.id, done, max(total, done))
            time.sleep(core().settings.export_pause_seconds)
    return done


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
    if row.plugin != overview.CORE and row.plugin not in part:
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


def _batches(offer: Offer, scope: ExportScope, size: int) -> Iterator[list[Sequence[Value]]]:
    batch: list[Sequence[Value]] = []
    for values in offer.export.rows(scope):
        batch.append(values)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch


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
