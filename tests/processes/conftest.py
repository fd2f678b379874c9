"""Real worker processes, a real queue and a real web server, on this test's own database and data folder."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
import redis
import sqlalchemy as sa
from alembic.script import ScriptDirectory
from flask import Flask

from service.access import Role
from service.app import create_app
from service.cohorts.models import Member, Person
from service.exports.models import ExportFile
from service.jobs import bell, queue
from service.jobs.embedded import EmbeddedQueue
from service.jobs.models import Job, JobState
from service.retention import work as retention
from service.settings import Settings
from tests.conftest import settings_for
from tests.support import KEY, OTHER_KEY, Browser, Course, World, parts

MANAGERS = 240


def until(true: Callable[[], Any], *, seconds: float = 90, every: float = 0.02) -> Any:
    """Waits for something to be true and returns it; fails after the deadline."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = true()
        if found:
            return found
        time.sleep(every)
    raise AssertionError(f"not within {seconds} s")


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] not in "ZX"
    except OSError:
        return False


def at_a_stop(pid: int) -> bool:
    """Whether no thread of a process runs any more: told to stop, each finishes first what it has asked the kernel for, a lock too."""
    states = [path.read_text().rsplit(")", 1)[1].split()[0] for path in Path(f"/proc/{pid}/task").glob("*/stat")]
    return set(states) <= set("TZX")


def children(pid: int) -> list[int]:
    try:
        return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


class Farm:
    """What a test starts, and how it looks inside."""

    # Seconds; far under those of production, and each still several times the next.
    lease, heartbeat, sweep = 3.0, 0.5, 0.5

    def __init__(self, settings: Settings, app: Flask) -> None:
        self.settings, self.app = settings, app
        self.queue = EmbeddedQueue(settings)
        self.started: list[subprocess.Popen[bytes]] = []

    def environment(self, **changes: Any) -> dict[str, str]:
        """The settings as environment variables; changes by setting name."""
        values = {
            "public_url": self.settings.public_url, "demo": "1", "master_key": KEY, "secret_key": OTHER_KEY,
            "data_dir": self.settings.data_dir, "database_url": self.settings.database_url,
            "lease_seconds": self.lease, "heartbeat_seconds": self.heartbeat, "sweep_seconds": self.sweep, **changes,
        }  # fmt: skip
        clean = {name: value for name, value in os.environ.items() if not name.startswith("STEGVIS_")}
        return clean | {f"STEGVIS_{name.upper()}": str(value) for name, value in values.items()}

    def start(
        self, command: str, *arguments: str, extra: dict[str, str] | None = None, **changes: Any
    ) -> subprocess.Popen[bytes]:
        """Starts one of the commands."""
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "service.cli_run", command, *arguments],
            env=self.environment(**changes) | (extra or {}), stdin=subprocess.DEVNULL,
        )  # fmt: skip
        self.started.append(process)
        return process

    def worker(self, **changes: Any) -> subprocess.Popen[bytes]:
        """Starts a worker."""
        return self.start("worker", **changes)

    def slow_worker(self, pause: float = 0.1) -> subprocess.Popen[bytes]:
        """A worker that rests after every ten rows."""
        return self.worker(export_batch=10, export_pause_seconds=pause)

    def redis(self) -> "redis.Redis[bytes]":
        return queue.connect(self.settings.queue, timeout=2)

    def exports(self) -> list[ExportFile]:
        with parts(self.app).units.reading() as unit:
            return list(unit.session.scalars(sa.select(ExportFile).order_by(ExportFile.created_at)))

    def export(self) -> ExportFile:
        return self.exports()[-1]

    def jobs(self) -> list[Job]:
        """The jobs that somebody asked for. What each day brings of itself is not among them."""
        with parts(self.app).units.reading() as unit:
            return list(unit.session.scalars(sa.select(Job).where(Job.kind != retention.KIND)))

    def at_rest(self) -> None:
        """Waits until nothing is left to do: a worker stopped now holds nobody's lock."""
        ended = (JobState.DONE, JobState.DEAD, JobState.CANCELLED)

        def open_ones() -> int:
            with parts(self.app).units.reading() as unit:
                query = sa.select(sa.func.count()).select_from(Job).where(Job.state.not_in(ended))
                return unit.session.scalar(query) or 0

        until(lambda: open_ones() == 0)

    def done(self, seconds: float = 90) -> ExportFile:
        """Waits for the latest export to be done."""
        until(lambda: self.export().state in {"done", "failed", "cancelled"}, seconds=seconds)
        assert self.export().state == "done"
        return self.export()

    def under_way(self, rows: int = 30) -> ExportFile:
        """Waits until some rows were written and others not."""
        row = until(lambda: (found := self.export()).rows_done >= rows and found)
        assert row.rows_done < MANAGERS
        return row

    def freeze(self, *pids: int) -> None:
        """Stops processes at a moment when none of them holds SQLite's one lock: else nobody could write until they go on."""

        def stopped() -> bool:
            for pid in pids:
                os.kill(pid, signal.SIGSTOP)
            until(lambda: all(at_a_stop(pid) for pid in pids))
            if self._is_writable():
                return True
            for pid in pids:
                os.kill(pid, signal.SIGCONT)
            return False

        until(stopped)

    def _is_writable(self) -> bool:
        if not self.settings.database.startswith("sqlite"):
            return True
        with closing(sqlite3.connect(str(sa.make_url(self.settings.database).database), timeout=0.1)) as connection:
            try:
                connection.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError:
                return False
            return True

    def files(self) -> list[str]:
        """Finished files, by their final names."""
        folder = self.settings.export_dir
        return sorted(found.name for found in folder.iterdir() if found.is_file()) if folder.is_dir() else []

    def stop(self) -> None:
        for process in self.started:
            if process.poll() is None:
                for pid in (*children(process.pid), process.pid):
                    os.kill(pid, signal.SIGCONT)
                process.terminate()
        for process in self.started:
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.queue.stop()


