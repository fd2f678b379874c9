"""The operator's browser, let in by an address that the command line would print."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from service.operator import visits
from tests.support import BASE, parts

OURS = {"Sec-Fetch-Site": "same-origin"}


class _Token(HTMLParser):
    value = ""

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if tag == "input" and given.get("name") == "csrf_token":
            self.value = given["value"]


@dataclass
class Operator:
    """A browser at the operator's door."""

    app: Flask
    client: FlaskClient = field(init=False)

    def __post_init__(self) -> None:
        self.client = self.app.test_client()

    def address(self) -> str:
        """A fresh one-time address, without the host."""
        with self.app.app_context(), parts(self.app).units.writing():
            return visits.issue(parts(self.app).settings).removeprefix(BASE)

    def enter(self, address: str | None = None) -> TestResponse:
        return self.client.post(address or self.address(), base_url=BASE, headers=OURS)

    def get(self, path: str = "", locale: str = "en") -> TestResponse:
        return self.client.get(f"/operator/{path}", base_url=BASE, headers={"Accept-Language": locale})

    def token(self) -> str:
        reader = _Token()
        reader.feed(self.get().text)
        return reader.value

    def post(self, path: str, token: str | None = None, headers=OURS) -> TestResponse:
        data = {"csrf_token": self.token() if token is None else token}
        return self.client.post(
            f"/operator/{path}", data=data, base_url=BASE, headers={"Accept-Language": "en", **headers}
        )


@pytest.fixture
def operator(app: Flask) -> Operator:
    """Inside."""
    made = Operator(app)
    assert made.enter().status_code == 303
    return made


@pytest.fixture
def stranger(app: Flask) -> Operator:
    """Outside."""
    return Operator(app)
