"""A database from before measurements: its ratings are carried over as they were, on the way there and back."""

import uuid
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.script import Script, ScriptDirectory

from service import migrate
from service.host import Host, discover
from tests.conftest import settings_for

# The migration that brought measurements, whatever its number.
MAKES = 'op.create_table(\n        "group_maturity_measurement"'
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


def _text(script: Script) -> str:
    return Path(script.path).read_text(encoding="utf-8")


def _ratings(connection: sa.Connection) -> list[tuple[object, ...]]:
    columns = "id, person_id, status, answers_sealed, contribution_sealed, submitted_at"
    rows = connection.exec_driver_sql(f"SELECT {columns} FROM group_maturity_self_rating ORDER BY id").all()
    return [tuple(row) for row in rows]


def _fill(connection: sa.Connection) -> list[uuid.UUID]:
    tables = sa.MetaData()
    tables.reflect(connection)

    def put(name: str, **values: object) -> uuid.UUID:
        """A row with an id; what must be there and is not given gets something of its type."""
        table, row = tables.tables[name], {"id": uuid.uuid4().hex, **values}
        for column in table.columns:
            if column.name not in row and not column.nullable and column.server_default is None:
                kind = column.type.python_type
                row[column.name] = {int: 0, bool: False, bytes: b"", datetime: NOW.replace(tzinfo=None)}.get(kind, "x")
        connection.execute(table.insert().values(row))
        return uuid.UUID(row["id"])

    organisation = put("organisation").hex
    platform = put("platform", organisation_id=organisation).hex
    deployment = put("deployment", organisation_id=organisation, platform_id=platform).hex
    cohort = put("cohort", organisation_id=organisation, deployment_id=deployment).hex
    person = put("person", organisation_id=organisation, platform_id=platform).hex
    return [
        put(
            "group_maturity_self_rating", cohort_id=cohort, person_id=person, instrument_key="stegvis.gm24",
            instrument_version="0.1.0", status=status, answers_sealed=b"sealed " + status.encode(),
        )
        for status in ("draft", "submitted")
    ]  # fmt: skip
