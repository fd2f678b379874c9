"""A term of coaching in the frame of a learning platform: manager and coach, from the choice to a closed term."""

import io
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pypdf
import pytest
from playwright.sync_api import Frame, Page, expect

from tests.browser.conftest import Complaints
from tests.browser.frame import enter, find_faults, launch_path, sideways, tab_to
from tests.live import Live
from tests.plugins.handledning.support import agree_on_everything
from tests.support import OffsetClock

TUESDAY = datetime(2026, 11, 24, 15, 30, tzinfo=ZoneInfo("Europe/Stockholm"))
GOAL = "Teamet äger sin vecka"


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
    frame.page.bring_to_front()
    with frame.expect_navigation():
        frame.click(button)


def room(frame: Frame, name: str) -> None:
    """Opens one of the engagement's pages."""
    its = frame.evaluate("() => document.querySelector(\"a[href*='/engagements/']\").href")
    frame.goto("/".join([*its.split("/")[:8], *([name] if name else [])]))


def begin(frame: Frame, live: Live) -> None:
    frame.goto(f"{launch_path(frame)}/handledning/")
    frame.click(".sv-choice label:has-text('Amira Haddad')")
    go_on(frame)
    agree_on_everything(live.core)  # what they agree on before is walked below


def write_goal(frame: Frame) -> None:
    room(frame, "goals/new")
    frame.fill("[name=title]", GOAL)
    frame.fill("[name=first-text]", "Pröva på måndag")
    frame.fill("[name=first-due_on]", (TUESDAY.date() + timedelta(days=6)).isoformat())
    go_on(frame)


def hold_a_session(frame: Frame) -> None:
    room(frame, "plan")
    for name, value in (("day", TUESDAY.date().isoformat()), ("start", "13:00"), ("end", "15:00")):
        frame.fill(f"[name$={name}]", value)
    go_on(frame)
    frame.locator("[name$=-text]").first.fill("Fråga teamet vad de saknar från mig")
    frame.locator("[name$=-criterion]").first.fill("Jag har tre svar nedskrivna")
    frame.locator("[name$=-due_on]").first.fill((TUESDAY.date() + timedelta(days=7)).isoformat())
    frame.fill("[name$=decision]", "Jag säger nej till onsdagsmötet")
    frame.fill("[name$=process_minutes]", "70")
    frame.fill("[name$=result_minutes]", "50")
    go_on(frame, "button[name=action][value=close]")


def fetched(page: Page, frame: Frame, link: str, folder: Path) -> str:
    with page.expect_download() as found:
        frame.click(link)
    path = folder / "fetched.pdf"
    found.value.save_as(path)
    return " ".join(
        " ".join(one.extract_text() for one in pypdf.PdfReader(io.BytesIO(path.read_bytes())).pages).split()
    )


def test_a_whole_term_of_a_manager_and_her_coach(
    page: Page, live: Live, clock: OffsetClock, complaints: Complaints, look: Callable[[Frame], None], tmp_path: Path
) -> None:
    complaints.expect("409")  # two write in the plan at once
    complaints.expect("404")  # the coach comes back to what is closed
    complaints.expect("422")  # the term is closed before it is told what it gave
    clock.put(TUESDAY)
    live.lms.clock_offset = clock.offset.total_seconds()
    page.set_viewport_size({"width": 390, "height": 780})
    live.launch("amira-haddad")
    manager = enter(page, live, "karin-lindqvist")
    begin(manager, live)
    write_goal(manager)
    hold_a_session(manager)
    assert "Jag säger nej till onsdagsmötet" in fetched(page, manager, "a[href$='/record.pdf']", tmp_path)

    # The plan, by keyboard alone; the coach writes in it meanwhile.
    room(manager, "development")
    look(manager)
    other = page.context.new_page()
    coach = enter(other, live, "amira-haddad")
    coach.goto(manager.url.replace(launch_path(manager), launch_path(coach)))
    coach.fill("[name=support]", "Vi ringer varannan fredag")
    go_on(coach)
    look(coach)
    page.bring_to_front()
    tab_to(page, manager, "[name=purpose]")
    page.keyboard.type("Leda mer, göra mindre")
    tab_to(page, manager, "[name=support]")
    page.keyboard.type("Lena läser mina utkast")
    tab_to(page, manager, "main form .btn-primary")
    with manager.expect_navigation():
        page.keyboard.press("Enter")
    expect(manager.locator("main")).to_contain_text("Vi ringer varannan fredag")
    expect(manager.locator("[name=support]")).to_have_value("Lena läser mina utkast")
    look(manager)
    go_on(manager)
    go_on(manager, "form[action$='/settle'] button")
    said = fetched(page, manager, "a[href$='/plan.pdf']", tmp_path)
    assert GOAL in said
    assert "Utkast" not in said

    end_the_term(manager, look, coach)


