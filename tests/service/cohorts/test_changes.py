"""What was changed: training reads configuration with from and to, a coach herself, nobody anybody's content."""

from typing import Any

import pytest
from flask import Flask

from service import audit
from service.access import Role
from service.audit import Actor, Outcome
from service.cohorts.changes import GROUPS
from service.cohorts.erasure import erase
from service.contract.records import ExportScope
from service.exports import trail
from tests.support import Browser, Course, World, parts


@pytest.fixture
def course(world: World) -> Course:
    return world.course()


@pytest.fixture
def training(world: World, course: Course) -> Browser:
    return world.enter(course, Role.TRAINING, "Johan Ekström")


def note(app: Flask, actor: Actor, action: str, **values: Any) -> None:
    audit.append_now(parts(app).units, actor, action, **values)


def row(page: str, *words: str) -> bool:
    """Whether one row of the page's table has all these words in this order."""
    for line in page.split('<tr role="row">')[1:]:
        place = 0
        for word in words:
            place = line.find(word, place)
            if place < 0:
                break
        else:
            return True
    return False


def test_every_change_says_who_and_from_what_to_what(
    app: Flask, world: World, course: Course, training: Browser
) -> None:
    member = world.member(course)
    training.post(f"/switches/{course.cohort.id}/ledarsteg", {"state": "off"})
    training.post("/switches/defaults/handledning", {"state": "off"})
    training.post(f"/members/{member.id}/grant", {"role": "coach"})
    training.post(f"/members/{member.id}/revoke", {"role": "coach"})
    training.post("/retention/core.launches", {"days": "30", "before": "90", "step": "save"})
    training.post(f"/connections/cohorts/{course.cohort.id}", {"state": "archived"})
    page = training.get("/changes").text
    assert row(page, "Johan Ekström", "A part was switched", "Small steps, Enhetschefer 2026", ">on<", ">off<")
    assert row(page, "A part was switched for new cohorts", "Coaching", ">on<", ">off<")
    assert row(page, "A role was given", "Karin Lindqvist", ">–<", ">Coach<")
    assert row(page, "A role was ended", "Karin Lindqvist", ">Coach<", ">–<")
    assert row(page, "How long something is kept", "Visits: when somebody opened Stegvis", ">90<", ">30<")
    for key, words in (
        ("switches", "A part was switched"),
        ("roles", "A role was given"),
        ("retention", "How long something is kept"),
    ):
        filtered = training.get(f"/changes?what={key}").text
        assert words in filtered
        assert (
            sum(
                text in filtered
                for text in ("A part was switched<", "A role was given<", "How long something is kept<")
            )
            <= 1
        )
        assert f'value="{key}" selected' in filtered


@pytest.mark.parametrize(
    ("action", "values", "shown"),
    [
        ("platform.disabled", {"reason": "was_active"}, (">active<", ">disabled<")),
        ("platform.elsewhere", {"reason": "was_new_born"}, (">new born<", ">elsewhere<")),
        (
            "plugin.settings",
            {"reason": "asked: 3 > 5", "object_ref": "ledarsteg"},
            ("Small steps", ">asked: 3<", ">5<"),
        ),
        ("role.claim", {"outcome": Outcome.DENY, "reason": "wrong_code"}, ("(refused)", ">–<", ">–<")),
        ("term.change", {"object_type": "term", "object_ref": "VT"}, ("The dates of a term",)),
        ("term.change", {"object_type": "term", "object_ref": "2026HT"}, ("The dates of a term", "Autumn 2026")),
        ("term.change", {"object_type": "term", "object_ref": "2027VT"}, ("The dates of a term", "Spring 2027")),
        ("word.change", {"object_type": "word", "object_ref": "lv/coach"}, ("A word of the glossary", "Coach (lv)")),
        ("word.change", {"object_type": "word", "object_ref": "lv/gone"}, ("A word of the glossary",)),
        ("retention.days", {"object_type": "retention_rule", "object_ref": "core.gone"}, ("core.gone",)),
        ("word.other_thing", {}, ("Something else",)),
    ],
)
def test_how_the_trail_is_read(
    app: Flask, course: Course, training: Browser, action: str, values: Any, shown: tuple[str, ...]
) -> None:
    note(app, Actor(course.organisation.id), action, **values)
    assert row(training.get("/changes").text, "Stegvis or its operator", *shown)


