"""What the database and this process are like at this moment, as figures: read when Prometheus or the operator asks.

Bounded: open jobs stand in an index by their state, ended ones are counted for an hour only.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import QueuePool

from service.core import Core
from service.jobs import hold, probe, signs
from service.jobs.models import Job, JobState
from service.metrics import lines
from service.unit import current

ENDED = (JobState.DONE, JobState.DEAD, JobState.CANCELLED)
ENDED_WITHIN = timedelta(hours=1)
Values = Iterator[tuple[dict[str, str], float]]


@dataclass(frozen=True)
class Queue:
    """How much waits. `oldest_due` is when the job that has been due longest became due; None when none is."""

    waiting: int
    later: int
    running: int
    dead: int
    oldest_due: datetime | None


def queue() -> Queue:
    """Counts the open jobs, in the current unit. A job whose worker was lost waits again."""
    now = current().now()
    due = sa.and_(Job.state == JobState.QUEUED, Job.run_after <= now)
    lost = sa.and_(Job.state == JobState.RUNNING, Job.lease_until < now)
    count = sa.func.count().filter
    since = sa.func.min(sa.case((due, Job.run_after), (lost, Job.lease_until)), type_=Job.run_after.type)
    query = sa.select(
        count(sa.or_(due, lost)), count(Job.state == JobState.QUEUED), count(Job.state == JobState.RUNNING),
        count(lost), count(Job.state == JobState.DEAD), since,
    ).where(Job.state.in_((JobState.QUEUED, JobState.RUNNING, JobState.DEAD)))  # fmt: skip
    waiting, queued, running, away, dead, oldest = current().session.execute(query).one()
    return Queue(waiting, queued + away - waiting, running - away, dead, oldest)


def text(core: Core) -> bytes:
    """Returns the gauges in Prometheus' text format. Without a database it is what this process knows by itself."""
    told = [
        lines("stegvis_queue_up", "Whether the queue answers", iter([({}, probe.answers(core.settings.queue))])),
        lines("stegvis_database_connections", "Connections of the answering process to the database", _pool(core)),
    ]
    try:
        with core.units.reading():
            told += _read(core)
    except SQLAlchemyError:
        return b"".join([lines("stegvis_database_up", "Whether the database answers", iter([({}, 0)])), *told])
    return b"".join([lines("stegvis_database_up", "Whether the database answers", iter([({}, 1)])), *told])


def _pool(core: Core) -> Values:
    pool = core.units.engine.pool
    if isinstance(pool, QueuePool):
        yield {"state": "in_use"}, pool.checkedout()
        yield {"state": "idle"}, pool.checkedin()


def _read(core: Core) -> list[bytes]:
    found, now = queue(), current().now()
    age = (now - found.oldest_due).total_seconds() if found.oldest_due else 0.0
    workers = signs.living(core.settings.sweep_seconds)
    states = {"waiting": found.waiting, "later": found.later, "running": found.running, "dead": found.dead}
    told = [
        lines("stegvis_jobs", "Open jobs by state", ((({"state": name}), value) for name, value in states.items())),
        lines("stegvis_jobs_oldest_due_seconds", "How long the oldest due job has waited", iter([({}, age)])),
        lines("stegvis_jobs_ended_last_hour", "Jobs that ended in the last hour", _ended(now)),
        lines("stegvis_work_held", "Whether work is held after a restore", iter([({}, hold.held() is not None)])),
        lines("stegvis_workers", "Workers that gave a sign of life lately", iter([({}, len(workers))])),
    ]
    if workers:
        beat = (now - max(worker.beat_at for worker in workers)).total_seconds()
        told.append(lines("stegvis_worker_beat_seconds", "Since a worker's latest sign of life", iter([({}, beat)])))
    return told


def _ended(now: datetime) -> Values:
    query = (
        sa.select(Job.kind, Job.state, sa.func.count())
        .where(Job.state.in_(ENDED), Job.finished_at > now - ENDED_WITHIN)
        .group_by(Job.kind, Job.state)
        .order_by(Job.kind, Job.state)
    )
    for kind, state, number in current().session.execute(query):
        yield {"kind": kind, "outcome": state.value}, number
