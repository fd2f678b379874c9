"""An organisation's own words on tabs, headings and labels."""

from collections.abc import Callable

import pytest
from flask import Flask

from service.access import Role
from service.cohorts.glossary import LABELS, written
from tests.service.cohorts.conftest import Trail
from tests.service.cohorts.fakes import plugin, plugins
from tests.support import World


@pytest.fixture
def world(make_app: Callable[..., Flask]) -> World:
    return World(make_app(plugins=plugins(plugin("one"))))


def test_own_words_stand_on_tabs_and_headings_of_their_organisation_and_language(world: World, trail: Trail) -> None:
    course, other = world.course(), world.course()
    training = world.enter(course, Role.TRAINING)
    fields = {"seen": "{}", "en-my_managers": "My leaders", "en-cohort": " Class ", "sv-my_managers": "Mina ledare"}
    assert training.post("/words", fields).status_code == 303
    assert ">My leaders</a>" in world.enter(course, Role.COACH).get("/cohort").text
    assert ">Mina ledare</a>" in world.enter(course, Role.COACH, locale="sv").get("/cohort").text
    assert ">My managers</a>" in world.enter(other, Role.COACH).get("/cohort").text
    assert '<th role="columnheader" scope="col">Class</th>' in training.get("/switches").text
    text = training.get("/words?saved=1").text
    assert "Saved." in text
    assert '<span lang="en">Cohort</span>' in text
    assert 'value="Class"' in text
    assert [entry for entry in trail(world, course) if entry[0] == "word.change"] == [
        ("word.change", "allow", " > Mina ledare"), ("word.change", "allow", " > My leaders"), ("word.change", "allow", " > Class"),
    ]  # fmt: skip
    seen = written({"en": {"my_managers": "My leaders", "cohort": "Class"}, "sv": {"my_managers": "Mina ledare"}})
    assert training.post("/words", {"seen": seen}).status_code == 303
    assert ">My managers</a>" in world.enter(course, Role.COACH).get("/cohort").text


def test_the_trail_has_a_long_word_whole(world: World, trail: Trail) -> None:
    course, before = world.course(), "Deltagare i ledarskapsprogrammet för nya"
    training = world.enter(course, Role.TRAINING)
    assert training.post("/words", {"seen": "{}", "sv-manager": before}).status_code == 303
    seen = written({"sv": {"manager": before}})
    assert training.post("/words", {"seen": seen, "sv-manager": before[::-1]}).status_code == 303
    assert trail(world, course)[-1] == ("word.change", "allow", f"{before} > {before[::-1]}")
    assert before[::-1] in training.get("/changes").text


@pytest.mark.parametrize("word", ["<b>Coach</b>", "100 %(num)s", "a" * 41, "{{ 7 }}", '"', "&amp;"])
def test_what_is_no_word_is_refused_and_stays_typed(world: World, trail: Trail, word: str) -> None:
    course = world.course()
    training = world.enter(course, Role.TRAINING)
    answer = training.post("/words", {"seen": "{}", "en-coach": word, "en-cohort": "Class"})
    assert answer.status_code == 422
    assert "Use letters, figures, spaces and hyphens, at most 40 of them." in answer.text
    assert 'value="Class"' in answer.text
    assert "<b>Coach" not in answer.text
    assert trail(world, course) == []


def test_two_tabs_both_see_what_the_other_wrote(world: World) -> None:
    course = world.course()
    training = world.enter(course, Role.TRAINING)
    training.post("/words", {"seen": "{}", "en-coach": "Mentor"})
    assert training.post("/words", {"seen": "{}", "en-coach": "Mentor"}).status_code == 303
    answer = training.post("/words", {"seen": "{}", "en-coach": "Guide"})
    assert answer.status_code == 409
    assert "Kept now: Mentor" in answer.text
    assert 'value="Guide"' in answer.text
    assert (
        training.post("/words", {"seen": written({"en": {"coach": "Mentor"}}), "en-coach": "Guide"}).status_code == 303
    )


def test_every_label_is_one_that_the_product_says(app: Flask) -> None:
    from flask_babel import force_locale, gettext

    with app.test_request_context(), force_locale("sv"):
        assert [
            label for label in LABELS.values() if gettext(label) == label and label not in ("Coach", "Coaching")
        ] == []
