"""The launch door: SQL statements before a plugin's own code begins."""

from collections.abc import Iterator
from types import SimpleNamespace

from flask import Blueprint

from bench.measure import Result
from bench.place import counted, database
from service import migrate
from service.access import Permission, Role
from service.app import create_app
from service.contract import Manifest, hook, requires
from service.settings import load
from tests.support import BASE, KEY, OTHER_KEY, World, parts


def _probe() -> SimpleNamespace:
    pages = Blueprint("probe", __name__)

    @pages.get("/")
    @requires("probe.own")
    def nothing() -> str:
        return "here"

    @hook
    def manifest() -> Manifest:
        own = Permission("probe.own", frozenset({Role.MANAGER}))
        return Manifest(key="probe", title="Probe", summary="", permissions=(own,))

    @hook
    def blueprint() -> Blueprint:
        return pages

    return SimpleNamespace(manifest=manifest, blueprint=blueprint, __name__="probe", __file__=__file__)


def sqlite() -> Iterator[Result]:
    return _measure("sqlite")


def postgresql() -> Iterator[Result]:
    return _measure("postgresql")


def _measure(kind: str) -> Iterator[Result]:
    with database(kind) as (folder, url):
        settings = load(
            public_url=BASE, demo=True, master_key=KEY, secret_key=OTHER_KEY, data_dir=folder, database_url=url
        )
        migrate.upgrade(settings)
        app = create_app(settings, plugins={"probe": _probe()})
        engine = parts(app).units.engine
        world = World(app)
        inside = world.enter(world.course())
        inside.get("/probe/")
        with counted(engine) as seen:
            answer = inside.get("/probe/")
        if answer.data != b"here":
            raise SystemExit(f"the door did not open: {answer.status}")
        engine.dispose()
        yield Result(f"door.{kind}", len(seen), "statements", goal="at most 3")
