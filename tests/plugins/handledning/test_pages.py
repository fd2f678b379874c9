"""The pages as people meet them: keeping what was typed, saying what is missing, showing nobody too much."""

import re
import uuid
from datetime import timedelta

import pytest

from plugins.handledning import operations
from plugins.handledning.models import State
from plugins.handledning.operations import HomeworkDraft
from service.access import Role
from tests.plugins.handledning.support import START, Pair, actions, agree, full, pair, reached, typed
from tests.support import Browser, OffsetClock, World

pytestmark = pytest.mark.once


WRITTEN = {"text": "Ask the team", "criterion": "Three answers", "due_on": "2026-10-20", "comfort": "3"}


def session_path(session_id: uuid.UUID) -> str:
    return f"/handledning/sessions/{session_id}"


def inside(two: Pair) -> tuple[Browser, Browser]:
    return two.enter(two.manager_member), two.enter(two.coach_member)


def test_a_manager_chooses_a_coach_and_they_hold_a_session(world: World) -> None:
    course = world.course()
    coach = world.member(course, Role.COACH, "Amira Haddad")
    member = world.member(course, Role.MANAGER)
    manager = world.enter(course, member=member)
    assert "Choose your coach" in manager.get("/handledning/").text
    answer = manager.post("/handledning/coach", {"coach": str(coach.person_id)})
    assert answer.status_code == 303
    place = answer.headers["Location"].removeprefix(manager.path)
    assert "Begin by booking your first session" in manager.get(place).text
    planned = manager.post(f"{place}/plan", {"day": "2026-10-01", "start": "13:00", "end": "15:30"})
    path = planned.headers["Location"].removeprefix(manager.path)
    refused = manager.post(path, typed(manager.get(path), action="close", decision="They plan the week", **WRITTEN))
    assert refused.status_code == 422
    assert "have not both accepted" in refused.text
    agree(reached(world, course, member, coach))
    closed = manager.post(path, typed(manager.get(path), action="close"))
    assert closed.status_code == 303
    page = manager.get(path).text
    assert "They plan the week" in page
    assert "Ask the team" in page
    assert 'name="action"' not in page
    assert "Ask the team" in manager.get(place).text


def test_a_course_without_a_coach_explains_itself(world: World) -> None:
    page = world.enter(world.course()).get("/handledning/")
    assert page.status_code == 200
    assert "There is no coach in this course yet" in page.text
    assert 'type="submit">Accept' not in page.text


def test_choosing_nobody_asks_again(world: World) -> None:
    two = pair(world)
    manager = two.enter(two.manager_member)
    for choice in ("", "nobody", "\ud800".encode("utf-8", "surrogatepass")):
        answer = manager.post("/handledning/coach", {"coach": choice})
        assert answer.status_code == 422
        assert "Choose a coach." in answer.text


def test_a_refused_closing_says_what_is_missing_and_has_saved_the_rest(world: World) -> None:
    two = pair(world)
    two.talk()
    session_id = two.plan(START + timedelta(days=28))
    manager, _coach = inside(two)
    page = manager.get(session_path(session_id))
    answer = manager.post(
        session_path(session_id), typed(page, action="close", decision="Kept", text="Half a homework")
    )
    assert answer.status_code == 422
    assert "3 things are missing before the session can be closed." in answer.text
    for words in (
        "An outcome is missing:",
        "has no date",
        "How the new homework will show is missing",
        "Choose an outcome.",
    ):
        assert words in answer.text
    again = manager.get(session_path(session_id)).text
    assert "Kept" in again
    assert "Half a homework" in again
    with two.reading():
        assert operations.sheet(two.manager, session_id).session.state is State.HELD


WRONG = [
    ("end", "12:00", "The end is before the start."),
    ("end", "half past", "Write the time as in 13:00."),
    ("start", "", "Write when it begins."),
    ("day", "", "Choose a day."),
    ("day", "next week", "Write the day as in 2026-12-31."),
    ("day", "0001-01-01", "Choose a day between 2000 and 2100."),
    ("process_minutes", "1500", "A day has 1,440 minutes. You wrote 1500."),
    ("result_minutes", "1400", "A day has 1,440 minutes. You wrote 1470."),
    ("result_minutes", "-1", "Write 0 or more."),
    ("process_minutes", "an hour", "Write a whole number, such as 70."),
    ("due_on", "2026-10-01", "This day is not after the session."),
    ("text", "", "Write what you are going to do."),
    ("text", "x" * 401, "This can be 400 characters. You wrote 401."),
    ("comfort", "6", "Choose one of the answers."),
    ("decision", "x" * 100_000, "This can be 2000 characters. You wrote 100000."),
    ("decision", "a\0b", "There is a character here that cannot be saved."),
    ("expected", "x" * 2001, "This can be 2000 characters. You wrote 2001."),
]


