"""LedarSteg in the frame of a learning platform, on a phone and on a desk: noting in three taps, bad networks, pausing, sharing."""

from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from playwright.sync_api import BrowserContext, Frame, Page, Route, expect

from plugins.ledarsteg.models import Entry, Habit
from tests.browser.conftest import Complaints
from tests.browser.frame import enter, find_faults, launch_path, sideways
from tests.live import Live
from tests.support import OffsetClock

TUESDAY = datetime(2026, 11, 24, 8, 30, tzinfo=ZoneInfo("Europe/Stockholm"))
SIZES = {"phone": {"width": 390, "height": 780}, "desk": {"width": 1280, "height": 900}}
DONE = "button[name=state][value=done]"


@pytest.fixture
def at(live: Live, clock: OffsetClock) -> Callable[[datetime], None]:
    """Puts the clock of the service and of the learning platform."""

    def put(moment: datetime) -> None:
        clock.put(moment)
        live.lms.clock_offset = clock.offset.total_seconds()

    put(TUESDAY)
    return put


class Taps:
    """Counts what is tapped."""

    def __init__(self, frame: Frame) -> None:
        self.frame = frame
        self.number = 0

    def on(self, selector: str) -> None:
        self.number += 1
        self.frame.click(selector)


def make_habit(frame: Frame, title: str, **fields: str) -> str:
    """Makes a habit by its form and returns the address of its page."""
    frame.goto(f"{launch_path(frame)}/ledarsteg/new")
    frame.fill("[name=title]", title)
    frame.fill("[name=cue]", "jag har hängt av mig jackan")
    frame.fill("[name=action]", "stänger jag dörren")
    if fields:
        frame.click("details.sv-data summary")
    for name, value in fields.items():
        if name == "target":
            frame.fill("[name=target]", value)
        else:
            frame.click(f"label:has([name={name}][value={value}])")
    frame.click("main form .sv-actions [type=submit]")
    frame.wait_for_url("**/ledarsteg/*-*")
    return frame.url


def go_home(frame: Frame) -> None:
    frame.page.bring_to_front()
    frame.goto(f"{launch_path(frame)}/")


def entries(live: Live) -> list[tuple[str, int | None]]:
    """What is kept, straight from the database."""
    with live.core.units.reading() as unit:
        query = sa.select(Entry.state, Entry.value).order_by(Entry.noted_at)
        return [(str(state), value) for state, value in unit.session.execute(query)]


@pytest.mark.parametrize("size", list(SIZES))
def test_a_day_is_noted_in_three_taps_at_most_without_leaving_the_page(
    page: Page, live: Live, at: Callable[[datetime], None], size: str
) -> None:
    page.set_viewport_size(SIZES[size])
    frame = enter(page, live, "karin-lindqvist", link="ledarsteg")
    make_habit(frame, "Ställ en fråga")
    make_habit(frame, "Ledartid före mejlen", kind="minutes", target="15")
    make_habit(frame, "Gå en runda")
    go_home(frame)
    frame.evaluate("() => { window.stays = true }")
    steps = frame.locator("#ledarsteg-steps .sv-step")

    taps = Taps(frame)
    taps.on(f"#ledarsteg-steps .sv-step >> nth=0 >> {DONE}")
    expect(steps.nth(0)).to_contain_text("Gjort, noterat 08.30")
    assert taps.number == 1

    taps = Taps(frame)
    taps.on("#ledarsteg-steps .sv-step >> nth=1 >> button[data-opens^=part]")
    assert sideways(frame) == []
    taps.on("#ledarsteg-steps .sv-step >> nth=1 >> button[name=chip][value='10']")
    expect(steps.nth(1)).to_contain_text("10 min, noterat 08.30")
    assert taps.number == 2

    taps = Taps(frame)
    taps.on("#ledarsteg-steps .sv-step >> nth=2 >> button[data-opens^=skip]")
    assert sideways(frame) == []
    taps.on("#ledarsteg-steps .sv-step >> nth=2 >> button[name=reason][value=travel]")
    expect(steps.nth(2)).to_contain_text("Överhoppat")
    assert taps.number == 2

    expect(frame.locator("main h1")).to_have_text("Noterat för i dag")
    assert frame.evaluate("() => window.stays") is True
    assert entries(live) == [("done", None), ("part", 10), ("skip", None)]
    assert sideways(frame) == []
    assert find_faults(frame) == []

    frame.locator("#ledarsteg-steps .sv-step >> nth=1 >> button").click()
    expect(steps.nth(1).locator(DONE)).to_be_visible()
    assert entries(live) == [("done", None), ("skip", None)]


def test_a_tick_on_a_bad_network_is_visibly_unsent_and_sent_once(
    page: Page, context: BrowserContext, live: Live, at: Callable[[datetime], None], complaints: Complaints
) -> None:
    complaints.expect("ERR_INTERNET_DISCONNECTED")
    complaints.expect("ERR_FAILED")
    complaints.expect("Failed to fetch")
    frame = enter(page, live, "karin-lindqvist", link="ledarsteg")
    make_habit(frame, "Ställ en fråga")
    go_home(frame)

    context.set_offline(True)
    frame.click(f"#ledarsteg-steps {DONE}")
    expect(frame.locator(".sv-unsaved")).to_contain_text("Inte sparat än")
    assert entries(live) == []
    context.set_offline(False)
    expect(frame.locator("#ledarsteg-steps .sv-step.is-done")).to_have_count(1)
    expect(frame.locator(".sv-unsaved")).to_have_count(0)
    assert entries(live) == [("done", None)]

    frame.click("#ledarsteg-steps .is-done button")
    expect(frame.locator(f"#ledarsteg-steps {DONE}")).to_be_visible()

    def lose_the_answer(route: Route) -> None:
        route.fetch()
        route.abort()

    page.route("**/mark", lose_the_answer)
    frame.click(f"#ledarsteg-steps {DONE}")
    expect(frame.locator(".sv-unsaved")).to_be_visible()
    assert entries(live) == [("done", None)]  # kept, although nobody could say so
    page.unroute("**/mark")
    frame.click(".sv-unsaved button")
    expect(frame.locator("#ledarsteg-steps .sv-step.is-done")).to_have_count(1)
    assert entries(live) == [("done", None)]


