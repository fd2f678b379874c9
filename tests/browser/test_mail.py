"""An address given, confirmed by the link in a real mail, and ended again by the link in the next."""

import os
from pathlib import Path

import pytest
import sqlalchemy as sa
from aiosmtpd.controller import Controller
from playwright.sync_api import Frame, Page, expect

from service.cohorts.models import Member, Person
from service.mail import notices
from service.mail.models import Mail, MailAddress
from service.settings import Settings
from tests.browser.conftest import Complaints
from tests.browser.frame import enter, find_faults, launch_path, sideways, speak
from tests.live import Live
from tests.service.mail.conftest import Postbox, free_port, mailing, word_in
from tests.support import parts

KARIN = "karin.lindqvist-av-ett-mycket-langt-namn@socialforvaltningen.alvdalens-kommun.example"


@pytest.fixture
def box() -> Postbox:
    return Postbox()


@pytest.fixture
def settings(settings: Settings, tmp_path: Path, box: Postbox):
    """Settings with a mail server that runs."""
    port = free_port()
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    yield mailing(tmp_path, settings.database_url, port)
    controller.stop(no_assert=True)


def deliver(live: Live) -> None:
    with live.app.app_context():
        notices.decide_due(live.core.units)
    live.work()


def looked_at(wrong: dict[str, object], name: str, page: Page, shown: Page | Frame) -> None:
    """Looks at one page at both widths; with a folder named, a picture is kept for people to look at."""
    for width in (960, 320):
        page.set_viewport_size({"width": width, "height": 900})
        shown.wait_for_load_state()
        # The frame is another process's: it hears of its new width a moment later.
        shown.wait_for_function("width => innerWidth <= width && innerWidth >= Math.min(width, 320)", arg=width)
        found = [*find_faults(shown), *sideways(shown)]
        if found:
            wrong[f"{name} {width}"] = found
        if folder := os.environ.get("TEST_PICTURES"):
            page.screenshot(path=f"{folder}/{name}-{width}.png", full_page=True)


def test_from_an_address_to_no_more_mails(page: Page, live: Live, box: Postbox, complaints: Complaints) -> None:
    complaints.expect("422")
    wrong: dict[str, object] = {}
    frame = enter(page, live, "karin-lindqvist")
    speak(frame, "sv")
    # The journey goes on in a window of its own, where a mail's reader would be as well.
    frame.click("footer a[href$='/mail']")
    frame.wait_for_url("**/mail")
    looked_at(wrong, "empty", page, frame)
    frame.fill("#address", "karin(at)kommun.example")
    frame.click("section .btn-primary")
    expect(frame.locator("#address")).to_have_attribute("aria-invalid", "true")
    looked_at(wrong, "wrong", page, frame)
    frame.fill("#address", KARIN)
    frame.click("section .btn-primary")
    expect(frame.locator(".sv-notice[role=status]")).to_contain_text(KARIN)
    looked_at(wrong, "asked", page, frame)
    deliver(live)
    beside = page.context.new_page()
    beside.goto(word_in(box.mails[0]))
    looked_at(wrong, "confirm", beside, beside)
    beside.click("main button")
    expect(beside.locator("h1")).to_have_text("Adressen är bekräftad")
    looked_at(wrong, "confirmed", beside, beside)
    frame.goto(f"{launch_path(frame)}/mail")
    expect(frame.locator("#reading")).to_be_checked()
    looked_at(wrong, "own", page, frame)
    with live.app.app_context(), live.core.units.writing() as unit:
        notices.notify(unit.session.scalars(sa.select(Member).join(Person)).one())
        unit.session.execute(sa.update(Mail).where(Mail.state == "waiting").values(due_at=unit.now()))
        unit.session.execute(sa.update(Person).values(own_zone=_by_day(live)))
    deliver(live)
    beside.goto(word_in(box.mails[1]))
    looked_at(wrong, "stop", beside, beside)
    beside.click("main button")
    expect(beside.locator("h1")).to_have_text("Det kommer inga fler mejl")
    frame.goto(f"{launch_path(frame)}/mail")
    looked_at(wrong, "stopped", page, frame)
    with parts(live.app).units.writing() as unit:
        unit.session.execute(sa.update(MailAddress).values(state="broken"))
    frame.goto(f"{launch_path(frame)}/mail")
    looked_at(wrong, "broken", page, frame)
    for locale in ("en", "lv"):
        speak(frame, locale)
        frame.goto(f"{launch_path(frame)}/mail")
        looked_at(wrong, f"broken-{locale}", page, frame)
    assert wrong == {}


def _by_day(live: Live) -> str:
    """A zone in which it is day now: no mail goes at night."""
    hour = live.core.units.clock.now().hour
    east = (12 - hour) % 24
    return f"Etc/GMT-{east}" if east <= 12 else f"Etc/GMT+{24 - east}"
