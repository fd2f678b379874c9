"""Dynamic registration (LTI Dynamic Registration 1.0): by invite alone, in the manners of Moodle and of Canvas."""

import json
import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, Response

from service.access import Role
from service.audit import Actor
from service.cohorts.claims import digest
from service.demo.config import LmsConfig
from service.demo.lms import Fault, running
from service.demo.practice import PracticeLms
from service.lti import invites, platforms
from service.lti.models import Deployment, DeploymentState, Platform, PlatformKeys, PlatformState
from service.lti.registration_pages import EXTENSION
from service.outbound import Outbound
from service.settings import Settings
from tests.functional.lti.registering import (
    PLATFORM,
    ROSTER,
    SCORE,
    TOOL,
    Administrator,
    StubPlatform,
    stub_platform,
    text,
)
from tests.functional.lti.support import Lti, accepted
from tests.live import read_forms
from tests.support import BASE, OffsetClock, World, parts

FIXTURES = Path(__file__).parents[2] / "fixtures" / "moodle"
NRPS_AGS = (
    ROSTER, "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem",
    "https://purl.imsglobal.org/spec/lti-ags/scope/result.readonly", SCORE,
)  # fmt: skip
CANVAS = "https://canvas.instructure.com/lti/"


@pytest.fixture
def admin(app: Flask) -> Administrator:
    return Administrator(app)


@pytest.fixture
def stub() -> Iterator[StubPlatform]:
    with stub_platform() as stub:
        yield stub


@pytest.fixture
def moodle() -> Iterator[PracticeLms]:
    with running(LmsConfig("http://localhost:0")) as lms:
        yield lms


@pytest.fixture
def canvas() -> Iterator[PracticeLms]:
    with running(LmsConfig("http://localhost:0", family="canvas")) as lms:
        yield lms


def registered(admin: Administrator, lms: PracticeLms, *, update: Any = None, **invite: Any) -> Any:
    """A whole registration; the tool as the platform has it afterwards."""
    made = admin.invite(**invite)
    page = admin.follow(lms.registration_url(made.address(BASE), update))
    assert page.status_code == 200, text(page)
    done = admin.press(page)
    assert done.status_code == 200, text(done)
    return lms.tools[-1]


def launched(admin: Administrator, lms: PracticeLms, tool: Any) -> Lti:
    lti = Lti(admin.app, lms, tool=tool)
    lti.forget()
    return lti


# the shapes of two products


def test_g62_moodle_shape(admin: Administrator, moodle: PracticeLms) -> None:
    tool = registered(admin, moodle)
    platform = admin.platform
    body = tool.metadata
    assert body["initiate_login_uri"] == f"{BASE}/lti/login/{platform.public_id}"
    assert body["jwks_uri"] == f"{BASE}/lti/jwks/{platform.public_id}"
    assert body["redirect_uris"] == [f"{BASE}/lti/launch"]
    assert (body["policy_uri"], body["tos_uri"], body["client_name"]) == (f"{BASE}/privacy", f"{BASE}/terms", "Stegvis")
    settings = body[TOOL]
    assert settings["domain"] == "127.0.0.1:5055"
    assert settings["claims"] == ["iss", "sub", "name", "given_name", "family_name", "locale"]
    assert settings["custom_parameters"] == {
        "context_id_history": "$Context.id.history", "link_id_history": "$ResourceLink.id.history",
        "timezone": "$Person.address.timezone", "course_start": "$CourseSection.timeFrame.begin", "course_end": "$CourseSection.timeFrame.end",
    }  # fmt: skip
    assert settings["messages"] == [
        {"type": "LtiResourceLinkRequest"},
        {"type": "LtiDeepLinkingRequest", "target_link_uri": f"{BASE}/lti/launch", "label": "Stegvis activity"},
    ]
    assert not [name for name in (*body, *settings) if "canvas" in name]
    assert set(body["scope"].split()) == {*NRPS_AGS, "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem.readonly"}
    assert (platform.issuer, platform.client_id, platform.family) == (moodle.base_url, tool.client_id, "moodle")
    assert (platform.name, platform.state, platform.auto_activate) == ("Umeå Moodle", PlatformState.PENDING, False)
    assert (admin.deployment.deployment_id, admin.deployment.state) == (tool.deployment_id, DeploymentState.ACTIVE)
    # What Moodle's answer claims about names and e-mail says nothing, so nothing is shown as different.
    assert platforms.differences(platform) == []
    assert admin.events() == [("allow", "pending")]


