"""Test support: made-up organisations and people, and browsers that are already inside."""

import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from service import browser
from service.access import Role
from service.clock import SystemClock
from service.cohorts.models import Cohort, CohortPlugin, Grant, Launch, Member, Organisation, Person
from service.core import Core
from service.lti.models import Deployment, DeploymentState, Platform
from service.retention import rules

BASE = "http://127.0.0.1:5055"
KEY = "A" * 43 + "="
OTHER_KEY = "B" * 42 + "A="
METRICS_TOKEN = "figures-for-the-tests"


class OffsetClock:
    """The machine's clock, moved by as much as a test wants."""

    def __init__(self) -> None:
        self.offset = timedelta()

    def now(self) -> datetime:
        return SystemClock().now() + self.offset

    def advance(self, by: timedelta) -> None:
        self.offset += by

    def put(self, at: datetime) -> None:
        """Makes it this moment now; time goes on from there."""
        self.offset = at.astimezone(UTC) - SystemClock().now()


def at_noon() -> OffsetClock:
    """A clock that begins at noon (UTC) of today: whatever hour it is, the day is the same here and where people are."""
    clock = OffsetClock()
    clock.put(clock.now().replace(hour=12, minute=0, second=0, microsecond=0))
    return clock


def parts(app: Flask) -> Core:
    """The parts of the application under test."""
    return app.extensions["stegvis"]


@dataclass
class Course:
    """A cohort with everything above it."""

    organisation: Organisation
    platform: Platform
    deployment: Deployment
    cohort: Cohort


@dataclass
class Browser:
    """A browser inside one launch: a test client, the launch id, and the member it launched as."""

    app: Flask
    client: FlaskClient
    launch_id: uuid.UUID
    secret: bytes
    person: Person
    member: Member | None
    headers: dict[str, str] = field(default_factory=lambda: {"Sec-Fetch-Site": "same-origin"})

    @property
    def path(self) -> str:
        return f"/l/{self.launch_id}"

    @property
    def token(self) -> str:
        with self.app.app_context():
            return browser.form_token(self.secret, self.launch_id)

    def get(self, path: str = "/", **kw: Any) -> TestResponse:
        """GETs a page behind the door: `get("/ledarsteg/")`."""
        return self.client.get(self.path + path, base_url=BASE, **kw)

    def post(self, path: str, data: dict[str, Any] | None = None, **kw: Any) -> TestResponse:
        """POSTs a form of this launch, token included."""
        headers = {**self.headers, **kw.pop("headers", {})}
        return self.client.post(
            self.path + path, data={"csrf_token": self.token, **(data or {})}, base_url=BASE, headers=headers, **kw
        )


