"""What the core is told: home, thread, dashboard, completion, own copy, erasure, and the practice cohort."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa
from flask import g
from sqlalchemy.engine import Engine

import plugins.handledning as plugin
from plugins.handledning import data, operations
from plugins.handledning.calculations import Need, Progress
from plugins.handledning.calculations import Status as CoachingStatus
from plugins.handledning.models import CoachingSession, Decision, Engagement, Homework, ItemKind, State, Status
from plugins.handledning.settings import Settings
from service.access import Role
from service.cohorts.current import InCohort
from service.contract import Base, CohortReport, ConfidentialText, DemoCast, Member
from tests.plugins.handledning.support import START, Pair, chosen, contract_draft, full, make_ready, pair
from tests.support import Browser, OffsetClock, World

TODAY = START + timedelta(days=40)


@contextmanager
def behind_the_door(browser: Browser) -> Iterator[InCohort]:
    """The plugin's hooks as a page of this launch would call them."""
    cookie = f"__Host-stegvis={browser.secret.hex()}"
    with browser.app.test_request_context(
        browser.path + "/", base_url="http://127.0.0.1:5055", headers={"Cookie": cookie}
    ):
        assert browser.app.preprocess_request() is None
        yield g.stay


def report(two: Pair, audience: Role, viewer: Member, members: list[Member]) -> CohortReport:
    with behind_the_door(two.enter(viewer)) as here:
        found = plugin.cohort_report(
            two.course.cohort, members, audience, viewer.person_id, here.plugins.settings("handledning")
        )
        if found.details is not None:
            more = found.details(members)
            found = replace(found, pictures=more.pictures, marks=more.marks, cells=dict(found.cells))
        _read_words(found)
        return found


def _read_words(found: CohortReport) -> None:
    assert all(str(cell.text) for cells in found.cells.values() for cell in cells.values())
    assert all(str(picture.title) and str(picture.summary) for picture in found.pictures)


