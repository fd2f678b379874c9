"""What a browser may do with our pages, and who may frame them."""

import re

import pytest
from flask import Flask

from service.access import Role
from tests.support import BASE, Browser, World


@pytest.fixture
def inside(world: World) -> Browser:
    return world.enter(world.course())


def policy(answer) -> dict[str, str]:
    return dict(part.strip().split(" ", 1) for part in answer.headers["Content-Security-Policy"].split(";"))


def test_a_page_may_be_framed_by_its_own_platform_alone(world: World) -> None:
    for course in (world.course(), world.course()):
        ancestors = policy(world.enter(course).get("/who"))["frame-ancestors"]
        assert ancestors == f"'self' {course.platform.issuer}"


def test_scripts_run_with_the_pages_own_nonce_only(inside: Browser) -> None:
    first, second = inside.get("/who"), inside.get("/who")
    nonces = [re.search(r"'nonce-([^']+)'", policy(answer)["script-src"]).group(1) for answer in (first, second)]
    assert nonces[0] != nonces[1]
    assert set(re.findall(r'<script[^>]*nonce="([^"]+)"', first.text)) == {nonces[0]}
    assert "unsafe" not in first.headers["Content-Security-Policy"]
    assert policy(first)["default-src"] == "'none'"


def test_no_page_is_kept_by_a_cache_and_every_page_has_its_guards(inside: Browser) -> None:
    for answer in (inside.get("/who"), inside.get("/nowhere"), inside.client.get("/healthz", base_url=BASE)):
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "same-origin"
        assert "camera=()" in answer.headers["Permissions-Policy"]


def test_static_files_may_be_kept(app: Flask) -> None:
    answer = app.test_client().get("/static/stegvis.css", base_url=BASE)
    assert answer.status_code == 200
    assert "max-age" in answer.headers["Cache-Control"]
    answer.close()


def test_links_with_a_secret_in_them_do_not_go_along(app: Flask) -> None:
    for path, policy in (("/g/word/example/", "strict-origin"), ("/t/word", "no-referrer")):
        assert app.test_client().get(path, base_url=BASE).headers["Referrer-Policy"] == policy


def test_a_refusal_holds_nothing_to_click_and_may_be_framed_anywhere(inside: Browser) -> None:
    inside.client.delete_cookie("__Host-stegvis", domain="127.0.0.1")
    answer = inside.get("/who")
    assert answer.status_code == 401
    assert policy(answer)["frame-ancestors"] == "*"
    assert "script-src" not in policy(answer)
    assert re.search(r"<(script|form|button|input)|nonce", answer.text) is None


def test_outside_a_launch_nothing_may_be_framed(app: Flask) -> None:
    assert policy(app.test_client().get("/healthz", base_url=BASE))["frame-ancestors"] == "'none'"


def test_https_is_remembered_only_where_it_was_used(app: Flask) -> None:
    client = app.test_client()
    assert "Strict-Transport-Security" not in client.get("/healthz", base_url=BASE).headers
    assert (
        "max-age"
        in client.get("/healthz", base_url=BASE.replace("http:", "https:")).headers["Strict-Transport-Security"]
    )


def test_another_host_name_is_refused(app: Flask) -> None:
    assert app.test_client().get("/healthz", base_url="http://evil.example.org").status_code == 400


@pytest.mark.parametrize("role", [Role.MANAGER, Role.COACH, Role.TRAINING])
def test_the_frame_of_a_page_says_who_is_where(world: World, role: Role) -> None:
    page = world.enter(world.course("Kurs A"), role, "Karin Lindqvist").get("/who")
    assert page.status_code == 200
    assert "Karin Lindqvist" in page.text
    assert "Kurs A" in page.text
    assert page.text.count('aria-current="page"') == 1
