"""A coach's dashboard for a thousand managers, all of them her own, with all three plugins filled, beside its raw SQL.

All that is read for the page is measured: the managers, the three plugins' answers about them, the order, and what stands
in the rows and pictures of the first twenty-five. Its floor is the very statements that it sent, run again by the driver
with the same bound parameters and read to the end, nothing converted. The whole request, with door, audit and HTML, is told
beside it. Memory is that of a process of its own (`python -m bench.coach`).
"""

import gc
import json
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import g

import plugins.group_maturity as group
import plugins.handledning as coaching
from bench.ledarsteg import _told as told
from bench.ledarsteg_year import (
    NOW,
    TODAY,
    Place,
    analyse,
    application,
    habits_of,
    people_of,
    place_with_habits,
    weeks_of,
)
from bench.measure import Result, interleaved
from plugins.group_maturity.models import Measurement, Mode, SelfRating, Share
from plugins.group_maturity.models import State as Asked
from plugins.group_maturity.models import Status as Rated
from plugins.handledning.calculations import Status
from plugins.handledning.models import (
    CoachingSession,
    Contact,
    Contract,
    ContractItem,
    Engagement,
    GasRating,
    GasScale,
    Goal,
    Homework,
    HomeworkKind,
    ItemKind,
    Outcome,
    Phase,
    Scope,
    State,
    Theme,
)
from plugins.handledning.models.kinds import Channel
from service.access import Role
from service.cohorts import coach_page
from service.cohorts.choosing import ON_A_PAGE
from tests.support import BASE, Browser, Course, parts

MANAGERS, HABITS, DAYS = 1000, 5, 365
FEW = 10
REPEATS = 9
KINDS = (
    Engagement, CoachingSession, Homework, Contract, ContractItem, Contact, Goal, GasScale, GasRating, Measurement,
    SelfRating, Share,
)  # fmt: skip


def sqlite() -> Iterator[Result]:
    return _dashboard("sqlite")


def postgresql() -> Iterator[Result]:
    return _dashboard("postgresql")


def _dashboard(kind: str) -> Iterator[Result]:
    with place_with_habits(kind, handledning=coaching, group_maturity=group) as here:
        few = fill(here, here.world.course(beside=here.course), FEW)
        many = fill(here, here.course, MANAGERS)
        analyse(here)
        # What the filling left is not part of what is measured: no sweep through it.
        gc.collect()
        gc.freeze()
        numbers = [len(statements_of(here, coach)) for coach in (few, many)]
        mine, floor = _times(here, many)
        yield Result(f"dashboard.coach.{kind}", mine, "ms", floor, "1,000 managers at most 1.2 times their raw SQL")
        yield Result(
            f"dashboard.coach.statements.{kind}", numbers[1], "statements", numbers[0], "as many for 1,000 as for 10"
        )  # fmt: skip
        yield from _pages(many, kind)
        yield Result(f"dashboard.coach.memory.{kind}", _memory(here, many), "MB", goal="above the idle process")


def _pages(coach: Browser, kind: str) -> Iterator[Result]:
    """What the whole request costs, and how heavy its answer is."""
    for name, path in (("page", "/cohort"), ("sorted", "/cohort?sort=handledning.hours&order=desc")):
        times = []
        for _turn in range(4):
            began = time.perf_counter()
            answer = coach.get(path)
            times.append((time.perf_counter() - began) * 1000)
        yield Result(f"dashboard.coach.{name}.{kind}", sorted(times)[1], "ms", goal="the whole request")
        if name == "page":
            yield Result(f"dashboard.coach.bytes.{kind}", len(answer.data) / 1024, "kB", goal="a page of 25")


@contextmanager
def behind_the_door(coach: Browser) -> Iterator[Any]:
    headers = {"Cookie": f"__Host-stegvis={coach.secret.hex()}"}
    with coach.app.test_request_context(coach.path + "/cohort", base_url=BASE, headers=headers):
        refused = coach.app.preprocess_request()
        if refused is not None:
            raise SystemExit("the door is shut")
        yield g.stay


