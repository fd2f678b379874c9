"""A session's pages from its plan to what is said afterwards, as the two meet them."""

import re
import uuid
from datetime import date, timedelta

import pytest
from werkzeug.test import TestResponse

from plugins.handledning import operations
from plugins.handledning.models import EndReason, GoalStatus, HomeworkKind, State, SuggestionKind
from plugins.handledning.operations import HomeworkDraft
from plugins.handledning.operations.after import pulses
from plugins.handledning.operations.bank import bank
from plugins.handledning.operations.goal_sheets import goal_sheet
from plugins.handledning.operations.goals import set_goal_status
from plugins.handledning.operations.preparing import preparation
from plugins.handledning.operations.suggestions import suggest, waiting
from service.access import Role
from tests.plugins.handledning.support import START, Pair, actions, full, pair, typed
from tests.plugins.handledning.test_before_pages import at, value_of
from tests.plugins.handledning.test_goals import make, scaled
from tests.support import Browser, World

pytestmark = pytest.mark.once


LATER = START + timedelta(days=28)
WRITTEN = {"text": "Ask the team", "criterion": "Three answers", "due_on": "2026-10-20", "comfort": "3"}


def of(session_id: uuid.UUID, path: str = "") -> str:
    return f"/handledning/sessions/{session_id}{path}"


def both(two: Pair) -> tuple[Browser, Browser]:
    return two.enter(two.manager_member), two.enter(two.coach_member)


def homework_key(page: TestResponse) -> str:
    found = re.search(r'name="homework" value="([^"]+)"', page.text)
    assert found is not None
    return found[1]


# Planning and cancelling.


def test_a_plan_says_how_they_meet_and_how_many_there_are(world: World) -> None:
    two = pair(world)
    two.plan()
    manager, _coach = both(two)
    page = manager.get(at(two, "/plan")).text
    assert "One session is held or booked this term. 3 to 5 is usual." in page
    planned = manager.post(at(two, "/plan"), {
        "day": "2026-11-10", "start": "13:00", "end": "15:30", "mode": "video", "focus": "both",
    })  # fmt: skip
    assert planned.status_code == 303
    wrong = manager.post(
        at(two, "/plan"), {"day": "2026-11-10", "start": "13:00", "end": "15:30", "mode": "smoke signals"}
    )
    assert wrong.status_code == 422
    assert "Choose one of the answers." in wrong.text
    place = planned.headers["Location"].removeprefix(manager.path)
    assert '<option selected value="video">' in manager.get(place).text


def test_cancelling_asks_for_a_kind_and_never_for_words(world: World) -> None:
    two = pair(world)
    session_id, moved = two.plan(), two.plan(LATER)
    manager, coach = both(two)
    form = coach.get(of(session_id, "/cancel"))
    version = value_of(form, "version")
    refused = coach.post(of(session_id, "/cancel"), {"version": version, "note": "Words only"})
    assert refused.status_code == 422
    assert "Choose a reason." in refused.text
    assert "Words only" in refused.text
    assert (
        coach.post(
            of(session_id, "/cancel"), {"version": version, "reason": "came_between", "note": "We meet in May"}
        ).status_code
        == 303
    )
    for browser in (manager, coach):
        page = browser.get(of(session_id)).text
        assert "Something came between." in page
        assert "We meet in May" in page
        assert "cancelled" in browser.get(at(two)).text
    # Somebody moved it meanwhile: it is not cancelled, and the reason is kept.
    with two.writing():
        operations.save_frame(two.coach, moved, 1, operations.Meeting(LATER, 120))
    late = manager.post(of(moved, "/cancel"), {"version": "1", "reason": "time", "note": "My reason"})
    assert late.status_code == 409
    assert "It was not cancelled. Your reason is still in the form." in late.text
    assert "My reason" in late.text
    two.save(moved, full(start=LATER))
    held = manager.post(of(moved, "/cancel"), {"version": "3", "reason": "time"})
    assert held.status_code == 409
    assert "a session that was held stays" in held.text
    with two.reading():
        assert operations.sheet(two.manager, moved).session.state is State.HELD


# Preparing.