def test_g62_moodle_shape_as_recorded(admin: Administrator, stub: StubPlatform) -> None:
    recorded = json.loads((FIXTURES / "openid-configuration.json").read_text())
    stub.configuration = {
        name: value for name, value in recorded.items() if not str(value).startswith("http://localhost")
    }
    stub.answer = json.loads((FIXTURES / "registration.json").read_text())["answer"]["body"]
    stub.content_type = "text/html; charset=utf-8"
    assert admin.press(admin.open(admin.invite(), stub.url, "t")).status_code == 200
    assert (admin.platform.client_id, admin.deployment.deployment_id) == ("Z2AWZWf0i8cAjbG", "1")
    assert platforms.differences(admin.platform) == []


def test_g62_canvas_shape(admin: Administrator, canvas: PracticeLms) -> None:
    tool = registered(admin, canvas)
    settings, platform = tool.metadata[TOOL], admin.platform
    placed = [(one["type"], one["placements"]) for one in settings["messages"]]
    assert placed == [
        ("LtiResourceLinkRequest", ["course_navigation"]),
        ("LtiDeepLinkingRequest", ["assignment_selection"]),
        ("LtiDeepLinkingRequest", ["link_selection"]),
    ]
    menu, assignment, module = settings["messages"]
    assert menu[f"{CANVAS}course_navigation/default_enabled"] is False
    assert (menu[f"{CANVAS}visibility"], menu[f"{CANVAS}display_type"]) == ("members", "full_width_in_context")
    assert (assignment[f"{CANVAS}launch_width"], f"{CANVAS}launch_width" in module) == (800, False)
    assert (settings[f"{CANVAS}privacy_level"], settings[f"{CANVAS}tool_id"]) == ("name_only", "stegvis")
    assert all(isinstance(value, str) for value in settings["custom_parameters"].values())
    assert settings["custom_parameters"]["context_id_history"] == "$Context.id.history"
    assert set(tool.metadata["scope"].split()) == {
        *NRPS_AGS,
        "https://purl.imsglobal.org/spec/lti/scope/noticehandlers",
    }
    assert (platform.family, platform.token_audience) == ("canvas", "")
    # Canvas names no deployment: the first launch does.
    assert admin.all(Deployment) == []
    assert platforms.differences(platform) == []
    assert tool.shared_claims == ("name",)


def test_g62_canvas_wants_the_token_for_its_configuration(admin: Administrator, canvas: PracticeLms) -> None:
    url = f"{canvas.base_url}/.well-known/openid-configuration"
    page = admin.open(admin.invite(), url)
    assert page.status_code == 422
    assert "token_refused" in text(page)


def test_g62_a_platform_in_nobodys_manner(admin: Administrator, stub: StubPlatform) -> None:
    stub.configuration = {
        "authorization_server": "https://token.example.org",
        PLATFORM: {"product_family_code": "stubb", "version": "1", "messages_supported": [
            {"type": "LtiDeepLinkingRequest", "placements": ["ContentArea", "RichTextEditor"]},
            {"type": "LtiSubmissionReviewRequest"}, {"type": "DataPrivacyLaunchRequest"}, {"type": "LtiAssetProcessor"},
        ]},
    }  # fmt: skip
    stub.status = 201
    assert admin.press(admin.open(admin.invite(), stub.url)).status_code == 200
    (body,) = stub.bodies
    assert [one["type"] for one in body[TOOL]["messages"]] == [
        "LtiResourceLinkRequest", "LtiSubmissionReviewRequest", "DataPrivacyLaunchRequest", "LtiDeepLinkingRequest",
    ]  # fmt: skip
    assert body[TOOL]["messages"][-1]["placements"] == ["ContentArea"]
    assert body["scope"].split() == [ROSTER, SCORE]
    assert admin.platform.token_audience == "https://token.example.org"
    # No token was given, and so none is sent.
    assert stub.asked == [("GET", "/.well-known/openid-configuration", ""), ("POST", "/register", "")]


