"""The switchboard: what is on for whom."""

import re
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from service.access import Permission, Role
from service.cohorts import switches
from service.cohorts.models import CohortPlugin, OrganisationPlugin
from service.contract import Manifest
from service.contract.manifest import NavItem
from service.contract.records import Card
from tests.service.cohorts.conftest import Trail
from tests.service.cohorts.fakes import plugin, plugins
from tests.support import Browser, Course, World

MakeApp = Callable[..., Flask]


@pytest.fixture
def world(make_app: MakeApp) -> World:
    one = plugin(
        "one", title="Part one", templates={"a.html": "card of one"}, home_cards=lambda cohort, member: [Card("one/a.html", {})]
    )  # fmt: skip
    return World(make_app(plugins=plugins(one, plugin("two", on_by_default=False, title="Part two"))))


def states(text: str) -> dict[str, bool]:
    """The switches on a page by their label."""
    found = re.findall(r'role="switch" aria-checked="(\w+)" aria-label="(.*?)"', text)
    return {label: checked == "true" for checked, label in found}


def row(world: World, course: Course, key: str) -> CohortPlugin | None:
    with world.core.units.reading() as unit:
        return unit.session.get(CohortPlugin, (course.cohort.id, key))


def test_off_hides_everything_and_on_brings_it_back(world: World, trail: Trail) -> None:
    course = world.course(plugins={"one": {"kept": 1}, "two": {}})
    training, manager = world.enter(course, Role.TRAINING), world.enter(course)
    assert manager.get("/one/").text == "page of one"
    assert "card of one" in manager.get("/").text
    answer = training.post("/switches/one", {"state": "off"})
    assert answer.status_code == 303
    assert manager.get("/one/").status_code == 404
    assert "card of one" not in manager.get("/").text
    kept = row(world, course, "one")
    assert kept is not None
    assert (kept.enabled, kept.settings) == (False, {"kept": 1})
    assert training.post("/switches/one", {"state": "on"}).status_code == 303
    assert manager.get("/one/").text == "page of one"
    kept = row(world, course, "one")
    assert kept is not None
    assert (kept.enabled, kept.settings) == (True, {"kept": 1})
    assert trail(world, course) == [
        ("plugin.switch", "allow", "off"),
        ("plugin", "deny", "disabled"),
        ("plugin.switch", "allow", "on"),
    ]


def test_undo_comes_first_after_a_change(world: World) -> None:
    course = world.course("Rektorer <b>2026</b>")
    training = world.enter(course, Role.TRAINING)
    shown = training.client.get(
        training.post("/switches/one", {"state": "off"}).location, base_url="http://127.0.0.1:5055"
    ).text
    notice = re.search(r'<div class="sv-notice tint".*?</form></div></div>', shown, re.DOTALL)
    assert notice is not None
    assert shown.index("sv-notice tint") < shown.index("<table")
    assert "Part one is now off for <bdi>Rektorer &lt;b&gt;2026&lt;/b&gt;</bdi>." in notice.group()
    action = re.search(r'action="/l/[^/]+(/switches/[^"]+)"', notice.group())
    assert action is not None
    assert 'name="state" value="on"' in notice.group()
    training.post(action.group(1), {"state": "on"})
    found = row(world, course, "one")
    assert found is not None
    assert found.enabled


def test_the_notice_tells_how_it_is_not_what_the_address_says(world: World) -> None:
    course = world.course()
    text = world.enter(course, Role.TRAINING).get(f"/switches?changed=one&cohort={course.cohort.id}&state=off").text
    assert "is now on for" in text
    assert "is now off" not in text


def test_switching_to_what_it_is_changes_nothing(world: World, trail: Trail) -> None:
    course = world.course()
    assert world.enter(course, Role.TRAINING).post("/switches/one", {"state": "on"}).status_code == 303
    assert trail(world, course) == []


def test_a_part_that_was_never_there_can_be_switched_on(world: World) -> None:
    course = world.course(plugins={})
    training = world.enter(course, Role.TRAINING)
    assert states(training.get("/switches").text)["Part two for Enhetschefer 2026"] is False
    training.post("/switches/two", {"state": "on"})
    assert states(training.get("/switches").text)["Part two for Enhetschefer 2026"] is True
    assert world.enter(course).get("/two/").status_code == 200


def test_new_cohorts_begin_as_the_organisation_chose(world: World, trail: Trail) -> None:
    course = world.course()
    training = world.enter(course, Role.TRAINING)
    before = states(training.get("/switches").text)
    assert (before["Part one for new cohorts"], before["Part two for new cohorts"]) == (True, False)
    for key, state in (("one", "off"), ("two", "on"), ("two", "on")):
        assert training.post(f"/switches/defaults/{key}", {"state": state}).status_code == 303
    new = world.course("New", beside=course, plugins={})
    with world.core.units.writing():
        switches.start_cohort(new.cohort, world.core.host)
    with world.core.units.writing():
        switches.start_cohort(new.cohort, world.core.host)
    with world.core.units.reading():
        assert set(switches.enabled(new.cohort.id)) == {"two"}
        assert set(switches.enabled(course.cohort.id)) == {"one", "two"}
    assert [event[0] for event in trail(world, course)] == ["plugin.default"] * 2