def test_the_two_prepare_a_session(world: World) -> None:
    two = pair(world)
    two.talk()
    goal_id = make(two)
    scaled(two, goal_id)
    session_id = two.plan(LATER)
    manager, coach = both(two)
    page = coach.get(of(session_id, "/prepare"))
    assert "What is to be different when the term is over" in page.text
    assert coach.post(of(session_id, "/questions"), {"questions": ["goal-1", "group-2"]}).status_code == 303
    page = manager.get(of(session_id, "/prepare"))
    assert (
        page.text.index("Following up homework")
        < page.text.index("What it is about")
        < page.text.index("Questions from")
    )
    with two.reading():
        found = preparation(two.manager, session_id)
        item, answer = found.sheet.follow_up[0].id, found.answers[0].id
    prepared = {
        "version": value_of(page, "version"), "topic": "The night shift", f"out-{item}-state": "partly",
        f"out-{item}-note": "Two of three", f"answer-{answer}-text": "They call each other",
        f"goal-{goal_id}-level": "0", f"goal-{goal_id}-scale": value_of(page, f"goal-{goal_id}-scale"),
    }  # fmt: skip
    for _twice in range(2):
        assert manager.post(of(session_id, "/prepare"), prepared).status_code == 303
    assert "booked and prepared" in manager.get(at(two)).text
    read = coach.get(of(session_id, "/prepare")).text
    for words in ("The night shift", "Two of three", "They call each other"):
        assert words in read
    for text, driver in (("The reorganisation", "manager"), ("How we work", "both")):
        browser = manager if driver == "manager" else coach
        form = browser.get(of(session_id, "/prepare"))
        add = {"key": value_of(form, "key"), "text": text, "driver": driver}
        for _twice in range(2):
            assert browser.post(of(session_id, "/agenda"), add).status_code == 303
    page = manager.get(of(session_id, "/prepare")).text
    assert (page.count("How we work"), page.count("The reorganisation<")) == (1, 2)  # the second time in its own button
    drop = re.search(r'action="([^"]*/agenda/[^"]*/remove)"', page)
    assert drop is not None
    assert coach.post(drop[1].removeprefix(manager.path)).status_code == 403
    assert manager.post(drop[1].removeprefix(manager.path)).status_code == 303
    assert "The reorganisation" not in coach.get(of(session_id, "/prepare")).text
    with two.reading():
        assert [one.session_id for one in goal_sheet(two.manager, goal_id).ratings] == [session_id]


def test_only_goals_she_works_on_are_asked_for(world: World) -> None:
    two = pair(world)
    asked, resting, unbegun = make(two), make(two), make(two)
    for goal_id in (asked, resting):
        scaled(two, goal_id)
    scaled(two, unbegun, level=None)
    with two.writing():
        set_goal_status(goal_sheet(two.manager, resting, lock=True), GoalStatus.RESTING)
    page = two.enter(two.manager_member).get(of(two.plan(), "/prepare")).text
    assert [f"goal-{goal_id}-level" in page for goal_id in (asked, resting, unbegun)] == [True, False, False]


def test_what_is_wrong_with_preparing_is_named_and_kept(world: World) -> None:
    two = pair(world)
    session_id = two.plan()
    manager, coach = both(two)
    wrong = {"version": "0", "topic": "x" * 2001, "quick_win": "One call less"}
    answer = manager.post(of(session_id, "/prepare"), wrong)
    assert answer.status_code == 422
    assert "This can be 2000 characters. You wrote 2001." in answer.text
    assert "One call less" in answer.text
    for browser in (manager, coach):
        empty = browser.post(of(session_id, "/agenda"), {"key": "", "text": "  ", "driver": "both"})
        assert empty.status_code == 422
        assert "Write something first." in empty.text
    with two.reading():
        keys = [one.key for one in bank(two.course.cohort)][:7]
    many = coach.post(of(session_id, "/questions"), {"questions": keys})
    assert many.status_code == 422
    assert "Pick at most 6. You picked 7." in many.text
    unknown = coach.post(of(session_id, "/questions"), {"questions": ["weather-1"]})
    assert unknown.status_code == 422
    for path, values in ((of(session_id, "/prepare"), wrong), (of(session_id, "/pulse"), {})):
        assert coach.post(path, values).status_code in (403, 422)
    assert manager.post(of(session_id, "/questions"), {"questions": ["goal-1"]}).status_code == 403