def end_the_term(manager: Frame, look: Callable[[Frame], None], coach: Frame) -> None:
    """From the three outcomes to a closed term, after which the coach reads nothing."""
    room(manager, "term")
    go_on(manager, "form[action$='/finish'] button")
    expect(manager.locator("[role=alert]")).to_be_visible()
    look(manager)
    for name, value in (("own", "Jag frågar först"), ("role", "De beslutar själva"), ("operations", "Färre akuta")):
        manager.fill(f"[name={name}]", value)
    go_on(manager)
    for name in ("helped", "changed", "frame", "free", "again"):
        manager.click(f"#{name} label:has-text('4')")
    go_on(manager, "form[action$='/programme'] button")
    look(manager)
    coach.page.bring_to_front()
    coach.goto(manager.url.replace(launch_path(manager), launch_path(coach)))
    expect(coach.locator("main")).to_contain_text("De beslutar själva")
    go_on(manager, "form[action$='/finish'] button")
    expect(manager.locator("main")).to_contain_text("Avslutad")
    coach.page.bring_to_front()
    coach.goto(coach.url)
    expect(coach.locator("main")).not_to_contain_text("De beslutar själva")


def choose(frame: Frame, **answers: str) -> None:
    """Chooses an answer of each group of radios, by the word or number it begins with.

    By the keyboard: a click goes where the answer was, and the platform's page may just be giving the frame its height.
    """
    for name, word in answers.items():
        answer = frame.locator(f"#{name} label", has_text=word).first.locator("input")
        answer.press("Space")
        expect(answer).to_be_checked()


def ready(manager: Frame, coach: Frame, look: Callable[[Frame], None]) -> None:
    """Not now, and then ready after all; the coach says how she works, and yes."""
    room(manager, "readiness")
    choose(manager, aware="4", honest="2", placed="5")
    go_on(manager)
    expect(manager.locator("main")).to_contain_text("Inte nu.")
    look(manager)
    choose(manager, aware="4", honest="4", placed="5")
    go_on(manager)
    coach.page.bring_to_front()
    coach.goto(f"{launch_path(coach)}/handledning/profile")
    choose(coach, ethics="ICF")
    coach.fill("[name=ethics_on]", "2026-01-15")
    go_on(coach)
    coach.goto(f"{launch_path(coach)}/handledning/")
    look(coach)
    go_on(coach, ".sv-notice:has-text('Karin Lindqvist') .btn")
    go_on(coach, "form[action$='/accept'] button")


def agree(manager: Frame, coach: Frame, look: Callable[[Frame], None]) -> None:
    """A line of their own makes a version that the coach has not read; the contract is whole before it is accepted."""
    room(coach, "agreement")
    room(manager, "agreement")
    manager.locator("[name$=-text]").first.fill("Vi börjar i tid")
    go_on(manager, "button[name=action][value=save].btn-plain")
    go_on(manager)
    coach.page.bring_to_front()
    go_on(coach)
    expect(coach.locator("main")).to_contain_text("nyare version")
    expect(coach.locator("main")).to_contain_text("Vi börjar i tid")
    go_on(coach)
    room(manager, "contract")
    go_on(manager)
    expect(manager.locator("[role=alert]")).to_be_visible()
    look(manager)
    go_on(manager, "a[href*='write=1']")
    first, last = TUESDAY.date(), TUESDAY.date() + timedelta(days=90)
    for part, text in (
        ("w1", "Teamet planerar själv"),
        ("w3", "Jag beslutar"),
        ("w4", "Omorganisation"),
        ("w5", "Ett schema"),
    ):
        manager.locator(f"section[aria-labelledby={part}] [name$=-text]").first.fill(text)
    for name, value in (("[name$=period_from]", first), ("[name$=period_to]", last), ("[name$=-due_on]", last)):
        manager.locator(name).first.fill(value.isoformat())
    manager.locator("[name$=-weight]").first.fill("1")
    look(manager)
    go_on(manager)
    go_on(manager)
    room(coach, "contract")
    go_on(coach)
    room(coach, "")
    expect(coach.locator("main")).to_contain_text("Boka ett tillfälle")
    expect(coach.locator("main")).not_to_contain_text("Innan ni börjar")


