"""What the tests of choosing content and of copied courses have in common: plugins that offer something, and the answer."""

import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from html import unescape
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import requests
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from service import browser
from service.contract import ContentItem, hook
from service.demo.claims import DEEP_LINKING
from service.demo.deep_links import DeepLinkResponse
from service.demo.practice import PracticeLms
from tests.forms import Form, Page
from tests.functional.lti.placed import small_plugin
from tests.functional.lti.support import Lti, accepted
from tests.live import listening, serving
from tests.support import BASE

TEACHER = "amira-haddad"
LTI = "https://purl.imsglobal.org/spec/lti/claim/"
DL = "https://purl.imsglobal.org/spec/lti-dl/claim/"


def offering(key: str, *items: ContentItem) -> SimpleNamespace:
    """A small plugin with something to place."""
    plugin = small_plugin(key)

    @hook
    def content_items() -> tuple[ContentItem, ...]:
        return items

    plugin.content_items = content_items
    return plugin


PLUGINS = {
    "ledarsteg": offering(
        "ledarsteg",
        ContentItem("habits", "Mina små steg", "Ett litet steg i taget."),
        ContentItem("plan", "Min plan", "Om det händer, så gör jag.", "plan/ny"),
    ),
    "handledning": offering("handledning", ContentItem("coaching", "Handledning", "Före, under och efter.")),
}


@contextmanager
def reachable(app: Flask, lms: PracticeLms) -> Iterator[Lti]:
    """The tool, registered, with its key set where the platform can fetch it."""
    found = Lti(app, lms)
    found.register()
    with listening() as (bound, address), serving(app, bound):
        found.tool = replace(found.tool, jwks_url=f"{address}/lti/jwks")
        yield found


@dataclass
class Chooser:
    """Somebody whom the platform sent to choose content, and her browser."""

    lti: Lti
    client: FlaskClient
    path: str

    def get(self, path: str = "/place") -> TestResponse:
        return self.client.get(self.path + path, base_url=BASE)

    def post(self, path: str = "/place", **data: Any) -> TestResponse:
        cookie = self.client.get_cookie(browser.COOKIE, domain="127.0.0.1")
        assert cookie is not None
        with self.lti.app.app_context():
            token = browser.form_token(bytes.fromhex(cookie.value), uuid.UUID(self.path.rsplit("/", 1)[1]))
        fields = {name.replace("__", "."): value for name, value in data.items()}
        return self.client.post(
            self.path + path, data={"csrf_token": token, **fields}, base_url=BASE,
            headers={"Sec-Fetch-Site": "same-origin"},
        )  # fmt: skip

    def place(self, *values: str, **more: Any) -> DeepLinkResponse:
        """Chooses, and lets the platform take the answer."""
        return returned(self.lti, self.post(item=list(values), **more))


def form_of(page: TestResponse) -> Form:
    """The form that carries an answer to the platform."""
    (form,) = Page(page.text).forms
    return form


def returned(lti: Lti, page: TestResponse) -> DeepLinkResponse:
    """Posts the answer's form to the platform as the browser does, and returns what the platform believed."""
    assert page.status_code == 200, page.text
    form, before = form_of(page), len(lti.lms.deep_link_responses)
    policy = page.headers["Content-Security-Policy"]
    assert f"form-action 'self' {lti.lms.base_url};" in policy
    answer = requests.post(unescape(form.action), data=form.values, timeout=5)
    assert answer.status_code == 200, (answer.text, lti.lms.deep_link_refusals)
    (response,) = lti.lms.deep_link_responses[before:]
    return response


def asked(lti: Lti, person: str = TEACHER, course: str = "enhetschefer", **about: Any) -> TestResponse:
    """A request for content, through the platform's own authorization endpoint."""
    client = lti.browser()
    answer = lti.launch(client, lti.fields(person, course, **{"message_type": DEEP_LINKING, "locale": "en", **about}))
    answer.client = client  # type: ignore[attr-defined]  # so that whoever goes on has the browser
    return answer


def choosing(lti: Lti, person: str = TEACHER, course: str = "enhetschefer", **about: Any) -> Chooser:
    """Somebody whom the platform sent to choose content."""
    answer = asked(lti, person, course, **about)
    launch_id = accepted(answer)
    assert urlsplit(answer.location).path == f"/l/{launch_id}/place"
    return Chooser(lti, answer.client, f"/l/{launch_id}")  # type: ignore[attr-defined]


def entered(lti: Lti, **fields: Any) -> Chooser:
    """Somebody who opened an activity; her browser."""
    client = lti.browser()
    launch_id = accepted(lti.launch(client, lti.fields(**{"locale": "en", **fields})))
    return Chooser(lti, client, f"/l/{launch_id}")


def texts_of(page: TestResponse) -> str:
    """A page's text without its tags."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page.text)).split())
