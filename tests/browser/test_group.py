"""A group's measurement from plan to report, as each of them meets it: manager, respondent on a telephone, coach, training department."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from playwright.sync_api import BrowserContext, Frame, Page, expect

from plugins.group_maturity.instruments import LIBRARY, OWN, newest
from plugins.group_maturity.models import Measurement
from plugins.group_maturity.operations import closing, measurements
from service.cohorts.models import Cohort, CohortPlugin
from tests.browser.conftest import Complaints
from tests.browser.frame import enter, find_faults, launch_path, sideways, speak
from tests.live import Live, Visitor

START = "/group_maturity/"
PHONE = {"width": 390, "height": 800}


def plan(frame: Frame, *, size: int = 6, mode: str = "codes") -> None:
    """Plans a measurement of the day team and stays on the plan's page."""
    frame.goto(f"{launch_path(frame)}{START}measurements/new")
    frame.fill("[name=label]", "Dagteamet")
    frame.fill("[name=size]", str(size))
    for name, value in (("mode", mode), ("languages", "en")):
        box = frame.locator(f"label:has([name={name}][value={value}])")
        if not box.locator("input").is_checked():
            box.click()
        expect(box.locator("input")).to_be_checked()
    frame.click("main form .btn-primary")
    frame.wait_for_url(re.compile(r"/measurements/[0-9a-f-]{36}$"))


def open_it(frame: Frame) -> list[str]:
    """Opens what is planned and returns the addresses to hand out."""
    frame.click("main form[action$='/open'] .btn-primary")
    frame.wait_for_url("**/codes")
    return frame.input_value("#addresses").split("\n")


def choose(page: Page, answers: str) -> None:
    """Chooses an answer for each statement in turn; `-` skips one and `n` cannot judge it."""
    questions = page.locator("fieldset.sv-q")
    for place in range(questions.count()):
        answer = answers[place % len(answers)]
        if answer != "-":
            value = "na" if answer == "n" else answer
            questions.nth(place).locator(f"label:has(input[value='{value}'])").click()


def no_script(page: Page) -> Page:
    """Lets the page run no script of its own, as a browser without JavaScript."""
    page.context.new_cdp_session(page).send("Emulation.setScriptExecutionDisabled", {"value": True})
    return page


def answer_all(addresses: list[str]) -> None:
    """Lets people answer who are not looked at here."""
    names = newest(LIBRARY, OWN).forms["group"]
    for address in addresses:
        fields = {name: "4253"[place % 4] for place, name in enumerate(names)} | {"form": address[-40:]}
        assert Visitor().post(f"{address}answer", fields).status_code == 200


def test_a_manager_asks_her_group_and_reads_what_it_says_and_her_coach_when_she_shares_it(
    page: Page, context: BrowserContext, live: Live
) -> None:
    live.launch("amira-haddad")
    manager = enter(page, live, "karin-lindqvist", link="ledarsteg")
    plan(manager)
    manager.click("main form[action$='/own'] button")
    manager.wait_for_url("**/ratings/*")
    for place in range(30):
        manager.locator("fieldset.sv-q").nth(place).locator("label").nth(3).click()
    manager.click("button[name=action][value=submit]")
    manager.wait_for_url("**/profile")
    manager.click("a.sv-back")
    manager.wait_for_url("**/measurements/*")
    expect(manager.locator("main")).to_contain_text("Din egen bild är gjord.")
    addresses = open_it(manager)
    assert len(set(addresses)) == 6
    with page.expect_download() as slips:
        manager.click("form[action$='/codes.pdf'] button")
    assert Path(slips.value.path()).read_bytes()[:5] == b"%PDF-"

    manager.click("a.sv-back")
    expect(manager.locator("main h1")).to_have_text("Gruppen svarar")
    answer_all(addresses)
    manager.goto(manager.url)
    expect(manager.locator("main h1")).to_have_text("Tillräckligt många har svarat")
    manager.click("a[href$='/end']")
    manager.click("form[action$='/close'] button")
    expect(manager.locator("main h1")).to_have_text("Svaren räknas")
    live.work()
    manager.click("main .sv-actions a")
    expect(manager.locator("main")).to_contain_text("5–7 svar")
    expect(manager.locator("#sides .sv-canvas svg")).to_be_visible()
    expect(manager.locator("#sides details")).not_to_have_attribute("open", "")
    manager.click("#sides summary")
    expect(manager.locator("#sides table tbody tr")).to_have_count(4)
    # Files are really given, though the frame is of another site and its cookies are blocked.
    for name, begins in (("report.pdf", b"%PDF-"), ("report.json", b"{")):
        with page.expect_download() as saved:
            manager.click(f"form[action$='/{name}'] button")
        assert saved.value.suggested_filename == name.replace("report", "gruppmatning")
        assert Path(saved.value.path()).read_bytes().startswith(begins)
    manager.fill("[name=contribution]", "Lämna över ett beslut om dagen")
    manager.click("button[name=action][value=save]")
    expect(manager.locator("#leader [role=status]")).to_contain_text("Sparat")
    manager.locator("#sharing form", has_text="Amira Haddad").locator("button").click()
    expect(manager.locator("#sharing")).to_contain_text("Läser den här rapporten")

    coach = enter(context.new_page(), live, "amira-haddad")
    coach.click("nav a[href*='/group_maturity/']")
    coach.click("main table a")
    expect(coach.locator("main")).to_contain_text("Karin Lindqvist")
    expect(coach.locator("main")).not_to_contain_text("Lämna över ett beslut")
    assert find_faults(coach) == []


