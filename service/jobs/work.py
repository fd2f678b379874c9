"""Doing a job: lease it, keep it alive while its function works, and give it back when that fails.

`run` is the one function the queue may name. It may come twice, late or for nothing: the row decides.
"""

import os
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

import structlog
from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from service.cohorts import completion, gathering
from service.core import Core, core
from service.exports import work as exports
from service.jobs import outbox
from service.jobs.outbox import Fate, Held, LeaseLost, Refused
from service.jobs.plugins import Work
from service.lti import deliveries, due, notices, roster, roster_run
from service.mail import notices as mail_notices
from service.mail import sending as mail_sending
from service.retention import work as retention
from service.settings import Settings, load

log = structlog.get_logger("stegvis.jobs")


@dataclass(frozen=True)
class Kind:
    """What to do for a kind of job.

    `run` does it and finishes it in the transaction of its effect; `tell` tells the subject, in the current unit, what
    becomes of a job that was not done, and the reason.
    """

    run: Callable[[Held], None]
    tell: Callable[[uuid.UUID, Fate, str], None]


def _tell_nobody(_subject_id: uuid.UUID, _fate: Fate, _reason: str) -> None:
    """A plugin's job has its row; what became of it stands there."""


KINDS = {
    completion.GATHER: Kind(gathering.gather, gathering.tell),
    due.KIND: Kind(deliveries.deliver, deliveries.tell),
    "exports.write": Kind(exports.write, exports.tell),
    mail_notices.KIND: Kind(mail_sending.send, mail_sending.tell),
    notices.SUBSCRIBE: Kind(notices.run, notices.tell),
    retention.KIND: Kind(retention.run, retention.tell),
    roster.KIND: Kind(roster_run.read, roster.tell),
}


def _kind(key: str) -> Kind:
    """Returns what to do for a kind: the core's own, or a plugin's, of which the core finishes the job.

    One that nobody knows fails as any job may: during an upgrade the next worker knows it, and without its plugin it
    ends dead, for an operator to see.
    """
    if key in KINDS:
        return KINDS[key]
    return Kind(partial(_for_plugin, key), _tell_nobody)


def _for_plugin(key: str, held: Held) -> None:
    core().host.jobs[key].run(Work(held))
    with core().units.writing():
        outbox.finish(held)


_app: Flask | None = None


def prepare(settings: Settings | None = None) -> Flask:
    """Returns this process's application, built once, on first use; never at import."""
    global _app  # noqa: PLW0603 - one per process, as the queue names a module-level function
    if _app is None:
        from service.app import create_app  # noqa: PLC0415 - the application imports the pages that import the outbox

        _app = create_app(settings or load())
    return _app


def run(job_id: str) -> None:
    """Does the job with this id, if there is anything left to do."""
    perform(prepare(), uuid.UUID(job_id))


def perform(app: Flask, job_id: uuid.UUID) -> None:
    """Does a job with an application at hand. Failures are written down and never raised."""
    with app.app_context():
        held = _lease(job_id)
        if held is None:
            return
        with _heartbeat(core(), held):
            _do(held)


def _lease(job_id: uuid.UUID) -> Held | None:
    with core().units.writing():
        taken = outbox.lease(job_id, core().settings.lease_seconds)
        if taken is None:
            return None
        job, held = taken
        if held is None:
            log.error("job_dead", job=str(job.id), kind=job.kind, reason=job.reason)
            _kind(job.kind).tell(job.subject_id, Fate.DEAD, job.reason)
    return held


def _do(held: Held) -> None:
    try:
        _kind(held.kind).run(held)
    except LeaseLost:
        log.warning("job_lost", job=str(held.id), kind=held.kind)
    except Refused as refusal:
        _give_back(held, refusal.reason, cancel=True)
    except Exception as error:
        log.exception("job_failed", job=str(held.id), kind=held.kind)
        _give_back(held, _reason(error), cancel=False)


def _reason(error: Exception) -> str:
    """Why a job failed, in one word: what an operator can do something about."""
    if isinstance(error, MemoryError):
        return "memory"
    return "disk" if isinstance(error, OSError) else "failed"


def _give_back(held: Held, reason: str, *, cancel: bool) -> None:
    try:
        with core().units.writing():
            if cancel:
                outbox.finish(held, cancelled_because=reason)
            fate = Fate.CANCELLED if cancel else outbox.fail(held, reason)
            _kind(held.kind).tell(held.subject_id, fate, reason)
    except LeaseLost:
        log.warning("job_lost", job=str(held.id), kind=held.kind)


@contextmanager
def _heartbeat(parts: Core, held: Held) -> Iterator[None]:
    """Renews the lease every `heartbeat_seconds` from a thread of its own, for as long as the block runs."""
    done = threading.Event()

    def beat() -> None:
        while not done.wait(parts.settings.heartbeat_seconds):
            try:
                with parts.units.writing():
                    outbox.renew(held)
            except LeaseLost:
                return
            except SQLAlchemyError as error:
                log.warning("heartbeat_missed", job=str(held.id), error=type(error).__name__)

    thread = threading.Thread(target=beat, name=f"heartbeat-{os.getpid()}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
