"""A frame whose cookies are blocked, in a platform that keeps values for tools: Canvas's way, and when it goes wrong."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from flask import Flask
from playwright.sync_api import BrowserContext, Frame, Page, Route, expect

from service.demo.lms import in_thread
from service.settings import Settings
from tests.browser.conftest import Complaints
from tests.browser.test_frame import launches, without_partitions
from tests.live import Live, register, running_service

STORAGE_FRAME = "post_message_forwarding"


@pytest.fixture
def canvas(make_app: Callable[..., Flask], settings: Settings) -> Iterator[Live]:
    """The service and a practice LMS with Canvas's manners; no cookie lives in its frames."""
    with running_service(make_app, settings, family="canvas") as running:
        register(running.app, running.lms.base_url)
        without_partitions(running.app)
        yield running
        running.lms.frame_knobs.clear()


def tool(page: Page) -> Frame:
    frame = page.frame(name="tool")
    assert frame is not None
    return frame


def asked(live: Live) -> int:
    """How often the platform's own hint was spent."""
    return len(live.lms.recorder.to("/auth"))


def test_a_frame_without_cookies_opens_a_window_by_the_platforms_storage(
    context: BrowserContext, page: Page, canvas: Live
) -> None:
    page.goto(canvas.course_url("karin-lindqvist"))
    frame = tool(page)
    frame.wait_for_url(f"{canvas.base_url}/lti/launch/confirm")
    button = frame.locator("main form[target=_blank] button")
    expect(button).to_have_count(1)
    assert (launches(canvas), asked(canvas)) == (1, 1)
    with context.expect_page() as opened:
        button.click()
    window = opened.value
    window.wait_for_url(f"{canvas.base_url}/l/**")
    expect(window.locator(".sv-place")).to_contain_text("Karin Lindqvist")
    window.click("footer button[lang=en]")
    window.wait_for_selector("html[lang=en]")
    assert (launches(canvas), asked(canvas)) == (2, 1)


@pytest.mark.parametrize("knob", ["silent", "wrong_origin", "wrong_message_id"])
def test_g65_platform_storage_with_a_wrong_answer_leaves_the_login_unspent(
    context: BrowserContext, page: Page, canvas: Live, knob: str
) -> None:
    setattr(canvas.lms.frame_knobs, knob, True)
    page.goto(canvas.course_url("karin-lindqvist"))
    frame = tool(page)
    button = frame.locator("main form[target=_blank] button")
    expect(button).to_be_visible()
    expect(frame.locator("main")).to_contain_text("E-COOKIE")
    frame.wait_for_load_state("networkidle")
    assert (launches(canvas), asked(canvas)) == (0, 0)
    with context.expect_page() as opened:
        button.click()
    window = opened.value
    window.wait_for_url(f"{canvas.base_url}/l/**")
    expect(window.locator(".sv-place")).to_contain_text("Karin Lindqvist")
    assert (launches(canvas), asked(canvas)) == (1, 1)


SILENT = "() => { document.documentElement.dataset.silent = 'yes' }"
ANOTHER_MESSAGE = "() => { document.documentElement.dataset.wrongMessageId = 'yes' }"
ANOTHER_VALUE = """() => {
    const get = Map.prototype.get;
    Map.prototype.get = function (key) {
        const found = get.call(this, key);
        return typeof found === "string" ? "00".repeat(32) : found;
    };
}"""
NO_VALUE = "() => { Map.prototype.has = () => false }"
ANOTHER_ORIGIN = """() => {
    const frame = document.createElement("iframe");
    frame.name = "stranger";
    frame.src = document.baseURI.replace("//localhost", "//127.0.0.1").replace("/storage", "/stranger");
    document.body.append(frame);
}"""


@pytest.mark.parametrize(
    "broken", [SILENT, ANOTHER_MESSAGE, ANOTHER_VALUE, NO_VALUE, ANOTHER_ORIGIN],
    ids=["silent", "message", "value", "nothing", "origin"],
)  # fmt: skip
def test_g65_platform_storage_that_goes_wrong_between_login_and_launch_is_a_refusal(
    page: Page, canvas: Live, complaints: Complaints, broken: str
) -> None:
    complaints.expect("401")

    def break_first(route: Route) -> None:
        storage = page.frame(name=STORAGE_FRAME)
        assert storage is not None
        storage.evaluate(broken)
        route.continue_()

    page.route("**/auth?**", break_first)
    page.goto(canvas.course_url("karin-lindqvist"))
    expect(tool(page).locator("main")).to_contain_text("E-LAUNCH")
    expect(tool(page).locator("main button")).to_have_count(0)
    tool(page).wait_for_load_state("networkidle")
    assert (launches(canvas), asked(canvas)) == (0, 1)


@contextmanager
def _stranger() -> Iterator[str]:
    """A page of a site that no registration names."""
    app = Flask("stranger")
    app.add_url_rule("/", "front", lambda: "<!doctype html><link rel=icon href='data:,'><title>stranger</title>")
    with in_thread(app) as address:
        yield address.replace("127.0.0.1", "localhost")


def test_a_stranger_may_not_put_the_page_with_the_secret_in_a_frame(
    page: Page, canvas: Live, complaints: Complaints
) -> None:
    complaints.expect("frame-ancestors")
    complaints.expect("ERR_BLOCKED_BY_RESPONSE")
    fields = canvas.lms.login_parameters("karin-lindqvist", "enhetschefer")
    with _stranger() as address, page.expect_event("requestfailed") as failed:
        page.goto(address)
        page.evaluate(
            """([address, fields]) => {
                const tool = document.createElement("iframe");
                tool.name = "tool";
                const form = document.createElement("form");
                Object.assign(form, {method: "post", action: address, target: "tool"});
                for (const [name, value] of Object.entries(fields)) {
                    form.append(Object.assign(document.createElement("input"), {name, value}));
                }
                document.body.append(tool, form);
                form.submit();
            }""",
            [f"{canvas.base_url}/lti/login", fields],
        )
    assert "/lti/login" in failed.value.url
    assert asked(canvas) == 0


def test_g66_no_cookies_anywhere_with_platform_storage_is_one_explanation(
    cookieless_chromium: BrowserContext, canvas: Live
) -> None:
    page = cookieless_chromium.new_page()
    page.goto(canvas.course_url("karin-lindqvist"))
    button = tool(page).locator("main form[action='/window'] button")
    expect(button).to_have_count(1)
    with cookieless_chromium.expect_page() as opened:
        button.click()
    window = opened.value
    expect(window.locator("body")).to_contain_text("E-COOKIE")
    expect(window.locator("button, form")).to_have_count(0)
    window.wait_for_load_state("networkidle")
    assert asked(canvas) == 1
    page.close()
    window.close()
