"""The outbox: deciding on work, and holding it while it is done.

The row is written in the transaction that decides; after the commit the bell is rung. A worker leases the row, shows
signs of life, and every write it makes for the job is fenced: it succeeds only while the row still carries the worker's
own token, so that a worker that froze and was replaced can no longer change anything.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import sqlalchemy as sa

from service.clock import SystemClock
from service.jobs import bell, hold
from service.jobs.models import Job, JobState
from service.unit import current

MAX_TRIES = 3
# Seconds to wait before the second and the third try.
BACKOFF = (10.0, 60.0)


class Fate(StrEnum):
    """What becomes of a job that was begun and not done."""

    AGAIN = "again"
    DEAD = "dead"
    CANCELLED = "cancelled"


class LeaseLost(Exception):
    """The job is somebody else's by now, or was cancelled: nothing more may be written for it."""


class Refused(Exception):
    """The work may not or need not be done any more. `reason` is a short stable word; trying again would not help."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Held:
    """A leased job: what is needed to do it and to fence its writes."""

    id: uuid.UUID
    kind: str
    subject_id: uuid.UUID
    token: uuid.UUID
    seconds: float


def lease_now() -> datetime:
    """Returns the moment that leases are measured by, in UTC.

    PostgreSQL is asked, because workers on different machines must agree. SQLite has one machine; so has a moved clock.
    """
    unit = current()
    if unit.session.get_bind().dialect.name == "postgresql" and isinstance(unit.clock, SystemClock):
        at: datetime = unit.session.execute(sa.select(sa.func.clock_timestamp())).scalar_one()
        return at
    return unit.now()


def decide(
    kind: str,
    subject_id: uuid.UUID,
    organisation_id: uuid.UUID | None = None,
    cohort_id: uuid.UUID | None = None,
    run_after: datetime | None = None,
) -> Job:
    """Writes down, in the current writing unit, that work is to be done; rings for it once that is committed.

    `run_after` delays it. Ringing is best effort: a queue that is away changes nothing, the worker's sweep rings again.
    """
    at = lease_now()
    job = Job(
        kind=kind, subject_id=subject_id, organisation_id=organisation_id, cohort_id=cohort_id,
        run_after=run_after or at, created_at=at,
    )  # fmt: skip
    unit = current()
    unit.session.add(job)
    unit.session.flush()
    if job.run_after <= at:
        unit.after_commit.append(lambda: bell.ring(job.id))
    return job


def lease(job_id: uuid.UUID, seconds: float) -> tuple[Job, Held | None] | None:
    """Takes a due job for `seconds`. Returns None when there is nothing to do: done, cancelled, not due, or held.

    A job whose lease ran out is taken over; one that was already tried three times becomes dead instead, and is
    returned without a hold, so that the caller can tell its subject in the same transaction.
    """
    session, now = current().session, lease_now()
    query = sa.select(Job).where(Job.id == job_id, ~hold.is_held()).with_for_update(of=Job, skip_locked=True)
    job = session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    if job is None or not _is_due(job, now):
        return None
    if job.tries >= MAX_TRIES:
        _end(job, JobState.DEAD, job.reason or "lease_lost", now)
        return job, None
    job.state, job.tries = JobState.RUNNING, job.tries + 1
    job.lease_token, job.lease_until = uuid.uuid4(), now + timedelta(seconds=seconds)
    session.flush()
    return job, Held(job.id, job.kind, job.subject_id, job.lease_token, seconds)


def _is_due(job: Job, now: datetime) -> bool:
    if job.state is JobState.QUEUED:
        return job.run_after <= now
    return job.state is JobState.RUNNING and (job.lease_until is None or job.lease_until < now)


def _end(job: Job, state: JobState, reason: str, now: datetime) -> None:
    job.state, job.reason, job.finished_at = state, reason, now
    job.lease_token = job.lease_until = None
    current().session.flush()


def _fenced(held: Held, **values: object) -> None:
    mine = sa.and_(Job.id == held.id, Job.lease_token == held.token, Job.state == JobState.RUNNING)
    done = current().session.execute(sa.update(Job).where(mine).values(**values))
    if done.rowcount != 1:  # type: ignore[attr-defined]  # an UPDATE gives a cursor result
        raise LeaseLost(str(held.id))


def renew(held: Held) -> None:
    """Shows a sign of life and proves, within the current transaction, that the job is still the caller's.

    Raises LeaseLost. Whatever else the transaction writes is fenced by this.
    """
    _fenced(held, lease_until=lease_now() + timedelta(seconds=held.seconds))


def finish(held: Held, *, cancelled_because: str = "") -> None:
    """Ends the job, in the transaction of its effect. Raises LeaseLost."""
    state = JobState.CANCELLED if cancelled_because else JobState.DONE
    _fenced(held, state=state, reason=cancelled_because, finished_at=lease_now(), lease_token=None, lease_until=None)


def fail(held: Held, reason: str) -> Fate:
    """Gives the job back after a failure, to be tried later; dead after the last try. Raises LeaseLost."""
    now = lease_now()
    tries = current().session.scalars(sa.select(Job.tries).where(Job.id == held.id)).one()
    if tries >= MAX_TRIES:
        _fenced(held, state=JobState.DEAD, reason=reason, finished_at=now, lease_token=None, lease_until=None)
        return Fate.DEAD
    later = now + timedelta(seconds=BACKOFF[tries - 1])
    _fenced(held, state=JobState.QUEUED, reason=reason, run_after=later, lease_token=None, lease_until=None)
    return Fate.AGAIN


def cancel(kind: str, subject_id: uuid.UUID) -> None:
    """Calls off what is left to do for a subject. A worker that is at it loses its lease and stops at its next write."""
    open_states = (JobState.QUEUED, JobState.RUNNING)
    current().session.execute(
        sa.update(Job)
        .where(Job.kind == kind, Job.subject_id == subject_id, Job.state.in_(open_states))
        .values(state=JobState.CANCELLED, reason="asked", finished_at=lease_now(), lease_token=None, lease_until=None)
    )


def again(job_id: uuid.UUID) -> Job | None:
    """Gives a dead job its tries back, in the current writing unit. Returns it; None when it is not dead (any more)."""
    job = _dead(job_id)
    if job is None:
        return None
    job.state, job.tries, job.reason, job.run_after, job.finished_at = JobState.QUEUED, 0, "", lease_now(), None
    unit = current()
    unit.session.flush()
    unit.after_commit.append(lambda: bell.ring(job.id))
    return job


def discard(job_id: uuid.UUID) -> Job | None:
    """Puts a dead job away for good. Returns it; None when it is not dead (any more)."""
    job = _dead(job_id)
    if job is not None:
        _end(job, JobState.CANCELLED, "discarded", lease_now())
    return job


def _dead(job_id: uuid.UUID) -> Job | None:
    query = sa.select(Job).where(Job.id == job_id, Job.state == JobState.DEAD).with_for_update()
    return current().session.scalars(query.execution_options(populate_existing=True)).one_or_none()


def due(limit: int = 500) -> list[uuid.UUID]:
    """Returns the jobs to ring for: queued and due, or held by a worker that gave no sign of life in time."""
    now = lease_now()
    waiting = sa.and_(Job.state == JobState.QUEUED, Job.run_after <= now)
    abandoned = sa.and_(Job.state == JobState.RUNNING, Job.lease_until < now)
    query = sa.select(Job.id).where(sa.or_(waiting, abandoned), ~hold.is_held()).order_by(Job.run_after).limit(limit)
    return list(current().session.scalars(query))
