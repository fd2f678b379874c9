"""A launch in the frame of a learning platform on another site, and the ways out of the frame."""

from collections.abc import Callable, Iterable
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import BrowserContext, Page, expect
from sqlalchemy import func, select

from service.browser import COOKIE
from service.cohorts.models import Launch
from tests.browser.conftest import Complaints
from tests.browser.frame import enter, inside, launch_path, speak
from tests.live import Live


def launches(live: Live) -> int:
    with live.core.units.reading() as unit:
        return unit.session.scalar(select(func.count()).select_from(Launch)) or 0


def without_partitions(app: Flask) -> None:
    """Makes the service's cookies what they are to a browser that does not know the attribute: plain third-party cookies."""
    serve = app.wsgi_app

    def stripped(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        def answer(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            return start(status, [(name, value.replace("; Partitioned", "")) for name, value in headers], *rest)

        return serve(environ, answer)

    app.wsgi_app = stripped


def test_a_manager_sees_her_own_page_in_the_frame(context: BrowserContext, page: Page, live: Live) -> None:
    frame = enter(page, live, "karin-lindqvist")
    expect(frame.locator("h1")).to_be_visible()
    expect(frame.locator(".sv-place")).to_contain_text("Karin Lindqvist")
    expect(frame.locator(".sv-place")).to_contain_text("Enhetschefer 2026")
    kept = [cookie for cookie in context.cookies() if cookie["name"] == COOKIE]
    assert len(kept) == 1
    assert kept[0]["secure"]
    assert kept[0]["httpOnly"]
    assert "localhost" in str(kept[0].get("partitionKey"))


@pytest.mark.parametrize(
    ("person", "path"), [("amira-haddad", "/cohort"), ("johan-ekstrom", "/switches")], ids=["coach", "training"]
)
def test_others_land_where_their_work_is(page: Page, live: Live, person: str, path: str) -> None:
    if person == "johan-ekstrom":
        live.launch(person)
        live.make_training(person)
    frame = enter(page, live, person)
    frame.wait_for_url(f"{launch_path(frame)}{path}")


def test_two_tabs_with_two_courses_and_two_people_do_not_mix(context: BrowserContext, live: Live) -> None:
    karin = enter(context.new_page(), live, "karin-lindqvist", course="enhetschefer")
    eva = enter(context.new_page(), live, "eva-sundin", course="rektorer")
    assert launch_path(karin) != launch_path(eva)
    for frame, locale in ((karin, "en"), (eva, "lv"), (karin, "sv"), (eva, "en")):
        frame.page.bring_to_front()
        speak(frame, locale)
    for frame, name, course, locale in (
        (karin, "Karin Lindqvist", "Enhetschefer 2026", "sv"),
        (eva, "Eva Sundin", "Rektorer hösten 2026", "en"),
    ):
        frame.goto(f"{launch_path(frame)}/")
        assert frame.get_attribute("html", "lang") == locale
        expect(frame.locator(".sv-place")).to_contain_text(name)
        expect(frame.locator(".sv-place")).to_contain_text(course)


def test_a_form_of_one_tab_is_refused_at_the_address_of_another(
    context: BrowserContext, live: Live, complaints: Complaints
) -> None:
    karin = enter(context.new_page(), live, "karin-lindqvist", course="enhetschefer")
    eva = enter(context.new_page(), live, "eva-sundin", course="rektorer")
    complaints.expect("403")
    eva.locator("footer button[lang=en]").evaluate(
        "(button, address) => { button.form.action = address }", f"{launch_path(karin)}/language"
    )
    eva.click("footer button[lang=en]")
    expect(eva.locator("body")).to_contain_text("E-CSRF")
    karin.goto(f"{launch_path(karin)}/")
    assert karin.get_attribute("html", "lang") == "sv"


def test_an_open_activity_moves_into_a_window_of_its_own(context: BrowserContext, page: Page, live: Live) -> None:
    frame = enter(page, live, "karin-lindqvist")
    frame.click("footer form[action$='/window'] button")
    with context.expect_page() as opened:
        frame.click("main form[target=_blank] button")
    window = opened.value
    window.wait_for_url(f"{live.base_url}/l/**")
    expect(window.locator(".sv-place")).to_contain_text("Karin Lindqvist")
    speak(window, "en")
    assert window.get_attribute("html", "lang") == "en"
    frame.goto(f"{launch_path(frame)}/")
    expect(frame.locator(".sv-place")).to_contain_text("Karin Lindqvist")


def test_without_partitioned_cookies_a_window_opens_with_the_platforms_hint_unspent(
    context: BrowserContext, page: Page, live: Live
) -> None:
    without_partitions(live.app)
    page.goto(live.course_url("karin-lindqvist"))
    frame = page.frame(name="tool")
    button = frame.locator("main button, main a.btn")
    expect(button).to_have_count(1)
    assert live.lms.recorder.to("/auth") == []
    with context.expect_page() as opened:
        button.click()
    window = opened.value
    window.wait_for_url(f"{live.base_url}/l/**")
    expect(window.locator(".sv-place")).to_contain_text("Karin Lindqvist")
    assert launches(live) == 1


def test_without_any_cookies_there_is_an_explanation_and_no_loop(
    cookieless_chromium: BrowserContext, live: Live
) -> None:
    page = cookieless_chromium.new_page()
    asked: list[str] = []
    cookieless_chromium.on("request", lambda request: asked.append(request.url))
    page.goto(live.course_url("karin-lindqvist"))
    frame = page.frame(name="tool")
    button = frame.locator("main button, main a.btn")
    expect(button).to_have_count(1)
    with cookieless_chromium.expect_page() as opened:
        button.click()
    window = opened.value
    expect(window.locator("body")).to_contain_text("E-COOKIE")
    expect(window.locator("button, form")).to_have_count(0)
    window.wait_for_load_state("networkidle")
    assert len([url for url in asked if "/lti/" in url]) <= 6
    assert live.lms.recorder.to("/auth") == []
    assert launches(live) == 0
    page.close()
    window.close()


def test_a_refused_launch_shows_its_page_in_the_frame(page: Page, live: Live, complaints: Complaints) -> None:
    complaints.expect("401")
    live.lms.clock_offset = -7200
    page.goto(live.course_url("karin-lindqvist"))
    frame = page.frame(name="tool")
    expect(frame.locator("body")).to_contain_text("E-LAUNCH")
    assert launches(live) == 0


def test_opening_the_activity_again_is_a_new_launch_of_the_same_page(page: Page, live: Live) -> None:
    first = launch_path(enter(page, live, "karin-lindqvist"))
    page.reload()
    assert launch_path(inside(page, live)) != first
    assert launches(live) == 2


def test_leaving_ends_every_tab_of_the_browser(context: BrowserContext, live: Live, complaints: Complaints) -> None:
    complaints.expect("401")
    karin = enter(context.new_page(), live, "karin-lindqvist", course="enhetschefer")
    eva = enter(context.new_page(), live, "eva-sundin", course="rektorer")
    own_page = f"{launch_path(karin)}/"
    eva.click("footer form[action$='/leave'] button")
    eva.wait_for_url("**/leave")
    karin.goto(own_page)
    expect(karin.locator("body")).to_contain_text("E-SESSION")


def test_a_script_of_somebody_else_does_not_run_and_is_heard_of(page: Page, live: Live, complaints: Complaints) -> None:
    """Proves that a page's policy holds and that the other tests would hear of a page that breaks it."""
    frame = enter(page, live, "karin-lindqvist")
    assert complaints.unexpected == []
    frame.evaluate("""() => {
        const script = document.createElement("script");
        script.textContent = "window.ran = true";
        document.body.append(script);
    }""")
    assert frame.evaluate("() => window.ran") is None
    assert any("Content Security Policy" in said for said in complaints.unexpected)
    complaints.expect("Content Security Policy")
