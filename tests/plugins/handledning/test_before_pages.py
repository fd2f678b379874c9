"""Everything before and around the sessions, as people meet it: choosing, readiness, papers, the map, who sees what."""

import re
import uuid
from datetime import timedelta

import pytest
from werkzeug.test import TestResponse

from plugins.handledning import operations
from plugins.handledning.calculations import EndReason, Progress, Status, Told
from plugins.handledning.models import ItemKind, Phase
from service.access import Role
from service.cohorts.models import Member
from tests.plugins.handledning.support import START, Pair, agree, chosen, contract_draft, make_ready, pair
from tests.support import Browser, OffsetClock, World

pytestmark = pytest.mark.once


def at(two: Pair, path: str = "") -> str:
    return f"/handledning/engagements/{two.engagement.id}{path}"


def status(two: Pair) -> Status:
    with two.reading():
        return two.as_manager().engagement.status


def value_of(page: TestResponse, name: str) -> str:
    """The value of the first hidden field of that name."""
    found = re.search(rf'name="{name}"[^>]*value="([^"]*)"', page.text) or re.search(
        rf'value="([^"]*)"[^>]*name="{name}"', page.text
    )
    assert found is not None, name
    return found[1]


def keys(page: TestResponse, kind: str) -> list[str]:
    return re.findall(rf'name="{kind}" value="([^"]+)"', page.text)


READY = {"aware": "5", "honest": "4", "placed": "4"}


def test_the_whole_way_from_a_choice_to_an_active_engagement(world: World) -> None:
    two = chosen(world)
    manager, coach = two.enter(two.manager_member), two.enter(two.coach_member)
    page = manager.get(at(two)).text
    assert "Say whether this is the time" in page
    assert "waits for you" in page
    assert manager.post(at(two, "/readiness"), READY).status_code == 303
    assert "You are ready." in manager.get(at(two, "/readiness")).text
    assert "Yes, I take this on" in coach.get(at(two)).text
    assert coach.post(at(two, "/accept")).status_code == 303
    assert status(two) is Status.DRAFT
    assert (
        coach.post("/handledning/profile", {"ethics": "icf", "ethics_on": "2026-01-15", "version": "0"}).status_code
        == 303
    )
    assert status(two) is Status.READY
    fill_contract(manager, two)
    for browser in (manager, coach):
        accept_both(browser, two)
    assert status(two) is Status.ACTIVE
    assert "Before you begin" not in manager.get(at(two)).text


def accept_both(browser: Browser, two: Pair) -> None:
    agreement, contract = browser.get(at(two, "/agreement")), browser.get(at(two, "/contract"))
    assert browser.post(at(two, "/agreement/accept"), {"version": value_of(agreement, "version")}).status_code == 303
    values = {name: value_of(contract, name) for name in ("number", "version")}
    assert browser.post(at(two, "/contract/accept"), values).status_code == 303


def written(page: TestResponse, **changes: str) -> dict[str, str | list[str]]:
    """A contract as a browser would post it, every part filled."""
    key = {kind: keys(page, kind)[0] for kind in ("result", "responsibility", "risk", "intermediate")}
    values: dict[str, str | list[str]] = {
        "number": value_of(page, "number"), "version": value_of(page, "version"), "told": ["sessions"],
        "period_from": "2026-09-01", "period_to": "2026-12-31", **key,
        f"result-{key['result']}-text": "The team plans its week",
        f"responsibility-{key['responsibility']}-text": "I decide, she asks",
        f"responsibility-{key['responsibility']}-whose": "both",
        f"risk-{key['risk']}-text": "The reorganisation", f"risk-{key['risk']}-probability": "3", f"risk-{key['risk']}-impact": "4",
        f"intermediate-{key['intermediate']}-text": "The schedule is theirs",
        f"intermediate-{key['intermediate']}-due_on": "2026-10-31", f"intermediate-{key['intermediate']}-weight": "2",
    }  # fmt: skip
    for name, text in changes.items():
        kind, _, attribute = name.partition("_")
        values[f"{kind}-{key[kind]}-{attribute}" if kind in key else name] = text
    return values


def fill_contract(browser: Browser, two: Pair, **changes: str) -> TestResponse:
    page = browser.get(at(two, "/contract?write=1"))
    answer = browser.post(at(two, "/contract"), written(page, **changes))
    assert answer.status_code == 303, answer.text
    return answer


# Choosing.


