"""Putting a backup in: all of it or nothing, and then nothing is done until an operator says so."""

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from service import masters, migrate
from service.backup import checks
from service.backup.archive import Manifest, Reader, reading
from service.backup.checks import RestoreRefused
from service.backup.making import DATABASE, copy_database
from service.clock import SystemClock
from service.cohorts.models import Launch
from service.db import WRITING, Base, make_engine
from service.exports.models import ExportFile, ExportState
from service.host import Host, discover
from service.jobs.hold import ONLY, OutboxHold
from service.jobs.models import Job, JobState, WorkerSign
from service.operator.models import OperatorVisit
from service.settings import Settings

BATCH = 1000


def restore(
    settings: Settings, source: Path, *, replace: bool = False, plugins: Mapping[str, Any] | None = None
) -> Manifest:
    """Puts a backup into the settings' database, brings it to this program's schema and holds all work.

    Raises Unusable or RestoreRefused before anything is touched; whatever fails later leaves the database as it was.
    """
    host = Host(discover() if plugins is None else plugins)
    engine = make_engine(settings)
    database = engine.dialect.name
    try:
        with reading(source) as archive, checks.alone(settings):
            checks.check_way(archive.manifest, database)
            archive.verify()
            checks.check_masters(archive.manifest, checks.ring_of(settings))
            with engine.connect() as connection:
                checks.check_revisions(archive.manifest, host, connection)
                checks.check_empty(connection, replace=replace)
            engine.dispose()
            if database == "postgresql":
                _into_postgresql(engine, host, archive, settings, plugins)
            else:
                with _as_file(settings, archive, plugins) as copy:
                    target = str(sa.make_url(settings.database).database)
                    copy_database(str(copy), target)
    finally:
        engine.dispose()
    return archive.manifest


# --- SQLite -----------------------------------------------------------------------------------------------------------


