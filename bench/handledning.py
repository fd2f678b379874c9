"""Coaching: the plan as a file, a coach's list of 200, opening a note, and sealing 100,000 notes anew.

What is measured for memory runs in a process of its own (`python -m bench.handledning NAME DATABASE`), so that it is that of this
work alone. The list's floor is its own statement, run by the driver and read to the end. A note's floor is the same rows
read sealed.
"""

import gc
import json
import statistics
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from bench.measure import Result, interleaved
from bench.place import Place, counted, place
from plugins.handledning.calculations import Status
from plugins.handledning.models import (
    CoachingSession,
    Engagement,
    GasRating,
    GasScale,
    Goal,
    Homework,
    HomeworkKind,
    Note,
    NoteKind,
    Outcome,
    Phase,
    Scope,
    State,
)
from plugins.handledning.operations import Party, coach_rows
from service import rotation
from service.access import Role
from service.cohorts.models import Member
from tests.plugins.handledning.support import pair
from tests.plugins.handledning.test_development import TEXTS, begun, goal, settle, write
from tests.support import Course, World, parts

WHEN = datetime(2026, 10, 1, 11, 0, tzinfo=UTC)
MANAGERS = 200
NOTES = 100_000
OWNERS = 50
WORDS = "Det jag märkte i dag var att frågan räckte: de hade redan svaret. " * 4


def plan_pdf_sqlite() -> Iterator[Result]:
    return _elsewhere("plan_pdf", "sqlite")


def plan_pdf_postgresql() -> Iterator[Result]:
    return _elsewhere("plan_pdf", "postgresql")


def coach_list_sqlite() -> Iterator[Result]:
    return _coach_list("sqlite")


def coach_list_postgresql() -> Iterator[Result]:
    return _coach_list("postgresql")


def rotate_sqlite() -> Iterator[Result]:
    return _elsewhere("rotate", "sqlite")


def rotate_postgresql() -> Iterator[Result]:
    return _elsewhere("rotate", "postgresql")


def note_sqlite() -> Iterator[Result]:
    return _note("sqlite")


def note_postgresql() -> Iterator[Result]:
    return _note("postgresql")


def _note(kind: str) -> Iterator[Result]:
    """What opening a note adds to reading it sealed."""
    with place(kind) as here:
        _course, owners = _people(World(here.app), 1)
        _notes(here, owners, 100)
        units = parts(here.app).units
        query = sa.select(Note).limit(100)

        def opened(_turn: int, _watch: Any) -> None:
            with units.reading() as unit:
                assert all(row.body for row in unit.session.scalars(query))

        def sealed(_turn: int, _watch: Any) -> None:
            with units.reading() as unit:
                assert all(row.body_sealed for row in unit.session.scalars(query))

        mine, base = interleaved(opened, sealed, 50)
    yield Result(f"handledning.note.{kind}", (mine - base) / 100, "ms", goal="opening a note adds at most 0.2 ms")


# --- a coach's list ---------------------------------------------------------------------------------------------------


def _coach_list(kind: str) -> Iterator[Result]:
    with place(kind) as here:
        statements, world = {}, World(here.app)
        core = parts(here.app)
        with here.app.app_context():
            for number in (10, 1000):
                party = _coached(world, number)
                with counted(core.units.engine) as seen, core.units.reading():
                    assert len(coach_rows(party, WHEN)) == number
                statements[number] = len(seen)
            party = _coached(world, MANAGERS)
            mine, base = _list_times(here, party)
    yield Result(f"handledning.coach_list.{kind}", mine, "ms", base, "200 managers at most 1.2 times their raw SQL")
    yield Result(
        f"handledning.coach_list.statements.{kind}", statements[1000], "statements", statements[10],
        "as many for 1,000 managers as for 10",
    )  # fmt: skip


