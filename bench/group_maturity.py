"""Group measurements: counting a report, means over a thousand teams, and two hundred people who answer at once."""

import http.client
import os
import random
import socket
import statistics
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from bench.measure import Result, Stopwatch, interleaved
from bench.place import database
from plugins.group_maturity.instruments import LIBRARY, OWN, newest
from plugins.group_maturity.models import Measurement, Mode, Report, ReportedScale, State
from plugins.group_maturity.operations import answering, closing, measurements, overview, reports
from plugins.group_maturity.operations.measurements import Plan
from plugins.group_maturity.settings import GroupSettings
from service import migrate
from service.app import create_app
from service.settings import Settings, load
from tests.support import BASE, KEY, OTHER_KEY, Course, World, parts

GM24 = newest(LIBRARY, OWN)
GROUP = GM24.forms["group"]
SETTINGS = GroupSettings()
TEAM = 12
REPORTS = 15
TEAMS = 1000
AT_ONCE, ROUNDS = 200, 3


@contextmanager
def _world(kind: str) -> Iterator[tuple[Flask, World, Course, Settings]]:
    with database(kind) as (folder, url):
        settings = load(
            public_url=BASE, demo=True, master_key=KEY, secret_key=OTHER_KEY, data_dir=folder, database_url=url
        )
        migrate.upgrade(settings)
        app = create_app(settings)
        world = World(app)
        try:
            with app.app_context():
                yield app, world, world.course(), settings
        finally:
            parts(app).units.engine.dispose()


def _open(world: World, course: Course, size: int) -> tuple[uuid.UUID, list[str]]:
    manager = world.member(course)
    with world.core.units.writing():
        today = measurements.today(course.cohort)
        plan = Plan(
            f"Grupp {uuid.uuid4().hex[:6]}",
            size,
            ("sv",),
            Mode.CODES,
            today,
            today + timedelta(days=14),
            (GM24.key, GM24.version),
        )
        made = measurements.create(course.cohort, manager.person_id, plan, SETTINGS)
        return made.id, measurements.open_up(made, course.cohort, SETTINGS)


def _answers(chance: random.Random) -> dict[str, int]:
    return {name: chance.randint(1, 5) for name in GROUP}


def report_sqlite() -> Iterator[Result]:
    return _report("sqlite")


def report_postgresql() -> Iterator[Result]:
    return _report("postgresql")


def _report(kind: str) -> Iterator[Result]:
    """`group_maturity.report`: milliseconds of processor for closing a group of twelve: box, report, release, all gone."""
    chance, spent = random.Random(1), []
    with _world(kind) as (_app, world, course, _settings):
        for _ in range(REPORTS):
            measurement, _words = _open(world, course, TEAM)
            with world.core.units.writing() as unit:
                for _number in range(TEAM):
                    given = (measurement, uuid.uuid4(), uuid.uuid4().hex, _answers(chance))
                    answering.submit(course.cohort, *given)
                closing.close_now(unit.session.get_one(Measurement, measurement), course.cohort)
            begun = time.process_time()
            with world.core.units.writing():
                closing.freeze(measurement)
            spent.append((time.process_time() - begun) * 1000)
    yield Result(f"group_maturity.report.{kind}", statistics.median(spent), "ms of CPU", goal="at most 30")


def aggregate_sqlite() -> Iterator[Result]:
    return _aggregate("sqlite")


def aggregate_postgresql() -> Iterator[Result]:
    return _aggregate("postgresql")


def _aggregate(kind: str) -> Iterator[Result]:
    """`group_maturity.aggregate`: the mean profile over a thousand teams of twelve, beside its SQL alone."""
    with _world(kind) as (_app, world, course, _settings):
        with world.core.units.writing() as unit:
            _fill(unit.session, course, TEAMS)
        with world.core.units.reading() as unit:
            query, values = _raw(unit.connection, course)
            cursor = unit.connection.connection.driver_connection.cursor()  # type: ignore[union-attr]  # it is connected

            def subject(_turn: int, _watch: Stopwatch) -> None:
                found = overview.aggregate([course.cohort.id], GM24.key, 0)
                if found.teams != TEAMS:
                    raise SystemExit(f"{found.teams} teams instead of {TEAMS}")

            def floor(_turn: int, _watch: Stopwatch) -> None:
                if len(cursor.execute(query, values).fetchall()) != 4:
                    raise SystemExit("the bare statement found other scales")

            value, base = interleaved(subject, floor, 300)
    yield Result(f"group_maturity.aggregate.{kind}", value, "ms", base, "at most 1.2 times its SQL")