# what the administrator sees


def test_the_page_says_what_is_asked_before_anything_is_registered(admin: Administrator, canvas: PracticeLms) -> None:
    made = admin.invite()
    page = admin.follow(canvas.registration_url(made.address(BASE)), headers={"Accept-Language": "en"})
    shown = unescape(text(page))
    for words in (
        canvas.base_url,
        "Vård och omsorg",
        "Umeå Moodle",
        "1 of 1",
        "whole group",
        "e-mail",
        "Names",
        "menu of a course",
    ):
        assert words in shown, words
    assert 'href="/privacy"' in shown
    assert 'href="/terms"' in shown
    assert "approves it" in shown
    assert list(canvas.tools) == []
    assert admin.all(Platform) == []
    policy = page.headers["Content-Security-Policy"]
    assert f"frame-ancestors 'self' {canvas.base_url}" in policy
    assert page.headers["Cache-Control"] == "no-store"


def test_the_page_in_three_languages(admin: Administrator, moodle: PracticeLms) -> None:
    made = admin.invite()
    shown = {
        code: text(admin.follow(moodle.registration_url(made.address(BASE)), headers={"Accept-Language": code}))
        for code in ("sv", "en", "lv")
    }
    for code, page in shown.items():
        assert f'<html lang="{code}"' in page
    assert "Register Stegvis" in shown["en"]


def test_an_address_opened_by_itself_says_where_it_belongs(admin: Administrator) -> None:
    made = admin.invite()
    page = admin.open(made, headers={"Accept-Language": "en"})
    assert page.status_code == 200
    assert made.address(BASE) in text(page)
    assert "Dynamic Registration" in text(page)


def test_the_done_page_closes_towards_the_platform_alone(admin: Administrator, moodle: PracticeLms) -> None:
    page = admin.follow(moodle.registration_url(admin.invite().address(BASE)))
    done = admin.press(page)
    assert re.search(f'data-close-to="{moodle.base_url}" data-at-once', text(done))
    assert f"stegvis platform enable {admin.platform.public_id}" in text(done)
    assert f"frame-ancestors 'self' {moodle.base_url}" in done.headers["Content-Security-Policy"]


def test_g62_scope_reduced(admin: Administrator, canvas: PracticeLms) -> None:
    canvas.grants = (ROSTER,)
    canvas.granted_placements = ("link_selection",)
    page = admin.follow(canvas.registration_url(admin.invite().address(BASE)), headers={"Accept-Language": "en"})
    done = admin.press(page, headers={"Accept-Language": "en"})
    found = {(one.kind, one.name) for one in platforms.differences(admin.platform)}
    assert found == {
        ("scopes", SCORE), ("scopes", NRPS_AGS[1]), ("scopes", NRPS_AGS[2]), ("scopes", "https://purl.imsglobal.org/spec/lti/scope/noticehandlers"),
        ("placements", "course_navigation"), ("placements", "assignment_selection"),
    }  # fmt: skip
    assert "completion is not sent" in text(done)
    # With something to read the window does not close by itself.
    assert "data-close-to" in text(done)
    assert "data-at-once" not in text(done)


def test_what_is_granted_unasked_is_shown(admin: Administrator, stub: StubPlatform) -> None:
    stub.answer = {
        "client_id": "k",
        TOOL: {"claims": ["sub", "email", "name"], "messages": [{"type": "LtiDeepLinkingRequest"}]},
    }
    done = admin.press(admin.open(admin.invite(), stub.url), headers={"Accept-Language": "en"})
    found = {(one.name, one.more) for one in platforms.differences(admin.platform)}
    assert found == {("given_name", False), ("family_name", False), ("email", True)}
    assert "does not keep them" in text(done)
    assert admin.all(Deployment) == []


