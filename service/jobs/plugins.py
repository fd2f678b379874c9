"""What plugins have of the jobs: deciding on one, doing it with fenced writes, and units where no request is open."""

import uuid
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime

from service.cohorts.models import Cohort
from service.core import core
from service.jobs import outbox
from service.jobs.outbox import Held
from service.unit import Unit, is_open


@dataclass(frozen=True)
class Work:
    """A plugin's job while it is done. Everything it writes, it writes in `writing()`."""

    held: Held

    @property
    def subject_id(self) -> uuid.UUID:
        """What the job is about, as it was given to `decide_job`."""
        return self.held.subject_id

    @contextmanager
    def writing(self) -> Iterator[Unit]:
        """A writing unit that commits only while the job is still this worker's. Raises LeaseLost when it is not."""
        with core().units.writing() as unit:
            outbox.renew(self.held)
            yield unit

    def reading(self) -> AbstractContextManager[Unit]:
        """A unit that only reads."""
        return core().units.reading()


def decide_job(
    kind: str, subject_id: uuid.UUID, cohort: Cohort | None = None, run_after: datetime | None = None
) -> uuid.UUID:
    """Writes down, in the current writing unit, that a worker is to do something; it is rung for after the commit.

    `kind` is one that a manifest declares, `run_after` delays it. Returns the job's id. Raises ValueError for a kind
    that no plugin declares: the core's own are not for plugins.
    """
    if kind not in core().host.jobs:
        raise ValueError(f"no plugin declares the job kind {kind!r}")
    organisation_id, cohort_id = (cohort.organisation_id, cohort.id) if cohort is not None else (None, None)
    return outbox.decide(kind, subject_id, organisation_id, cohort_id, run_after).id


def writing_unit() -> AbstractContextManager[Unit]:
    """Opens a unit that writes, for periodic work and commands: committed at the end of the block.

    Raises RuntimeError inside another unit: a page or a job has its own.
    """
    return _edge(writing=True)


def reading_unit() -> AbstractContextManager[Unit]:
    """Opens a unit that only reads, for periodic work and commands. Raises RuntimeError inside another unit."""
    return _edge(writing=False)


def _edge(*, writing: bool) -> AbstractContextManager[Unit]:
    if is_open():
        raise RuntimeError("a unit is open here already: it is the request's or the job's to commit")
    return core().units.writing() if writing else core().units.reading()
