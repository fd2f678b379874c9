"""Fixtures: a database of the kind asked for, the application on it, and the practice LMS beside it."""

import gc
import os
import shutil
import uuid
from collections.abc import Callable, Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from jinja2 import FileSystemBytecodeCache

from service import migrate
from service.app import create_app
from service.lti.routes import EXTENSION
from service.settings import Settings, load
from tests import remembered
from tests.databases import PostgresRooms, administer, running_postgres
from tests.support import BASE, KEY, METRICS_TOKEN, OTHER_KEY, OffsetClock, World, parts

BROWSER = Path(__file__).with_name("browser")

for name in [name for name in os.environ if name.startswith("STEGVIS_")]:
    del os.environ[name]


remembered.install()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--database", choices=["sqlite", "postgresql"], default="sqlite", help="where the tests keep their rows"
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On PostgreSQL only what touches a database is run: the rest has been run with SQLite and would say the same.

    Nor is what is marked `once`: forms, words and protocol, of which the operations and every page that links lead to are
    run on PostgreSQL.
    """
    if config.getoption("--database") != "postgresql":
        return
    there = {"database_url", "database_kind", "postgres_server", "template_database"}
    kept = [
        item for item in items if there & set(getattr(item, "fixturenames", ())) and not item.get_closest_marker("once")
    ]
    config.hook.pytest_deselected(items=[item for item in items if item not in set(kept)])
    items[:] = kept


@pytest.hookimpl(trylast=True)
def pytest_collection_finish(session: pytest.Session) -> None:
    """Sees that `make test` misses nothing, and gets ready to run."""
    for path, items in groupby(session.items, key=lambda item: item.path):
        marks = {mark.name for item in items for mark in item.iter_markers()}
        if ("browser" in marks) != (BROWSER in path.parents):
            raise pytest.UsageError(f"{path}: what drives a browser stands in {BROWSER}, and nothing else does")
        if "process" in marks and "mark.process" not in path.read_text("utf-8"):
            raise pytest.UsageError(
                f"{path}: a file with process tests says so itself; the Makefile looks for the words"
            )
    _collect_garbage_seldom()


def _collect_garbage_seldom() -> None:
    """Searches for unreachable objects less often, and never among what is imported: that was a quarter of all work.

    An application is a net of references, and hundreds are made: searched at Python's own pace, each is looked through
    many times before it goes.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


@pytest.fixture(scope="session")
def database_kind(request: pytest.FixtureRequest) -> str:
    """Which database this run is on."""
    return str(request.config.getoption("--database"))


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The address of a real PostgreSQL that this run started, without a database name."""
    with running_postgres() as address:
        yield address


def settings_for(data_dir: Path, **changes: Any) -> Settings:
    """Complete settings for a test."""
    return load(
        **{
            "public_url": BASE,
            "demo": True,
            "master_key": KEY,
            "secret_key": OTHER_KEY,
            "data_dir": data_dir,
            "metrics_token": METRICS_TOKEN,
            **changes,
        }
    )


def build(database_url: str) -> None:
    """Brings an empty database to the present schema."""
    migrate.upgrade(settings_for(Path("var"), database_url=database_url))


@pytest.fixture(scope="session")
def template_database(
    request: pytest.FixtureRequest, database_kind: str, tmp_path_factory: pytest.TempPathFactory
) -> str:
    """A migrated, empty database that each test copies."""
    if database_kind == "sqlite":
        path = tmp_path_factory.mktemp("template") / "template.db"
        build(f"sqlite:///{path}")
        with sa.create_engine(f"sqlite:///{path}").connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        return str(path)
    server = request.getfixturevalue("postgres_server")
    name = f"template_{uuid.uuid4().hex[:8]}"
    administer(server, f"CREATE DATABASE {name}")
    url = str(sa.make_url(server).set(database=name).render_as_string(hide_password=False))
    build(url)
    # A first connection after the last change makes PostgreSQL write its cache of the catalogue, which copies then have.
    administer(url, "SELECT 1")
    return name


@pytest.fixture(scope="session")
def postgres_rooms(postgres_server: str, template_database: str) -> PostgresRooms:
    """Empty databases on this run's PostgreSQL."""
    return PostgresRooms(postgres_server, template_database)


@pytest.fixture
def database_url(
    request: pytest.FixtureRequest, template_database: str, database_kind: str, tmp_path: Path
) -> Iterator[str]:
    """A database of this test's own."""
    if database_kind == "sqlite":
        copy = tmp_path / "stegvis.db"
        shutil.copy(template_database, copy)
        yield f"sqlite:///{copy}"
        return
    rooms: PostgresRooms = request.getfixturevalue("postgres_rooms")
    url = rooms.take()
    yield url
    rooms.give_back(url)


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    """Settings for this test's database."""
    return settings_for(tmp_path, database_url=database_url)


@pytest.fixture
def clock() -> OffsetClock:
    """The clock of the application under test; it can be moved."""
    return OffsetClock()


@pytest.fixture(scope="session")
def compiled_templates(pytestconfig: pytest.Config) -> FileSystemBytecodeCache:
    """Templates compiled once and kept between applications and runs; a changed source is another entry."""
    return FileSystemBytecodeCache(str(pytestconfig.cache.mkdir("templates")))


@pytest.fixture
def make_app(
    settings: Settings, clock: OffsetClock, compiled_templates: FileSystemBytecodeCache
) -> Iterator[Callable[..., Flask]]:
    """Makes applications on this test's database and gives their connections back afterwards."""
    made: list[Flask] = []

    def make(**changes: Any) -> Flask:
        app = create_app(changes.pop("settings", settings), clock=clock, **changes)
        app.jinja_env.bytecode_cache = compiled_templates
        made.append(app)
        return app

    yield make
    for app in made:
        app.extensions[EXTENSION].notes.close()
        parts(app).units.engine.dispose()


@pytest.fixture
def app(make_app: Callable[..., Flask]) -> Flask:
    """The application with the bundled plugins."""
    return make_app()


@pytest.fixture
def world(app: Flask) -> World:
    """Makes organisations, people and browsers in the application's database."""
    return World(app)
