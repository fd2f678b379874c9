"""Dead letters: jobs that were tried in vain. The operator gives them their tries back, or puts them away."""

import uuid
from collections.abc import Callable

import sqlalchemy as sa

from service import audit
from service.audit import Actor
from service.errors import Conflict, NotFound
from service.exports.models import ExportFile, ExportState
from service.jobs import outbox
from service.jobs.models import Job, JobState
from service.lti.service_models import RosterState, RosterSync
from service.unit import current

OPEN = (JobState.QUEUED, JobState.RUNNING)


def retry(job_id: uuid.UUID) -> Job:
    """Gives a dead job its tries back, and tells its subject that it waits again; in the current writing unit.

    Raises NotFound for a job that is not there, Conflict for one that is not dead any more, or whose work has been asked
    for anew meanwhile: that would do it twice.
    """
    known = _known(job_id)
    if _is_open(known) or not WAKE.get(known.kind, _nothing_to_tell)(known.subject_id):
        raise Conflict("job_asked_again")
    job = outbox.again(job_id)
    if job is None:
        raise Conflict("job_not_dead")
    _audit("operator.retry", job)
    return job


def discard(job_id: uuid.UUID) -> Job:
    """Puts a dead job away. Raises NotFound, and Conflict for one that is not dead any more."""
    _known(job_id)
    job = outbox.discard(job_id)
    if job is None:
        raise Conflict("job_not_dead")
    _audit("operator.discard", job)
    return job


def _known(job_id: uuid.UUID) -> Job:
    job = current().session.get(Job, job_id)
    if job is None:
        raise NotFound("no_job")
    return job


def _is_open(job: Job) -> bool:
    same = sa.and_(Job.kind == job.kind, Job.subject_id == job.subject_id, Job.state.in_(OPEN), Job.id != job.id)
    return current().session.scalar(sa.select(sa.exists().where(same))) is True


def _audit(action: str, job: Job) -> None:
    audit.append(Actor(), action, reason=job.kind, object_type="job", object_ref=str(job.id))


def _nothing_to_tell(_subject_id: uuid.UUID) -> bool:
    return True


def _wake_export(export_id: uuid.UUID) -> bool:
    """Whoever asked for the file sees it wait again; False when she has asked again or called it off herself."""
    failed = sa.update(ExportFile).where(ExportFile.id == export_id, ExportFile.state == ExportState.FAILED)
    waits = failed.values(state=ExportState.WAITING, reason="", rows_done=0, rows_total=0, finished_at=None)
    return bool(current().session.execute(waits).rowcount)  # type: ignore[attr-defined]  # an UPDATE gives a cursor result


def _wake_roster(cohort_id: uuid.UUID) -> bool:
    waits = sa.update(RosterSync).where(RosterSync.cohort_id == cohort_id).values(state=RosterState.WAITING, reason="")
    return bool(current().session.execute(waits).rowcount)  # type: ignore[attr-defined]  # as above


# What a kind's subject has to be told before its job is tried again; False when it is not wanted any more.
WAKE: dict[str, Callable[[uuid.UUID], bool]] = {"exports.write": _wake_export, "roster.sync": _wake_roster}
