"""What plugins have done in the background: decided in a transaction, done by a worker, fenced, tried three times."""

import json
import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from types import ModuleType

import pytest
import sqlalchemy as sa
from flask import Flask
from flask_babel import gettext

from service.contract import (
    JobKind,
    Manifest,
    Periodic,
    Work,
    decide_job,
    hook,
    reading_unit,
    session,
    writing_unit,
)  # fmt: skip
from service.contract.manifest import RESERVED
from service.db import Base
from service.jobs import outbox, periodic, work, worker
from service.jobs.models import Job, JobState
from service.jobs.outbox import LeaseLost
from tests.example import Note, operations, stegvis_example, with_example
from tests.support import Course, OffsetClock, World, forgotten, parts


def jobs(app: Flask) -> list[Job]:
    with parts(app).units.reading() as unit:
        return list(unit.session.scalars(sa.select(Job)))


def notes(app: Flask) -> int:
    with parts(app).units.reading() as unit:
        return unit.session.scalar(sa.select(sa.func.count()).select_from(Note)) or 0


def write(app: Flask, course: Course, member, number: int = 2) -> None:
    with app.app_context(), parts(app).units.writing() as unit:
        unit.session.add_all([course.cohort, member])
        for _ in range(number):
            operations.write(course.cohort, member, "Korta möten")


def altered(**values: object) -> ModuleType:
    """The example with another manifest."""
    module = ModuleType("stegvis_example")
    module.__dict__.update(vars(stegvis_example))

    @hook
    def manifest() -> Manifest:
        return replace(stegvis_example.manifest(), **values)

    module.manifest = manifest
    return module


@pytest.fixture
def make_altered(make_app: Callable[..., Flask]) -> Callable[..., Flask]:
    def make(**values: object) -> Flask:
        app = make_app(plugins={"example": altered(**values)})
        Base.metadata.create_all(parts(app).units.engine)
        return app

    return make


def test_what_a_page_decided_a_worker_does_and_nobody_else_s(app: Flask, world: World) -> None:
    course = world.course(plugins={"example": {}})
    asking, other = world.member(course), world.member(course, name="Anna Berg")
    write(app, course, asking, 3)
    write(app, course, other, 1)
    assert world.enter(course, member=asking).post("/example/clear").status_code == 303
    assert notes(app) == 4
    [job] = jobs(app)
    assert (job.kind, job.subject_id, job.state) == ("example.clear", asking.id, JobState.QUEUED)
    assert (job.cohort_id, job.organisation_id) == (course.cohort.id, course.organisation.id)
    work.perform(app, job.id)
    assert notes(app) == 1
    assert [(job.state, job.tries) for job in jobs(app)] == [(JobState.DONE, 1)]


def test_it_is_done_though_the_plugin_was_switched_off(app: Flask, world: World) -> None:
    course = world.course(plugins={})
    member = world.member(course)
    write(app, course, member)
    with app.app_context(), parts(app).units.writing():
        operations.ask_to_clear(course.cohort, member)
    work.perform(app, jobs(app)[0].id)
    assert (notes(app), jobs(app)[0].state) == (0, JobState.DONE)


def test_one_that_fails_is_tried_three_times_and_then_dead(
    make_altered: Callable[..., Flask], clock: OffsetClock, capsys: pytest.CaptureFixture[str]
) -> None:
    tries = []

    def fail(job: Work) -> None:
        tries.append(job.subject_id)
        raise ValueError("karin@example.org")

    app, subject = make_altered(jobs=(JobKind("example.fail", fail),)), uuid.uuid4()
    with app.app_context(), parts(app).units.writing():
        job_id = decide_job("example.fail", subject)
    for _ in range(5):
        work.perform(app, job_id)
        clock.advance(timedelta(minutes=2))
    assert tries == [subject] * 3
    assert [(job.state, job.reason) for job in jobs(app)] == [(JobState.DEAD, "failed")]
    assert "karin@example.org" not in capsys.readouterr().err


def test_one_that_was_taken_over_writes_nothing(make_altered: Callable[..., Flask], clock: OffsetClock) -> None:
    reached = []

    def freeze(job: Work) -> None:
        clock.advance(timedelta(hours=1))
        with parts(app).units.writing():
            outbox.lease(job.held.id, 30)
        with job.reading() as unit:
            reached.append(unit.writing)
        with job.writing():
            reached.append("wrote")

    app = make_altered(jobs=(JobKind("example.freeze", freeze),))
    with app.app_context(), parts(app).units.writing():
        job_id = decide_job("example.freeze", uuid.uuid4())
    work.perform(app, job_id)
    assert reached == [False]
    assert [(job.state, job.tries) for job in jobs(app)] == [(JobState.RUNNING, 2)]


