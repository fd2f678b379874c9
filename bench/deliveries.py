"""Ten thousand completions told to a score endpoint: statements and the worker's own processor time for each.

The endpoint is a process of its own (`python -m bench.deliveries`), so that its time is not counted.
"""

import http.client
import json
import socketserver
import statistics
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import requests
import sqlalchemy as sa

from bench.measure import Result
from bench.place import Place, counted, place
from service.access import Role
from service.cohorts.models import Cohort, CohortPlugin, Member, Person
from service.jobs.models import Job, JobState
from service.jobs.work import perform
from service.lti import columns, deliveries, due, scores
from service.lti.models import Deployment, Platform
from service.lti.service_models import Delivery, DeliveryState, LineItem
from tests.support import parts

NUMBER = 10_000
# Bodies posted bare in each turn.
BARE = 200
TOKEN = "b" * 64
NIGHT = datetime(2026, 11, 24, 2, tzinfo=UTC)


def sqlite() -> Iterator[Result]:
    return _measure("sqlite")


def postgresql() -> Iterator[Result]:
    return _measure("postgresql")


def _measure(kind: str) -> Iterator[Result]:
    """`deliveries`: milliseconds of the worker's processor each, beside the same bodies posted over one bare session."""
    with place(kind) as here, _endpoint() as base:
        _fill(here, base)
        url = columns.below(_column(base), "scores")
        session, bare = requests.Session(), http.client.HTTPConnection(urlsplit(base).netloc)
        mine: list[float] = []
        floors: dict[str, list[float]] = {"session": [], "bare": []}
        deliveries.JOB_SECONDS = 0.0  # a job ends after what it has read at once, so that floor and subject take turns
        seen = 0
        while job_id := _next_job(here):
            with counted(parts(here.app).units.engine) as statements, _processor(mine):
                perform(here.app, job_id)
            seen += len(statements)
            bodies = [scores.score(str(number), NIGHT, {}) for number in range(BARE)]
            with _processor(floors["session"]):
                _post_session(session, url, bodies)
            with _processor(floors["bare"]):
                _post_bare(bare, url, bodies)
        _all_sent(here)
        each = {name: statistics.median(values) / BARE for name, values in floors.items()}
        value = statistics.median(mine[: NUMBER // due.TAKEN]) / due.TAKEN
        yield Result(f"deliveries.{kind}", value, "ms", each["session"], "at most 3 times a bare POST")
        yield Result(
            f"deliveries.barest.{kind}", value, "ms", each["bare"], "beside a connection without a client library"
        )
        yield Result(f"deliveries.statements.{kind}", seen / NUMBER, "statements", goal="at most 2 per delivery")


def _post_session(session: requests.Session, url: str, bodies: list[bytes]) -> None:
    headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": scores.TYPE}
    for body in bodies:
        session.post(url, data=body, headers=headers, timeout=5).raise_for_status()


def _post_bare(connection: http.client.HTTPConnection, url: str, bodies: list[bytes]) -> None:
    parts_of = urlsplit(url)
    headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": scores.TYPE}
    for body in bodies:
        connection.request("POST", f"{parts_of.path}?{parts_of.query}", body, headers)
        connection.getresponse().read()


@contextmanager
def _processor(times: list[float]) -> Iterator[None]:
    begin = time.process_time()
    yield
    times.append((time.process_time() - begin) * 1000)


def _column(base: str) -> str:
    return f"{base}/lineitems/1?type_id=1"


def _fill(here: Place, base: str) -> None:
    """A course of ten thousand managers who have all completed a part, and a first job to tell of them."""
    with parts(here.app).units.writing() as unit:
        session, now = unit.session, unit.now()
        session.execute(sa.update(Platform).values(token_url=f"{base}/token"))
        deployment = session.scalars(sa.select(Deployment)).one()
        offered = f"{columns.LINEITEM} {columns.SCORE}"
        cohort = Cohort(
            organisation_id=deployment.organisation_id, deployment_id=deployment.id, context_id="2", created_at=now,
            lineitems_url=f"{base}/lineitems?type_id=1", grade_scopes=offered,
        )  # fmt: skip
        session.add(cohort)
        session.flush()
        item = LineItem(cohort_id=cohort.id, plugin="ledarsteg", url=_column(base))
        session.add(item)
        session.add(CohortPlugin(
            cohort_id=cohort.id, plugin="ledarsteg", enabled=True, completion=True, changed_at=now,
        ))  # fmt: skip
        session.flush()
        ids = [uuid.uuid4() for _ in range(NUMBER)]
        common = {"organisation_id": cohort.organisation_id, "platform_id": deployment.platform_id, "created_at": now}
        session.execute(sa.insert(Person), [{"id": one, "sub": str(n), **common} for n, one in enumerate(ids)])
        seen = {"cohort_id": cohort.id, "role": Role.MANAGER, "first_seen_at": now, "last_seen_at": now}
        session.execute(sa.insert(Member), [{"person_id": one, **seen} for one in ids])
        waits = {"line_item_id": item.id, "platform_id": deployment.platform_id, "decided_at": now, "due_at": now}
        session.execute(sa.insert(Delivery), [{"person_id": one, **waits} for one in ids])
        due.decide(deployment.platform_id)


def _next_job(here: Place) -> uuid.UUID | None:
    with parts(here.app).units.reading() as unit:
        return unit.session.scalars(sa.select(Job.id).where(Job.state == JobState.QUEUED)).first()


def _all_sent(here: Place) -> None:
    with parts(here.app).units.reading() as unit:
        sent = unit.session.scalar(
            sa.select(sa.func.count()).select_from(Delivery).where(Delivery.state == DeliveryState.SENT)
        )
    if sent != NUMBER:
        raise SystemExit(f"{sent} of {NUMBER} completions arrived")


# --- the endpoint -----------------------------------------------------------------------------------------------------


@contextmanager
def _endpoint() -> Iterator[str]:
    process = subprocess.Popen([sys.executable, "-m", "bench.deliveries"], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
    finally:
        process.terminate()
        process.wait(10)


class _Scores(socketserver.StreamRequestHandler):
    """Hands out a token and takes scores, as cheaply as can be."""

    disable_nagle_algorithm = True

    def handle(self) -> None:
        while first := self.rfile.readline():
            length = 0
            while (line := self.rfile.readline()) not in (b"\r\n", b""):
                name, _, value = line.partition(b":")
                if name.lower() == b"content-length":
                    length = int(value)
            self.rfile.read(length)
            self.wfile.write(_TOKEN if b"/token" in first else _TAKEN)


def _answer(kind: str, body: Any = None) -> bytes:
    content = b"" if body is None else json.dumps(body).encode()
    head = f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {len(content)}\r\n\r\n"
    return head.encode() + content


_TOKEN = _answer("application/json", {"access_token": TOKEN, "token_type": "Bearer", "expires_in": 3600})
_TAKEN = _answer(scores.TYPE)


def _serve() -> None:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Scores) as server:
        server.daemon_threads = True
        print(server.server_address[1], flush=True)
        server.serve_forever()


if __name__ == "__main__":
    _serve()
