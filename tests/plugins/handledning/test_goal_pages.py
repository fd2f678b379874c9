"""Goals on their pages: what is refused and with which words, what is kept, and who sees what."""

import re
import uuid
from dataclasses import replace
from datetime import timedelta

import pytest
from werkzeug.test import TestResponse

from plugins.handledning import operations
from plugins.handledning.models import EndReason, Scope
from plugins.handledning.operations.goal_sheets import goal_sheet, goals_of
from plugins.handledning.operations.scales import level_texts
from tests.plugins.handledning.support import Pair, actions, pair
from tests.plugins.handledning.test_before_pages import at, value_of
from tests.plugins.handledning.test_goals import DRAFT, FIVE, make, move, scaled
from tests.plugins.handledning.test_hooks import counting
from tests.support import Browser, OffsetClock, World

pytestmark = pytest.mark.once


NAMES = ("much_less", "less", "expected", "more", "much_more")
GOAL = {
    "title": "The team plans its week", "scope": "professional", "what": "They lay the schedule", "where": "with the day team",
    "measure": "Questions", "unit": "a week", "baseline": "12", "target": "3", "reason": "My boss said yes", "value": "Time to lead",
    "importance": "3", "difficulty": "2", "first-text": "Hand over the schedule", "first-due_on": "2026-12-01",
}  # fmt: skip


def new_goal(browser: Browser, two: Pair, **changes: str) -> TestResponse:
    page = browser.get(at(two, "/goals/new"))
    return browser.post(at(two, "/goals/new"), {**GOAL, "key": value_of(page, "key"), **changes})


def inside(browser: Browser, answer: TestResponse) -> str:
    return answer.headers["Location"].removeprefix(browser.path).split("#")[0].split("?")[0]


def test_a_goal_from_its_name_to_its_end(world: World) -> None:
    two = pair(world)
    manager, coach = two.enter(two.manager_member), two.enter(two.coach_member)
    assert "No goals yet" in manager.get(at(two, "/goals")).text
    assert "has written no goal yet" in coach.get(at(two, "/goals")).text
    place = inside(manager, new_goal(manager, two))
    page = manager.get(place).text
    assert "Hand over the schedule" in page
    assert "Write the five levels" in page
    scale = manager.get(f"{place}/scale")
    texts = dict(zip(NAMES, FIVE, strict=True))
    assert manager.post(f"{place}/scale", {**texts, "version": value_of(scale, "version")}).status_code == 303
    page = manager.get(place)
    assert "Where do I begin?" in page.text
    assert 'value="0"' not in page.text.split("Where do I begin?")[1].split("</fieldset>")[0]
    seen = level_key(page)
    assert manager.post(f"{place}/level", {"key": seen, "level": "-1"}).status_code == 303
    assert manager.post(f"{place}/level", {"key": seen, "level": "1", "note": "Two weeks alone"}).status_code == 303
    assert "began here" in coach.get(place).text
    assert "Two weeks alone" in coach.get(place).text
    # One goal: T is 40 where it began and 60 now, for the two and nobody else.
    for browser in (manager, coach):
        listed = browser.get(at(two, "/goals")).text
        assert ("<dd>40.0<" in listed, "<dd>60.0<" in listed, "<dd>+20.0<" in listed) == (True, True, True)
        assert "compares nobody with anybody" in listed
    assert (
        manager.post(f"{place}/value", {"moment": "halfway", "rating": "4", "text": "More than I thought"}).status_code
        == 303
    )
    assert "More than I thought" in coach.get(place).text
    assert manager.post(f"{place}/status", {"status": "reached"}).status_code == 303
    assert "I am there" in coach.get(place).text
    assert manager.post(f"{place}/status", {"status": "great"}).status_code == 404
    refused = manager.post(f"{place}/settle")
    assert refused.status_code == 422
    assert "Relevant: leans on your role" in refused.text.split("These are still to come:")[1].split("</ul>")[0]


