"""Cookies are tried before anything is spent: bounce once, then a window of its own, then an explanation."""

from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from service.cohorts.models import Launch
from tests.functional.lti.support import TABLES, Lti, accepted, refused
from tests.service.demo.conftest import read_form
from tests.support import BASE

COOKIE = "__Host-stegvis"


class _Target(HTMLParser):
    target = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "form":
            self.target = dict(attrs).get("target") or ""


def forget(lti: Lti, client: Any) -> None:
    """What a browser does that blocks our cookies."""
    client.delete_cookie(COOKIE, domain="127.0.0.1")


def test_a_browser_without_our_cookie_gets_it_and_comes_again_once(lti: Lti) -> None:
    client = lti.browser()
    fields = lti.fields()
    first = client.post("/lti/login", data=fields, base_url=BASE)
    assert first.status_code == 303
    way = urlsplit(first.location)
    assert way.path == "/lti/login"
    assert {name: values[0] for name, values in parse_qs(way.query).items()} == {**fields, "stegvis_tried": "1"}
    cookie = first.headers["Set-Cookie"]
    for word in (f"{COOKIE}=", "Secure", "HttpOnly", "SameSite=None", "Partitioned", "Path=/"):
        assert word in cookie
    assert "Domain" not in cookie
    second = client.get(first.location, base_url=BASE)
    assert second.location.startswith(f"{lti.lms.base_url}/auth?")
    assert "Set-Cookie" not in second.headers


def test_a_browser_that_has_it_goes_straight_on(lti: Lti) -> None:
    client = lti.browser()
    lti.begin(client)
    assert client.post("/lti/login", data=lti.fields(), base_url=BASE).location.startswith(f"{lti.lms.base_url}/auth?")


@pytest.mark.parametrize("value", ["", "x", "ab" * 31, "zz" * 32, "ab" * 40])
def test_a_cookie_of_another_shape_is_none(lti: Lti, value: str) -> None:
    client = lti.browser()
    client.set_cookie(COOKIE, value, domain="127.0.0.1", secure=True)
    assert client.post("/lti/login", data=lti.fields(), base_url=BASE).location.startswith("/lti/login?")


def test_a_blocked_frame_gets_a_button_and_the_hint_is_still_good(lti: Lti) -> None:
    client = lti.browser()
    fields = lti.fields()
    first = client.post("/lti/login", data=fields, base_url=BASE)
    forget(lti, client)
    page = client.get(first.location, base_url=BASE)
    forget(lti, client)
    html = page.get_data(as_text=True)
    assert (page.status_code, "E-COOKIE" in html) == (200, True)
    form, target = read_form(html), _Target()
    target.feed(html)
    assert (form.action, form.method, form.has_button, target.target) == ("/lti/login", "post", True, "_blank")
    assert form.fields == {**fields, "stegvis_window": "1"}
    policy = page.headers["Content-Security-Policy"]
    assert "frame-ancestors *" in policy
    assert "script-src" not in policy
    assert "form-action 'self' https:" in policy
    assert lti.lms.recorder.to("/auth") == []
    assert lti.counted("E-COOKIE", "frame") == 1
    # The window keeps cookies: the login goes on with the parameters that nobody has spent.
    window = lti.browser()
    accepted(lti.launch(window, form.fields))
    assert lti.only(Launch).browser_hash


def test_blocked_everywhere_ends_with_an_explanation(lti: Lti) -> None:
    window = lti.browser()
    answer = window.post("/lti/login", data={**lti.fields(), "stegvis_window": "1"}, base_url=BASE)
    forget(lti, window)
    page = window.get(answer.location, base_url=BASE)
    html = page.get_data(as_text=True)
    assert (page.status_code, "E-COOKIE" in html, "<form" in html, "Location" in page.headers) == (
        200,
        True,
        False,
        False,
    )
    assert lti.counted("E-COOKIE", "window") == 1
    assert lti.counts() == dict.fromkeys((table.__tablename__ for table in TABLES), 0)


def test_a_login_too_long_for_an_address_is_not_bounced(lti: Lti) -> None:
    client = lti.browser()
    fields = {**lti.fields(), "lti_message_hint": "h" * 4000}
    page = client.post("/lti/login", data=fields, base_url=BASE)
    assert (page.status_code, read_form(page.get_data(as_text=True)).has_button) == (200, True)
    # The page has set the cookie; where it stays, the window goes on at once.
    again = client.post("/lti/login", data={**fields, "stegvis_window": "1"}, base_url=BASE)
    assert again.location.startswith(f"{lti.lms.base_url}/auth?")
    assert parse_qs(urlsplit(again.location).query)["lti_message_hint"] == ["h" * 4000]


def test_parameters_without_end_are_refused(lti: Lti) -> None:
    client = lti.browser()
    refused(
        lti,
        lambda: client.post("/lti/login", data={**lti.fields(), "x": "h" * 17_000}, base_url=BASE),
        "too_long",
        code="E-MALFORMED",
        status=400,
    )
    refused(
        lti,
        lambda: client.post("/lti/login", data={**lti.fields(), "login_hint": "a\x00"}, base_url=BASE),
        "characters",
        code="E-MALFORMED",
        status=400,
    )


def test_what_is_asked_of_the_platform(lti: Lti) -> None:
    fields = lti.fields()
    asked = lti.begin(lti.browser(), fields).asked
    assert asked.pop("state").startswith("state-")
    assert len(asked.pop("nonce")) == 32
    assert asked == {
        "scope": "openid", "response_type": "id_token", "response_mode": "form_post", "prompt": "none", "client_id": "ovning",
        "redirect_uri": f"{BASE}/lti/launch", "login_hint": fields["login_hint"], "lti_message_hint": fields["lti_message_hint"],
    }  # fmt: skip


def test_a_hostile_target_is_not_where_the_browser_goes(lti: Lti) -> None:
    answer = lti.login(lti.browser(), {**lti.fields(), "target_link_uri": "https://evil.example/"})
    assert urlsplit(answer.location).netloc == urlsplit(lti.lms.base_url).netloc
    assert parse_qs(urlsplit(answer.location).query)["redirect_uri"] == [f"{BASE}/lti/launch"]