def test_wrong_input_is_named_and_everything_typed_is_kept(world: World) -> None:
    two = pair(world)
    session_id = two.plan()
    manager = two.enter(two.manager_member)
    page = manager.get(session_path(session_id))
    for field, value, says in WRONG:
        values = {**WRITTEN, "decision": "My decision", "expected": "My hope", "action": "close", field: value}
        answer = manager.post(session_path(session_id), typed(page, **values))
        assert answer.status_code == 422, (field, value[:20])
        assert says in answer.text, (field, value[:20])
        for name, kept in (
            ("text", "Ask the team"),
            ("criterion", "Three answers"),
            ("decision", "My decision"),
            ("expected", "My hope"),
        ):
            assert name == field or kept in answer.text, (field, value[:20], name)
        assert len(value) < 5 or value in answer.text, (field, value[:20])
        with two.reading():
            assert operations.sheet(two.manager, session_id).session.version == 1


def test_lone_surrogates_are_no_failure(world: World) -> None:
    two = pair(world)
    session_id = two.plan()
    manager = two.enter(two.manager_member)
    values = typed(manager.get(session_path(session_id)), **WRITTEN)
    raw = b"&".join(f"{key}={value}".encode() for key, value in {**values, "csrf_token": manager.token}.items())
    answer = manager.client.post(
        manager.path + session_path(session_id), data=raw + b"&decision=a%ED%A0%80b", base_url="http://127.0.0.1:5055",
        headers=manager.headers, content_type="application/x-www-form-urlencoded",
    )  # fmt: skip
    assert answer.status_code in (303, 422)


def test_an_empty_criterion_saves_but_does_not_close(world: World) -> None:
    two = pair(world)
    session_id = two.plan()
    manager = two.enter(two.manager_member)
    page = manager.get(session_path(session_id))
    values = typed(page, **{**WRITTEN, "criterion": "  "})
    assert manager.post(session_path(session_id), {**values, "action": "save"}).status_code == 303
    answer = manager.post(session_path(session_id), typed(manager.get(session_path(session_id)), action="close"))
    assert answer.status_code == 422
    assert "How the new homework will show is missing" in answer.text
    assert "Ask the team" in answer.text


def test_a_conflict_shows_both_texts_and_loses_none(world: World) -> None:
    two = pair(world)
    session_id = two.plan()
    manager = two.enter(two.manager_member)
    page = manager.get(session_path(session_id))
    first = typed(page, decision="The first text", **WRITTEN)
    second = {**first, "decision": "The second text"}
    assert manager.post(session_path(session_id), first).status_code == 303
    answer = manager.post(session_path(session_id), second)
    assert answer.status_code == 409
    assert "The first text" in answer.text
    assert "The second text" in answer.text
    assert "The second text" not in manager.get(session_path(session_id)).text
    resolved = {**second, "version": typed(answer)["version"]}
    assert manager.post(session_path(session_id), resolved).status_code == 303
    assert "The second text" in manager.get(session_path(session_id)).text


def test_a_conflict_keeps_homework_from_both_windows(world: World) -> None:
    two = pair(world)
    session_id = two.plan()
    manager = two.enter(two.manager_member)
    here, there = manager.get(session_path(session_id)), manager.get(session_path(session_id))
    assert manager.post(session_path(session_id), typed(here, text="From the phone")).status_code == 303
    answer = manager.post(session_path(session_id), typed(there, text="From the desk"))
    assert answer.status_code == 409
    assert "From the phone" in answer.text
    assert "From the desk" in answer.text
    version = re.search(r'name="version"[^>]* value="(\d+)"', answer.text)
    assert version is not None
    again = typed(there, text="From the desk", version=version[1])
    assert manager.post(session_path(session_id), again).status_code == 303
    page = manager.get(session_path(session_id)).text
    assert "From the phone" in page
    assert "From the desk" in page


