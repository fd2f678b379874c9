"""Statements that are compiled once, for the launch path, where every launch runs the same few, and for long lists.

SQLAlchemy looks a statement up, binds and describes its result anew at each call, which costs more than a small
statement itself. Here the SQL text and the types' own conversions are kept, and the driver runs the text in the unit's
transaction. Errors are SQLAlchemy's own; its statement events are not raised.
"""

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from operator import itemgetter
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from service.db import UtcDateTime

Convert = Callable[[Any], Any] | None


@dataclass(frozen=True)
class _Ready:
    """A statement for one kind of database: its text, its parameters in order with what converts each, its columns."""

    text: str
    positional: bool
    binds: Sequence[tuple[str, Convert]]
    columns: Sequence[Convert]
    names: Sequence[str]
    fixed: Mapping[str, Any]

    def parameters(self, values: Mapping[str, Any]) -> Any:
        """Returns the values as the driver takes them; what the statement itself compares with is there already."""
        given, fixed = values, self.fixed
        bound = [
            (name, fixed[name] if name in fixed else convert(given[name]) if convert else given[name])
            for name, convert in self.binds
        ]
        return tuple(value for _name, value in bound) if self.positional else dict(bound)


class Lines:
    """The rows of a query as the driver gave them, and how each column becomes a Python value when it is asked for."""

    def __init__(self, found: Sequence[Any], names: Sequence[str], columns: Sequence[Convert]) -> None:
        """`found` holds one value per name in each row."""
        self.found = found
        self._places = {
            name: (place, convert) for place, (name, convert) in enumerate(zip(names, columns, strict=True))
        }

    def raw(self, *names: str) -> Callable[[Any], tuple[Any, ...]]:
        """Returns what takes these columns, two or more, out of a row as the driver gave them."""
        return itemgetter(*(self._places[name][0] for name in names))

    def rows(self) -> list[list[Any]]:
        """Returns all rows as Python values."""
        converts = [(place, convert) for place, convert in self._places.values() if convert is not None]
        rows = [list(line) for line in self.found]
        for row in rows:
            for place, convert in converts:
                if row[place] is not None:
                    row[place] = convert(row[place])
        return rows

    def column(self, name: str) -> list[Any]:
        """Returns one column of all rows as Python values."""
        place, convert = self._places[name]
        if convert is None:
            return [line[place] for line in self.found]
        return [None if line[place] is None else convert(line[place]) for line in self.found]

    def convert(self, name: str, value: Any) -> Any:
        """Returns a column's value, as the driver gave it, as a Python value."""
        convert = self._places[name][1]
        return value if convert is None or value is None else convert(value)

    def value(self, line: Any, name: str) -> Any:
        """Returns one column of one of the rows as a Python value."""
        place, convert = self._places[name]
        value = line[place]
        return value if convert is None or value is None else convert(value)


class Prepared:
    """A statement with named parameters, which are all given at each run."""

    def __init__(self, statement: Callable[[str], sa.Executable]) -> None:
        """`statement` makes it for a dialect's name. It may compare with values of its own, but with no list of them."""
        self._statement = statement
        self._ready: dict[str, _Ready] = {}

    def run(self, connection: Connection, values: Mapping[str, Any]) -> int:
        """Runs the statement and returns how many rows it touched. Raises what SQLAlchemy would raise."""
        return int(self._execute(connection, values).rowcount)

    def row(self, connection: Connection, values: Mapping[str, Any]) -> tuple[Any, ...] | None:
        """Runs a query and returns its first row as Python values, None when there is none."""
        found = self._execute(connection, values).fetchone()
        if found is None:
            return None
        columns = self._for(connection.dialect).columns
        return tuple(
            value if convert is None or value is None else convert(value)
            for value, convert in zip(found, columns, strict=True)
        )

    def lines(self, connection: Connection, values: Mapping[str, Any]) -> Lines:
        """Runs a query and returns its rows, none of their values converted yet. Its statement event is raised."""
        ready = self._for(connection.dialect)
        result: Any = connection.exec_driver_sql(ready.text, ready.parameters(values))
        # The driver's own rows: to wrap each of a thousand costs more than to read them.
        found = result.cursor.fetchall()
        result.close()
        return Lines(found, ready.names, ready.columns)

    def _execute(self, connection: Connection, values: Mapping[str, Any]) -> Any:
        ready = self._for(connection.dialect)
        parameters = ready.parameters(values)
        cursor = connection.connection.cursor()
        driver: Any = connection.dialect.loaded_dbapi
        try:
            cursor.execute(ready.text, parameters)
        except driver.Error as error:
            raise sa.exc.DBAPIError.instance(
                ready.text, None, error, driver.Error, hide_parameters=True, dialect=connection.dialect
            ) from error
        return cursor

    def _for(self, dialect: sa.Dialect) -> _Ready:
        ready = self._ready.get(dialect.name)
        if ready is None:
            ready = self._ready[dialect.name] = _prepare(self._statement(dialect.name), dialect)
        return ready


def _prepare(statement: sa.Executable, dialect: sa.Dialect) -> _Ready:
    compiled: Any = statement.compile(dialect=dialect)  # type: ignore[attr-defined]  # every executable compiles
    kinds = {name: bind.type.dialect_impl(dialect).bind_processor(dialect) for name, bind in compiled.binds.items()}
    names = compiled.positiontup if compiled.positional else list(compiled.binds)
    given = {name: bind.value for name, bind in compiled.binds.items() if not bind.required}
    fixed = {name: convert(value) if (convert := kinds[name]) else value for name, value in given.items()}
    selected = getattr(statement, "selected_columns", ()) if isinstance(statement, sa.Select) else ()
    columns = [_reading(column.type, dialect) for column in selected]
    return _Ready(
        str(compiled), compiled.positional, [(name, kinds[name]) for name in names], columns,
        [column.key for column in selected], fixed,
    )  # fmt: skip


def _from_sqlite(moment: str) -> datetime:
    """What `UtcDateTime` reads, in one step instead of three."""
    return datetime.fromisoformat(f"{moment}+00:00")


# The same people's ids come back from every statement about a cohort: read once, they cost a tenth.
_id_from_sqlite = lru_cache(maxsize=8192)(uuid.UUID)


def _reading(kind: Any, dialect: sa.Dialect) -> Convert:
    """Returns how a column of a type becomes a Python value."""
    if isinstance(kind, sa.Float):
        return float  # the type's own way differs by what the driver says of the column, which is known only afterwards
    if isinstance(kind, UtcDateTime) and dialect.name == "sqlite":
        return _from_sqlite
    if isinstance(kind, sa.Uuid) and dialect.name == "sqlite":
        return _id_from_sqlite
    convert: Convert = kind.dialect_impl(dialect).result_processor(dialect, None)
    return convert
