"""LedarSteg: a coach's report and the year of a cohort beside raw SQL over the entries; what a page and a note cost.

One cohort of a thousand managers with five habits each, noted every day for a year: 1.8 million entries. The raw queries
bind their parameters, as ours do. Weeks and days are counted beforehand, as the job does. Memory is measured in a fresh
process (`python -m bench.ledarsteg`), so that it is that of the pages alone.
"""

import json
import os
import subprocess
import sys
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
from bench.door import _probe
from bench.measure import Result, interleaved
from bench.place import counted, database
from plugins.ledarsteg import jobs, operations
from plugins.ledarsteg.calculations import Rhythm, State, monday_of
from plugins.ledarsteg.cards import cohort_year
from plugins.ledarsteg.models import Entry, Habit, HabitWeek, Schedule
from plugins.ledarsteg.operations import NewHabit, Note, Owner, counting
from plugins.ledarsteg.settings import LedarstegSettings
from service import migrate
from service.access import Role
from service.app import create_app
from service.cohorts.models import Member, Person
from service.contract import UtcDateTime, members_as
from service.crypto import NONCE, PersonKey, bound
from service.settings import Settings, load
from tests.support import BASE, KEY, OTHER_KEY, Browser, Course, OffsetClock, World, parts

MANAGERS, HABITS, DAYS = 1000, 5, 365
MANY = 10_000
# Of the notes of four days, the last says that it was not done.
MISSED = 3
REPEATS = 3
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


def _application(folder: Path, url: str, **plugins: Any) -> tuple[Flask, Settings]:
    settings = load(public_url=BASE, demo=True, master_key=KEY, secret_key=OTHER_KEY, data_dir=folder, database_url=url)
    clock = OffsetClock()
    clock.put(NOW)
    found: dict[str, ModuleType] = {"ledarsteg": plugin, **plugins}
    return create_app(settings, plugins=found, clock=clock), settings


@contextmanager
def _place(kind: str, **plugins: Any) -> Iterator[Place]:
    with database(kind) as (folder, url):
        app, settings = _application(folder, url)
        migrate.upgrade(settings)
        app, settings = _application(folder, url, **plugins)
        world = World(app)
        try:
            yield Place(app, world, world.course(), settings)
        finally:
            parts(app).units.engine.dispose()


# ---- a cohort with a year behind it ----


def _people(here: Place, course: Course, number: int) -> dict[uuid.UUID, AESGCM]:
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


def _habits(here: Place, course: Course, people: dict[uuid.UUID, AESGCM], each: int) -> None:
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


def _entries(here: Place, course: Course, days: int) -> None:
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


def _weeks(here: Place, course: Course, days: int) -> None:
    """The weeks as those notes would have left them; strength is made up, because nothing here depends on it."""
    columns = [sa.column(name, sa.Date) for name in ("monday", "until")]
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


def _year(here: Place) -> None:
    """The whole cohort: people, habits, entries, and the counts beside them."""
    _habits(here, here.course, _people(here, here.course, MANAGERS), HABITS)
    with _indexed_afterwards(here):
        _entries(here, here.course, DAYS)
    _weeks(here, here.course, DAYS)
    with parts(here.app).units.writing() as unit:
        if here.engine.dialect.name == "postgresql":
            unit.session.execute(sa.text("SET LOCAL statement_timeout = 0"))
        counting.count_days(here.course.cohort.id, FIRST, TODAY)
    _analyse(here)


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


def _analyse(here: Place) -> None:
    """What a database knows of its tables after a while."""
    with here.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE")


# ---- the coach's report ----


def dashboard_sqlite() -> Iterator[Result]:
    return _dashboard("sqlite")


def dashboard_postgresql() -> Iterator[Result]:
    return _dashboard("postgresql")


_PER_HABIT = sa.text("""
    SELECT h.person_id, h.id, count(*), sum(CASE WHEN e.local_date > :since THEN 1 ELSE 0 END), max(e.local_date)
    FROM ledarsteg_entry e JOIN ledarsteg_habit h ON h.id = e.habit_id WHERE h.cohort_id = :cohort GROUP BY h.person_id, h.id
""").bindparams(sa.bindparam("since", TODAY - timedelta(14), sa.Date), sa.bindparam("cohort", None, sa.Uuid))


