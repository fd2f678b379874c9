"""Letting the database write a CSV: one SELECT, in which every cell is already as it stands in the file.

What comes out is byte for byte what `csvfile.CsvWriter` makes of the same rows. In SQL: the guard against formulas, the
quotes, the decimal comma. Control characters are taken out of whole chunks on their way to the disk; the guard looks
through them. On PostgreSQL the rows come by COPY, on SQLite each is one text. A first letter or digit is the quick way
past the guard, and whatever begins otherwise is looked at whole.
"""

import select
import sqlite3
from collections.abc import Iterator, Sequence
from typing import Any

import psycopg
import sqlalchemy as sa
from psycopg import ClientCursor
from psycopg.pq import ExecStatus
from psycopg.pq.abc import PGconn

from service.exports.cells import CONTROLS, ENDS, LEADS, SIGNS, like_formula
from service.exports.csvfile import END, HUGE, decimal

Cell = sa.ColumnElement[Any]
# Rows at once.
MANY = 5000
CARRIAGE_RETURN, LINE_FEED = END.encode()
SMALL, ROUND = 0.001, 1e9
_ODD = (("NaN", "nan"), ("Infinity", "inf"), ("-Infinity", "-inf"))
# U+00C0 to U+167F: letters, and nothing that hides a sign.
_FIRST_RANGES = ((97, 122), (65, 90), (48, 57), (0xC0, 0x167F))
_FIRST_GLOB = "[a-zA-Z0-9\u00c0-\u167f]*"
# No text in PostgreSQL holds NUL or half a character, and its patterns take neither.
_HELD = CONTROLS.replace("\x00", "\x01").replace("\ud800-\udfff", "")
_PATTERN = f"^[{LEADS}{_HELD}]*[{SIGNS}]|^[{_HELD}]*[{ENDS}]"


class NotByDatabase(Exception):
    """A column of another type than text, integer, float or date: its rows are written one by one."""


def kind_of(column: sa.ColumnElement[Any]) -> str:
    """Returns what a column holds: text, integer, float or date. Raises NotByDatabase for anything else."""
    kinds = {sa.String: "text", sa.Integer: "integer", sa.Float: "float", sa.Date: "date"}
    for type_, name in kinds.items():
        if isinstance(column.type, type_):
            return name
    raise NotByDatabase(str(column.type))


def chunks(connection: sa.Connection, query: sa.Select[Any], *, comma: bool) -> Iterator[tuple[bytes, int]]:
    """Returns what to write and how many rows it is, `MANY` at a time. Control characters are still in it.

    Raises NotByDatabase before the first, when a column is of a type that is not written here.
    """
    columns = list(query.selected_columns)
    if query._distinct or not columns:  # noqa: SLF001 - said nowhere else
        raise NotByDatabase("distinct")
    kinds = [kind_of(column) for column in columns]
    write = _postgresql if connection.dialect.name == "postgresql" else _sqlite
    cells = [write(column, kind, comma=comma) for column, kind in zip(columns, kinds, strict=True)]
    separator = ";" if comma else ","
    if connection.dialect.name == "postgresql":
        named = [cell.label(f"c{number}") for number, cell in enumerate(cells)]
        texts = [f"c{number}" for number, kind in enumerate(kinds) if kind == "text"]
        return _copied(connection, query.with_only_columns(*named), texts, separator)
    row = cells[0]
    for cell in cells[1:]:
        row = row.concat(separator).concat(cell)
    return _texts(connection, query.with_only_columns(row))


def _sqlite(column: Cell, kind: str, *, comma: bool) -> Cell:
    if kind == "text":
        inside = sa.func.replace(column, '"', '""')
        begin = sa.case((sa.func.stegvis_like_formula(column), "\"'"), else_='"')
        plain = sa.case((sa.func.instr(column, '"') > 0, inside), else_=column)
        return sa.case(
            (column.op("GLOB")(_FIRST_GLOB), sa.literal('"').concat(plain).concat('"')),
            (column.is_(None), ""),
            else_=begin.concat(inside).concat('"'),
        )
    text: Cell = sa.cast(column, sa.Text)
    if kind == "float":
        # SQLite writes fifteen digits: in this range, where they mean the same number, they are the shortest that do.
        whole = sa.cast(column, sa.Integer)
        size = sa.func.abs(column)
        is_whole = sa.and_(column == whole, size <= ROUND)
        is_exact = sa.and_(size.between(SMALL, ROUND), sa.cast(text, sa.Float) == column)
        text = sa.case(
            (is_whole, sa.cast(whole, sa.Text)), (is_exact, text), else_=sa.func.stegvis_decimal(column)
        )  # fmt: skip
        text = sa.func.replace(text, ".", ",") if comma else text
    return sa.func.coalesce(text, "")


