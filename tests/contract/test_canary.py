"""A word written into every form is found again by its writer alone: not in logs, not in the database's bytes, not in the trail."""

from collections.abc import Set as AbstractSet
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from plugins.handledning.declarations import CONFIDENTIAL
from service.access import Role
from service.db import Base
from service.settings import Settings
from tests.contract.conftest import seed
from tests.forms import write_everywhere
from tests.support import Course, OffsetClock, World, parts

# Texts that need a story a form filler does not know; their own tests look into the database.
HARD_TO_REACH = CONFIDENTIAL | {
    "ledarsteg_entry.reason", "ledarsteg_entry.note", "group_maturity_measurement.label", "group_maturity_measurement.codes",
    "group_maturity_measurement.box_key", "group_maturity_report.moments", "group_maturity_report.comments",
    "ledarsteg_comment.text",
    "ledarsteg_reminder.title",  # no page writes reminders yet
}  # fmt: skip
# On a working day everything can be written that is about work.
TUESDAY = datetime(2026, 11, 24, 7, 30, tzinfo=UTC)
CANARY = "Kanariefågel7Q2X"


def spellings(word: str = CANARY) -> list[bytes]:
    """The word as it might lie somewhere: in several encodings, escaped, in hexadecimal."""
    plain = word.encode()
    return [
        plain, word.encode("latin-1"), word.encode("utf-16-le"), word.encode("unicode_escape"), plain.hex().encode(),
        b"gel7Q2X",
    ]  # fmt: skip


def bytes_of(app: Flask, settings: Settings) -> bytes:
    """Everything the database keeps: SQLite's own files, or PostgreSQL's rows as text."""
    engine = parts(app).units.engine
    if engine.dialect.name == "sqlite":
        file = Path(engine.url.database or "")
        return b"".join(path.read_bytes() for path in sorted(file.parent.glob(file.name + "*")))
    with engine.connect() as connection:
        rows = [
            str(row[0])
            for table in sa.inspect(connection).get_table_names()
            for row in connection.exec_driver_sql(f'SELECT t::text FROM "{table}" t')
        ]
    return "\n".join(rows).encode()


def found_in(data: bytes) -> list[bytes]:
    return [spelling for spelling in spellings() if spelling in data]


@cache
def model_of(table: str) -> Any:
    """The class whose rows a table keeps."""
    return next(mapper.class_ for mapper in Base.registry.mappers if mapper.class_.__tablename__ == table)


def sealed_columns(app: Flask, plugin: str, *, but: AbstractSet[str] = frozenset()) -> dict[str, int]:
    """How many values each confidential text of a plugin has, without some whose number is not asked for."""
    counts = {}
    with parts(app).units.reading() as unit:
        for name in parts(app).host[plugin].manifest.confidential - but:
            table, attribute = name.split(".")
            model = model_of(table)
            column = getattr(model, vars(model)[attribute].column)
            counts[name] = unit.session.scalar(sa.select(sa.func.count(column))) or 0
    return counts


@pytest.fixture
def course(world: World) -> Course:
    return world.course()


@pytest.mark.parametrize("plugin", ["example", "ledarsteg", "handledning", "group_maturity"])
def test_what_is_written_is_nowhere_in_plain(
    app: Flask, world: World, settings: Settings, capsys: pytest.CaptureFixture[str], plugin: str, clock: OffsetClock
) -> None:
    clock.put(TUESDAY)
    course = world.course(plugins={plugin: {}})
    coach = world.enter(course, Role.COACH, "Maria Coach")
    manager = world.enter(course)
    statuses: dict[str, int] = {}
    written: set[str] = set()
    for browser in (manager, coach, manager, coach):
        for address, status in write_everywhere(browser, CANARY):
            statuses[address] = max(status, statuses.get(address, 0))
            written |= {name for name, count in sealed_columns(app, plugin, but=written).items() if count}
    assert {address: status for address, status in statuses.items() if status >= 500} == {}
    data = bytes_of(app, settings)
    said = capsys.readouterr()
    assert written >= parts(app).host[plugin].manifest.confidential - HARD_TO_REACH, statuses
    assert found_in(data) == []
    assert found_in((said.out + said.err).encode()) == []


def opened(app: Flask) -> dict[str, set[str]]:
    """Every confidential text of every plugin, opened: long enough to be told from chance."""
    found: dict[str, set[str]] = {}
    with parts(app).units.reading() as unit:
        for name in sorted(name for plugin in parts(app).host for name in plugin.manifest.confidential):
            table, attribute = name.split(".")
            model = model_of(table)
            found[name] = {
                text for row in unit.session.scalars(sa.select(model)) if len(text := getattr(row, attribute)) > 7
            }
    return found


def test_what_the_practice_cohort_wrote_is_nowhere_in_plain(
    app: Flask, world: World, settings: Settings, capsys: pytest.CaptureFixture[str], clock: OffsetClock
) -> None:
    seed(app, world, clock)
    data, said = bytes_of(app, settings), capsys.readouterr().err.encode()
    texts = opened(app)
    assert {name.split("_")[0] for name, values in texts.items() if values} == {name.split("_")[0] for name in texts}
    plain = {
        name: text
        for name, values in texts.items()
        for text in values
        if text.encode() in data or text.encode() in said
    }
    assert plain == {}


def test_the_search_finds_a_word_that_is_there(app: Flask, world: World, settings: Settings) -> None:
    """The test above would be worth nothing if it could not see."""
    world.course(CANARY)
    assert found_in(bytes_of(app, settings))


def test_a_failure_while_writing_says_nothing_of_it(
    app: Flask,
    course: Course,
    world: World,
    settings: Settings,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from tests.example import operations

    def fail(*_args: object) -> None:
        raise ValueError(f"cannot keep {CANARY}")

    monkeypatch.setattr(operations, "write", fail)
    answer = world.enter(course).post("/example/", {"body": CANARY})
    said = capsys.readouterr().err
    assert answer.status_code == 500
    assert CANARY not in answer.text
    assert '"event": "failed"' in said
    assert "builtins.ValueError" in said
    assert found_in(said.encode()) == []
    assert found_in(bytes_of(app, settings)) == []


@pytest.mark.parametrize("text", [CANARY + "\0", CANARY * 200, CANARY + "x" * 100_000])
def test_a_text_that_is_refused_is_given_back_and_kept_nowhere(
    app: Flask, course: Course, world: World, settings: Settings, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    answer = world.enter(course).post("/example/", {"body": text})
    assert answer.status_code == 422
    assert CANARY in answer.text
    assert found_in(bytes_of(app, settings)) == []
    assert found_in(capsys.readouterr().err.encode()) == []