def test_a_platform_that_offers_little_is_asked_for_little(admin: Administrator, stub: StubPlatform) -> None:
    stub.configuration = {"scopes_supported": ["openid"]}
    page = admin.open(admin.invite(), stub.url, headers={"Accept-Language": "en"})
    assert "completion is not sent" in text(page)
    admin.press(page)
    assert stub.bodies[0]["scope"] == ""


# invites


def trapped(admin: Administrator, stub: StubPlatform, secret: str) -> str:
    """Tries an invite that is none; returns the page, once it is sure that nothing was asked of anybody."""
    answer = admin.open(secret, stub.url, "t")
    posted = admin.app.test_client().post(
        f"/lti/register/{secret}", data={"offer": "x"}, base_url=BASE, headers={"Sec-Fetch-Site": "same-origin"}
    )
    assert (answer.status_code, posted.status_code, stub.asked) == (404, 404, [])
    assert re.sub(r"[0-9A-F]{8}", "", text(answer)) == re.sub(r"[0-9A-F]{8}", "", text(posted))
    return re.sub(r"[0-9A-F]{8}", "", text(answer))


def test_g62_without_an_invite_nothing_is_asked_of_anybody(
    admin: Administrator, stub: StubPlatform, clock: OffsetClock
) -> None:
    pages = [trapped(admin, stub, "okand"), trapped(admin, stub, "x" * 500)]
    revoked = admin.invite()
    with parts(admin.app).units.writing():
        invites.revoke(admin.organisation_id(), revoked.id, Actor(admin.organisation_id()))
    pages.append(trapped(admin, stub, revoked.secret))
    old = admin.invite()
    clock.advance(timedelta(hours=24, seconds=1))
    pages.append(trapped(admin, stub, old.secret))
    assert len(set(pages)) == 1
    assert parts(admin.app).metrics.refusals.labels("E-NOTFOUND", "no_invite")._value.get() == 8
    assert admin.events() == [("deny", "invite_revoked")] * 2 + [("deny", "invite_expired")] * 2


def test_g62_invite_reused(admin: Administrator, stub: StubPlatform) -> None:
    made = admin.invite()
    page = admin.open(made, stub.url)
    assert admin.press(page).status_code == 200
    stub.asked.clear()
    assert admin.press(page).status_code == 404
    trapped(admin, stub, made.secret)
    assert len(admin.all(Platform)) == 1


def test_g62_two_at_once(admin: Administrator, stub: StubPlatform) -> None:
    page = admin.open(admin.invite(), stub.url, headers={"Accept-Language": "en"})
    stub.hold, answers = threading.Event(), []
    first = threading.Thread(target=lambda: answers.append(admin.press(page)))
    first.start()
    try:
        assert stub.arrived.wait(10)
        second = admin.press(page, headers={"Accept-Language": "en"})
    finally:
        stub.hold.set()
        first.join()
    assert second.status_code == 422
    assert "at this very moment" in text(second)
    assert answers[0].status_code == 200
    assert len(stub.bodies) == len(admin.all(Platform)) == 1


def test_g62_an_invite_whose_holder_died_is_free_again(
    admin: Administrator, stub: StubPlatform, clock: OffsetClock
) -> None:
    made = admin.invite()
    with parts(admin.app).units.writing():
        invites.claim(made.id)
    page = admin.open(made, stub.url)
    assert admin.press(page).status_code == 422
    clock.advance(timedelta(seconds=61))
    assert admin.press(page).status_code == 200


def test_g62_an_invite_taken_back_while_the_platform_is_asked(admin: Administrator, stub: StubPlatform) -> None:
    made = admin.invite()
    page = admin.open(made, stub.url)
    stub.hold, answers = threading.Event(), []
    first = threading.Thread(target=lambda: answers.append(admin.press(page)))
    first.start()
    try:
        assert stub.arrived.wait(10)
        with parts(admin.app).units.writing():
            invites.revoke(admin.organisation_id(), made.id, Actor(admin.organisation_id()))
    finally:
        stub.hold.set()
        first.join()
    assert (answers[0].status_code, "invite_gone" in text(answers[0])) == (422, True)
    assert admin.all(Platform) == []


