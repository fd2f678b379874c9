"""Statements compiled once: the same values in and out as SQLAlchemy's own, and its own errors."""

import uuid
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from flask import Flask

from service.cohorts.models import Organisation
from service.db import UtcDateTime
from service.prepared import Prepared
from tests.support import parts

TABLE = Organisation.__table__
INSERT = Prepared(lambda _dialect: sa.insert(TABLE))
SELECT = Prepared(
    lambda _dialect: sa.select(TABLE.c.id, TABLE.c.name, TABLE.c.words, TABLE.c.created_at).where(
        TABLE.c.id == sa.bindparam("wanted")
    )
)
RENAME = Prepared(
    lambda _dialect: sa.update(TABLE).where(TABLE.c.id == sa.bindparam("wanted")).values(name=sa.bindparam("new"))
)


# As a long list is read: with a value of its own to compare with, and a column that is worked out.
LIST = Prepared(
    lambda _dialect: (
        sa.select(
            TABLE.c.id,
            TABLE.c.name,
            TABLE.c.created_at.label("made"),
            (sa.func.count(TABLE.c.name) * 0.5).label("half"),
        )
        .where(TABLE.c.name != "x", TABLE.c.id == sa.bindparam("wanted"))
        .group_by(TABLE.c.id)
    )
)


def a_row() -> dict[str, object]:
    return {
        "id": uuid.uuid4(),
        "name": "Vallinge % kommun 'å'",
        "words": {},
        "created_at": datetime(2026, 11, 24, 9, 0, 1, 5, tzinfo=UTC),
    }


def test_values_come_back_as_they_were_given(app: Flask) -> None:
    row = a_row()
    with parts(app).units.writing() as unit:
        assert INSERT.run(unit.connection, row) == 1
        assert SELECT.row(unit.connection, {"wanted": row["id"]}) == tuple(row.values())
        assert unit.session.get(Organisation, row["id"]).name == row["name"]
        assert RENAME.run(unit.connection, {"wanted": row["id"], "new": "x"}) == 1
        assert RENAME.run(unit.connection, {"wanted": uuid.uuid4(), "new": "x"}) == 0
        assert SELECT.row(unit.connection, {"wanted": uuid.uuid4()}) is None


def test_lines_are_converted_when_they_are_asked_for(app: Flask) -> None:
    row = a_row()
    with parts(app).units.writing() as unit:
        INSERT.run(unit.connection, row)
        lines = LIST.lines(unit.connection, {"wanted": row["id"]})
        (line,) = lines.found
        assert (lines.value(line, "id"), lines.value(line, "made")) == (row["id"], row["created_at"])
        assert lines.raw("name", "half")(line)[0] == row["name"]
        half = lines.value(line, "half")
        assert (half, type(half)) == (0.5, float)
        RENAME.run(unit.connection, {"wanted": row["id"], "new": "x"})
        assert LIST.lines(unit.connection, {"wanted": row["id"]}).found == []


def test_nothing_stays_nothing_whatever_it_would_have_become(app: Flask) -> None:
    query = sa.select(sa.cast(sa.null(), UtcDateTime()).label("when"), sa.cast(sa.null(), sa.Float()).label("much"))
    nothing = Prepared(lambda _dialect: query)
    with parts(app).units.reading() as unit:
        assert nothing.row(unit.connection, {}) == (None, None)
        lines = nothing.lines(unit.connection, {})
        assert [lines.value(lines.found[0], name) for name in ("when", "much")] == [None, None]


def test_it_is_part_of_the_unit(app: Flask) -> None:
    row, units = a_row(), parts(app).units
    unit = units.begin(writing=True)
    INSERT.run(unit.connection, row)
    unit.close()
    with units.reading() as unit:
        assert SELECT.row(unit.connection, {"wanted": row["id"]}) is None


def test_errors_are_sqlalchemys_and_carry_no_values(app: Flask) -> None:
    row, units = a_row(), parts(app).units
    with units.writing() as unit:
        INSERT.run(unit.connection, row)
    unit = units.begin(writing=True)
    with pytest.raises(sa.exc.IntegrityError) as refused:
        INSERT.run(unit.connection, row)
    unit.close()
    assert "kommun" not in str(refused.value)
