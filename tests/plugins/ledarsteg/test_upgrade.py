"""A database from before time audits and cards could be shared: what is there is kept, and nobody else sees it."""

import uuid
from datetime import UTC, date, datetime
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.script import ScriptDirectory

from service import migrate
from service.host import Host, discover

# The migration that brought sharing, whatever its number.
OURS = 'TABLES = ("ledarsteg_time_audit", "ledarsteg_polarity")'
NOW = datetime(2026, 11, 27, 9, tzinfo=UTC).replace(tzinfo=None)


def put(connection: sa.Connection, name: str, **values: object) -> str:
    """Puts a row; what must be there and is not given gets something of its type. Returns its id."""
    table = sa.Table(name, sa.MetaData(), autoload_with=connection)
    row: dict[str, object] = {"id": uuid.uuid4().hex, **values}
    for column in table.columns:
        if column.name not in row and not column.nullable and column.server_default is None:
            usual = {int: 0, bool: False, bytes: b"", datetime: NOW, date: NOW.date()}
            row[column.name] = usual.get(column.type.python_type, "x")
    connection.execute(table.insert().values(row))
    return str(row["id"])


def test_what_was_written_before_is_kept_and_shared_with_nobody(tmp_path: Path) -> None:
    engine = sa.create_engine(f"sqlite:///{tmp_path}/before.db")
    with engine.connect() as connection:
        config = migrate.configuration(connection, Host(discover()))
        scripts = ScriptDirectory.from_config(config).walk_revisions()
        ours = next(script for script in scripts if OURS in Path(script.path).read_text(encoding="utf-8"))
        command.upgrade(config, str(ours.down_revision))
        organisation = put(connection, "organisation")
        platform = put(connection, "platform", organisation_id=organisation)
        deployment = put(connection, "deployment", organisation_id=organisation, platform_id=platform)
        cohort = put(connection, "cohort", organisation_id=organisation, deployment_id=deployment)
        person = put(connection, "person", organisation_id=organisation, platform_id=platform)
        whose = {"cohort_id": cohort, "person_id": person}
        audit = put(connection, "ledarsteg_time_audit", number=1, finished_at=NOW, **whose)
        card = put(connection, "ledarsteg_polarity", left_sealed=b"sealed", **whose)
        connection.commit()
        command.upgrade(config, "heads")
        connection.commit()
        read = connection.exec_driver_sql
        assert read("SELECT id, number, shared FROM ledarsteg_time_audit").all() == [(audit, 1, 0)]
        assert read("SELECT id, left_sealed, shared FROM ledarsteg_polarity").all() == [(card, b"sealed", 0)]
        assert read("PRAGMA foreign_key_check").all() == []
        command.downgrade(config, str(ours.down_revision))
        connection.commit()
        assert read("SELECT id, left_sealed FROM ledarsteg_polarity").all() == [(card, b"sealed")]
    engine.dispose()