def test_pressing_save_twice_is_no_conflict(world: World) -> None:
    two = pair(world)
    session_id = two.plan()
    manager = two.enter(two.manager_member)
    values = typed(manager.get(session_path(session_id)), decision="Once", **WRITTEN)
    for action in ("save", "save"):
        assert manager.post(session_path(session_id), {**values, "action": action}).status_code == 303
    with two.reading():
        assert len(operations.sheet(two.manager, session_id).new) == 1
    closing = {**typed(manager.get(session_path(session_id))), "action": "close"}
    assert [manager.post(session_path(session_id), closing).status_code for _again in range(2)] == [303, 303]


def test_writing_in_a_session_that_was_closed_meanwhile_loses_nothing(world: World) -> None:
    two = pair(world)
    session_id = two.plan()
    manager = two.enter(two.manager_member)
    values = typed(manager.get(session_path(session_id)), decision="Too late", **WRITTEN)
    two.save(session_id, full())
    two.close(session_id)
    answer = manager.post(session_path(session_id), {**values, "action": "save"})
    assert answer.status_code == 409
    assert "Too late" in answer.text
    assert "The session was closed while you were writing." in answer.text
    assert 'value="close"' not in answer.text


def test_a_coach_sees_content_but_no_controls_for_it(world: World) -> None:
    two = pair(world)
    session_id = two.plan()
    two.save(session_id, full(decision="Hers alone"))
    _manager, coach = inside(two)
    page = coach.get(session_path(session_id))
    assert "Hers alone" in page.text
    assert 'name="process_minutes"' in page.text
    for control in ('name="decision"', 'name="homework"', 'name="action"', "-state"):
        assert control not in page.text
    saved = coach.post(f"{session_path(session_id)}/frame", {
        "day": "2026-10-01", "start": "13:00", "end": "15:00", "process_minutes": "50", "result_minutes": "70", "version": "2",
    })  # fmt: skip
    assert saved.status_code == 303
    with two.reading():
        found = operations.sheet(two.manager, session_id)
        assert (found.session.planned_minutes, found.session.minutes, found.decision.text) == (120, 120, "Hers alone")  # type: ignore[union-attr]


def test_a_coach_who_posts_a_decision_is_refused(world: World) -> None:
    two = pair(world)
    session_id = two.plan()
    manager, coach = inside(two)
    values = typed(manager.get(session_path(session_id)), decision="Forged", action="close", **WRITTEN)
    assert coach.post(session_path(session_id), values).status_code == 403
    with two.reading():
        assert operations.sheet(two.manager, session_id).decision is None


def test_someone_granted_manager_who_coaches_cannot_write_as_the_manager(world: World) -> None:
    two = pair(world)
    session_id = two.plan()
    manager = two.enter(two.manager_member)
    values = typed(manager.get(session_path(session_id)), decision="Forged", **WRITTEN)
    two.coach_member.role = Role.MANAGER  # her launch gives her the manager's permissions
    assert two.enter(two.coach_member).post(session_path(session_id), values).status_code == 404


def test_wrong_frames_of_a_coach_are_kept_and_named(world: World) -> None:
    two = pair(world)
    session_id = two.plan()
    coach = two.enter(two.coach_member)
    frame = {
        "day": "2026-10-01",
        "start": "13:00",
        "end": "15:00",
        "process_minutes": "1500",
        "result_minutes": "",
        "version": "1",
    }
    answer = coach.post(f"{session_path(session_id)}/frame", frame)
    assert answer.status_code == 422
    assert 'value="1500"' in answer.text
    two.save(session_id, full())
    answer = coach.post(f"{session_path(session_id)}/frame", {**frame, "process_minutes": "33"})
    assert answer.status_code == 409
    assert 'value="33"' in answer.text
    assert "process 70" in answer.text
    assert (
        coach.post(f"{session_path(session_id)}/frame", {**frame, "process_minutes": "33", "version": "x"}).status_code
        == 409
    )


def test_views_by_the_coach_leave_a_trace_and_the_managers_own_do_not(world: World) -> None:
    two = pair(world)
    session_id = two.talk()
    manager, coach = inside(two)
    before = len(actions(world))
    manager.get(session_path(session_id))
    manager.get(f"/handledning/engagements/{two.engagement.id}")
    assert len(actions(world)) == before
    coach.get(session_path(session_id))
    coach.get(f"/handledning/engagements/{two.engagement.id}")
    assert actions(world)[before:] == [("handledning.view_session", "allow"), ("handledning.view_engagement", "allow")]