def test_a_coach_off_the_list_is_not_offered_and_a_proposal_is_said_to_bind_nobody(world: World) -> None:
    course = world.course()
    listed, off = world.member(course, Role.COACH, "Amira Haddad"), world.member(course, Role.COACH, "Bo Ek")
    member = world.member(course, Role.MANAGER)
    training = world.enter(course, Role.TRAINING, "Tina Training")
    assert (
        training.post(
            "/handledning/training/coaches", {"coach": str(off.person_id), "listed": "off", "position": "2"}
        ).status_code
        == 303
    )
    proposal = {"manager": str(member.person_id), "coach": str(listed.person_id)}
    assert training.post("/handledning/training/proposals", proposal).status_code == 303
    manager = world.enter(course, member=member)
    page = manager.get("/handledning/coach").text
    assert "Amira Haddad" in page
    assert "proposed by your training department" in page
    assert "Bo Ek" not in page
    assert manager.post("/handledning/coach", {"coach": str(off.person_id)}).status_code == 404
    assert (
        training.post("/handledning/training/proposals", {"manager": str(member.person_id), "coach": ""}).status_code
        == 303
    )
    assert "proposed by" not in manager.get("/handledning/coach").text
    assert training.post("/handledning/training/coaches", {"coach": "nobody"}).status_code == 404
    assert (
        training.post("/handledning/training/proposals", {"manager": str(listed.person_id), "coach": ""}).status_code
        == 404
    )


def test_the_map_comes_along_to_the_next_coach_unshared(world: World) -> None:
    two = pair(world)
    other = world.member(two.course, Role.COACH, "Bo Ek")
    manager = two.enter(two.manager_member)
    save_situation(manager, two, "It is much just now")
    save_list(manager, two, "role", text="Staffing")
    assert manager.post(at(two, "/map/share"), {"part": "situation", "shared": "on"}).status_code == 303
    assert "Take my map of the role along" in manager.get("/handledning/coach").text
    answer = manager.post("/handledning/coach", {"coach": str(other.person_id), "map": "1"})
    place = answer.headers["Location"].removeprefix(manager.path)
    page = manager.get(f"{place}/map").text
    assert "It is much just now" in page
    assert "Staffing" in page
    assert "Nothing of the map is shared with you." in two.enter(other).get(f"{place}/map").text
    assert "Staffing" in manager.get(at(two, "/map")).text


def test_a_coach_who_left_is_told_of_and_another_chosen(world: World) -> None:
    two = pair(world)
    other = world.member(two.course, Role.COACH, "Bo Ek")
    with two.writing() as unit:
        unit.session.get_one(Member, two.coach_member.id).active = False
    manager = two.enter(two.manager_member)
    for path in (at(two), "/handledning/coach"):
        assert "is no longer a coach in this course" in manager.get(path).text
    assert manager.post("/handledning/coach", {"coach": str(other.person_id)}).status_code == 303
    with two.reading():
        assert two.as_manager().engagement.end_reason is EndReason.COACH_LEFT


def test_a_coach_declines_or_leaves_and_reads_no_more(world: World) -> None:
    for first, reason in ((chosen(world), EndReason.DECLINED), (pair(world), EndReason.COACH_LEFT)):
        coach = first.enter(first.coach_member)
        assert "asked to choose somebody else" in coach.get(at(first, "/ways-out")).text
        assert coach.post(at(first, "/leave")).status_code == 303
        assert coach.get(at(first)).status_code == 404
        assert coach.post(at(first, "/leave")).status_code == 404
        with first.reading():
            assert first.as_manager().engagement.end_reason is reason
        assert "Choose your coach" in first.enter(first.manager_member).get("/handledning/").text


def test_pausing_going_on_and_ending(world: World) -> None:
    two = pair(world)
    session_id = two.plan()
    manager, coach = two.enter(two.manager_member), two.enter(two.coach_member)
    for _twice in range(2):
        assert manager.post(at(two, "/pause")).status_code == 303
    assert "The coaching is paused." in manager.get(at(two)).text
    assert "The coaching is paused." in coach.get(at(two)).text
    booking = {"day": "2026-10-01", "start": "13:00", "end": "15:30"}
    assert manager.post(at(two, "/plan"), booking).status_code == 409
    assert 'name="action"' not in manager.get(f"/handledning/sessions/{session_id}").text
    assert manager.post(at(two, "/resume")).status_code == 303
    assert manager.post(at(two, "/plan"), booking).status_code == 303
    for _twice in range(2):
        assert manager.post(at(two, "/end")).status_code == 303
    assert manager.post(at(two, "/pause")).status_code == 409
    over = manager.get(at(two)).text
    assert "Ended. What you wrote is here for you to read." in over
    assert "The next session begins by following these up." not in over
    assert coach.get(at(two)).status_code == 404


def test_how_far_trust_has_come_is_the_managers_to_say(world: World) -> None:
    two = pair(world)
    manager, coach = two.enter(two.manager_member), two.enter(two.coach_member)
    assert manager.post(at(two, "/phase"), {"phase": "challenge"}).status_code == 303
    assert manager.post(at(two, "/phase"), {"phase": "nonsense"}).status_code == 303
    assert "healthy confrontation" in coach.get(at(two)).text
    assert coach.post(at(two, "/phase"), {"phase": "trust"}).status_code == 403
    with two.reading():
        assert two.as_manager().engagement.phase is Phase.CHALLENGE


