"""What cookies do in a frame, and what the service does about it."""

from collections.abc import Iterator

import pytest
from flask import Flask, Response, request
from playwright.sync_api import BrowserContext, Page

from service.demo.lms import in_thread

EVERY_KIND = (
    "plain=1; Path=/",
    "lax=1; Path=/; SameSite=Lax",
    "none=1; Path=/; SameSite=None; Secure",
    "__Host-parted=1; Path=/; SameSite=None; Secure; HttpOnly; Partitioned",
)


def _framed() -> Flask:
    """A page that sets every kind of cookie and, asked a second time, tells which came back."""
    app = Flask("framed")

    @app.get("/set")
    def _set() -> Response:
        answer = Response("<!doctype html><link rel=icon href='data:,'><title>set</title><a href='/seen'>seen</a>")
        for cookie in EVERY_KIND:
            answer.headers.add("Set-Cookie", cookie)
        return answer

    @app.get("/seen")
    def _seen() -> str:
        return f"<!doctype html><link rel=icon href='data:,'><title>seen</title><p id=seen>{' '.join(sorted(request.cookies))}</p>"

    return app


def _around(inner: str) -> Flask:
    app = Flask("around")

    @app.get("/")
    def _front() -> str:
        return f"<!doctype html><link rel=icon href='data:,'><title>around</title><iframe name=inner src='{inner}/set'></iframe>"

    return app


@pytest.fixture
def inner() -> Iterator[str]:
    with in_thread(_framed()) as address:
        yield address


@pytest.fixture
def outer(inner: str) -> Iterator[str]:
    with in_thread(_around(inner)) as address:
        yield address.replace("127.0.0.1", "localhost")


def _seen_in_frame(page: Page, outer: str, inner: str) -> str:
    page.goto(outer)
    frame = page.frame(name="inner")
    frame.wait_for_url(f"{inner}/set")
    frame.click("a")
    frame.wait_for_url(f"{inner}/seen")
    return frame.inner_text("#seen")


def test_third_party_cookies_are_really_blocked(page: Page, outer: str, inner: str) -> None:
    """Without this the other tests of this folder would prove nothing: only the partitioned cookie lives in the frame."""
    page.goto(f"{inner}/set")
    page.goto(f"{inner}/seen")
    assert page.inner_text("#seen") == "__Host-parted lax none plain"
    assert _seen_in_frame(page, outer, inner) == "__Host-parted"


def test_all_cookies_are_really_blocked(cookieless_chromium: BrowserContext, outer: str, inner: str) -> None:
    page = cookieless_chromium.new_page()
    page.goto(f"{inner}/set")
    page.goto(f"{inner}/seen")
    assert page.inner_text("#seen") == ""
    assert _seen_in_frame(page, outer, inner) == ""
    page.close()