def _list_times(here: Place, party: Party) -> tuple[float, float]:
    core = parts(here.app)
    taken: list[tuple[str, Any]] = []

    def note_it(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        taken.append((statement, parameters))

    sa.event.listen(core.units.engine, "before_cursor_execute", note_it)
    with core.units.reading():
        coach_rows(party, WHEN)
    sa.event.remove(core.units.engine, "before_cursor_execute", note_it)
    statement, parameters = taken[-1]

    def listed(_turn: int, _watch: Any) -> None:
        with core.units.reading():
            assert len(coach_rows(party, WHEN)) == MANAGERS

    def raw(_turn: int, _watch: Any) -> None:
        with core.units.reading() as unit:
            assert len(unit.connection.exec_driver_sql(statement, parameters).fetchall()) == MANAGERS

    return interleaved(listed, raw, 30)


def _coached(world: World, number: int) -> Party:
    """A course with a coach of so many managers, each with sessions, homework and a goal."""
    course, owners = _people(world, number)
    coach = world.member(course, Role.COACH, "Amira Haddad")
    with world.core.units.writing() as unit:
        rows = [row for member in owners for row in _story(course, member, coach)]
        for kind in (Engagement, CoachingSession, Homework, Goal, GasScale, GasRating):
            unit.session.add_all(row for row in rows if isinstance(row, kind))
            unit.session.flush()
    return Party.of(course.cohort, coach.person_id, Role.COACH)


def _story(course: Course, member: Member, coach: Member) -> list[Any]:
    its = Engagement(
        id=uuid.uuid4(), cohort_id=course.cohort.id, manager_id=member.person_id, coach_id=coach.person_id,
        status=Status.ACTIVE, phase=Phase.TRUST, started_at=WHEN - timedelta(days=60), version=1,
    )  # fmt: skip
    rows: list[Any] = [its]
    both = {"engagement_id": its.id, "manager_id": member.person_id}
    for number in range(1, 5):
        held = number < 4
        meeting = CoachingSession(
            id=uuid.uuid4(), engagement_id=its.id, number=number, planned_start=WHEN + timedelta(days=14 * number - 42),
            planned_minutes=150, process_minutes=70 if held else None, result_minutes=80 if held else None,
            state=State.CLOSED if held else State.PLANNED, final=False, version=1, sequence=0,
            closed_at=WHEN if held else None,
        )  # fmt: skip
        rows.append(meeting)
        if held:
            rows.append(Homework(
                id=uuid.uuid4(), **both, session_id=meeting.id, position=0, kind=HomeworkKind.TASK, state=Outcome.OPEN,
                due_on=date(2026, 10, 20),
            ))  # fmt: skip
    aim = Goal(id=uuid.uuid4(), **both, position=0, scope=Scope.PROFESSIONAL, shared=True, created_at=WHEN, version=1)
    scale = GasScale(id=uuid.uuid4(), **both, goal_id=aim.id, version=1, written_at=WHEN, baseline=-1, baseline_at=WHEN)
    rating = GasRating(id=uuid.uuid4(), **both, goal_id=aim.id, scale_id=scale.id, level=1, rated_at=WHEN)
    return [*rows, aim, scale, rating]


# --- in processes of their own ----------------------------------------------------------------------------------------


def _elsewhere(name: str, kind: str) -> Iterator[Result]:
    command = [sys.executable, "-m", "bench.handledning", name, kind]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, timeout=300)
    for line in json.loads(done.stdout):
        yield Result(**line)


def _plan_pdf(kind: str) -> list[dict[str, Any]]:
    with place(kind) as here:
        two = pair(World(here.app))
        write(two, TEXTS)
        for number in range(4):
            begun(two, goal(two, f"Teamet äger sin vecka, del {number}"))
        settle(two)
        browser = two.enter(two.manager_member)
        path = f"/handledning/engagements/{two.engagement.id}"
        assert browser.get(f"{path}/development").status_code == 200
        cpu = time.process_time()
        took, megabytes = _above_idle(lambda: [_timed(browser, f"{path}/plan.pdf") for _ in range(60)])
        cpu = (time.process_time() - cpu) * 1000 / len(took)
    key = "handledning.plan_pdf"
    return [
        {"key": f"{key}.{kind}", "value": statistics.median(took[10:]), "unit": "ms", "goal": "at most 30 ms, warm"},
        {"key": f"{key}.processor.{kind}", "value": cpu, "unit": "ms", "goal": "what of it is work, on a busy machine"},
        {"key": f"{key}.memory.{kind}", "value": megabytes, "unit": "MB", "goal": "at most 64 MB above idle"},
    ]