def test_preparing_in_two_windows_loses_nothing(world: World) -> None:
    two = pair(world)
    session_id = two.plan()
    manager, _coach = both(two)
    first = {"version": "0", "topic": "From the phone", "quick_win": ""}
    assert manager.post(of(session_id, "/prepare"), first).status_code == 303
    answer = manager.post(of(session_id, "/prepare"), {**first, "topic": "From the desk"})
    assert answer.status_code == 409
    assert "From the phone" in answer.text
    assert "From the desk" in answer.text
    again = {**first, "topic": "From the desk", "version": value_of(answer, "version")}
    assert manager.post(of(session_id, "/prepare"), again).status_code == 303
    two.save(session_id, full())
    two.close(session_id)
    late = manager.post(of(session_id, "/prepare"), {**again, "topic": "Too late"})
    assert late.status_code == 409
    assert "Too late" in late.text


# Holding.


def parts(page: TestResponse, **changes: str) -> dict[str, str]:
    values = {"version": value_of(page, "version")}
    for place, minutes in enumerate((10, 25, 60, 25, 20, 10)):
        values |= {
            f"part-{place}-planned": str(minutes),
            f"part-{place}-minutes": str(minutes),
            f"part-{place}-technique": "",
        }
        values[f"part-{place}-side"] = "process" if place in (0, 2, 5) else "result"
    return values | changes


def test_either_of_the_two_keeps_the_time_of_the_parts(world: World) -> None:
    two = pair(world)
    session_id = two.plan()
    manager, coach = both(two)
    page = coach.get(of(session_id, "/hold"))
    assert "About as much of the one as of the other" in page.text
    values = parts(page, **{"part-2-technique": "scaling"})
    for _twice in range(2):
        assert coach.post(of(session_id, "/hold"), values).status_code == 303
    shown = manager.get(of(session_id, "/hold")).text
    assert "Process 80 minutes, result 70 minutes." in shown
    assert "1 held, 80 minutes on process and 70 on result." in shown
    assert '<option selected value="scaling">' in shown
    # On the closing page they are not typed a second time.
    closing = manager.get(of(session_id))
    assert 'name="process_minutes"' not in closing.text
    assert "They come from the parts." in closing.text
    saved = manager.post(of(session_id), {**typed(closing, **WRITTEN), "process_minutes": "", "action": "close"})
    assert saved.status_code == 303
    with two.reading():
        assert operations.sheet(two.manager, session_id).session.minutes == 150


def test_parts_that_are_wrong_are_named_and_kept(world: World) -> None:
    two = pair(world)
    session_id = two.plan()
    manager = two.enter(two.manager_member)
    page = manager.get(of(session_id, "/hold"))
    for changes, says in (
        ({"part-0-minutes": "1441"}, "Write minutes from 0 to 1,440."),
        ({"part-0-minutes": "ten"}, "Write a whole number, such as 70."),
        ({"part-1-minutes": "1400"}, "A day has 1,440 minutes. You wrote 1525."),
        ({"part-0-side": "fun"}, "Choose one of the answers."),
        ({"part-0-technique": "magic"}, "Choose one of the answers."),
    ):
        answer = manager.post(of(session_id, "/hold"), parts(page, **changes))
        assert answer.status_code == 422
        assert says in answer.text
        assert 'value="60"' in answer.text


def test_two_who_keep_the_time_at_once_see_both(world: World) -> None:
    two = pair(world)
    session_id = two.plan()
    manager, coach = both(two)
    here, there = manager.get(of(session_id, "/hold")), coach.get(of(session_id, "/hold"))
    assert coach.post(of(session_id, "/hold"), parts(there)).status_code == 303
    answer = manager.post(of(session_id, "/hold"), parts(here, **{"part-2-minutes": "77"}))
    assert answer.status_code == 409
    assert 'value="77"' in answer.text
    assert "Minutes spent" in answer.text.split("What differs")[1].split("</table>")[0]


# Closing.


