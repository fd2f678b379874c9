"""What every page must keep to: no accessibility fault in any language or appearance, and no sideways scroll at 320 pixels."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Frame, Page

from tests.browser.chromium import WIDE
from tests.browser.conftest import Complaints
from tests.browser.frame import (
    RULES_OF_COLOURS,
    RULES_OF_WORDS,
    appearance,
    dress,
    enter,
    find_faults,
    inside,
    launch_path,
    sideways,
    speak,
    walk,
)
from tests.live import Live

PEOPLE = {"manager": "karin-lindqvist", "coach": "amira-haddad", "training": "johan-ekstrom"}
LEAST = {"manager": 5, "coach": 3, "training": 9}


@pytest.mark.timeout(600)  # a manager has some seventy pages
@pytest.mark.parametrize("role", PEOPLE)
def test_no_page_has_an_accessibility_fault_or_scrolls_sideways_at_320_pixels(
    page: Page, demo: Live, role: str
) -> None:
    found: dict[str, dict[str, object]] = {}
    frame = enter(page, demo, PEOPLE[role], locale="sv")
    speak(frame, "sv")
    for kind in walk(frame):
        found[kind] = {}
        # As the page before was left; the other appearance changes the colours, and nothing else.
        found[kind][worn := appearance(frame)] = find_faults(frame)
        dress(frame, other := "light" if worn == "dark" else "dark")
        found[kind][other] = find_faults(frame, rules=RULES_OF_COLOURS)
        page.set_viewport_size({"width": 320, "height": 700})
        assert frame.evaluate("() => window.innerWidth") <= 320
        found[kind]["narrow"] = still_sideways(frame)
        page.set_viewport_size(WIDE)
        assert frame.get_attribute("html", "lang") == "sv"
    assert {kind: faults for kind, faults in found.items() if any(faults.values())} == {}
    assert len(found) >= LEAST[role]


def still_sideways(frame: Frame) -> list[str]:
    """What makes the page wider than its window and goes on doing so: charts are drawn anew a moment later."""
    for _ in range(20):
        found = sideways(frame)
        if not found:
            return []
        frame.wait_for_timeout(50)
    return found


@pytest.mark.timeout(600)
@pytest.mark.parametrize("locale", ["en", "lv"])
@pytest.mark.parametrize("role", PEOPLE)
def test_in_another_language_no_page_has_a_fault_that_words_can_make(
    page: Page, demo: Live, role: str, locale: str
) -> None:
    """The pages are the same but for their words: what does not depend on these has been looked at in Swedish."""
    found: dict[str, list[object]] = {}
    frame = enter(page, demo, PEOPLE[role], locale=locale)
    speak(frame, locale)
    for kind in walk(frame):
        found[kind] = [*find_faults(frame, rules=RULES_OF_WORDS)]
        assert frame.get_attribute("html", "lang") == locale
    assert {kind: faults for kind, faults in found.items() if faults} == {}
    assert len(found) >= LEAST[role]


@pytest.fixture
def look(page: Page, complaints: Complaints) -> Iterator[Callable[[str, Frame], None]]:
    """Looks at a page at 320 pixels; what is wrong with any of them is told at the end."""
    for status in ("401", "404", "422"):
        complaints.expect(status)
    page.set_viewport_size({"width": 320, "height": 700})
    wrong: dict[str, object] = {}

    def at(name: str, frame: Frame) -> None:
        frame.wait_for_load_state()
        found = [*find_faults(frame), *sideways(frame)]
        if found:
            wrong[name] = found

    yield at
    assert wrong == {}


def press(frame: Frame, button: str) -> None:
    with frame.expect_navigation():
        frame.click(button)


def test_first_days_and_refused_forms_of_a_manager(page: Page, live: Live, look: Callable[[str, Frame], None]) -> None:
    manager = enter(page, live, "karin-lindqvist")
    base = launch_path(manager)
    look("her first day", manager)
    manager.goto(f"{base}/ledarsteg/new")
    press(manager, "main form [type=submit]")
    look("a step without a name", manager)
    manager.goto(f"{base}/group_maturity/")
    press(manager, "main form .btn-primary")
    look("the statements", manager)
    press(manager, "button[name=action][value=submit]")
    look("statements without answers", manager)
    manager.goto(f"{base}/handledning/")
    look("no coach in the course yet", manager)
    press(manager, "footer form[action$='/window'] button")
    look("a window of its own", manager)
    manager.goto(f"{base}/nothing")
    look("not found", manager)


def test_first_days_and_refused_forms_of_the_others(page: Page, live: Live, look: Callable[[str, Frame], None]) -> None:
    candidate = enter(page, live, "johan-ekstrom")
    look("asked for the code", candidate)
    candidate.fill("[name=code]", "fel")
    press(candidate, "main form [type=submit]")
    look("a wrong code", candidate)
    live.make_training("johan-ekstrom")
    training = enter(page, live, "johan-ekstrom")
    press(training, "form[action$='/ledarsteg'] >> nth=1 >> button")
    look("a part switched off", training)
    coach = enter(page, live, "amira-haddad")
    look("a coach without news", coach)
    coach.goto(f"{launch_path(coach)}/exports")
    press(coach, "main form .btn-primary")
    look("a file in the making", coach)
    press(coach, "footer form[action$='/leave'] button")
    look("left", coach)


def asked(page: Page, live: Live, path: str) -> Frame:
    """Opens one of the pages by which a teacher looks after her course, with us in its frame."""
    page.goto(f"{live.lms.base_url}/courses/enhetschefer/{path}/as/amira-haddad?client_id=ovning")
    return inside(page, live)


def test_what_a_teacher_meets_besides(page: Page, live: Live, look: Callable[[str, Frame], None]) -> None:
    live.launch("karin-lindqvist")
    coach = asked(page, live, "choose")
    look("what can be placed", coach)
    press(coach, "main form .btn-primary")
    look("nothing chosen", coach)
    coach.check("[name=item] >> nth=0", force=True)
    coach.fill("main input[type=text] >> nth=0", "")
    press(coach, "main form .btn-primary")
    look("a name is lacking", coach)
    coach = enter(page, live, "amira-haddad", link="ledarsteg")
    look("an activity that is the managers'", coach)
    coach.goto(f"{launch_path(coach)}/review")
    look("nobody to look at", coach)
    coach = asked(page, live, "review/gruppen/karin-lindqvist")
    assert "/review/" in coach.url
    look("one manager, from the gradebook", coach)
    copied = live.lms.copy_course("enhetschefer")
    coach = enter(page, live, "amira-haddad", course=copied.key)
    look("asked what a copied course takes over", coach)
    assert coach.locator("[name=take]").count() == 2


def test_what_the_training_department_meets_besides(
    page: Page, live: Live, look: Callable[[str, Frame], None], complaints: Complaints
) -> None:
    live.launch("karin-lindqvist")
    live.launch("johan-ekstrom")
    live.make_training("johan-ekstrom")
    training = enter(page, live, "johan-ekstrom")
    base = launch_path(training)
    training.goto(f"{base}/completion")
    press(training, "form[action$='/completion/group_maturity'] button")
    look("completion switched on", training)
    press(training, "form[action$='/completion'] button")
    look("completion told now", training)
    training.goto(f"{base}/connections")
    press(training, "form[action$='/connections/invites'] button")
    look("an invite for nobody", training)
    training.fill("[name=name]", "Skolans lärplattform")
    press(training, "form[action$='/connections/invites'] button")
    look("an invite", training)
    press(training, "form[action$='/connections/test'] button")
    look("the self-test", training)
    training.goto(f"{base}/members")
    training.click("main a[href*='/privacy/']")
    training.wait_for_url("**/privacy/*-*")
    press(training, "main form .btn-primary")
    look("the wrong word", training)
    training.fill("main form [name=word]", "radera")
    press(training, "main form .btn-primary")
    look("erased", training)
    training.goto(f"{base}/privacy/nobody")
    look("nothing kept", training)
