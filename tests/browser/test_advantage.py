"""Connecting a learning platform and all that follows from it, by the pages of both: one journey, and the same in windows."""

import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from flask import Flask
from playwright.sync_api import BrowserContext, Frame, Page, expect

from service.access import Role
from service.cohorts.models import Cohort, Member
from service.jobs import periodic
from service.lti.cli import platform
from service.lti.models import Platform, PlatformState
from service.settings import Settings
from tests.browser.conftest import Complaints
from tests.browser.frame import ask_for_one_review, enter, inside, launch_path, look_back, tool_frame
from tests.browser.test_frame import without_partitions
from tests.live import Live, register, running_service
from tests.support import OffsetClock

# The operator's commands go by the machine's clock, and an invite lives for a day: the journey begins today.
TOMORROW = datetime.now(ZoneInfo("Europe/Stockholm")) + timedelta(days=1)
NIGHT = TOMORROW.replace(hour=2, minute=30)
MORNING = TOMORROW.replace(hour=8, minute=0)
ORGANISATION, COURSE, COPY = "Älvdalens kommun", "enhetschefer", "enhetschefer-kopia-1"
TRAINING, COACH, MANAGER = "johan-ekstrom", "amira-haddad", "karin-lindqvist"
STEPS, GROUP = "Mina första steg", "Så är vår grupp"
PLACED = {"ledarsteg.habits": STEPS, "group_maturity.group_maturity": GROUP}


class Journey:
    """Two sites that begin as strangers, and a clock that both of them follow."""

    def __init__(self, live: Live, clock: OffsetClock) -> None:
        self.live, self.lms, self._clock = live, live.lms, clock

    def put(self, moment: datetime) -> None:
        """Makes it this moment at the service and at the platform."""
        self._clock.put(moment)
        self.lms.clock_offset = self._clock.offset.total_seconds()

    def operate(self, *command: str) -> str:
        """What an operator's `stegvis platform …` says."""
        done = CliRunner().invoke(platform, command, obj=lambda: self._settings)
        assert done.exit_code == 0, done.output
        return done.output

    @property
    def _settings(self) -> Settings:
        return self.live.core.settings

    def page_of(self, what: str, person: str, course: str = COURSE) -> str:
        """The address of one of the pages by which a teacher looks after her course."""
        return f"{self.lms.base_url}/courses/{course}/{what}/as/{person}"

    def registered(self) -> Platform:
        with self.live.core.units.reading() as unit:
            return unit.session.scalars(sa.select(Platform)).one()

    def managers_of(self, course: str) -> int:
        """How many managers the service knows in a course, by launch or by roster."""
        with self.live.core.units.reading() as unit:
            here = sa.select(sa.func.count()).select_from(Member).join(Cohort, Cohort.id == Member.cohort_id)
            found = here.where(Cohort.title == self.lms.course(course).title, Member.role == Role.MANAGER)
            return unit.session.scalar(found) or 0


@pytest.fixture(params=["moodle"])
def journey(
    request: pytest.FixtureRequest, make_app: Callable[..., Flask], settings: Settings, clock: OffsetClock
) -> Iterator[Journey]:
    with running_service(make_app, settings, family=request.param, has_tool=False) as live:
        yield Journey(live, clock)


canvas = pytest.mark.parametrize("journey", ["canvas"], indirect=True)


# The steps, each by the pages that its person would use.


def connect(page: Page, journey: Journey) -> str:
    """The operator invites, the platform's administrator pastes and agrees, switches on; the operator approves.

    Returns the one-time code.
    """
    said = journey.operate("invite", "--organisation", ORGANISATION, "--for", "Kommunens lärplattform")
    (address,) = re.findall(r"http\S+/lti/register/\S+", said)
    (code,) = re.findall(r"training department: (\S+)", said)
    page.goto(f"{journey.lms.base_url}/admin")
    page.fill("[name=address]", address)
    page.click("form.line:has([name=address]) button")
    frame = page.frame_locator("iframe[name=registration]")
    expect(frame.locator("main")).to_contain_text(ORGANISATION)
    expect(frame.locator("main")).to_contain_text(journey.lms.base_url)
    assert journey.lms.tools == ()
    frame.locator("main form button").click()
    # The page closes itself: the platform hears the tool's message and goes on.
    page.wait_for_url(re.compile(r"/admin\?done"))
    assert journey.registered().state is PlatformState.PENDING
    page.click("form[action$='/activate'] button")
    expect(page.locator("form[action$='/activate']")).to_have_count(0)
    return code


def is_turned_away(page: Page, journey: Journey) -> None:
    page.goto(journey.live.course_url(TRAINING))
    expect(tool_frame(page).locator("body")).to_contain_text("E-PENDING")


def become_training(page: Page, journey: Journey, code: str) -> Frame:
    """Whatever activity she opens first, and be it the managers', the code is asked for."""
    frame = enter(page, journey.live, TRAINING, link="ledarsteg")
    frame.fill("[name=code]", code)
    frame.click("main form [type=submit]")
    frame.wait_for_url("**/switches")
    return frame


