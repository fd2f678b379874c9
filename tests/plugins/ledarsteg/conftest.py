"""An application with this plugin alone, on a morning in November."""

from collections.abc import Callable

import pytest
from flask import Flask

import plugins.ledarsteg
from service.cohorts.models import Member
from tests.plugins.ledarsteg.support import MORNING
from tests.support import Course, OffsetClock, World


@pytest.fixture
def app(make_app: Callable[..., Flask], clock: OffsetClock) -> Flask:
    """The application with no other plugin."""
    clock.put(MORNING)
    return make_app(plugins={"ledarsteg": plugins.ledarsteg})


@pytest.fixture
def course(world: World) -> Course:
    """A cohort."""
    return world.course()


@pytest.fixture
def karin(world: World, course: Course) -> Member:
    """A manager of the cohort."""
    return world.member(course)
