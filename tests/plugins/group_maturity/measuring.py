"""What tests of measurements do over and over: plan, open, answer as a guest, close."""

import random
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from plugins.group_maturity.instruments import LIBRARY, OWN, newest
from plugins.group_maturity.models import Measurement, Mode, Report
from plugins.group_maturity.operations import closing, measurements
from plugins.group_maturity.operations.figures import Figures
from plugins.group_maturity.operations.measurements import Plan
from plugins.group_maturity.settings import GroupSettings
from service.clock import local_date
from service.cohorts.models import Member
from service.jobs import work
from service.jobs.models import Job, JobState
from tests.support import BASE, Course, World

GM24 = newest(LIBRARY, OWN)
GROUP = GM24.forms["group"]
ABOUT = GM24.forms["group_about_manager"]
SETTINGS = GroupSettings()


def plan(world: World, course: Course, **changes: Any) -> Plan:
    """A plan for eight people that opens today."""
    today = local_date(world.core.units.clock.now(), course.cohort.zone)
    values: dict[str, Any] = {
        "label": "Dagteamet", "size": 8, "languages": ("sv", "en"), "mode": Mode.CODES, "opens_on": today,
        "closes_on": today + timedelta(days=14), "instrument": (GM24.key, GM24.version),
    }  # fmt: skip
    return Plan(**{**values, **changes})


@dataclass
class Open:
    """An open measurement: its id, its manager, and the words of its links."""

    world: World
    course: Course
    manager: Member
    id: uuid.UUID
    words: list[str]

    def answer(
        self, word: str, answers: Mapping[str, Any], *, form: str | None = None, client: FlaskClient | None = None
    ) -> TestResponse:
        """Sends a form as a guest's browser does."""
        client = client or self.world.app.test_client()
        data = {name: str(value) for name, value in answers.items()} | {"form": form or uuid.uuid4().hex}
        return client.post(
            f"/g/{word}/group_maturity/answer", data=data, base_url=BASE, headers={"Sec-Fetch-Site": "same-origin"}
        )

    def visit(self, word: str, path: str = "") -> TestResponse:
        return self.world.app.test_client().get(f"/g/{word}/group_maturity/{path}", base_url=BASE)

    def close(self) -> None:
        """Closes it early, and lets the worker count the report."""
        with self.world.app.app_context(), self.world.core.units.writing() as unit:
            closing.close_now(unit.session.get_one(Measurement, self.id), self.course.cohort)
        run_jobs(self.world)

    def row(self) -> Measurement:
        with self.world.core.units.reading() as unit:
            return unit.session.get_one(Measurement, self.id)

    def figures(self) -> Figures | None:
        with self.world.core.units.reading() as unit:
            report = unit.session.scalars(sa.select(Report).where(Report.measurement_id == self.id)).one_or_none()
            return None if report is None else Figures.of(report.figures)


def run_jobs(world: World) -> None:
    """Does what was decided, as a worker would."""
    with world.core.units.reading() as unit:
        waiting = list(unit.session.scalars(sa.select(Job.id).where(Job.state == JobState.QUEUED)))
    for job in waiting:
        work.perform(world.app, job)


def open_one(
    world: World, course: Course, manager: Member | None = None, settings: GroupSettings = SETTINGS, *,
    draft_languages: bool = False, **changes: Any,
) -> Open:  # fmt: skip
    """Plans and opens a measurement."""
    manager = manager or world.member(course)
    with world.core.units.writing():
        made = measurements.create(course.cohort, manager.person_id, plan(world, course, **changes), settings)
        words = measurements.open_up(made, course.cohort, settings, draft_languages=draft_languages)
    return Open(world, course, manager, made.id, words)


def levels(scale: Mapping[str, int], names: Sequence[str] = GROUP) -> dict[str, int]:
    """An answer with the same level throughout each side, reverse-keyed statements turned."""
    given = {name: scale[GM24.items[name].scale] for name in names}
    return {name: 6 - level if GM24.items[name].reverse else level for name, level in given.items()}


def at_random(chance: random.Random, names: Sequence[str] = GROUP) -> dict[str, int]:
    """An answer in which nothing means anything."""
    return {name: chance.randint(1, 5) for name in names}


def on(day: date) -> str:
    return day.isoformat()
