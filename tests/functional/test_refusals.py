"""Refusal pages: one static page per code, in three languages, the same bytes whatever the cause."""

import re
import uuid

import pytest
from flask import Flask

from service import refusals
from service.errors import STATUS, Busy, Code, LaunchRefused
from service.headers import secure
from tests.support import BASE, World, parts

pytestmark = pytest.mark.once

PAGES = [code for code in Code if code is not Code.COOKIE]
LANGUAGES = ("sv", "en", "lv")


def shown(app: Flask, code: Code, language: str, accept: str = "text/html") -> tuple[str, dict[str, str], int]:
    with app.test_request_context("/", base_url=BASE, headers={"Accept-Language": language, "Accept": accept}):
        response = secure(refusals.answer(code, "0A1B2C3D"))
        return response.get_data(as_text=True), dict(response.headers), response.status_code


@pytest.mark.parametrize("code", PAGES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_each_code_has_its_page_in_each_language(app: Flask, code: Code, language: str) -> None:
    html, headers, status = shown(app, code, language)
    assert status == STATUS[code]
    assert f'lang="{language}"' in html
    assert code.value in html
    assert "0A1B2C3D" in html
    assert not re.search(r"<(script|form|button|input|iframe)", html)
    assert "nonce" not in headers["Content-Security-Policy"]
    assert headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("code", PAGES)
def test_no_language_is_left_in_another(app: Flask, code: Code) -> None:
    headings = {
        re.search(r"<h1[^>]*>(.*?)</h1>", shown(app, code, language)[0], re.DOTALL)[1] for language in LANGUAGES
    }
    assert len(headings) == len(LANGUAGES)


@pytest.mark.parametrize("code", PAGES)
def test_a_client_that_asks_for_json_gets_problem_details(app: Flask, code: Code) -> None:
    with app.test_request_context("/", base_url=BASE, headers={"Accept": "application/problem+json"}):
        response = refusals.answer(code, "0A1B2C3D")
    assert response.mimetype == "application/problem+json"
    assert response.json["code"] == code.value
    assert response.json["status"] == STATUS[code]
    assert response.json["incident"] == "0A1B2C3D"


def test_the_cause_of_a_refusal_does_not_show(app: Flask) -> None:
    answers = []
    for reason in ("signature", "nonce_used", "state_binding"):
        with app.test_request_context("/lti/launch", base_url=BASE):
            response = secure(refusals.refuse(LaunchRefused(reason)))
            answers.append(
                (
                    re.sub(r"[0-9A-F]{8}", "#", response.get_data(as_text=True)),
                    sorted(response.headers.items()),
                    response.status_code,
                )
            )
    assert answers[0] == answers[1] == answers[2]


def test_a_refusal_is_counted_by_code_and_reason(app: Flask) -> None:
    with app.test_request_context("/", base_url=BASE):
        refusals.refuse(LaunchRefused("signature"))
    labels = {"code": "E-LAUNCH", "reason": "signature"}
    assert parts(app).metrics.registry.get_sample_value("stegvis_refusals_total", labels) == 1


def test_being_busy_says_when_to_come_back(app: Flask) -> None:
    with app.test_request_context("/", base_url=BASE):
        response = refusals.refuse(Busy("database", retry_after=5))
    assert response.status_code == 503
    assert response.headers["Retry-After"] == "5"


def test_an_unknown_host_is_refused(app: Flask) -> None:
    assert app.test_client().get("/healthz", base_url="http://evil.example").status_code == 400


def test_an_unexpected_failure_shows_no_trace(app: Flask, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> str:
        raise ZeroDivisionError("canary in the message")

    monkeypatch.setitem(app.view_functions, "site.alive", broken)
    answer = app.test_client().get("/healthz", base_url=BASE)
    assert answer.status_code == 500
    assert "E-BROKEN" in answer.text
    assert "canary" not in answer.text
    assert "Traceback" not in answer.text


def test_an_address_nobody_knows_looks_like_one_that_is_closed(app: Flask, world: World) -> None:
    inside = world.enter(world.course())
    nowhere, elsewhere = (
        inside.get(path, headers={"Accept-Language": "en"}).text for path in ("/nothing-here", "/off/nothing")
    )
    assert "E-NOTFOUND" in nowhere
    assert re.sub(r"[0-9A-F]{8}", "#", nowhere) == re.sub(r"[0-9A-F]{8}", "#", elsewhere)


def test_a_refusal_that_leaves_the_visit_open_leads_back_into_it(app: Flask, world: World) -> None:
    inside = world.enter(world.course())
    back = f'href="{inside.path}/"'
    assert back in inside.get("/nothing").text
    assert back in inside.get("/switches").text
    with app.test_request_context(f"{inside.path}/exports/fetch/used", base_url=BASE):
        assert f'href="{inside.path}/exports"' in refusals.answer(Code.GONE, "0A1B2C3D").get_data(as_text=True)
    # Where the visit is over, or none was meant, there is nothing to go back to.
    for path in ("/nothing", f"/l/{uuid.uuid4()}/"):
        assert "Back to Stegvis" not in app.test_client().get(path, headers={"Accept-Language": "en"}).text


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_a_method_that_is_not_offered_is_refused(app: Flask, method: str) -> None:
    answer = app.test_client().open("/healthz", method=method, base_url=BASE)
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]


def test_more_than_a_megabyte_is_refused(world: World) -> None:
    answer = world.enter(world.course()).post("/language", {"locale": "sv", "x": "y" * 1_200_000})
    assert answer.status_code == 413
    assert "E-LARGE" in answer.text
