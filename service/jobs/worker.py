"""`stegvis worker`: a parent that sweeps, and a child that works.

The parent never runs a job. It starts the child again when it falls, rings for what is due, and does the periodic work.
"""

import signal
import time

import structlog
from sqlalchemy.exc import SQLAlchemyError

from service import logs
from service.cohorts import counting
from service.core import core
from service.errors import StartRefused
from service.host import Host
from service.jobs import outbox, periodic, work
from service.jobs.bell import Bell
from service.jobs.family import EX_CONFIG, Child, stop_asked
from service.lti import due as deliveries_due
from service.settings import Settings
from service.unit import Units

log = structlog.get_logger("stegvis.jobs")
TICK_SECONDS = 0.2
# Seconds that a job may go on after the worker was told to stop.
GRACE_SECONDS = 30.0
RING_SECONDS = 2.0


def run(settings: Settings) -> int:
    """Works until SIGTERM or Ctrl-C. Returns the exit status: 78 when the child's start was refused."""
    logs.configure()
    asked = stop_asked()
    child = Child("worker", ["service.jobs.child"], forever=True)
    try:
        app = work.prepare(settings)
    except StartRefused:  # the child is refused as well, and says why
        child.wait(GRACE_SECONDS)
        return EX_CONFIG
    with app.app_context():
        rounds = Rounds(core().units, settings, core().host)
        status = None
        while status is None and not asked.wait(TICK_SECONDS):
            status = child.check()
            rounds.due()
        child.signal(signal.SIGTERM)
        child.wait(GRACE_SECONDS)
        core().units.engine.dispose()
    return status or 0


class Rounds:
    """What the parent does now and then: the sweep, and the periodic work of the core and of the plugins of `host`."""

    def __init__(self, units: Units, settings: Settings, host: Host | None = None) -> None:
        self._units, self._settings, self._host = units, settings, host
        self._bell = Bell(settings.queue, timeout=RING_SECONDS, break_seconds=0)
        self._next_sweep = self._next_periodic = 0.0

    def due(self) -> None:
        """Does what is due. A database that is away is for next time."""
        now = time.monotonic()
        try:
            if now >= self._next_sweep:
                self._next_sweep = now + self._settings.sweep_seconds
                deliveries_due.decide_due(self._units)
                sweep(self._units, self._bell)
            if now >= self._next_periodic:
                self._next_periodic = now + periodic.EVERY_SECONDS
                periodic.run_plugins(self._host or ())
                periodic.run(self._units, self._settings)
                if self._host is not None:
                    log.info("periodic_counted", cohorts=counting.run(self._units, self._host))
        except (SQLAlchemyError, OSError) as error:
            log.warning("round_failed", error=type(error).__name__)


def sweep(units: Units, bell: Bell) -> int:
    """Rings for every job that is due, unless it stands in the queue already. Returns how many were rung for."""
    with units.reading():
        waiting = outbox.due()
    rung = 0
    for job_id in waiting:
        if not bell.ring(job_id, once=True):
            break
        rung += 1
    return rung
