"""The service and a learning platform as real servers, for tests that go over HTTP or through a browser."""

import http.cookiejar
import socket
import threading
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from email.message import Message
from functools import partial
from html.parser import HTMLParser
from urllib.parse import urlencode, urljoin

from flask import Flask
from sqlalchemy import select
from werkzeug.serving import WSGIRequestHandler, make_server

from service import migrate
from service.access import Role
from service.app import create_app
from service.browser import digest
from service.cohorts.models import Grant, Organisation, Person
from service.core import Core
from service.demo.config import LmsConfig, tool_at
from service.demo.lms import running
from service.demo.practice import PracticeLms
from service.demo.seed import PracticeClock, seed
from service.jobs import outbox
from service.jobs.work import perform
from service.lti.models import Deployment, DeploymentState, Platform
from service.settings import Settings
from tests.support import OffsetClock, parts

TIMEOUT = 15
TRAINING_CODE = "prova-stegvis-2026"


class _Quiet(WSGIRequestHandler):
    def log(self, *_args: object) -> None:
        """Says nothing: a launch's form holds names."""


@contextmanager
def listening() -> Iterator[tuple[socket.socket, str]]:
    """A bound port of this computer and its address, before there is an app that must know its own address."""
    with socket.create_server(("127.0.0.1", 0), backlog=128) as bound:
        yield bound, f"http://127.0.0.1:{bound.getsockname()[1]}"


@contextmanager
def serving(app: Flask, bound: socket.socket) -> Iterator[None]:
    """The app answering on a bound port, one thread for each request."""
    server = make_server(
        "127.0.0.1", bound.getsockname()[1], app, threaded=True, request_handler=_Quiet, fd=bound.fileno()
    )
    server.daemon_threads = True  # type: ignore[attr-defined]  # a browser keeps connections open for longer than a test
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def register(
    app: Flask, issuer: str, *, client_id: str = "ovning", deployment_id: str = "1", name: str = "Lärplattform"
) -> Platform:
    """Registers a platform and its deployment, as an operator would, in the one organisation of this database."""
    core = parts(app)
    now = core.units.clock.now()
    with core.units.writing() as unit:
        organisation = unit.session.scalars(select(Organisation)).first()
        if organisation is None:
            organisation = Organisation(name="Älvdalens kommun", created_at=now)
            unit.session.add(organisation)
            unit.session.flush()
        platform = Platform(
            public_id=f"p{digest(issuer.encode()).hex()[:12]}", name=name, issuer=issuer, client_id=client_id,
            auth_login_url=f"{issuer}/auth", token_url=f"{issuer}/token", jwks_url=f"{issuer}/jwks",
            organisation_id=organisation.id, training_code_hash=digest(TRAINING_CODE.encode()), created_at=now,
        )  # fmt: skip
        unit.session.add(platform)
        unit.session.flush()
        unit.session.add(Deployment(
            platform_id=platform.id, organisation_id=organisation.id, deployment_id=deployment_id,
            state=DeploymentState.ACTIVE, created_at=now,
        ))  # fmt: skip
    return platform


@dataclass
class Live:
    """The running service and, on another site, the practice LMS that is registered with it."""

    app: Flask
    base_url: str
    lms: PracticeLms

    @property
    def core(self) -> Core:
        """The parts of the running service."""
        return parts(self.app)

    def course_url(
        self, person: str, *, course: str = "enhetschefer", link: str = "stegvis", locale: str = "sv"
    ) -> str:
        """The practice LMS's page of a course with an activity in its frame, as that person sees it."""
        return f"{self.lms.base_url}/courses/{course}/as/{person}/{link}?locale={locale}"

    def launch(
        self, person: str, *, course: str = "enhetschefer", link: str = "stegvis", locale: str = "sv"
    ) -> "Visitor":
        """Launches over HTTP as that person, without a browser: for the people who only have to be there."""
        visitor = Visitor()
        visitor.post(f"{self.base_url}/lti/login", self.lms.login_parameters(person, course, link=link, locale=locale))
        visitor.follow_forms()
        return visitor

    def work(self) -> None:
        """Does every job that is due, and those it leads to, in threads, as a worker beside the service would."""
        done: set[uuid.UUID] = set()
        while waiting := set(self._due()) - done:
            for job_id in waiting:
                worker = threading.Thread(target=perform, args=(self.app, job_id))
                worker.start()
                worker.join()
            done |= waiting

    def _due(self) -> list[uuid.UUID]:
        with self.core.units.reading():
            return list(outbox.due())

    def make_training(self, person: str) -> None:
        """Gives an administrator who has launched the training role, as another member of the training department would."""
        with self.core.units.writing() as unit:
            found = unit.session.scalars(select(Person).where(Person.sub == self.lms.person(person).id)).one()
            unit.session.add(Grant(
                organisation_id=found.organisation_id, cohort_id=None, person_id=found.id, role=Role.TRAINING,
                granted_by=None, granted_at=unit.now(),
            ))  # fmt: skip


