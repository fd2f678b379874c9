"""The database layer: times, ids, and what an engine refuses."""

import uuid
from datetime import UTC, datetime, timedelta, timezone

import pytest
import sqlalchemy as sa
from flask import Flask

from service.cohorts.models import Organisation
from tests.support import parts


def test_a_time_is_kept_in_utc_and_comes_back_aware(app: Flask) -> None:
    at = datetime(2026, 3, 29, 1, 30, 15, 123456, tzinfo=timezone(timedelta(hours=2)))
    with parts(app).units.writing() as unit:
        unit.session.add(Organisation(name="x", created_at=at))
        unit.session.flush()
        unit.session.expire_all()
        kept = unit.session.scalars(sa.select(Organisation.created_at)).one()
    assert (kept, kept.tzinfo) == (at, UTC)


def test_a_time_without_a_zone_is_refused(app: Flask) -> None:
    with parts(app).units.writing() as unit:
        query = sa.select(Organisation).where(Organisation.created_at == datetime(2026, 1, 1))  # noqa: DTZ001
        with pytest.raises(sa.exc.StatementError, match="without a zone"):
            unit.session.scalars(query).all()


def test_an_object_has_its_id_at_once_and_it_tells_no_order() -> None:
    ids = [Organisation(name="x").id for _ in range(20)]
    assert all(isinstance(some, uuid.UUID) and some.version == 4 for some in ids)
    assert ids != sorted(ids)
    given = uuid.uuid4()
    assert Organisation(id=given).id == given


def test_a_column_that_is_not_there_is_an_error() -> None:
    with pytest.raises(TypeError, match="Organisation has no colour"):
        Organisation(colour="blue")


def test_an_error_does_not_quote_what_was_written(app: Flask) -> None:
    with parts(app).units.writing() as unit:
        with pytest.raises(sa.exc.IntegrityError) as failed:
            unit.session.execute(sa.insert(Organisation).values(id=uuid.uuid4(), name="hemligt", created_at=None))
        # PostgreSQL's own detail names the row; the log therefore keeps no message at all beyond its first line.
        assert "hemligt" not in str(failed.value).splitlines()[0]
        unit.session.rollback()


def test_foreign_keys_are_enforced(app: Flask) -> None:
    from service.cohorts.models import OrganisationPlugin

    unit = parts(app).units.begin(writing=True)
    unit.session.add(OrganisationPlugin(organisation_id=uuid.uuid4(), plugin="x", enabled=True))
    with pytest.raises(sa.exc.IntegrityError):
        unit.session.flush()
    unit.close()


def test_a_connection_has_its_guards_on(app: Flask) -> None:
    engine = parts(app).units.engine
    is_sqlite = engine.dialect.name == "sqlite"
    asked = (
        ("journal_mode", "foreign_keys", "synchronous")
        if is_sqlite
        else ("timezone", "statement_timeout", "lock_timeout")
    )
    # As the service's own connection begins: the tests' other connections do not wait for the disk.
    connection = engine.raw_connection()
    cursor = connection.cursor()
    values = []
    for name in asked:
        cursor.execute(f"PRAGMA {name}" if is_sqlite else f"SHOW {name}")
        values.append(cursor.fetchone()[0])
    connection.close()
    assert values == (["wal", 1, 2] if is_sqlite else ["UTC", "15s", "2s"])