def _dashboard(kind: str) -> Iterator[Result]:
    with _place(kind) as here:
        _year(here)
        units, cohort = parts(here.app).units, here.course.cohort

        def report(_turn: int, _watch: Any) -> None:
            with here.app.test_request_context(), units.reading():
                made = plugin.cohort_report(cohort, members, Role.COACH, LedarstegSettings())
            if len(made.cells) != MANAGERS or not made.panels:
                raise SystemExit("the report is not complete")

        def raw(_turn: int, _watch: Any) -> None:
            with units.reading() as unit:
                rows = unit.connection.execute(_PER_HABIT, {"cohort": cohort.id}).all()
            if len(rows) != MANAGERS * HABITS:
                raise SystemExit("the raw query does not see every habit")

        with units.reading():
            members = members_as(cohort, Role.MANAGER)
        mine, floor = interleaved(report, raw, REPEATS, warm_up=1)
        yield Result(f"ledarsteg.dashboard.{kind}", mine, "ms", floor, "at most 1.1 times the raw query per habit")
        yield from _statements(here, kind)
        yield from _memory(here, kind)


def _statements(here: Place, kind: str) -> Iterator[Result]:
    """How many statements a report takes for ten managers and for ten thousand."""
    for number in (10, MANY):
        course = here.world.course(beside=here.course)
        people = _people(here, course, number)
        _habits(here, course, people, 1)
        _entries(here, course, 3)
        _weeks(here, course, 3)
        _analyse(here)
        with here.app.test_request_context(), parts(here.app).units.reading():
            members = members_as(course.cohort, Role.MANAGER)
            with counted(here.engine) as seen:
                plugin.cohort_report(course.cohort, members, Role.COACH, LedarstegSettings())
        yield Result(
            f"ledarsteg.dashboard.statements.{number}.{kind}",
            len(seen),
            "statements",
            goal="as many for 10 as for 10,000",
        )


# ---- the year of a cohort ----


def rollup_sqlite() -> Iterator[Result]:
    return _rollup("sqlite")


def rollup_postgresql() -> Iterator[Result]:
    return _rollup("postgresql")


_PER_DAY = sa.text("""
    SELECT e.local_date, count(DISTINCT e.person_id) FROM ledarsteg_entry e JOIN ledarsteg_habit h ON h.id = e.habit_id
    WHERE h.cohort_id = :cohort AND e.local_date BETWEEN :first AND :last GROUP BY e.local_date
""").bindparams(
    sa.bindparam("first", FIRST, sa.Date), sa.bindparam("last", TODAY, sa.Date), sa.bindparam("cohort", None, sa.Uuid)
)


def _rollup(kind: str) -> Iterator[Result]:
    with _place(kind) as here:
        _year(here)
        units, cohort = parts(here.app).units, here.course.cohort

        def year(_turn: int, _watch: Any) -> None:
            with here.app.test_request_context(), units.reading():
                if cohort_year.panel(cohort, MANAGERS, TODAY) is None:
                    raise SystemExit("the days of the cohort have not been counted")

        def raw(_turn: int, _watch: Any) -> None:
            with units.reading() as unit:
                rows = unit.connection.execute(_PER_DAY, {"cohort": cohort.id}).all()
            if len(rows) != DAYS:
                raise SystemExit("the raw query does not see every day")

        mine, floor = interleaved(year, raw, REPEATS, warm_up=1)
        most = "0.02" if kind == "sqlite" else "0.05"
        yield Result(f"ledarsteg.rollup.{kind}", mine, "ms", floor, f"at most {most} times the raw count by day")
        with counted(here.engine) as seen, here.app.app_context():
            jobs._changed_days()
        yield Result(f"ledarsteg.rollup.statements.{kind}", len(seen), "statements", goal="a few, whatever has changed")


# ---- a manager's own page, and a note ----


def today_sqlite() -> Iterator[Result]:
    return _today("sqlite")


def today_postgresql() -> Iterator[Result]:
    return _today("postgresql")


def _today(kind: str) -> Iterator[Result]:
    with _place(kind, probe=_probe()) as here:
        member = here.world.member(here.course)
        inside = here.world.enter(here.course, member=member)
        habit = _own_year(here, member)
        door = _sent(here, lambda: inside.get("/probe/"))[0]
        page = _sent(here, lambda: inside.get("/"))[0]
        form = {"day": TODAY.isoformat(), "state": "done", "from": "home"}
        headers = {"HX-Request": "true"}
        note, commits = _sent(here, lambda: inside.post(f"/ledarsteg/{habit}/mark", form, headers=headers))
        reason = {**form, "state": "skip", "reason": "ill"}
        skip, again = _sent(here, lambda: inside.post(f"/ledarsteg/{habit}/mark", reason, headers=headers))
        yield Result(f"ledarsteg.today.{kind}", page - door, "statements", goal="at most 6 beyond the door")
        yield Result(f"ledarsteg.today.note.{kind}", note - door, "statements", goal="at most 4 beyond the door")
        yield Result(f"ledarsteg.today.skip.{kind}", skip - door, "statements", goal="at most 4 beyond the door")
        yield Result(f"ledarsteg.today.commits.{kind}", max(commits, again), "commits", goal="1")