# Before.


@pytest.mark.parametrize(
    ("answers", "says", "reached"),
    [
        (READY, "You are ready.", "ready"),
        ({**READY, "placed": "3"}, "Talk about it first.", "talk about it first"),
        ({**READY, "honest": "2"}, "Not now.", "not now"),
    ],
)
def test_three_outcomes_of_readiness(
    world: World, clock: OffsetClock, answers: dict[str, str], says: str, reached: str
) -> None:
    clock.put(START)
    two = chosen(world)
    manager, coach = two.enter(two.manager_member), two.enter(two.coach_member)
    assert manager.post(at(two, "/readiness"), answers).status_code == 303
    page = manager.get(at(two, "/readiness")).text
    assert says in page
    assert reached in coach.get(at(two, "/readiness")).text
    assert ("November 26" in page) is (reached == "not now")
    assert coach.post(at(two, "/readiness"), READY).status_code == 403


def test_not_now_waits_without_blame_and_can_be_answered_anew(world: World) -> None:
    two = chosen(world)
    make_ready(two)
    manager = two.enter(two.manager_member)
    assert status(two) is Status.READY
    manager.post(at(two, "/readiness"), {**READY, "aware": "1"})
    assert status(two) is Status.DRAFT
    manager.post(at(two, "/readiness"), READY)
    assert status(two) is Status.READY
    assert len(re.findall(r'scope="row"', manager.get(at(two, "/readiness")).text)) == 3


def test_a_statement_without_an_answer_is_named_and_the_rest_kept(world: World) -> None:
    two = chosen(world)
    answer = two.enter(two.manager_member).post(at(two, "/readiness"), {"aware": "5", "honest": "7"})
    assert answer.status_code == 422
    assert 'value="5" checked' in answer.text
    assert "Choose an answer." in answer.text or "Choose one of the answers." in answer.text


def test_ego_is_each_ones_own(world: World) -> None:
    two = pair(world)
    manager, coach = two.enter(two.manager_member), two.enter(two.coach_member)
    assert manager.post(at(two, "/ego"), {"jobs": ["identity"], "text": "I wanted to be right"}).status_code == 303
    assert coach.post(at(two, "/ego"), {"text": "I wanted to be clever"}).status_code == 303
    hers, coachs = manager.get(at(two, "/ego")).text, coach.get(at(two, "/ego")).text
    assert "I wanted to be right" in hers
    assert "who I am, my confidence, my status" in hers
    assert "I wanted to be clever" not in hers
    assert "I wanted to be clever" in coachs
    assert "I wanted to be right" not in coachs
    nothing = manager.post(at(two, "/ego"), {"text": "  "})
    assert nothing.status_code == 422
    assert "Tick something or write a few words." in nothing.text
    assert manager.post(at(two, "/ego"), {"jobs": ["fame"], "text": ""}).status_code == 422


def test_value_is_the_managers_at_both_ends(world: World) -> None:
    two = pair(world)
    manager, coach = two.enter(two.manager_member), two.enter(two.coach_member)
    four = {"asked": "4", "supported": "4", "unashamed": "3", "worth": "5"}
    assert manager.post(at(two, "/value"), {**four, "text": "Time to think"}).status_code == 303
    assert manager.post(at(two, "/value"), {**four, "asked": "5", "text": "Time to think"}).status_code == 303
    assert "At the start you answered 5, 4, 3, 5. Time to think" in " ".join(
        manager.get(at(two, "/value?moment=end")).text.split()
    )
    assert manager.post(at(two, "/value"), {**four, "moment": "end"}).status_code == 303
    assert manager.post(at(two, "/value"), {"asked": "4"}).status_code == 422
    assert coach.get(at(two, "/value")).status_code == 403


def test_openness_has_versions_and_a_lost_race_shows_both(world: World) -> None:
    two = pair(world)
    manager, coach = two.enter(two.manager_member), two.enter(two.coach_member)
    first = {"version": "0", "challenge": "4", "inside": "Work", "outside": "My family"}
    for _twice in range(2):
        assert manager.post(at(two, "/openness"), first).status_code == 303
    lost = manager.post(at(two, "/openness"), {**first, "inside": "Work and sleep"})
    assert lost.status_code == 409
    assert "Work and sleep" in lost.text
    assert value_of(lost, "version") == "1"
    assert manager.post(at(two, "/openness"), {**first, "inside": "Work and sleep", "version": "1"}).status_code == 303
    page = coach.get(at(two, "/openness")).text
    assert "Version 2" in page
    assert "Version 1" in page
    assert "My family" in page
    assert manager.post(at(two, "/openness"), {"version": "2", "inside": "x" * 2001}).status_code == 422
    assert coach.post(at(two, "/openness"), first).status_code == 403


