"""A database with a bit of everything, and what is in it, table by table."""

import uuid
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from service import audit
from service.access import Role
from service.audit import Actor
from service.cohorts.models import Launch
from service.exports.models import ExportFile, ExportFormat, ExportState
from service.jobs import outbox
from service.mail import addresses
from service.operator import visits
from service.settings import Settings
from tests.conftest import settings_for
from tests.databases import empty
from tests.plugins.ledarsteg.support import make as make_habit
from tests.support import Course, World, parts

ODD = 'Å\t"\\N"\n\\.\r\n😀 \\x00,;\'é'
HELD = {"launch", "export_file", "job", "outbox_hold", "audit_event", "audit_chain", "operator_visit"}


@pytest.fixture
def course(app: Flask, world: World) -> Course:
    """A course in use: a visit, a sealed text, a job that runs and one that waits, a finished file, a mail that waits."""
    course = world.course(ODD)
    karin = world.enter(course, Role.MANAGER, ODD)
    make_habit(world, karin.member, shared=True)
    world.enter(course, Role.COACH, "Amira Haddad")
    with app.app_context(), parts(app).units.writing() as unit:
        addresses.give(unit.session.merge(karin.person), "karin@kommun.example", "sv", Actor())
        outbox.decide("exports.write", uuid.uuid4())
        outbox.lease(outbox.decide("exports.write", uuid.uuid4()).id, 30)
        for state, key in ((ExportState.DONE, "abc.csv"), (ExportState.WAITING, "")):
            unit.session.add(ExportFile(
                organisation_id=course.organisation.id, cohort_id=course.cohort.id, person_id=karin.person.id, role="coach",
                plugin="core", kind="overview", format=ExportFormat.CSV, locale="sv", state=state, file_key=key,
                downloads_left=3, created_at=unit.now(), expires_at=unit.now() + timedelta(days=7),
            ))  # fmt: skip
        unit.session.execute(sa.update(Launch).values(ticket_hash=None))
        audit.append(Actor(course.organisation.id), "test")
        visits.issue(parts(app).settings)
    return course


@pytest.fixture
def other(request: pytest.FixtureRequest, database_kind: str, tmp_path: Path) -> Iterator[Settings]:
    """Settings of another, empty database."""
    folder = tmp_path / "other"
    folder.mkdir()
    with empty(request, database_kind, folder) as url:
        yield settings_for(folder, database_url=url)


def content(url: str) -> dict[str, list[Any]]:
    """Every row of every table, in an order of their own."""
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.connect() as connection:
        found = {
            table: sorted(
                (tuple(sorted((key, repr(value)) for key, value in row.items())))
                for row in connection.execute(sa.text(f'SELECT * FROM "{table}"')).mappings()
            )
            for table in sa.inspect(connection).get_table_names()
        }
    engine.dispose()
    return found


def one(url: str, query: str) -> list[Any]:
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.begin() as connection:
        result = connection.exec_driver_sql(query)
        found = [tuple(row) for row in result] if result.returns_rows else []
    engine.dispose()
    return found
