"""Faults with real processes: poison, hunger, a full disk, a busy database, and a small campaign of random ones."""

import os
import subprocess
import time
import uuid
from pathlib import Path

import pytest
import sqlalchemy as sa

from service.jobs import outbox
from service.jobs.models import Job, JobState
from tests.contract.test_start import declare
from tests.faults.campaign import Campaign, managers
from tests.processes.conftest import Farm, until
from tests.processes.test_run import Site
from tests.processes.test_run import address as address
from tests.support import Browser, parts

pytestmark = pytest.mark.process

HOSTILE = Path(__file__).parents[1] / "faults" / "hostile"


def decide(farm: Farm, kind: str) -> uuid.UUID:
    with farm.app.app_context(), parts(farm.app).units.writing():
        return outbox.decide(kind, uuid.uuid4()).id


def job(farm: Farm, job_id: uuid.UUID) -> Job:
    with parts(farm.app).units.reading() as unit:
        return unit.session.get_one(Job, job_id)


def test_poison_and_hunger_end_dead_while_others_are_done(farm: Farm, tmp_path: Path) -> None:
    """One job aborts its process; one eats all the memory it may have. Neither takes another with it."""
    declare(tmp_path, "hostile", "hostile")
    path = os.pathsep.join([str(tmp_path), str(HOSTILE), os.environ.get("PYTHONPATH", "")])
    farm.lease, farm.heartbeat, farm.sweep = 1.0, 0.2, 0.2
    farm.queue.start()
    worker = farm.start("worker", extra={"PYTHONPATH": path}, job_memory_mb=400)
    poison, hunger = decide(farm, "hostile.abort"), decide(farm, "hostile.eat")
    others = [decide(farm, "hostile.nothing") for _ in range(3)]
    until(lambda: all(job(farm, other).state is JobState.DONE for other in others))

    def hungry() -> bool:
        """Its further tries come after ten seconds and a minute: not waited for."""
        with parts(farm.app).units.writing() as unit:
            unit.session.execute(
                sa.update(Job).where(Job.id == hunger, Job.state == JobState.QUEUED).values(run_after=unit.now())
            )
        return job(farm, hunger).state is JobState.DEAD

    until(lambda: job(farm, poison).state is JobState.DEAD and hungry(), every=0.2)
    ended = {job(farm, one).reason: job(farm, one).tries for one in (poison, hunger)}
    assert ended == {"lease_lost": 3, "memory": 3}
    last = decide(farm, "hostile.nothing")
    until(lambda: job(farm, last).state is JobState.DONE)
    assert worker.poll() is None


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a small file system")
def test_a_full_disk_fails_the_export_and_nothing_else(farm: Farm, coach: Browser, address: str) -> None:
    folder = farm.settings.export_dir
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=16k", "none", str(folder)], check=False, capture_output=True
    )
    if mounted.returncode:
        pytest.skip("nothing may be mounted here")
    try:
        with (folder / "full").open("wb", buffering=0) as full, pytest.raises(OSError):  # noqa: PT012 - until it is full
            while True:
                full.write(b"x" * 1024)
        farm.queue.start()
        farm.worker()
        farm.start("web", "--bind", address.removeprefix("http://"), public_url=address)
        site = Site(farm, coach, address)
        until(site.is_up)
        assert site.post("/exports", what="core.overview", format="csv").status_code == 303
        until(lambda: farm.jobs()[0].reason == "disk")
        assert farm.export().state == "waiting"
        assert [found.name for found in folder.iterdir()] == ["full"]
        assert site.get("/exports").status_code == 200
        with parts(farm.app).units.writing() as unit:
            unit.session.execute(sa.update(Job).values(tries=2, run_after=unit.now()))
        until(lambda: farm.export().state == "failed")
        assert "The disk was full" in site.get("/exports").text
        (folder / "full").unlink()
        assert site.post(f"/exports/{farm.export().id}/retry").status_code == 303
        farm.done()
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_database_that_is_busy_is_waited_for_and_then_said_so(farm: Farm, coach: Browser, address: str) -> None:
    if parts(farm.app).units.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL has a row's lock, not a writer's turn")
    farm.start("web", "--bind", address.removeprefix("http://"), public_url=address)
    site = Site(farm, coach, address)
    until(site.is_up)
    with parts(farm.app).units.writing() as unit:
        unit.session.execute(sa.update(Job).values(tries=0))  # the one writer's turn is taken
        began = time.monotonic()
        answer = site.post("/exports", what="core.overview", format="csv")
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
        assert "E-BUSY" in answer.text
        assert time.monotonic() - began < 12
        # Reading goes on meanwhile.
        assert site.get("/exports").status_code == 200
    assert farm.exports() == []
    assert site.post("/exports", what="core.overview", format="csv").status_code == 303
    assert len(farm.exports()) == 1


def test_a_small_campaign_loses_and_doubles_nothing(farm: Farm, address: str) -> None:
    farm.lease, farm.heartbeat, farm.sweep = 1.5, 0.3, 0.3
    faults = ("killed at a commit", "killed at a rename", "worker frozen past its lease", "queue lost with all it kept")
    campaign = Campaign(farm, address, seed=7, rounds=len(faults), only=faults)
    campaign.start(managers(farm))
    result = campaign.run(lambda _line: None)
    assert (result.acknowledged, result.lost, result.doubled, result.wrong) == (12, 0, 0, 0), result.line()
    assert set(result.faults) == set(faults)