WRONG_PROFILE: list[tuple[dict[str, str], str]] = [
    ({"ethics": "other", "ethics_on": "2026-01-01"}, "Write which code it is."),
    ({"ethics": "icf"}, "Choose the day you accepted it."),
    ({"ethics": "icf", "ethics_on": "0001-01-01"}, "Choose a day between"),
    ({"ethics": "none"}, "Choose one of the answers."),
]


def test_a_profile_says_what_it_lacks(world: World) -> None:
    coach = world.enter(world.course(), Role.COACH, "Amira Haddad")
    for values, says in WRONG_PROFILE:
        answer = coach.post("/handledning/profile", {**values, "about": "I ask", "version": "0"})
        assert answer.status_code == 422, values
        assert says in answer.text, values
        assert "I ask" in answer.text, values


def test_a_profile_is_read_by_managers_who_choose(world: World) -> None:
    course = world.course()
    member = world.member(course, Role.COACH, "Amira Haddad")
    coach = world.enter(course, member=member)
    assert "Say by which code of ethics you work." in coach.get("/handledning/").text
    values = {
        "ethics": "other",
        "ethics_name": "Our own",
        "ethics_on": "2026-01-01",
        "about": "I ask",
        "way": "I wait",
        "version": "0",
    }
    for _twice in range(2):
        assert coach.post("/handledning/profile", values).status_code == 303
    lost = coach.post("/handledning/profile", {**values, "about": "I listen"})
    assert lost.status_code == 409
    assert "I ask" in lost.text
    assert "I listen" in lost.text
    page = world.enter(course).get("/handledning/coach").text
    for words in ("I ask", "I wait", "Code of ethics: Our own"):
        assert words in page
    assert "Our own" in world.enter(course, Role.TRAINING, "T").get("/handledning/training").text


# The agreement.


def test_a_changed_agreement_is_accepted_by_nobody(world: World) -> None:
    two = pair(world)
    manager, coach = two.enter(two.manager_member), two.enter(two.coach_member)
    page = coach.get(at(two, "/agreement"))
    assert page.text.count("accepted it on") == 2
    key = keys(page, "line")[0]
    line = {"version": "1", "line": key, f"line-{key}-text": "We begin on time", f"line-{key}-whose": "coach"}
    for _twice in range(2):
        assert coach.post(at(two, "/agreement"), line).status_code == 303
    page = manager.get(at(two, "/agreement"))
    assert "We begin on time" in page.text
    assert page.text.count("has not accepted it yet") == 2
    assert "version 1 goes on counting" in page.text
    old = manager.post(at(two, "/agreement/accept"), {"version": "1"})
    assert old.status_code == 409
    assert "There is a newer version than the one you wanted to accept." in old.text
    assert status(two) is Status.ACTIVE
    for browser in (manager, coach, manager):
        assert browser.post(at(two, "/agreement/accept"), {"version": "2"}).status_code == 303
    with two.reading():
        found = operations.agreement(two.as_coach())
        assert found.in_force is not None
        assert (found.newest.version, found.in_force.version) == (2, 2)


def test_an_agreement_that_lost_the_race_shows_both_texts(world: World) -> None:
    two = chosen(world)
    manager, coach = two.enter(two.manager_member), two.enter(two.coach_member)
    one, other = keys(manager.get(at(two, "/agreement")), "line")[0], keys(coach.get(at(two, "/agreement")), "line")[0]
    mine = {
        "version": "1",
        "line": one,
        f"line-{one}-text": "From the manager",
        f"line-{one}-whose": "client",
        "action": "more",
    }
    assert manager.post(at(two, "/agreement"), mine).headers["Location"].endswith("more=1")
    theirs = {"version": "1", "line": other, f"line-{other}-text": "From the coach", f"line-{other}-whose": "coach"}
    lost = coach.post(at(two, "/agreement"), theirs)
    assert lost.status_code == 409
    assert "From the manager" in lost.text
    assert "From the coach" in lost.text
    too_long = coach.post(at(two, "/agreement"), {**theirs, f"line-{other}-text": "x" * 401})
    assert too_long.status_code == 422
    assert "x" * 401 in too_long.text


def test_the_agreement_has_thirty_lines_in_the_language_of_the_page(world: World) -> None:
    two = chosen(world)
    for locale, words in (
        ("sv", "Sätta mål och nå dem"),
        ("lv", "Mērķu izvirzīšana un sasniegšana"),
        ("en", "Setting goals"),
    ):
        page = two.enter(two.manager_member, locale=locale).get(at(two, "/agreement")).text
        assert words in page
        assert page.count("<dt>") == 30


