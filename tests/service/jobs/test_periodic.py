"""What is removed when it is due, and what is not."""

import os
import time
import uuid
from datetime import timedelta

import pytest
import sqlalchemy as sa

from service.jobs import periodic, worker
from service.lti.models import UsedNonce
from tests.support import parts


@pytest.fixture
def units(make_app):
    return parts(make_app(plugins={})).units


def test_a_nonce_stays_until_no_token_can_carry_it(units, clock):
    with units.writing() as unit:
        for hours in (-2, -1, 1):
            unit.session.add(UsedNonce(nonce_hash=uuid.uuid4().bytes, expires_at=unit.now() + timedelta(hours=hours)))
    assert periodic.purge_nonces(units) == 2
    with units.reading() as unit:
        assert unit.session.scalar(sa.select(sa.func.count()).select_from(UsedNonce)) == 1
    clock.advance(timedelta(hours=2))
    assert periodic.purge_nonces(units) == 1


def test_what_a_killed_worker_left_goes_after_a_day_and_nothing_else(units, settings):
    folder = settings.export_dir
    folder.mkdir()
    old, young = (folder / f"{uuid.uuid4()}.csv.part" for _ in range(2))
    for made in (old, young):
        made.mkdir()
    past = time.time() - periodic.ABANDONED_SECONDS - 60
    os.utime(old, (past, past))
    periodic.run(units, settings)
    assert [found.name for found in folder.iterdir()] == [young.name]


def test_a_part_that_fails_keeps_no_other_from_its_work(units, settings, clock, monkeypatch):
    """A store for files that is away raises what is neither the database's nor the system's."""

    class Away(Exception):
        pass

    def away(*_given):
        raise Away

    with units.writing() as unit:
        unit.session.add(UsedNonce(nonce_hash=b"x", expires_at=unit.now() - timedelta(hours=2)))
    monkeypatch.setattr(periodic, "open_store", away)
    periodic.run(units, settings)
    with units.reading() as unit:
        assert unit.session.scalars(sa.select(UsedNonce)).all() == []


def test_a_database_that_is_away_is_told_at_once(units, settings, monkeypatch):
    def away(*_given):
        raise sa.exc.OperationalError("connect", None, Exception("away"))

    monkeypatch.setattr(periodic, "purge_nonces", away)
    with pytest.raises(sa.exc.OperationalError):
        periodic.run(units, settings)


def test_the_parent_rings_and_goes_on_whatever_fails_in_deciding(units, settings, make_app, monkeypatch):
    rung = []
    monkeypatch.setattr(worker, "sweep", lambda *_given: rung.append(1))
    monkeypatch.setattr("service.lti.due.decide_due", lambda *_given: 1 / 0)
    rounds = worker.Rounds(units, settings)
    rounds.due()
    assert rung == [1]
