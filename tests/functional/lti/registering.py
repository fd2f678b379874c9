"""Registering as an administrator, a platform and the tool do it, and a small platform that answers as it is told."""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import sqlalchemy as sa
from flask import Flask, Response, request
from werkzeug.test import TestResponse

from service.audit import Actor, AuditEvent
from service.cohorts.models import Organisation
from service.demo.lms import in_thread
from service.lti import invites, platforms
from service.lti.invites import Made
from service.lti.models import Deployment, Invite, Platform
from tests.live import read_forms
from tests.support import BASE, parts

PLATFORM = "https://purl.imsglobal.org/spec/lti-platform-configuration"
TOOL = "https://purl.imsglobal.org/spec/lti-tool-configuration"
SAME = {"Sec-Fetch-Site": "same-origin"}
ROSTER = "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly"
SCORE = "https://purl.imsglobal.org/spec/lti-ags/scope/score"


@dataclass
class Administrator:
    """Somebody who holds an invite and a browser."""

    app: Flask
    organisation: str = "Vård och omsorg"

    def invite(self, name: str = "Umeå Moodle", *, activates: bool = False, organisation: str = "") -> Made:
        with parts(self.app).units.writing():
            whose = platforms.organisation_named(organisation or self.organisation)
            return invites.make(whose.id, name, Actor(whose.id), activates=activates)

    def open(self, made: Made | str, url: str = "", token: str = "", **kw: Any) -> TestResponse:
        """The registration page, as the platform opens it."""
        query = {name: value for name, value in (("openid_configuration", url), ("registration_token", token)) if value}
        secret = made if isinstance(made, str) else made.secret
        return self.app.test_client().get(f"/lti/register/{secret}", query_string=query, base_url=BASE, **kw)

    def follow(self, url: str, **kw: Any) -> TestResponse:
        """The registration page at an address of the platform's making."""
        parts_of = urlsplit(url)
        return self.app.test_client().get(f"{parts_of.path}?{parts_of.query}", base_url=BASE, **kw)

    def press(self, page: TestResponse, **kw: Any) -> TestResponse:
        """Presses the button of the registration page."""
        (form,) = read_forms(page.get_data(as_text=True))
        headers = {**SAME, **kw.pop("headers", {})}
        return self.app.test_client().post(
            form.action, data={**form.fields, **kw.pop("data", {})}, base_url=BASE, headers=headers, **kw
        )

    # what is to be seen afterwards

    def all(self, model: Any) -> list[Any]:
        with parts(self.app).units.reading() as unit:
            return list(unit.session.scalars(sa.select(model)))

    def only(self, model: Any) -> Any:
        (row,) = self.all(model)
        return row

    @property
    def platform(self) -> Platform:
        return self.only(Platform)

    @property
    def deployment(self) -> Deployment:
        return self.only(Deployment)

    def invite_row(self, made: Made) -> Invite:
        return next(row for row in self.all(Invite) if row.id == made.id)

    def organisation_id(self, name: str = "") -> uuid.UUID:
        return next(row.id for row in self.all(Organisation) if row.name == (name or self.organisation))

    def events(self, action: str = "registration") -> list[tuple[str, str]]:
        """Outcome and reason of what the audit trail says, in order."""
        rows = sorted((row for row in self.all(AuditEvent) if row.action == action), key=lambda row: (row.at, row.seq))
        return [(row.outcome, row.reason) for row in rows]


def text(answer: TestResponse) -> str:
    return answer.get_data(as_text=True)


@dataclass
class StubPlatform:
    """A platform that says what it is told to say, and remembers what it was asked."""

    base_url: str = ""
    configuration: dict[str, Any] = field(default_factory=dict)
    without: tuple[str, ...] = ()
    raw_configuration: Response | None = None
    answer: Any = None
    status: int = 200
    content_type: str = "application/json"
    asked: list[tuple[str, str, str]] = field(default_factory=list)
    bodies: list[dict[str, Any]] = field(default_factory=list)
    hold: threading.Event | None = None
    arrived: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"{self.base_url}/.well-known/openid-configuration"

    def document(self) -> dict[str, Any]:
        base = self.base_url
        said = {
            "issuer": base, "authorization_endpoint": f"{base}/auth", "token_endpoint": f"{base}/token", "jwks_uri": f"{base}/jwks",
            "registration_endpoint": f"{base}/register", "scopes_supported": [ROSTER, SCORE, "openid"],
            PLATFORM: {"product_family_code": "stubb", "version": "1", "messages_supported": [{"type": "LtiResourceLinkRequest"}, {"type": "LtiDeepLinkingRequest"}]},
            **self.configuration,
        }  # fmt: skip
        return {name: value for name, value in said.items() if name not in self.without}

    def reply(self) -> Response:
        if self.hold is not None:
            self.arrived.set()
            assert self.hold.wait(10)
        said = (
            {"client_id": "klient-1", "scope": SCORE, TOOL: {"deployment_id": "d1"}}
            if self.answer is None
            else self.answer
        )
        body = said if isinstance(said, str) else json.dumps(said)
        return Response(body, self.status, content_type=self.content_type)


@contextmanager
def stub_platform() -> Iterator[StubPlatform]:
    stub = StubPlatform()
    app = Flask("stub")

    @app.before_request
    def note() -> None:
        stub.asked.append((request.method, request.path, request.headers.get("Authorization", "")))

    @app.get("/.well-known/openid-configuration")
    def configuration() -> Any:
        return stub.raw_configuration if stub.raw_configuration is not None else stub.document()

    @app.post("/register")
    def register() -> Response:
        stub.bodies.append(request.get_json())
        return stub.reply()

    with in_thread(app) as stub.base_url:
        yield stub