def test_one_that_notices_nothing_is_not_finished_for_another(
    make_altered: Callable[..., Flask], clock: OffsetClock
) -> None:
    def freeze(job: Work) -> None:
        clock.advance(timedelta(hours=1))
        with parts(app).units.writing():
            outbox.lease(job.held.id, 30)

    app = make_altered(jobs=(JobKind("example.freeze", freeze),))
    with app.app_context(), parts(app).units.writing():
        job_id = decide_job("example.freeze", uuid.uuid4())
    work.perform(app, job_id)
    assert jobs(app)[0].state is JobState.RUNNING


def test_a_job_whose_plugin_is_gone_waits_and_ends_dead(
    app: Flask, make_app: Callable[..., Flask], clock: OffsetClock
) -> None:
    with app.app_context(), parts(app).units.writing():
        job_id = decide_job("example.clear", uuid.uuid4())
    without = make_app(plugins={})
    work.perform(without, job_id)
    assert jobs(app)[0].state is JobState.QUEUED
    for _ in range(4):
        clock.advance(timedelta(hours=2))
        work.perform(without, job_id)
    assert jobs(app)[0].state is JobState.DEAD


@pytest.mark.parametrize("kind", ["exports.write", "example.unheard_of", ""])
def test_a_kind_that_no_plugin_declares_is_not_decided(app: Flask, kind: str) -> None:
    with app.app_context(), parts(app).units.writing(), pytest.raises(ValueError, match="no plugin declares"):
        decide_job(kind, uuid.uuid4())
    assert jobs(app) == []


def test_no_plugin_can_be_named_as_a_kind_of_the_core() -> None:
    assert {kind.split(".")[0] for kind in work.KINDS} <= RESERVED


def test_words_are_there_where_nobody_asks(make_altered: Callable[..., Flask]) -> None:
    said = []
    app = make_altered(jobs=(JobKind("example.say", lambda _job: said.append(gettext("Notes"))),))
    with app.app_context(), parts(app).units.writing():
        job_id = decide_job("example.say", uuid.uuid4())
    work.perform(app, job_id)
    assert said == ["Anteckningar"]


# --- periodic work and commands ---------------------------------------------------------------------------------------


def test_what_is_done_now_and_then_is_done(app: Flask, world: World) -> None:
    course = world.course(plugins={"example": {}})
    member = world.member(course)
    write(app, course, member, 2)
    with parts(app).units.writing() as unit:
        first = unit.session.scalars(sa.select(Note).limit(1)).one()
        first.body_sealed = None
    with app.app_context():
        periodic.run_plugins(parts(app).host)
    assert notes(app) == 1


def test_notes_go_when_their_time_is_up(app: Flask, world: World, clock: OffsetClock) -> None:
    course = world.course(plugins={"example": {}})
    member = world.member(course)
    write(app, course, member, 2)
    clock.advance(timedelta(days=200))
    write(app, course, member, 1)
    assert forgotten(app, course.organisation.id, "example.notes") == {}
    clock.advance(timedelta(days=166))
    assert forgotten(app, course.organisation.id, "example.notes") == {"example_note": 2}
    assert notes(app) == 1


def test_one_that_fails_stops_no_other(
    make_altered: Callable[..., Flask], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> int:
        with writing_unit():
            session().execute(sa.text("SELECT nothing FROM nowhere"))
        return 0

    ran = []
    app = make_altered(periodic=(Periodic("example.fail", fail), Periodic("example.other", lambda: ran.append(1) or 7)))
    core_ran = []
    monkeypatch.setattr(periodic, "run", lambda *_: core_ran.append(1))
    with app.app_context():
        worker.Rounds(parts(app).units, parts(app).settings, parts(app).host).due()
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [line["key"] for line in lines if line["event"] == "periodic_failed"] == ["example.fail"]
    assert [(line["key"], line["rows"]) for line in lines if line["event"] == "periodic_plugin"] == [
        ("example.other", 7)
    ]
    assert (ran, core_ran) == ([1], [1])


@pytest.mark.parametrize("edge", [writing_unit, reading_unit])
def test_an_edge_is_not_opened_inside_another(app: Flask, edge: Callable[..., object]) -> None:
    with app.app_context(), parts(app).units.reading(), pytest.raises(RuntimeError, match="open here already"):
        edge()


def test_a_job_that_was_lost_is_told_so(app: Flask) -> None:
    with app.app_context():
        with parts(app).units.writing():
            job_id = decide_job("example.clear", uuid.uuid4())
        with parts(app).units.writing():
            _job, held = outbox.lease(job_id, 30)
        with parts(app).units.writing():
            outbox.cancel("example.clear", held.subject_id)
        with pytest.raises(LeaseLost), Work(held).writing():
            raise AssertionError("not reached")


def test_a_command_tells_and_ends_with_its_status(app: Flask, world: World) -> None:
    course = world.course(plugins={"example": {}})
    write(app, course, world.member(course), 2)
    said: list[str] = []
    [command] = with_example()["example"].manifest().commands
    with app.app_context():
        assert command.run(said.append) == 0
    assert said == ["2 notes"]
