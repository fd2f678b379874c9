"""Platform storage: a login without cookies bound to a secret that the platform keeps, checked as strictly as a cookie."""

import re
import uuid
from dataclasses import dataclass
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from service.cohorts.models import Launch
from service.demo.claims import DEEP_LINKING
from service.lti import launch, state
from service.lti.models import Platform, PlatformState
from tests.functional.lti.support import TABLES, Begun, Lti, accepted, refused
from tests.functional.lti.test_cookies import COOKIE, forget
from tests.service.demo.conftest import read_form
from tests.support import BASE, parts

pytestmark = pytest.mark.once


SAME = {"Sec-Fetch-Site": "same-origin", "Origin": BASE}
FRAME = "post_message_forwarding"


def data(html: str) -> dict[str, str]:
    """What the page gives its script."""
    element = re.search(r"<div[^>]* data-storage=[^>]*>", html)
    assert element is not None, html
    return {name: unescape(value) for name, value in re.findall(r'data-(\w+)="([^"]*)"', element.group(0))}


def fields(lti: Lti, frame: str = FRAME, **kw: Any) -> dict[str, str]:
    return {**lti.fields(**kw), "lti_storage_target": frame}


def blocked(lti: Lti, client: FlaskClient, sent: dict[str, str]) -> TestResponse:
    """A login in a frame that keeps no cookies."""
    bounced = client.post("/lti/login", data=sent, base_url=BASE)
    forget(lti, client)
    page = client.get(bounced.location, base_url=BASE)
    forget(lti, client)
    return page


@dataclass
class Stored:
    """A login whose secret is with the platform."""

    client: FlaskClient
    begun: Begun
    secret: str
    key: str

    def form(self, lti: Lti) -> dict[str, str]:
        return {"id_token": lti.token(self.begun), "state": self.begun.state}


def stored(lti: Lti, **kw: Any) -> Stored:
    client = lti.browser()
    said = data(blocked(lti, client, fields(lti, **kw)).text)
    asked = {name: values[0] for name, values in parse_qs(urlsplit(said["onward"]).query).items()}
    return Stored(client, Begun(asked["state"], asked["nonce"], asked), said["secret"], said["key"])


def confirm(client: FlaskClient, form: dict[str, str], headers: dict[str, str] = SAME) -> TestResponse:
    return client.post("/lti/launch/confirm", data=form, base_url=BASE, headers=headers)


def test_a_login_that_offers_storage_asks_it_before_anything_is_spent(lti: Lti) -> None:
    client = lti.browser()
    sent = fields(lti)
    page = blocked(lti, client, sent)
    said = data(page.text)
    assert (page.status_code, said["storage"], said["frame"]) == (200, "put", FRAME)
    assert said["origin"] == lti.lms.base_url
    assert said["onward"].startswith(f"{lti.lms.base_url}/auth?")
    assert re.fullmatch(r"[0-9a-f]{64}", said["secret"])
    assert said["key"].startswith("stegvis_")
    assert said["secret"] not in said["onward"] + said["key"]
    form = read_form(page.text)
    assert (form.action, form.fields) == ("/lti/login", {**sent, "stegvis_window": "1"})
    assert lti.lms.recorder.to("/auth") == []


def test_its_page_runs_one_script_and_stands_in_the_platforms_pages_alone(lti: Lti) -> None:
    for frame, ancestors in ((FRAME, f"'self' {lti.lms.base_url} https:"), ("_parent", f"'self' {lti.lms.base_url}")):
        page = blocked(lti, lti.browser(), fields(lti, frame))
        policy = page.headers["Content-Security-Policy"]
        (nonce,) = re.findall(r"script-src 'nonce-([^']+)';", policy)
        assert re.findall(r"<script[^>]*>", page.text) == [f'<script nonce="{nonce}" src="/static/storage.js">']
        assert policy.endswith(f"frame-ancestors {ancestors}")
        assert "form-action 'self' https:" in policy
        assert "unsafe" not in policy


@pytest.mark.parametrize("frame", ["", "f" * 101])
def test_a_login_that_offers_none_gets_the_button(lti: Lti, frame: str) -> None:
    page = blocked(lti, lti.browser(), fields(lti, frame))
    assert "data-storage" not in page.text
    assert read_form(page.text).fields["stegvis_window"] == "1"


def test_a_name_of_a_frame_that_is_more_than_a_name_stays_text(lti: Lti) -> None:
    page = blocked(lti, lti.browser(), fields(lti, '"><script>alert(1)</script>'))
    assert data(page.text)["frame"] == '"><script>alert(1)</script>'
    assert page.text.count("<script") == 1


def test_a_secret_is_good_for_one_login(lti: Lti) -> None:
    first, second = stored(lti), stored(lti)
    assert first.secret != second.secret
    assert first.key != second.key


