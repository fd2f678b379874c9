"""A lease is kept alive while one slow row is awaited, and a worker that lost it leaves nothing behind."""

import time
import uuid

import pytest
import sqlalchemy as sa

from service.access import Role
from service.exports.models import ExportState
from service.jobs import outbox, work
from service.jobs.models import Job, JobState
from tests.service.exports import rows_plugin
from tests.service.exports.conftest import ask
from tests.support import parts


@pytest.fixture
def brief(make_app, settings):
    """An application whose leases are short."""
    changes = {"lease_seconds": 1.0, "heartbeat_seconds": 0.1}
    return make_app(plugins={"rows": rows_plugin}, settings=settings.model_copy(update=changes))


def the_job(app) -> Job:
    with parts(app).units.reading() as unit:
        return unit.session.scalars(sa.select(Job)).one()


def test_one_slow_row_does_not_lose_the_lease(brief, coach, only, monkeypatch):
    taken = []

    def slow(scope):
        end = time.monotonic() + 2.5
        while time.monotonic() < end:
            with parts(brief).units.writing():
                taken.append(outbox.lease(the_job(brief).id, 1.0))
            time.sleep(0.1)
        yield rows_plugin.row(1)

    monkeypatch.setattr(rows_plugin, "_rows", slow)
    ask(coach, "rows.all")
    work.perform(brief, the_job(brief).id)
    assert only().state is ExportState.DONE
    assert set(taken) == {None}
    assert the_job(brief).tries == 1


@pytest.mark.parametrize("when", ["in the middle", "at the very end"])
def test_a_worker_that_lost_its_job_leaves_no_file_and_no_trace(brief, coach, only, monkeypatch, settings, when):
    def usurp() -> None:
        with parts(brief).units.writing() as unit:
            unit.session.execute(sa.update(Job).values(lease_token=uuid.uuid4()))

    def rows(scope):
        yield rows_plugin.row(1)
        usurp()
        yield rows_plugin.row(2)

    if when == "in the middle":
        monkeypatch.setattr(rows_plugin, "_rows", rows)
    else:
        from service.exports.store import LocalStore

        publish = LocalStore.publish
        monkeypatch.setattr(LocalStore, "publish", lambda store, key, path: (publish(store, key, path), usurp())[0])
    ask(coach, "rows.all")
    work.perform(brief, the_job(brief).id)
    assert list(settings.export_dir.iterdir()) == []
    assert (only().state, only().file_key) == (ExportState.RUNNING, "")
    assert the_job(brief).state is JobState.RUNNING


def test_doing_a_done_job_again_does_nothing(app, coach, do_jobs, only):
    ask(coach)
    do_jobs()
    before = only().file_key
    work.perform(app, the_job(app).id)
    work.perform(app, uuid.uuid4())
    assert only().file_key == before
    assert coach.member.role is Role.COACH
