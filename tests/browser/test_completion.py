"""The gradebook is told by the press of a switch, and everybody whom it concerns can see that."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Frame, Page

from tests.browser.frame import ask_for_one_review, enter, find_faults, launch_path, sideways
from tests.conftest import settings_for
from tests.live import Live, running_demo

PART = "ledarsteg"


@pytest.fixture
def changed_demo(tmp_path: Path) -> Iterator[Live]:
    """A practice cohort of this test's own, as it changes what is told."""
    with running_demo(settings_for(tmp_path)) as running:
        yield running


def whole(frame: Frame) -> list[object]:
    """What is wrong with the page at the present width."""
    return [*find_faults(frame), *sideways(frame)]


def test_a_part_is_switched_on_told_and_seen_by_whom_it_concerns(page: Page, changed_demo: Live) -> None:
    demo = changed_demo
    page.set_viewport_size({"width": 320, "height": 700})
    training = enter(page, demo, "johan-ekstrom")
    ask_for_one_review(training)
    training.goto(f"{launch_path(training)}/completion")
    with training.expect_navigation():
        training.click(f"form[action$='/completion/{PART}'] button")
    switch = training.locator(f"form[action$='/completion/{PART}'] button[role=switch]")
    assert switch.get_attribute("aria-checked") == "true"
    assert whole(training) == []

    manager = enter(page, demo, "karin-lindqvist")
    told = manager.locator("a[href$='/who']").first
    assert told.is_visible()
    with manager.expect_navigation():
        told.click()
    assert manager.locator("#told ~ ul li").count() == 1
    assert whole(manager) == []

    training = enter(page, demo, "johan-ekstrom")
    training.goto(f"{launch_path(training)}/completion")
    with training.expect_navigation():
        training.click("main form[action$='/completion'] button")
    demo.work()
    demo.work()
    sent = [one for one in demo.lms.recorder.all() if one.path.endswith("/scores")]
    assert sent

    coach = enter(page, demo, "amira-haddad")
    coach.goto(f"{launch_path(coach)}/cohort")
    table = coach.locator("table[aria-labelledby=completion]")
    assert table.locator("tbody tr").count() > 5
    assert table.locator("use[href='#m-done']").count() == len(sent)
    assert whole(coach) == []