@contextmanager
def counting(engine: Engine) -> Iterator[list[str]]:
    statements: list[str] = []

    def note(_conn: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.lstrip().upper().startswith("SELECT"):
            statements.append(statement)

    sa.event.listen(engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        sa.event.remove(engine, "before_cursor_execute", note)


def test_home_says_what_comes_next(world: World, clock: OffsetClock) -> None:
    two = pair(world)
    two.talk(due=date(2026, 11, 20))
    clock.put(TODAY)
    coming = two.plan(TODAY + timedelta(days=9))
    with behind_the_door(two.enter(two.manager_member)):
        items = plugin.home_cards(two.course.cohort, two.manager_member)[0].context["items"]
        assert [(item["when"], item["what"]) for item in items] == [
            ("Due November 20", "Ask the team"), ("November 19 12:00", "Session 2 with Amira Haddad"),
        ]  # fmt: skip
        assert items[1]["url"].endswith(f"/handledning/sessions/{coming}")
        clock.advance(timedelta(days=15))
        items = plugin.home_cards(two.course.cohort, two.manager_member)[0].context["items"]
        assert [item["when"] for item in items] == ["Was due November 20", "Not booked"]
        assert plugin.home_cards(two.course.cohort, two.coach_member) == []
        assert plugin.timeline(two.course.cohort, two.coach_member) == []


def test_home_of_a_manager_without_a_coach_offers_the_choice(world: World) -> None:
    course = world.course()
    alone = world.member(course)
    with behind_the_door(world.enter(course, member=alone)):
        items = plugin.home_cards(course.cohort, alone)[0].context["items"]
        assert [item["what"] for item in items] == ["Choose your coach"]
        assert plugin.timeline(course.cohort, alone) == []


def test_the_home_page_carries_the_card(world: World) -> None:
    two = pair(world)
    two.talk()
    page = two.enter(two.manager_member).get("/")
    assert page.status_code == 200
    assert "Ask the team" in page.text


def test_the_thread_has_her_sessions(world: World, clock: OffsetClock) -> None:
    two = pair(world)
    two.talk()
    clock.put(TODAY)
    two.plan(TODAY + timedelta(days=9))
    with behind_the_door(two.enter(two.manager_member)):
        events = plugin.timeline(two.course.cohort, two.manager_member)
        assert [(event.title, event.state, event.at) for event in events] == [
            ("Session 1", "done", date(2026, 10, 1)), ("Session 2", "later", date(2026, 11, 19)),
        ]  # fmt: skip


def test_a_coach_is_told_of_her_own_managers_and_of_others_only_how_often_they_met(
    world: World, clock: OffsetClock
) -> None:
    two = pair(world)
    other = pair(world, two.course, "Lena Bergvall")
    without = world.member(two.course, Role.MANAGER, "Eva Sundin")
    two.talk(due=date(2026, 11, 4))
    other.talk(due=date(2026, 11, 4))
    clock.put(TODAY)
    with two.writing() as unit:
        unit.session.execute(sa.update(Engagement).values(started_at=START))
    members = [two.manager_member, other.manager_member, without]
    found = report(two, Role.COACH, two.coach_member, members)
    mine, hers, nobodys = (found.cells[member.id] for member in members)
    assert (mine["sessions"].value, str(mine["sessions"].text), str(mine["sessions"].detail)) == (
        1,
        "1 of 3 to 5",
        "none booked",
    )
    assert (str(mine["homework"].text), mine["homework"].mark) == ("1 late", "att")
    assert (set(hers), hers["sessions"].value, hers["sessions"].detail) == ({"sessions"}, 1, "")
    assert (set(nobodys), nobodys["sessions"].value) == ({"sessions"}, 0)
    assert {reason.member_id for reason in found.attention} == {two.manager_member.id}
    assert [(str(reason.why), reason.weight) for reason in found.attention] == [
        ("Homework late by 6 days", 4.0), ("No next session booked", 3.0), ("Behind the contract", 2.0),
        ("No contact for 40 days", 1.0),
    ]  # fmt: skip
    assert [(mark.member_id, mark.at, str(mark.what), mark.shape) for mark in found.marks] == [
        (two.manager_member.id, date(2026, 10, 1), "session held", "disc")
    ]
    (balances,) = found.pictures
    assert [row[0] for row in balances.rows] == ["Karin Lindqvist"]
    assert [(one.key, one.persons) for one in found.filters] == [("mine", {two.manager_member.person_id})]
    assert found.begun == {two.manager_member.person_id, other.manager_member.person_id}


def test_a_booked_session_and_no_late_homework_need_nobody(world: World, clock: OffsetClock) -> None:
    two = pair(world)
    two.talk(due=date(2026, 11, 20))
    with two.writing():
        for item in operations.contract(two.as_manager()).of(ItemKind.INTERMEDIATE):
            operations.set_progress(two.as_manager(lock=True), item.key, Progress.DONE)
    clock.put(START + timedelta(days=20))
    two.plan(TODAY + timedelta(days=9))
    found = report(two, Role.COACH, two.coach_member, [two.manager_member])
    assert [(str(told.why), told.weight, told.mark) for told in found.attention] == [("Next session in 29 days", 0, "")]
    cells = found.cells[two.manager_member.id]
    assert (str(cells["homework"].text), str(cells["sessions"].detail)) == ("1 open", "next November 19")
    assert [(str(mark.what), mark.shape) for mark in found.marks] == [("session held", "disc"), ("booked", "ring")]


def test_a_worker_sees_what_the_coach_it_writes_for_would_see(world: World) -> None:
    two = pair(world)
    two.talk()
    of = (two.course.cohort, [two.manager_member])
    with world.app.test_request_context("/"), two.reading():
        found = plugin.cohort_report(*of, Role.COACH, two.coach_member.person_id, Settings())
        assert {"sessions", "homework", "contract"} <= set(found.cells[two.manager_member.id])
        found = plugin.cohort_report(*of, Role.COACH, uuid4(), Settings())
        assert set(found.cells[two.manager_member.id]) == {"sessions"}
        assert (list(found.attention), list(found.panels)) == ([], [])
        assert plugin.cohort_report(*of, Role.NONE, uuid4(), Settings()) == CohortReport()


def test_training_gets_numbers_of_members_and_nothing_else(world: World, clock: OffsetClock) -> None:
    two = pair(world)
    without = world.member(two.course, Role.MANAGER, "Eva Sundin")
    for back in range(3):
        session_id = two.plan(START + timedelta(days=back))
        two.save(session_id, full())
    clock.put(TODAY)
    found = report(two, Role.TRAINING, world.member(two.course, Role.TRAINING, "T"), [two.manager_member, without])
    assert {count.key: count.number for count in found.counts} == {"engaged": 1, "agreed": 1, "met": 1, "enough": 1}
    assert (found.columns, found.cells, found.attention, found.pictures) == ((), {}, (), ())


def test_completion_is_sessions_closed_of_the_least_a_term_asks(world: World) -> None:
    two = pair(world)
    without = world.member(two.course, Role.MANAGER, "Eva Sundin")
    two.talk()
    with two.reading():
        found = plugin.progress(two.course.cohort, [two.manager_member, without], Settings())
    assert {key: (one.done, one.asked) for key, one in found.items()} == {
        two.manager_member.id: (1, 3),
        without.id: (0, 3),
    }


def test_settings_of_the_course_are_used(world: World, clock: OffsetClock) -> None:
    course = world.course(plugins={"handledning": {"sessions_min": 1, "sessions_max": 2}})
    two = pair(world, course)
    two.talk()
    clock.put(TODAY)
    found = report(two, Role.COACH, two.coach_member, [two.manager_member])
    assert str(found.cells[two.manager_member.id]["sessions"].text) == "1 of 1 to 2"
    assert Settings().model_dump() == {"sessions_min": 3, "sessions_max": 5, "minutes_min": 120, "minutes_max": 180}


@pytest.mark.parametrize("path", ["/handledning/", "report", "home"])
def test_statements_do_not_grow_with_managers_or_sessions(world: World, path: str) -> None:
    two = pair(world)
    coach, manager = two.enter(two.coach_member), two.enter(two.manager_member)
    engine = world.core.units.engine

    def ask() -> int:
        members = [two.manager_member, *more]
        with counting(engine) as statements:
            if path == "report":
                with two.reading(), world.app.test_request_context("/"):
                    plugin.cohort_report(two.course.cohort, members, Role.COACH, two.coach_member.person_id, Settings())
            else:
                assert (coach.get(path) if path != "home" else manager.get("/handledning/")).status_code == 200
        return len(statements)

    more: list[Member] = []
    two.talk()
    before = ask()
    for name in ("A", "B", "C"):
        other = pair(world, two.course, name, two.coach_member)
        more.append(other.manager_member)
        other.talk()
    for weeks in (2, 4):
        two.plan(START + timedelta(weeks=weeks))
    assert ask() == before


def test_her_own_copy_has_everything_she_wrote(world: World) -> None:
    two = pair(world)
    two.talk(decision="They plan the week", expected="Less noise")
    with two.reading():
        mine = {part.name: part.rows for part in plugin.personal_data(two.manager_member.person)}
        coachs = {part.name: part.rows for part in plugin.personal_data(two.coach_member.person)}
    assert [row["text"] for row in mine["handledning_decision"]] == ["They plan the week"]
    assert [(row["text"], row["criterion"]) for row in mine["handledning_homework"]] == [
        ("Ask the team", "Three answers written down")
    ]
    assert [row["answers"] for row in mine["handledning_readiness_check"]] == ["544"]
    assert [row["role"] for row in mine["handledning_engagement"]] == ["manager"]
    assert [row["role"] for row in coachs["handledning_engagement"]] == ["coach"]
    assert len(coachs["handledning_coaching_session"]) == 1
    assert {name for name, rows in coachs.items() if rows} == {
        "handledning_engagement", "handledning_coaching_session", "handledning_agreement", "handledning_contract",
        "handledning_coach_profile",
    }  # fmt: skip


def test_every_table_is_somebodys_or_said_to_be_nobodys() -> None:
    """A table that is added tomorrow is in a person's copy and in her erasure, or it is said why not."""
    ours = {name for name in Base.metadata.tables if name.startswith("handledning_")}
    assert {model.__tablename__ for model in data.tables()} == ours
    named = {model.__name__ for model in data.tables()}
    assert set(data.TITLES) | data.NOBODYS == named
    for model in data.tables():
        columns = set(Base.metadata.tables[model.__tablename__].columns.keys())
        people = {
            key.parent.name
            for key in Base.metadata.tables[model.__tablename__].foreign_keys
            if key.column.table.name == "person"
        }
        assert people <= data._PEOPLE
        sealed = {value.column for value in vars(model).values() if isinstance(value, ConfidentialText)}
        assert {name for name in columns if name.endswith("_sealed")} == sealed


def test_erasing_a_manager_leaves_the_coachs_count(world: World) -> None:
    two = pair(world)
    two.talk(decision="They plan the week")
    with two.writing():
        gone = {
            erased.name: (erased.rows, bool(erased.kept_because)) for erased in plugin.erase(two.manager_member.person)
        }
    assert {name: count for name, count in gone.items() if count[0]} == {
        "handledning_readiness_check": (1, False),
        "handledning_contract_item": (5, False),
        "handledning_decision": (1, False),
        "handledning_homework": (1, False),
        "handledning_engagement": (1, True),
    }
    with two.reading() as unit:
        count = {
            model: unit.session.scalar(sa.select(sa.func.count()).select_from(model))
            for model in (Decision, Homework, CoachingSession)
        }
        assert count == {Decision: 0, Homework: 0, CoachingSession: 1}
        its = unit.session.scalars(sa.select(Engagement)).one()
        assert (its.manager_id, its.coach_id, its.status) == (None, two.coach.person_id, Status.CLOSED)


def test_erasing_a_coach_leaves_the_managers_text(world: World) -> None:
    two = pair(world)
    session_id = two.talk(decision="They plan the week")
    booked = two.plan(datetime.now(UTC) + timedelta(days=5))
    with two.writing():
        plugin.erase(two.coach_member.person)
    with two.reading():
        assert operations.sheet(two.manager, booked).session.state is State.CANCELLED
    page = two.enter(two.manager_member).get(f"/handledning/sessions/{session_id}")
    assert page.status_code == 200
    assert "They plan the week" in page.text
    assert "Erased" in page.text


def test_the_practice_cohort_looks_alive(world: World, clock: OffsetClock) -> None:
    course = world.course()
    managers = [world.member(course, Role.MANAGER, f"Chef {number}") for number in range(9)]
    coach, training = world.member(course, Role.COACH, "Amira Haddad"), world.member(course, Role.TRAINING, "T")

    @contextmanager
    def at(moment: datetime) -> Iterator[None]:
        before = clock.offset
        clock.put(moment)
        try:
            yield
        finally:
            clock.offset = before

    clock.put(datetime.fromisoformat("2026-11-24T09:00:00+01:00"))
    with world.core.units.writing():
        plugin.seed_demo(course.cohort, DemoCast(managers, coach, training, date(2026, 11, 24), at))
    with world.core.units.reading() as unit:
        found = operations.standings(course.cohort.id, unit.now())
        assert set(found) == {member.person_id for member in managers[:8]}
        beginner = found[managers[7].person_id].engagement
        assert beginner is not None
        assert beginner.status is CoachingStatus.DRAFT
        coached = operations.coach_rows(operations.Party.of(course.cohort, coach.person_id, Role.COACH), unit.now())
        assert next((row.name, row.needs[0]) for row in coached if row.needs)[1] is Need.LATE
        assert {row.variance is None or row.variance < 0 for row in coached} == {True, False}
        assert [len(found[member.person_id].held) for member in managers[:7]] == [2, 2, 2, 2, 1, 3, 3]
        assert all(one.state is State.CLOSED for standing in found.values() for one in standing.held)
        assert [len(found[m.person_id].overdue(date(2026, 11, 24))) for m in managers[:7]] == [0, 1, 0, 0, 0, 0, 0]
        assert sum(not standing.booked for standing in found.values()) == 3
        training_party = operations.Party.of(course.cohort, training.person_id, Role.TRAINING)
        assert operations.proposals(training_party) == {managers[8].person_id: coach.person_id}


def what(two: Pair) -> list[tuple[str, str]]:
    with behind_the_door(two.enter(two.manager_member)):
        cards = plugin.home_cards(two.course.cohort, two.manager_member)
        return [(item["when"], item["what"]) for card in cards for item in card.context["items"]]


def test_home_says_what_an_engagement_waits_for(world: World, clock: OffsetClock) -> None:
    clock.put(START)
    two = chosen(world)
    booking = ("Not booked", "Next session with Amira Haddad")
    assert what(two) == [("Before you begin", "Say whether this is the time"), booking]
    with two.writing():
        operations.answer_readiness(two.as_manager(lock=True), (1, 1, 1))
    assert what(two) == [booking]  # nobody is reminded of "not now" before its day
    clock.advance(timedelta(weeks=8, days=1))
    assert what(two) == [("Before you begin", "Say whether this is the time"), booking]
    make_ready(two)
    assert what(two) == [("Before you begin", "Accept the agreement about who answers for what"), booking]
    with two.writing():
        operations.accept_agreement(two.as_manager(lock=True), 1)
    assert what(two) == [("Before you begin", "Accept the contract"), booking]
    with two.writing():
        written = operations.write_contract(two.as_manager(lock=True), 1, 1, contract_draft())
        operations.accept_contract(two.as_manager(lock=True), written.number, written.version)
    assert what(two) == [booking]  # it waits for the coach


def test_home_says_that_it_rests_and_that_a_coach_has_left(world: World) -> None:
    two = pair(world)
    with two.writing():
        operations.pause(two.as_manager(lock=True))
    assert what(two) == [("Paused", "Coaching with Amira Haddad")]
    with two.writing() as unit:
        unit.session.get_one(Member, two.coach_member.id).active = False
    assert what(two) == [("When it suits you", "Amira Haddad is no longer a coach in this course.")]


def test_a_coach_is_told_of_who_has_just_chosen_her(world: World) -> None:
    two = chosen(world)
    found = report(two, Role.COACH, two.coach_member, [two.manager_member])
    assert [(str(reason.why), reason.weight) for reason in found.attention] == [("Has chosen you as coach", 5.0)]
    page = two.enter(two.coach_member).get("/handledning/").text
    assert "Karin Lindqvist has chosen you." in page
