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
from service.jobs import hold, outbox, periodic, work
from service.jobs.bell import Bell
from service.jobs.family import EX_CONFIG, Child, stop_asked
from service.jobs.signs import Sign
from service.lti import due as deliveries_due
from service.mail import notices as mail
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
        rounds.end()
        core().units.engine.dispose()
    return status or 0


class Rounds:
    """What the parent does now and then: the sweep, and the periodic work of the core and of the plugins of `host`."""

    def __init__(self, units: Units, settings: Settings, host: Host | None = None) -> None:
        self._units, self._settings, self._host = units, settings, host
        self._bell = Bell(settings.queue, timeout=RING_SECONDS, break_seconds=0)
        self._sign = Sign(units)
        self._next_sweep = self._next_periodic = 0.0
        self._held = False

    def due(self) -> None:
        """Does what is due. A database that is away is for next time."""
        now = time.monotonic()
        try:
            if now >= self._next_sweep:
                self._next_sweep = now + self._settings.sweep_seconds
                self._sign.beat()
                self._look_whether_held()
                if not self._held:
                    # First what is decided already: whatever fails in deciding on more, it is rung for.
                    sweep(self._units, self._bell)
                    deliveries_due.decide_due(self._units)
                    mail.decide_due(self._units)
            if now >= self._next_periodic and not self._held:
                self._next_periodic = now + periodic.EVERY_SECONDS
                periodic.run_plugins(self._host or ())
                periodic.run(self._units, self._settings)
                if self._host is not None:
                    log.info("periodic_counted", cohorts=counting.run(self._units, self._host))
        except (SQLAlchemyError, OSError) as error:
            log.warning("round_failed", error=type(error).__name__)
        except Exception:
            # The parent goes on whatever it is: without it nobody rings for what waits.
            log.exception("round_failed")

    def _look_whether_held(self) -> None:
        """Sees whether all work is held after a restore, and tells of it once."""
        before, self._held = self._held, hold.rests(self._units)
        if self._held and not before:
            log.warning("work_is_held", until="stegvis restore confirm")

    def end(self) -> None:
        """Takes the sign of life back, as far as the database lets it."""
        try:
            self._sign.end()
        except SQLAlchemyError as error:
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
