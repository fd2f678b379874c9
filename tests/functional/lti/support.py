"""Launching as a platform, a browser and the tool do it: the practice LMS over real HTTP, a test client as the browser."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from service.audit import AuditEvent
from service.cohorts.models import Cohort, Launch, Member, Organisation, Person
from service.demo.claims import full_name
from service.demo.config import ToolConfig, tool_at
from service.demo.practice import PracticeLms
from service.demo.tokens import with_overrides
from service.lti.models import Deployment, DeploymentState, Platform, UsedNonce
from service.lti.routes import EXTENSION
from tests.service.demo.conftest import read_form
from tests.support import BASE, parts

TABLES = (Launch, Person, Cohort, Member, UsedNonce)
REFUSED_HEADERS = (
    "Content-Security-Policy",
    "Cache-Control",
    "Content-Type",
    "Referrer-Policy",
    "X-Content-Type-Options",
)
TOOL = tool_at(BASE, "ovning", "1")
SECOND_DEPLOYMENT = tool_at(BASE, "ovning", "2")
OTHER_CLIENT = tool_at(BASE, "annan", "1")


@dataclass
class Begun:
    """A login that was answered: what the tool asked of the platform."""

    state: str
    nonce: str
    asked: dict[str, str]


@dataclass
class Lti:
    """The tool under test, the platform beside it, and the rows that stand for the platform's registration."""

    app: Flask
    lms: PracticeLms
    tool: ToolConfig = TOOL
    organisation_id: uuid.UUID = field(default_factory=uuid.uuid4)
    platform_id: uuid.UUID = field(default_factory=uuid.uuid4)

    def register(self, deployments: tuple[str, ...] = ("1",), **changes: Any) -> None:
        """Registers the platform with its tool's client id."""
        core = parts(self.app)
        now = core.units.clock.now()
        base = self.lms.base_url
        values = {
            "public_id": f"p{self.platform_id.hex[:12]}", "name": "Lärplattform", "issuer": base, "client_id": self.tool.client_id,
            "auth_login_url": f"{base}/auth", "token_url": f"{base}/token", "jwks_url": f"{base}/jwks", **changes,
        }  # fmt: skip
        with core.units.writing() as unit:
            unit.session.add(Organisation(id=self.organisation_id, name="Vård och omsorg", created_at=now))
            unit.session.flush()
            unit.session.add(
                Platform(id=self.platform_id, organisation_id=self.organisation_id, created_at=now, **values)
            )
            unit.session.flush()
            for number in deployments:
                unit.session.add(Deployment(
                    platform_id=self.platform_id, organisation_id=self.organisation_id, deployment_id=number,
                    state=DeploymentState.ACTIVE, created_at=now,
                ))  # fmt: skip

    def change(self, model: Any, *, noticed: bool = True, **values: Any) -> None:
        """Changes all rows of a table. Unless `noticed` is false, the tool reads registrations anew."""
        with parts(self.app).units.writing() as unit:
            unit.session.execute(sa.update(model).values(**values))
        if noticed:
            self.forget()

    def forget(self) -> None:
        """Lets the tool read registrations anew, as it does by itself after a moment."""
        self.app.extensions[EXTENSION].registrations.forget()

    def browser(self) -> FlaskClient:
        """A browser without cookies."""
        return self.app.test_client()

    def fields(self, person: str = "karin-lindqvist", course: str = "enhetschefer", **kw: Any) -> dict[str, str]:
        """The parameters of a login initiation."""
        return self.lms.login_parameters(person, course, tool=self.tool, **kw)

    def login(
        self, client: FlaskClient, fields: dict[str, str] | None = None, path: str = "/lti/login"
    ) -> TestResponse:
        """A login as a browser does it: the first answer may set the cookie and send it round once."""
        answer = client.post(path, data=fields or self.fields(), base_url=BASE)
        if answer.status_code == 303 and urlsplit(answer.location).path.startswith("/lti/login"):
            answer = client.get(answer.location, base_url=BASE)
        return answer

    def begin(self, client: FlaskClient, fields: dict[str, str] | None = None) -> Begun:
        """A login that goes on to the platform."""
        answer = self.login(client, fields)
        assert answer.status_code == 303, answer.get_data(as_text=True)
        asked = {name: values[0] for name, values in parse_qs(urlsplit(answer.location).query).items()}
        return Begun(asked["state"], asked["nonce"], asked)

    def answered(self, begun: Begun) -> dict[str, str]:
        """What the platform really posts back."""
        page = requests.get(f"{self.lms.base_url}/auth", params=begun.asked, timeout=5)
        return read_form(page.text).fields

    def token(self, begun: Begun, header: dict[str, Any] | None = None, key: Any = None, **overrides: Any) -> str:
        """A token of the platform's making, with whatever is to be wrong in it."""
        raw = overrides.pop("raw", None)
        person, course = overrides.pop("person", "karin-lindqvist"), overrides.pop("course", "enhetschefer")
        honest = self.lms.claims(person, course, nonce=begun.nonce, tool=self.tool)
        claims = with_overrides(honest, {full_name(name): value for name, value in overrides.items()})
        payload = raw(claims) if raw is not None else claims
        return self.lms.sign(payload, header_overrides=header, key=key)

    def post(self, client: FlaskClient, form: dict[str, str], **kw: Any) -> TestResponse:
        """The platform's form posted by the browser."""
        return client.post("/lti/launch", data=form, base_url=BASE, **kw)

    def launch(self, client: FlaskClient | None = None, fields: dict[str, str] | None = None) -> TestResponse:
        """A whole launch through the platform's own authorization endpoint."""
        client = client or self.browser()
        return self.post(client, self.answered(self.begin(client, fields)))

    def forged(
        self, header: dict[str, Any] | None = None, key: Any = None, *, client: FlaskClient | None = None, **overrides: Any
    ) -> TestResponse:  # fmt: skip
        """A launch with a token of our making; unchanged it is one that the platform could have sent."""
        client = client or self.browser()
        begun = self.begin(client)
        return self.post(client, {"id_token": self.token(begun, header, key, **overrides), "state": begun.state})

    # what is to be seen afterwards

    def counts(self) -> dict[str, int]:
        """How many rows the tables of launching have."""
        with parts(self.app).units.reading() as unit:
            return {
                table.__tablename__: unit.session.scalar(sa.select(sa.func.count()).select_from(table)) or 0
                for table in TABLES
            }

    def all(self, model: Any) -> list[Any]:
        """All rows of a table."""
        with parts(self.app).units.reading() as unit:
            return list(unit.session.scalars(sa.select(model)))

    def only(self, model: Any) -> Any:
        """The only row of a table."""
        (row,) = self.all(model)
        return row

    def counted(self, code: str, reason: str) -> float:
        """How often a refusal was counted."""
        return parts(self.app).metrics.refusals.labels(code, reason)._value.get()

    def denials(self) -> list[str]:
        """The reasons of refused launches in the audit trail, from the first on."""
        events = sorted(self.all(AuditEvent), key=lambda event: (event.at, event.seq))
        return [event.reason for event in events if event.outcome == "deny"]