def choose_two(picker: Frame | Page) -> None:
    """Chooses two activities, names them, and gives the first one a column."""
    picker.wait_for_url("**/place")
    for value, title in PLACED.items():
        picker.check(f"[name=item][value='{value}']", force=True)
        picker.fill(f"[name='title.{value}']", title)
    picker.check("[name='column.ledarsteg.habits']")
    picker.click("main form .btn-primary")


def place_two(page: Page, journey: Journey) -> None:
    page.goto(f"{journey.page_of('choose', COACH)}?client_id={journey.registered().client_id}")
    frame = inside(page, journey.live)
    choose_two(frame)
    if journey.lms.config.is_canvas:
        # It shows what the tool says and waits to be read.
        expect(frame.locator("main p").first).to_contain_text("2")
        frame.click("#onward")
    page.wait_for_url(re.compile(r"/courses/.*added=2"))
    for title in PLACED.values():
        expect(page.locator("nav[aria-label=Kurs] li a", has_text=title)).to_have_count(1)


def open_item(page: Page, journey: Journey, person: str, title: str, course: str = COURSE) -> Frame:
    """Opens a course and presses the activity of that name."""
    page.goto(journey.live.course_url(person, course=course))
    page.click(f"nav[aria-label=Kurs] li a:text-is('{title}')")
    expect(page.locator("h1")).to_have_text(title)
    return inside(page, journey.live)


def fill_the_cohort(page: Page, journey: Journey) -> Frame:
    """The coach looks; the roster is read beside; she looks again. Of all these managers one alone has been here."""
    frame = enter(page, journey.live, COACH)
    frame.wait_for_url("**/cohort")
    expect(frame.locator("main")).not_to_contain_text("Fatima Al-Sayed")
    journey.live.work()
    frame = enter(page, journey.live, COACH)
    table = frame.locator("main table").first
    for name in ("Karin Lindqvist", "Fatima Al-Sayed", "Mehmet Yıldız", "Oskar Wiklund"):
        expect(table.locator("tr", has_text=name)).to_have_count(1)
    expect(frame.locator("main")).not_to_contain_text("Nils Åberg")
    return frame


def tell_the_gradebook(page: Page, journey: Journey) -> None:
    frame = enter(page, journey.live, TRAINING)
    ask_for_one_review(frame)
    have_it_told(frame)


def have_it_told(frame: Frame | Page) -> None:
    frame.goto(f"{launch_path(frame)}/completion")
    frame.click("form[action$='/completion/ledarsteg'] button")
    expect(frame.locator("form[action$='/completion/ledarsteg'] button[aria-checked=true]")).to_have_count(1)


def complete(frame: Frame | Page, journey: Journey) -> None:
    """She does what the part asks; then it is night."""
    look_back(frame)
    journey.put(NIGHT)
    periodic.run(journey.live.core.units, journey.live.core.settings)
    journey.live.work()
    journey.put(MORNING)


def gradebook_says(page: Page, journey: Journey, name: str, title: str, score: str) -> None:
    page.goto(journey.page_of("grades", COACH))
    head = page.locator("thead th")
    column = [text.strip() for text in head.all_inner_texts()].index(title)
    row = page.locator("tbody tr", has_text=name)
    expect(row.locator("th, td").nth(column)).to_contain_text(score)


def test_a_platform_is_connected_filled_told_and_its_course_copied(
    page: Page, journey: Journey, complaints: Complaints
) -> None:
    """The whole of it, from an address that somebody pastes to a course that is copied for the next term."""
    complaints.expect("403")  # the platform waits for its approval
    code = connect(page, journey)
    is_turned_away(page, journey)
    journey.operate("enable", journey.registered().public_id)
    become_training(page, journey, code)

    place_two(page, journey)
    assert open_item(page, journey, MANAGER, STEPS).url.endswith("/ledarsteg/")
    karin = open_item(page, journey, MANAGER, GROUP)
    assert karin.url.endswith("/group_maturity/")
    # Who placed it tries it, too, and reads whom it is for.
    coach = open_item(page, journey, COACH, STEPS)
    expect(coach.locator("main a[href$='/cohort']")).to_have_count(1)

    fill_the_cohort(page, journey)
    tell_the_gradebook(page, journey)
    complete(open_item(page, journey, MANAGER, STEPS), journey)
    gradebook_says(page, journey, "Karin Lindqvist", STEPS, "1/1")
    gradebook_says(page, journey, "Fatima Al-Sayed", STEPS, "–")
    coach = enter(page, journey.live, COACH)
    told = coach.locator("section[aria-labelledby=completion] tr", has_text="Karin Lindqvist")
    expect(told.locator("use[href='#m-done']")).to_have_count(1)

    look_at_one_from_the_gradebook(page, journey)
    copy_the_course(page, journey)


def look_at_one_from_the_gradebook(page: Page, journey: Journey) -> None:
    page.goto(journey.page_of("grades", COACH))
    page.click(f"a[aria-label='Granska Karin Lindqvist, {STEPS}']")
    frame = inside(page, journey.live)
    frame.wait_for_url("**/review/*")
    expect(frame.locator("h1")).to_have_text("Karin Lindqvist")
    expect(frame.locator("section[aria-labelledby=told] use[href='#m-done']")).to_have_count(1)


