"""The main job, in the frame of a learning platform on another site: manager, coach and training department, one after another."""

import csv
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Frame, Page, expect

from tests.browser.conftest import Complaints
from tests.browser.frame import enter, launch_path, rate_the_group, tab_to
from tests.live import Live
from tests.plugins.handledning.support import agree_on_everything
from tests.support import OffsetClock

TUESDAY = datetime(2026, 11, 24, 15, 30, tzinfo=ZoneInfo("Europe/Stockholm"))
STEP = "Fråga en medarbetare vad hon behöver"


@pytest.fixture
def at(live: Live, clock: OffsetClock) -> Callable[[datetime], None]:
    """Puts the clock of the service and of the learning platform."""

    def put(moment: datetime) -> None:
        clock.put(moment)
        live.lms.clock_offset = clock.offset.total_seconds()

    put(TUESDAY)
    return put


def make_step(frame: Frame, title: str = STEP) -> None:
    frame.page.bring_to_front()
    frame.click("a[href$='/ledarsteg/new']")
    frame.fill("[name=title]", title)
    frame.fill("[name=minutes]", "5")
    frame.fill("[name=cue]", "jag har hängt av mig jackan")
    frame.fill("[name=action]", "går jag ett varv och frågar")
    frame.fill("[name=coping]", "jag är sen")
    frame.fill("[name=drop]", "Mejlen före nio")
    frame.fill("[name=drop_minutes]", "30")
    frame.click("main form .sv-actions [type=submit]")
    frame.wait_for_url("**/ledarsteg/*-*")


def go_home(frame: Frame) -> None:
    frame.page.bring_to_front()
    frame.click("nav a >> nth=0")
    frame.wait_for_url(f"{launch_path(frame)}/")


def note_done(frame: Frame) -> None:
    # A page that cannot be seen is not drawn, and waits with what came in.
    frame.page.bring_to_front()
    frame.click("#ledarsteg-steps button[name=state][value=done]")
    expect(frame.locator("#ledarsteg-steps .sv-step.is-done")).to_have_count(1)


def choose_coach_and_hold_a_session(frame: Frame) -> None:
    base = launch_path(frame)
    frame.goto(f"{base}/handledning/")
    frame.click(".sv-choice label:has-text('Amira Haddad')")
    frame.click("main form .btn-primary")
    frame.wait_for_url("**/handledning/engagements/*")
    frame.click("a[href$='/plan']")
    frame.fill("[name$=day]", TUESDAY.date().isoformat())
    frame.fill("[name$=start]", "13:00")
    frame.fill("[name$=end]", "15:00")
    frame.click("main form .btn-primary")
    frame.wait_for_url("**/handledning/sessions/*")


def close_the_session(frame: Frame) -> None:
    frame.click("button[name=action][value=close]")
    expect(frame.locator(".sv-notice.attention[role=alert]")).to_be_visible()
    frame.locator("[name$=-text]").first.fill("Fråga teamet vad de saknar från mig")
    frame.locator("[name$=-criterion]").first.fill("Jag har tre svar nedskrivna")
    frame.locator("[name$=-due_on]").first.fill((TUESDAY.date() + timedelta(days=7)).isoformat())
    frame.fill("[name$=decision]", "Jag säger nej till onsdagsmötet")
    frame.fill("[name$=process_minutes]", "70")
    frame.fill("[name$=result_minutes]", "50")
    frame.click("button[name=action][value=close]")
    expect(frame.locator("button[name=action]")).to_have_count(0)
    expect(frame.locator("main")).to_contain_text("Jag säger nej till onsdagsmötet")


def test_a_manager_does_one_real_thing_in_each_part(
    page: Page, live: Live, at: Callable[[datetime], None], complaints: Complaints
) -> None:
    complaints.expect("422")  # the first try to close the session
    live.launch("amira-haddad")
    frame = enter(page, live, "karin-lindqvist", link="ledarsteg")
    make_step(frame)
    go_home(frame)
    note_done(frame)
    choose_coach_and_hold_a_session(frame)
    agree_on_everything(live.core)  # what they agree on before has a journey of its own
    close_the_session(frame)
    rate_the_group(frame)
    at(TUESDAY + timedelta(days=1))
    frame = enter(page, live, "karin-lindqvist")
    note_done(frame)
    frame.goto(frame.url)
    strip = frame.locator("#ledarsteg-strip table")
    expect(strip.locator("tr", has_text=STEP)).to_contain_text("2")
    assert strip.locator("tr", has_text=STEP).locator("td").count() >= 14
    expect(frame.locator("main")).to_contain_text("Fråga teamet vad de saknar från mig")
    expect(frame.locator("#thread")).to_be_visible()


