"""A real worker on a restored copy does nothing until an operator says so; then it does what waits."""

import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from service.backup import cli, making, restoring
from service.jobs.hold import OutboxHold
from service.jobs.models import JobState
from tests.processes.conftest import Farm, ask, until
from tests.support import Browser, parts

pytestmark = pytest.mark.process


def test_a_worker_on_a_restored_copy_does_nothing_until_it_is_confirmed(
    farm: Farm, coach: Browser, tmp_path: Path
) -> None:
    ask(coach)
    where, _manifest = making.make(farm.settings, tmp_path / "a.zip")
    parts(farm.app).units.engine.dispose()
    restoring.restore(farm.settings, where, replace=True)
    farm.queue.start()
    log = tmp_path / "worker.log"
    with log.open("wb") as file:
        worker = subprocess.Popen(
            [sys.executable, "-P", "-m", "service.cli_run", "worker"], env=farm.environment(), stdin=subprocess.DEVNULL,
            stderr=file, stdout=file,
        )  # fmt: skip
    farm.started.append(worker)
    until(lambda: b"work_is_held" in log.read_bytes())
    # Rung for by hand as well: the bell alone starts nothing.
    from service.jobs.bell import Bell

    [job] = farm.jobs()
    assert Bell(farm.settings.queue, timeout=2).ring(job.id)
    until(lambda: not farm.redis().exists(f"rq:job:{job.id}"))  # done with, and forgotten
    [job] = farm.jobs()
    assert (job.state, job.tries, farm.export().state, farm.files()) == (JobState.QUEUED, 0, "waiting", [])
    assert b"periodic" not in log.read_bytes()
    with parts(farm.app).units.reading() as unit:
        assert unit.session.scalars(sa.select(OutboxHold)).one().copy_of
    answer = CliRunner().invoke(cli.restore, ["confirm"], obj=lambda: farm.settings)
    assert "work goes on" in answer.output
    farm.done()
    assert len(farm.files()) == 1