def prepare_and_hold(manager: Frame, coach: Frame, look: Callable[[Frame], None]) -> None:
    """The coach asks, the manager prepares without a mouse, both say afterwards how much they trust."""
    room(manager, "plan")
    for name, value in (("day", TUESDAY.date().isoformat()), ("start", "13:00"), ("end", "15:00")):
        manager.fill(f"[name$={name}]", value)
    go_on(manager)
    meeting = manager.url.removeprefix(launch_path(manager))
    coach.page.bring_to_front()
    coach.goto(f"{launch_path(coach)}{meeting}/prepare")
    coach.locator("details summary").first.click()
    coach.locator("[name=questions]").first.check()
    go_on(coach, "form[action$='/questions'] button")
    look(coach)
    manager.page.bring_to_front()
    manager.goto(f"{launch_path(manager)}{meeting}/prepare")
    tab_to(manager.page, manager, "[name$=topic]")
    manager.page.keyboard.type("Jag svarar för fort")
    tab_to(manager.page, manager, "[name^=answer-]")
    manager.page.keyboard.type("Att de frågar varandra")
    tab_to(manager.page, manager, "main form .btn-primary")
    with manager.expect_navigation():
        manager.page.keyboard.press("Enter")
    look(manager)
    coach.page.bring_to_front()
    coach.goto(f"{launch_path(coach)}{meeting}/hold")
    for part, spent in enumerate(("10", "20", "40", "20", "20", "10")):
        coach.locator("[name$=-minutes]").nth(part).fill(spent)
    go_on(coach)
    look(coach)
    for frame, pulse in ((manager, "4"), (coach, "5")):
        frame.page.bring_to_front()
        frame.goto(f"{launch_path(frame)}{meeting}/after")
        choose(frame, value=pulse)
        go_on(frame, "form[action$='/pulse'] button")
    expect(coach.locator(".sv-facts")).to_contain_text("4")
    look(coach)


def test_from_readiness_to_an_agreement_and_a_session_held(
    page: Page, live: Live, clock: OffsetClock, complaints: Complaints, look: Callable[[Frame], None]
) -> None:
    complaints.expect("409")  # the coach accepts what was changed meanwhile
    complaints.expect("422")  # a contract is accepted before it is whole
    clock.put(TUESDAY)
    live.lms.clock_offset = clock.offset.total_seconds()
    page.set_viewport_size({"width": 390, "height": 780})
    live.launch("amira-haddad")
    manager = enter(page, live, "karin-lindqvist")
    manager.goto(f"{launch_path(manager)}/handledning/")
    manager.click(".sv-choice label:has-text('Amira Haddad')")
    go_on(manager)
    coach = enter(page.context.new_page(), live, "amira-haddad")
    coach.goto(f"{launch_path(coach)}/handledning/")
    ready(manager, coach, look)
    agree(manager, coach, look)
    prepare_and_hold(manager, coach, look)


def test_a_calendar_address_is_made_and_ended(page: Page, live: Live, look: Callable[[Frame], None]) -> None:
    frame = enter(page, live, "karin-lindqvist")
    frame.goto(f"{launch_path(frame)}/handledning/calendar")
    look(frame)
    go_on(frame, "form[action$='/calendar'] button")
    frame.wait_for_selector("#address")
    assert "/t/" in frame.input_value("#address")
    look(frame)
    go_on(frame, "form[action$='/end'] button")
    expect(frame.locator("#address")).to_have_count(0)