def test_starting_a_cohort_leaves_what_was_switched(world: World) -> None:
    course = world.course(plugins={"two": {"mine": True}})
    with world.core.units.writing():
        switches.start_cohort(course.cohort, world.core.host)
    with world.core.units.reading():
        assert switches.enabled(course.cohort.id) == {"one": {}, "two": {"mine": True}}


def test_any_cohort_of_the_own_organisation_and_no_other(world: World) -> None:
    course, foreign = world.course(), world.course("Foreign course")
    beside = world.course("Beside", beside=course)
    training = world.enter(course, Role.TRAINING)
    assert training.post(f"/switches/{beside.cohort.id}/one", {"state": "off"}).status_code == 303
    for cohort in (foreign.cohort.id, uuid.uuid4()):
        assert training.post(f"/switches/{cohort}/one", {"state": "off"}).status_code == 404
    text = training.get("/switches").text
    assert "Beside" in text
    assert "Foreign course" not in text
    assert "is now" not in training.get(f"/switches?changed=one&cohort={foreign.cohort.id}").text
    states_after = [row(world, where, "one") for where in (course, beside, foreign)]
    assert [found is not None and found.enabled for found in states_after] == [True, False, True]


def test_another_organisations_defaults_stay(world: World) -> None:
    course, foreign = world.course(), world.course()
    world.enter(course, Role.TRAINING).post("/switches/defaults/one", {"state": "off"})
    with world.core.units.reading() as unit:
        assert unit.session.get(OrganisationPlugin, (foreign.organisation.id, "one")) is None


@pytest.mark.parametrize("path", ["/switches/one", "/switches/defaults/one"])
@pytest.mark.parametrize("form", [{}, {"state": "maybe"}, {"state": "\x00"}])
def test_what_cannot_be_read_changes_nothing(world: World, path: str, form: dict[str, Any]) -> None:
    course = world.course()
    answer = world.enter(course, Role.TRAINING).post(path, form)
    assert answer.status_code == 422
    assert "Nothing was changed." in answer.text
    found = row(world, course, "one")
    assert found is not None
    assert found.enabled


@pytest.mark.parametrize("path", ["/switches/absent", "/switches/defaults/absent"])
def test_an_unknown_part_is_not_found(world: World, path: str) -> None:
    assert world.enter(world.course(), Role.TRAINING).post(path, {"state": "on"}).status_code == 404


@pytest.mark.parametrize("role", [Role.MANAGER, Role.COACH])
def test_others_may_not_switch(world: World, role: Role) -> None:
    course = world.course()
    inside: Browser = world.enter(course, role)
    for path in ("/switches/one", "/switches/defaults/one", f"/switches/{course.cohort.id}/one"):
        assert inside.post(path, {"state": "off"}).status_code == 403
    found = row(world, course, "one")
    assert found is not None
    assert found.enabled


def test_managers_are_counted_as_the_dashboard_counts_them(world: World) -> None:
    course = world.course()
    for name in ("Anna", "Eva"):
        world.member(course, Role.MANAGER, name)
    world.member(course, Role.MANAGER, person=world.person(course, "Student View", is_test=True))
    taught = world.member(course, Role.COACH, "Teacher")
    training = world.enter(course, Role.TRAINING)
    assert "2 managers, this course" in training.get("/switches").text
    training.post(f"/members/{taught.id}/grant", {"role": "manager"})
    assert "3 managers, this course" in training.get("/switches").text


def test_a_part_that_is_off_says_so(world: World) -> None:
    course = world.course(plugins={"one": {}})
    manager = world.enter(course)
    text = manager.get("/off/two").text
    assert "Part two is not switched on for this course" in text
    assert f"<bdi>{course.organisation.name}</bdi>" in text
    answer = manager.get("/off/one")
    assert (answer.status_code, answer.location) == (303, f"{manager.path}/one/")
    assert manager.get("/off/absent").status_code == 404


@pytest.mark.parametrize("role", [Role.COACH, Role.TRAINING])
def test_who_opens_an_activity_that_is_the_managers_reads_that(make_app: MakeApp, role: Role) -> None:
    tab = NavItem("today", "Today", frozenset({Role.MANAGER}))
    use = Permission("one.use", frozenset({Role.MANAGER}))
    one = plugin("one", manifest=lambda: Manifest("one", "Part one", "What one does.", (use,), (tab,)))
    world = World(make_app(plugins=plugins(one)))
    course = world.course(plugins={"one": {}})
    answer = world.enter(course, role).get("/off/one")
    assert answer.status_code == 200
    assert "Part one is for the managers" in answer.text
    candidate = world.enter(course, Role.CANDIDATE).get("/off/one")
    assert (candidate.status_code, candidate.location[-1]) == (303, "/")


