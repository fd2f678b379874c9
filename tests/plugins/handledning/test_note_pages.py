"""Notes, decisions, calls and tests on their pages; and what other plugins offer and take."""

import re
import uuid
from datetime import timedelta

import pytest
import sqlalchemy as sa

import plugins.handledning as plugin
from plugins.handledning import operations
from plugins.handledning.data import personal_data
from plugins.handledning.models import EndReason, HomeworkKind, Note, NoteKind, Scope
from plugins.handledning.operations import HomeworkDraft
from plugins.handledning.operations.closing import make_habit
from plugins.handledning.operations.goal_sheets import goals_of
from plugins.handledning.operations.notes import notes
from service.access import Role
from service.contract import Proposal, propose
from tests.plugins.handledning.support import START, actions, chosen, pair
from tests.plugins.handledning.test_before_pages import at, value_of
from tests.plugins.handledning.test_goals import DRAFT, make
from tests.plugins.handledning.test_hooks import behind_the_door
from tests.plugins.handledning.test_notes import write
from tests.plugins.handledning.test_term_pages import both, of
from tests.support import OffsetClock, World

pytestmark = pytest.mark.once


# Notes.


def test_each_writes_for_herself_and_for_both(world: World) -> None:
    two = pair(world)
    session_id = two.plan()
    manager, coach = both(two)
    form = coach.get(at(two, "/notes"))
    assert "Nobody else sees that it is there." in form.text
    note = {
        "key": value_of(form, "key"),
        "readers": "private",
        "type": "plain",
        "body": "She waits",
        "session": str(session_id),
    }
    for _twice in range(2):
        assert coach.post(at(two, "/notes"), note).status_code == 303
    shared = {**note, "key": str(uuid.uuid4()), "readers": "shared", "type": "feedback", "body": "I saw you wait"}
    assert coach.post(at(two, "/notes"), shared).status_code == 303
    read, own = manager.get(at(two, "/notes")).text, coach.get(at(two, "/notes")).text
    assert ("She waits" in read, "I saw you wait" in read) == (False, True)
    assert (own.count("She waits"), "Session 1" in own) == (1, True)
    # Feedback is not among what a manager can choose, and what lies outside coaching takes no words.
    assert 'value="feedback"' not in read
    for values, says in (
        ({**note, "type": "feedback"}, "Choose one of the answers."),
        ({**note, "body": " "}, "Write something first."),
        ({**note, "type": "referral", "body": "A diagnosis"}, "What lies outside coaching is not written here."),
        ({**note, "body": "x" * 4001}, "This can be 4000 characters. You wrote 4001."),
        ({**note, "session": str(uuid.uuid4())}, "Choose one of the answers."),
    ):
        answer = manager.post(at(two, "/notes"), values)
        assert answer.status_code == 422
        assert says in answer.text
        assert not values["body"].strip() or values["body"] in answer.text
    assert manager.post(at(two, "/notes"), {**note, "key": "", "type": "referral", "body": ""}).status_code == 303
    assert "What it was is not written here." in coach.get(at(two, "/notes")).text


def test_a_note_that_does_not_open_is_told_of_and_the_others_are_shown(world: World) -> None:
    two = pair(world)
    moved, whole = write(two, "manager", "For nobody else"), write(two, "coach", "For both", shared=True)
    kinds = {"shared": NoteKind.SHARED, "back": NoteKind.MANAGER_PRIVATE}
    with two.writing() as unit:
        unit.session.execute(sa.update(Note).where(Note.id == moved).values(kind=kinds["shared"]))
    manager, coach = both(two)
    for browser in (manager, coach):
        page = browser.get(at(two, "/notes"))
        assert page.status_code == 200
        assert ("This note cannot be opened." in page.text, "For both" in page.text) == (True, True)
        assert "For nobody else" not in page.text
        # What was typed meanwhile is kept, and told of no less.
        refused = browser.post(at(two, "/notes"), {"key": "", "readers": "private", "type": "", "body": "Typed"})
        assert (refused.status_code, "This note cannot be opened." in refused.text) == (422, True)
        assert "Typed" in refused.text
    assert manager.get(f"/handledning/notes/{moved}").status_code == 503
    assert f"/handledning/notes/{moved}" not in page.text
    with two.reading() as unit:
        query = sa.text("select outcome, reason, object_type, object_ref from audit_event where action = 'crypto.open'")
        found = unit.session.execute(query).all()
        assert len(found) >= 3
        assert set(found) == {("error", "cannot_open", "handledning_note.body", str(moved))}
        # Her own copy has all the rest.
        hers = {row["id"]: row["body"] for one in personal_data(two.manager_member.person) if one.name == "handledning_note"
                for row in one.rows}  # fmt: skip
        assert hers == {moved: "This text could not be opened.", whole: "For both"}
    with two.writing() as unit:
        unit.session.execute(sa.update(Note).where(Note.id == moved).values(kind=kinds["back"]))
    assert "For nobody else" in manager.get(at(two, "/notes")).text
    assert "For nobody else" not in coach.get(at(two, "/notes")).text


