"""The application with the example plugin beside the bundled ones."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

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


def seed(app: Flask, world: World, clock: OffsetClock) -> Course:
    """Makes a cohort and lets every plugin fill it through its own operations. Takes seconds."""
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


@dataclass
class Kept:
    """What the first test that asked for a seeded cohort had afterwards: on SQLite the next ones copy it."""

    file: Path
    course: Course | None = None
    count: int = 0


@pytest.fixture(scope="session")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    """Empty until a cohort was seeded."""
    return Kept(tmp_path_factory.mktemp("seeded") / "seeded.db")


@pytest.fixture
def seeded(app: Flask, world: World, clock: OffsetClock, kept: Kept) -> Course:
    """A cohort that every plugin has filled through its own operations."""
    engine = parts(app).units.engine
    if engine.dialect.name != "sqlite":
        return seed(app, world, clock)
    file = Path(engine.url.database or "")
    if kept.course is None:
        kept.course, kept.count = seed(app, world, clock), world._count
        _copy(file, kept.file)
    else:
        engine.dispose()
        _copy(kept.file, file)
        world._count = kept.count
    return kept.course


def _copy(source: Path, target: Path) -> None:
    with closing(sqlite3.connect(source)) as there, closing(sqlite3.connect(target)) as here:
        there.backup(here)