def statements_of(here: Place, coach: Browser) -> list[tuple[str, Any]]:
    """The statements of the page with their parameters."""
    taken: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        taken.append((statement, parameters))

    with behind_the_door(coach) as stay:
        sa.event.listen(here.engine, "before_cursor_execute", note)
        try:
            coach_page.seen(stay)
        finally:
            sa.event.remove(here.engine, "before_cursor_execute", note)
    return taken


def _times(here: Place, coach: Browser) -> tuple[float, float]:
    """The page and its raw statements by turns, each behind the door, which both have open already."""
    taken = statements_of(here, coach)
    units = parts(here.app).units

    def raw(_turn: int, _watch: Any) -> None:
        with units.reading() as unit:
            cursor = unit.connection.connection.cursor()
            for statement, parameters in taken:
                cursor.execute(statement, parameters)
                if cursor.description:
                    cursor.fetchall()

    def page(_turn: int, watch: Any) -> None:
        with watch.paused():
            door = behind_the_door(coach)
            stay = door.__enter__()
        board, shown = coach_page.seen(stay)
        with watch.paused():
            if shown.number != MANAGERS or len(board.rows) != ON_A_PAGE or board.failed:
                raise SystemExit("the page is not complete")
            door.__exit__(None, None, None)

    return interleaved(page, raw, REPEATS, warm_up=2)


# ---- filling ----


def fill(here: Place, course: Course, number: int) -> Browser:
    """So many managers with habits, coaching and measurements, and their one coach, inside."""
    people = people_of(here, course, number)
    habits_of(here, course, people, HABITS)
    weeks_of(here, course, DAYS)
    coach = here.world.enter(course, Role.COACH, "Amira Haddad")
    rows: dict[Any, list[dict[str, Any]]] = {kind: [] for kind in KINDS}
    for place, person_id in enumerate(people):
        _coached(rows, course, person_id, coach.person.id, place)
        _measured(rows, course, person_id, coach.person.id, place)
    with parts(here.app).units.writing() as unit:
        for kind in KINDS:
            unit.connection.execute(sa.insert(kind), rows[kind])
    return coach


def _coached(
    rows: dict[Any, list[dict[str, Any]]], course: Course, manager: uuid.UUID, coach: uuid.UUID, place: int
) -> None:
    its = uuid.uuid4()
    both = {"engagement_id": its, "manager_id": manager}
    rows[Engagement].append({
        "id": its, "cohort_id": course.cohort.id, "manager_id": manager, "coach_id": coach, "status": Status.ACTIVE,
        "phase": list(Phase)[place % 4], "started_at": NOW - timedelta(100), "accepted_at": NOW - timedelta(100),
        "activated_at": NOW - timedelta(90), "version": 1,
    })  # fmt: skip
    meetings = [uuid.uuid4() for _ in range(4)]
    for number, meeting in enumerate(meetings):
        held = number < 3 or place % 3 == 0
        rows[CoachingSession].append({
            "id": meeting, "engagement_id": its, "number": number + 1, "planned_minutes": 150, "final": False, "version": 1,
            "planned_start": NOW - timedelta(80 - 22 * number - place % 9) if held else NOW + timedelta(5 + place % 20),
            "process_minutes": 60 + place % 40 if held else None, "result_minutes": 70 if held else None, "sequence": 0,
            "state": State.CLOSED if held else State.PLANNED, "closed_at": NOW - timedelta(10) if held else None,
        })  # fmt: skip
    for number in range(3):
        rows[Homework].append({
            "id": uuid.uuid4(), **both, "session_id": meetings[number], "position": 0, "kind": HomeworkKind.TASK,
            "state": Outcome.OPEN if number == 2 else Outcome.DONE, "habit_wanted": False,
            "due_on": TODAY + timedelta(place % 60 - 10),
        })  # fmt: skip
    contract = uuid.uuid4()
    rows[Contract].append({
        "id": contract, "engagement_id": its, "number": 1, "told": "sessions", "written_at": NOW - timedelta(95),
        "manager_accepted_at": NOW - timedelta(94), "coach_accepted_at": NOW - timedelta(94), "version": 1,
        "period_from": TODAY - timedelta(95), "period_to": TODAY + timedelta(60),
    })  # fmt: skip
    rows[ContractItem] += [
        {
            "id": uuid.uuid4(), **both, "contract_id": contract, "key": uuid.uuid4(), "kind": ItemKind.INTERMEDIATE,
            "position": number, "due_on": TODAY + timedelta(30 * number - 40), "weight": 1 + number,
            "progress": ("done", "partly", "not")[(place + number) % 3] if number < 2 else "not",
        }
        for number in range(3)
    ]  # fmt: skip
    rows[Contact].append({
        "id": uuid.uuid4(), **both, "author_id": coach, "day": TODAY - timedelta(place % 50), "channel": Channel.PHONE,
    })  # fmt: skip
    goal, scale = uuid.uuid4(), uuid.uuid4()
    rows[Goal].append({
        "id": goal, **both, "position": 0, "scope": Scope.PROFESSIONAL, "shared": True, "created_at": NOW, "version": 1,
        "theme": list(Theme)[place % 4],
    })  # fmt: skip
    rows[GasScale].append({
        "id": scale, **both, "goal_id": goal, "version": 1, "written_at": NOW, "baseline": -1, "baseline_at": NOW,
    })  # fmt: skip
    rows[GasRating].append({
        "id": uuid.uuid4(), **both, "goal_id": goal, "scale_id": scale, "level": place % 4 - 1, "rated_at": NOW,
    })  # fmt: skip


