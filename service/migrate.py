"""Migrations: bringing a database to the present schema, once, whoever else is starting at the same time.

The core and the bundled plugins share one linear history. A foreign plugin has its own folder and its own version table
(`alembic_version_<key>`), so that removing it strands nothing.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib import resources
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy.engine import Connection, Engine

from service.cohorts import models as _cohorts  # noqa: F401 - every table of the core must be in the metadata
from service.cohorts import programme_models as _programme  # noqa: F401 - as above
from service.db import WRITING, Base, make_engine
from service.errors import StartRefused
from service.exports import models as _exports  # noqa: F401 - as above
from service.guests import models as _guests  # noqa: F401 - as above
from service.host import Host, Plugin, discover
from service.jobs import hold as _hold  # noqa: F401 - as above
from service.jobs import models as _jobs  # noqa: F401 - as above
from service.lti import item_models as _items  # noqa: F401 - as above
from service.lti import models as _lti  # noqa: F401 - as above
from service.lti import note_models as _notes  # noqa: F401 - as above
from service.lti import service_models as _services  # noqa: F401 - as above
from service.mail import models as _mail  # noqa: F401 - as above
from service.operator import models as _operator  # noqa: F401 - as above
from service.retention import models as _retention  # noqa: F401 - as above
from service.settings import Settings

# Any number will do as long as nobody else in the database uses it: "stegvis" read as base 36, shortened to 63 bits.
LOCK = 62_275_184_836
WAIT_SECONDS = 60


def upgrade(settings: Settings, *, plugins: Mapping[str, Any] | None = None, to: str = "heads") -> None:
    """Brings the database up: the common history, then each foreign plugin's. A second process waits and finds it done.

    Raises StartRefused when the database is newer than this program.
    """

    def run(connection: Connection, host: Host) -> None:
        command.upgrade(configuration(connection, host), to)
        for plugin in _foreign(host):
            command.upgrade(configuration(connection, host, plugin), "heads")

    _locked(settings, plugins, run)


def downgrade(settings: Settings, to: str, *, plugins: Mapping[str, Any] | None = None) -> None:
    """Takes the common history back, for tests and for an operator who was told to."""
    _locked(settings, plugins, lambda connection, host: command.downgrade(configuration(connection, host), to))


def check(settings: Settings, *, plugins: Mapping[str, Any] | None = None) -> list[str]:
    """Returns what differs between the database and this program, one line each; empty when they agree."""
    host = Host(discover() if plugins is None else plugins)
    with _connection(settings) as connection:
        return _behind(connection, host) or drift(connection)


def drift(connection: Connection) -> list[str]:
    """Returns what the models have and the database has not, or the other way about, one line each.

    Tables of plugins that are no longer installed are nobody's concern: they wait for their plugin.
    """
    options = {"compare_type": True, "include_name": _known, "target_metadata": Base.metadata}
    context = MigrationContext.configure(connection, opts=options)
    return [str(difference) for difference in compare_metadata(context, Base.metadata)]


def _known(name: str | None, kind: str, _parents: object) -> bool:
    return kind != "table" or name in Base.metadata.tables


def _behind(connection: Connection, host: Host) -> list[str]:
    problems = []
    for plugin in (None, *_foreign(host)):
        config = configuration(connection, host, plugin)
        script = ScriptDirectory.from_config(config)
        options = {"version_table": config.attributes["version_table"]}
        have = set(MigrationContext.configure(connection, opts=options).get_current_heads())
        want = set(script.get_heads())
        whose = "the database" if plugin is None else f"plugin {plugin.key!r}"
        if have - {revision.revision for revision in script.walk_revisions()}:
            problems.append(f"{whose} is at {sorted(have)}, newer than this program: install the newer one")
        elif have != want:
            now = sorted(have) or "nothing"
            problems.append(f"{whose} is at {now}, this program needs {sorted(want)}: run stegvis db upgrade")
    return problems


def known_revisions(connection: Connection, host: Host) -> dict[str, set[str]]:
    """Returns the revisions that this program knows, by version table."""
    found = {}
    for plugin in (None, *_foreign(host)):
        config = configuration(connection, host, plugin)
        script = ScriptDirectory.from_config(config)
        found[config.attributes["version_table"]] = {revision.revision for revision in script.walk_revisions()}
    return found


def play(connection: Connection, host: Host, to: Mapping[str, str]) -> None:
    """Brings the histories up on an open connection, each to the revision named for its version table."""
    for plugin in (None, *_foreign(host)):
        config = configuration(connection, host, plugin)
        if config.attributes["version_table"] in to:
            command.upgrade(config, to[config.attributes["version_table"]])


def lock(connection: Connection) -> None:
    """Takes the lock of migrations on PostgreSQL, for the connection's transaction."""
    _lock_postgresql(connection)


def _foreign(host: Host) -> list[Plugin]:
    return [plugin for plugin in host if plugin.manifest.migrations is not None]


def configuration(connection: Connection, host: Host, plugin: Plugin | None = None) -> Config:
    """Returns Alembic's configuration for the common history, or for one foreign plugin's."""
    config = Config()
    home = Path(str(resources.files("migrations")))
    config.set_main_option("script_location", str(home))
    foreign_prefixes = tuple(f"{p.key}_" for p in _foreign(host))
    config.attributes.update(
        connection=connection, metadata=Base.metadata, prefixes=foreign_prefixes, version_table="alembic_version"
    )
    if plugin is not None:
        config.set_main_option("version_locations", str(plugin.manifest.migrations))
        config.set_main_option("path_separator", "os")
        config.attributes.update(
            prefixes=(f"{plugin.key}_",), foreign=True, version_table=f"alembic_version_{plugin.key}"
        )
    return config


def _locked(settings: Settings, plugins: Mapping[str, Any] | None, work: Callable[[Connection, Host], None]) -> None:
    host = Host(discover() if plugins is None else plugins)
    # One transaction from the lock to the last statement: killed in the middle, it leaves the database as it was.
    with _connection(settings, writing=True) as connection, connection.begin():
        if connection.dialect.name == "postgresql":
            _lock_postgresql(connection)
        try:
            work(connection, host)
        except CommandError as error:
            raise StartRefused(f"the database is not one this program knows: {error}") from error


def _lock_postgresql(connection: Connection) -> None:
    """Takes the lock for this transaction. Statements of a migration give up early rather than hold up the service."""
    deadline = time.monotonic() + WAIT_SECONDS
    while not connection.scalar(sa.select(sa.func.pg_try_advisory_xact_lock(LOCK))):
        if time.monotonic() > deadline:
            raise StartRefused(f"another process has been migrating for {WAIT_SECONDS} seconds: wait, then start again")
        time.sleep(0.2)
    connection.exec_driver_sql("SET LOCAL lock_timeout = '4s'")
    connection.exec_driver_sql("SET LOCAL statement_timeout = '60s'")


@contextmanager
def _connection(settings: Settings, *, writing: bool = False) -> Iterator[Connection]:
    engine: Engine = make_engine(settings)
    if engine.dialect.name == "sqlite":
        sa.event.listen(engine, "connect", _patient)
    try:
        # On SQLite BEGIN IMMEDIATE is the lock: the second process waits here until the first has committed.
        with engine.connect().execution_options(**{WRITING: writing}) as connection:
            yield connection
    finally:
        engine.dispose()


def _patient(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {WAIT_SECONDS * 1000}")
    # Batch migrations rebuild tables; foreign keys are checked again at commit by SQLite's own rule.
    cursor.execute("PRAGMA foreign_keys = OFF")
    cursor.close()