def test_g65_platform_storage_opens_a_window(lti: Lti) -> None:
    login = stored(lti)
    page = lti.post(login.client, login.form(lti))
    said = data(page.text)
    assert (page.status_code, said["storage"], said["key"], said["frame"]) == (200, "get", login.key, FRAME)
    assert said["origin"] == lti.lms.base_url
    assert login.secret not in page.text
    assert lti.counts() == dict.fromkeys((table.__tablename__ for table in TABLES), 0)
    form = read_form(page.text)
    assert form.action == "/lti/launch/confirm"
    answer = confirm(login.client, {**form.fields, "value": login.secret})
    assert (answer.status_code, "Set-Cookie" in answer.headers) == (200, False)
    opened = lti.only(Launch)
    assert f"frame-ancestors 'self' {opened.frame_origins}" in answer.headers["Content-Security-Policy"]
    # The frame has nothing that opens the launch; the window has, once.
    assert login.client.get(f"/l/{opened.id}/", base_url=BASE).status_code == 401
    button, window = read_form(answer.text), lti.browser()
    assert button.action == "/window"
    arrived = window.post("/window", data=button.fields, base_url=BASE, headers=SAME)
    assert arrived.status_code == 303
    inside = window.get(arrived.location, base_url=BASE)
    moved = accepted(inside)
    assert moved != opened.id
    assert window.get(inside.location, base_url=BASE).status_code == 200
    assert window.post("/window", data=button.fields, base_url=BASE, headers=SAME).status_code == 401


def test_the_window_opens_where_the_launch_leads(lti: Lti) -> None:
    login = stored(lti)
    target = {"target_link_uri": f"{BASE}/to/ledarsteg/goals"}
    client = lti.browser()
    said = data(blocked(lti, client, {**fields(lti), **target}).text)
    asked = {name: values[0] for name, values in parse_qs(urlsplit(said["onward"]).query).items()}
    begun = Begun(asked["state"], asked["nonce"], asked)
    form = {"id_token": lti.token(begun, **target), "state": begun.state, "value": said["secret"]}
    button = read_form(confirm(login.client, form).text)
    window = lti.browser()
    arrived = window.post("/window", data=button.fields, base_url=BASE, headers=SAME)
    inside = window.get(arrived.location, base_url=BASE)
    assert inside.location.endswith("/ledarsteg/goals")
    assert window.get(inside.location, base_url=BASE).text == "ledarsteg:goals"


def test_content_can_be_chosen_in_the_window(lti: Lti) -> None:
    login = stored(lti, person="amira-haddad", message_type=DEEP_LINKING)
    form = {**lti.answered(login.begun), "value": login.secret}
    button = read_form(confirm(login.client, form).text)
    window = lti.browser()
    arrived = window.post("/window", data=button.fields, base_url=BASE, headers=SAME)
    inside = window.get(arrived.location, base_url=BASE)
    assert inside.location.endswith("/place")
    assert window.get(inside.location, base_url=BASE).status_code == 200


@pytest.mark.parametrize("path", ["//evil.example/", "/../../healthz", "/absent", "", "?x", "/window", "\x00"])
def test_a_window_opens_nothing_but_pages_of_its_launch(lti: Lti, path: str) -> None:
    login = stored(lti)
    button = read_form(confirm(login.client, {**login.form(lti), "value": login.secret}).text)
    window = lti.browser()
    arrived = window.post("/window", data={**button.fields, "path": path}, base_url=BASE, headers=SAME)
    where = urlsplit(window.get(arrived.location, base_url=BASE).location)
    assert (where.netloc, re.fullmatch(r"/l/[0-9a-f-]{36}/", where.path) is not None) == ("", True)


@pytest.mark.parametrize("value", ["", "00" * 32, "zz" * 32, "ab" * 31, "å"])
def test_g65_platform_storage_with_a_wrong_value(lti: Lti, value: str) -> None:
    login = stored(lti)
    refused(lti, lambda: confirm(login.client, {**login.form(lti), "value": value}), "state_binding")
    # The honest answer is still good: nothing was spent.
    assert confirm(login.client, {**login.form(lti), "value": login.secret}).status_code == 200


def test_g65_platform_storage_with_another_logins_value(lti: Lti) -> None:
    login, other = stored(lti), stored(lti)
    refused(lti, lambda: confirm(login.client, {**login.form(lti), "value": other.secret}), "state_binding")


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Sec-Fetch-Site": "cross-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null", "Sec-Fetch-Site": "same-origin"},
        {"Origin": BASE, "Sec-Fetch-Site": "same-site"},
    ],
)
def test_g65_platform_storage_confirmed_from_a_wrong_origin(lti: Lti, headers: dict[str, str]) -> None:
    """Whoever began a login knows its secret and could post it from his own page in somebody else's browser."""
    login = stored(lti)
    form = {**login.form(lti), "value": login.secret}
    refused(lti, lambda: confirm(login.client, form, headers), "confirm_origin")


@pytest.mark.parametrize("headers", [{"Origin": BASE}, {"Sec-Fetch-Site": "same-origin"}])
def test_one_of_the_two_words_of_a_browser_is_enough(lti: Lti, headers: dict[str, str]) -> None:
    login = stored(lti)
    assert confirm(login.client, {**login.form(lti), "value": login.secret}, headers).status_code == 200


