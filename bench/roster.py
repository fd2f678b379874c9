"""A roster of ten thousand, in pages of a hundred, read and merged by the worker, beside the least anybody would have to do.

Floor: the same pages read bare over one client, and the same rows put into a table of the same shape by the driver, in one
transaction. The platform is the practice LMS in a process of its own (`python -m bench.roster lms`), so that its time is
waited for by both; each kind of database is measured in a fresh process, so that memory is that of this work alone.
"""

import gc
import http.client
import json
import statistics
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import sqlalchemy as sa

from bench.measure import Result
from bench.place import Place, counted, place
from service.cohorts.models import Cohort, Member
from service.demo.claims import SCOPE_MEMBERS, members_url
from service.demo.config import LmsConfig, tool_at
from service.demo.lms import running
from service.jobs.models import Job, JobState
from service.jobs.work import perform
from service.lti import roster, tokens
from service.lti.models import Deployment, Platform
from service.lti.roster_reading import MEDIA_TYPE, PAGE_SIZE
from service.lti.service_models import RosterEntry, RosterState, RosterSync
from service.lti.services import of_app
from service.lti.token_answers import Granted
from tests.support import BASE, parts

NUMBER = 10_000
REPEATS = 5
COURSE = "enhetschefer"


def sqlite() -> Iterator[Result]:
    return _elsewhere("sqlite")


def postgresql() -> Iterator[Result]:
    return _elsewhere("postgresql")


def _elsewhere(kind: str) -> Iterator[Result]:
    done = subprocess.run(
        [sys.executable, "-m", "bench.roster", kind], stdout=subprocess.PIPE, text=True, check=True, timeout=300
    )
    for line in json.loads(done.stdout):
        yield Result(**line)


def _measure(kind: str) -> list[dict[str, Any]]:
    with place(kind) as here, _lms() as said:
        cohort_id = _course(here, said)
        megabytes, upserts = _first(here, cohort_id)
        floor = _Floor(here, said)
        mine: list[float] = []
        again: list[float] = []
        base: list[float] = []
        for _ in range(REPEATS):
            _empty(here, cohort_id)
            mine.append(_read(here, cohort_id))
            again.append(_read(here, cohort_id))
            base.append(floor.run())
    goal = "at most 2 times bare reads and a raw bulk insert"
    pair = {"unit": "ms", "floor": statistics.median(base)}
    return [
        {"key": f"roster.{kind}", "value": statistics.median(mine), "goal": f"{goal}; everybody is new", **pair},
        {"key": f"roster.again.{kind}", "value": statistics.median(again), "goal": f"{goal}; nobody is new", **pair},
        {"key": f"roster.upserts.{kind}", "value": upserts, "unit": "statements", "goal": "1 per page"},
        {"key": f"roster.memory.{kind}", "value": megabytes, "unit": "MB", "goal": "under 64 MB above the idle worker"},
    ]


def _course(here: Place, said: dict[str, Any]) -> uuid.UUID:
    """A course whose roster the platform has, and a token for it."""
    core = parts(here.app)
    with core.units.writing() as unit:
        deployment = unit.session.scalars(sa.select(Deployment)).one()
        unit.session.execute(sa.update(Platform).values(token_url=f"{said['base']}/token"))
        cohort = Cohort(
            organisation_id=deployment.organisation_id, deployment_id=deployment.id, context_id="1",
            memberships_url=said["url"], created_at=unit.now(),
        )  # fmt: skip
        unit.session.add(cohort)
    granted, expires = Granted(said["token"], 3600), core.units.clock.now() + timedelta(hours=1)
    with here.app.app_context():
        of_app().tokens._store(deployment.platform_id, tokens._hash([SCOPE_MEMBERS]), granted, expires)
    return cohort.id


def _read(here: Place, cohort_id: uuid.UUID) -> float:
    """Milliseconds of one job."""
    core = parts(here.app)
    with core.units.writing() as unit:
        unit.session.execute(sa.update(RosterSync).values(asked_at=None))
        cohort = unit.session.get_one(Cohort, cohort_id)
        assert roster.decide(cohort, roster.By.ASKED)
    with core.units.reading() as unit:
        job_id = unit.session.scalars(sa.select(Job.id).where(Job.state == JobState.QUEUED)).one()
    began = time.perf_counter()
    perform(here.app, job_id)
    took = (time.perf_counter() - began) * 1000
    with core.units.reading() as unit:
        sync = unit.session.get_one(RosterSync, cohort_id)
        people = unit.session.scalar(sa.select(sa.func.count()).select_from(Member))
    if sync.state is not RosterState.DONE or sync.pages != pages_of(sync.found) or people != sync.found:
        raise SystemExit(f"the roster was not read: {sync.state} {sync.reason} {sync.pages} {sync.found} {people}")
    return took


