"""A database from before measurements: its ratings are carried over as they were, on the way there and back."""

import uuid
from datetime import UTC, date, datetime
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.script import Script, ScriptDirectory

from service import migrate
from service.host import Host, discover
from tests.conftest import settings_for

# The migration that brought measurements, whatever its number.
MAKES = 'op.create_table(\n        "group_maturity_measurement"'
# The one that asked for own words.
ADDS = 'sa.Column("comments", sa.Boolean()'
NOW = datetime(2026, 11, 27, 9, tzinfo=UTC)


def test_ratings_are_carried_over(tmp_path) -> None:
    engine = sa.create_engine(f"sqlite:///{tmp_path}/before.db")
    with engine.connect() as connection:
        config = migrate.configuration(connection, Host(discover()))
        ours = next(script for script in ScriptDirectory.from_config(config).walk_revisions() if MAKES in _text(script))
        command.upgrade(config, str(ours.down_revision))
        connection.commit()
        ids = _fill(connection)
        connection.commit()
        before = _ratings(connection)
        command.upgrade(config, "heads")
        connection.commit()
        assert _ratings(connection) == before
        assert {row[0] for row in before} == {one.hex for one in ids}
        assert connection.exec_driver_sql("SELECT measurement_id FROM group_maturity_self_rating").all() == [
            (None,),
            (None,),
        ]
        assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []
        command.downgrade(config, str(ours.down_revision))
        connection.commit()
        assert _ratings(connection) == before
    engine.dispose()
    assert settings_for(tmp_path).data_dir == tmp_path


def test_a_measurement_from_before_is_one_in_which_nobody_is_asked_for_words(tmp_path) -> None:
    engine = sa.create_engine(f"sqlite:///{tmp_path}/before.db")
    with engine.connect() as connection:
        config = migrate.configuration(connection, Host(discover()))
        scripts = list(ScriptDirectory.from_config(config).walk_revisions())
        asks = next(script for script in scripts if ADDS in _text(script))
        command.upgrade(config, str(asks.down_revision))
        connection.commit()
        cohort, person = _course(connection)
        values = {"cohort_id": cohort, "manager_id": person, "size": 12, "state": "open", "mode": "codes"}
        _put(connection, "group_maturity_measurement", **values)
        connection.commit()
        command.upgrade(config, "heads")
        connection.commit()
        found = connection.exec_driver_sql("SELECT comments, size FROM group_maturity_measurement").all()
        assert [tuple(row) for row in found] == [(0, 12)]
        command.downgrade(config, str(asks.down_revision))
        connection.commit()
        assert connection.exec_driver_sql("SELECT size FROM group_maturity_measurement").scalar() == 12
    engine.dispose()


def _text(script: Script) -> str:
    return Path(script.path).read_text(encoding="utf-8")


def _ratings(connection: sa.Connection) -> list[tuple[object, ...]]:
    columns = "id, person_id, status, answers_sealed, contribution_sealed, submitted_at"
    rows = connection.exec_driver_sql(f"SELECT {columns} FROM group_maturity_self_rating ORDER BY id").all()
    return [tuple(row) for row in rows]


def _put(connection: sa.Connection, name: str, **values: object) -> uuid.UUID:
    """A row with an id; what must be there and is not given gets something of its type."""
    table, row = sa.Table(name, sa.MetaData(), autoload_with=connection), {"id": uuid.uuid4().hex, **values}
    made = {int: 0, bool: False, bytes: b"", datetime: NOW.replace(tzinfo=None), date: NOW.date(), dict: []}
    for column in table.columns:
        if column.name not in row and not column.nullable and column.server_default is None:
            row[column.name] = made.get(column.type.python_type, "x")
    connection.execute(table.insert().values(row))
    return uuid.UUID(row["id"])


def _course(connection: sa.Connection) -> tuple[str, str]:
    """A cohort and a person in it."""
    organisation = _put(connection, "organisation").hex
    platform = _put(connection, "platform", organisation_id=organisation).hex
    deployment = _put(connection, "deployment", organisation_id=organisation, platform_id=platform).hex
    cohort = _put(connection, "cohort", organisation_id=organisation, deployment_id=deployment).hex
    return cohort, _put(connection, "person", organisation_id=organisation, platform_id=platform).hex


def _fill(connection: sa.Connection) -> list[uuid.UUID]:
    cohort, person = _course(connection)
    return [
        _put(
            connection, "group_maturity_self_rating", cohort_id=cohort, person_id=person, instrument_key="stegvis.gm24",
            instrument_version="0.1.0", status=status, answers_sealed=b"sealed " + status.encode(),
        )
        for status in ("draft", "submitted")
    ]  # fmt: skip
