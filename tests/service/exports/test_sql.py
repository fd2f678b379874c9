"""A CSV that the database writes is, byte for byte, the one that is written here row by row."""

import csv
import io
import math
from datetime import date

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from service.exports import sql
from service.exports.cells import scrub
from service.exports.csvfile import CsvWriter
from tests.support import parts

NASTY = st.text(
    st.sampled_from("=+-@＝＋－＠\t\r\n \"';,aÅ1’\u200b\ufeff\u00a0\x01\x1b\x7f\x85\x9f\uffff\ufffe\u180eģ–🙂"),
    max_size=6,
)
TEXTS = st.one_of(
    NASTY, st.text(st.characters(exclude_characters="\x00", exclude_categories=("Cs",)), max_size=12), st.none()
)
FLOATS = st.one_of(
    st.floats(allow_nan=False), st.sampled_from([0.1 + 0.2, -0.0, 1e15, 123456789012345680.0, 1e16, 1e-5, 0.0001, 3.0, 1e9]),
    st.integers(-(10**6), 10**6).map(lambda number: number / 8), st.none(),
)  # fmt: skip
ROWS = st.tuples(TEXTS, st.integers(-(2**53), 2**53) | st.none(), FLOATS, st.dates(date(1, 1, 1)) | st.none(), TEXTS)


def select_of(row) -> sa.Select:
    kinds = (sa.Text(), sa.BigInteger(), sa.Double(), sa.Date(), sa.String())
    return sa.select(*(sa.cast(sa.literal(value, kind), kind) if kind_is_cast(kind) else sa.literal(value, kind)
                       for value, kind in zip(row, kinds, strict=True)))  # fmt: skip


def kind_is_cast(kind) -> bool:
    """PostgreSQL has to be told what a bare value is; SQLite keeps a date as text and would cast it to a number."""
    return not isinstance(kind, sa.Date)


def by_hand(path, row, *, comma: bool) -> bytes:
    with CsvWriter(path, "sv" if comma else "en", []) as writer:
        before = writer.file.tell()
        writer.rows([row])
    return path.read_bytes()[before:]


@pytest.mark.parametrize("comma", [True, False])
# The machine may be busy; each example reads, and changes nothing.
@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(row=("=cmd()", 1, 1.5, date(2026, 11, 27), '"=1'))
@example(row=("\x01=1", None, math.inf, None, "\x1b\x9f\t"))
@example(row=("", 0, -math.inf, date(9999, 12, 31), ""))
@given(row=ROWS)
def test_the_database_writes_what_we_write(app, tmp_path_factory, comma, row):
    path = tmp_path_factory.getbasetemp() / "row.csv"
    with parts(app).units.reading() as unit:
        found = list(sql.chunks(unit.connection, select_of(row), comma=comma))
    assert [rows for _text, rows in found] == [1]
    assert scrub(found[0][0]) == by_hand(path, row, comma=comma)


@settings(deadline=None, max_examples=200)
@given(number=st.floats(-1e15, 1e15, exclude_min=True, exclude_max=True))
def test_a_number_is_read_back_as_it_was(number):
    from service.exports.csvfile import decimal

    assert float(decimal(number)) == number


def test_a_column_of_another_kind_is_left_to_the_rows(app):
    with parts(app).units.reading() as unit, pytest.raises(sql.NotByDatabase):
        sql.chunks(unit.connection, sa.select(sa.literal(True)), comma=False)
    with parts(app).units.reading() as unit, pytest.raises(sql.NotByDatabase):
        sql.chunks(unit.connection, sa.select(sa.literal("a")).distinct(), comma=False)


def test_many_rows_come_in_order_and_in_pieces(app, monkeypatch):
    monkeypatch.setattr(sql, "MANY", 3)
    numbers = sa.select(sa.literal(0).label("n")).cte("numbers", recursive=True)
    numbers = numbers.union_all(sa.select(numbers.c.n + 1).where(numbers.c.n < 9))
    query = sa.select(numbers.c.n, sa.cast(numbers.c.n, sa.Text)).order_by(numbers.c.n.desc())
    with parts(app).units.reading() as unit:
        found = list(sql.chunks(unit.connection, query, comma=True))
    assert [rows for _text, rows in found] == [3, 3, 3, 1]
    lines = list(csv.reader(io.StringIO(b"".join(text for text, _rows in found).decode()), delimiter=";"))
    assert lines == [[str(number), str(number)] for number in range(9, -1, -1)]


def test_a_reader_that_leaves_early_harms_nobody(app):
    query = sa.select(sa.literal("a")).union_all(sa.select(sa.literal("b"))).subquery()
    many = sa.select(query.c[0])
    with parts(app).units.reading() as unit:
        chunks = sql.chunks(unit.connection, many, comma=True)
        next(chunks)
        chunks.close()
    with parts(app).units.reading() as unit:
        assert unit.session.scalar(sa.select(sa.literal(1))) == 1
