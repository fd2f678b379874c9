"""Asking for exports and fetching them: the verbs. All is looked up through the launch: her own, in this cohort."""

import uuid
from collections.abc import Sequence

import sqlalchemy as sa

from service import audit
from service.clock import local_date
from service.cohorts.current import InCohort
from service.core import core
from service.errors import Denial, Invalid, NotFound
from service.exports import catalogue, core_files, names
from service.exports.catalogue import Offer
from service.exports.models import ExportFile, ExportFormat, ExportState
from service.jobs import outbox
from service.unit import current

JOB = "exports.write"
OPEN = (ExportState.WAITING, ExportState.RUNNING)
SHOWN = 50


def request(stay: InCohort, code: str, format_: str) -> ExportFile:
    """Asks for an export: its row and its job in one transaction.

    Asking again for what is already on its way returns that. Raises Invalid for what is not offered to this person.
    """
    offer = catalogue.find(stay.cohort, stay.plugins, stay.role, code)
    if offer is None:
        raise Invalid(what=code)
    if format_ not in offer.export.formats:
        raise Invalid(format=format_)
    wanted = {"plugin": offer.plugin, "kind": offer.export.key, "format": ExportFormat(format_)}
    for row in mine(stay):
        if row.state in OPEN and all(getattr(row, name) == value for name, value in wanted.items()):
            return row
    row = ExportFile(
        organisation_id=stay.cohort.organisation_id, cohort_id=stay.cohort.id, person_id=stay.person.id,
        role=stay.role.value, locale=stay.locale, downloads_left=core().settings.export_downloads,
        created_at=current().now(), name=_name(stay, offer, format_), **wanted,
    )  # fmt: skip
    current().session.add(row)
    current().session.flush()
    _start(stay, row, "export.request")
    return row


def _name(stay: InCohort, offer: Offer, format_: str) -> str:
    """What the file is to be called: unlike any other of hers that is being written or lies there, in any course."""
    fetchable = sa.or_(ExportFile.expires_at.is_(None), ExportFile.expires_at > current().now())
    taken = sa.select(ExportFile.name).where(
        ExportFile.person_id == stay.person.id, ExportFile.state.in_((*OPEN, ExportState.DONE)), fetchable
    )
    day = local_date(current().now(), stay.zone)
    found = set(current().session.scalars(taken))
    return names.free_name(offer.file, format_, course=stay.cohort.title, day=day, taken=found)


def _start(stay: InCohort, row: ExportFile, action: str) -> None:
    outbox.decide(JOB, row.id, row.organisation_id, row.cohort_id)
    audit.append(stay.actor, action, reason=f"{row.plugin}.{row.kind}", object_type="export", object_ref=str(row.id))


def mine(stay: InCohort) -> Sequence[ExportFile]:
    """Returns this person's exports in this cohort, in the role she has now, newest first; of parts that are on."""
    query = _mine(stay).order_by(ExportFile.created_at.desc(), ExportFile.id).limit(SHOWN)
    return list(current().session.scalars(query))


def _mine(stay: InCohort) -> sa.Select[ExportFile]:
    return sa.select(ExportFile).where(
        ExportFile.person_id == stay.person.id,
        ExportFile.cohort_id == stay.cohort.id,
        ExportFile.role == stay.role.value,
        ExportFile.plugin.in_([core_files.CORE, *(plugin.key for plugin in stay.plugins)]),
    )


def get(stay: InCohort, export_id: uuid.UUID) -> ExportFile:
    """Returns one of her own exports. Raises NotFound for anything else."""
    row = current().session.scalars(_mine(stay).where(ExportFile.id == export_id)).one_or_none()
    if row is None:
        raise NotFound("no_export", denial=Denial("export", "not_found", "export", str(export_id)))
    return row


def can_fetch(row: ExportFile) -> bool:
    """Tells whether there is a file that may be fetched once more."""
    in_time = row.expires_at is not None and row.expires_at > current().now()
    return row.state is ExportState.DONE and row.downloads_left > 0 and in_time


def cancel(stay: InCohort, export_id: uuid.UUID) -> ExportFile:
    """Calls an export off; one that has ended is left as it is."""
    row = get(stay, export_id)
    stopped = current().session.execute(
        sa.update(ExportFile)
        .where(ExportFile.id == row.id, ExportFile.state.in_(OPEN))
        .values(state=ExportState.CANCELLED, reason="asked", finished_at=current().now())
    )
    if stopped.rowcount:  # type: ignore[attr-defined]  # an UPDATE gives a cursor result
        outbox.cancel(JOB, row.id)
        audit.append(stay.actor, "export.cancel", object_type="export", object_ref=str(row.id))
    return row


def retry(stay: InCohort, export_id: uuid.UUID) -> ExportFile:
    """Makes an export again that failed, was called off or cannot be fetched any more; any other is left as it is."""
    row = get(stay, export_id)
    if row.state in OPEN or can_fetch(row):
        return row
    if row.state in {ExportState.GONE, ExportState.DONE}:
        return request(stay, f"{row.plugin}.{row.kind}", row.format.value)
    row.state, row.reason, row.rows_done, row.rows_total = ExportState.WAITING, "", 0, 0
    row.finished_at = None
    offer = catalogue.find(stay.cohort, stay.plugins, stay.role, f"{row.plugin}.{row.kind}")
    if offer is not None:
        # Another may have taken its name while it lay there.
        row.name = _name(stay, offer, row.format.value)
    current().session.flush()
    _start(stay, row, "export.retry")
    return row
