"""What is removed when it is due, and what is not."""

import os
import time
import uuid
from datetime import timedelta

import pytest
import sqlalchemy as sa

from service.jobs import periodic
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
