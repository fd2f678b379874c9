"""Making a backup while the service runs."""

import os
import sqlite3
import tempfile
from importlib.metadata import version
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from service import masters
from service.backup.archive import Manifest, Writer, creating
from service.clock import SystemClock
from service.db import make_engine
from service.errors import StartRefused
from service.settings import Settings

DATABASE = "stegvis.db"
VERSIONS = "alembic_version"
# Pages that SQLite copies before it lets others have a turn.
PAGES = 2000


def make(settings: Settings, target: Path) -> tuple[Path, Manifest]:
    """Writes a backup to `target`, or into it under a name of its own where it is a folder. Returns where, and what.

    Raises FileExistsError rather than write over anything, StartRefused for a database without our tables.
    """
    at = SystemClock().now()
    if target.is_dir():
        target = target / f"stegvis-{at:%Y%m%dT%H%M%SZ}.zip"
    engine = make_engine(settings)
    try:
        with creating(target) as writer:
            copy = _sqlite if engine.dialect.name == "sqlite" else _postgresql
            facts = copy(engine, writer, target.parent)
            manifest = Manifest(
                kind=engine.dialect.name,
                made_at=at.isoformat(),
                version=version("stegvis"),
                parts=writer.parts,
                **facts,
            )
            writer.finish(manifest)
    finally:
        engine.dispose()
    return target, manifest


def facts_of(connection: Connection) -> dict[str, Any]:
    """Returns a database's revisions, and which master keys it needs. Raises StartRefused for one without our tables."""
    there = masters.tables_of(connection)
    if VERSIONS not in there:
        raise StartRefused("the database has no tables of Stegvis: there is nothing to back up")
    revisions = {
        table: sorted(connection.scalars(sa.text(f'SELECT version_num FROM "{table}"')))  # noqa: S608 - a name of ours
        for table in sorted(there)
        if table == VERSIONS or table.startswith(f"{VERSIONS}_")
    }
    return {"revisions": revisions, "masters": masters.masters(connection)}


def _sqlite(engine: Engine, writer: Writer, beside: Path) -> dict[str, Any]:
    """Copies the file page by page with SQLite's own function; a page that changes meanwhile is copied again."""
    handle, name = tempfile.mkstemp(prefix=".stegvis-", suffix=".part", dir=beside)  # readable by its owner alone
    os.close(handle)
    copy = Path(name)
    try:
        copy_database(str(engine.url.database), name)
        engine_of_copy = sa.create_engine(f"sqlite:///{copy}", poolclass=sa.NullPool)
        with engine_of_copy.connect() as connection:
            facts = facts_of(connection)
        with writer.part(DATABASE) as part, copy.open("rb") as file:
            while piece := file.read(1 << 20):
                part.write(piece)
    finally:
        for leftover in beside.glob(f"{copy.name}*"):
            leftover.unlink()
    return facts


def copy_database(source: str, target: str) -> None:
    """Copies an SQLite database into another, whole or not at all; who has the other open sees the new one afterwards."""
    origin, into = (sqlite3.connect(name, timeout=5) for name in (source, target))
    try:
        origin.backup(into, pages=PAGES, sleep=0.01)
    finally:
        into.close()
        origin.close()


def _postgresql(engine: Engine, writer: Writer, _beside: Path) -> dict[str, Any]:
    """Copies every table, as one transaction sees them all."""
    snapshot = engine.execution_options(isolation_level="REPEATABLE READ")
    with snapshot.connect() as connection:
        connection.exec_driver_sql("SET TRANSACTION READ ONLY")
        connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
        connection.exec_driver_sql("SET LOCAL idle_in_transaction_session_timeout = 0")
        facts = facts_of(connection)
        for table in sorted(masters.tables_of(connection)):
            _copy_out(connection, writer, table)
    return facts


def _copy_out(connection: Connection, writer: Writer, table: str) -> None:
    columns = [str(column["name"]) for column in sa.inspect(connection).get_columns(table)]
    driver: Any = connection.connection.driver_connection
    names = ", ".join(f'"{name}"' for name in columns)
    with (
        writer.part(f"{table}.copy", columns) as part,
        driver.cursor() as cursor,
        cursor.copy(f'COPY "{table}" ({names}) TO STDOUT') as copy,
    ):
        for piece in copy:
            part.write(bytes(piece))
            part.rows += bytes(piece).count(b"\n")  # a line break inside a value is written as \n