# The contract.


def test_an_incomplete_contract_is_saved_but_not_accepted(world: World) -> None:
    two = chosen(world)
    manager = two.enter(two.manager_member)
    page = manager.get(at(two, "/contract?write=1"))
    key = keys(page, "intermediate")[0]
    some = {
        "number": "1", "version": "1", "intermediate": key, f"intermediate-{key}-text": "The schedule",
        f"intermediate-{key}-weight": "1", "period_from": "2026-09-01",
    }  # fmt: skip
    assert manager.post(at(two, "/contract"), some).status_code == 303
    page = manager.get(at(two, "/contract"))
    refused = manager.post(at(two, "/contract/accept"), {name: value_of(page, name) for name in ("number", "version")})
    assert refused.status_code == 422
    for words in ("results: empty", "time: empty", "mutual responsibility: empty", "risks: empty", "has no date"):
        assert words in refused.text
    assert "The schedule" in manager.get(at(two, "/contract")).text


def test_what_is_due_outside_the_time_is_named(world: World) -> None:
    two = chosen(world)
    manager = two.enter(two.manager_member)
    fill_contract(manager, two, intermediate_due_on="2027-03-01")
    page = manager.get(at(two, "/contract"))
    refused = manager.post(at(two, "/contract/accept"), {name: value_of(page, name) for name in ("number", "version")})
    assert "is due outside the time of the contract" in refused.text


WRONG_CONTRACT: list[tuple[dict[str, str], str]] = [
    ({"period_to": "2026-08-01"}, "The end is before the beginning."),
    ({"period_from": "0001-01-01"}, "Choose a day between"),
    ({"intermediate_weight": "0"}, "Write a whole number from 1 to 9."),
    ({"intermediate_weight": "much"}, "Write a whole number, such as 70."),
    ({"intermediate_due_on": "soon"}, "Write the day as in 2026-12-31."),
    ({"risk_text": "", "risk_mitigation": "We talk"}, "Write what can come in the way."),
    ({"risk_impact": "6"}, "Choose one of the answers."),
    ({"result_text": "a\0b"}, "There is a character here that cannot be saved."),
    ({"told": "what was said"}, "Choose one of the answers."),
]


def test_wrong_input_in_a_contract_is_named_and_the_rest_kept(world: World) -> None:
    two = chosen(world)
    manager = two.enter(two.manager_member)
    form = manager.get(at(two, "/contract?write=1"))
    for changes, says in WRONG_CONTRACT:
        answer = manager.post(at(two, "/contract"), written(form, **changes))
        assert answer.status_code == 422, changes
        assert says in answer.text, changes
        assert "I decide, she asks" in answer.text, changes


def test_an_accepted_contract_is_frozen_and_the_next_version_counts_when_both_accept_it(world: World) -> None:
    two = pair(world)
    manager, coach = two.enter(two.manager_member), two.enter(two.coach_member)
    page = coach.get(at(two, "/contract?write=1"))
    values = rewritten(page, {"The team plans its week itself": "The team plans its month"})
    for _twice in range(2):
        assert coach.post(at(two, "/contract"), values).status_code in (303, 409)
    shown = manager.get(at(two, "/contract")).text
    assert "Version 2" in shown
    assert "version 1 goes on counting" in shown
    assert "The team plans its month" in shown
    old = manager.post(at(two, "/contract/accept"), {"number": "1", "version": "2"})
    assert old.status_code == 409
    assert "There is a newer version" in old.text
    with two.reading():
        found = operations.contract(two.as_manager())
        assert found.in_force is not None
        assert found.in_force.number == 1
        assert [item.text for item in found.items_in_force if item.kind is ItemKind.RESULT] == [
            "The team plans its week itself"
        ]
    for browser in (manager, coach):
        page = browser.get(at(two, "/contract"))
        assert (
            browser.post(at(two, "/contract/accept"), {n: value_of(page, n) for n in ("number", "version")}).status_code
            == 303
        )
    with two.reading():
        assert operations.contract(two.as_manager()).in_force.number == 2  # type: ignore[union-attr]


def rewritten(page: TestResponse, replaced: dict[str, str]) -> dict[str, str | list[str]]:
    """The page's form as a browser would post it, with some texts replaced."""
    values: dict[str, str | list[str]] = {
        "number": value_of(page, "number"),
        "version": value_of(page, "version"),
        "told": ["sessions"],
    }
    values |= {name: value_of(page, name) for name in ("period_from", "period_to")}
    for kind in ("result", "responsibility", "risk", "intermediate"):
        values[kind] = keys(page, kind)
    for name, text in re.findall(r'name="(\w+-[0-9a-f-]{36}-\w+)"[^>]* value="([^"]*)"(?! checked)', page.text):
        if not re.search(rf'name="{name}" value="[^"]*" (checked|type="radio")|type="radio" name="{name}"', page.text):
            values[name] = replaced.get(text, text)
    for name, text in re.findall(r'type="radio" name="(\w+-[0-9a-f-]{36}-\w+)" value="([^"]*)" checked', page.text):
        values[name] = text
    return values