@contextmanager
def _as_file(settings: Settings, archive: Reader, plugins: Mapping[str, Any] | None) -> Iterator[Path]:
    """The archive's SQLite database as a file of its own, at this program's schema, with all work held."""
    with tempfile.TemporaryDirectory(prefix="restore-", dir=settings.data_dir) as folder:
        copy = Path(folder) / DATABASE
        handle = os.open(copy, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(handle, "wb") as into, archive.open(DATABASE) as part:
            shutil.copyfileobj(part, into)
        there = settings.model_copy(update={"database_url": f"sqlite:///{copy}"})
        migrate.upgrade(there, plugins=plugins)
        engine = make_engine(there)
        try:
            with engine.connect().execution_options(**{WRITING: True}) as connection, connection.begin():
                found = connection.exec_driver_sql("PRAGMA integrity_check").scalar()
                if found != "ok":
                    raise RestoreRefused(f"SQLite says of the copy: {found}")
                settle(connection, archive.manifest.moment)
        finally:
            engine.dispose()
        yield copy


# --- PostgreSQL -------------------------------------------------------------------------------------------------------


def _into_postgresql(
    engine: sa.Engine, host: Host, archive: Reader, settings: Settings, plugins: Mapping[str, Any] | None
) -> None:
    """One transaction from the first dropped table to the hold: killed in the middle, it leaves the database as it was."""
    with engine.connect() as connection, connection.begin():
        migrate.lock(connection)
        checks.check_unused(connection)
        for name in ("statement_timeout", "idle_in_transaction_session_timeout"):
            connection.exec_driver_sql(f"SET LOCAL {name} = 0")
        for table in sorted(masters.tables_of(connection)):
            connection.exec_driver_sql(f'DROP TABLE "{table}" CASCADE')
        if archive.manifest.kind == "sqlite":
            migrate.play(connection, host, dict.fromkeys(migrate.known_revisions(connection, host), "heads"))
            with _as_file(settings, archive, plugins) as copy, _without_references(connection):
                _move_rows(copy, connection)
        else:
            migrate.play(connection, host, _single(archive.manifest.revisions))
            with _without_references(connection):
                _copy_in(connection, archive)
            migrate.play(connection, host, dict.fromkeys(migrate.known_revisions(connection, host), "heads"))
            settle(connection, archive.manifest.moment)
        _go_on_counting(connection)


@contextmanager
def _without_references(connection: Connection) -> Iterator[None]:
    """Takes the foreign keys away, so that tables may be filled in any order, and puts them back, which checks them."""
    query = sa.text(
        "SELECT conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid) FROM pg_constraint "
        "WHERE contype = 'f' AND connamespace = current_schema()::regnamespace AND conparentid = 0 ORDER BY 1, 2"
    )
    found = connection.execute(query).all()
    for table, name, _definition in found:
        connection.exec_driver_sql(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
    yield
    for table, name, definition in found:
        connection.exec_driver_sql(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")


def _single(revisions: Mapping[str, list[str]]) -> Mapping[str, str]:
    """Returns the one revision of each version table; a table without one is left out."""
    return {table: found[0] for table, found in revisions.items() if found}


def _copy_in(connection: Connection, archive: Reader) -> None:
    there = masters.tables_of(connection)
    driver: Any = connection.connection.driver_connection
    for name, part in archive.manifest.parts.items():
        table = name.removesuffix(".copy")
        if table not in there:
            raise RestoreRefused(f"the backup has a table {table}, which no installed part of Stegvis makes")
        connection.exec_driver_sql(f'DELETE FROM "{table}"')  # noqa: S608 - a table that is there
        names = ", ".join('"' + column.replace('"', '""') + '"' for column in part.columns)
        with (
            archive.open(name) as file,
            driver.cursor() as cursor,
            cursor.copy(f'COPY "{table}" ({names}) FROM STDIN') as copy,
        ):
            while piece := file.read(1 << 20):
                copy.write(piece)


def _move_rows(copy: Path, connection: Connection) -> None:
    """Reads an SQLite database of this program's schema table by table, each value as what it is."""
    engine = sa.create_engine(f"sqlite:///{copy}", poolclass=sa.NullPool)
    there = masters.tables_of(connection)
    try:
        with engine.connect() as origin:
            _check_no_strangers(masters.tables_of(origin), there)
            for table in Base.metadata.sorted_tables:
                if table.name in there:
                    connection.execute(sa.delete(table))
                    for rows in origin.execute(sa.select(table)).mappings().partitions(BATCH):
                        connection.execute(sa.insert(table), [dict(row) for row in rows])
    finally:
        engine.dispose()


def _check_no_strangers(origin: frozenset[str], there: frozenset[str]) -> None:
    strangers = sorted(origin - there)
    if strangers:
        raise RestoreRefused(f"the backup has a table {strangers[0]}, which no installed part of Stegvis makes")


def _go_on_counting(connection: Connection) -> None:
    """Lets columns that count by themselves go on after the highest number. Stegvis has none; a plugin may."""
    query = sa.text(
        "SELECT table_name, column_name FROM information_schema.columns "
        "WHERE table_schema = current_schema() AND (column_default LIKE 'nextval%' OR is_identity = 'YES')"
    )
    for table, column in connection.execute(query).all():
        connection.exec_driver_sql(
            f"""SELECT setval(pg_get_serial_sequence('"{table}"', '{column}'), """  # noqa: S608 - names of what is there
            f"""coalesce(max("{column}"), 0) + 1, false) FROM "{table}\""""
        )


# --- both -------------------------------------------------------------------------------------------------------------


def settle(connection: Connection, copy_of: datetime) -> None:
    """Makes a copy of an earlier moment harmless: all work is held, and what opened something then opens it no more.

    Open launches, the operator's visits and their one-time words end, finished export files are gone (they are made anew in
    a minute, and may hold people who have been erased since), and what a worker had begun waits to be begun again.
    """
    now = SystemClock().now()
    connection.execute(sa.delete(OutboxHold))
    connection.execute(sa.insert(OutboxHold).values(id=ONLY, since=now, copy_of=copy_of))
    connection.execute(sa.update(Launch).where(Launch.ended_at.is_(None)).values(ended_at=now))
    connection.execute(sa.update(Launch).values(ticket_hash=None, ticket_expires_at=None))
    done = sa.update(ExportFile).where(ExportFile.state == ExportState.DONE)
    connection.execute(done.values(state=ExportState.GONE, file_key="", downloads_left=0))
    begun = sa.update(Job).where(Job.state == JobState.RUNNING)
    connection.execute(begun.values(state=JobState.QUEUED, lease_token=None, lease_until=None))
    ended = sa.update(OperatorVisit).where(OperatorVisit.ended_at.is_(None))
    connection.execute(ended.values(ended_at=now))
    # The workers of then are not those of now.
    connection.execute(sa.delete(WorkerSign))
