"""What must be true before a backup is put in: each failure is one sentence, and nothing has been touched by then."""

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from service import migrate
from service.backup.archive import Manifest
from service.backup.making import VERSIONS
from service.crypto import Keyring
from service.host import Host
from service.jobs.family import holding
from service.masters import tables_of
from service.settings import Settings

# From where to where rows can go: a copy of SQLite's file is read table by table into PostgreSQL.
WAYS = frozenset({("sqlite", "sqlite"), ("postgresql", "postgresql"), ("sqlite", "postgresql")})

_OTHERS = (
    "SELECT count(*) FROM pg_stat_activity "
    "WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
)


class RestoreRefused(Exception):
    """The backup is not put in. The message is one sentence; the database is as it was."""


def check_way(manifest: Manifest, database: str) -> None:
    """Raises RestoreRefused where a backup of this kind cannot become a database of that kind."""
    if (manifest.kind, database) not in WAYS:
        raise RestoreRefused(f"this is a backup of {manifest.kind}, and the settings name a database of {database}")


def check_revisions(manifest: Manifest, host: Host, connection: Connection) -> None:
    """Raises RestoreRefused for a schema that this program, with the plugins it has, does not know."""
    known = migrate.known_revisions(connection, host)
    if not manifest.revisions.get(VERSIONS):
        raise RestoreRefused("the backup does not say which schema it has")
    for table, revisions in manifest.revisions.items():
        if table not in known:
            plugin = table.removeprefix(f"{VERSIONS}_")
            raise RestoreRefused(
                f"the backup has tables of the plugin {plugin!r}, which is not installed: install it first"
            )
        unknown = sorted(set(revisions) - known[table])
        if unknown:
            raise RestoreRefused(f"the backup is of a newer program ({table} {unknown[0]!r}): install that one first")


def check_masters(manifest: Manifest, ring: Keyring) -> None:
    """Raises RestoreRefused when the backup holds keys that none of the settings' master keys opens."""
    missing = sorted(name for name in manifest.masters if name not in ring.names)
    if missing:
        number = sum(manifest.masters[name] for name in missing)
        raise RestoreRefused(
            f"{number} keys in the backup are wrapped by the master key {', '.join(missing)}, which is neither "
            "STEGVIS_MASTER_KEY nor among STEGVIS_PREVIOUS_MASTER_KEYS: without it nobody's texts open"
        )


def check_empty(connection: Connection, *, replace: bool) -> None:
    """Raises RestoreRefused for a database with rows in it, unless they are to be replaced."""
    if replace:
        return
    for table in sorted(tables_of(connection)):
        if table.startswith(VERSIONS):
            continue
        if connection.scalar(sa.select(sa.literal(1)).select_from(sa.table(table)).limit(1)):
            raise RestoreRefused(f"the database is not empty ({table} has rows): --replace throws away what is in it")


def check_unused(connection: Connection) -> None:
    """Raises RestoreRefused while others are connected to a PostgreSQL database. SQLite puts them in line by itself."""
    if connection.dialect.name == "postgresql":
        others = connection.scalar(sa.text(_OTHERS)) or 0
        if others:
            raise RestoreRefused(f"{others} others are connected to the database: stop web and workers first")


@contextmanager
def alone(settings: Settings) -> Iterator[None]:
    """Holds the data folder. Raises RestoreRefused while `stegvis run` has it."""
    with holding(settings.data_dir, RestoreRefused(f"`stegvis run` uses {settings.data_dir}: stop it first")):
        yield


def ring_of(settings: Settings) -> Keyring:
    """The settings' master keys."""
    return Keyring.from_settings(settings.master_key, settings.previous_master_keys)
