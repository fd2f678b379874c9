"""A cohort with a year of habits behind it, made in bulk: people, their keys, habits, entries, and the counts beside them.

What the service would have written one by one is put in by the database itself, sealed titles included.
"""

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import sqlalchemy as sa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from flask import Flask
from sqlalchemy.schema import AddConstraint, CreateIndex, DropConstraint

import plugins.ledarsteg as plugin
from bench.place import database
from plugins.ledarsteg.calculations import monday_of
from plugins.ledarsteg.models import Entry, Habit, HabitWeek, Schedule
from plugins.ledarsteg.operations import counting
from service import migrate
from service.access import Role
from service.app import create_app
from service.cohorts.models import Member, Person
from service.contract import UtcDateTime
from service.crypto import NONCE, PersonKey, bound
from service.settings import Settings, load
from tests.support import BASE, KEY, OTHER_KEY, Course, OffsetClock, World, parts

MANAGERS, HABITS, DAYS = 1000, 5, 365
# Of the notes of four days, the last says that it was not done.
MISSED = 3
NOW = datetime(2026, 11, 24, 7, 30, tzinfo=UTC)
TODAY = date(2026, 11, 24)
FIRST = TODAY - timedelta(DAYS - 1)


@dataclass
class Place:
    """An application with this plugin, and the cohort that everybody is in."""

    app: Flask
    world: World
    course: Course
    settings: Settings

    @property
    def engine(self) -> sa.Engine:
        return parts(self.app).units.engine


def application(folder: Path, url: str, **plugins: Any) -> tuple[Flask, Settings]:
    settings = load(public_url=BASE, demo=True, master_key=KEY, secret_key=OTHER_KEY, data_dir=folder, database_url=url)
    clock = OffsetClock()
    clock.put(NOW)
    found: dict[str, ModuleType] = {"ledarsteg": plugin, **plugins}
    return create_app(settings, plugins=found, clock=clock), settings


@contextmanager
def place_with_habits(kind: str, **plugins: Any) -> Iterator[Place]:
    with database(kind) as (folder, url):
        app, settings = application(folder, url)
        migrate.upgrade(settings)
        app, settings = application(folder, url, **plugins)
        world = World(app)
        try:
            yield Place(app, world, world.course(), settings)
        finally:
            parts(app).units.engine.dispose()


def people_of(here: Place, course: Course, number: int) -> dict[uuid.UUID, AESGCM]:
    """Managers of a cohort, with the key of each."""
    units = parts(here.app).units
    now, ids = units.clock.now(), [uuid.uuid4() for _ in range(number)]
    keys = {one: AESGCM.generate_key(bit_length=256) for one in ids}
    common = {
        "organisation_id": course.organisation.id, "platform_id": course.platform.id, "created_at": now, "zone": "",
        "locale": "", "is_test": False,
    }  # fmt: skip
    seen = {
        "cohort_id": course.cohort.id, "role": Role.MANAGER, "first_seen_at": now, "last_seen_at": now, "active": True,
        "from_roster": False,
    }  # fmt: skip
    wrapped = [
        {"person_id": one, "master": units.keyring.present, "wrapped": units.keyring.wrap(key, one)} for one, key in keys.items()
    ]  # fmt: skip
    with units.writing() as unit:
        rows = [{"id": one, "sub": one.hex, "name": f"Manager {n}", **common} for n, one in enumerate(ids)]
        unit.connection.execute(sa.insert(Person), rows)
        unit.connection.execute(sa.insert(Member), [{"id": uuid.uuid4(), "person_id": one, **seen} for one in ids])
        unit.connection.execute(sa.insert(PersonKey), wrapped)
    return {one: AESGCM(key) for one, key in keys.items()}


def habits_of(here: Place, course: Course, people: dict[uuid.UUID, AESGCM], each: int) -> None:
    """Shared habits of everybody, with titles sealed as they are."""
    now = parts(here.app).units.clock.now()
    common = {"starts_on": FIRST, "created_at": now, "shared": True, "cohort_id": course.cohort.id}
    rhythm = {"from_date": FIRST, "per": "day", "weekdays": 127, "target": 1, "direction": "at_least"}
    habits, schedules = [], []
    for person, key in people.items():
        for number in range(each):
            habit, nonce = uuid.uuid4(), os.urandom(NONCE)
            title = key.encrypt(
                nonce, f"Ask what she suggests {number}".encode(), bound("ledarsteg_habit.title", habit)
            )
            habits.append({"id": habit, "person_id": person, "title_sealed": nonce + title, **common})
            schedules.append({"id": uuid.uuid4(), "habit_id": habit, "person_id": person, **rhythm})
    with parts(here.app).units.writing() as unit:
        unit.connection.execute(sa.insert(Habit), habits)
        unit.connection.execute(sa.insert(Schedule), schedules)


