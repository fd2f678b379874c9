"""The practice LMS's pages and frames in a real browser, with a tool of a few lines in them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
import requests
from flask import Flask
from playwright.sync_api import BrowserContext, Frame, Page, expect

from service.demo.claims import DEEP_LINKING_SETTINGS
from service.demo.config import LmsConfig
from service.demo.lms import in_thread, running
from service.demo.practice import PracticeLms
from tests.service.demo.test_registration import SENT
from tests.service.demo.tool import DL, Tool, running_tool

ASK = """([message, target, wait]) => new Promise(resolve => {
  const heard = [];
  addEventListener("message", event => {
    heard.push({origin: event.origin, ...event.data});
    if (!wait) resolve(heard);
  });
  const where = target === "parent" ? parent : parent.frames[target];
  where.postMessage(message, "*");
  if (wait) setTimeout(() => resolve(heard), wait);
})"""
STORAGE = "post_message_forwarding"


@pytest.fixture
def page(strict_chromium: BrowserContext) -> Iterator[Page]:
    page = strict_chromium.new_page()
    yield page
    page.close()


@pytest.fixture(scope="module")
def tool() -> Iterator[Tool]:
    """A tool whose login is a page that stays where it is, so that its frame can be spoken from."""
    with running_tool() as keys, ExitStack() as stack:
        app = Flask("framed")
        page = "<!doctype html><link rel=icon href='data:,'><title>Verktyg</title><h1>Verktyget</h1>"
        app.add_url_rule("/lti/login", "login", lambda: page, methods=["GET", "POST"])
        app.add_url_rule("/lti/register", "register", lambda: page)
        app.add_url_rule("/lti/jwks", "jwks", lambda: {"keys": [keys.key.public_jwk]})
        keys.base_url = stack.enter_context(in_thread(app))
        yield keys


@pytest.fixture(params=["canvas"])
def lms(tool: Tool, request: pytest.FixtureRequest) -> Iterator[PracticeLms]:
    with running(LmsConfig("http://localhost:0", tool.config(), family=request.param)) as lms:
        yield lms


in_moodle = pytest.mark.parametrize("lms", ["moodle"], indirect=True)


def opened(page: Page, lms: PracticeLms, path: str = "/courses/enhetschefer/as/amira-haddad") -> Frame:
    """The tool's frame once the tool's page is in it."""
    page.goto(lms.base_url + path)
    expect(page.frame_locator("#tool").get_by_role("heading", name="Verktyget")).to_be_visible()
    frame = page.frame(name="tool")
    assert frame is not None
    return frame


def ask(frame: Frame, message: dict[str, Any], target: str = STORAGE, wait: int = 0) -> list[dict[str, Any]]:
    heard: list[dict[str, Any]] = frame.evaluate(ASK, [message, target, wait])
    return heard


def put(key: str, value: Any, number: str = "1") -> dict[str, Any]:
    return {"subject": "lti.put_data", "message_id": number, "key": key, "value": value}


def test_values_are_kept_for_the_tools_own_origin(page: Page, lms: PracticeLms) -> None:
    frame = opened(page, lms)
    (kept,) = ask(frame, put("state", "abc"))
    assert kept == {
        "origin": lms.base_url, "subject": "lti.put_data.response", "message_id": "1", "key": "state", "value": "abc",
    }  # fmt: skip
    frame.evaluate("location.reload()")
    expect(page.frame_locator("#tool").get_by_role("heading")).to_be_visible()
    frame = page.frame(name="tool")
    assert frame is not None
    (got,) = ask(frame, {"subject": "lti.get_data", "message_id": "2", "key": "state"})
    assert (got["subject"], got["message_id"], got["value"]) == ("lti.get_data.response", "2", "abc")
    (removed,) = ask(frame, put("state", None))
    (gone,) = ask(frame, {"subject": "lti.get_data", "message_id": "3", "key": "state"})
    assert (removed["value"], gone["value"]) == (None, None)


def test_platform_says_which_frame_keeps_values(page: Page, lms: PracticeLms) -> None:
    frame = opened(page, lms)
    for target in ("parent", STORAGE):
        (told,) = ask(frame, {"subject": "lti.capabilities", "message_id": "7"}, target)
        assert (told["subject"], told["message_id"]) == ("lti.capabilities.response", "7")
        assert {"subject": "lti.put_data", "frame": STORAGE} in told["supported_messages"]


def test_malformed_requests_and_strangers_get_an_error(page: Page, lms: PracticeLms, tool: Tool) -> None:
    frame = opened(page, lms)
    (bad,) = ask(frame, {"subject": "lti.put_data", "message_id": "1", "value": "x"})
    assert bad["error"]["code"] == "bad_request"
    (big,) = ask(frame, put("a", "x" * 4097))
    assert big["error"]["code"] == "storage_exhaustion"
    lms.replace_tool("ovning", launch_url="https://elsewhere.example.org/lti/launch")
    (stranger,) = ask(opened(page, lms), put("a", "b"))
    assert stranger["error"]["code"] == "wrong_origin"


def test_storage_misbehaves_as_told(page: Page, lms: PracticeLms) -> None:
    lms.frame_knobs.wrong_message_id = True
    (answer,) = ask(opened(page, lms), put("a", "b"))
    assert answer["message_id"] == "another"
    lms.frame_knobs.clear()
    lms.frame_knobs.wrong_origin = True
    frame = opened(page, lms)
    expect(page.frame_locator(f"iframe[name={STORAGE}]").locator("iframe")).to_be_attached()
    (answer,) = ask(frame, put("a", "b"))
    assert (answer["origin"], answer["value"]) == (lms.base_url.replace("localhost", "127.0.0.1"), "b")
    lms.frame_knobs.clear()
    lms.frame_knobs.silent = True
    frame = opened(page, lms)
    assert ask(frame, put("a", "b"), wait=300) == []
    assert ask(frame, {"subject": "lti.capabilities", "message_id": "1"}, "parent", wait=300) == []


def height_after_asking(page: Page, lms: PracticeLms) -> str:
    frame = opened(page, lms)
    # The page's own listener is older than this one and has done its part when this one has heard the last message.
    page.evaluate("addEventListener('message', event => { window.last = event.data.height; })")
    frame.evaluate("parent.postMessage({subject: 'lti.frameResize', height: 333}, '*')")
    frame.evaluate("parent.postMessage({subject: 'lti.frameResize', height: 'high'}, '*')")
    page.wait_for_function("window.last === 'high'")
    height: str = page.eval_on_selector("#tool", "frame => frame.style.height")
    return height


def test_canvas_follows_the_frames_height(page: Page, lms: PracticeLms) -> None:
    assert height_after_asking(page, lms) == "333px"
    lms.frame_knobs.resize = False
    assert height_after_asking(page, lms) == ""


@in_moodle
def test_moodle_ignores_the_frames_height_and_keeps_nothing(page: Page, lms: PracticeLms) -> None:
    assert height_after_asking(page, lms) == ""
    frame = opened(page, lms)
    expect(page.locator(f"iframe[name={STORAGE}]")).to_have_count(0)
    assert ask(frame, {"subject": "lti.capabilities", "message_id": "1"}, "parent", wait=300) == []


@in_moodle
def test_teacher_chooses_an_activity_and_finds_it_in_the_course(page: Page, lms: PracticeLms, tool: Tool) -> None:
    page.goto(f"{lms.base_url}/courses/enhetschefer/as/amira-haddad")
    page.get_by_role("link", name="Lägg till aktivitet").click()
    page.get_by_role("link", name="Stegvis", exact=True).click()
    expect(page.frame_locator("#tool").get_by_role("heading", name="Verktyget")).to_be_visible()
    frame = page.frame(name="tool")
    assert frame is not None
    claims = lms.claims("amira-haddad", "enhetschefer", nonce="n", message_type="LtiDeepLinkingRequest")
    url = claims[DEEP_LINKING_SETTINGS]["deep_link_return_url"]
    token = tool.sign(tool.response(lms, [{"type": "ltiResourceLink", "title": "Ny övning"}], **{f"{DL}/msg": "Klart"}))
    frame.evaluate(
        "([url, token]) => { const form = document.createElement('form'); form.method = 'post'; form.action = url;"
        "const field = document.createElement('input'); field.name = 'JWT'; field.value = token;"
        "form.append(field); document.body.append(form); form.submit(); }",
        [url, token],
    )
    expect(page.get_by_role("status")).to_have_text("En aktivitet har lagts till.")
    expect(page.get_by_role("navigation").get_by_role("link", name="Ny övning")).to_be_visible()
    assert page.url.startswith(f"{lms.base_url}/courses/enhetschefer/as/amira-haddad")


@in_moodle
def test_administrator_registers_and_activates_a_tool(page: Page, lms: PracticeLms, tool: Tool) -> None:
    page.goto(lms.base_url)
    page.get_by_role("link", name="Administration").click()
    page.get_by_label("Verktygets registreringsadress").fill(f"{tool.base_url}/lti/register?invite=abc")
    page.get_by_role("button", name="Fortsätt").click()
    inside = page.frame_locator("#registration")
    expect(inside.get_by_role("heading", name="Verktyget")).to_be_visible()
    frame = page.frame(name="registration")
    assert frame is not None
    assert "invite=abc&openid_configuration=" in frame.url
    token = frame.evaluate("new URLSearchParams(location.search).get('registration_token')")
    requests.post(f"{lms.base_url}/register", json=SENT, headers={"Authorization": f"Bearer {token}"}, timeout=5)
    page.evaluate("postMessage({subject: 'org.imsglobal.lti.close'}, '*')")
    # Only the tool itself may close its page.
    expect(inside.get_by_role("heading", name="Verktyget")).to_be_visible()
    frame.evaluate("parent.postMessage({subject: 'org.imsglobal.lti.close'}, '*')")
    expect(page.get_by_role("status")).to_contain_text("Verktyget har stängt sin sida")
    row = page.get_by_role("row", name="Chefscoachen")
    expect(row).to_contain_text("Väntar på aktivering")
    row.get_by_role("button", name="Aktivera").click()
    expect(page.get_by_role("row", name="Chefscoachen")).to_contain_text("Aktivt")
    assert not lms.is_pending(lms.tools[1])