def _own_year(here: Place, member: Member) -> uuid.UUID:
    """Five habits with a year behind them. Returns one of them."""
    owner = Owner.of(member.cohort, member)
    with parts(here.app).units.writing() as unit:
        made = [operations.make_habit(owner, NewHabit(f"Habit {number}", rhythm=Rhythm())) for number in range(HABITS)]
        unit.session.flush()
        unit.session.execute(sa.update(Habit).values(starts_on=FIRST))
        unit.session.execute(sa.update(Schedule).values(from_date=FIRST))
        rows = [
            {"id": uuid.uuid4(), "habit_id": one.id, "person_id": one.person_id, "local_date": FIRST + timedelta(day),
             "state": State.DONE, "noted_at": NOW}
            for one in made for day in range(DAYS - 1)
        ]  # fmt: skip
        unit.session.execute(sa.insert(Entry), rows)
    with here.app.app_context():
        jobs.rollups()
    with parts(here.app).units.writing():
        operations.mark(owner, made[1].id, TODAY, Note(State.DONE))
    return made[0].id


def _sent(here: Place, ask: Any) -> tuple[int, int]:
    """How many statements and commits one request takes; the first one warms up."""
    commits: list[int] = []

    def note(_connection: Any) -> None:
        commits.append(1)

    ask()
    sa.event.listen(here.engine, "commit", note)
    try:
        with counted(here.engine) as seen:
            answer = ask()
    finally:
        sa.event.remove(here.engine, "commit", note)
    if answer.status_code != 200:
        raise SystemExit(f"the page did not open: {answer.status}")
    return len(seen), len(commits)


# ---- memory ----

PAGES = ("/", "/ledarsteg/", "/ledarsteg/day", "/cohort", "/ledarsteg/manager/{manager}")


def _memory(here: Place, kind: str) -> Iterator[Result]:
    """Megabytes above the idle process after opening each page of the great cohort once."""
    with parts(here.app).units.reading() as unit:
        first = sa.select(Member).where(Member.cohort_id == here.course.cohort.id).limit(1)
        manager = unit.session.scalars(first).one()
        manager.person, manager.cohort = unit.session.get_one(Person, manager.person_id), here.course.cohort
    hers = here.world.enter(here.course, member=manager)
    coach = here.world.enter(here.course, Role.COACH, "Amira Haddad")
    asked = {
        "url": here.settings.database_url, "folder": str(here.settings.data_dir), "manager": str(manager.id),
        "launches": [_told(hers), _told(coach)],
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-m", "bench.ledarsteg"], input=json.dumps(asked), stdout=subprocess.PIPE, text=True,
        check=True, timeout=120,
    )  # fmt: skip
    yield Result(f"ledarsteg.memory.{kind}", float(done.stdout), "MB", goal="under 64 MB above the idle process")


def _told(browser: Browser) -> dict[str, str]:
    return {"launch": str(browser.launch_id), "secret": browser.secret.hex()}


def _open_pages(asked: dict[str, Any]) -> float:
    """Megabytes above the idle process."""
    from service import browser as cookies

    app, _settings = _application(Path(asked["folder"]), asked["url"])
    inside = []
    for told in asked["launches"]:
        client = app.test_client()
        client.set_cookie(cookies.COOKIE, told["secret"], domain="127.0.0.1", secure=True, httponly=True)
        inside.append((client, told["launch"]))
    for client, launch in inside:  # a small page, so that what every page needs is there
        client.get(f"/l/{launch}/who", base_url=BASE)
    # From here on the peak is counted anew (see proc(5), clear_refs).
    Path("/proc/self/clear_refs").write_text("5")
    idle = _peak()
    for path in PAGES:
        client, launch = inside[path.startswith(("/cohort", "/ledarsteg/manager"))]
        answer = client.get(f"/l/{launch}{path.format(manager=asked['manager'])}", base_url=BASE)
        if answer.status_code != 200:
            raise SystemExit(f"{path}: {answer.status}")
    return _peak() - idle


def _peak() -> float:
    """The most memory that this process has had, in megabytes."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024


if __name__ == "__main__":
    print(_open_pages(json.load(sys.stdin)))