def test_a_private_note_does_not_become_shared_where_it_lies(world: World) -> None:
    two = pair(world)
    mine, shared = write(two, "coach", "She waits"), write(two, "coach", "For both", shared=True)
    manager, coach = both(two)
    place = f"/handledning/notes/{mine}"
    page = coach.get(place)
    values = {"version": value_of(page, "version"), "body": "She waits, mostly"}
    # Fields that a page does not have are nobody's business.
    assert (
        coach.post(
            place, {**values, "kind": "shared", "readers": "shared", "owner_id": str(two.manager.person_id)}
        ).status_code
        == 303
    )
    assert "She waits" not in manager.get(at(two, "/notes")).text
    late = coach.post(place, {**values, "body": "From another window"})
    assert late.status_code == 409
    assert "She waits, mostly" in late.text
    assert "From another window" in late.text
    assert coach.post(place, {**values, "body": " "}).status_code == 422
    for _twice in range(2):
        assert coach.post(f"{place}/share").status_code == 303
    assert manager.get(at(two, "/notes")).text.count("She waits, mostly") == 1
    assert "only you" in coach.get(at(two, "/notes")).text
    for path in (place, f"/handledning/notes/{shared}"):
        assert manager.get(path).status_code == (404 if path == place else 403)
        assert manager.post(path, values).status_code == (404 if path == place else 403)
    for action in ("share", "remove"):
        assert manager.post(f"{place}/{action}").status_code == 404
        assert coach.post(f"/handledning/notes/{shared}/{action}").status_code == 303
    assert coach.post(f"{place}/remove").status_code == 303
    assert coach.get(place).status_code == 404
    with two.reading():
        assert sorted(one.body for one in notes(two.as_coach())) == ["For both", "She waits, mostly"]
    assert ("handledning.view", "deny") in actions(world)


def test_a_note_moved_to_another_row_is_refused_in_words_and_audited(world: World) -> None:
    two = pair(world)
    one, other = (write(two, "manager", text, shared=True) for text in ("The first", "The second"))
    with two.writing() as unit:
        moved = sa.select(Note.body_sealed).where(Note.id == other).scalar_subquery()
        unit.session.execute(sa.update(Note).where(Note.id == one).values(body_sealed=moved))
    manager, _coach = both(two)
    for path, status, times in ((at(two, "/notes"), 200, 1), (f"/handledning/notes/{one}", 503, 0)):
        answer = manager.get(path)
        assert answer.status_code == status
        assert "cannot be opened" in answer.text
        assert answer.text.count("The second") == times  # where it was written, and nowhere else
    with two.reading() as unit:
        event = sa.text("select outcome, object_type, object_ref from audit_event where action = 'crypto.open'")
        assert set(unit.session.execute(event)) == {("error", "handledning_note.body", str(one))}
    assert manager.get(f"/handledning/notes/{other}").status_code == 200


# Decisions, calls, tests.