def test_who_sees_what_names_the_parts_that_are_on(world: World) -> None:
    course = world.course(plugins={"one": {}})
    for role in (Role.MANAGER, Role.COACH, Role.TRAINING, Role.NONE):
        text = world.enter(course, role).get("/who").text
        assert "<h1>Who sees what</h1>" in text
        assert "What one does." in text
        assert "What two does." not in text


# --- many cohorts -----------------------------------------------------------------------------------------------------


def many(world: World, number: int) -> tuple[Course, list[Course]]:
    course = world.course("Cohort 0")
    return course, [course, *(world.course(f"Cohort {one}", beside=course) for one in range(1, number))]


def enabled(world: World, courses: list[Course], key: str = "one") -> list[bool]:
    return [found.enabled for course in courses if (found := row(world, course, key)) is not None]


def test_several_are_switched_and_undone_at_once(world: World, trail: Trail) -> None:
    course, courses = many(world, 4)
    switches_before = enabled(world, courses)
    training = world.enter(course, Role.TRAINING)
    training.post(f"/switches/{courses[2].cohort.id}/one", {"state": "off"})
    chosen = [str(one.cohort.id) for one in courses[1:]]
    answer = training.post("/switches", {"plugin": "one", "state": "off", "cohort": chosen})
    assert answer.status_code == 303
    assert enabled(world, courses) == [True, False, False, False]
    text = training.client.get(answer.location, base_url="http://127.0.0.1:5055").text
    assert "Part one is now off for 2 cohorts that had it on." in text
    fields = dict(re.findall(r'<input type="hidden" name="(plugin|state|at)" value="([^"]+)"', text.split("Undo")[0]))
    # The one that was off before stays off.
    assert training.post("/switches", fields).status_code == 303
    assert enabled(world, courses) == [True, True, False, True]
    assert switches_before == [True] * 4
    assert [entry[::2] for entry in trail(world, course)] == [
        ("plugin.switch", "off"), *[("plugin.switch", "off")] * 2, *[("plugin.switch", "on")] * 2,
    ]  # fmt: skip
    # Undone twice, and a moment that never was, change nothing.
    for again in (fields, fields | {"at": "nonsense"}, fields | {"at": "2026-01-01"}):
        assert training.post("/switches", again).status_code == 422
    assert "at=nonsense" not in training.get("/switches?changed=one&at=nonsense").text


def test_all_that_fit_are_switched_over_all_pages(world: World) -> None:
    course, courses = many(world, 60)
    other = world.course("Cohort of another organisation")
    training = world.enter(course, Role.TRAINING)
    text = training.get("/switches?many=1&page=2").text
    assert text.count('name="cohort"') == 10
    assert "All 60 that fit, on other pages too" in text
    assert training.get("/switches?page=99").text.count('role="switch"') == 22
    assert training.get("/switches?q=cohort 5").text.count("1 manager") == 0
    assert "No cohort fits" in training.get("/switches?q=nothing").text
    training.post("/switches", {"plugin": "one", "state": "off", "all": "on", "q": "COHORT 5"})
    assert enabled(world, courses).count(False) == 11
    training.post("/switches", {"plugin": "one", "state": "off", "all": "on", "q": ""})
    assert enabled(world, courses).count(False) == 60
    assert enabled(world, [other]) == [True]
    answer = training.post("/switches", {"plugin": "one", "state": "off", "all": "on"})
    assert "Nothing was changed." in training.client.get(answer.location, base_url="http://127.0.0.1:5055").text


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({"plugin": "one", "state": "off"}, 422),
        ({"plugin": "one", "state": "upside down", "all": "on"}, 422),
        ({"plugin": "three", "state": "off", "all": "on"}, 404),
        ({"plugin": "one", "state": "off", "cohort": "none"}, 404),
    ],
)
def test_what_cannot_be_switched_for_several_changes_nothing(
    world: World, trail: Trail, form: dict[str, str], status: int
) -> None:
    course, courses = many(world, 2)
    other = world.course("Another organisation's")
    training = world.enter(course, Role.TRAINING)
    assert training.post("/switches", form).status_code == status
    foreign = [str(courses[1].cohort.id), str(other.cohort.id)]
    assert training.post("/switches", {"plugin": "one", "state": "off", "cohort": foreign}).status_code == 404
    assert enabled(world, [*courses, other]) == [True] * 3
    assert [entry[0] for entry in trail(world, course) if entry[1] == "allow"] == []