class World:
    """Makes rows directly, for tests of what is behind the door. Launching for real is tested elsewhere."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.core = parts(app)
        self._count = 0

    def course(
        self, title: str = "Enhetschefer 2026", *, beside: Course | None = None, plugins: dict[str, Any] | None = None
    ) -> Course:
        """A cohort in a new organisation, or in the deployment of `beside`. `plugins`: key → settings; default all on."""
        self._count += 1
        now = self.core.units.clock.now()
        with self.core.units.writing() as unit:
            if beside is None:
                organisation = Organisation(name=f"Organisation {self._count}", created_at=now)
                platform = Platform(
                    public_id=f"p{uuid.uuid4().hex[:12]}", name="Lärplattform", issuer=f"http://localhost:{9000 + self._count}",
                    client_id="client", auth_login_url="http://localhost/auth", token_url="http://localhost/token",
                    jwks_url="http://localhost/jwks", organisation_id=organisation.id, created_at=now,
                )  # fmt: skip
                deployment = Deployment(
                    platform_id=platform.id, organisation_id=organisation.id, deployment_id="1",
                    state=DeploymentState.ACTIVE, created_at=now,
                )  # fmt: skip
                for row in (organisation, platform, deployment):
                    unit.session.add(row)
                    unit.session.flush()
            else:
                organisation, platform, deployment = beside.organisation, beside.platform, beside.deployment
            cohort = Cohort(
                organisation_id=organisation.id,
                deployment_id=deployment.id,
                context_id=str(self._count),
                title=title,
                created_at=now,
            )
            unit.session.add(cohort)
            unit.session.flush()
            wanted = {plugin.key: {} for plugin in self.core.host} if plugins is None else plugins
            for key, settings in wanted.items():
                unit.session.add(
                    CohortPlugin(cohort_id=cohort.id, plugin=key, enabled=True, settings=settings, changed_at=now)
                )
        return Course(organisation, platform, deployment, cohort)

    def person(self, course: Course, name: str = "Karin Lindqvist", **values: Any) -> Person:
        self._count += 1
        person = Person(
            organisation_id=course.organisation.id, platform_id=course.platform.id, sub=values.pop("sub", f"sub-{self._count}"),
            name=name, created_at=self.core.units.clock.now(), **values,
        )  # fmt: skip
        with self.core.units.writing() as unit:
            unit.session.add(person)
        return person

    def member(
        self, course: Course, role: Role = Role.MANAGER, name: str = "Karin Lindqvist", person: Person | None = None
    ) -> Member:
        """A member of the cohort; `member.person` and `member.cohort` are loaded."""
        person = person or self.person(course, name)
        now = self.core.units.clock.now()
        member = Member(cohort_id=course.cohort.id, person_id=person.id, role=role, first_seen_at=now, last_seen_at=now)
        with self.core.units.writing() as unit:
            unit.session.add(member)
            unit.session.flush()
            if role is Role.TRAINING:
                unit.session.add(Grant(
                    organisation_id=course.organisation.id, cohort_id=None, person_id=person.id, role=role,
                    granted_by=None, granted_at=now,
                ))  # fmt: skip
        member.person, member.cohort = person, course.cohort
        return member

    def enter(
        self, course: Course, role: Role = Role.MANAGER, name: str = "Karin Lindqvist", *, member: Member | None = None,
        locale: str = "en", client: FlaskClient | None = None, secret: bytes | None = None,
    ) -> Browser:  # fmt: skip
        """A browser inside a launch of that member. Several launches may share `client` and `secret`: one browser, many tabs."""
        member = member or self.member(course, role, name)
        secret = secret or browser.new_secret()
        now = self.core.units.clock.now()
        launch = Launch(
            browser_hash=browser.digest(secret), platform_id=course.platform.id, deployment_id=course.deployment.id,
            organisation_id=course.organisation.id, person_id=member.person_id, cohort_id=course.cohort.id,
            member_id=member.id, role=member.role, locale=locale, in_frame=True, frame_origins=course.platform.issuer,
            created_at=now, expires_at=now + timedelta(hours=10),
        )  # fmt: skip
        with self.core.units.writing() as unit:
            unit.session.add(launch)
        client = client or self.app.test_client()
        client.set_cookie(browser.COOKIE, secret.hex(), domain="127.0.0.1", secure=True, httponly=True)
        return Browser(self.app, client, launch.id, secret, member.person, member)


def forgotten(app: Flask, organisation_id: uuid.UUID, code: str, at_once: int = 50) -> dict[str, int]:
    """Deletes all that is due by one rule of keeping, and returns how many rows that were; what it counts before is that."""
    with app.app_context():
        rule = rules.find(code)
        assert rule.declared.count is not None
        assert rule.declared.delete is not None
        with parts(app).units.reading() as unit:
            due = rule.due(organisation_id, rules.in_force(rule, rules.chosen(organisation_id)), unit.now())
            expected = {table: number for table, number in rule.declared.count(due).items() if number}
        gone = Counter[str]()
        while True:
            with parts(app).units.writing():
                some = Counter(rule.declared.delete(due, at_once))
            gone += some
            if not some.total():
                break
    assert dict(gone) == expected
    return dict(gone)


@contextmanager
def every_statement(world: World) -> Iterator[list[str]]:
    """The statements that are sent meanwhile. Prepared ones (`service.prepared`) tell nobody and are not among them."""
    found: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        found.append(statement)

    sa.event.listen(world.core.units.engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        sa.event.remove(world.core.units.engine, "before_cursor_execute", note)