def test_an_erased_person_is_named_nowhere(app: Flask, world: World, course: Course, training: Browser) -> None:
    other = world.enter(course, Role.TRAINING, "Gunilla Borta")
    member = world.member(course, name="Otto Borta")
    other.post(f"/members/{member.id}/grant", {"role": "coach"})
    with app.app_context(), parts(app).units.writing():
        for person in (other.person, member.person):
            erase(parts(app).host, parts(app).units and unit_person(person.id), Actor(course.organisation.id))
    page = training.get("/changes").text
    assert "Borta" not in page
    assert row(page, "Somebody who has been erased", "A role was given", "Somebody who has been erased")


def unit_person(person_id: Any) -> Any:
    from service.cohorts.models import Person
    from service.unit import current

    return current().session.get_one(Person, person_id)


def test_nothing_but_configuration_and_nothing_of_others(
    app: Flask, world: World, course: Course, training: Browser
) -> None:
    note(app, Actor(course.organisation.id, training.person.id, "training"), "note.write", object_ref="x")
    note(app, Actor(course.organisation.id), "plugin_other")  # `_` stands for itself
    note(app, Actor(world.course().organisation.id), "plugin.switch", reason="on")
    note(app, Actor(course.organisation.id), "role.give", outcome=Outcome.ERROR)
    assert "Nothing yet" in training.get("/changes").text
    assert "Nothing yet" in training.get("/changes?what=nonsense").text


def test_page_and_file_tell_the_same_and_neither_what_a_manager_chose(
    app: Flask, world: World, course: Course, training: Browser
) -> None:
    karin = world.member(course).person_id
    for role, actor in (("training", training.person.id), ("coach", karin), ("manager", karin)):
        for action in (
            "completion.choose",
            "cohort.view",
            "cohort.digest",
            "ledarsteg.text",
            "handledning.choose_coach",
        ):
            note(app, Actor(course.organisation.id, actor, role), action)
    wanted = ["word.change", "person.erase", "retention.days", "completion.approve", "cohort.archive", "invite"]
    for action in wanted:
        note(app, Actor(course.organisation.id, training.person.id, "training"), action)
    page = training.get("/changes").text
    assert "Karin" not in page
    assert page.count("Something in:") == 2
    assert row(page, "It was noted by hand that somebody took part")
    with app.app_context(), parts(app).units.reading():
        scope = ExportScope(course.cohort.id, training.person.id, Role.TRAINING, "en")
        rows = list(next(one for one in trail.exports() if one.key == "changes").rows(scope))  # type: ignore[misc]
    assert sorted(str(one[2]) for one in rows) == sorted([*wanted, "ledarsteg.text", "handledning.choose_coach"])


def test_fifty_on_a_page(app: Flask, course: Course, training: Browser) -> None:
    with parts(app).units.writing():
        for _ in range(51):
            audit.append(Actor(course.organisation.id), "term.change")
    first, second = training.get("/changes?what=terms").text, training.get("/changes?what=terms&page=2").text
    assert first.count("The dates of a term") == 50
    assert "page=2&amp;what=terms" in first
    assert second.count("The dates of a term") == 1
    assert "Nothing older" in training.get("/changes?page=9").text
    for number in ("-4", "9" * 30, "many"):
        assert training.get(f"/changes?page={number}").status_code == 200


def test_a_coach_reads_what_she_did_herself(app: Flask, world: World, course: Course, training: Browser) -> None:
    coach = world.enter(course, Role.COACH, "Amira Haddad")
    coach.get("/cohort")
    training.post(f"/switches/{course.cohort.id}/ledarsteg", {"state": "off"})
    page = coach.get("/changes?what=switches").text
    assert row(page, "Opened the list of the course")
    note(app, Actor(course.organisation.id, coach.person.id, "coach"), "handledning.nobody_knows")
    karin = world.member(course, name="Karin Lindqvist")
    note(
        app,
        Actor(course.organisation.id, coach.person.id, "coach"),
        "group_maturity.view_report",
        subject_id=karin.person_id,
    )
    page = coach.get("/changes").text
    assert row(page, "Something in: Coaching")
    # Whom she looked at stands beside it, and the words are not those for the manager who was looked at.
    assert row(page, "Opened something in: The group", "Karin Lindqvist")
    assert "that you share" not in page
    assert "Johan Ekström" not in page
    assert "A part was switched" not in page
    assert "What you have done" in coach.get("/who").text


@pytest.mark.parametrize("role", [Role.MANAGER, Role.NONE, Role.CANDIDATE])
def test_nobody_else_opens_it(world: World, course: Course, role: Role) -> None:
    assert world.enter(course, role, "Någon").get("/changes").status_code == 403


def test_every_group_can_be_chosen(training: Browser) -> None:
    for key in GROUPS:
        assert training.get(f"/changes?what={key}").status_code == 200