def test_letting_go_without_a_reason_and_homework_too_late_are_named(world: World) -> None:
    two = pair(world)
    two.talk()
    session_id = two.plan(LATER)
    two.plan(LATER + timedelta(days=28))
    manager, _coach = both(two)
    page = manager.get(of(session_id))
    with two.reading():
        item = operations.sheet(two.manager, session_id).follow_up[0].id
    values = {
        **typed(page, **{**WRITTEN, "due_on": "2026-12-31"}), "day": "2026-10-29", f"out-{item}-state": "dropped", "action": "close",
    }  # fmt: skip
    answer = manager.post(of(session_id), values)
    assert answer.status_code == 422
    for words in ("Why you let it go is missing:", "Write why you let it go.", "The new homework is due after you meet again",
                  "Choose a day before you meet again."):  # fmt: skip
        assert words in answer.text


def test_practice_becomes_a_habit_when_the_session_is_closed(world: World) -> None:
    two = pair(world)
    session_id = two.plan()
    manager, coach = both(two)
    page = manager.get(of(session_id))
    key = homework_key(page)
    values = typed(page, action="close", **WRITTEN)
    wrong = manager.post(of(session_id), {**values, f"hw-{key}-habit": "y"})
    assert wrong.status_code == 422
    assert "Choose “something to practise”, or untick this." in wrong.text
    odd = manager.post(of(session_id), {**values, f"hw-{key}-kind": "practice", f"hw-{key}-repetitions": "100"})
    assert odd.status_code == 422
    assert "Write a whole number from 1 to 99." in odd.text
    practice = {**values, f"hw-{key}-kind": "practice", f"hw-{key}-repetitions": "5", f"hw-{key}-habit": "y"}
    closed = manager.post(of(session_id), practice)
    assert closed.headers["Location"].endswith("habit=yes")
    shown = manager.get(closed.headers["Location"].removeprefix(manager.path)).text
    assert "What you practise is a habit in LedarSteg now." in shown
    assert "something to practise, 5 times" in shown
    assert "Ask the team" in manager.get("/ledarsteg/").text
    # Whether it became one is hers.
    assert "habit" not in coach.get(of(session_id)).text


def test_practice_can_become_a_habit_later_and_where_there_is_none_it_says_so(world: World) -> None:
    course = world.course(plugins={"handledning": {}})
    two = pair(world, course)
    practice = HomeworkDraft(uuid.uuid4(), "Ask", "Shows", date(2026, 10, 15), 3, HomeworkKind.PRACTICE)
    session_id = two.talk(homework=[practice])
    manager, coach = both(two)
    assert "Make it a habit" not in manager.get(of(session_id)).text
    asked = manager.post(of(session_id, f"/habit/{practice.id}"))
    assert asked.headers["Location"].endswith("habit=unwanted")
    assert "No habit was made." in manager.get(asked.headers["Location"].removeprefix(manager.path)).text
    assert coach.post(of(session_id, f"/habit/{practice.id}")).status_code == 403
    assert manager.post(of(session_id, f"/habit/{uuid.uuid4()}")).status_code == 404


def test_what_the_coach_suggests_is_taken_up_in_the_managers_own_page(world: World) -> None:
    two = pair(world)
    session_id = two.plan()
    manager, coach = both(two)
    for about, text in (("decision", "Say when you look at it"), ("homework", "Ask one more")):
        form = coach.get(of(session_id))
        values = {"key": value_of(form, "key"), "about": about, "text": text}
        for _twice in range(2):
            assert coach.post(of(session_id, "/suggest"), values).status_code == 303
    for wrong in ({"about": "decision", "text": " "}, {"about": "order", "text": "Do it"}, {"text": "Do it"}):
        assert coach.post(of(session_id, "/suggest"), wrong).status_code == 422
    assert manager.post(of(session_id, "/suggest"), {"about": "decision", "text": "Mine"}).status_code == 403
    with two.reading():
        found = operations.sheet(two.manager, session_id)
        decision, homework = waiting(found.access)
        assert (found.decision, list(found.new)) == (None, [])
    page = manager.get(of(session_id))
    assert "Amira Haddad suggests:" in page.text
    taken = {**typed(page, **WRITTEN), "decision": "They plan the week", "action": f"take-{decision.id}"}
    assert manager.post(of(session_id), taken).status_code == 303
    page = manager.get(of(session_id))
    assert "They plan the week\nSay when you look at it" in page.text
    assert f"take-{decision.id}" not in page.text
    again = {**typed(page, **WRITTEN), "decision": "They plan the week", "action": f"take-{homework.id}"}
    assert manager.post(of(session_id), again).status_code == 303
    with two.reading():
        found = operations.sheet(two.manager, session_id)
        assert sorted(item.text for item in found.new) == ["Ask one more", "Ask the team"]
        assert waiting(found.access) == []
    # Pressed once more, after it was answered, it is an ordinary save.
    assert (
        manager.post(
            of(session_id), {**typed(manager.get(of(session_id))), "action": f"take-{homework.id}"}
        ).status_code
        == 303
    )


