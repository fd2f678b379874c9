"""An application with one small plugin, a course with a coach, and a way to do the jobs that were decided."""

import uuid
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask

from service.access import Role
from service.exports.models import ExportFile
from service.jobs import outbox, work
from tests.service.exports import rows_plugin
from tests.support import Browser, Course, World, parts


@pytest.fixture
def app(make_app: Callable[..., Flask]) -> Flask:
    rows_plugin.rows_wanted = 7
    return make_app(plugins={"rows": rows_plugin})


@pytest.fixture
def course(world: World) -> Course:
    course = world.course()
    for name in ("Karin Lindqvist", "=HYPERLINK(1)", "Åsa Öberg"):
        world.member(course, Role.MANAGER, name)
    return course


@pytest.fixture
def coach(world: World, course: Course) -> Browser:
    return world.enter(course, Role.COACH, "Amira Haddad")


@pytest.fixture
def do_jobs(app: Flask) -> Callable[[], int]:
    """Does every due job in this process, as a worker would."""

    def do() -> int:
        with parts(app).units.reading():
            due = outbox.due()
        for job_id in due:
            work.perform(app, job_id)
        return len(due)

    return do


@pytest.fixture
def only(app: Flask) -> Callable[[], ExportFile]:
    """The one export there is."""

    def row() -> ExportFile:
        with parts(app).units.reading() as unit:
            return unit.session.scalars(sa.select(ExportFile)).one()

    return row


def ask(browser: Browser, what: str = "core.overview", format_: str = "csv") -> None:
    assert browser.post("/exports", {"what": what, "format": format_}).status_code == 303


def file_of(row: ExportFile) -> str:
    return f"/exports/{row.id}/file"


def absent() -> uuid.UUID:
    return uuid.uuid4()


def ticket(browser: Browser, row: ExportFile) -> str:
    """Presses the button and returns the address it leads to, below the launch."""
    answer = browser.post(file_of(row))
    assert answer.status_code == 303
    return str(answer.headers["Location"]).removeprefix(browser.path)


def fetch(browser: Browser, row: ExportFile):
    """Fetches the file as the page's button does, to its end; the answer stays readable."""
    answer = browser.post(file_of(row))
    if answer.status_code == 303:
        answer = browser.get(str(answer.headers["Location"]).removeprefix(browser.path))
    answer.get_data()
    answer.close()
    return answer