def test_a_contract_that_lost_the_race_keeps_both(world: World) -> None:
    two = chosen(world)
    manager, coach = two.enter(two.manager_member), two.enter(two.coach_member)
    hers, theirs = manager.get(at(two, "/contract?write=1")), coach.get(at(two, "/contract?write=1"))
    assert manager.post(at(two, "/contract"), written(hers, result_text="Hers")).status_code == 303
    lost = coach.post(at(two, "/contract"), written(theirs, result_text="Theirs"))
    assert lost.status_code == 409
    assert "Hers" in lost.text
    assert "Theirs" in lost.text
    assert value_of(lost, "version") == "2"
    again = rewritten(lost, {})
    assert coach.post(at(two, "/contract"), again).status_code == 303
    shown = manager.get(at(two, "/contract")).text
    assert "Hers" in shown
    assert "Theirs" in shown


def test_how_far_it_is_the_manager_alone_says(world: World) -> None:
    two = pair(world)
    manager, coach = two.enter(two.manager_member), two.enter(two.coach_member)
    with two.reading():
        item = operations.contract(two.as_manager()).of(ItemKind.INTERMEDIATE)[0]
    values = {"key": str(item.key), "progress": Progress.DONE.value}
    assert coach.post(at(two, "/contract/progress"), values).status_code == 403
    assert manager.post(at(two, "/contract/progress"), values).status_code == 303
    assert "50 %" in coach.get(at(two, "/contract")).text.replace("\N{NO-BREAK SPACE}", " ")
    for wrong in ({**values, "key": str(uuid.uuid4())}, {**values, "progress": "nearly"}, {**values, "key": "x"}):
        assert manager.post(at(two, "/contract/progress"), wrong).status_code == 404


def test_when_it_has_ended_nothing_is_written(world: World) -> None:
    two = pair(world)
    manager = two.enter(two.manager_member)
    pages = {
        path: manager.get(at(two, path))
        for path in ("/agreement", "/contract?write=1", "/map", "/openness", "/ego", "/readiness")
    }
    with two.writing():
        operations.end(two.as_manager(lock=True), EndReason.FINISHED)
    contract = rewritten(pages["/contract?write=1"], {"The team plans its week itself": "More"})
    for path, values in (
        ("/agreement/accept", {"version": "2"}),
        (
            "/agreement",
            {
                "version": "1",
                "line": (key := str(uuid.uuid4())),
                f"line-{key}-text": "Late",
                f"line-{key}-whose": "coach",
            },
        ),
        ("/contract", contract),
        ("/contract/accept", {"number": "2", "version": "1"}),
        ("/map", {"text": "Late", "solutions": "", "version": "0"}),
        ("/map/role", {"version": "0", "role": key, f"role-{key}-text": "Late"}),
        ("/map/share", {"part": "role", "shared": "on"}),
        ("/openness", {"version": "0", "inside": "Late"}),
        ("/ego", {"text": "Late"}),
        ("/value", {"asked": "4", "supported": "4", "unashamed": "3", "worth": "5"}),
        ("/readiness", READY),
        ("/phase", {"phase": "closing"}),
        ("/resume", {}),
    ):
        assert manager.post(at(two, path), values).status_code == 409, path
    for path in (
        "",
        "/agreement",
        "/contract",
        "/map",
        "/openness",
        "/ego",
        "/readiness",
        "/value",
        "/who",
        "/ways-out",
    ):
        page = manager.get(at(two, path))
        assert page.status_code == 200
        assert "Late" not in page.text


# The map.


def save_situation(browser: Browser, two: Pair, text: str, **values: str) -> TestResponse:
    version = value_of(browser.get(at(two, "/map")), "version")
    return browser.post(at(two, "/map"), {"text": text, "solutions": "", "version": version, **values})


def save_list(browser: Browser, two: Pair, name: str, **values: str) -> TestResponse:
    page = browser.get(at(two, f"/map/{name}?more=1"))
    there = keys(page, name)
    posted: dict[str, str | list[str]] = {"version": value_of(page, "version"), name: there}
    posted.update(re.findall(rf'name="({name}-[0-9a-f-]{{36}}-\w+)"[^>]* value="([^"]*)"', page.text))
    posted |= {f"{name}-{there[-1]}-{attribute}": text for attribute, text in values.items()}
    return browser.post(at(two, f"/map/{name}"), posted)


