"""The training department at a term's end: the programme, its terms, parts for several cohorts at once, and a file."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Frame, Page

from tests.browser.frame import enter, find_faults, launch_path, sideways
from tests.conftest import settings_for
from tests.live import Live, running_demo

PART = "group_maturity"
SHOTS = os.environ.get("SHOTS")


@pytest.fixture
def changed_demo(tmp_path: Path) -> Iterator[Live]:
    """A practice cohort of this test's own, as it changes what is on."""
    with running_demo(settings_for(tmp_path)) as running:
        yield running


def look(frame: Frame, name: str) -> None:
    """Looks at a page at both widths: no accessibility fault, and nothing to scroll sideways to."""
    for width in (960, 320):
        frame.page.set_viewport_size({"width": width, "height": 900})
        assert [*find_faults(frame), *sideways(frame)] == [], (name, width)
        if SHOTS:
            frame.locator("body").screenshot(path=f"{SHOTS}/{name}-{width}.png")


def press(frame: Frame, selector: str) -> None:
    with frame.expect_navigation():
        frame.click(selector)


def go(frame: Frame, path: str) -> None:
    frame.goto(launch_path(frame) + path)


def test_a_terms_end(page: Page, changed_demo: Live) -> None:
    training = enter(page, changed_demo, "johan-ekstrom")
    go(training, "/programme")
    assert training.locator("table.sv-funnel tbody tr").count() == 6
    look(training, "programme")
    go(training, "/cohort")
    look(training, "cohort")

    # The term gets the days it has here.
    go(training, "/terms")
    form = training.locator("form[action$='/terms']").nth(1)
    first = form.locator("input[name=first]").input_value()
    form.locator("input[name=first]").fill(first[:8] + "03")
    with training.expect_navigation():
        form.locator("button").click()
    assert training.locator(".sv-notice.tint").count() == 1
    look(training, "terms")

    # A part is switched off for all cohorts, and back.
    go(training, "/switches?many=1")
    boxes = training.locator("input[name=cohort]")
    number = boxes.count()
    for at in range(number):
        boxes.nth(at).check()
    look(training, "many")
    training.select_option("#plugin", PART)
    training.select_option("#state", "off")
    press(training, "form.sv-form button[type=submit]")
    off = f"form[action$='/{PART}'] button[aria-checked=false]"
    assert training.locator(f"tbody tr:not(.default) {off}").count() == number
    look(training, "switched")
    press(training, ".sv-notice.tint button")
    assert training.locator(f"tbody tr:not(.default) {off}").count() == 0

    # What new cohorts begin with, and what things are called.
    go(training, "/settings/handledning")
    look(training, "settings-of")
    training.fill("#sessions_min", "4")
    press(training, "main form button[type=submit]")
    assert training.locator("dd", has_text="4").count() >= 1
    look(training, "settings")
    go(training, "/words")
    training.fill("#sv-cohort", "Klass")
    press(training, "main form button[type=submit]")
    look(training, "words")
    go(training, "/switches")
    assert training.locator("th[role=columnheader]").first.inner_text() == "Klass"

    # The file says what the page says.
    go(training, "/exports")
    training.locator("input[name=what][value='core.programme']").check()
    press(training, "main form[action$='/exports'] button[type=submit]")
    changed_demo.work()
    go(training, "/exports")
    assert training.locator("form[action*='/exports/'] button, a[href*='/exports/']").count() >= 1
