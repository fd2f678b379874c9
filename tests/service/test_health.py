"""/healthz, /readyz and /metrics: what a load balancer and Prometheus are told."""

import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from service import health, metrics
from service.access import Role
from service.errors import Refusal
from service.jobs import hold, probe
from service.jobs.embedded import EmbeddedQueue
from service.jobs.hold import ONLY, OutboxHold
from service.jobs.models import Job, JobState
from service.jobs.signs import Sign
from service.refusals import refuse
from tests.conftest import settings_for
from tests.support import BASE, METRICS_TOKEN, World, parts


@pytest.fixture(autouse=True)
def unknown() -> None:
    probe.forget()


def ready(app: Flask) -> tuple[int, dict[str, str]]:
    answer = app.test_client().get("/readyz", base_url=BASE)
    return answer.status_code, answer.get_json()


def figures(app: Flask, **headers: str) -> str:
    given = {"Authorization": f"Bearer {METRICS_TOKEN}", **headers}
    answer = app.test_client().get("/metrics", base_url=BASE, headers=given)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    return answer.text


def value(text: str, name: str) -> float:
    return float(re.search(rf"^{re.escape(name)} (\S+)$", text, re.MULTILINE).group(1))


def away(app: Flask) -> None:
    """Nothing answers at the database's address any more."""
    engine = parts(app).units.engine
    engine.dispose()

    @sa.event.listens_for(engine, "do_connect")
    def refuse_(*_given):
        raise sa.exc.OperationalError("connect", None, Exception("away"))


@contextmanager
def another_version(app: Flask, statement: str) -> Iterator[None]:
    """Says something else of the database's schema, for the block: on PostgreSQL a database is used again."""
    units = parts(app).units
    with units.writing() as unit:
        (version,) = unit.session.scalars(sa.text("SELECT version_num FROM alembic_version"))
        unit.session.execute(sa.text(statement))
    yield
    if not statement.startswith("DROP"):
        with units.writing() as unit:
            unit.session.execute(sa.text("DELETE FROM alembic_version"))
            unit.session.execute(sa.text("INSERT INTO alembic_version VALUES (:version)"), {"version": version})


def test_a_process_answers_without_its_database(app) -> None:
    away(app)
    answer = app.test_client().get("/healthz", base_url=BASE)
    assert (answer.status_code, answer.get_json()) == (200, {"status": "ok"})


def test_all_is_ready_and_a_queue_or_worker_that_is_away_only_degrades(app, tmp_path: Path) -> None:
    parts_ = {"database": "ok", "schema": "ok", "queue": "away", "worker": "away", "work": "ok"}
    assert ready(app) == (200, {"status": "degraded", **parts_})
    Sign(parts(app).units).beat()
    assert ready(app) == (200, {"status": "degraded", **parts_, "worker": "ok"})


@pytest.mark.process
def test_a_queue_that_answers_is_ready_and_its_answer_is_kept_for_a_moment(app) -> None:
    queue = EmbeddedQueue(parts(app).settings)
    queue.start()
    try:
        Sign(parts(app).units).beat()
        told = {"status": "ready", "database": "ok", "schema": "ok", "queue": "ok", "worker": "ok", "work": "ok"}
        assert ready(app)[1] == told
        held(app)
        assert ready(app) == (200, {**told, "status": "degraded", "work": "held"})
    finally:
        queue.stop()
    assert ready(app)[1]["queue"] == "ok"
    probe.forget()
    assert ready(app)[1]["queue"] == "away"


def held(app: Flask) -> None:
    with parts(app).units.writing() as unit:
        unit.session.add(OutboxHold(id=ONLY, since=unit.now(), copy_of=unit.now()))


def test_work_that_is_held_after_a_restore_is_told_and_people_are_served(app) -> None:
    assert value(figures(app), "stegvis_work_held") == 0
    held(app)
    code, told = ready(app)
    assert (code, told["status"], told["work"]) == (200, "degraded", "held")
    assert health.Readiness("ok", "ok", "ok", "ok", "held").status == "degraded"
    assert value(figures(app), "stegvis_work_held") == 1
    with parts(app).units.writing():
        hold.let_go()
    assert ready(app)[1]["work"] == "ok"
    assert value(figures(app), "stegvis_work_held") == 0


def test_a_database_that_is_away_is_unready_and_says_no_more(app) -> None:
    away(app)
    assert ready(app) == (
        503, {
            "status": "unready", "database": "fails", "schema": "fails", "queue": "away", "worker": "away", "work": "unknown"
        },
    )  # fmt: skip


@pytest.mark.parametrize(
    ("statement", "status"),
    [
        ("UPDATE alembic_version SET version_num = '0001'", 503),
        ("DELETE FROM alembic_version", 503),
        ("DROP TABLE alembic_version", 503),
        # A newer program has brought it up, and this one works on until it is replaced.
        ("UPDATE alembic_version SET version_num = '9999'", 200),
    ],
)
def test_a_schema_that_is_behind_is_unready(app, statement: str, status: int) -> None:
    with another_version(app, statement):
        code, told = ready(app)
    assert (code, told["database"], told["schema"]) == (status, "ok", "fails" if status == 503 else "ok")


def test_histories_are_read_as_alembic_reads_them(app) -> None:
    from importlib import resources

    from alembic.script import ScriptDirectory

    home = Path(str(resources.files("migrations")))
    script = ScriptDirectory(str(home))
    known, heads = health.history(home / "versions")
    assert heads == set(script.get_heads())
    assert known == {revision.revision for revision in script.walk_revisions()}