def test_a_map_is_the_managers_until_she_shares_it_part_by_part(world: World) -> None:
    two = pair(world)
    manager, coach = two.enter(two.manager_member), two.enter(two.coach_member)
    assert save_situation(manager, two, "It is much just now", solutions="Ask for help").status_code == 303
    assert save_list(manager, two, "role", text="Staffing").status_code == 303
    assert save_list(manager, two, "role", text="Budget").status_code == 303
    assert (
        save_list(manager, two, "relations", role="The other unit", quality="2", intention="Share a rota").status_code
        == 303
    )
    question = {"text": "Who sets the schedule?", "zone_now": "propose", "zone_wanted": "own", "source": "assumption"}
    assert save_list(manager, two, "discretion", **question).status_code == 303
    assert save_list(manager, two, "operations", text="Fewer falls", reference="V12").status_code == 303
    parts = {
        "situation": ("It is much just now", "Ask for help"), "role": ("Staffing", "Budget", "Fewer falls", "V12"),
        "relations": ("The other unit", "Share a rota"), "discretion": ("Who sets the schedule?",),
    }  # fmt: skip
    mine = manager.get(at(two, "/map")).text
    assert all(word in mine for words in parts.values() for word in words)
    for part, words in parts.items():
        hidden = coach.get(at(two, "/map")).text
        assert all(word not in hidden for word in words)
        assert manager.post(at(two, "/map/share"), {"part": part, "shared": "on"}).status_code == 303
        shown = coach.get(at(two, "/map")).text
        assert all(word in shown for word in words)
    # What is hers is called hers to herself alone.
    assert [("Yours now" in page, "Rests on assumption" in page) for page in (mine, shown)] == [
        (True, True),
        (False, True),
    ]
    assert manager.post(at(two, "/map/share"), {"part": "role", "shared": "off"}).status_code == 303
    assert manager.post(at(two, "/map/share"), {"part": "role", "shared": "off"}).status_code == 303
    assert "Staffing" not in coach.get(at(two, "/map")).text
    assert coach.post(at(two, "/map/share"), {"part": "role", "shared": "on"}).status_code == 403
    assert coach.post(at(two, "/map"), {"text": "Hers", "solutions": "", "version": "1"}).status_code == 403
    assert coach.get(at(two, "/map/role")).status_code == 403
    assert manager.get(at(two, "/map/nothing")).status_code == 404
    assert manager.post(at(two, "/map/share"), {"part": "everything"}).status_code == 404


def test_a_line_that_is_emptied_goes(world: World) -> None:
    two = pair(world)
    manager = two.enter(two.manager_member)
    save_list(manager, two, "role", text="Staffing")
    page = manager.get(at(two, "/map/role"))
    key = keys(page, "role")[0]
    gone = {"version": value_of(page, "version"), "role": key, f"role-{key}-text": ""}
    for _twice in range(2):
        assert manager.post(at(two, "/map/role"), gone).status_code == 303
    assert "Staffing" not in manager.get(at(two, "/map")).text


def test_a_map_that_lost_the_race_keeps_both(world: World) -> None:
    two = pair(world)
    manager = two.enter(two.manager_member)
    here, there = manager.get(at(two, "/map/role")), manager.get(at(two, "/map/role"))
    one, other = keys(here, "role")[0], keys(there, "role")[0]
    assert (
        manager.post(
            at(two, "/map/role"), {"version": "0", "role": one, f"role-{one}-text": "From the phone"}
        ).status_code
        == 303
    )
    lost = manager.post(at(two, "/map/role"), {"version": "0", "role": other, f"role-{other}-text": "From the desk"})
    assert lost.status_code == 409
    assert "From the phone" in lost.text
    assert "From the desk" in lost.text
    assert len(keys(lost, "role")) == 2
    situation = manager.post(at(two, "/map"), {"text": "Meanwhile", "solutions": "", "version": "0"})
    assert situation.status_code == 409
    assert "Meanwhile" in situation.text
    assert manager.post(at(two, "/map"), {"text": "x" * 4001, "solutions": "", "version": "1"}).status_code == 422
    assert (
        manager.post(at(two, "/map/role"), {"version": "1", "role": other, f"role-{other}-text": "x" * 401}).status_code
        == 422
    )
    more = manager.post(
        at(two, "/map/role"), {"version": "1", "role": other, f"role-{other}-text": "Third", "action": "more"}
    )
    assert more.headers["Location"].endswith("more=1")


# Who sees what.


def test_each_reads_who_has_looked_at_what_is_hers(world: World) -> None:
    two = pair(world)
    session_id = two.plan()
    manager, coach = two.enter(two.manager_member), two.enter(two.coach_member)
    coach.get(at(two))
    coach.get(f"/handledning/sessions/{session_id}")
    stranger = world.enter(two.course, Role.COACH, "Nosy Coach")
    assert stranger.get(at(two)).status_code == 404
    assert "/audit" in manager.get(at(two, "/who")).text
    page = manager.get("/audit").text
    assert "Amira Haddad" in page
    assert "A coaching session" in page
    assert "The overview of your coaching" in page
    assert "Nosy Coach" not in page
    assert "Who has looked" not in coach.get(at(two, "/who")).text


