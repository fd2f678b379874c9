"""Taking back a change of settings, terms, own words or limits: one way for all, and never over somebody else's change."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from pydantic import Field

from service.access import Role
from service.cohorts import kept_changes
from service.cohorts.glossary import written
from service.cohorts.models import CohortPlugin
from service.cohorts.programme_models import KeptChange
from service.contract import PluginSettings, SettingWords
from service.lti.service_models import LineItem
from tests.service.cohorts.conftest import Trail
from tests.service.cohorts.fakes import plugin, plugins
from tests.support import Browser, Course, World


class Set(PluginSettings):
    """Settings of the made-up part."""

    number: int = Field(default=3, ge=1, le=9)


class Way:
    """How one kind of thing is changed by its page, how it is read, and what its trail says."""

    def __init__(self, path: str, *, first: str, action: str, told: str) -> None:
        self.path, self.first, self.action, self.told = path, first, action, told

    def set(self, inside: Browser, value: str, seen: str) -> str:
        """Changes it to a value, and returns where that leads."""
        answer = inside.post(self.path, self.form(value, seen))
        assert answer.status_code == 303, answer.text
        return answer.headers["Location"].removeprefix(inside.path)

    def form(self, value: str, seen: str) -> dict[str, str]:
        raise NotImplementedError

    def stands(self, inside: Browser) -> str:
        found = re.search(self.told, inside.get(self.path.replace("/core.launches", "")).text)
        assert found is not None
        return found.group(1)


class Settings(Way):
    def form(self, value: str, seen: str) -> dict[str, str]:
        return {"number": value, "seen": Set(number=int(seen)).model_dump_json()}


class Words(Way):
    def form(self, value: str, seen: str) -> dict[str, str]:
        return {"en-coach": value, "seen": written({"en": {"coach": seen} if seen else {}})}


class Days(Way):
    def form(self, value: str, seen: str) -> dict[str, str]:
        return {"days": value, "before": seen, "step": "save"}


class Terms(Way):
    """`seen` is not a value here but a count: each change makes the next version."""

    version = 0

    def form(self, value: str, seen: str) -> dict[str, str]:
        del seen
        self.version += 1
        return {"term": "2026-2", "first": value, "last": "2026-12-18", "version": str(self.version - 1)}


WAYS: dict[str, tuple[type[Way], dict[str, str], tuple[str, str, str]]] = {
    "settings": (
        Settings, {"path": "/settings/one?cohort=", "first": "3", "action": "plugin.settings", "told": r'id="number" name="number" value="(\d)"'},
        ("4", "5", "number: 4 > 3"),
    ),
    "defaults": (
        Settings, {"path": "/settings/one", "first": "3", "action": "plugin.default_settings", "told": r'id="number" name="number" value="(\d)"'},
        ("4", "5", "number: 4 > 3"),
    ),
    "words": (
        Words, {"path": "/words", "first": "", "action": "word.change", "told": r'name="en-coach" value="(\w*)"'},
        ("Mentor", "Guide", "Mentor > "),
    ),
    "days": (
        Days, {"path": "/retention/core.launches", "first": "90", "action": "retention.days", "told": r'id="days-core.launches" name="days" inputmode="numeric" size="6" value="(\d+)"'},
        ("60", "45", "60 > 90"),
    ),
    "term": (
        Terms, {"path": "/terms", "first": "2026-07-01", "action": "term.change", "told": r'id="first-2026-2" name="first" value="([\d-]+)"'},
        ("2026-08-17", "2026-08-03", "2026-08-17/2026-12-18 > 2026-07-01/2026-12-31"),
    ),
}  # fmt: skip


@pytest.fixture
def world(make_app: Callable[..., Flask]) -> World:
    one = plugin("one", title="Part one", settings=Set, settings_words={"number": SettingWords("The number")})
    world = World(make_app(plugins=plugins(one)))
    world.core.units.clock.put(datetime(2026, 11, 27, 12, tzinfo=UTC))  # type: ignore[attr-defined]
    return world


@pytest.fixture
def course(world: World) -> Course:
    return world.course()


def way_of(kind: str, course: Course) -> tuple[Way, tuple[str, str, str]]:
    made, how, values = WAYS[kind]
    cohort = str(course.cohort.id) if how["path"].endswith("cohort=") else ""
    return made(**how | {"path": how["path"] + cohort}), values


def undo_of(inside: Browser, address: str) -> str:
    """The address of the button in the notice of a page."""
    found = re.search(r'action="([^"]+/undo/[^"]+)"', inside.get(address).text)
    assert found is not None, inside.get(address).text
    return found.group(1).removeprefix(inside.path)


@pytest.mark.parametrize("kind", WAYS)
def test_what_was_before_comes_back_and_the_trail_tells(world: World, course: Course, trail: Trail, kind: str) -> None:
    way, (value, _other, told) = way_of(kind, course)
    inside = world.enter(course, Role.TRAINING)
    button = undo_of(inside, way.set(inside, value, way.first))
    assert way.stands(inside) == value
    answer = inside.post(button)
    assert answer.status_code == 303
    assert way.stands(inside) == way.first
    assert [(action, reason) for action, _o, reason in trail(world, course)][-1] == (way.action, told)
    # Pressed again, from another tab or by going back: it is as it was before, and nothing is done twice.
    length = len(trail(world, course))
    again = inside.post(button)
    assert again.status_code == 303
    assert len(trail(world, course)) == length
    assert "/undo/" not in inside.get(again.headers["Location"].removeprefix(inside.path)).text
    # The undo is a change like any other.
    onward = answer.headers["Location"].removeprefix(inside.path)
    assert kind == "days" or "It is as it was before." in inside.get(onward).text
    inside.post(undo_of(inside, onward))
    assert way.stands(inside) == value


@pytest.mark.parametrize("kind", WAYS)
def test_what_somebody_has_changed_since_is_not_undone_and_both_are_shown(
    world: World, course: Course, trail: Trail, kind: str
) -> None:
    way, (value, other, _told) = way_of(kind, course)
    inside, colleague = world.enter(course, Role.TRAINING), world.enter(course, Role.TRAINING, "Johan Ekström")
    button = undo_of(inside, way.set(inside, value, way.first))
    way.set(colleague, other, value)
    length = len(trail(world, course))
    answer = inside.post(button)
    assert answer.status_code == 409
    assert "Somebody else has changed this meanwhile." in answer.text
    sections = re.split(r"<h2", answer.text)
    said = {"2026-07-01": "July 1", "2026-08-03": "August 3", "": "\N{EN DASH}"}
    assert said.get(other, other) in sections[1]
    assert said.get(way.first, way.first) in sections[2]
    assert way.stands(inside) == other
    assert len(trail(world, course)) == length


@pytest.mark.parametrize("kind", WAYS)
def test_another_organisation_and_another_role_undo_nothing(world: World, course: Course, kind: str) -> None:
    way, (value, _other, _told) = way_of(kind, course)
    inside = world.enter(course, Role.TRAINING)
    address = way.set(inside, value, way.first)
    button = undo_of(inside, address)
    stranger = world.enter(world.course(), Role.TRAINING)
    assert stranger.post(button).status_code == 404
    assert [world.enter(course, role).post(button).status_code for role in (Role.COACH, Role.MANAGER)] == [403, 403]
    assert inside.post("/undo/not-an-id").status_code == 404
    assert way.stands(inside) == value
    # A made-up address offers a stranger no button.
    assert "/undo/" not in stranger.get(f"/words?saved=1&change={button.rpartition('/')[2]}").text
    assert "/undo/" not in inside.get("/words?saved=1&change=nonsense").text


def test_saving_what_is_set_offers_no_undo(world: World, course: Course) -> None:
    inside = world.enter(course, Role.TRAINING)
    way, (value, _other, _told) = way_of("words", course)
    way.set(inside, value, "")
    assert "/undo/" not in inside.get(way.set(inside, value, value)).text


def test_an_old_change_is_forgotten_with_the_next(world: World, course: Course) -> None:
    inside = world.enter(course, Role.TRAINING)
    way, (value, other, _told) = way_of("words", course)
    button = undo_of(inside, way.set(inside, value, ""))
    world.core.units.clock.advance(kept_changes.KEPT + timedelta(minutes=1))  # type: ignore[attr-defined]
    inside = world.enter(course, Role.TRAINING)
    assert inside.post(button).status_code == 404
    way.set(inside, other, value)
    with world.core.units.reading() as unit:
        assert [row.after for row in unit.session.scalars(sa.select(KeptChange))] == [{"en": {"coach": other}}]


def test_a_part_that_is_off_by_now_has_nothing_to_come_back(world: World, course: Course) -> None:
    inside = world.enter(course, Role.TRAINING)
    way, (value, _other, _told) = way_of("settings", course)
    button = undo_of(inside, way.set(inside, value, way.first))
    inside.post("/switches/one", {"state": "off"})
    assert inside.post(button).status_code == 404
    inside.post("/switches/one", {"state": "on"})
    assert inside.post(button).status_code == 303


@pytest.mark.parametrize(("kind", "wrong"), [("settings", {"number": 99}), ("defaults", {"number": 0})])
def test_what_cannot_be_set_any_more_is_refused_with_a_sentence(
    world: World, course: Course, kind: str, wrong: dict[str, int]
) -> None:
    """A newer version of the part knows other limits than the one in which it was set."""
    inside = world.enter(course, Role.TRAINING)
    way, (value, _other, _told) = way_of(kind, course)
    button = undo_of(inside, way.set(inside, value, way.first))
    with world.core.units.writing() as unit:
        unit.session.scalars(sa.select(KeptChange)).one().before = wrong
    answer = inside.post(button)
    assert answer.status_code == 422
    assert "What was before cannot be any more." in answer.text
    assert "<dd>4</dd>" in answer.text
    assert way.stands(inside) == value


def test_days_that_a_neighbour_has_taken_since_are_refused(world: World, course: Course) -> None:
    inside = world.enter(course, Role.TRAINING)
    way, (value, _other, _told) = way_of("term", course)
    button = undo_of(inside, way.set(inside, value, ""))
    late = {"term": "2026-1", "first": "2026-01-01", "last": "2026-07-10", "version": "0"}
    assert inside.post("/terms", late).status_code == 303
    answer = inside.post(button)
    assert answer.status_code == 422
    assert "July 1" in answer.text
    assert way.stands(inside) == value


def test_settings_that_come_back_have_progress_asked_for_again(world: World, course: Course) -> None:
    with world.core.units.writing() as unit:
        unit.session.get_one(CohortPlugin, (course.cohort.id, "one")).completion = True
    inside = world.enter(course, Role.TRAINING)
    way, (value, _other, _told) = way_of("settings", course)
    button = undo_of(inside, way.set(inside, value, way.first))
    with world.core.units.writing() as unit:
        unit.session.execute(sa.delete(LineItem))
    inside.post(button)
    with world.core.units.reading() as unit:
        assert unit.session.scalars(sa.select(LineItem.plugin)).all() == ["one"]


def test_a_part_that_is_gone_from_the_installation_has_no_undo(world: World, course: Course) -> None:
    inside = world.enter(course, Role.TRAINING)
    way, (value, _other, _told) = way_of("defaults", course)
    button = undo_of(inside, way.set(inside, value, way.first))
    with world.core.units.writing() as unit:
        unit.session.scalars(sa.select(KeptChange)).one().ref = "gone"
    assert inside.post(button).status_code == 404
