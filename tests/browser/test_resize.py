"""The frame's height follows the page where the platform listens (lti.frameResize), comes to rest, and never runs away."""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from playwright.sync_api import BrowserContext, Frame, Page, Route, expect

from service.settings import Settings
from tests.browser.frame import enter, launch_path
from tests.live import Live, register, running_service

# Everything that the tool says to the page around it, with whom it was said to.
HEAR = """() => {
    window.heard = [];
    window.addEventListener("message", (event) => window.heard.push(event.data));
}"""
HEIGHT = "() => document.documentElement.getBoundingClientRect().height"
FRAME_HEIGHT = "() => document.getElementById('tool').getBoundingClientRect().height"


@pytest.fixture
def canvas(make_app: Callable[..., Flask], settings: Settings) -> Iterator[Live]:
    """The service and a practice LMS that follows what its frames ask for."""
    with running_service(make_app, settings, family="canvas") as running:
        register(running.app, running.lms.base_url)
        yield running


def at_rest(page: Page) -> int:
    """Waits until no message has come for half a second, and returns how many there were."""
    return int(
        page.evaluate("""() => new Promise(resolve => {
            let before = -1;
            const look = () => {
                if (window.heard.length === before) resolve(before);
                else { before = window.heard.length; setTimeout(look, 500); }
            };
            look();
        })""")
    )


def heights(page: Page) -> list[int]:
    return [said["height"] for said in page.evaluate("() => window.heard") if said["subject"] == "lti.frameResize"]


def fits(page: Page, frame: Frame) -> bool:
    return abs(page.evaluate(FRAME_HEIGHT) - frame.evaluate(HEIGHT)) < 24


def grow(frame: Frame, by: int) -> None:
    """Makes the page longer by an SVG of that height, since the page's policy forbids style attributes."""
    frame.evaluate(
        """by => {
            document.getElementById("grown")?.remove();
            if (!by) return;
            const picture = document.createElementNS("http://www.w3.org/2000/svg", "svg");
            for (const [name, value] of [["id", "grown"], ["width", 10], ["height", by]]) picture.setAttribute(name, value);
            document.querySelector("main").append(picture);
        }""",
        by,
    )


def test_the_height_follows_and_comes_to_rest(page: Page, canvas: Live) -> None:
    page.add_init_script(f"if (window.top === window) ({HEAR})()")
    frame = enter(page, canvas, "karin-lindqvist")
    at_rest(page)
    assert fits(page, frame)
    said = heights(page)
    assert said
    assert all(isinstance(one, int) for one in said)
    for by in (700, 0, 300):
        before = len(heights(page))
        grow(frame, by)
        page.wait_for_function("before => window.heard.length > before", arg=before)
        at_rest(page)
        assert fits(page, frame)
        assert len(heights(page)) - before <= 3
    frame.goto(f"{launch_path(frame)}/who")
    frame.wait_for_selector("h1")
    at_rest(page)
    assert fits(page, frame)


def test_a_small_change_says_nothing_and_a_huge_one_no_more_than_the_most(page: Page, canvas: Live) -> None:
    page.add_init_script(f"if (window.top === window) ({HEAR})()")
    frame = enter(page, canvas, "karin-lindqvist")
    grow(frame, 200)
    page.wait_for_function("() => window.heard.length > 0")
    before = at_rest(page)
    grow(frame, 209)
    assert at_rest(page) == before
    grow(frame, 9000)
    page.wait_for_function("() => window.heard.at(-1).height === 5000")
    assert at_rest(page)
    assert max(heights(page)) == 5000


def test_a_platform_that_answers_by_changing_the_page_is_not_followed_for_ever(page: Page, canvas: Live) -> None:
    """A page that grows when its frame shrinks and the other way round would otherwise never come to rest."""
    page.add_init_script(f"if (window.top === window) ({HEAR})()")
    frame = enter(page, canvas, "karin-lindqvist")
    at_rest(page)
    frame.evaluate(
        """() => {
            const picture = document.createElementNS("http://www.w3.org/2000/svg", "svg");
            picture.setAttribute("height", 100);
            document.querySelector("main").append(picture);
            window.addEventListener("resize", () => picture.setAttribute("height", picture.getAttribute("height") === "100" ? 400 : 100));
        }"""
    )
    grow(frame, 60)
    page.wait_for_function("() => window.heard.length > 3")
    at_rest(page)
    assert len(heights(page)) < 40


def test_in_a_window_of_its_own_nothing_is_said(context: BrowserContext, page: Page, canvas: Live) -> None:
    frame = enter(page, canvas, "karin-lindqvist")
    frame.click("footer form[action$='/window'] button")
    with context.expect_page() as opened:
        frame.click("main form[target=_blank] button")
    window = opened.value
    window.wait_for_url(f"{canvas.base_url}/l/**")
    expect(window.locator("body")).not_to_have_attribute("data-around", "")
    assert window.evaluate("() => document.body.dataset.around") is None
    window.evaluate(HEAR)
    window.evaluate(
        "() => { document.querySelector('main').append(...Array.from({length: 40}, () => document.createElement('br'))) }"
    )
    assert at_rest(window) == 0


def test_moodle_does_not_listen_and_nothing_breaks(page: Page, live: Live) -> None:
    page.add_init_script(f"if (window.top === window) ({HEAR})()")
    frame = enter(page, live, "karin-lindqvist")
    before = page.evaluate(FRAME_HEIGHT)
    grow(frame, 2000)
    at_rest(page)
    assert page.evaluate(FRAME_HEIGHT) == before
    assert heights(page)[-1] > 2000
    frame.locator("footer").scroll_into_view_if_needed()
    expect(frame.locator("footer")).to_be_in_viewport()


def test_a_page_around_that_the_launch_did_not_name_is_told_nothing(page: Page, canvas: Live) -> None:
    def named_another(route: Route) -> None:
        answer = route.fetch()
        known = f'data-around="{canvas.lms.base_url}'
        assert known in answer.text()
        route.fulfill(response=answer, body=answer.text().replace(known, 'data-around="https://another.example'))

    page.add_init_script(f"if (window.top === window) ({HEAR})()")
    frame = enter(page, canvas, "karin-lindqvist")
    before = at_rest(page)
    # A redirect is not offered to the route: the page is opened once more.
    page.route(f"{launch_path(frame)}/who", named_another)
    frame.goto(f"{launch_path(frame)}/who")
    grow(frame, 900)
    assert at_rest(page) == before
