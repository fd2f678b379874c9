"""The practice cohort: everybody launches once from the practice LMS, and each plugin makes their past by its own operations."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING

import sqlalchemy as sa
import structlog

from service.access import Role
from service.clock import SetClock, SystemClock, local_date
from service.cohorts import counting, people
from service.cohorts.models import Cohort
from service.contract.records import DemoCast
from service.demo.launching import form_fields, launch
from service.demo.people import COURSES, PEOPLE
from service.lti import platforms

if TYPE_CHECKING:
    from flask import Flask

    from service.core import Core
    from service.demo.practice import PracticeLms

ORGANISATION = "Vallinge kommun (påhittad)"
COACH = "Amira Haddad"
TRAINING = "johan-ekstrom"
# The test account and the assistant come when somebody opens the practice LMS as them.
LEFT_OUT = ("testanvandare", "nils-aberg")
log = structlog.get_logger("stegvis.demo")


class PracticeClock:
    """The machine's clock, which can be put in the past for the length of a block."""

    def __init__(self) -> None:
        self._clock: SystemClock | SetClock = SystemClock()

    def now(self) -> datetime:
        """Returns this moment, or the one it was put to."""
        return self._clock.now()

    @contextmanager
    def at(self, moment: datetime) -> Iterator[None]:
        """Puts the clock to a moment for the length of a block."""
        before, self._clock = self._clock, SetClock(moment)
        try:
            yield
        finally:
            self._clock = before


def is_seeded(core: Core) -> bool:
    """Tells whether the practice cohort is there already."""
    with core.units.reading() as unit:
        return unit.session.scalar(sa.select(sa.func.count()).select_from(Cohort)) != 0


def register(core: Core, lms: PracticeLms) -> str:
    """Registers the practice LMS as a platform. Returns the one-time code of the training department."""
    tool = lms.tools[0]
    entry = platforms.Entry(
        name="Praktikplattform", issuer=lms.base_url, client_id=tool.client_id, auth_login_url=f"{lms.base_url}/auth",
        token_url=f"{lms.base_url}/token", jwks_url=f"{lms.base_url}/jwks", organisation=ORGANISATION,
        deployments=[tool.deployment_id],
    )  # fmt: skip
    platforms.check_entry(entry, demo=core.settings.demo)
    with core.units.writing():
        registered = platforms.register(entry)
    return registered.training_code


def seed(app: Flask, core: Core, lms: PracticeLms, clock: PracticeClock) -> None:
    """Fills an empty database: registration, launches, the training department's role, and the plugins' pasts."""
    code = register(core, lms)
    for person in PEOPLE:
        for course in COURSES:
            if course.key in person.courses and person.key not in LEFT_OUT:
                launch(app.test_client(), core.settings.public_url, lms, person.key, course.key)
    _prove_training(app, core, lms, code)
    # What a plugin decides for the background is kept as by a request.
    with app.app_context():
        fill(core, clock)
        # What the training department is shown is there from the first moment, as if a worker had come by.
        counting.run(core.units, core.host)


def _prove_training(app: Flask, core: Core, lms: PracticeLms, code: str) -> None:
    client = app.test_client()
    where = launch(client, core.settings.public_url, lms, TRAINING, COURSES[0].key)
    page = client.get(where, base_url=core.settings.public_url)

    fields = {**form_fields(page.text), "code": code}
    answer = client.post(where.rstrip("/") + "/claim", data=fields, base_url=core.settings.public_url)
    if not answer.location:
        raise RuntimeError(f"the training department could not prove itself: {answer.status}")


def fill(core: Core, clock: PracticeClock) -> None:
    """Lets every plugin make the past of the first course's members, who have launched already."""
    with core.units.writing() as unit:
        cohort = unit.session.scalars(sa.select(Cohort).where(Cohort.title == COURSES[0].title)).one()
        lines = people.everyone(cohort)
        managers = [line.member for line in lines if line.role is Role.MANAGER]
        coach = next(line.member for line in lines if line.member.person.name == COACH)
        training = next(line.member for line in lines if line.role is Role.TRAINING)
        order = {person.name: index for index, person in enumerate(PEOPLE)}
        managers.sort(key=lambda member: order.get(member.person.name, len(order)))
        today = local_date(clock.now(), cohort.zone)
        core.host.everyone().seed_demo(cohort, DemoCast(managers, coach, training, today, clock.at))