def test_g62_an_invite_that_activates(admin: Administrator, moodle: PracticeLms) -> None:
    tool = registered(admin, moodle, activates=True)
    assert (admin.platform.state, admin.platform.auto_activate) == (PlatformState.ACTIVE, True)
    moodle.activate(tool)
    accepted(launched(admin, moodle, tool).launch())


def test_g62_canvas_registered_and_opened(admin: Administrator, canvas: PracticeLms) -> None:
    tool = canvas.activate(registered(admin, canvas))
    with parts(admin.app).units.writing():
        platforms.set_state(admin.platform.public_id, PlatformState.ACTIVE)
    lti = launched(admin, canvas, tool)
    waiting = lti.launch()
    # The platform is approved, and its installation is seen for the first time.
    assert (waiting.status_code, tool.deployment_id in text(waiting)) == (403, True)
    with parts(admin.app).units.writing():
        platforms.activate(tool.deployment_id, admin.platform.public_id)
    accepted(lti.launch())


def test_g62_canvas_registered_by_an_invite_that_activates(admin: Administrator, canvas: PracticeLms) -> None:
    tool = canvas.activate(registered(admin, canvas, activates=True))
    accepted(launched(admin, canvas, tool).launch())
    assert admin.deployment.state is DeploymentState.ACTIVE


# pending, and the one-time code


def test_g62_a_pending_platform_waits_for_approval(admin: Administrator, moodle: PracticeLms) -> None:
    tool = moodle.activate(registered(admin, moodle))
    lti = launched(admin, moodle, tool)
    refused = lti.login(lti.browser(), path=f"/lti/login/{admin.platform.public_id}")
    assert (refused.status_code, "E-PENDING" in text(refused)) == (403, True)
    assert lti.counted("E-PENDING", "platform_pending") == 1
    with parts(admin.app).units.writing():
        platforms.set_state(admin.platform.public_id, PlatformState.ACTIVE)
    lti.forget()
    accepted(lti.launch())


def test_g62_a_launch_of_a_platform_that_became_pending(admin: Administrator, moodle: PracticeLms) -> None:
    tool = moodle.activate(registered(admin, moodle, activates=True))
    lti = launched(admin, moodle, tool)
    client = lti.browser()
    begun = lti.begin(client)
    lti.change(Platform, state=PlatformState.PENDING)
    answer = lti.post(client, lti.answered(begun))
    assert (answer.status_code, "E-PENDING" in text(answer)) == (403, True)
    assert lti.denials() == ["platform_pending"]


def test_g62_the_one_time_code_comes_with_the_invite(admin: Administrator, moodle: PracticeLms, world: World) -> None:
    made = admin.invite()
    assert made.training_code
    admin.press(admin.follow(moodle.registration_url(made.address(BASE))))
    assert admin.platform.training_code_hash == digest(made.training_code)
    course = world.course()
    assert Administrator(admin.app, course.organisation.name).invite().training_code
    world.member(course, Role.TRAINING)
    assert Administrator(admin.app, course.organisation.name).invite().training_code == ""


# what is wrong with a configuration


def refused(
    admin: Administrator, stub: StubPlatform, reason: str, words: str, *, url: str = "", token: str = "", calls: int = 1
) -> None:
    made = admin.invite()
    answer = admin.open(made, url or stub.url, token, headers={"Accept-Language": "en"})
    shown = unescape(text(answer))
    assert answer.status_code == 422
    assert f"<code>{reason}</code>" in shown, shown
    assert words in shown, shown
    assert "Nothing was registered" in shown
    assert "<form" not in shown
    assert len(stub.asked) == calls
    assert admin.events() == [("deny", reason)]
    assert admin.all(Platform) == []
    stub.asked.clear()
    stub.raw_configuration, stub.configuration, stub.without = None, {}, ()
    assert admin.press(admin.open(made, stub.url)).status_code == 200