def test_a_suggested_outcome_stands_beside_its_homework_and_can_be_left(world: World) -> None:
    two = pair(world)
    two.talk()
    session_id = two.plan(LATER)
    with two.writing():
        item = operations.sheet(two.coach, session_id).follow_up[0].id
        outcome = suggest(
            two.as_coach(lock=True), uuid.uuid4(), SuggestionKind.OUTCOME, "Was that not done?", session_id=session_id, subject_id=item
        ).id  # fmt: skip
        phase = suggest(two.as_coach(), uuid.uuid4(), SuggestionKind.PHASE, "Has trust come?").id
    manager, coach = both(two)
    assert f"outcome-{item}" in coach.get(of(session_id)).text
    page = manager.get(of(session_id))
    assert "Was that not done?" in page.text
    assert f"take-{outcome}" not in page.text
    # Leaving it saves the page as well, and writes no outcome.
    left = {**typed(page, text="Half a homework"), "decision": "Kept", "action": f"leave-{outcome}"}
    assert manager.post(of(session_id), left).status_code == 303
    page = manager.get(of(session_id)).text
    assert ("Was that not done?" in page, "Half a homework" in page, "Kept" in page) == (False, True, True)
    with two.reading():
        assert operations.sheet(two.manager, session_id).follow_up[0].state.value == "open"
    for suggestion, place in ((outcome, of(session_id)), (phase, at(two))):
        path = f"/handledning/suggestions/{suggestion}/leave"
        for _twice in range(2):
            assert manager.post(path).headers["Location"].removeprefix(manager.path) == place
        assert coach.post(path).status_code == 403


def test_the_newest_session_opens_again_and_an_earlier_one_stays_closed(world: World) -> None:
    two = pair(world)
    first = two.talk()
    manager, coach = both(two)
    assert "Open the session again" in manager.get(of(first)).text
    assert "Open the session again" not in coach.get(of(first)).text
    for _twice in range(2):
        assert manager.post(of(first, "/reopen")).status_code == 303
    two.close(first)
    second = two.plan(LATER)
    page = manager.get(of(second))
    with two.reading():
        item = operations.sheet(two.manager, second).follow_up[0].id
    done = {
        **typed(page, **{**WRITTEN, "due_on": "2026-11-20"}),
        "day": "2026-10-29",
        f"out-{item}-state": "done",
        "action": "close",
    }
    assert manager.post(of(second), done).status_code == 303
    assert "Open the session again" not in manager.get(of(first)).text
    refused = manager.post(of(first, "/reopen"))
    assert refused.status_code == 409
    assert "Its homework has been followed up in a later session." in refused.text
    assert coach.post(of(second, "/reopen")).status_code == 403
    assert ("handledning.reopen_session", "allow") in actions(world)


# Afterwards.