def _postgresql(column: Cell, kind: str, *, comma: bool) -> Cell:
    if kind == "text":
        column = sa.cast(column, sa.Text)
        first = sa.func.ascii(column)
        plain = [first.between(low, high) for low, high in _FIRST_RANGES]
        armed = sa.case((column.op("~")(_PATTERN), sa.literal("'").concat(column)), else_=column)
        # Nothing is told at once: it would go through all of them.
        return sa.case((sa.or_(column.is_(None), *plain), column), else_=armed)
    if kind == "float":
        text = sa.cast(column + sa.literal_column("0::float8"), sa.Text)
        written = sa.func.replace(text, ".", ",") if comma else text
        huge = sa.func.btrim(sa.func.to_char(column, "9.99999999999999EEEE"))
        huge = sa.func.replace(huge, ".", ",") if comma else huge
        odd = [(column == sa.literal_column(f"'{name}'::float8"), as_) for name, as_ in _ODD]
        # The common case first: NaN is larger than every number here. Nothing stays nothing in the last.
        return sa.case((sa.func.abs(column) < HUGE, written), *odd, else_=huge)
    return column


def _texts(connection: sa.Connection, query: sa.Select[Any]) -> Iterator[tuple[bytes, int]]:
    """SQLite: each row is one text."""
    driver: Any = connection.connection.driver_connection
    driver.create_function("stegvis_like_formula", 1, _like_formula, deterministic=True)
    driver.create_function("stegvis_decimal", 1, _decimal, deterministic=True)
    statement, values = _compiled(connection, query)
    cursor: sqlite3.Cursor = driver.cursor()
    end = END.encode()
    try:
        cursor.execute(statement, values)
        while rows := _as_they_lie(driver, cursor):
            yield end.join([row[0] for row in rows]) + end, len(rows)
    finally:
        cursor.close()


def _as_they_lie(driver: Any, cursor: sqlite3.Cursor) -> list[tuple[bytes]]:
    """Fetches rows of one text each in UTF-8, as the file wants them: read as characters they would be written back at once.

    The connection reads texts so for this call alone.
    """
    driver.text_factory = bytes
    try:
        return cursor.fetchmany(MANY)
    finally:
        driver.text_factory = str


def _like_formula(text: str | None) -> bool | None:
    return None if text is None else like_formula(text)


def _decimal(number: float | None) -> str | None:
    return None if number is None else decimal(number)


def _copied(
    connection: sa.Connection, query: sa.Select[Any], texts: Sequence[str], separator: str
) -> Iterator[tuple[bytes, int]]:
    """PostgreSQL: COPY quotes the texts, and ends its rows with a line feed, each in a message of its own."""
    statement, values = _compiled(connection, query)
    quotes = f", FORCE_QUOTE ({', '.join(texts)})" if texts else ""
    # Shortest floats, and as long as it takes; for this transaction alone.
    connection.exec_driver_sql("SET LOCAL extra_float_digits = 1")
    connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
    driver: Any = connection.connection.driver_connection
    command = f"COPY ({statement}) TO STDOUT (FORMAT csv, DELIMITER '{separator}', ENCODING 'UTF8'{quotes})"
    rows, number = bytearray(), 0
    for row in _messages(connection, ClientCursor(driver).mogrify(command, values)):
        # Copied out at once: many messages kept waiting for each other cost more than all the rest.
        rows += row
        rows[-1] = CARRIAGE_RETURN
        rows.append(LINE_FEED)
        number += 1
        if number == MANY:
            yield bytes(rows), number
            rows, number = bytearray(), 0
    if number:
        yield bytes(rows), number


def _messages(connection: sa.Connection, command: str) -> Iterator[memoryview]:
    """Yields what a COPY sends, a row in each message. `Cursor.copy` of psycopg takes twice as long.

    Left before the end, the connection is thrown away: what was on its way would be taken for the next answer.
    """
    driver: Any = connection.connection.driver_connection
    link: PGconn = driver.pgconn
    finished = False
    try:
        began = link.exec_(command.encode())
        if began.status != ExecStatus.COPY_OUT:
            raise psycopg.OperationalError(began.get_error_message())
        while True:
            size, message = link.get_copy_data(1)
            if size > 0:
                yield memoryview(message)
            elif size == 0:
                select.select([link.socket], [], [])
                link.consume_input()
            else:
                break
        ended = link.get_result()
        while link.get_result() is not None:
            pass
        finished = True
        if ended is None or ended.status != ExecStatus.COMMAND_OK:
            raise psycopg.OperationalError("" if ended is None else ended.get_error_message())
    finally:
        if not finished:
            connection.invalidate()


def _compiled(connection: sa.Connection, query: sa.Select[Any]) -> tuple[str, Any]:
    """Returns a statement and its values as the driver takes them."""
    compiled = query.compile(dialect=connection.dialect, compile_kwargs={"render_postcompile": True})
    values = compiled.construct_params()
    for name, process in compiled._bind_processors.items():  # noqa: SLF001 - as SQLAlchemy's own execution does
        if name in values:
            values[name] = process(values[name])  # type: ignore[operator]  # no tuples among them
    if compiled.positional:
        return str(compiled), tuple(values[name] for name in compiled.positiontup or ())
    return str(compiled), values