def test_others_find_nothing(world: World) -> None:
    two = pair(world)
    session_id = two.talk()
    beside = world.course(beside=two.course)
    strangers = [
        world.enter(two.course, Role.COACH, "Other Coach"),
        world.enter(two.course, Role.MANAGER, "Other Manager"),
        world.enter(beside, member=world.member(beside, Role.MANAGER, person=two.manager_member.person)),
        world.enter(world.course(), Role.COACH, "Another Organisation"),
    ]
    place = f"/handledning/engagements/{two.engagement.id}"
    for stranger in strangers:
        for path in (session_path(session_id), place, f"{place}/plan"):
            assert stranger.get(path).status_code == 404, path
        assert (
            stranger.post(f"{place}/plan", {"day": "2026-10-01", "start": "13:00", "end": "15:30"}).status_code == 404
        )
    for path in (session_path(session_id), place, "/handledning/"):
        assert world.enter(two.course, Role.TRAINING, "Training").get(path).status_code == 403


def test_a_changed_coach_reads_no_more(world: World) -> None:
    two = pair(world)
    session_id = two.talk()
    manager, coach = inside(two)
    other = world.member(two.course, Role.COACH, "Bo Ek")
    assert "You need give no reason." in manager.get("/handledning/coach").text
    assert manager.post("/handledning/coach", {"coach": str(other.person_id)}).status_code == 303
    assert coach.get(session_path(session_id)).status_code == 404
    assert "No manager has chosen you yet" in coach.get("/handledning/").text
    assert manager.get(session_path(session_id)).status_code == 200


def test_wrong_times_in_a_plan_are_named_and_kept(world: World) -> None:
    two = pair(world)
    manager = two.enter(two.manager_member)
    path = f"/handledning/engagements/{two.engagement.id}/plan"
    answer = manager.post(path, {"day": "2026-12-03", "start": "13:00", "end": "11:30"})
    assert answer.status_code == 422
    assert "The end is before the start." in answer.text
    assert 'value="2026-12-03"' in answer.text
    assert 'value="11:30"' in answer.text


def test_unusual_lengths_are_friendly_words(world: World) -> None:
    two = pair(world)
    manager = two.enter(two.manager_member)
    path = f"/handledning/engagements/{two.engagement.id}"
    answer = manager.post(f"{path}/plan", {"day": "2026-12-03", "start": "13:00", "end": "14:30"})
    assert answer.status_code == 303
    assert (
        "Session 1: 1 h 30 min. Between 2 hours and 3 hours is usual."
        in manager.get(answer.headers["Location"][len(manager.path) :]).text
    )


@pytest.mark.parametrize(
    ("locale", "words"), [("sv", "Avsluta tillfället"), ("en", "Close the session"), ("lv", "Noslēgt sesiju")]
)
def test_every_page_in_every_language(world: World, locale: str, words: str) -> None:
    two = pair(world)
    closed = two.talk()
    session_id = two.plan(START + timedelta(days=28))
    manager, coach = (two.enter(member, locale=locale) for member in (two.manager_member, two.coach_member))
    assert words in manager.get(session_path(session_id)).text
    place = f"/handledning/engagements/{two.engagement.id}"
    for path in ("/handledning/", place, f"{place}/plan", session_path(session_id), session_path(closed)):
        for reader in (manager, coach):
            answer = reader.get(path)
            assert answer.status_code == 200, path
            assert f'<html lang="{locale}"' in answer.text
            assert " style=" not in answer.text
    assert manager.get("/handledning/coach").status_code == 200


def test_a_full_term_and_a_time_still_to_come_are_friendly_words(world: World, clock: OffsetClock) -> None:
    clock.put(START)
    two = pair(world)
    for days in range(6):
        session_id = two.plan(START + timedelta(days=days + 1))
    two.save(session_id, full(start=START + timedelta(days=6)))
    manager = two.enter(two.manager_member)
    assert "6 sessions this term is more than the usual 3 to 5." in manager.get("/handledning/").text
    assert "the time of the session is still to come" in manager.get(session_path(session_id)).text


def test_homework_without_a_date_is_said_to_have_none(world: World) -> None:
    two = pair(world)
    dated, undated = full().homework[0], HomeworkDraft(uuid.uuid4(), "Whenever it suits")
    session_id = two.plan()
    two.save(session_id, full(homework=[dated, undated]))
    two.close(session_id)
    page = two.enter(two.manager_member).get("/handledning/").text
    assert "No date" in page
    assert "Whenever it suits" in page
