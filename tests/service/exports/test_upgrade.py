"""A database from before files had names: its files are there afterwards, without one, on the way there and back."""

import uuid
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.script import ScriptDirectory

from service import migrate
from service.exports.models import ExportFile
from service.host import Host, discover

# The migration that named files, whatever its number.
NAMES = 'sa.Column("name", sa.String(length=160)'
PLAIN = {
    "role": "coach", "plugin": "core", "kind": "overview", "format": "csv", "locale": "sv", "state": "done",
    "rows_done": 3, "rows_total": 3, "file_key": "x.csv", "sha256": "", "size": 3, "reason": "", "downloads_left": 2,
    "created_at": "2026-11-27 09:00:00",
}  # fmt: skip


def test_files_from_before_are_carried_over(tmp_path: Path) -> None:
    engine = sa.create_engine(f"sqlite:///{tmp_path}/before.db")
    with engine.connect() as connection:
        config = migrate.configuration(connection, Host(discover()))
        scripts = ScriptDirectory.from_config(config).walk_revisions()
        ours = next(one for one in scripts if NAMES in Path(str(one.path)).read_text(encoding="utf-8"))
        command.upgrade(config, str(ours.down_revision))
        # Whose the file was plays no part here: the rows above it are left out.
        values = {name: uuid.uuid4().hex for name in ("id", "organisation_id", "cohort_id", "person_id")} | PLAIN
        names = ", ".join(values)
        marks = ", ".join(f":{name}" for name in values)
        connection.execute(sa.text(f"INSERT INTO export_file ({names}) VALUES ({marks})"), values)
        connection.commit()
        command.upgrade(config, "heads")
        connection.commit()
        there = sa.select(ExportFile.name, ExportFile.kind, ExportFile.downloads_left)
        assert [tuple(row) for row in connection.execute(there)] == [("", "overview", 2)]
        command.downgrade(config, str(ours.down_revision))
        connection.commit()
        assert connection.execute(sa.select(ExportFile.kind, ExportFile.downloads_left)).all() == [("overview", 2)]
    engine.dispose()
