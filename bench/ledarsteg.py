"""LedarSteg: a coach's report and the year of a cohort beside raw SQL over the entries; what a page and a note cost.

One cohort of a thousand managers with five habits each, noted every day for a year: 1.8 million entries. The raw queries
bind their parameters, as ours do. Weeks and days are counted beforehand, as the job does. Memory is measured in a fresh
process (`python -m bench.ledarsteg`), so that it is that of the pages alone.
"""

import json
import subprocess
import sys
import uuid
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

import plugins.ledarsteg as plugin
from bench.door import _probe
from bench.ledarsteg_year import (
    DAYS,
    FIRST,
    HABITS,
    MANAGERS,
    NOW,
    TODAY,
    Place,
    analyse,
    application,
    entries_of,
    fill_year,
    habits_of,
    people_of,
    place_with_habits,
    weeks_of,
)  # fmt: skip
from bench.measure import Result, interleaved
from bench.place import counted
from plugins.ledarsteg import jobs, operations
from plugins.ledarsteg.calculations import Rhythm, State
from plugins.ledarsteg.cards import cohort_year
from plugins.ledarsteg.models import Entry, Habit, Schedule
from plugins.ledarsteg.operations import NewHabit, Note, Owner
from plugins.ledarsteg.settings import LedarstegSettings
from service.access import Role
from service.cohorts.models import Member, Person
from service.contract import members_as
from tests.support import BASE, Browser, parts

MANY = 10_000
REPEATS = 3


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
    with place_with_habits(kind) as here:
        fill_year(here)
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
        people = people_of(here, course, number)
        habits_of(here, course, people, 1)
        entries_of(here, course, 3)
        weeks_of(here, course, 3)
        analyse(here)
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
    with place_with_habits(kind) as here:
        fill_year(here)
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
    with place_with_habits(kind, probe=_probe()) as here:
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

    app, _settings = application(Path(asked["folder"]), asked["url"])
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