def test_a_decision_is_written_followed_up_and_shared_by_her_alone(world: World) -> None:
    two = pair(world)
    manager, coach = both(two)
    assert "No decisions yet" in manager.get(at(two, "/decisions")).text
    form = manager.get(at(two, "/decisions/new"))
    new = {"key": value_of(form, "key"), "text": "They plan the week", "expected": "Fewer questions"}
    empty = manager.post(at(two, "/decisions/new"), {**new, "text": " "})
    assert empty.status_code == 422
    assert "Write what you have decided." in empty.text
    assert "Fewer questions" in empty.text
    for _twice in range(2):
        assert manager.post(at(two, "/decisions/new"), new).status_code == 303
    page = manager.get(at(two, "/decisions")).text
    assert "What it led to is not written yet." in page
    assert "They plan the week" not in coach.get(at(two, "/decisions")).text
    place = re.search(r'href="([^"]*/decisions/[0-9a-f-]{36})"', page)
    assert place is not None
    path = place[1].removeprefix(manager.path)
    learned = {
        **new,
        "version": value_of(manager.get(path), "version"),
        "actual": "Half as many",
        "lesson": "Earlier",
        "shared": "y",
    }
    assert manager.post(path, learned).status_code == 303
    late = manager.post(path, {**learned, "lesson": "Later"})
    assert late.status_code == 409
    assert "Later" in late.text
    assert manager.post(path, {**learned, "text": ""}).status_code == 422
    assert "Half as many" in coach.get(at(two, "/decisions")).text
    for forged in (path, at(two, "/decisions/new")):
        assert coach.post(forged, {**learned, "text": "The coach's"}).status_code == 403
    two.coach_member.role = Role.MANAGER  # granted as a manager she passes the door, and finds nothing of hers
    assert two.enter(two.coach_member).post(path, learned).status_code == 404


def test_calls_in_between_on_their_page(world: World, clock: OffsetClock) -> None:
    two = pair(world)
    manager, coach = both(two)
    today = clock.now().date()
    form = coach.get(at(two, "/contacts"))
    call = {
        "key": value_of(form, "key"),
        "day": today.isoformat(),
        "channel": "phone",
        "minutes": "15",
        "note": "The first week",
    }
    for wrong, says in (
        ({"day": (today + timedelta(days=3)).isoformat()}, "This day is still to come."),
        ({"day": ""}, "Choose a day."), ({"minutes": "0"}, "Write a whole number from 1 to 1,440."),
        ({"channel": "pigeon"}, "Choose one of the answers."), ({"note": "x" * 401}, "You wrote 401."),
    ):  # fmt: skip
        answer = coach.post(at(two, "/contacts"), {**call, **wrong})
        assert answer.status_code == 422
        assert says in answer.text
        assert "note" in wrong or "The first week" in answer.text
    for _twice in range(2):
        assert coach.post(at(two, "/contacts"), call).status_code == 303
    page = manager.get(at(two, "/contacts")).text
    assert page.count("The first week") == 1
    assert "/remove" not in page
    drop = re.search(r'action="([^"]*/contacts/[^"]*/remove)"', coach.get(at(two, "/contacts")).text)
    assert drop is not None
    assert manager.post(drop[1].removeprefix(coach.path)).status_code == 403
    assert coach.post(drop[1].removeprefix(coach.path)).status_code == 303
    assert "None noted." in manager.get(at(two, "/contacts")).text


def test_a_test_taken_elsewhere_on_its_page(world: World, clock: OffsetClock) -> None:
    two = pair(world)
    manager, coach = both(two)
    day = (clock.now().date() - timedelta(days=40)).isoformat()
    form = manager.get(at(two, "/tests/new"))
    test = {
        "key": value_of(form, "key"),
        "name": "Belbin",
        "taken_on": day,
        "provider": "Somebody",
        "summary": "I finish things",
    }
    for wrong, says in (
        ({"name": " "}, "Write which test it was."), ({"taken_on": ""}, "Choose a day."),
        ({"taken_on": "2099-01-01"}, "This day is still to come."), ({"summary": "x" * 2001}, "You wrote 2001."),
    ):  # fmt: skip
        answer = manager.post(at(two, "/tests/new"), {**test, **wrong})
        assert answer.status_code == 422
        assert says in answer.text
        assert "Somebody" in answer.text
    for _twice in range(2):
        assert manager.post(at(two, "/tests/new"), test).status_code == 303
    assert "I finish things" not in coach.get(at(two, "/tests")).text
    place = re.search(r'href="([^"]*/tests/[0-9a-f-]{36})"', manager.get(at(two, "/tests")).text)
    assert place is not None
    path = place[1].removeprefix(manager.path)
    changed = {**test, "shared": "y", "version": value_of(manager.get(path), "version")}
    assert manager.post(path, changed).status_code == 303
    late = manager.post(path, {**changed, "summary": "Other words"})
    assert late.status_code == 409
    assert "Other words" in late.text
    assert "I finish things" in coach.get(at(two, "/tests")).text
    assert coach.post(path, changed).status_code == 403
    assert manager.post(f"{path}/remove").status_code == 303
    assert manager.get(path).status_code == 404


