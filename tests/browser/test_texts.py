"""The operator's texts in a browser: no accessibility fault, no sideways scroll, and never in anybody's frame."""

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Complaints
from tests.browser.frame import find_faults, sideways
from tests.live import Live


@pytest.mark.parametrize("appearance", ["light", "dark"])
def test_the_texts_have_no_fault_and_fit(page: Page, demo: Live, appearance: str) -> None:
    page.emulate_media(color_scheme=appearance)
    page.set_viewport_size({"width": 320, "height": 700})
    wrong = {}
    for name in ("privacy", "terms", "accessibility"):
        for locale in ("sv", "en", "lv"):
            page.goto(f"{demo.base_url}/{name}?lang={locale}")
            assert page.get_attribute("html", "lang") == locale
            found = [*find_faults(page), *sideways(page)]
            if found:
                wrong[name, locale] = found
    assert wrong == {}


def test_another_language_is_one_click_away(page: Page, demo: Live) -> None:
    page.goto(f"{demo.base_url}/privacy?lang=sv")
    page.click("nav a[lang=en]")
    page.wait_for_url("**/privacy?lang=en")
    assert page.get_attribute("html", "lang") == "en"
    assert page.inner_text("h1") == "Privacy"


def test_a_text_is_not_shown_in_a_frame(page: Page, demo: Live, complaints: Complaints) -> None:
    complaints.expect("frame-ancestors")
    page.goto(demo.course_url("karin-lindqvist"))
    with page.expect_console_message(lambda message: "frame-ancestors" in message.text):
        page.evaluate("address => { document.querySelector('iframe').src = address; }", f"{demo.base_url}/privacy")