def test_somebody_answers_on_a_telephone_without_script(
    page: Page, context: BrowserContext, live: Live, complaints: Complaints
) -> None:
    for status in ("404", "422"):
        complaints.expect(status)
    address = open_it_for(page, live)[0]
    phone = no_script(context.new_page())
    phone.set_viewport_size(PHONE)
    phone.goto(address)
    expect(phone.locator("h1")).to_have_text("Hur har ni det i Dagteamet?")
    expect(phone.locator("main")).to_contain_text("24 påståenden, under fem minuter. Det är frivilligt.")
    assert sideways(phone) == []
    phone.click("main .btn-primary")
    expect(phone.locator("fieldset.sv-q")).to_have_count(24)
    assert sideways(phone) == []
    smallest = phone.evaluate(
        "() => Math.min(...[...document.querySelectorAll('.sv-scale label')].map(one => one.getBoundingClientRect().height))"
    )
    assert smallest >= 44
    phone.click("main form .btn-primary")
    expect(phone.locator(".sv-notice")).to_contain_text("Svara på minst ett påstående.")
    choose(phone, "4-2n5")
    phone.click("main form .btn-primary")
    expect(phone.locator("h1")).to_have_text("Tack")
    # Sent twice counts once, and the code is used.
    phone.reload()
    expect(phone.locator("h1")).to_have_text("Tack")
    phone.goto(address)
    expect(phone.locator("body")).to_contain_text("E-NOTFOUND")
    assert context.cookies(address) == [one for one in context.cookies(address) if one["name"] == "__Host-stegvis"]


def open_it_for(page: Page, live: Live, *, mode: str = "codes", size: int = 6, words: bool = False) -> list[str]:
    manager = enter(page, live, "karin-lindqvist", link="ledarsteg")
    if words:
        with live.core.units.writing() as unit:
            for row in unit.session.scalars(sa.select(CohortPlugin).where(CohortPlugin.plugin == "group_maturity")):
                row.settings = {"ask_for_words": True}
    plan(manager, mode=mode, size=size)
    return open_it(manager)


def test_a_reload_of_the_tab_loses_nothing_and_nothing_is_left_after_sending(
    page: Page, context: BrowserContext, live: Live
) -> None:
    (address,) = open_it_for(page, live, mode="link", size=10, words=True)
    asked: list[str] = []
    phone = context.new_page()
    phone.set_viewport_size(PHONE)
    phone.goto(f"{address}answer")
    phone.on("request", lambda request: asked.append(request.url))
    choose(phone, "4253-")
    phone.fill("[name=words]", "Vi hör av oss för sent")
    assert find_faults(phone) == []
    assert sideways(phone) == []
    mark = phone.input_value("[name=form]")
    assert [url for url in asked if "/static/" not in url] == []
    phone.reload()
    expect(phone.locator("[data-keep-note]")).to_be_visible()
    assert phone.locator("fieldset.sv-q input:checked").count() == 20
    assert phone.input_value("[name=words]") == "Vi hör av oss för sent"
    assert phone.input_value("[name=form]") == mark
    phone.click("[data-keep-note] button")
    assert phone.locator("fieldset.sv-q input:checked").count() == 0
    assert phone.input_value("[name=words]") == ""
    phone.reload()
    expect(phone.locator("[data-keep-note]")).to_be_hidden()
    choose(phone, "5")
    # Another tab of the same browser knows nothing of it.
    other = context.new_page()
    other.goto(f"{address}answer")
    assert other.locator("fieldset.sv-q input:checked").count() == 0
    other.close()
    phone.bring_to_front()
    phone.click("main form .btn-primary")
    phone.wait_for_selector("[data-kept-done]")
    phone.wait_for_function("() => window.sessionStorage.length === 0")
    assert phone.evaluate("() => window.localStorage.length") == 0