def refused(
    lti: Lti, attempt: Callable[[], TestResponse], reason: str, *, audited: bool = False, audited_as: str = "",
    code: str = "E-LAUNCH", status: int = 401,
) -> TestResponse:  # fmt: skip
    """Makes an attempt that must be refused, with the right page, no row written, and heard of in the right place."""
    # A pending deployment shows its number on the page; the counter has one word for all of them.
    reason = "deployment_pending" if code == "E-PENDING" else reason
    before, counted, denials = lti.counts(), lti.counted(code, reason), lti.denials()
    answer = attempt()
    assert (answer.status_code, code in answer.get_data(as_text=True)) == (status, True), (
        answer.status_code,
        lti.denials(),
    )
    assert "Location" not in answer.headers
    assert lti.counted(code, reason) == counted + 1, f"not refused for {reason!r}"
    assert lti.counts() == before
    expected = audited_as or (reason if audited else "")
    assert lti.denials() == [*denials, expected] if expected else lti.denials() == denials
    return answer


def accepted(answer: TestResponse) -> uuid.UUID:
    """The id of the launch that an answer leads into."""
    assert answer.status_code == 303, answer.get_data(as_text=True)
    head, word, launch_id, *_ = urlsplit(answer.location).path.split("/")
    assert (head, word) == ("", "l")
    return uuid.UUID(launch_id)