def _timed(browser: Any, path: str) -> float:
    began = time.perf_counter()
    answer = browser.get(path)
    took = (time.perf_counter() - began) * 1000
    assert answer.data.startswith(b"%PDF")
    return took


def _rotate(kind: str) -> list[dict[str, Any]]:
    with place(kind) as here:
        _course, owners = _people(World(here.app), OWNERS)
        _notes(here, owners, NOTES // OWNERS)
        units = parts(here.app).units
        stopped = 0

        def stop(_words: str) -> None:
            nonlocal stopped
            stopped += 1
            if stopped == 100:  # half way, to go on from there
                raise KeyboardInterrupt

        def work() -> float:
            began = time.perf_counter()
            rotation.begin(units)
            try:
                rotation.reseal(units, stop, grace=0)
            except KeyboardInterrupt:
                rotation.reseal(units, lambda _words: None, grace=0)
            return time.perf_counter() - began

        seconds, megabytes = _above_idle(work)
        with units.reading() as unit:
            assert rotation.waiting(unit.connection) == 0
            assert all(row.body == WORDS for row in unit.session.scalars(sa.select(Note).limit(1000)))
    goal = "100,000 notes, stopped half way and gone on with"
    return [
        {"key": f"handledning.rotate.{kind}", "value": seconds, "unit": "s", "goal": goal},
        {
            "key": f"handledning.rotate.memory.{kind}",
            "value": megabytes,
            "unit": "MB",
            "goal": "under 64 MB above idle",
        },
    ]


def _above_idle(work: Callable[[], Any]) -> tuple[Any, float]:
    """Returns what work returns, and the most memory it had above what there was before, in megabytes."""
    gc.collect()
    idle = _memory("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")
    done = work()
    return done, (_memory("VmHWM") - idle) / 1024


def _memory(field: str) -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith(field + ":")).split()[1])


def _people(world: World, number: int) -> tuple[Course, list[Member]]:
    course = world.course()
    return course, [world.member(course, Role.MANAGER, f"Manager {n}") for n in range(number)]


def _notes(here: Place, owners: list[Member], each: int) -> None:
    """So many sealed notes of each person, written without the object mapper."""
    with parts(here.app).units.writing() as unit:
        for member in owners:
            its = Engagement(
                id=uuid.uuid4(), cohort_id=member.cohort_id, manager_id=member.person_id, coach_id=None,
                status=Status.CLOSED, phase=Phase.TRUST, started_at=WHEN, version=1,
            )  # fmt: skip
            unit.session.add(its)
            unit.session.flush()
            seal, owner = unit.vault.seal, member.person_id
            fixed = (NoteKind.MANAGER_PRIVATE.value, str(its.id))
            rows = [
                {
                    "id": row_id, "engagement_id": its.id, "author_id": owner, "owner_id": owner,
                    "kind": NoteKind.MANAGER_PRIVATE, "type": "plain", "written_at": WHEN, "changed_at": WHEN, "version": 1,
                    "body_sealed": seal(owner, "handledning_note.body", row_id, WORDS, fixed),
                }
                for row_id in (uuid.uuid4() for _ in range(each))
            ]  # fmt: skip
            # A few at a time: memory that the filling took would otherwise hide what the measured work takes.
            for begin in range(0, each, 100):
                unit.connection.execute(sa.insert(Note.__table__), rows[begin : begin + 100])


if __name__ == "__main__":
    print(json.dumps({"plan_pdf": _plan_pdf, "rotate": _rotate}[sys.argv[1]](sys.argv[2])))
