"""The browser's secret and the token of forms."""

import uuid
from collections.abc import Iterator

import pytest
from flask import Flask, Response, g

from service import browser
from service.access import public
from service.audit import Actor
from service.errors import CsrfRefused
from tests.support import BASE

pytestmark = pytest.mark.once

SECRET = bytes(range(32))
LAUNCH = uuid.UUID(int=7)


@pytest.fixture
def inside(app: Flask) -> Iterator[Flask]:
    with app.app_context():
        yield app


@pytest.mark.parametrize("cookie", ["", "zz", "00", "00" * 31, "00" * 33, "é" * 64, " ", "00" * 1000])
def test_a_cookie_that_is_not_ours_in_shape_is_no_secret(app: Flask, cookie: str) -> None:
    with app.test_request_context("/", headers={"Cookie": f"{browser.COOKIE}={cookie}".encode().decode("latin-1")}):
        assert browser.secret() is None


def test_without_a_cookie_there_is_no_secret(app: Flask) -> None:
    with app.test_request_context("/"):
        assert browser.secret() is None


def test_the_cookie_comes_back_as_the_secret(app: Flask) -> None:
    with app.test_request_context("/", headers={"Cookie": f"{browser.COOKIE}={SECRET.hex()}"}):
        assert browser.secret() == SECRET


def test_the_cookie_has_every_guard(inside: Flask) -> None:
    response = Response()
    browser.set_cookie(response, SECRET)
    parts = {part.strip() for part in response.headers["Set-Cookie"].split(";")}
    assert parts == {f"__Host-stegvis={SECRET.hex()}", "Secure", "HttpOnly", "Path=/", "SameSite=None", "Partitioned"}


def test_clearing_the_cookie_has_the_same_guards(inside: Flask) -> None:
    """A browser takes a `__Host-` cookie back only on the conditions it was set with."""
    response = Response()
    browser.clear_cookie(response)
    parts = {part.strip() for part in response.headers["Set-Cookie"].split(";")}
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=None", "Partitioned", "Max-Age=0"} <= parts
    assert "Domain" not in response.headers["Set-Cookie"]


def test_secrets_are_random_and_long() -> None:
    assert len({browser.new_secret() for _ in range(50)}) == 50
    assert {len(browser.new_secret()) for _ in range(50)} == {32}


def test_only_the_hash_is_kept_and_it_tells_secrets_apart() -> None:
    assert browser.digest(SECRET) != SECRET
    assert browser.digest(SECRET) == browser.digest(SECRET)
    assert browser.digest(SECRET) != browser.digest(SECRET[::-1])


def test_a_token_belongs_to_one_secret_one_launch_and_one_service(inside: Flask) -> None:
    tokens = {
        browser.form_token(SECRET, LAUNCH),
        browser.form_token(SECRET[::-1], LAUNCH),
        browser.form_token(SECRET, uuid.UUID(int=8)),
    }
    assert len(tokens) == 3
    assert SECRET.hex() not in tokens


def check(
    app: Flask,
    *,
    value: bytes | None = SECRET,
    method: str = "POST",
    headers: dict[str, str] | None = None,
    **form: str,
) -> str:
    """The reason of the refusal, or that there was none."""
    with app.test_request_context(
        "/", method=method, headers=headers, data=form if method == "POST" else None, base_url=BASE
    ):
        try:
            browser.check_form_token(value, LAUNCH, Actor())
        except CsrfRefused as refused:
            return refused.reason if refused.denial and g.denied_actor == Actor() else "not audited"
        return "fine"


def test_a_token_may_come_in_the_form_or_in_the_header(inside: Flask) -> None:
    token = browser.form_token(SECRET, LAUNCH)
    assert check(inside, csrf_token=token) == "fine"
    assert check(inside, headers={"X-CSRF-Token": token}) == "fine"


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_reading_needs_no_token(inside: Flask, method: str) -> None:
    assert check(inside, method=method, headers={"Sec-Fetch-Site": "cross-site"}) == "fine"


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_everything_else_does(inside: Flask, method: str) -> None:
    assert check(inside, method=method) == "token"


@pytest.mark.parametrize("token", ["", "x", "0" * 64, "å" * 64])
def test_a_wrong_token_is_refused(inside: Flask, token: str) -> None:
    assert check(inside, csrf_token=token) == "token"


def test_a_token_without_a_secret_is_refused(inside: Flask) -> None:
    assert check(inside, value=None, csrf_token=browser.form_token(SECRET, LAUNCH)) == "token"


@pytest.mark.parametrize("site", ["cross-site", "same-site", "none", "", "Same-Origin"])
def test_what_the_browser_says_outranks_the_token(inside: Flask, site: str) -> None:
    token = browser.form_token(SECRET, LAUNCH)
    assert check(inside, headers={"Sec-Fetch-Site": site}, csrf_token=token) == "sec_fetch_site"


@pytest.mark.parametrize(
    ("origin", "answer"),
    [(BASE, "fine"), ("null", "origin"), (f"{BASE}0", "origin"), ("https://127.0.0.1:5055", "origin")],
)
def test_an_old_browser_says_its_origin(inside: Flask, origin: str, answer: str) -> None:
    token = browser.form_token(SECRET, LAUNCH)
    assert check(inside, headers={"Origin": origin}, csrf_token=token) == answer
    assert check(inside, headers={"Origin": origin, "Sec-Fetch-Site": "same-origin"}, csrf_token=token) == answer


def test_only_static_files_and_public_views_need_no_permission() -> None:
    def view() -> str:
        return ""

    assert browser.is_exempt("static", view)
    assert browser.is_exempt("l.example.static", view)
    assert not browser.is_exempt("l.example.ecstatic", view)
    assert not browser.is_exempt("statics", view)
    assert browser.is_exempt("any", public("for a reason")(lambda: ""))
    assert not browser.is_exempt("any", public("")(lambda: ""))
