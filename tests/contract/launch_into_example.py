"""Run inside the fresh environment: launches into the example plugin and prints what it saw as JSON."""

import json
import re
import sys

import sqlalchemy as sa

from service.access import Role
from service.app import create_app
from service.contract import ExportScope
from service.settings import load
from tests.support import BASE, World


def main() -> None:
    """Prints what each part of the plugin showed."""
    app = create_app(load())
    world = World(app)
    seen: dict[str, object] = {"plugins": sorted(plugin.key for plugin in world.core.host)}
    if "example" in world.core.host and "walk" in sys.argv:
        walk(world, seen)
    with world.core.units.reading() as unit:
        seen["rows"] = unit.session.scalar(sa.text("SELECT count(*) FROM example_note"))
    json.dump(seen, sys.stdout)


def walk(world: World, seen: dict[str, object]) -> None:
    """Uses the plugin as a manager, as a coach, as a guest."""
    course = world.course(plugins={"example": {}})
    manager = world.enter(course, name="Karin Lindqvist")
    seen["page"] = manager.get("/example/").status_code
    seen["write"] = manager.post("/example/", {"body": "Korta möten på måndagar."}).status_code
    seen["page_has_note"] = "Korta möten på måndagar." in manager.get("/example/").text
    home = manager.get("/").text
    seen["card"] = "1 note so far" in home
    link = re.search(r'href="([^"]*/g/[^"]+)"', manager.post("/example/invite").text)
    seen["guest"] = world.app.test_client().get(link.group(1), base_url=BASE).status_code if link else 0
    coach = world.enter(course, Role.COACH, "Maria Coach")
    seen["coach_on_page"] = coach.get("/example/").status_code
    with world.core.units.reading():
        part = world.core.host.for_cohort({"example": {}})
        export = part.exports(course.cohort)[0][1][0]
        scope = ExportScope(course.cohort.id, coach.person.id, Role.COACH, "en")
        seen["export"] = [list(row) for row in export.rows(scope)]
        seen["export_count"] = export.count(scope)


main()