@pytest.mark.parametrize("issuer", ["http://localhost:1", "https://lms.example.org", "https://canvas.instructure.com"])
def test_g62_issuer_mismatch(admin: Administrator, stub: StubPlatform, issuer: str) -> None:
    stub.configuration = {"issuer": issuer, PLATFORM: {"product_family_code": "canvas"}}
    refused(admin, stub, "issuer", issuer)


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("https://10.0.0.1/c", "private_address"), ("https://169.254.169.254/latest", "private_address"), ("https://[::ffff:10.0.0.1]/c", "url"),
        ("http://192.0.2.1/c", "not_https"), ("file:///etc/passwd", "url"), ("https://u:p@example.org/", "url"), ("https://a b/", "url"), ("https://a:x/", "url"),
        ("https://finns-inte.invalid/c", "name"), ("https://127.0.0.1:1/c", "connection"), ("https://2130706433/c", "connection"),
    ],
)  # fmt: skip
def test_g62_private_address(admin: Administrator, stub: StubPlatform, url: str, reason: str) -> None:
    answer = admin.open(admin.invite(), url)
    assert (answer.status_code, f"<code>{reason}</code>" in text(answer)) == (422, True), text(answer)
    assert stub.asked == []


def test_g62_private_registration_endpoint(admin: Administrator, stub: StubPlatform) -> None:
    stub.configuration = {"registration_endpoint": "https://10.0.0.1/register"}
    answer = admin.press(admin.open(admin.invite(), stub.url))
    assert (answer.status_code, "private_address" in text(answer)) == (422, True)
    assert admin.events() == [("deny", "private_address")]


def test_g62_redirect(admin: Administrator, stub: StubPlatform) -> None:
    stub.raw_configuration = Response("", 302, {"Location": "http://127.0.0.1:1/"})
    refused(admin, stub, "redirect", "sent us on")


@pytest.mark.parametrize(
    ("answer", "reason", "words"),
    [
        (Response("<html>hej</html>", 200), "not_json", "not a configuration"),
        (Response('{"issuer": "a", "issuer": "b"}', 200), "not_json", "not a configuration"),
        (Response("[]", 200), "not_json", "not a configuration"),
        (Response("x" * 300_000, 200), "too_large", "far more"),
        (Response("<html>", 503), "status", "503"),
        (Response("token_already_used", 401), "token_refused", "used, or too old"),
    ],
)
def test_g62_not_a_configuration(
    admin: Administrator, stub: StubPlatform, answer: Response, reason: str, words: str
) -> None:
    stub.raw_configuration = answer
    refused(admin, stub, reason, words)


@pytest.mark.parametrize(
    ("changes", "without", "reason", "words"),
    [
        ({}, ("registration_endpoint",), "fields", "registration_endpoint"), ({}, (PLATFORM,), "fields", PLATFORM), ({"issuer": 7}, (), "fields", "issuer"),
        ({"scopes_supported": "a b"}, (), "fields", "scopes_supported"), ({"jwks_uri": "https://a" + "a" * 500}, (), "fields", "jwks_uri"), ({"token_endpoint": ""}, (), "fields", "token_endpoint"),
        ({"token_endpoint": "http://lms.example.org/token"}, (), "address", "token_endpoint"), ({"jwks_uri": "file:///keys"}, (), "address", "jwks_uri"), ({"authorization_endpoint": "https://u@lms.example.org/"}, (), "address", "authorization_endpoint"),
    ],
)  # fmt: skip
def test_g62_incomplete_configuration(
    admin: Administrator, stub: StubPlatform, changes: dict[str, Any], without: tuple[str, ...], reason: str, words: str
) -> None:
    stub.configuration, stub.without = changes, without
    refused(admin, stub, reason, words)


@pytest.mark.parametrize("token", ["a\nb", "å", "x" * 9000])
def test_g62_token_that_is_none(admin: Administrator, stub: StubPlatform, token: str) -> None:
    refused(admin, stub, "token", "not a registration token", token=token, calls=0)


def test_g62_parameters_given_twice(admin: Administrator, stub: StubPlatform) -> None:
    answer = admin.follow(
        f"{admin.invite().address(BASE)}?openid_configuration={stub.url}&openid_configuration={stub.url}"
    )
    assert (answer.status_code, stub.asked) == (400, [])