def copy_the_course(page: Page, journey: Journey) -> None:
    """What was switched goes along when the coach says so; no person and nothing of anybody does."""
    training = enter(page, journey.live, TRAINING)
    training.click("tr:has-text('Enhetschefer 2026') form[action$='/handledning'] button[aria-checked=true]")
    expect(training.locator(".sv-notice form button")).to_be_visible()
    page.goto(journey.live.course_url(COACH))
    page.click("nav[aria-label=Kurs] form button:has-text('Kopiera')")
    page.wait_for_url(f"**/courses/{COPY}/as/{COACH}*")
    frame = inside(page, journey.live)
    frame.wait_for_url("**/cohort")
    expect(frame.locator("nav a[href*='/handledning/']")).to_have_count(1)
    frame.click("section[aria-labelledby=copied] button[value=source]")
    expect(frame.locator("section[aria-labelledby=copied]")).to_have_count(0)
    expect(frame.locator("nav a[href*='/handledning/']")).to_have_count(0)
    journey.live.work()
    frame = open_item(page, journey, COACH, GROUP, COPY)
    expect(frame.locator("main")).not_to_contain_text("Karin Lindqvist")
    assert journey.managers_of(COPY) == 0
    journey.lms.enrol(MANAGER, COPY)
    karin = open_item(page, journey, MANAGER, GROUP, COPY)
    assert karin.url.endswith("/group_maturity/")
    expect(karin.locator("main form .btn-primary")).to_have_count(1)
    expect(karin.locator("main a[href*='/profile']")).to_have_count(0)


# The same where the frame keeps no cookies, or the browser keeps none at all.


def registered_by_hand(live: Live) -> Platform:
    """What the operator's command makes of the values that an administrator sends."""
    return register(live.app, live.lms.base_url)


def in_a_window(context: BrowserContext, page: Page, live: Live) -> Page:
    """Presses the one button that the frame shows instead of the page."""
    button = tool_frame(page).locator("main button, main a.btn")
    expect(button).to_have_count(1)
    with context.expect_page() as opened:
        button.click()
    window = opened.value
    window.wait_for_url(f"{live.base_url}/l/**")
    return window


def test_g66_without_cookies_in_the_frame_the_journey_goes_through_windows(
    context: BrowserContext, page: Page, live: Live, clock: OffsetClock
) -> None:
    """Content is chosen, a part completed and the gradebook told, and the frame never had more than a button."""
    without_partitions(live.app)
    journey = Journey(live, clock)
    live.launch(TRAINING)
    live.make_training(TRAINING)
    page.goto(f"{journey.page_of('choose', COACH)}?client_id=ovning")
    window = in_a_window(context, page, live)
    choose_two(window)
    window.wait_for_url(re.compile(r"/courses/.*added=2"))
    window.close()

    page.goto(live.course_url(TRAINING))
    window = in_a_window(context, page, live)
    ask_for_one_review(window)
    have_it_told(window)
    window.close()

    page.goto(live.course_url(MANAGER))
    page.click(f"nav[aria-label=Kurs] li a:text-is('{STEPS}')")
    window = in_a_window(context, page, live)
    assert window.url.endswith("/ledarsteg/")
    complete(window, journey)
    gradebook_says(page, journey, "Karin Lindqvist", STEPS, "1/1")


def test_g66_where_no_cookie_is_kept_at_all_choosing_content_ends_in_one_explanation(
    cookieless_chromium: BrowserContext, live: Live, clock: OffsetClock
) -> None:
    journey = Journey(live, clock)
    page = cookieless_chromium.new_page()
    page.goto(f"{journey.page_of('choose', COACH)}?client_id=ovning")
    button = tool_frame(page).locator("main button, main a.btn")
    expect(button).to_have_count(1)
    with cookieless_chromium.expect_page() as opened:
        button.click()
    window = opened.value
    expect(window.locator("body")).to_contain_text("E-COOKIE")
    expect(window.locator("button, form")).to_have_count(0)
    assert live.lms.recorder.to("/auth") == []
    window.close()
    page.close()


@canvas
def test_canvas_is_connected_and_an_item_placed_in_it(page: Page, journey: Journey, complaints: Complaints) -> None:
    """Its configuration asks for the token, and its deployment is seen in the first launch and activated after that."""
    complaints.expect("403")  # the platform waits for its approval, then its deployment
    code = connect(page, journey)
    journey.operate("enable", journey.registered().public_id)
    is_turned_away(page, journey)
    (deployment,) = re.findall(r"deployment (\S+)  pending", journey.operate("list"))
    expect(tool_frame(page).locator("body")).to_contain_text(deployment)
    journey.operate("activate", deployment)
    become_training(page, journey, code)
    place_two(page, journey)
    assert open_item(page, journey, MANAGER, GROUP).url.endswith("/group_maturity/")