def entries_of(here: Place, course: Course, days: int) -> None:
    """A note for each habit and day, three of four done, made by the database itself."""
    native = here.engine.dialect.name == "postgresql"
    day = ":first + n" if native else "date(:first, '+' || n || ' days')"
    # An index is filled in its own order several times faster than in none.
    start, number = uuid.uuid4().hex[:8], "row_number() OVER ()"
    key = f"('{start}' || lpad(to_hex({number}), 24, '0'))::uuid" if native else f"printf('{start}%024x', {number})"
    statement = f"""
        INSERT INTO ledarsteg_entry (id, habit_id, person_id, local_date, state, noted_at)
        WITH RECURSIVE numbers(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n < {days - 1})
        SELECT {key}, h.id, h.person_id, {day}, CASE n % 4 WHEN 3 THEN 'missed' ELSE 'done' END, '2026-11-24 07:30:00.000000'
        FROM (SELECT id, person_id FROM ledarsteg_habit WHERE cohort_id = :cohort ORDER BY id) h CROSS JOIN numbers"""
    first = sa.bindparam("first", FIRST, sa.Date)
    _run(here, sa.text(statement).bindparams(first, sa.bindparam("cohort", course.cohort.id, sa.Uuid)))


def weeks_of(here: Place, course: Course, days: int) -> None:
    """The weeks as those notes would have left them; strength is made up, because nothing here depends on it."""
    columns: list[Any] = [sa.column(name, sa.Date) for name in ("monday", "until")]
    columns += [sa.column(name, sa.Integer) for name in ("days", "done", "missed")]
    weeks = sa.values(*columns, name="weeks").data(_week_rows(days)).cte("weeks")
    nothing = [sa.literal(0).label(name) for name in ("partly", "skipped", "value")]
    source = (
        sa.select(
            Habit.id, Habit.cohort_id, Habit.person_id, *weeks.c, *nothing, sa.literal(0.5), sa.literal(NOW, UtcDateTime)
        )
        .select_from(weeks)
        .join(Habit, sa.true())
        .where(Habit.cohort_id == course.cohort.id)
        .order_by(Habit.id)
    )  # fmt: skip
    names = [
        "habit_id", "cohort_id", "person_id", *(column.name for column in columns), "partly", "skipped", "value", "strength",
        "changed_at",
    ]  # fmt: skip
    _run(here, sa.insert(HabitWeek).from_select(names, source))


def _week_rows(number: int) -> list[tuple[date, date, int, int, int]]:
    """Monday, latest day, days as bits, and how many are done and not, of each week with a note."""
    weeks: dict[date, list[int]] = {}
    for n in range(number):
        weeks.setdefault(monday_of(FIRST + timedelta(n)), []).append(n)
    return [
        (
            monday, FIRST + timedelta(noted[-1]), sum(1 << (FIRST + timedelta(n)).weekday() for n in noted),
            sum(n % 4 != MISSED for n in noted), sum(n % 4 == MISSED for n in noted),
        )
        for monday, noted in weeks.items()
    ]  # fmt: skip


def _run(here: Place, statement: sa.Executable) -> None:
    with here.engine.connect() as connection:
        if here.engine.dialect.name == "sqlite":
            # A bench's database outlives nothing: what is written need not reach the disk.
            driver: Any = connection.connection.driver_connection
            driver.execute("PRAGMA synchronous=OFF")
            driver.execute("PRAGMA cache_size=-200000")
        else:
            for setting in ("statement_timeout = 0", "synchronous_commit = off", "session_replication_role = replica"):
                connection.execute(sa.text(f"SET {setting}"))
        connection.execute(statement)
        connection.commit()
        connection.invalidate()


def fill_year(here: Place) -> None:
    """The whole cohort: people, habits, entries, and the counts beside them."""
    habits_of(here, here.course, people_of(here, here.course, MANAGERS), HABITS)
    with _indexed_afterwards(here):
        entries_of(here, here.course, DAYS)
    weeks_of(here, here.course, DAYS)
    with parts(here.app).units.writing() as unit:
        if here.engine.dialect.name == "postgresql":
            unit.session.execute(sa.text("SET LOCAL statement_timeout = 0"))
        counting.count_days(here.course.cohort.id, FIRST, TODAY)
    analyse(here)


@contextmanager
def _indexed_afterwards(here: Place) -> Iterator[None]:
    """Fills a table faster: its indexes are made when the rows are there. SQLite cannot leave out those of constraints."""
    table = Entry.__table__
    assert isinstance(table, sa.Table)
    unique = [each for each in table.constraints if isinstance(each, sa.UniqueConstraint)]
    with here.engine.begin() as connection:
        for index in table.indexes:
            index.drop(connection)
        if connection.dialect.name == "postgresql":
            for each in unique:
                connection.execute(DropConstraint(each))
    yield
    for index in table.indexes:
        _run(here, CreateIndex(index))
    if here.engine.dialect.name == "postgresql":
        for each in unique:
            _run(here, AddConstraint(each))


def analyse(here: Place) -> None:
    """What a database knows of its tables after a while."""
    with here.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE")