@pytest.mark.parametrize("size", list(SIZES))
def test_a_pause_is_made_and_ended_and_looks_different_from_a_skip(
    page: Page, live: Live, at: Callable[[datetime], None], complaints: Complaints, size: str
) -> None:
    complaints.expect("422")  # the first try ends before it begins
    page.set_viewport_size(SIZES[size])
    frame = enter(page, live, "karin-lindqvist", link="ledarsteg")
    address = make_habit(frame, "Ställ en fråga")
    habit = address.split("/ledarsteg/")[1]
    go_home(frame)
    frame.click("#ledarsteg-steps button[data-opens^=skip]")
    frame.click("#ledarsteg-steps button[name=reason][value=off]")
    expect(frame.locator("#ledarsteg-steps .is-done")).to_have_count(1)
    at(TUESDAY + timedelta(days=1))
    frame = enter(page, live, "karin-lindqvist")
    frame.goto(f"{launch_path(frame)}/ledarsteg/{habit}")
    frame.fill("[name=first]", "2026-11-25")
    frame.fill("[name=last]", "2026-11-20")
    frame.click("form[action$='/pause'] [type=submit]")
    expect(frame.locator(".sv-error")).to_contain_text("Pausen slutar innan den börjar")
    expect(frame.locator("[name=first]")).to_have_value("2026-11-25")
    frame.fill("[name=last]", "2026-12-04")
    frame.click("form[action$='/pause'] [type=submit]")
    expect(frame.locator("main")).to_contain_text("25 november 2026 till 4 december 2026")
    year = frame.locator(".sv-year")
    expect(year.locator(".d-skip")).to_have_count(1)
    expect(year.locator(".d-pause")).to_have_count(1)
    assert sideways(frame) == []
    assert find_faults(frame) == []
    go_home(frame)
    expect(frame.locator("main h1")).to_have_text("Inget planerat i dag")
    expect(frame.locator("#ledarsteg-resting")).to_contain_text("Vilar i dag")
    frame.goto(f"{launch_path(frame)}/ledarsteg/{habit}")
    frame.click("form[action$='/end'] button")
    expect(frame.locator("form[action$='/end']")).to_have_count(0)
    go_home(frame)
    expect(frame.locator(f"#ledarsteg-steps {DONE}")).to_be_visible()


def test_what_is_shared_the_coach_sees_and_no_longer_when_it_is_not(
    page: Page, live: Live, at: Callable[[datetime], None]
) -> None:
    live.launch("amira-haddad")
    frame = enter(page, live, "karin-lindqvist", link="ledarsteg")
    address = make_habit(frame, "Lämna över ett beslut")
    make_habit(frame, "Något helt eget")

    def seen_by_coach() -> str:
        coach = enter(page, live, "amira-haddad")
        coach.wait_for_url(f"{launch_path(coach)}/cohort")
        return coach.inner_text("main")

    assert "Lämna över" not in seen_by_coach()
    for shared in (True, False):
        frame = enter(page, live, "karin-lindqvist")
        frame.goto(f"{launch_path(frame)}/ledarsteg/{address.split('/ledarsteg/')[1]}")
        frame.click("form[action$='/share']:has([name=whom][value=coach]) button")
        expect(frame.locator("main")).to_contain_text("Sluta dela med din coach" if shared else "Dela med din coach")
        text = seen_by_coach()
        assert ("Lämna över ett beslut" in text) is shared
        assert "Något helt eget" not in text
    with live.core.units.reading() as unit:
        assert unit.session.scalar(sa.select(sa.func.count()).where(Habit.shared)) == 0


def test_two_tabs_that_change_one_habit_keep_both_versions(
    page: Page, context: BrowserContext, live: Live, at: Callable[[datetime], None], complaints: Complaints
) -> None:
    complaints.expect("409")
    frame = enter(page, live, "karin-lindqvist", link="ledarsteg")
    habit = make_habit(frame, "Ställ en fråga").split("/ledarsteg/")[1]
    second = enter(context.new_page(), live, "karin-lindqvist", link="ledarsteg")
    for tab in (frame, second):
        tab.goto(f"{launch_path(tab)}/ledarsteg/{habit}/change")
    frame.fill("[name=title]", "Ställ en öppen fråga")
    frame.click("main form .sv-actions [type=submit]")
    frame.wait_for_url(f"**/ledarsteg/{habit}")
    second.fill("[name=title]", "Ställ två frågor")
    second.click("main form .sv-actions [type=submit]")
    expect(second.locator("[role=alert]")).to_contain_text("Ställ en öppen fråga")
    expect(second.locator("[name=title]")).to_have_value("Ställ två frågor")
    assert find_faults(second) == []
    second.click("main form .sv-actions [type=submit]")
    second.wait_for_url(f"**/ledarsteg/{habit}")
    expect(second.locator("h1")).to_have_text("Ställ två frågor")
