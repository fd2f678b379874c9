"""The journal in the frame of a learning platform: the first week's Aha, a Friday review, an insight with one tap."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from playwright.sync_api import Frame, Page, expect

from plugins.ledarsteg.models import Insight, Review
from tests.browser.conftest import Complaints
from tests.browser.frame import enter, find_faults, launch_path, sideways
from tests.live import Live
from tests.support import OffsetClock

FRIDAY = datetime(2026, 11, 27, 15, 0, tzinfo=ZoneInfo("Europe/Stockholm"))
SIZES = {"phone": {"width": 390, "height": 780}, "desk": {"width": 1280, "height": 900}}


@pytest.fixture
def at(live: Live, clock: OffsetClock) -> Callable[[datetime], None]:
    """Puts the clock of the service and of the learning platform."""

    def put(moment: datetime) -> None:
        clock.put(moment)
        live.lms.clock_offset = clock.offset.total_seconds()

    put(FRIDAY)
    return put


@pytest.fixture
def look() -> Iterator[Callable[[Frame], None]]:
    """Looks for accessibility faults and sideways scroll; what is wrong with any page is told at the end."""
    wrong: list[object] = []

    def at(frame: Frame) -> None:
        frame.wait_for_load_state()
        wrong.extend([*find_faults(frame), *sideways(frame)])

    yield at
    assert wrong == []


def go_on(frame: Frame, button: str = "main form .btn-primary") -> None:
    with frame.expect_navigation():
        frame.click(button)


def kept(live: Live, model: type) -> int:
    with live.core.units.reading() as unit:
        return unit.session.scalar(sa.select(sa.func.count()).select_from(model)) or 0


@pytest.mark.parametrize("size", list(SIZES))
def test_the_first_week_leads_from_the_aha_to_the_first_step(
    page: Page, live: Live, at: Callable[[datetime], None], look: Callable[[Frame], None], size: str
) -> None:
    page.set_viewport_size(SIZES[size])
    frame = enter(page, live, "karin-lindqvist", link="ledarsteg")
    frame.goto(f"{launch_path(frame)}/")
    expect(frame.locator("main h1")).to_have_text("Börja med att se vart tiden går")
    expect(frame.locator("ol.sv-first > li")).to_have_count(4)
    expect(frame.locator("main")).to_contain_text("8 fredagskoller inom 12 veckor")
    look(frame)
    go_on(frame, "ol.sv-first a[href$='/ledarsteg/aha']")
    look(frame)
    frame.fill("[name=week]", "Statusmöte\nSamtal om schemat\nMejl")
    go_on(frame)
    look(frame)
    frame.click("label:has([name=core][value='1'])")
    go_on(frame, "button[value=core]")
    expect(frame.locator("h1")).to_contain_text("1 av 3")
    look(frame)
    frame.fill("[name=text]", "x" * 281)
    expect(frame.locator("#text-count")).to_have_text("281 av högst 280 tecken")
    frame.fill("[name=text]", "Samtalen är jobbet 🌱")
    expect(frame.locator("#text-count")).to_have_text("20 av högst 280 tecken")
    go_on(frame, "button[value=aha]")
    expect(frame.locator("main")).to_contain_text("Samtalen är jobbet 🌱")
    look(frame)
    go_on(frame, "main a.btn-primary")
    assert frame.url.endswith("/ledarsteg/new")
    assert kept(live, Insight) == 1
    frame.goto(f"{launch_path(frame)}/")
    expect(frame.locator("main h1")).to_have_text("Börja med ett litet steg")
    expect(frame.locator("ol.sv-first > li").nth(1)).to_contain_text("Gjort")
    look(frame)


def test_an_insight_is_captured_on_the_own_page_without_leaving_it(
    page: Page, live: Live, at: Callable[[datetime], None], complaints: Complaints, look: Callable[[Frame], None]
) -> None:
    complaints.expect("422")
    page.set_viewport_size(SIZES["phone"])
    frame = enter(page, live, "karin-lindqvist", link="ledarsteg")
    frame.goto(f"{launch_path(frame)}/ledarsteg/journal")
    frame.fill("[name=text]", "Den första")
    go_on(frame)
    frame.goto(f"{launch_path(frame)}/")
    frame.evaluate("() => { window.stays = true }")
    assert not frame.is_visible("#ledarsteg-capture")
    frame.click("[data-opens=ledarsteg-insight]")
    look(frame)
    frame.fill("#ledarsteg-capture [name=text]", "x" * 281)
    frame.click("#ledarsteg-capture [type=submit]")
    expect(frame.locator("#ledarsteg-capture .sv-error")).to_contain_text("281")
    frame.fill("#ledarsteg-capture [name=text]", "De väntar in mig")
    frame.click("#ledarsteg-capture [type=submit]")
    expect(frame.locator("#ledarsteg-capture [role=status]")).to_contain_text("Nedskrivet.")
    expect(frame.locator("#ledarsteg-capture [name=text]")).to_have_value("")
    assert frame.evaluate("() => window.stays")
    assert kept(live, Insight) == 2


def test_a_friday_review_from_the_own_page_and_from_two_tabs(
    page: Page,
    live: Live,
    at: Callable[[datetime], None],
    complaints: Complaints,
    look: Callable[[Frame], None],
) -> None:
    complaints.expect("409")
    page.set_viewport_size(SIZES["phone"])
    frame = enter(page, live, "karin-lindqvist", link="ledarsteg")
    base = launch_path(frame)
    frame.goto(f"{base}/ledarsteg/journal")
    frame.fill("[name=text]", "Den första")
    go_on(frame)
    frame.goto(f"{base}/")
    go_on(frame, "text=Se tillbaka på veckan")
    look(frame)
    frame.fill("[name=contribution]", "Frågade först")
    frame.click("label:has([name=being][value='2'])")
    go_on(frame)
    expect(frame.locator("main")).to_contain_text("1 av 8 gjorda")
    frame.goto(f"{base}/ledarsteg/reviews/2026/48")
    frame.evaluate("() => { document.querySelector('[name=revision]').value = '0' }")
    frame.fill("[name=contribution]", "Från den andra fliken")
    go_on(frame)
    look(frame)
    expect(frame.locator("[role=alert]").first).to_contain_text("Frågade först")
    expect(frame.locator("[name=contribution]")).to_have_value("Från den andra fliken")
    at(FRIDAY + timedelta(days=7))
    assert kept(live, Review) == 1