# what the platform answers to the registration


def complained(admin: Administrator, stub: StubPlatform, reason: str, words: str, *, again: bool = False) -> None:
    made = admin.invite()
    answer = admin.press(admin.open(made, stub.url, "t"), headers={"Accept-Language": "en"})
    shown = unescape(text(answer))
    assert answer.status_code == 422
    assert f"<code>{reason}</code>" in shown, shown
    assert words in shown, shown
    assert ("<form" in shown) is again
    assert admin.all(Platform) == []
    assert admin.events()[-1] == ("deny", reason)
    assert admin.invite_row(made).claimed_until is None
    stub.answer, stub.status = None, 200
    # The invite still works; where trying again helps, so does the button on the page itself.
    assert admin.press(answer if again else admin.open(made, stub.url, "t2")).status_code == 200


@pytest.mark.parametrize(
    ("status", "body", "reason", "words"),
    [
        (400, "missing_domain", "refused", "did not find our address"), (400, "domain_targetlinkuri_mismatch", "refused", "do not fit"), (400, "invalid_response_types", "refused", "invalid_response_types"),
        (404, "<!DOCTYPE html><html><title>Error</title>", "refused", "It said: 404"), (422, '{"errors": ["Invalid scope: x"]}', "refused", "Invalid scope: x"),
        (400, '{"errors": [{"message": "No such placement"}]}', "refused", "No such placement"), (400, '{"errors": {"message": "one"}}', "refused", "one"), (400, '{"error": "invalid_client_metadata", "error_description": "redirect"}', "refused", "invalid_client_metadata: redirect"),
        (400, '{"errors": []}', "refused", "400"), (302, "", "redirect", "sent us on"), (200, "<html>", "answer_unreadable", "cannot be read"), (200, "{}", "answer_unreadable", "cannot be read"),
        (201, '{"client_id": 7}', "answer_unreadable", "cannot be read"), (200, '{"client_id": "a", "client_id": "b"}', "answer_unreadable", "cannot be read"), (200, '{"client_id": " "}', "answer_unreadable", "cannot be read"),
        (200, "x" * 300_000, "too_large", "far more"),
    ],
)  # fmt: skip
def test_g62_refusals_in_words(
    admin: Administrator, stub: StubPlatform, status: int, body: str, reason: str, words: str
) -> None:
    stub.status, stub.answer = status, body
    complained(admin, stub, reason, words)


def test_g62_a_platform_that_is_broken_may_be_tried_again(admin: Administrator, stub: StubPlatform) -> None:
    stub.status, stub.answer = 503, "<html>down</html>"
    complained(admin, stub, "broken", "wrong with itself", again=True)


def test_g62_token_missing(admin: Administrator, moodle: PracticeLms) -> None:
    page = admin.open(
        admin.invite(), f"{moodle.base_url}/.well-known/openid-configuration", headers={"Accept-Language": "en"}
    )
    answer = admin.press(page, headers={"Accept-Language": "en"})
    assert (answer.status_code, "used, or too old" in text(answer)) == (422, True)
    assert admin.all(Platform) == []


def test_g62_token_reused(admin: Administrator, moodle: PracticeLms) -> None:
    made, other = admin.invite(), admin.invite()
    url = moodle.registration_url(made.address(BASE))
    page, again = admin.follow(url), admin.follow(url.replace(made.secret, other.secret))
    assert admin.press(page).status_code == 200
    answer = admin.press(again)
    assert (answer.status_code, "token_refused" in text(answer)) == (422, True)
    assert len(admin.all(Platform)) == 1


@pytest.mark.parametrize("fault", [Fault(reset=True), Fault(delay=30)])
def test_g62_timeout_and_reset(
    make_app: Callable[..., Flask], settings: Settings, moodle: PracticeLms, fault: Fault
) -> None:
    app = make_app()
    app.extensions[EXTENSION] = replace(app.extensions[EXTENSION], outbound=Outbound(settings, 0.5))
    admin = Administrator(app)
    made = admin.invite()
    page = admin.follow(moodle.registration_url(made.address(BASE)))
    moodle.faults.registration = fault
    answer = admin.press(page)
    assert answer.status_code == 422
    assert re.search("<code>(timeout|connection)</code>", text(answer))
    assert admin.invite_row(made).claimed_until is None


