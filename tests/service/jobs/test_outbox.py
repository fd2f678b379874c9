"""Deciding, leasing, renewing and giving back: who holds a job, and who does not any more."""

import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from service.jobs import outbox
from service.jobs.models import Job, JobState
from service.jobs.outbox import Fate, LeaseLost
from service.unit import Units
from tests.support import OffsetClock, parts


@pytest.fixture
def units(make_app: Callable[..., Flask]) -> Units:
    return parts(make_app(plugins={})).units


def decide(units: Units, **values) -> uuid.UUID:
    with units.writing():
        return outbox.decide("exports.write", uuid.uuid4(), **values).id


def take(units: Units, job_id: uuid.UUID):
    with units.writing():
        return outbox.lease(job_id, 30)


def row(units: Units, job_id: uuid.UUID) -> Job:
    with units.reading() as unit:
        return unit.session.get_one(Job, job_id)


def test_a_decision_is_kept_exactly_when_its_transaction_is(units):
    with pytest.raises(ZeroDivisionError), units.writing():
        1 / (outbox.decide("exports.write", uuid.uuid4()).tries or 0)
    with units.reading() as unit:
        assert unit.session.scalars(sa.select(Job)).all() == []
    job_id = decide(units)
    with units.reading():
        assert outbox.due() == [job_id]


def test_the_bell_rings_after_the_commit_and_only_for_what_is_due(units, monkeypatch):
    rung = []
    monkeypatch.setattr("service.jobs.bell.ring", rung.append)
    with units.writing() as unit:
        job = outbox.decide("exports.write", uuid.uuid4())
        outbox.decide("exports.write", uuid.uuid4(), run_after=unit.now() + timedelta(hours=1))
        assert rung == []
    assert rung == [job.id]


def test_one_holds_it_and_the_next_gets_nothing(units):
    job_id = decide(units)
    _job, held = take(units, job_id)
    assert take(units, job_id) is None
    assert take(units, uuid.uuid4()) is None
    with units.writing():
        outbox.finish(held)
    assert take(units, job_id) is None
    assert row(units, job_id).state is JobState.DONE


def test_a_job_that_is_not_due_yet_is_left(units, clock: OffsetClock):
    job_id = decide(units, run_after=clock.now() + timedelta(minutes=5))
    assert take(units, job_id) is None
    clock.advance(timedelta(minutes=6))
    assert take(units, job_id) is not None


def test_a_lease_that_ran_out_is_taken_over_and_the_late_one_is_fenced_out(units, clock: OffsetClock):
    job_id = decide(units)
    _job, late = take(units, job_id)
    clock.advance(timedelta(seconds=31))
    with units.reading():
        assert outbox.due() == [job_id]
    _job, present = take(units, job_id)
    for write in (outbox.renew, outbox.finish, lambda held: outbox.fail(held, "x")):
        with pytest.raises(LeaseLost), units.writing():
            write(late)
    assert row(units, job_id).lease_token == present.token
    with units.writing():
        outbox.finish(present)
    with pytest.raises(LeaseLost), units.writing():
        outbox.finish(present)


def test_a_sign_of_life_keeps_the_job(units, clock: OffsetClock):
    job_id = decide(units)
    _job, held = take(units, job_id)
    for _ in range(4):
        clock.advance(timedelta(seconds=20))
        with units.writing():
            outbox.renew(held)
    assert take(units, job_id) is None


def test_three_lost_leases_make_it_dead(units, clock: OffsetClock):
    job_id = decide(units)
    for _ in range(3):
        assert take(units, job_id)[1] is not None
        clock.advance(timedelta(minutes=1))
    job, held = take(units, job_id)
    assert (held, job.state, job.reason) == (None, JobState.DEAD, "lease_lost")
    with units.reading():
        assert outbox.due() == []


def test_failures_wait_longer_each_time_and_then_it_is_dead(units, clock: OffsetClock):
    job_id = decide(units)
    fates = []
    for seconds in (10, 60, 0):
        _job, held = take(units, job_id)
        with units.writing():
            fates.append(outbox.fail(held, "disk"))
        clock.advance(timedelta(seconds=max(0, seconds - 1)))
        assert take(units, job_id) is None
        clock.advance(timedelta(seconds=2))
    assert fates == [Fate.AGAIN, Fate.AGAIN, Fate.DEAD]
    assert (row(units, job_id).state, row(units, job_id).reason) == (JobState.DEAD, "disk")


def test_calling_off_takes_the_job_from_whoever_holds_it(units):
    with units.writing():
        job = outbox.decide("exports.write", uuid.uuid4())
    _job, held = take(units, job.id)
    with units.writing():
        outbox.cancel("exports.write", job.subject_id)
    with pytest.raises(LeaseLost), units.writing():
        outbox.renew(held)
    assert row(units, job.id).state is JobState.CANCELLED


def test_two_workers_at_once_take_it_once(units):
    from concurrent.futures import ThreadPoolExecutor

    ids = [decide(units) for _ in range(5)]
    with ThreadPoolExecutor(4) as pool:
        taken = list(pool.map(lambda job_id: take(units, job_id), ids * 4))
    assert sum(found is not None for found in taken) == 5