def _measured(
    rows: dict[Any, list[dict[str, Any]]], course: Course, manager: uuid.UUID, coach: uuid.UUID, place: int
) -> None:
    instrument = {"instrument_key": "stegvis.gm24", "instrument_version": "0.1.0", "instrument_sha256": "0" * 64}
    measurement = uuid.uuid4()
    closed = place % 3 > 0
    rows[Measurement].append({
        "id": measurement, "cohort_id": course.cohort.id, "manager_id": manager, **instrument,
        "state": Asked.SUPPRESSED if closed else Asked.OPEN, "version": 1, "created_at": NOW - timedelta(40), "size": 8,
        "languages": ["sv"], "mode": next(iter(Mode)), "opens_on": TODAY - timedelta(30),
        "closes_on": TODAY + timedelta(-9 if closed else 9), "closed_on": TODAY - timedelta(9) if closed else None,
        "minimum": 5, "about_manager": False, "comments": False, "group_reads": False, "wave": 1, "changed": 0,
        "enough": False,
    })  # fmt: skip
    rows[SelfRating].append({
        "id": uuid.uuid4(), "cohort_id": course.cohort.id, "person_id": manager, **instrument, "status": Rated.SUBMITTED,
        "started_at": NOW, "saved_at": NOW, "submitted_at": NOW - timedelta(place % 30),
    })  # fmt: skip
    if closed and place % 5 == 0:
        rows[Share].append({
            "id": uuid.uuid4(), "measurement_id": measurement, "coach_id": coach, "with_own": False, "shared_at": NOW,
        })  # fmt: skip


# ---- memory ----


def _memory(here: Place, coach: Browser) -> float:
    asked = {"url": here.settings.database_url, "folder": str(here.settings.data_dir), "launches": [told(coach)]}
    done = subprocess.run(
        [sys.executable, "-m", "bench.coach"], input=json.dumps(asked), stdout=subprocess.PIPE, text=True, check=True,
        timeout=120,
    )  # fmt: skip
    return float(done.stdout)


def _open_page(asked: dict[str, Any]) -> float:
    """Megabytes above the idle process after the page was opened three times."""
    from bench.ledarsteg import _peak
    from service import browser as cookies

    app, _settings = application(Path(asked["folder"]), asked["url"], handledning=coaching, group_maturity=group)
    (launch,) = asked["launches"]
    client = app.test_client()
    client.set_cookie(cookies.COOKIE, launch["secret"], domain="127.0.0.1", secure=True, httponly=True)
    paths: Sequence[str] = ("/who", "/cohort", "/cohort", "/cohort")
    idle = 0.0
    for number, path in enumerate(paths):
        answer = client.get(f"/l/{launch['launch']}{path}", base_url=BASE)
        if answer.status_code != 200:
            raise SystemExit(f"{path}: {answer.status}")
        if number == 0:
            Path("/proc/self/clear_refs").write_text("5")
            idle = _peak()
    return _peak() - idle


if __name__ == "__main__":
    print(_open_page(json.load(sys.stdin)))