def test_a_foreign_plugin_s_tables_are_looked_at_too(make_app) -> None:
    from tests.example import with_example

    app = make_app(plugins=with_example())
    assert ready(app)[1]["schema"] == "fails"
    with parts(app).units.writing() as unit:
        unit.session.execute(
            sa.text("CREATE TABLE alembic_version_example (version_num VARCHAR(32) NOT NULL PRIMARY KEY)")
        )
        heads = health.history(Path(str(parts(app).host["example"].manifest.migrations)))[1]
        for head in heads:
            unit.session.execute(sa.text("INSERT INTO alembic_version_example VALUES (:head)"), {"head": head})
    assert ready(app)[1]["schema"] == "ok"


@pytest.mark.parametrize(
    "given",
    ["", METRICS_TOKEN, "Bearer", "Bearer ", "Bearer wrong", f"Basic {METRICS_TOKEN}", f"Bearer {METRICS_TOKEN}x"],
)
def test_without_the_token_there_are_no_figures(app, given: str) -> None:
    answer = app.test_client().get("/metrics", base_url=BASE, headers={"Authorization": given})
    nowhere = app.test_client().get("/nowhere", base_url=BASE)
    assert answer.status_code == 404
    assert re.sub(r"[0-9A-F]{8}", "#", answer.text) == re.sub(r"[0-9A-F]{8}", "#", nowhere.text)


def test_where_no_token_is_set_nothing_is_counted_or_shown(make_app, tmp_path: Path, database_url: str) -> None:
    app = make_app(settings=settings_for(tmp_path, database_url=database_url, metrics_token=None))
    assert parts(app).metrics.registry is None
    for given in ("", "Bearer", "Bearer ", "Bearer None"):
        answer = app.test_client().get("/metrics", base_url=BASE, headers={"Authorization": given})
        assert answer.status_code == 404


def test_requests_are_counted_by_kind_of_route_and_timed(app, world: World) -> None:
    inside = world.enter(world.course(), Role.MANAGER)
    inside.get("/")
    inside.get("/ledarsteg/")
    inside.get("/nothing")
    text = figures(app)
    assert value(text, 'stegvis_requests_total{route="course",status="200"}') == 1
    assert value(text, 'stegvis_requests_total{route="course.ledarsteg",status="200"}') == 1
    assert value(text, 'stegvis_requests_total{route="unknown",status="404"}') == 1
    assert value(text, 'stegvis_request_seconds_count{route="course"}') == 1
    assert value(text, 'stegvis_refusals_total{code="E-NOTFOUND",reason="http_404"}') == 1


def test_jobs_are_counted_by_state_kind_and_outcome(app, clock) -> None:
    with parts(app).units.writing() as unit:
        now = unit.now()
        for state, due, ended in (
            (JobState.QUEUED, -90, None), (JobState.QUEUED, 60, None), (JobState.RUNNING, -5, None),
            (JobState.RUNNING, -5, None), (JobState.DEAD, -9, -9), (JobState.DONE, -9, -9), (JobState.DONE, -9, -9),
            (JobState.DONE, -9000, -9000),
        ):  # fmt: skip
            unit.session.add(Job(
                kind="roster.sync", subject_id=uuid.uuid4(), state=state, run_after=now + timedelta(seconds=due),
                created_at=now, finished_at=now + timedelta(seconds=ended) if ended else None,
                lease_until=now + timedelta(seconds=20) if state is JobState.RUNNING else None,
            ))  # fmt: skip
        unit.session.flush()
        lost = unit.session.scalars(sa.select(Job).where(Job.state == JobState.RUNNING)).first()
        lost.lease_until = now - timedelta(seconds=1)
    clock.advance(timedelta(seconds=10))
    text = figures(app)
    counted = {
        state: value(text, f'stegvis_jobs{{state="{state}"}}') for state in ("waiting", "later", "running", "dead")
    }
    assert counted == {"waiting": 2, "later": 1, "running": 1, "dead": 1}
    assert 100 <= value(text, "stegvis_jobs_oldest_due_seconds") < 110
    assert value(text, 'stegvis_jobs_ended_last_hour{kind="roster.sync",outcome="done"}') == 2
    assert value(text, 'stegvis_jobs_ended_last_hour{kind="roster.sync",outcome="dead"}') == 1
    assert value(text, "stegvis_workers") == 0
    assert "stegvis_worker_beat_seconds" not in text
    Sign(parts(app).units).beat()
    assert value(figures(app), "stegvis_workers") == 1
    assert value(figures(app), "stegvis_worker_beat_seconds") < 5
    assert value(text, 'stegvis_database_connections{state="in_use"}') >= 0


def test_without_a_database_the_figures_say_so(app) -> None:
    away(app)
    text = figures(app)
    assert value(text, "stegvis_database_up") == 0
    assert value(text, "stegvis_queue_up") == 0
    assert "stegvis_jobs{" not in text


def test_a_reason_that_is_no_word_of_ours_is_not_told(app) -> None:
    with app.test_request_context("/", base_url=BASE):
        refuse(Refusal("Karin Lindqvist asked"))
    text = figures(app)
    assert "Karin" not in text
    assert value(text, 'stegvis_refusals_total{code="E-BROKEN",reason="other"}') == 1


def test_routes_have_kinds() -> None:
    kinds = {
        None: "unknown", "static": "static", "l.ledarsteg.static": "static", "lti.launch": "lti.launch", "l.home": "course",
        "l.ledarsteg.today": "course.ledarsteg", "g.group_maturity.answer": "guest.group_maturity", "t.read": "token",
        "operator.queue": "operator", "site.ready": "site", "windows.arrive": "windows",
    }  # fmt: skip
    assert {endpoint: metrics.route_of(endpoint) for endpoint in kinds} == kinds
