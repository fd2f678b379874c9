"""The campaign: a farm of real processes, random faults, and the count of what was lost or doubled afterwards."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
import uuid
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import requests
import sqlalchemy as sa

from service import audit, browser
from service.access import Role
from service.cohorts.models import Launch, Member, Person
from service.exports.models import ExportFile, ExportState
from service.jobs.models import Job, JobState
from service.operator import letters
from tests.processes.conftest import Farm, alive, children, until
from tests.support import Course, World, parts

HERE = Path(__file__).parent
# Managers in the cohort: rows of each file. Requests that the client makes for each fault.
MANAGERS, PER_ROUND = 12, 3
OPEN = (JobState.QUEUED, JobState.RUNNING)


@dataclass
class Result:
    """What a campaign found."""

    rounds: int = 0
    faults: Counter = field(default_factory=Counter)
    acknowledged: int = 0
    lost: int = 0
    doubled: int = 0
    wrong: int = 0
    dead: int = 0
    slowest: float = 0.0

    def line(self) -> str:
        told = dict(vars(self), faults=dict(sorted(self.faults.items())), slowest=round(self.slowest, 2))
        return json.dumps(told)


class Campaign:
    """Two workers, a queue and a web server; a client that writes; faults."""

    def __init__(self, farm: Farm, address: str, seed: int, rounds: int, only: Sequence[str] = ()) -> None:
        self.farm, self.address, self.rounds = farm, address, rounds
        self.random = random.Random(seed)
        self.folder = farm.settings.data_dir
        self.points = self.folder / "points"
        self.points.mkdir()
        self.journal = self.folder / "journal"
        self.journal.touch()
        self.result = Result()
        self.faults: dict[str, Callable[[], None]] = {
            "child killed": self.kill_child, "worker killed": self.kill_worker, "parent killed": self.kill_parent,
            "worker frozen past its lease": self.freeze_worker, "queue killed": self.kill_queue,
            "queue emptied": self.flush, "queue frozen": self.freeze_queue, "queue lost with all it kept": self.lose_queue,
            "pages killed": self.kill_web, "killed at a statement": self.at_statement, "killed at a commit": self.at_commit,
            "killed at a rename": self.at_rename,
        }  # fmt: skip
        self.names = list(only or self.faults)

    # What runs.

    def worker(self) -> subprocess.Popen[bytes]:
        path = os.pathsep.join(part for part in (str(HERE / "points"), os.environ.get("PYTHONPATH", "")) if part)
        return self.farm.start(
            "worker", extra={"PYTHONPATH": path, "FAULT_POINTS": str(self.points)}, public_url=self.address
        )

    def web_up(self) -> None:
        self.web = self.farm.start(
            "web", "--bind", self.address.removeprefix("http://"), "--threads", "4", public_url=self.address
        )

    def start(self, course: Course) -> None:
        self.farm.queue.start()
        self.web_up()
        self.workers = [self.worker(), self.worker()]
        people = self.folder / "people.json"
        people.write_text(json.dumps(writers(self.farm, course, self.rounds * PER_ROUND)))
        until(self._answers, seconds=180)  # a machine may have much else to do
        self.client = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.client", self.address, str(self.journal), str(people)]
        )
        self.farm.started.append(self.client)

    def _answers(self) -> bool:
        try:
            return requests.get(f"{self.address}/healthz", timeout=1).status_code == 200
        except requests.RequestException:
            return False

    # What goes wrong.

    def any_worker(self) -> int:
        return self.random.randrange(len(self.workers))

    def kill_child(self) -> None:
        for pid in children(self.workers[self.any_worker()].pid):
            os.kill(pid, signal.SIGKILL)

    def kill_worker(self) -> None:
        number = self.any_worker()
        worker = self.workers[number]
        self._kill([*children(worker.pid), worker.pid], worker)
        self.workers[number] = self.worker()

    def kill_parent(self) -> None:
        number = self.any_worker()
        worker = self.workers[number]
        family = children(worker.pid)
        self._kill([worker.pid], worker)
        until(lambda: not any(alive(pid) for pid in family))
        self.workers[number] = self.worker()

    @staticmethod
    def _kill(pids: list[int], process: subprocess.Popen[bytes]) -> None:
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
        process.wait()

    def freeze_worker(self) -> None:
        worker = self.workers[self.any_worker()]
        family = [worker.pid, *children(worker.pid)]
        for pid in family:
            os.kill(pid, signal.SIGSTOP)
        time.sleep(self.farm.lease * 1.5)
        for pid in family:
            if alive(pid):
                os.kill(pid, signal.SIGCONT)

    def kill_queue(self) -> None:
        os.kill(self.farm.queue.pid, signal.SIGKILL)
        time.sleep(0.3)
        self.farm.queue.check()

    def lose_queue(self) -> None:
        os.kill(self.farm.queue.pid, signal.SIGKILL)
        until(lambda: not self.farm.queue.is_running)
        shutil.rmtree(self.folder / "queue", ignore_errors=True)
        self.farm.queue.check()

    def flush(self) -> None:
        self.farm.redis().flushall()

    def freeze_queue(self) -> None:
        os.kill(self.farm.queue.pid, signal.SIGSTOP)
        time.sleep(0.5)
        os.kill(self.farm.queue.pid, signal.SIGCONT)

    def kill_web(self) -> None:
        self._kill([*children(self.web.pid), self.web.pid], self.web)
        self.web_up()

    def at_statement(self) -> None:
        (self.points / f"execute-{self.random.randint(1, 30)}").touch()

    def at_commit(self) -> None:
        (self.points / f"commit-{self.random.randint(1, 8)}").touch()

    def at_rename(self) -> None:
        (self.points / "rename-1").touch()

    # The rounds, and what there is afterwards.

    def run(self, tell: Callable[[str], None]) -> Result:
        names = self.random.sample(self.names, len(self.names))
        for number in range(self.rounds):
            name = names[number % len(names)] if number < len(names) else self.random.choice(names)
            before = self.ended()
            tell(f"{number + 1} of {self.rounds}: {name}")
            self.faults[name]()
            self.result.faults[name] += 1
            self.result.rounds += 1
            # Not by luck: the next fault comes when something has been done since, or all of it is.
            until(lambda before=before: self.ended() > before or self.client.poll() is not None, seconds=120)
        assert self.client.wait(180) == 0
        for left in self.points.iterdir():
            left.unlink()
        self.settle()
        return self.count()

    def ended(self) -> int:
        with parts(self.farm.app).units.reading() as unit:
            return unit.session.scalar(sa.select(sa.func.count()).select_from(Job).where(Job.state.not_in(OPEN))) or 0

    def settle(self) -> None:
        """Waits until nothing is open. What died of three faults in a row is given its tries back, as an operator would."""
        units = parts(self.farm.app).units
        while True:
            until(self._nothing_open, seconds=180)
            with self.farm.app.app_context(), units.writing() as unit:
                stopped = list(unit.session.scalars(sa.select(Job.id).where(Job.state == JobState.DEAD)))
                for job_id in stopped:
                    letters.retry(job_id)
            self.result.dead += len(stopped)
            if not stopped:
                return

    def _nothing_open(self) -> bool:
        with parts(self.farm.app).units.reading() as unit:
            return not unit.session.scalar(sa.select(sa.exists().where(Job.state.in_(OPEN))))

    def count(self) -> Result:
        """Compares what was acknowledged with what there is: for each person one export, one job, one whole file."""
        lines = [line.split() for line in self.journal.read_text(encoding="ascii").splitlines()]
        noted = {uuid.UUID(person) for person, _seconds in lines}
        with parts(self.farm.app).units.reading() as unit:
            rows = list(unit.session.scalars(sa.select(ExportFile)))
            jobs = Counter(unit.session.scalars(sa.select(Job.subject_id)))
            chains = set(unit.session.scalars(sa.select(audit.AuditChain.chain)))
            broken = [chain for chain in chains if audit.verify(unit.session, chain) is not None]
        done = [row for row in rows if row.state is ExportState.DONE]
        per_person = Counter(row.person_id for row in rows)
        found = self.result
        found.acknowledged = len(noted)
        found.lost = len(noted - {row.person_id for row in done})
        found.doubled = sum(count > 1 for count in (*per_person.values(), *jobs.values()))
        found.wrong = len(broken) + sum(not self._is_whole(row) for row in done)
        found.slowest = max((float(seconds) for _person, seconds in lines), default=0.0)
        return found

    def _is_whole(self, row: ExportFile) -> bool:
        import hashlib

        path = self.farm.settings.export_dir / row.file_key
        data = path.read_bytes() if path.is_file() else b""
        complete = row.format.value != "csv" or data.count(b"\r\n") == MANAGERS + 1
        return hashlib.sha256(data).hexdigest() == row.sha256 and row.rows_done == MANAGERS and complete


def managers(farm: Farm, number: int = MANAGERS) -> Course:
    """A cohort with managers, so that a file has rows."""
    course = World(farm.app).course(plugins={})
    units = parts(farm.app).units
    now = units.clock.now()
    with units.writing() as unit:
        for place in range(number):
            person = Person(
                organisation_id=course.organisation.id, platform_id=course.platform.id, sub=f"m{place}",
                name=f"Chef {place:04d}", created_at=now,
            )  # fmt: skip
            unit.session.add(person)
            unit.session.flush()
            unit.session.add(Member(
                cohort_id=course.cohort.id, person_id=person.id, role=Role.MANAGER, first_seen_at=now, last_seen_at=now
            ))  # fmt: skip
    return course


def writers(farm: Farm, course: Course, number: int) -> list[dict[str, str]]:
    """Coaches of the cohort, each inside a launch: one for each request, so that each request is one of a kind."""
    units, found = parts(farm.app).units, []
    now = units.clock.now()
    with farm.app.app_context(), units.writing() as unit:
        for place in range(number):
            secret = browser.new_secret()
            person = Person(
                organisation_id=course.organisation.id, platform_id=course.platform.id, sub=f"c{place}", name=f"Coach {place}",
                created_at=now,
            )  # fmt: skip
            unit.session.add(person)
            unit.session.flush()
            member = Member(
                cohort_id=course.cohort.id, person_id=person.id, role=Role.COACH, first_seen_at=now, last_seen_at=now
            )
            unit.session.add(member)
            unit.session.flush()
            launch = Launch(
                browser_hash=browser.digest(secret), platform_id=course.platform.id, deployment_id=course.deployment.id,
                organisation_id=course.organisation.id, person_id=person.id, cohort_id=course.cohort.id, member_id=member.id,
                role=Role.COACH, locale="en", in_frame=False, created_at=now,
                expires_at=now.replace(year=now.year + 1),
            )  # fmt: skip
            unit.session.add(launch)
            found.append({
                "id": str(person.id), "launch": str(launch.id), "secret": secret.hex(),
                "token": browser.form_token(secret, launch.id), "format": ("csv", "xlsx")[place % 2],
            })  # fmt: skip
    return found
