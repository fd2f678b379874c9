"""How long a killed worker's export waits for another worker, with the settings of production."""

import os
import signal
import time

from service.access import Role
from service.cohorts.models import Person
from service.exports.models import ExportFile, ExportFormat, ExportState
from service.jobs import outbox
from service.settings import Settings
from tests.processes.conftest import Farm, children, until
from tests.support import Course, World, parts


def limit() -> float:
    """By the settings: the lease that was just renewed runs out, and the sweep that has just been comes again."""
    fields = Settings.model_fields
    return float(fields["lease_seconds"].default + fields["sweep_seconds"].default)


def measure(farm: Farm, course: Course) -> float:
    """Kills a worker in the middle of an export beside an idle one. Returns the seconds until it is written again."""
    real = {
        name: Settings.model_fields[name].default for name in ("lease_seconds", "heartbeat_seconds", "sweep_seconds")
    }
    farm.queue.start()
    # Slow enough that it is still at it when the second one has started, also on a machine that has much else to do.
    first = farm.worker(export_batch=10, export_pause_seconds=2.0, **real)
    until(lambda: children(first.pid))
    _ask(farm, course)
    until(lambda: farm.export().rows_done >= 30)
    second = farm.worker(**real)
    until(lambda: children(second.pid))
    assert farm.export().state is ExportState.RUNNING
    pids = [*children(first.pid), first.pid]
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
    first.wait()
    killed = time.monotonic()
    until(lambda: farm.jobs()[0].tries == 2, seconds=180, every=0.05)
    took = time.monotonic() - killed
    assert farm.done().rows_done
    return took


def _ask(farm: Farm, course: Course) -> None:
    member = World(farm.app).member(course, Role.COACH, "Amira Haddad")
    person: Person = member.person
    with farm.app.app_context(), parts(farm.app).units.writing() as unit:
        row = ExportFile(
            organisation_id=course.organisation.id, cohort_id=course.cohort.id, person_id=person.id, role="coach",
            plugin="core", kind="overview", format=ExportFormat.CSV, locale="en", downloads_left=3, created_at=unit.now(),
        )  # fmt: skip
        unit.session.add(row)
        unit.session.flush()
        outbox.decide("exports.write", row.id, row.organisation_id, row.cohort_id)