def _fill(session: Session, course: Course, number: int) -> None:
    chance = random.Random(2)
    now = measurements.today(course.cohort)
    for team in range(number):
        measurement = Measurement(
            cohort_id=course.cohort.id, manager_id=None, instrument_key=GM24.key, instrument_version=GM24.version,
            instrument_sha256=GM24.sha256, state=State.REPORTED, created_at=parts_now(), size=TEAM, languages=["sv"],
            mode=Mode.CODES, opens_on=now, closes_on=now, closed_on=now, minimum=5, about_manager=False, group_reads=True,
            wave=1, changed=0, enough=True,
        )  # fmt: skip
        figures, _moments = reports.count(measurement, GM24, [_answers(chance) for _ in range(TEAM)])
        report = Report(
            measurement_id=measurement.id, cohort_id=course.cohort.id, manager_id=None, instrument_key=GM24.key,
            instrument_major=0, wave=1, frozen_on=now, release=1 + team // 5, figures=figures.as_json(),
        )  # fmt: skip
        for rows in (
            [measurement],
            [report],
            [ReportedScale(report_id=report.id, scale=s, value=f.value) for s, f in figures.scales.items()],
        ):
            session.add_all(rows)
            session.flush()


def parts_now() -> Any:
    from service.unit import now

    return now()


def _raw(connection: sa.Connection, course: Course) -> tuple[str, Sequence[Any]]:
    """The statement as somebody would write it by hand, in the driver's own words."""
    mark = "?" if connection.dialect.name == "sqlite" else "%s"
    cohort: Any = course.cohort.id.hex if connection.dialect.name == "sqlite" else course.cohort.id
    query = (
        "SELECT s.scale, count(*), avg(s.value) FROM group_maturity_reported_scale s"
        " JOIN group_maturity_report r ON r.id = s.report_id"
        f" WHERE r.cohort_id IN ({mark}) AND r.release IS NOT NULL AND r.wave = {mark}"
        f" AND r.instrument_key = {mark} AND r.instrument_major = {mark} GROUP BY s.scale"
    )
    return query, (cohort, 1, GM24.key, 0)


def submit_sqlite() -> Iterator[Result]:
    return _submit("sqlite")


def submit_postgresql() -> Iterator[Result]:
    return _submit("postgresql")


def _submit(kind: str) -> Iterator[Result]:
    """`group_maturity.submit`: two hundred people of one group send at once to the real web server."""
    with _world(kind) as (app, world, course, settings):
        groups = [_open(world, course, AT_ONCE)[1] for _ in range(ROUNDS)]
        parts(app).units.engine.dispose()
        ratios, ends, medians, errors = [], [], [], 0
        with _serving(settings) as port:
            for words in groups:
                taken, statuses = _at_once(port, words)
                errors += sum(status != http.HTTPStatus.OK for status in statuses)
                ends.append(taken[int(len(taken) * 0.99) - 1])
                medians.append(statistics.median(taken))
                ratios.append(ends[-1] / medians[-1])
    best = ratios.index(statistics.median(ratios))
    yield Result(f"group_maturity.submit.{kind}", ends[best], "ms (p99)", medians[best], "at most 5 times the median")
    yield Result(f"group_maturity.submit.errors.{kind}", errors, "errors", goal=f"0 of {ROUNDS * AT_ONCE}")


def _at_once(port: int, words: Sequence[str]) -> tuple[list[float], list[int]]:
    chance = random.Random(3)
    barrier = threading.Barrier(len(words))
    taken: list[float] = []
    statuses: list[int] = []

    def send(word: str, body: str) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        connection.connect()
        barrier.wait()
        begun = time.perf_counter()
        connection.request("POST", f"/g/{word}/group_maturity/answer", body, {
            "Content-Type": "application/x-www-form-urlencoded", "Host": BASE.removeprefix("http://"),
            "Sec-Fetch-Site": "same-origin",
        })  # fmt: skip
        answer = connection.getresponse()
        answer.read()
        taken.append((time.perf_counter() - begun) * 1000)
        statuses.append(answer.status)
        connection.close()

    bodies = [urlencode({**_answers(chance), "form": uuid.uuid4().hex}) for _ in words]
    threads = [threading.Thread(target=send, args=pair) for pair in zip(words, bodies, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(taken), statuses + [0] * (len(words) - len(statuses))


@contextmanager
def _serving(settings: Settings) -> Iterator[int]:
    """The web server as `stegvis web` starts it, on a free port."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = int(free.getsockname()[1])
    environment = {name: value for name, value in os.environ.items() if not name.startswith("STEGVIS_")} | {
        "STEGVIS_PUBLIC_URL": BASE, "STEGVIS_DEMO": "true", "STEGVIS_MASTER_KEY": KEY, "STEGVIS_SECRET_KEY": OTHER_KEY,
        "STEGVIS_DATA_DIR": str(settings.data_dir), "STEGVIS_DATABASE_URL": settings.database_url,
    }  # fmt: skip
    command = [
        sys.executable,
        "-m",
        "gunicorn",
        "-c",
        "python:service.gunicorn_conf",
        "-b",
        f"127.0.0.1:{port}",
        "service.wsgi:app()",
    ]
    with subprocess.Popen(command, env=environment, cwd=Path(__file__).parents[1]) as server:
        try:
            _wait_for(port)
            yield port
        finally:
            server.terminate()


def _wait_for(port: int) -> None:
    for _ in range(300):
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1):
                return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("the web server did not start")
