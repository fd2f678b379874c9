"""A plugin's settings in a cohort: kept, told in the trail, and never lost to somebody who set them meanwhile."""

from datetime import date

import pytest
from pydantic import Field

from service.access import Role
from service.audit import Actor
from service.cohorts.models import CohortPlugin
from service.contract import PluginSettings, save_settings
from service.errors import Conflict, NotFound
from tests.service.cohorts.conftest import Trail
from tests.support import Course, World

KEY = "ledarsteg"


class Set(PluginSettings):
    """Settings of a plugin."""

    number: int = Field(default=3, ge=1)
    ends_on: date | None = None


def save(world: World, course: Course, settings: Set, seen: Set) -> object:
    training = world.member(course, Role.TRAINING, "Johan Ekström")
    actor = Actor(course.organisation.id, training.person_id, Role.TRAINING.value, course.cohort.id)
    with world.core.units.writing():
        return save_settings(course.cohort, KEY, settings, seen=seen, actor=actor)


def kept(world: World, course: Course) -> object:
    with world.core.units.reading() as unit:
        return unit.session.get_one(CohortPlugin, (course.cohort.id, KEY)).settings


def test_what_is_set_is_kept_and_told_from_what_to_what(world: World, trail: Trail) -> None:
    course, beside = world.course(plugins={KEY: {}}), world.course(plugins={KEY: {}})
    assert save(world, course, Set(number=4, ends_on=date(2026, 12, 18)), Set())
    assert kept(world, course) == {"number": 4, "ends_on": "2026-12-18"}
    assert kept(world, beside) == {}
    assert trail(world, course) == [
        ("plugin.settings", "allow", "number: 3 > 4"), ("plugin.settings", "allow", "ends_on: None > 2026-12-18"),
    ]  # fmt: skip


def test_setting_what_is_set_changes_nothing(world: World, trail: Trail) -> None:
    course = world.course(plugins={KEY: {"number": 4}})
    for seen in (Set(number=4), Set()):
        assert not save(world, course, Set(number=4), seen)
    assert trail(world, course) == []


def test_somebody_who_set_them_meanwhile_is_not_overwritten(world: World, trail: Trail) -> None:
    course = world.course(plugins={KEY: {"number": 4}})
    with pytest.raises(Conflict):
        save(world, course, Set(number=5), Set())
    assert kept(world, course) == {"number": 4}
    assert trail(world, course) == []


@pytest.mark.parametrize("on", [True, False])
def test_a_part_that_is_not_on_has_nothing_to_set(world: World, *, on: bool) -> None:
    course = world.course(plugins={KEY: {}} if on else {})
    if on:
        with world.core.units.writing() as unit:
            unit.session.get_one(CohortPlugin, (course.cohort.id, KEY)).enabled = False
    with pytest.raises(NotFound):
        save(world, course, Set(number=5), Set())