def stamp(app: Flask) -> None:
    """Says which schema the test's database has, where it was not built by migrating: `run` upgrades it at start."""
    engine = parts(app).units.engine
    if not sa.inspect(engine).has_table("alembic_version"):
        head = ScriptDirectory(str(resources.files("migrations"))).get_current_head()
        with parts(app).units.writing() as unit:
            unit.session.execute(sa.text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)"))
            unit.session.execute(sa.text("INSERT INTO alembic_version VALUES (:head)"), {"head": head})


@pytest.fixture
def farm(database_url: str) -> Iterator[Farm]:
    """Everything of one test; a short path, because sockets have short names."""
    folder = Path(tempfile.mkdtemp(prefix="sv"))
    settings = settings_for(folder, database_url=database_url)
    app = create_app(settings)
    stamp(app)
    made = Farm(settings, app)
    yield made
    made.stop()
    parts(app).units.engine.dispose()
    bell.bell_at.cache_clear()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def course(farm: Farm) -> Course:
    """A cohort with some hundred managers and no plugin, so that the rows are these tests' own."""
    world = World(farm.app)
    course = world.course(plugins={})
    now = farm.app.extensions["stegvis"].units.clock.now()
    with parts(farm.app).units.writing() as unit:
        for number in range(MANAGERS):
            person = Person(
                organisation_id=course.organisation.id, platform_id=course.platform.id, sub=f"m{number}",
                name=f"Chef {number:04d}", created_at=now,
            )  # fmt: skip
            unit.session.add(person)
            unit.session.flush()
            unit.session.add(
                Member(
                    cohort_id=course.cohort.id,
                    person_id=person.id,
                    role=Role.MANAGER,
                    first_seen_at=now,
                    last_seen_at=now,
                )
            )
    return course


@pytest.fixture
def coach(farm: Farm, course: Course) -> Browser:
    return World(farm.app).enter(course, Role.COACH, "Amira Haddad")


def ask(coach: Browser, format_: str = "csv") -> None:
    assert coach.post("/exports", {"what": "core.overview", "format": format_}).status_code == 303


def fetch(coach: Browser, export_id: uuid.UUID):
    answer = coach.post(f"/exports/{export_id}/file")
    if answer.status_code == 303:
        answer = coach.get(str(answer.headers["Location"]).removeprefix(coach.path))
    answer.get_data()
    answer.close()
    return answer


EXPECTED = (
    "\ufeff" + "".join(f'"{name}"\r\n' for name in ["Name", *(f"Chef {number:04d}" for number in range(MANAGERS))])
).encode()