def test_a_launch_is_confirmed_once(lti: Lti) -> None:
    login = stored(lti)
    form = {**login.form(lti), "value": login.secret}
    assert confirm(login.client, form).status_code == 200
    refused(lti, lambda: confirm(login.client, form), "nonce_used", audited=True)


def test_a_secret_of_the_storage_is_no_cookie_and_a_cookie_no_secret_of_the_storage(lti: Lti) -> None:
    login = stored(lti)
    login.client.set_cookie(COOKIE, login.secret, domain="127.0.0.1", secure=True)
    assert "data-storage" in lti.post(login.client, login.form(lti)).text
    assert confirm(login.client, {**login.form(lti), "value": login.secret}).status_code == 200
    assert login.client.get(f"/l/{lti.only(Launch).id}/", base_url=BASE).status_code == 401
    usual = lti.browser()
    begun = lti.begin(usual)
    cookie = usual.get_cookie(COOKIE, domain="127.0.0.1")
    assert cookie is not None
    form = {"id_token": lti.token(begun), "state": begun.state, "value": cookie.value}
    refused(lti, lambda: confirm(usual, form), "state_binding")


def test_a_state_of_the_storage_is_still_a_state(lti: Lti) -> None:
    login = stored(lti)
    form = {**login.form(lti), "value": login.secret}
    refused(lti, lambda: confirm(login.client, {**form, "state": form["state"][:-2]}), "state")
    other = stored(lti)
    refused(lti, lambda: confirm(login.client, {**form, "id_token": lti.token(other.begun)}), "nonce")


def test_a_platform_that_was_disabled_is_not_asked(lti: Lti) -> None:
    login = stored(lti)
    form = login.form(lti)
    lti.change(Platform, state=PlatformState.DISABLED)
    refused(lti, lambda: lti.post(login.client, form), "platform_disabled")
    unknown = state.write(
        parts(lti.app).state_key, uuid.uuid4(), "n", state.Proof(b"h" * 32, state.Binding.STORAGE, FRAME), BASE,
        parts(lti.app).units.clock.now(),
    )  # fmt: skip
    refused(lti, lambda: lti.post(login.client, {**form, "state": unknown}), "platform_disabled")


def test_g66_no_cookies_in_the_frame_works_in_a_window(lti: Lti) -> None:
    """The ladder's last step, the platform's hint unspent, with all that a window of its own needs."""
    page = blocked(lti, lti.browser(), lti.fields())
    window = lti.browser()
    opened = lti.launch(window, read_form(page.text).fields)
    assert window.get(opened.location, base_url=BASE).status_code == 200
    assert accepted(opened) == lti.only(Launch).id


def test_g66_no_cookies_anywhere_is_one_explanation(lti: Lti) -> None:
    """Neither the login's window nor the one after platform storage goes round in a circle."""
    login = stored(lti)
    button = read_form(confirm(login.client, {**login.form(lti), "value": login.secret}).text)
    window = lti.browser()
    arrived = window.post("/window", data=button.fields, base_url=BASE, headers=SAME)
    forget(lti, window)
    page = window.get(arrived.location, base_url=BASE)
    assert (page.status_code, "E-COOKIE" in page.text, "<form" in page.text, "Location" in page.headers) == (
        200, True, False, False,
    )  # fmt: skip
    # A window is no frame of the platform: it is not asked for its storage.
    again = blocked(lti, lti.browser(), {**fields(lti), "stegvis_window": "1"})
    assert ("E-COOKIE" in again.text, "<form" in again.text, "data-storage" in again.text) == (True, False, False)


def bound(lti: Lti, begun: Begun) -> state.Binding:
    return launch.login_of(parts(lti.app), begun.state).binding


def test_the_way_of_binding_is_known_at_the_launch(lti: Lti) -> None:
    assert bound(lti, lti.begin(lti.browser())) is state.Binding.COOKIE
    assert bound(lti, lti.begin(lti.browser(), {**lti.fields(), "stegvis_window": "1"})) is state.Binding.WINDOW
    assert bound(lti, stored(lti).begun) is state.Binding.STORAGE


def test_g53_two_tabs_two_courses(lti: Lti) -> None:
    client = lti.browser()
    first = lti.launch(client, lti.fields(course="enhetschefer"))
    second = lti.launch(client, lti.fields(course="rektorer"))
    assert accepted(first) != accepted(second)
    for answer, course in (
        (first, "Enhetschefer 2026"),
        (second, "Rektorer hösten 2026"),
        (first, "Enhetschefer 2026"),
    ):
        assert course in client.get(f"/l/{accepted(answer)}/who", base_url=BASE).text


def test_g54_two_users_one_browser(lti: Lti) -> None:
    client = lti.browser()
    karin = lti.launch(client, lti.fields("karin-lindqvist"))
    eva = lti.launch(client, lti.fields("eva-sundin"))
    for answer, name in ((karin, "Karin Lindqvist"), (eva, "Eva Sundin"), (karin, "Karin Lindqvist")):
        assert name in client.get(f"/l/{accepted(answer)}/who", base_url=BASE).text
    stranger = lti.browser()
    lti.launch(stranger, lti.fields("eva-sundin"))
    assert stranger.get(karin.location, base_url=BASE).status_code == 401
