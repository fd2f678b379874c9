"""Units of work: one transaction at an edge, and nothing before or after it."""

import threading

import pytest
import sqlalchemy as sa
from flask import Flask

from service import unit as units_module
from service.cohorts.models import Organisation
from service.unit import Turn, Units
from tests.support import OffsetClock, parts


@pytest.fixture
def units(app: Flask) -> Units:
    return parts(app).units


def names(units: Units) -> list[str]:
    with units.reading() as unit:
        return sorted(unit.session.scalars(sa.select(Organisation.name)))


def add(name: str) -> None:
    units_module.session().add(Organisation(name=name, created_at=units_module.now()))


def test_a_writing_unit_commits_at_its_end(units: Units) -> None:
    with units.writing():
        add("kept")
    assert names(units) == ["kept"]


def test_an_exception_leaves_nothing_behind(units: Units) -> None:
    unit = units.begin(writing=True)
    add("lost")
    unit.session.flush()
    unit.close()
    assert names(units) == []
    with pytest.raises(ZeroDivisionError):
        fail_in_the_middle(units)
    assert names(units) == []


def fail_in_the_middle(units: Units) -> None:
    with units.writing():
        add("lost")
        units_module.session().flush()
        raise ZeroDivisionError


def test_what_waits_for_the_commit_is_done_after_it_once_and_only_then(units: Units) -> None:
    seen: list[list[str]] = []
    with units.writing() as unit:
        add("one")
        unit.after_commit.append(lambda: seen.append(names(units)))
        unit.session.flush()
        assert seen == []
    assert seen == [["one"]]
    with units.writing():
        add("two")
    assert len(seen) == 1


def test_what_waits_for_a_commit_that_never_comes_is_never_done(units: Units) -> None:
    seen: list[int] = []
    unit = units.begin(writing=True)
    unit.after_commit.append(lambda: seen.append(1))
    unit.close()
    assert seen == []


@pytest.mark.parametrize("how", ["new", "dirty", "deleted"])
def test_a_reading_unit_writes_nothing(units: Units, how: str) -> None:
    with units.writing():
        add("there")
    with units.reading() as unit:
        there = unit.session.scalars(sa.select(Organisation)).one()
        if how == "new":
            add("more")
        elif how == "dirty":
            there.name = "changed"
        else:
            unit.session.delete(there)
        with pytest.raises(RuntimeError, match="reading unit"):
            unit.session.flush()
    assert names(units) == ["there"]


def test_a_reading_unit_may_flush_nothing(units: Units) -> None:
    with units.reading() as unit:
        unit.session.flush()
        assert not unit.writing


def test_operations_find_the_unit_they_run_in(units: Units, clock: OffsetClock) -> None:
    with units.writing() as outer:
        assert units_module.current() is outer
        assert units_module.session() is outer.session
        with units.reading() as inner:
            assert units_module.current() is inner
        assert units_module.current() is outer
    with pytest.raises(LookupError):
        units_module.current()


def test_the_time_is_the_clocks(units: Units, clock: OffsetClock) -> None:
    from datetime import UTC, datetime, timedelta

    at = datetime(2031, 1, 1, 12, tzinfo=UTC)
    clock.put(at)
    with units.reading():
        assert at <= units_module.now() < at + timedelta(minutes=1)


def test_closing_twice_does_no_harm(units: Units) -> None:
    unit = units.begin(writing=False)
    unit.close()
    unit.close()
    with pytest.raises(LookupError):
        units_module.current()


def test_writers_of_a_process_wait_in_line(units: Units) -> None:
    """Many threads that write again and again: nobody starves, and SQLite is never asked by two at once."""
    if units.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL has many writers")
    wrong: list[BaseException] = []

    def write(number: int) -> None:
        try:
            for step in range(5):
                with units.writing():
                    add(f"{number} {step}")
        except sa.exc.SQLAlchemyError as error:
            wrong.append(error)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert len(names(units)) == 60


def test_a_turn_is_left_by_whoever_has_it_and_not_waited_for_forever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(units_module, "PATIENCE", 0.01)
    turn = Turn()
    turn.take("one")
    turn.take("other")
    turn.leave("other")
    assert turn._lock.locked()
    turn.leave("one")
    turn.leave("one")
    assert not turn._lock.locked()


def test_a_unit_that_fails_gives_its_turn_on(units: Units) -> None:
    if units.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL has many writers")
    with pytest.raises(ZeroDivisionError):
        fail_in_the_middle(units)
    assert units._turn is not None
    assert not units._turn._lock.locked()
    with units.writing() as unit:
        add("kept")
        unit.session.flush()
        assert units._turn._lock.locked()
        unit.after_commit.append(lambda: seen.append(units._turn._lock.locked()))
        seen: list[bool] = []
    assert seen == [False]
