"""Where the time goes, in the frame of a learning platform: a round and the one after it, lost networks, a slider that is a number."""

from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from playwright.sync_api import BrowserContext, Frame, Page, Route, expect

from plugins.ledarsteg.models import Contribution, PolarityReading, TimeRow
from tests.browser.conftest import Complaints
from tests.browser.frame import enter, find_faults, launch_path, sideways
from tests.live import Live
from tests.support import OffsetClock

TUESDAY = datetime(2026, 11, 24, 16, 30, tzinfo=ZoneInfo("Europe/Stockholm"))
SIZES = {"phone": {"width": 390, "height": 780}, "desk": {"width": 1280, "height": 900}}


@pytest.fixture
def at(live: Live, clock: OffsetClock) -> Callable[[datetime], None]:
    """Puts the clock of the service and of the learning platform."""

    def put(moment: datetime) -> None:
        clock.put(moment)
        live.lms.clock_offset = clock.offset.total_seconds()

    put(TUESDAY)
    return put


def time_page(page: Page, live: Live, path: str = "time") -> Frame:
    frame = enter(page, live, "karin-lindqvist", link="ledarsteg")
    frame.goto(f"{launch_path(frame)}/ledarsteg/{path}")
    return frame


def press(frame: Frame, button: str) -> None:
    with frame.expect_navigation():
        frame.click(button)


def note(frame: Frame, category: str, minutes: int, *, may_go: bool = False) -> None:
    """Notes a stretch of time: two taps, and one more for what may go."""
    frame.click(f"label:has([name=category][value={category}])")
    if may_go:
        frame.click("label:has([name=stands][value=no])")
    frame.click(f"button[name=chip][value='{minutes}']")
    expect(frame.locator(".sv-notice[role=status]")).to_contain_text(f"{minutes} minuter")


def kept(live: Live) -> list[tuple[str, int]]:
    """What is kept, straight from the database."""
    with live.core.units.reading() as unit:
        query = sa.select(TimeRow.category, TimeRow.minutes).order_by(TimeRow.created_at)
        return [(str(category), minutes) for category, minutes in unit.session.execute(query)]


@pytest.mark.parametrize("size", list(SIZES))
def test_a_round_and_the_one_after_it(page: Page, live: Live, at: Callable[[datetime], None], size: str) -> None:
    page.set_viewport_size(SIZES[size])
    frame = time_page(page, live)
    for round_number, leading in enumerate((15, 30)):
        press(frame, "main form .btn-primary")
        for day in range(3):
            at(TUESDAY + timedelta(days=7 * round_number + day))
            frame = time_page(page, live)
            frame.evaluate("() => { window.stays = true }")
            note(frame, "leader_contribution", leading)
            note(frame, "meetings", 45, may_go=True)
            assert frame.evaluate("() => window.stays") is True
        assert sideways(frame) == []
        assert find_faults(frame) == []
        press(frame, "form[action$='/finish'] button")
        at(TUESDAY + timedelta(days=7 * (round_number + 1)))
        frame = time_page(page, live)
    expect(frame.locator("main h1")).to_have_text("Ledarbidrag: 40\N{NO-BREAK SPACE}%, 15 procentenheter mer")
    expect(frame.locator("#ledarsteg-shares svg").first).to_be_visible()
    press(frame, "form[action$='/share'] button")
    expect(frame.locator("main")).to_contain_text("Du och kursens coacher. De ser andelarna")
    assert sideways(frame) == []
    assert find_faults(frame) == []
    press(frame, "a[href*=from_row]")
    expect(frame.locator("[name=drop]")).to_have_value("Möten")


def test_a_row_on_a_bad_network_is_visibly_unsent_and_sent_once_and_can_be_undone(
    page: Page, context: BrowserContext, live: Live, at: Callable[[datetime], None], complaints: Complaints
) -> None:
    for part in ("ERR_INTERNET_DISCONNECTED", "ERR_FAILED", "Failed to fetch"):
        complaints.expect(part)
    frame = time_page(page, live)
    press(frame, "main form .btn-primary")
    frame.click("label:has([name=category][value=meetings])")

    def lose_the_answer(route: Route) -> None:
        route.fetch()
        route.abort()

    page.route("**/rows", lose_the_answer)
    frame.click("button[name=chip][value='30']")
    expect(frame.locator(".sv-unsaved")).to_contain_text("Inte sparat än")
    page.unroute("**/rows")
    frame.click(".sv-unsaved button")
    expect(frame.locator(".sv-notice[role=status]")).to_contain_text("Möten, 30 minuter")
    assert kept(live) == [("meetings", 30)]
    press(frame, ".sv-notice button")
    assert kept(live) == []


def test_enter_saves_the_number_that_was_typed_and_not_the_first_one_beside_it(
    page: Page, live: Live, at: Callable[[datetime], None]
) -> None:
    frame = time_page(page, live)
    press(frame, "main form .btn-primary")
    frame.click("label:has([name=category][value=routines])")
    frame.fill("[name=minutes]", "37")
    frame.press("[name=minutes]", "Enter")
    expect(frame.locator(".sv-notice[role=status]")).to_contain_text("37 minuter")
    assert kept(live) == [("routines", 37)]


@pytest.mark.parametrize("size", list(SIZES))
def test_a_slider_is_also_a_number_and_needs_no_drag(
    page: Page, live: Live, at: Callable[[datetime], None], size: str
) -> None:
    page.set_viewport_size(SIZES[size])
    frame = time_page(page, live, "balance")
    slider, number = frame.locator("[type=range]"), frame.locator("[type=number]")
    slider.focus()
    for _ in range(3):
        slider.press("ArrowRight")
    expect(number).to_have_value("15")
    number.fill("-40")
    expect(slider).to_have_value("-40")
    press(frame, "form[action*='/balance/'] [type=submit]")
    expect(frame.locator("[name=monday]")).to_contain_text("Den här veckan (\N{MINUS SIGN}40)")
    expect(frame.locator("figure svg").first).to_be_visible()
    assert sideways(frame) == []
    assert find_faults(frame) == []
    with live.core.units.reading() as unit:
        assert unit.session.scalars(sa.select(PolarityReading.value)).all() == [-40]


def test_a_contribution_is_saved_with_one_tap_more_than_the_page_asks_for(
    page: Page, live: Live, at: Callable[[datetime], None]
) -> None:
    frame = time_page(page, live, "contributions")
    press(frame, "main form .btn-primary")
    expect(frame.locator("main")).to_contain_text("1 bidrag på åtta veckor")
    assert find_faults(frame) == []
    with live.core.units.reading() as unit:
        assert unit.session.scalars(sa.select(Contribution.number)).all() == [1]