@contextmanager
def running_service(
    make_app: Callable[..., Flask], settings: Settings, *, family: str = "moodle", has_tool: bool = True
) -> Iterator[Live]:
    """The service on 127.0.0.1 and the practice LMS on localhost: two sites, which do not know each other yet.

    Without `has_tool` the practice LMS has no tool at all, as before somebody connects one.
    """
    with ExitStack() as stack:
        bound, base_url = stack.enter_context(listening())
        app = make_app(settings=settings.model_copy(update={"public_url": base_url}))
        stack.enter_context(serving(app, bound))
        tool = tool_at(base_url) if has_tool else None
        lms = stack.enter_context(running(LmsConfig("http://localhost:0", tool, family=family)))
        yield Live(app, base_url, lms)


class _MovedClock(PracticeClock):
    """The practice cohort's clock, started at another moment."""

    def __init__(self, at: datetime | None) -> None:
        super().__init__()
        started = OffsetClock()
        if at is not None:
            started.put(at)
        self._clock, self.offset = started, started.offset


@contextmanager
def running_demo(settings: Settings, at: datetime | None = None) -> Iterator[Live]:
    """The same with the practice cohort in it, as `make demo` begins; both have the clock at `at` when it begins."""
    clock = _MovedClock(at)
    migrate.upgrade(settings)
    with running_service(partial(create_app, clock=clock), settings) as live:
        try:
            live.lms.clock_offset = clock.offset.total_seconds()
            seed(live.app, live.core, live.lms, clock)
            yield live
        finally:
            live.core.units.engine.dispose()


@dataclass
class Form:
    """A form of a page as a browser without script would send it."""

    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(Form(given.get("action", ""), given.get("method", "get").lower()))
        elif tag == "input" and self.forms and "name" in given:
            self.forms[-1].fields[given["name"]] = given.get("value", "")


def read_forms(page: str) -> list[Form]:
    """Returns the forms of a page in their order."""
    reader = _Forms()
    reader.feed(page)
    return reader.forms


@dataclass(frozen=True)
class Answer:
    """Where the redirects ended and what was there."""

    status_code: int
    url: str
    body: bytes
    headers: Message

    @property
    def text(self) -> str:
        """The page."""
        return self.body.decode(errors="replace")


class Visitor:
    """A small browser without script: it keeps cookies, follows redirects, and sends the forms that carry launches along."""

    def __init__(self) -> None:
        # 127.0.0.1 counts as a secure place in browsers; here it must be said.
        policy = http.cookiejar.DefaultCookiePolicy(secure_protocols=("http", "https"))
        self.cookies = http.cookiejar.CookieJar(policy)
        self._opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor(self.cookies)
        )
        self.answer = Answer(0, "", b"", Message())

    def get(self, url: str) -> Answer:
        """Goes to an address and stays where the redirects end."""
        return self._open(urllib.request.Request(url))

    def post(self, url: str, fields: dict[str, str]) -> Answer:
        """Sends a form and stays where the redirects end."""
        return self._open(urllib.request.Request(url, data=urlencode(fields).encode()))

    def _open(self, request: urllib.request.Request) -> Answer:
        try:
            response = self._opener.open(request, timeout=TIMEOUT)
        except urllib.error.HTTPError as error:
            response = error
        with response:
            self.answer = Answer(response.status, response.url, response.read(), response.headers)
        return self.answer

    @property
    def form(self) -> Form:
        """The first form of the page, its action made absolute."""
        form = read_forms(self.answer.text)[0]
        form.action = urljoin(self.answer.url, form.action)
        return form

    def carries_a_token(self) -> bool:
        """Tells whether this page is a platform's, on its way back to the tool."""
        return any("id_token" in form.fields for form in read_forms(self.answer.text))

    def follow_forms(self) -> Answer:
        """Sends the form with the id_token, as the script on a platform's page would."""
        while self.carries_a_token():
            form = self.form
            self.post(form.action, form.fields)
        return self.answer
