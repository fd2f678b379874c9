"""The core's form of a plugin's settings, for one cohort and for new ones."""

import re
from collections.abc import Callable
from datetime import date
from enum import StrEnum
from typing import Literal, Self

import pytest
from flask import Flask
from pydantic import Field, model_validator

from service.access import Role
from service.cohorts import switches
from service.cohorts.models import CohortPlugin
from service.contract import PluginSettings, SettingWords
from tests.service.cohorts.conftest import Trail
from tests.service.cohorts.fakes import plugin, plugins
from tests.support import Browser, Course, World


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


class All(PluginSettings):
    """A setting of every type that there is."""

    number: int = Field(3, ge=1, le=9)
    least: int = 1
    asked: bool = False
    colour: Colour = Colour.RED
    size: Literal["small", "large"] = "small"
    ends_on: date | None = None
    words: str = "As it was"
    greeting: dict[str, str] = Field(default_factory=dict)
    hidden: int = 7

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.least > self.number:
            raise ValueError("least is more than number")
        return self


NAMES = ("number", "least", "asked", "colour", "size", "ends_on", "words", "greeting")
WORDS = {name: SettingWords(f"The {name}", "Mind it." if name == "number" else "") for name in NAMES}
WORDS["colour"] = SettingWords("The colour", options={"red": "Like a rose"})
FORM = {"number": "4", "least": "2", "asked": "on", "colour": "blue", "size": "large", "ends_on": "2026-12-18", "words": "Mine",
        "greeting-sv": "Hej", "greeting-en": "Hello", "greeting-lv": ""}  # fmt: skip
KEPT = {"number": 4, "least": 2, "asked": True, "colour": "blue", "size": "large", "ends_on": "2026-12-18", "words": "Mine",
        "greeting": {"sv": "Hej", "en": "Hello", "lv": ""}, "hidden": 7}  # fmt: skip


@pytest.fixture
def world(make_app: Callable[..., Flask]) -> World:
    one = plugin("one", title="Part one", settings=All, settings_words=WORDS)
    return World(make_app(plugins=plugins(one, plugin("two", title="Part two"))))


def kept(world: World, course: Course) -> object:
    with world.core.units.reading() as unit:
        return unit.session.get_one(CohortPlugin, (course.cohort.id, "one")).settings


def seen(inside: Browser, path: str) -> str:
    found = re.search(r'name="seen" value="([^"]*)"', inside.get(path).text)
    assert found is not None
    return found.group(1).replace("&#34;", '"')


def test_settings_of_every_type_are_shown_typed_and_kept(world: World, trail: Trail) -> None:
    course = world.course()
    inside = world.enter(course, Role.TRAINING)
    path = f"/settings/one?cohort={course.cohort.id}"
    shown = inside.get(path).text
    assert re.findall(r'<option value="(\w+)" selected>(.*?)<', shown) == [("red", "Like a rose"), ("small", "small")]
    assert "hidden<" not in shown
    assert inside.post(path, FORM | {"seen": seen(inside, path)}).status_code == 303
    assert kept(world, course) == KEPT
    text = inside.get(f"/settings?cohort={course.cohort.id}").text
    assert re.findall(r"<dt>The (\w+)(?: \(\w+\))?</dt><dd>(.*?)</dd>", text) == [
        ("number", "4"), ("least", "2"), ("asked", "On"), ("colour", "blue"), ("size", "large"), ("ends_on", "2026-12-18"),
        ("words", "Mine"), ("greeting", "Hej"), ("greeting", "Hello"), ("greeting", "\N{EN DASH}"),
    ]  # fmt: skip
    assert "Part two" not in re.sub(r"<header.*?</header>", "", text, flags=re.DOTALL)
    # From what to what, but for what is written in words.
    assert [reason for _action, _outcome, reason in trail(world, course)] == [
        "number: 3 > 4", "least: 1 > 2", "asked: False > True", "colour: red > blue", "size: text",
        "ends_on: None > 2026-12-18", "words: text", "greeting: text",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"number": "0"}, "Write at least 1."),
        ({"number": "10"}, "Write at most 9."),
        ({"number": "many"}, "Write a whole number."),
        ({"ends_on": "tomorrow"}, "Write a day as year-month-day."),
        ({"colour": "green"}, "Choose one of them."),
        ({"number": "2", "least": "5"}, "These do not fit each other."),
    ],
)
def test_what_cannot_be_is_told_beside_it_and_the_rest_stays_typed(
    world: World, trail: Trail, wrong: dict[str, str], said: str
) -> None:
    course = world.course()
    inside = world.enter(course, Role.TRAINING)
    path = f"/settings/one?cohort={course.cohort.id}"
    answer = inside.post(path, FORM | {"seen": seen(inside, path)} | wrong)
    assert answer.status_code == 422
    assert said in answer.text
    assert 'value="Mine"' in answer.text
    assert kept(world, course) == {}
    assert trail(world, course) == []


def test_two_tabs_both_see_what_the_other_wrote(world: World) -> None:
    course = world.course()
    inside = world.enter(course, Role.TRAINING)
    path = f"/settings/one?cohort={course.cohort.id}"
    both = seen(inside, path)
    inside.post(path, FORM | {"seen": both})
    answer = inside.post(path, FORM | {"seen": both, "number": "7"})
    assert answer.status_code == 409
    assert "<dt>The number</dt><dd>4</dd>" in answer.text
    assert 'id="number" name="number" value="7"' in answer.text
    assert inside.post(path, FORM | {"seen": "nonsense", "number": "7"}).status_code == 409
    again = re.search(r'name="seen" value="([^"]*)"', answer.text)
    assert again is not None
    fields = FORM | {"seen": again.group(1).replace("&#34;", '"'), "number": "7"}
    assert inside.post(path, fields).status_code == 303
    assert kept(world, course) == KEPT | {"number": 7}


def test_new_cohorts_begin_with_the_organisations_settings_and_old_ones_stay(world: World, trail: Trail) -> None:
    course = world.course()
    inside = world.enter(course, Role.TRAINING)
    first = seen(inside, "/settings/one")
    assert inside.post("/settings/one", FORM | {"seen": first}).status_code == 303
    assert inside.post("/settings/one", FORM | {"seen": first}).status_code == 303
    assert inside.post("/settings/one", FORM | {"seen": first, "number": "5"}).status_code == 409
    inside.post("/switches/defaults/one", {"state": "off"})
    inside.post("/switches/defaults/one", {"state": "on"})
    assert kept(world, course) == {}
    new = world.course("New", beside=course, plugins={})
    with world.core.units.writing():
        switches.start_cohort(new.cohort, world.core.host)
    assert kept(world, new) == KEPT
    assert {entry[0] for entry in trail(world, course)} == {"plugin.default_settings", "plugin.default"}
    assert "<dd>4</dd>" in inside.get("/settings").text


def test_what_is_not_there_is_not_found(world: World) -> None:
    course, other = world.course(plugins={"two": {}}), world.course()
    inside = world.enter(course, Role.TRAINING)
    for path in (
        "/settings/three", "/settings/two", f"/settings/one?cohort={course.cohort.id}",
        f"/settings/one?cohort={other.cohort.id}", "/settings?cohort=x", f"/settings?cohort={other.cohort.id}",
    ):  # fmt: skip
        assert inside.get(path).status_code == 404, path
    assert "There is nothing to set" in inside.get(f"/settings?cohort={course.cohort.id}").text