def level_key(page: TestResponse) -> str:
    found = re.search(r'id="key" name="key"[^>]* value="([0-9a-f-]{36})"', page.text.split("/level")[1])
    assert found is not None
    return found[1]


REFUSED: tuple[tuple[dict[str, str], str], ...] = (
    ({"title": " "}, "Write what the goal is."),
    ({"first-text": ""}, "Write what you are going to do."),
    ({"first-due_on": ""}, "Choose a day."),
    ({"first-due_on": "someday"}, "Write the day as in 2026-12-31."),
    ({"due_on": "0001-01-01"}, "Choose a day between 2000 and 2100."),
    ({"scope": "everything"}, "Choose one of the answers."),
    ({"importance": "9"}, "Choose one of the answers."),
    ({"role_content_id": str(uuid.uuid4())}, "Choose one of the answers."),
    ({"what": "x" * 2001}, "This can be 2000 characters. You wrote 2001."),
    ({"value": "a\0b"}, "There is a character here that cannot be saved."),
)


def test_a_goal_that_is_refused_says_why_and_keeps_everything(world: World) -> None:
    two = pair(world)
    manager = two.enter(two.manager_member)
    for changes, says in REFUSED:
        answer = new_goal(manager, two, **changes)
        assert answer.status_code == 422, changes
        assert says in answer.text, changes
        for name in ("title", "where", "measure", "reason", "first-text"):
            assert name in changes or GOAL[name] in answer.text
    with two.reading():
        assert goals_of(two.as_manager()) == []


def test_sending_twice_makes_one_goal_and_one_activity(world: World) -> None:
    two = pair(world)
    manager = two.enter(two.manager_member)
    page = manager.get(at(two, "/goals/new"))
    values = {**GOAL, "key": value_of(page, "key")}
    places = {manager.post(at(two, "/goals/new"), values).headers["Location"] for _twice in range(2)}
    assert len(places) == 1
    form = manager.get(at(two, "/activities/new"))
    with two.reading():
        goal_id = goals_of(two.as_manager())[0].goal.id
    activity = {"key": value_of(form, "key"), "goal": str(goal_id), "text": "Ask the team", "due_on": "2026-12-05"}
    for _twice in range(2):
        assert manager.post(at(two, "/activities/new"), activity).status_code == 303
    with two.reading():
        assert [act.text for act in goals_of(two.as_manager())[0].activities] == [
            "Hand over the schedule",
            "Ask the team",
        ]
    # A key of another shape is nobody's: it makes something of its own.
    assert manager.post(at(two, "/activities/new"), {**activity, "key": "1", "text": "More"}).status_code == 303


def test_an_activity_without_a_goal_is_refused_and_kept(world: World) -> None:
    two = pair(world)
    foreign = make(pair(world, two.course, "Other Manager", two.coach_member))
    make(two)
    manager = two.enter(two.manager_member)
    typed = {"key": str(uuid.uuid4()), "text": "Ask the team", "due_on": "2026-12-05"}
    for goal, says in (
        ("", "Choose which goal it leads to. There is no activity without a goal."),
        (str(foreign), "Choose one of the answers."),
    ):
        answer = manager.post(at(two, "/activities/new"), {**typed, "goal": goal})
        assert answer.status_code == 422
        assert says in answer.text
        assert "Ask the team" in answer.text
        assert 'value="2026-12-05"' in answer.text


def test_what_is_no_five_levels_is_named_level_by_level_and_kept(world: World) -> None:
    two = pair(world)
    manager, place = two.enter(two.manager_member), f"/handledning/goals/{make(two)}"
    version = value_of(manager.get(f"{place}/scale"), "version")
    for texts, says in (
        (("a", "b word", "c word", "d word", ""), "Write this level too. There are five, each different."),
        (("a", "b word", "c word", "d word", " A "), "This says the same as another level. Write what is different."),
        (("a", "b word", "c word", "d word", "x" * 401), "This can be 400 characters. You wrote 401."),
    ):
        answer = manager.post(f"{place}/scale", {**dict(zip(NAMES, texts, strict=True)), "version": version})
        assert answer.status_code == 422
        assert says in answer.text
        for text in ("b word", "c word", "d word"):
            assert text in answer.text
    with two.reading():
        assert goals_of(two.as_manager())[0].scale is None


