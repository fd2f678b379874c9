"""Signs of life of workers: a row that each renews at every sweep, so that somebody notices when none is left."""

import uuid
from datetime import datetime, timedelta
from importlib.metadata import version

import sqlalchemy as sa

from service.jobs.models import WorkerSign
from service.unit import Units, current, insert_into

# A worker that has given no sign for this long is not counted any more; its row goes after a day.
SILENT_SECONDS = 60.0
KEPT = timedelta(days=1)


class Sign:
    """One worker's own row."""

    def __init__(self, units: Units) -> None:
        self._units, self._id = units, uuid.uuid4()
        self._started_at: datetime | None = None

    def beat(self) -> None:
        """Renews the row, makes it where it is missing, and removes what others left long ago."""
        with self._units.writing() as unit:
            now = unit.now()
            self._started_at = self._started_at or now
            row = {"id": self._id, "started_at": self._started_at, "beat_at": now, "version": version("stegvis")[:40]}
            write = insert_into(WorkerSign).values(row)
            unit.session.execute(write.on_conflict_do_update(index_elements=["id"], set_={"beat_at": now}))
            unit.session.execute(sa.delete(WorkerSign).where(WorkerSign.beat_at < now - KEPT))

    def end(self) -> None:
        """Removes the row: this worker ends as it should."""
        with self._units.writing() as unit:
            unit.session.execute(sa.delete(WorkerSign).where(WorkerSign.id == self._id))


def silent_after(sweep_seconds: float) -> timedelta:
    """Returns how long a worker may give no sign before it counts as gone: a minute, or three sweeps if those are more."""
    return timedelta(seconds=max(SILENT_SECONDS, 3 * sweep_seconds))


def living(sweep_seconds: float) -> list[WorkerSign]:
    """Returns the workers that gave a sign of life lately, the longest running first; in the current unit."""
    since = current().now() - silent_after(sweep_seconds)
    query = sa.select(WorkerSign).where(WorkerSign.beat_at >= since).order_by(WorkerSign.started_at, WorkerSign.id)
    return list(current().session.scalars(query))
