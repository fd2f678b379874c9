"""A foreign plugin's job and periodic work in real worker processes, which find it as they find any installed one."""

import os
import signal
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from service.app import create_app
from service.db import Base
from service.jobs.models import JobState
from tests.contract.test_start import declare, install
from tests.example import FOLDER, Note, operations, with_example
from tests.processes.conftest import Farm, until
from tests.support import Course, OffsetClock, World, parts

pytestmark = pytest.mark.process


class Notes:
    """A member with notes of today and of long ago, in an application that has the example beside the others."""

    def __init__(self, farm: Farm, folder: Path) -> None:
        clock = OffsetClock()
        self.farm, self.app = farm, create_app(farm.settings, plugins=with_example(), clock=clock)
        Base.metadata.create_all(parts(self.app).units.engine)
        self.world = World(self.app)
        self.course: Course = self.world.course(plugins={"example": {}})
        self.member = self.world.member(self.course)
        for age in (timedelta(days=366), timedelta()):
            clock.offset = -age
            with self.app.app_context(), parts(self.app).units.writing() as unit:
                unit.session.add_all([self.course.cohort, self.member])
                for _ in range(3):
                    operations.write(self.course.cohort, self.member, "Korta möten")
        # Declared as an installed distribution declares it.
        declare(folder, "example", "stegvis_example")
        path = [str(folder), str(FOLDER), os.environ.get("PYTHONPATH", "")]
        self.extra = {"PYTHONPATH": os.pathsep.join(part for part in path if part)}

    def count(self) -> int:
        with parts(self.app).units.reading() as unit:
            return unit.session.scalar(sa.select(sa.func.count()).select_from(Note)) or 0


@pytest.fixture
def notes(farm: Farm, tmp_path: Path):
    made = Notes(farm, tmp_path)
    yield made
    parts(made.app).units.engine.dispose()


def test_a_worker_does_what_the_plugin_declares(farm: Farm, notes: Notes) -> None:
    farm.queue.start()
    worker = farm.start("worker", extra=notes.extra)
    until(lambda: notes.count() == 3)
    assert notes.world.enter(notes.course, member=notes.member).post("/example/clear").status_code == 303
    until(lambda: notes.count() == 0)
    until(lambda: farm.jobs()[0].state is JobState.DONE)
    assert farm.jobs()[0].tries == 1
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(60) == 0


def test_a_plugin_that_does_not_fit_stops_the_worker_too(farm: Farm, tmp_path: Path) -> None:
    install(tmp_path, "broken", "import nothing_of_that_name")
    path = os.pathsep.join(part for part in (str(tmp_path), os.environ.get("PYTHONPATH", "")) if part)
    assert farm.start("worker", extra={"PYTHONPATH": path}).wait(90) == 78
