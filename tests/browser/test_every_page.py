"""What every page must keep to: no accessibility fault in any language or appearance, and no sideways scroll at 320 pixels."""

import pytest
from playwright.sync_api import Page

from tests.browser.frame import dress, enter, find_faults, sideways, speak, walk
from tests.live import Live

PEOPLE = {"manager": "karin-lindqvist", "coach": "amira-haddad", "training": "johan-ekstrom"}
LEAST = {"manager": 5, "coach": 3, "training": 4}


@pytest.mark.parametrize("role", PEOPLE)
def test_no_page_has_an_accessibility_fault(page: Page, demo: Live, role: str) -> None:
    faults, visited = {}, 0
    for locale in ("sv", "en", "lv"):
        frame = enter(page, demo, PEOPLE[role], locale=locale)
        speak(frame, locale)
        for kind in walk(frame):
            visited += 1
            for appearance in ("light", "dark") if locale == "sv" else ("light",):
                dress(frame, appearance)
                found = find_faults(frame)
                if found:
                    faults[kind, locale, appearance] = found
            assert frame.get_attribute("html", "lang") == locale
    assert faults == {}
    assert visited >= 3 * LEAST[role]


@pytest.mark.parametrize("role", PEOPLE)
def test_no_page_scrolls_sideways_at_320_pixels(page: Page, demo: Live, role: str) -> None:
    page.set_viewport_size({"width": 320, "height": 700})
    wide = {}
    frame = enter(page, demo, PEOPLE[role])
    for kind in walk(frame):
        assert frame.evaluate("() => window.innerWidth") <= 320
        found = sideways(frame)
        if found:
            wide[kind] = found
    assert wide == {}