# the form


def test_g62_each_endpoint_is_asked_once(admin: Administrator, stub: StubPlatform) -> None:
    admin.press(admin.open(admin.invite(), stub.url, "t"))
    assert stub.asked == [("GET", "/.well-known/openid-configuration", "Bearer t"), ("POST", "/register", "Bearer t")]


def test_g62_a_form_that_is_not_ours(admin: Administrator, stub: StubPlatform, clock: OffsetClock) -> None:
    made, other = admin.invite(), admin.invite()
    page, others = admin.open(made, stub.url), admin.open(other, stub.url)
    stub.asked.clear()
    for offer in ("", "x", "a.b"):
        answer = admin.press(page, data={"offer": offer})
        assert (answer.status_code, "<code>form</code>" in text(answer)) == (422, True)
    (theirs,) = read_forms(text(others))
    answer = admin.press(page, data=theirs.fields)
    assert "<code>form</code>" in text(answer)
    clock.advance(timedelta(hours=1, seconds=1))
    assert "<code>form_expired</code>" in text(admin.press(page))
    assert stub.asked == []


@pytest.mark.parametrize("headers", [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example.org"}])
def test_g62_a_form_sent_from_elsewhere(admin: Administrator, stub: StubPlatform, headers: dict[str, str]) -> None:
    page = admin.open(admin.invite(), stub.url)
    assert admin.press(page, headers=headers).status_code == 403
    assert stub.bodies == []


def test_too_many_attempts(admin: Administrator) -> None:
    statuses = [admin.open("okand").status_code for _ in range(31)]
    assert (set(statuses[:30]), statuses[30]) == ({404}, 429)


# the same registration once more


def test_g62_an_update_keeps_people_state_and_deployments(admin: Administrator, moodle: PracticeLms) -> None:
    tool = moodle.activate(registered(admin, moodle, activates=True))
    lti = launched(admin, moodle, tool)
    accepted(lti.launch())
    before, counts = admin.platform, lti.counts()
    with parts(admin.app).units.writing():
        platforms.set_state(before.public_id, PlatformState.DISABLED)
    registered(admin, moodle, update=tool, activates=True)
    after = admin.platform
    assert (after.id, after.state, after.name) == (before.id, PlatformState.DISABLED, before.name)
    assert after.public_id != before.public_id
    assert moodle.client(tool.client_id).login_url == f"{BASE}/lti/login/{after.public_id}"
    assert (admin.deployment.deployment_id, lti.counts()) == (tool.deployment_id, counts)
    assert admin.all(PlatformKeys) == []
    assert admin.events() == [("allow", "active"), ("allow", "updated")]
    with parts(admin.app).units.writing():
        platforms.set_state(after.public_id, PlatformState.ACTIVE)
    renewed = launched(admin, moodle, moodle.client(tool.client_id))
    accepted(renewed.launch())
    assert renewed.counts()["person"] == counts["person"]


def test_g62_an_update_with_an_invite_that_activates_approves(admin: Administrator, moodle: PracticeLms) -> None:
    tool = registered(admin, moodle)
    registered(admin, moodle, update=tool)
    assert admin.platform.state is PlatformState.PENDING
    registered(admin, moodle, update=tool, activates=True)
    assert (admin.platform.state, admin.platform.auto_activate) == (PlatformState.ACTIVE, True)


def test_g62_another_organisation_cannot_take_a_registration_over(admin: Administrator, moodle: PracticeLms) -> None:
    tool = registered(admin, moodle)
    before = admin.platform
    made = admin.invite(organisation="Annan kommun")
    page = admin.follow(moodle.registration_url(made.address(BASE), tool))
    answer = admin.press(page)
    assert (answer.status_code, "other_organisation" in text(answer)) == (422, True)
    after = admin.platform
    assert (after.organisation_id, after.public_id) == (before.organisation_id, before.public_id)
    assert admin.invite_row(made).used_at is None
