"""A roster of ten thousand, in pages of a hundred, read and merged by the worker, beside the least anybody would have to do.

Floor: the same pages read bare, and the rows that come of them put into tables of the same shape by the driver, in one
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
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import sqlalchemy as sa

from bench.measure import Result
from bench.place import Place, counted, place
from service.cohorts.models import Cohort, Member, Person
from service.demo.claims import SCOPE_MEMBERS, members_url
from service.demo.config import LmsConfig, tool_at
from service.demo.lms import running
from service.jobs.models import Job, JobState
from service.jobs.work import perform
from service.lti import roster, tokens
from service.lti.models import Deployment, Platform
from service.lti.roster_reading import MEDIA_TYPE, PAGE_SIZE
from service.lti.service_models import AccessToken, RosterEntry, RosterState, RosterSync
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
        new: list[float] = []
        old: list[float] = []
        for _ in range(REPEATS):
            _empty(here, cohort_id)
            mine.append(_read(here, cohort_id))
            new.append(floor.new())
            again.append(_read(here, cohort_id))
            old.append(floor.again())
    goal = "at most 2 times bare reads and a raw bulk insert"
    bases = ({"unit": "ms", "floor": statistics.median(times)} for times in (new, old))
    return [
        {"key": f"roster.{kind}", "value": statistics.median(mine), "goal": f"{goal}; everybody is new", **next(bases)},
        {
            "key": f"roster.again.{kind}",
            "value": statistics.median(again),
            "goal": f"{goal}; nobody is new",
            **next(bases),
        },
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
    row_id, keyring = uuid.uuid4(), core.units.keyring
    with core.units.writing() as unit:
        unit.session.add(AccessToken(
            id=row_id, platform_id=deployment.platform_id, scopes_hash=tokens._hash([SCOPE_MEMBERS]), master=keyring.present,
            wrapped=keyring.wrap(said["token"].encode(), row_id), expires_at=unit.now() + timedelta(hours=1),
        ))  # fmt: skip
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
    """Pages read over a bare connection, and what comes of them put into tables by the driver.

    Where everybody is new that is a person and a member each, with the same keys and indexes; where nobody is, the lines.
    """

    def __init__(self, here: Place, said: dict[str, Any]) -> None:
        self.engine = parts(here.app).units.engine
        self.parts = urlsplit(said["url"])
        self.headers = {"Authorization": f"Bearer {said['token']}", "Accept": MEDIA_TYPE}
        self.meta = sa.MetaData()
        self.native = self.engine.dialect.name == "postgresql"
        for model in (RosterEntry, Person, Member):
            self._like(model.__table__)
        self.meta.create_all(self.engine)
        one, run, now = self._id(), self._id(), datetime.now(UTC) if self.native else "2026-11-24 00:00:00.000000"
        ids = [self._id() for _ in range(NUMBER)]
        named = list(enumerate(ids))
        self.lines = [(one, str(n), run, f"Namn Namnsson {n}", "", "manager", False, True, i, i) for n, i in named]
        self.persons = [(i, one, one, str(n), f"Namn Namnsson {n}", "", "", False, now) for n, i in named]
        self.members = [(i, one, i, "manager", True, True, now, now) for i in ids]

    def _like(self, table: Any) -> None:
        """A table of the same columns, keys and indexes that stands alone."""
        columns = [sa.Column(one.name, one.type, primary_key=one.primary_key) for one in table.columns]
        made = sa.Table(f"floor_{table.name}", self.meta, *columns)
        for key in (*table.constraints, *table.indexes):
            if isinstance(key, sa.UniqueConstraint | sa.Index):
                unique = isinstance(key, sa.UniqueConstraint) or key.unique
                names = [column.name for column in key.columns]
                sa.Index(f"floor_{table.name}_{'_'.join(names)}"[:60], *(made.c[n] for n in names), unique=bool(unique))

    def _id(self) -> Any:
        return uuid.uuid4() if self.native else uuid.uuid4().hex

    def new(self) -> float:
        return self._run(floor_person=self.persons, floor_member=self.members)

    def again(self) -> float:
        return self._run(floor_roster_entry=self.lines)

    def _run(self, **rows: list[Any]) -> float:
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
        if not self.native:
            cursor.execute("BEGIN IMMEDIATE")
        for name, values in rows.items():
            table = self.meta.tables[name]
            marks = ", ".join(["%s" if self.native else "?"] * len(table.columns))
            cursor.executemany(f"INSERT INTO {name} ({', '.join(table.columns.keys())}) VALUES ({marks})", values)
        raw.commit() if self.native else cursor.execute("COMMIT")
        took = (time.perf_counter() - began) * 1000
        raw.close()
        with self.engine.begin() as connection:
            for name in rows:
                connection.execute(sa.delete(self.meta.tables[name]))
        return took


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