def test_levels_that_changed_meanwhile_are_shown_and_nothing_is_lost(world: World) -> None:
    two = pair(world)
    goal_id = make(two)
    scaled(two, goal_id)
    manager, place = two.enter(two.manager_member), f"/handledning/goals/{goal_id}"
    page, form = manager.get(place), manager.get(f"{place}/scale")
    new = {**dict(zip(NAMES, FIVE, strict=True)), "much_more": "Others ask how"}
    assert "You have begun on these levels, so they stay as they are." in form.text
    assert manager.post(f"{place}/scale", {**new, "version": value_of(form, "version")}).status_code == 303
    late = manager.post(f"{place}/scale", {**new, "much_more": "Mine", "version": value_of(form, "version")})
    assert late.status_code == 409
    assert "Others ask how" in late.text
    assert "Mine" in late.text
    # She chose on levels that are not the newest: nothing is said of her that she did not see.
    answer = manager.post(f"{place}/level", {"key": level_key(page), "level": "1", "note": "My reason"})
    assert answer.status_code == 409
    assert "The levels were changed meanwhile." in answer.text
    assert "My reason" in answer.text
    assert "These here count until you have begun on the new ones." in answer.text
    nothing = manager.post(f"{place}/level", {"key": level_key(manager.get(place))})
    assert nothing.status_code == 422
    assert "Choose a level." in nothing.text
    without = manager.post(f"/handledning/goals/{make(two)}/level", {"level": "1"})
    assert without.status_code == 422
    assert "Write the five levels first." in without.text
    with two.reading():
        found = goal_sheet(two.manager, goal_id)
        assert (level_texts(found.scale)[4], found.level, found.ratings) == ("Others ask how", -1, [])


def test_a_seventh_goal_is_told_that_six_are_weighed(world: World) -> None:
    two = pair(world)
    for _number in range(6):
        scaled(two, make(two))
    seventh = make(two)
    scaled(two, seventh, level=None)
    manager, place = two.enter(two.manager_member), f"/handledning/goals/{seventh}"
    answer = manager.post(f"{place}/level", {"key": level_key(manager.get(place)), "level": "-1"})
    assert answer.status_code == 422
    assert "Six goals have begun already" in answer.text


def test_two_windows_on_one_goal_or_activity_lose_nothing(world: World) -> None:
    two = pair(world)
    goal_id = make(two)
    manager = two.enter(two.manager_member)
    with two.reading():
        activity_id = goals_of(two.as_manager())[0].activities[0].id
    edit = f"/handledning/goals/{goal_id}/edit"
    values = {**GOAL, "version": value_of(manager.get(edit), "version")}
    assert manager.post(edit, {**values, "title": "From the phone"}).status_code == 303
    answer = manager.post(edit, {**values, "title": "From the desk"})
    assert answer.status_code == 409
    assert "From the phone" in answer.text
    assert "From the desk" in answer.text
    resolved = {**values, "title": "From the desk", "version": value_of(answer, "version")}
    assert manager.post(edit, resolved).status_code == 303
    assert manager.post(edit, {**values, "title": ""}).status_code == 422
    act = f"/handledning/activities/{activity_id}"
    one = {
        "goal": str(goal_id),
        "text": "One",
        "due_on": "2026-12-05",
        "state": "done",
        "version": value_of(manager.get(act), "version"),
    }
    assert manager.post(act, one).status_code == 303
    answer = manager.post(act, {**one, "text": "Two"})
    assert answer.status_code == 409
    assert "One" in answer.text
    assert "Two" in answer.text
    assert manager.post(act, {**one, "due_on": ""}).status_code == 422


