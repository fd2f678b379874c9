"""The application with the example plugin beside the bundled ones."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

import pytest
from flask import Flask

from service.access import Role
from service.contract import DemoCast
from service.db import Base
from tests.example import with_example
from tests.support import Course, OffsetClock, World, parts


@pytest.fixture
def app(make_app: Callable[..., Flask]) -> Flask:
    """All bundled plugins and the example; tables that the test's database was made without are made here."""
    app = make_app(plugins=with_example())
    Base.metadata.create_all(parts(app).units.engine)
    return app


@contextmanager
def moved(clock: OffsetClock, moment: datetime) -> Iterator[None]:
    before = clock.offset
    clock.put(moment)
    try:
        yield
    finally:
        clock.offset = before


@pytest.fixture
def seeded(app: Flask, world: World, clock: OffsetClock) -> Course:
    """A cohort that every plugin has filled through its own operations."""
    course = world.course("Fylld")
    cast = DemoCast(
        managers=[world.member(course, Role.MANAGER, name) for name in ("Karin Lindqvist", "Anna Berg", "Lena Ek", "Eva Alm", "Ida Sten", "Maj Ros")],
        coach=world.member(course, Role.COACH, "Maria Coach"), training=world.member(course, Role.TRAINING, "Ulf Kurs"),
        today=clock.now().date(), at=lambda moment: moved(clock, moment),
    )  # fmt: skip
    with app.app_context(), parts(app).units.writing() as unit:
        unit.session.add_all([course.cohort, *cast.managers, cast.coach, cast.training])
        parts(app).host.everyone().seed_demo(course.cohort, cast)
    return course
