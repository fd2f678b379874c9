"""The database layer for SQLite and PostgreSQL: base, column types, engine.

Primary keys are random UUIDs made by the application, so that a row can be sealed before it is inserted and ids reveal
no order. Times are aware datetimes in UTC.
"""

import enum
import sqlite3
import uuid
from datetime import UTC, datetime
from typing import Annotated, Any, ClassVar

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.orm import DeclarativeBase, mapped_column
from sqlalchemy.types import TypeDecorator

from service.settings import Settings

WRITING = "stegvis_writing"


class UtcDateTime(TypeDecorator[datetime]):
    """An aware datetime. PostgreSQL keeps timestamptz; SQLite, which has no zones, keeps UTC."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """Writes UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone cannot be stored")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:  # noqa: ARG002 - SQLAlchemy's signature
        """Reads UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def enum_text(kind: type[enum.StrEnum]) -> sa.Enum:
    """A text column with the values of an enum, so that a database browser shows words and adding one needs no DDL."""
    return sa.Enum(kind, native_enum=False, length=32, values_callable=lambda members: [m.value for m in members])


pk = Annotated[uuid.UUID, mapped_column(primary_key=True, default=uuid.uuid4)]


class Base(DeclarativeBase):
    """The declarative base of core and plugins. Constraints have predictable names, which migrations rely on.

    A new object gets its id at once, and confidential values are set last: sealing needs the row's id and owner.
    """

    metadata = sa.MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar = {
        datetime: UtcDateTime(),
        dict[str, Any]: sa.JSON(),
        list[Any]: sa.JSON(),
        str: sa.Text(),
    }

    def __init__(self, **values: Any) -> None:
        mapper = sa.inspect(type(self))
        if "id" in mapper.columns:
            values.setdefault("id", uuid.uuid4())
        for name in sorted(values, key=lambda name: name not in mapper.attrs):
            if not hasattr(type(self), name):
                raise TypeError(f"{type(self).__name__} has no {name}")
            setattr(self, name, values[name])


def make_engine(settings: Settings) -> Engine:
    """Returns the engine for the settings' database, with its guards.

    SQLite: WAL, foreign keys, full synchronisation, deleted rows zeroed in their pages (anonymous answers are destroyed
    that way), and `BEGIN IMMEDIATE` for writing units (a deferred transaction that turns to writing fails at once when
    another writer is ahead, however long it may wait). PostgreSQL: UTC and timeouts. Parameters stay out of error
    messages, and so out of logs.
    """
    url = sa.make_url(settings.database)
    if url.get_backend_name() == "sqlite":
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        engine = sa.create_engine(
            url, hide_parameters=True, connect_args={"timeout": 5.0}, pool_size=20, max_overflow=20
        )
        sa.event.listen(engine, "connect", _sqlite_connect)
        sa.event.listen(engine, "begin", _sqlite_begin)
        return engine
    guards = (
        "timezone=UTC",
        "statement_timeout=15000",
        "lock_timeout=2000",
        "idle_in_transaction_session_timeout=30000",
    )
    options = " ".join(f"-c {guard}" for guard in guards)
    return sa.create_engine(
        url, hide_parameters=True, pool_pre_ping=True, pool_size=10, max_overflow=20, pool_timeout=5,
        connect_args={"options": options, "connect_timeout": 3},
    )  # fmt: skip


def _sqlite_connect(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # we begin transactions ourselves
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _sqlite_begin(connection: Connection) -> None:
    writing = connection.get_execution_options().get(WRITING, False)
    # Before every unit's first statement, so the driver is asked directly; what it refuses is SQLAlchemy's error still.
    driver: Any = connection.connection.driver_connection
    try:
        driver.execute("BEGIN IMMEDIATE" if writing else "BEGIN")
    except sqlite3.Error as error:
        raise sa.exc.DBAPIError.instance(
            "BEGIN", None, error, sqlite3.Error, hide_parameters=True, dialect=connection.dialect
        ) from error
