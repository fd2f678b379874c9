"""The training department's page over 200 cohorts of 50 managers with all three plugins: CPU of one request.

The rows are written in bulk; the week's figures are counted by the worker's own code, which is measured beside it.
"""

import random
import statistics
import time
import uuid
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bench.measure import Result
from bench.place import place
from plugins.group_maturity.models import Measurement, Mode, Report, ReportedScale
from plugins.group_maturity.models import State as Asked
from plugins.handledning.calculations import Status as Engaged
from plugins.handledning.models import CoachingSession, Engagement, Figure, Phase, ProgrammeGroup, State
from plugins.ledarsteg.models import Habit, HabitWeek
from service.access import Role
from service.cohorts import counting
from service.cohorts.models import Cohort, CohortPlugin, Member, Person
from tests.plugins.group_maturity.measuring import GM24
from tests.support import Course, World

COHORTS, MANAGERS, TIMES = 200, 50, 15
SIDES = ("A", "B", "C", "D")
Row = dict[str, Any]


def sqlite() -> Iterator[Result]:
    return _dashboard("sqlite")


def postgresql() -> Iterator[Result]:
    return _dashboard("postgresql")


def _dashboard(kind: str) -> Iterator[Result]:
    with place(kind) as here:
        world = World(here.app)
        course = world.course("Chefer 0", plugins={})
        coach = world.member(course, Role.COACH, "Amira Haddad")
        with world.core.units.writing() as unit:
            _fill(unit.session, world, course, coach)
        begun = time.process_time()
        with here.app.app_context():
            counted = counting.run(world.core.units, world.core.host)
        counting_ms = (time.process_time() - begun) * 1000
        inside = world.enter(course, Role.TRAINING, "Johan Ekström")
        spent = []
        for turn in range(TIMES + 2):
            begun = time.process_time()
            answer = inside.get("/programme")
            if turn > 1:
                spent.append((time.process_time() - begun) * 1000)
            if answer.status_code != 200 or answer.text.count("<bdi>Chefer ") < COHORTS:
                raise SystemExit("the page does not show every cohort")
    yield Result(f"dashboard.training.{kind}", statistics.median(spent), "ms of CPU", goal="at most 300")
    yield Result(
        f"dashboard.training.{kind}.week", counting_ms / counted, "ms of CPU a cohort, once a week", goal="told"
    )


def _fill(session: Session, world: World, course: Course, coach: Member) -> None:
    chance, now = random.Random(7), datetime.now(UTC)
    today = now.date()
    rows: dict[Any, list[Row]] = {
        kind: [] for kind in (
            Cohort, CohortPlugin, Person, Member, Habit, HabitWeek, Engagement, CoachingSession, ProgrammeGroup,
            Measurement, Report, ReportedScale,
        )
    }  # fmt: skip
    for number in range(COHORTS):
        cohort_id = course.cohort.id if number == 0 else uuid.uuid4()
        if number:
            rows[Cohort].append({
                "id": cohort_id, "organisation_id": course.organisation.id, "deployment_id": course.deployment.id,
                "context_id": f"c{number}", "title": f"Chefer {number}", "created_at": now,
            })  # fmt: skip
        rows[CohortPlugin] += [
            {"cohort_id": cohort_id, "plugin": plugin.key, "enabled": True, "settings": {}, "changed_at": now}
            for plugin in world.core.host
        ]
        rows[ProgrammeGroup] += [_group(cohort_id, figure, sums, now) for figure, sums in (
            (Figure.FEEDBACK, [20.0] * 5), (Figure.TRUST, [21.0]), (Figure.GOALS, [190.0, 260.0]),
        )]  # fmt: skip
        for one in range(MANAGERS):
            _manager(rows, course, cohort_id, coach.person_id, (number, one), chance, today, now)
    for kind, found in rows.items():
        session.execute(sa.insert(kind), found)


def _group(cohort_id: uuid.UUID, figure: Figure, sums: list[float], now: datetime) -> Row:
    return {
        "id": uuid.uuid4(), "cohort_id": cohort_id, "figure": figure, "version": 0, "number": 0, "sums": sums,
        "until_at": now, "until_id": uuid.uuid4(), "counted_at": now,
    }  # fmt: skip