def test_the_coach_sees_the_managers_row_and_fetches_it_as_a_file(
    page: Page, live: Live, at: Callable[[datetime], None], tmp_path: Path
) -> None:
    live.launch("amira-haddad")
    frame = enter(page, live, "karin-lindqvist")
    make_step(frame)
    go_home(frame)
    note_done(frame)
    frame = enter(page, live, "amira-haddad")
    frame.wait_for_url(f"{launch_path(frame)}/cohort")
    row = frame.locator("main table tr", has_text="Karin Lindqvist").first
    expect(row).to_be_visible()
    expect(row).not_to_contain_text(STEP)
    frame.goto(f"{launch_path(frame)}/exports")
    frame.click("input[name=format][value=csv] + span")
    frame.click("main form .btn-primary")
    expect(frame.locator(".sv-job")).to_be_visible()
    live.work()
    with page.expect_download() as fetched:
        frame.click("form[action$='/file'] button")
    fetched.value.save_as(tmp_path / "overview.csv")
    rows = list(csv.reader((tmp_path / "overview.csv").read_text(encoding="utf-8-sig").splitlines(), delimiter=";"))
    assert [row for row in rows if "Karin Lindqvist" in row]
    assert STEP not in (tmp_path / "overview.csv").read_text()


def test_the_training_department_switches_a_part_off_and_on_again(page: Page, live: Live) -> None:
    live.launch("johan-ekstrom")
    live.make_training("johan-ekstrom")
    live.launch("karin-lindqvist")
    training = enter(page, live, "johan-ekstrom")
    training.wait_for_url("**/switches")
    manager = enter(page.context.new_page(), live, "karin-lindqvist")
    expect(manager.locator("nav.sv-nav a[href*='/ledarsteg/']")).to_have_count(1)

    training.page.bring_to_front()
    row = training.locator("tr", has_text="Enhetschefer 2026")
    row.locator("form[action$='/ledarsteg'] button[aria-checked=true]").click()
    expect(training.locator(".sv-notice form button")).to_be_visible()
    expect(row.locator("form[action$='/ledarsteg'] button")).to_have_attribute("aria-checked", "false")
    manager.goto(f"{launch_path(manager)}/")
    expect(manager.locator("nav.sv-nav a[href*='/ledarsteg/']")).to_have_count(0)
    placed = enter(page.context.new_page(), live, "karin-lindqvist", link="ledarsteg")
    placed.wait_for_url("**/off/ledarsteg")

    training.page.bring_to_front()
    training.click(".sv-notice form button")
    expect(row.locator("form[action$='/ledarsteg'] button")).to_have_attribute("aria-checked", "true")
    manager.goto(f"{launch_path(manager)}/")
    expect(manager.locator("nav.sv-nav a[href*='/ledarsteg/']")).to_have_count(1)


def test_a_part_that_is_off_is_not_found_at_its_address(page: Page, live: Live, complaints: Complaints) -> None:
    complaints.expect("404")
    live.launch("johan-ekstrom")
    live.make_training("johan-ekstrom")
    manager = enter(page, live, "karin-lindqvist")
    training = enter(page.context.new_page(), live, "johan-ekstrom")
    training.locator("tr", has_text="Enhetschefer 2026").locator("form[action$='/handledning'] button").click()
    expect(training.locator(".sv-notice form button")).to_be_visible()
    manager.goto(f"{launch_path(manager)}/handledning/")
    expect(manager.locator("body")).to_contain_text("E-NOTFOUND")


def test_forms_sent_in_turn_from_two_tabs_land_with_their_own_people(
    page: Page, live: Live, at: Callable[[datetime], None]
) -> None:
    karin = enter(page, live, "karin-lindqvist", course="enhetschefer")
    eva = enter(page.context.new_page(), live, "eva-sundin", course="rektorer")
    make_step(karin, "Karins steg")
    make_step(eva, "Evas steg")
    go_home(karin)
    go_home(eva)
    note_done(karin)
    note_done(eva)
    for frame, own, other in ((karin, "Karins steg", "Evas steg"), (eva, "Evas steg", "Karins steg")):
        frame.goto(f"{launch_path(frame)}/ledarsteg/")
        expect(frame.locator("main")).to_contain_text(own)
        expect(frame.locator("main")).not_to_contain_text(other)


def test_the_main_job_needs_no_mouse(page: Page, live: Live, at: Callable[[datetime], None]) -> None:
    frame = enter(page, live, "karin-lindqvist")
    frame.focus("a.sv-skip")
    page.keyboard.press("Enter")
    tab_to(page, frame, "a[href$='/ledarsteg/new']")
    page.keyboard.press("Enter")
    frame.wait_for_url("**/ledarsteg/new")
    for name, text in (
        ("title", STEP),
        ("minutes", "5"),
        ("cue", "jackan hänger"),
        ("action", "går jag ett varv"),
        ("drop", "mejlen"),
    ):
        tab_to(page, frame, f"[name={name}]")
        page.keyboard.type(text)
    tab_to(page, frame, "main form .sv-actions [type=submit]")
    page.keyboard.press("Space")
    frame.wait_for_url("**/ledarsteg/*-*")
    frame.focus("a.sv-skip")
    tab_to(page, frame, "nav li:first-child a")
    page.keyboard.press("Enter")
    frame.wait_for_url(f"{launch_path(frame)}/")
    tab_to(page, frame, "#ledarsteg-steps button[name=state][value=done]")
    page.keyboard.press("Enter")
    expect(frame.locator("#ledarsteg-steps .sv-step.is-done")).to_have_count(1)
    assert frame.evaluate("() => document.activeElement !== document.body"), "the focus was lost with the button"
    tab_to(page, frame, "#ledarsteg-steps .is-done button")
    page.keyboard.press("Space")
    expect(frame.locator("#ledarsteg-steps button[name=state][value=done]")).to_be_visible()
