"""The cohort as coach and training department see it."""

import re
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from service.access import Role
from service.contract.reports import Attention, Cell, CohortReport, Column, Picture
from tests.service.cohorts.conftest import Trail
from tests.service.cohorts.fakes import plugin, plugins
from tests.support import Browser, Course, OffsetClock, World

MakeApp = Callable[..., Flask]
HOSTILE = "<script>alert(1)</script>\u202eevil"


def reporting(answer: Callable[[Sequence[Any], Role], Any], key: str = "one", **more: Any) -> Any:
    return plugin(key, cohort_report=lambda cohort, members, audience: answer(members, audience), **more)


def rows(text: str) -> list[str]:
    return re.findall(r'<th role="rowheader" scope="row"><bdi>(.*?)</bdi>', text)


def cohort_of(world: World, *names: str) -> tuple[Course, Browser]:
    course = world.course()
    for name in names:
        world.member(course, Role.MANAGER, name)
    return course, world.enter(course, Role.COACH, "Amira Haddad")


def test_whoever_needs_the_coach_stands_first(make_app: MakeApp) -> None:
    def answer(members: Sequence[Any], audience: Role) -> CohortReport:
        assert audience is Role.COACH
        ids = {member.person.name: member.id for member in members}
        return CohortReport(
            columns=[Column("done", "Done", "number")],
            cells={ids["Peter"]: {"done": Cell(3, "3 of 4", "next 10 December")}},
            attention=[Attention(ids["Eva"], "No next time", weight=1), Attention(ids["Peter"], "Homework late", "6 days", weight=5)],
            pictures=[Picture("term", "The term", "In short", {"kind": "bar", "x": {"labels": ["a"]}, "series": []}, ["Manager", "Held"], [["Peter", "3"]])],
        )  # fmt: skip

    world = World(make_app(plugins=plugins(reporting(answer))))
    _course, coach = cohort_of(world, "Anna", "Eva", "Peter")
    text = coach.get("/cohort").text
    assert rows(text) == ["Peter", "Eva", "Anna"]
    assert "<h1>2 of 3 managers need you</h1>" in text
    assert text.index("Needs you</th>") < text.index("Peter") < text.index("Going well</th>") < text.index("Anna")
    assert "3 of 4" in text
    assert "next 10 December" in text
    assert '<th scope="row">Peter</th><td class="num">3</td>' in text
    assert rows(coach.get("/cohort?show=needs").text) == ["Peter", "Eva"]


def test_only_managers_who_are_there_and_real_are_shown(make_app: MakeApp) -> None:
    world = World(make_app(plugins={}))
    course, coach = cohort_of(world, "Anna", "Åsa", "Örjan", "Ängla")
    left = world.member(course, Role.MANAGER, "Gone")
    tester = world.member(course, person=world.person(course, "Student View", is_test=True))
    taught = world.member(course, Role.COACH, "Teacher who is a manager here")
    promoted = world.member(course, Role.MANAGER, "Promoted")
    boss = world.enter(course, Role.TRAINING)
    for member, role in ((taught, "manager"), (promoted, "coach")):
        assert boss.post(f"/members/{member.id}/grant", {"role": role}).status_code == 303
    with world.core.units.writing() as unit:
        unit.session.merge(left).active = False
    assert tester.person.is_test
    assert rows(coach.get("/cohort").text) == ["Anna", "Teacher who is a manager here", "Åsa", "Ängla", "Örjan"]


def test_an_empty_cohort_says_how_it_fills(make_app: MakeApp) -> None:
    world = World(make_app(plugins={}))
    _course, coach = cohort_of(world)
    text = coach.get("/cohort").text
    assert "<h1>No managers here yet</h1>" in text
    assert "<table" not in text


def test_hostile_names_are_only_text(make_app: MakeApp) -> None:
    world = World(make_app(plugins=plugins(reporting(lambda members, _audience: CohortReport()))))
    course, coach = cohort_of(world, HOSTILE)
    escaped = "&lt;script&gt;alert(1)&lt;/script&gt;\u202eevil"
    for inside, path in ((coach, "/cohort"), (world.enter(course, Role.TRAINING), "/members")):
        text = inside.get(path).text
        assert f"<bdi>{escaped}</bdi>" in text
        assert "<script>alert" not in text


def test_each_visit_of_a_coach_is_in_the_audit_trail_and_each_filter_is_not(
    make_app: MakeApp, clock: OffsetClock, trail: Trail
) -> None:
    world = World(make_app(plugins={}))
    course, coach = cohort_of(world, "Anna")
    for path in ("/cohort", "/cohort?show=needs", "/cohort?q=a", "/cohort?page=2"):
        assert coach.get(path).status_code == 200
    assert trail(world, course) == [("cohort.view", "allow", "")]
    clock.advance(timedelta(minutes=10, seconds=1))
    coach.get("/cohort?show=needs")
    assert trail(world, course) == [("cohort.view", "allow", "")] * 2
    world.enter(course, Role.COACH, "Petra Holm").get("/cohort")
    assert len(trail(world, course)) == 3


def test_statements_do_not_grow_with_the_managers(make_app: MakeApp) -> None:
    world = World(make_app(plugins={}))
    counted: list[str] = []
    sa.event.listen(world.core.units.engine, "before_cursor_execute", lambda *a: counted.append(a[2]))
    _course, coach = cohort_of(world, "Anna")
    training = world.enter(_course, Role.TRAINING)
    figures = []
    coach.get("/cohort")  # the first event of an organisation also begins its chain
    for more in (0, 40):
        for number in range(more):
            world.member(_course, Role.MANAGER, f"Manager {number}")
        for inside, path in (
            (coach, "/cohort"),
            (training, "/cohort"),
            (training, "/members"),
            (training, "/switches"),
        ):
            counted.clear()
            assert inside.get(path).status_code == 200
            figures.append(len([text for text in counted if not text.startswith(("SAVEPOINT", "RELEASE"))]))
    assert figures[4:] == figures[:4]


def half(members: Sequence[Any], _audience: Role) -> CohortReport:
    return CohortReport(columns=[Column("late", "Half a column")], attention=["not attention"])  # type: ignore[list-item]


def raises(_members: Sequence[Any], _audience: Role) -> CohortReport:
    raise RuntimeError("boom")


def bad_chart(_members: Sequence[Any], _audience: Role) -> CohortReport:
    picture = Picture("p", "t", "s", {"kind": object()}, [], [])
    return CohortReport(pictures=[picture])


@pytest.mark.parametrize(
    "bad", [raises, half, bad_chart, lambda members, audience: None], ids=["raises", "half", "picture", "none"]
)
def test_a_failing_plugin_leaves_the_rest(make_app: MakeApp, bad: Callable[..., Any]) -> None:
    def good(members: Sequence[Any], _audience: Role) -> CohortReport:
        cells = {member.id: {"c": Cell(1, "all is well")} for member in members}
        return CohortReport([Column("c", "Good column")], cells)

    world = World(make_app(plugins=plugins(reporting(bad, "bad", title="The bad part"), reporting(good, "good"))))
    _course, coach = cohort_of(world, *(f"Manager {number}" for number in range(6)))
    text = coach.get("/cohort").text
    assert text.count("The bad part cannot be shown just now.") == 1
    assert "Half a column" not in text
    assert "all is well" in text


def test_a_manager_may_not_look(make_app: MakeApp, trail: Trail) -> None:
    world = World(make_app(plugins={}))
    course = world.course()
    answer = world.enter(course).get("/cohort")
    assert answer.status_code == 403
    assert trail(world, course) == [("authz", "deny", "role")]