def _manager(
    rows: dict[Any, list[Row]], course: Course, cohort_id: uuid.UUID, coach_id: uuid.UUID, place: tuple[int, int],
    chance: random.Random, today: date, now: datetime,
) -> None:  # fmt: skip
    person_id = uuid.uuid4()
    rows[Person].append({
        "id": person_id, "organisation_id": course.organisation.id, "platform_id": course.platform.id,
        "sub": f"s{place[0]}-{place[1]}", "name": f"Chef {place[1]}", "created_at": now,
    })  # fmt: skip
    rows[Member].append({
        "id": uuid.uuid4(), "cohort_id": cohort_id, "person_id": person_id, "role": Role.MANAGER, "first_seen_at": now,
        "last_seen_at": now,
    })  # fmt: skip
    if chance.random() < 0.8:
        _habit(rows, cohort_id, person_id, today, now)
    if chance.random() < 0.7:
        _coaching(rows, cohort_id, person_id, coach_id, chance.randint(0, 5), now)
    if chance.random() < 0.3:
        _measured(rows, cohort_id, person_id, chance, today, now)


def _habit(rows: dict[Any, list[Row]], cohort_id: uuid.UUID, person_id: uuid.UUID, today: date, now: datetime) -> None:
    habit_id = uuid.uuid4()
    common = {"cohort_id": cohort_id, "person_id": person_id}
    rows[Habit].append({**common, "id": habit_id, "starts_on": today - timedelta(days=60), "created_at": now})
    rows[HabitWeek] += [
        {
            **common, "habit_id": habit_id, "monday": counting.monday_of(today) - timedelta(weeks=week), "days": 21,
            "done": 3, "partly": 0, "missed": 0, "skipped": 0, "value": 3, "strength": 0.4, "until": today, "changed_at": now,
        }
        for week in range(2)
    ]  # fmt: skip


def _coaching(
    rows: dict[Any, list[Row]],
    cohort_id: uuid.UUID,
    person_id: uuid.UUID,
    coach_id: uuid.UUID,
    held: int,
    now: datetime,
) -> None:
    engagement_id = uuid.uuid4()
    rows[Engagement].append({
        "id": engagement_id, "cohort_id": cohort_id, "manager_id": person_id, "coach_id": coach_id,
        "status": Engaged.ACTIVE, "phase": Phase.TRUST, "started_at": now, "accepted_at": now, "activated_at": now,
        "version": 1,
    })  # fmt: skip
    rows[CoachingSession] += [
        {
            "id": uuid.uuid4(), "engagement_id": engagement_id, "number": number + 1,
            "planned_start": now - timedelta(days=14 * (number + 1)), "planned_minutes": 150, "process_minutes": 70,
            "result_minutes": 60, "state": State.CLOSED,
        }
        for number in range(held)
    ]  # fmt: skip


def _measured(
    rows: dict[Any, list[Row]],
    cohort_id: uuid.UUID,
    person_id: uuid.UUID,
    chance: random.Random,
    today: date,
    now: datetime,
) -> None:
    measurement_id, report_id = uuid.uuid4(), uuid.uuid4()
    rows[Measurement].append({
        "id": measurement_id, "cohort_id": cohort_id, "manager_id": person_id, "instrument_key": GM24.key,
        "instrument_version": GM24.version, "instrument_sha256": "0" * 64, "state": Asked.REPORTED, "created_at": now,
        "size": 8, "languages": ["sv"], "mode": Mode.CODES, "opens_on": today, "closes_on": today, "minimum": 5,
        "about_manager": False, "group_reads": True,
    })  # fmt: skip
    rows[Report].append({
        "id": report_id, "measurement_id": measurement_id, "cohort_id": cohort_id, "manager_id": person_id,
        "instrument_key": GM24.key, "instrument_major": 0, "wave": chance.randint(1, 2), "frozen_on": today, "release": 1,
        "figures": {"band": "5-7", "changes": {"A": ["higher", True]}},
    })  # fmt: skip
    rows[ReportedScale] += [
        {"report_id": report_id, "scale": side, "value": chance.randrange(15, 90, 5)} for side in SIDES
    ]