def test_pulses_and_feedback(world: World) -> None:
    two = pair(world)
    session_id = two.plan()
    manager, coach = both(two)
    assert "The session has not been held yet" in manager.get(of(session_id, "/after")).text
    early = manager.post(of(session_id, "/pulse"), {"value": "4"})
    told = manager.post(of(session_id, "/feedback"), {"thinking": "4", "session": "4", "moved": "4"})
    assert (early.status_code, told.status_code) == (422, 422)
    two.save(session_id, full())
    assert manager.post(of(session_id, "/pulse"), {"value": "9"}).status_code == 422
    for value in ("2", "4"):
        assert manager.post(of(session_id, "/pulse"), {"value": value}).status_code == 303
    assert "You have given yours: 4 of 5." in manager.get(of(session_id, "/after")).text
    before = coach.get(of(session_id, "/after")).text
    assert "How much do I trust" in before
    assert "4<small>" not in before
    assert coach.post(of(session_id, "/pulse"), {"value": "5"}).status_code == 303
    for browser in (manager, coach):
        shown = browser.get(of(session_id, "/after")).text
        assert ("4<small>of 5" in shown, "5<small>of 5" in shown) == (True, True)
    late = manager.post(of(session_id, "/pulse"), {"value": "1"})
    assert late.status_code == 409
    assert "Both of you have given your pulse" in late.text
    answers = {"thinking": "4", "session": "5", "moved": "3", "text": "More silence"}
    assert manager.post(of(session_id, "/feedback"), {**answers, "moved": ""}).status_code == 422
    assert manager.post(of(session_id, "/feedback"), answers).status_code == 303
    assert "More silence" in coach.get(of(session_id, "/after")).text
    assert coach.post(of(session_id, "/feedback"), answers).status_code == 403
    with two.writing():
        operations.end(two.as_manager(lock=True), EndReason.FINISHED)
    page = manager.get(of(session_id, "/after")).text
    assert "More silence" in page
    assert 'name="thinking"' not in page
    assert manager.post(of(session_id, "/pulse"), {"value": "3"}).status_code == 409
    with two.reading():
        assert pulses(two.as_manager(), session_id).own == 4


# The bank of questions.


def test_training_keeps_the_bank(world: World) -> None:
    two = pair(world)
    training = world.enter(two.course, Role.TRAINING, "Johan")
    page = training.get("/handledning/questions/goal-1")
    values = {
        "version": value_of(page, "version"),
        "theme": "goal",
        "sv": "Vad ska bli annorlunda?",
        "en": "What will differ?",
        "lv": "",
    }
    assert training.post("/handledning/questions/goal-1", values).status_code == 303
    assert "What will differ?" in training.get("/handledning/questions").text
    late = training.post("/handledning/questions/goal-1", {**values, "en": "Something else"})
    assert late.status_code == 409
    assert "What will differ?" in late.text
    assert "Something else" in late.text
    empty = training.post("/handledning/questions/goal-1", {**values, "version": "1", "sv": " ", "en": ""})
    assert empty.status_code == 422
    assert "Write the question in at least one language." in empty.text
    new = training.get("/handledning/questions/new?theme=people")
    assert training.post("/handledning/questions/new", {"theme": "weather"}).status_code == 422
    added = {"key": value_of(new, "key"), "theme": "people", "lv": "Kas tevi priecē?"}
    for _twice in range(2):
        assert training.post("/handledning/questions/new", added).status_code == 303
    listed = training.get("/handledning/questions").text
    assert listed.count('lang="lv">Kas tevi priecē?') == 1
    assert training.get("/handledning/questions/nothing").status_code == 404
    session_id = two.plan()
    assert "What will differ?" in two.enter(two.coach_member).get(of(session_id, "/prepare")).text
    for role in (Role.MANAGER, Role.COACH):
        assert world.enter(two.course, role).post("/handledning/questions/goal-1", values).status_code == 403


@pytest.mark.parametrize("locale", ["sv", "lv"])
def test_these_pages_in_every_language(world: World, locale: str) -> None:
    two = pair(world)
    closed, session_id, goal_id = two.talk(), two.plan(LATER), make(two)
    scaled(two, goal_id)
    paths = [at(two, path) for path in ("/goals", "/decisions", "/notes", "/contacts", "/tests")]
    paths += [of(one, path) for one in (closed, session_id) for path in ("", "/prepare", "/hold", "/after", "/cancel")]
    paths += [f"/handledning/goals/{goal_id}"]
    own = [at(two, f"/{name}/new") for name in ("goals", "activities", "decisions", "tests")]
    for member, places in ((two.manager_member, [*paths, *own]), (two.coach_member, paths)):
        browser = two.enter(member, locale=locale)
        for path in places:
            answer = browser.get(path)
            assert answer.status_code == 200, path
            assert f'<html lang="{locale}"' in answer.text
            assert " style=" not in answer.text