def test_the_page_says_what_the_contract_says(world: World) -> None:
    two = chosen(world)
    manager = two.enter(two.manager_member)
    assert "Nothing, until both have accepted a contract." in manager.get(at(two, "/who")).text
    agree(two, contract_draft(frozenset({Told.SESSIONS, Told.HOURS})))
    page = manager.get(at(two, "/who")).text
    assert "how many sessions were held" in page
    assert "how many hours they came to" in page
    assert "on which days" not in page
    silent = pair(world, two.course, "Silent Manager", two.coach_member)
    with silent.writing():
        access = silent.as_manager(lock=True)
        newest = operations.contract(access)
        operations.write_contract(access, 1, newest.newest.version, contract_draft(frozenset()))
        for who in (access, silent.as_coach(lock=True)):
            now = operations.contract(who).newest
            operations.accept_contract(who, now.number, now.version)
    assert '<p class="mt-2">Nothing.</p>' in silent.enter(silent.manager_member).get(at(silent, "/who")).text


def test_the_training_department_is_told_what_contracts_say(world: World) -> None:
    course = world.course()
    two = pair(world, course, "Karin Counted")
    agree_anew(two, frozenset(Told))
    two.talk()
    other = pair(world, course, "Lena Default", two.coach_member)
    other.talk()
    world.member(course, Role.MANAGER, "Eva Without")
    page = world.enter(course, Role.TRAINING, "T").get("/handledning/training").text
    row = {
        name: re.search(rf"{name}</th>(.*?)</tr>", page.split('id="told"')[1], re.DOTALL)[1]
        for name in ("Karin Counted", "Lena Default", "Eva Without")
    }  # type: ignore[index]
    assert "2 h 30 min" in row["Karin Counted"]
    assert "Oct 1" in row["Karin Counted"]
    assert row["Lena Default"].count("not told") == 3
    assert row["Eva Without"].count("not told") == 4
    assert "Not shown. Fewer than 5." in page
    assert "Amira Haddad" not in page.split('id="told"')[1].split('id="proposals"')[0]


def agree_anew(two: Pair, told: frozenset[Told]) -> None:
    """Both accept a next version of the contract that tells this."""
    with two.writing():
        access = two.as_manager(lock=True)
        newest = operations.contract(access).newest
        operations.write_contract(access, newest.number, newest.version, contract_draft(told))
        for who in (access, two.as_coach(lock=True)):
            now = operations.contract(who).newest
            operations.accept_contract(who, now.number, now.version)


def test_every_page_of_the_part_in_every_language(world: World) -> None:
    two = pair(world)
    training = world.member(two.course, Role.TRAINING, "Tina")
    paths = [
        "",
        "/ways-out",
        "/readiness",
        "/ego",
        "/openness",
        "/agreement",
        "/contract",
        "/contract?write=1",
        "/map",
        "/who",
    ]
    for locale in ("sv", "en", "lv"):
        manager, coach = (two.enter(member, locale=locale) for member in (two.manager_member, two.coach_member))
        pages = [browser.get(at(two, path)) for browser in (manager, coach) for path in paths]
        pages += [
            manager.get(at(two, path))
            for path in ("/value", "/map/role", "/map/relations", "/map/discretion", "/map/operations")
        ]
        pages += [
            coach.get("/handledning/profile"),
            coach.get("/handledning/"),
            two.enter(training, locale=locale).get("/handledning/training"),
        ]
        for page in pages:
            assert page.status_code == 200
            assert f'<html lang="{locale}"' in page.text
            assert " style=" not in page.text


def test_a_coachs_list_begins_with_whom_she_is_needed_by(world: World, clock: OffsetClock) -> None:
    clock.put(START)
    two = pair(world, name="Anna Calm")
    late = pair(world, two.course, "Zoe Late", two.coach_member)
    late.talk(due=(START + timedelta(days=5)).date())
    draft = chosen(world, two.course, "Mia Draft", two.coach_member)
    assert draft
    clock.put(START + timedelta(days=8))
    two.plan(START + timedelta(days=12))
    page = two.enter(two.coach_member).get("/handledning/").text
    assert "Mia Draft has chosen you." in page
    table = page[page.index("<tbody") :]
    assert table.index("Zoe Late") < table.index("Anna Calm") < table.index("Mia Draft")
    # Zoe, and Mia, who waits for a yes: as many as on the page of the course.
    assert "2 of your managers need you" in page
    assert "1 late" in table
    assert "has just begun" in page