def test_the_group_reads_its_report_on_the_same_link(page: Page, context: BrowserContext, live: Live) -> None:
    addresses = open_it_for(page, live)
    answer_all(addresses)
    with live.app.app_context(), live.core.units.writing() as unit:
        found = unit.session.scalars(sa.select(Measurement)).one()
        closing.close_now(found, unit.session.get_one(Cohort, found.cohort_id))
    live.work()
    reader = context.new_page()
    reader.set_viewport_size({"width": 320, "height": 700})
    reader.goto(f"{addresses[0]}?lang=sv")
    expect(reader.locator("#sides .sv-canvas svg")).to_be_visible()
    expect(reader.locator("main")).not_to_contain_text("Möjliga blinda fläckar")
    assert find_faults(reader) == []
    assert sideways(reader) == []


def test_the_training_department_uploads_an_instrument_of_its_own(
    page: Page, live: Live, complaints: Complaints, tmp_path: Path
) -> None:
    complaints.expect("422")
    live.launch("johan-ekstrom")
    live.make_training("johan-ekstrom")
    training = enter(page, live, "johan-ekstrom")
    training.click("nav a[href*='/group_maturity/']")
    training.click("main a[href$='/instruments']")
    training.click("main .btn-primary")
    bundled = Path(measurements.__file__).parents[1] / "instruments" / "stegvis.gm24-0.2.0.yaml"
    source = bundled.read_text(encoding="utf-8").replace("key: stegvis.gm24", "key: kommunen.grupp")
    wrong = tmp_path / "kommunen.yaml"
    wrong.write_text(source.replace("min_answered: 4", "min_answered: many", 1), encoding="utf-8")
    training.set_input_files("[name=file]", wrong)
    training.click("main form .btn-primary")
    expect(training.locator("main table tbody tr")).to_have_count(1)
    expect(training.locator("main table")).to_contain_text("scales.A.min_answered")
    expect(training.locator("textarea[name=source]")).to_have_value(re.compile("kommunen.grupp"))
    training.fill("textarea[name=source]", source)
    training.click("main form .btn-primary")
    training.wait_for_url(re.compile(r"/instruments/[0-9a-f-]{36}$"))
    training.click("a[href$='/answer']")
    expect(training.locator("fieldset.sv-q")).to_have_count(30)
    training.click("a.sv-back")
    training.click("a[href$='/report']")
    expect(training.locator("#sides .sv-canvas svg")).to_be_visible()
    training.goto(f"{launch_path(training)}{START}settings")
    training.fill("[name=min_respondents]", "3")
    training.click("main form .btn-primary")
    expect(training.locator(".sv-error")).to_contain_text("Skriv minst 4.")
    training.fill("[name=min_respondents]", "6")
    training.click("main form .btn-primary")
    expect(training.locator(".sv-notice")).to_contain_text("Sparat")


# --- every state at 320 pixels ----------------------------------------------------------------------------------------


@pytest.fixture
def look(page: Page) -> Iterator[Callable[[str, Frame | Page], None]]:
    """Looks at a page at 320 pixels; what is wrong with any of them is told at the end."""
    page.set_viewport_size({"width": 320, "height": 700})
    wrong: dict[str, object] = {}

    def at(name: str, frame: Frame | Page) -> None:
        frame.wait_for_load_state()
        found = [*find_faults(frame), *sideways(frame)]
        if found:
            wrong[name] = found

    yield at
    assert wrong == {}


@pytest.mark.parametrize("person", ["sara-holmgren", "fatima-al-sayed", "oskar-wiklund", "annika-sjoberg"])
def test_a_measurement_in_every_state_can_be_used_by_everybody(
    page: Page, demo: Live, look: Callable[[str, Frame | Page], None], person: str
) -> None:
    """Not shown; answering, with its link and its end; only planned; a report without the manager's own picture."""
    for locale in ("sv", "lv"):
        frame = enter(page, demo, person, locale=locale)
        speak(frame, locale)
        frame.goto(f"{launch_path(frame)}{START}")
        look(f"start {locale}", frame)
        frame.click("main a[href*='/measurements/'] >> nth=0")
        frame.wait_for_url(re.compile(r"/measurements/[0-9a-f-]{36}$"))
        look(f"measurement {locale}", frame)
        here = frame.url
        for part in ("codes", "end", "change", "again"):
            if frame.locator(f"main a[href$='/{part}']").count():
                frame.goto(f"{here}/{part}")
                look(f"{part} {locale}", frame)
                frame.goto(here)


def test_the_guest_s_pages_can_be_used_by_everybody(
    page: Page, demo: Live, look: Callable[[str, Frame | Page], None]
) -> None:
    with demo.core.units.reading() as unit:
        found = unit.session.scalars(sa.select(Measurement).where(Measurement.state == "open")).one()
        (word,) = measurements.words_of(found)
    for locale in ("sv", "en"):
        page.goto(f"{demo.base_url}/g/{word}/group_maturity/?lang={locale}")
        look(f"information {locale}", page)
        page.click("main .btn-primary")
        look(f"form {locale}", page)
        assert page.get_attribute("html", "lang") == locale