def pages_of(people: int) -> int:
    return -(-people // PAGE_SIZE)


def _first(here: Place, cohort_id: uuid.UUID) -> tuple[float, float]:
    """The most memory above what the idle worker has, in megabytes, and upserts per page."""
    gc.collect()
    idle = _memory("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")
    with counted(parts(here.app).units.engine) as statements:
        _read(here, cohort_id)
    upserts = [one for one in statements if one.startswith(f"INSERT INTO {RosterEntry.__tablename__} ")]
    return _memory("VmHWM") - idle, len(upserts) / pages_of(NUMBER)


def _memory(name: str) -> float:
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith(name))
    return int(line.split()[1]) / 1024


def _empty(here: Place, cohort_id: uuid.UUID) -> None:
    with parts(here.app).units.writing() as unit:
        unit.connection.execute(sa.delete(Member).where(Member.cohort_id == cohort_id))
        unit.connection.execute(sa.text("DELETE FROM person"))


class _Floor:
    """Pages read over a bare connection, and rows put into a table by the driver."""

    def __init__(self, here: Place, said: dict[str, Any]) -> None:
        self.engine = parts(here.app).units.engine
        self.parts = urlsplit(said["url"])
        self.headers = {"Authorization": f"Bearer {said['token']}", "Accept": MEDIA_TYPE}
        columns = [sa.Column(one.name, one.type, primary_key=one.primary_key) for one in RosterEntry.__table__.columns]
        self.table = sa.Table("floor", sa.MetaData(), *columns)
        self.table.create(self.engine)
        native = self.engine.dialect.name == "postgresql"
        run, cohort = (_id(native=native) for _ in range(2))
        self.rows = [
            (
                cohort,
                str(n),
                run,
                f"Namn Namnsson {n}",
                "",
                "manager",
                False,
                True,
                _id(native=native),
                _id(native=native),
            )
            for n in range(NUMBER)
        ]
        mark = "%s" if native else "?"
        names = "cohort_id, sub, run, name, locale, role, is_test, active, person_id, member_id"
        self.text = f"INSERT INTO floor ({names}) VALUES ({', '.join([mark] * 10)})"

    def run(self) -> float:
        began = time.perf_counter()
        for page in range(pages_of(NUMBER)):
            connection = http.client.HTTPConnection(self.parts.netloc)
            connection.request("GET", f"{self.parts.path}?limit=100&from={page * 100}", headers=self.headers)
            answer = connection.getresponse()
            assert answer.status == 200
            answer.read()
            connection.close()
        raw = self.engine.raw_connection()
        cursor = raw.cursor()
        if self.engine.dialect.name == "sqlite":
            cursor.execute("BEGIN IMMEDIATE")
        cursor.executemany(self.text, self.rows)
        cursor.execute("COMMIT") if self.engine.dialect.name == "sqlite" else raw.commit()
        took = (time.perf_counter() - began) * 1000
        raw.close()
        with self.engine.begin() as connection:
            connection.execute(sa.delete(self.table))
        return took


def _id(*, native: bool) -> Any:
    return uuid.uuid4() if native else uuid.uuid4().hex


@contextmanager
def _lms() -> Iterator[dict[str, Any]]:
    command = [sys.executable, "-m", "bench.roster", "lms"]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield json.loads(process.stdout.readline())
    finally:
        process.communicate()


def _serve() -> None:
    """The practice LMS with the crowd in a course, until nobody needs it any more."""
    with running(LmsConfig("http://localhost:0", tool_at(BASE))) as lms:
        enrolled = sum(one.status == "Active" for one in lms.roster(COURSE))
        lms.crowd(COURSE, NUMBER - enrolled)
        token = lms.issue_token(lms.config.tool.client_id, frozenset([SCOPE_MEMBERS])).value
        url = members_url(lms.config, lms.course(COURSE))
        print(json.dumps({"base": lms.base_url, "url": url, "token": token}), flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    if sys.argv[1] == "lms":
        _serve()
    else:
        print(json.dumps(_measure(sys.argv[1])))
