"""Statements that are compiled once, for the launch path: every launch runs the same few.

SQLAlchemy looks a statement up, binds and describes its result anew at each call, which costs more than a small
statement itself. Here the SQL text and the types' own conversions are kept, and the driver runs the text in the unit's
transaction. Errors are SQLAlchemy's own; its statement events are not raised.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

Convert = Callable[[Any], Any] | None


@dataclass(frozen=True)
class _Ready:
    """A statement for one kind of database: its text, its parameters in order with what converts each, its columns."""

    text: str
    positional: bool
    binds: Sequence[tuple[str, Convert]]
    columns: Sequence[Convert]

    def parameters(self, values: Mapping[str, Any]) -> Any:
        """Returns the values as the driver takes them."""
        bound = [(name, convert(values[name]) if convert else values[name]) for name, convert in self.binds]
        return tuple(value for _name, value in bound) if self.positional else dict(bound)


class Prepared:
    """A statement with named parameters, which are all given at each run."""

    def __init__(self, statement: Callable[[str], sa.Executable]) -> None:
        """`statement` makes it for a dialect's name."""
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
        return tuple(convert(value) if convert else value for value, convert in zip(found, columns, strict=True))

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
    selected = getattr(statement, "selected_columns", ()) if isinstance(statement, sa.Select) else ()
    columns = [column.type.dialect_impl(dialect).result_processor(dialect, None) for column in selected]
    return _Ready(str(compiled), compiled.positional, [(name, kinds[name]) for name in names], columns)