def test_when_it_is_over_these_pages_are_there_to_read(world: World) -> None:
    two = pair(world)
    hers = write(two, "manager", "Mine alone")
    manager, coach = both(two)
    with two.writing():
        operations.end(two.as_manager(lock=True), EndReason.FINISHED)
    for path in ("/notes", "/decisions", "/contacts", "/tests", "/goals"):
        page = manager.get(at(two, path))
        assert page.status_code == 200
        assert 'type="submit">Save' not in page.text
        assert coach.get(at(two, path)).status_code == 404
    assert "Mine alone" in manager.get(f"/handledning/notes/{hers}").text
    for path in ("/notes", "/contacts"):
        assert manager.post(at(two, path), {"body": "Late", "day": "2026-01-01"}).status_code == 409


# What other plugins offer and take.


def test_a_groups_result_becomes_a_goal_with_the_link_kept(world: World) -> None:
    two = pair(world)
    ref = uuid.uuid4()
    with behind_the_door(two.enter(two.manager_member)), two.writing() as unit:
        made = [propose("goal", "I ask each week what they need", "group_maturity", ref) for _twice in range(2)]
        assert made[0] is not None
        assert made[0] == made[1]
        assert made[0].url.endswith(f"/handledning/goals/{made[0].ref}")
        links = unit.session.execute(sa.text("select source_plugin, target_plugin from proposal_link")).all()
        assert [tuple(link) for link in links] == [("group_maturity", "handledning")]
        goals = goals_of(two.as_manager())
        assert [(one.goal.title, len(one.activities)) for one in goals] == [("I ask each week what they need", 1)]
        assert (
            plugin.adopt(two.course.cohort, two.manager_member, Proposal("habit", "Ask", "group_maturity", ref)) is None
        )
    page = two.enter(two.manager_member).get(f"/handledning/goals/{goals[0].goal.id}").text
    assert "Make this goal my own: what, by when, and how it will show" in page


def test_without_a_coach_nothing_becomes_a_goal(world: World) -> None:
    course = world.course()
    alone = world.member(course, Role.MANAGER)
    with behind_the_door(world.enter(course, member=alone)):
        assert plugin.adopt(course.cohort, alone, Proposal("goal", "Ask", "group_maturity", uuid.uuid4())) is None


@pytest.mark.parametrize("make_pair", [chosen, pair], ids=["draft", "active"])
def test_the_thread_has_goals_and_what_is_practised_but_nothing_of_her_life(world: World, make_pair: object) -> None:
    two = make_pair(world)  # type: ignore[operator]
    goal_id = make(two)
    make(two, type(DRAFT)("Home for dinner", Scope.LIFE))
    session_id = two.plan()
    practice = HomeworkDraft(
        uuid.uuid4(), "Ask before I answer", "Shows", (START + timedelta(days=9)).date(), 3, HomeworkKind.PRACTICE
    )
    two.save(session_id, operations.Draft(meeting=operations.Meeting(START, 150), homework=[practice]))
    with behind_the_door(two.enter(two.manager_member)), two.writing():
        make_habit(operations.sheet(two.manager, session_id), practice.id)
    with behind_the_door(two.enter(two.manager_member)):
        events = plugin.timeline(two.course.cohort, two.manager_member)
    assert {(event.title, event.ref) for event in events if str(event.kind) != "Coaching"} == {
        ("The team plans its week", goal_id), ("Ask before I answer", practice.id),
    }  # fmt: skip
    home = two.enter(two.manager_member).get("/").text
    assert "Home for dinner" not in home
    assert of(session_id)