def test_a_life_goal_is_found_by_nobody_but_her_until_she_shares_it(world: World) -> None:
    two = pair(world)
    life = make(two, replace(DRAFT, title="Home for dinner", scope=Scope.LIFE))
    manager, coach, place = two.enter(two.manager_member), two.enter(two.coach_member), f"/handledning/goals/{life}"
    assert "A goal of your life goes to nobody else and into no count." in manager.get(place).text
    assert coach.get(place).status_code == 404
    assert "Home for dinner" not in coach.get(at(two, "/goals")).text
    assert ("handledning.view", "deny") in actions(world)
    assert manager.post(f"{place}/share", {"shared": "on"}).status_code == 303
    assert "Home for dinner" in coach.get(place).text
    assert manager.post(f"{place}/share", {"shared": "off"}).status_code == 303
    assert coach.get(place).status_code == 404


def test_a_coach_reads_suggests_and_writes_nothing(world: World) -> None:
    two = pair(world)
    goal_id = make(two)
    scaled(two, goal_id)
    manager, coach, place = two.enter(two.manager_member), two.enter(two.coach_member), f"/handledning/goals/{goal_id}"
    page = coach.get(place)
    for control in ('name="level"', 'name="status"', "/settle", "/edit", "/scale", 'name="rating"'):
        assert control not in page.text
    assert actions(world)[-1] == ("handledning.view_goal", "allow")
    suggested = {"key": str(uuid.uuid4()), "about": "goal_status", "text": "Is it reached?"}
    for _twice in range(2):
        assert coach.post(f"{place}/suggest", suggested).status_code == 303
    assert coach.post(f"{place}/suggest", {**suggested, "text": " "}).status_code == 422
    shown = manager.get(place).text
    assert shown.count("Is it reached?") == 1
    leave = re.search(r'action="([^"]*/suggestions/[^"]*/leave)"', shown)
    assert leave is not None
    assert manager.post(leave[1].removeprefix(manager.path)).status_code == 303
    assert "Is it reached?" not in manager.get(place).text
    for path, values in (
        (f"{place}/status", {"status": "reached"}), (f"{place}/level", {"level": "2"}), (f"{place}/settle", {}),
        (f"{place}/scale", {}), (f"{place}/edit", {}), (f"{place}/value", {}), (f"{place}/share", {"shared": "on"}),
        (at(two, "/goals/new"), GOAL), (at(two, "/activities/new"), {}),
    ):  # fmt: skip
        assert coach.post(path, values).status_code == 403, path


def test_statements_do_not_grow_with_goals(world: World) -> None:
    two = pair(world)
    manager = two.enter(two.manager_member)

    def ask() -> int:
        with counting(world.core.units.engine) as statements:
            assert manager.get(at(two, "/goals")).status_code == 200
        return len(statements)

    scaled(two, make(two))
    few = ask()
    for _number in range(3):
        goal_id = make(two)
        scaled(two, goal_id)
        move(two, goal_id, 1)
    assert ask() == few


def test_late_activities_and_an_ended_engagement_say_so(world: World, clock: OffsetClock) -> None:
    two = pair(world)
    goal_id = make(two)
    scaled(two, goal_id)
    move(two, goal_id, 1)
    manager = two.enter(two.manager_member)
    clock.advance(timedelta(days=60))
    two.manager_member.cohort = two.course.cohort
    manager = two.enter(two.manager_member)
    assert "Was due" in manager.get(f"/handledning/goals/{goal_id}").text
    assert "late" in manager.get(at(two, "/goals")).text
    with two.writing():
        operations.end(two.as_manager(lock=True), EndReason.FINISHED)
    page = manager.get(f"/handledning/goals/{goal_id}").text
    assert 'name="level"' not in page
    assert manager.get(at(two, "/goals/new")).status_code == 409
    edit = f"/handledning/goals/{goal_id}/edit"
    assert manager.post(edit, {**GOAL, "version": value_of(manager.get(edit), "version")}).status_code == 409
