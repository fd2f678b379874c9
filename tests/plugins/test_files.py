"""Every file of coaching and group measurements, asked for and fetched as people do, made by a worker."""

import pytest
import sqlalchemy as sa

import plugins.group_maturity.models  # noqa: F401 - its tables are part of the schema
from service.access import Role
from service.exports.models import ExportFile
from service.jobs import outbox, work
from tests.plugins.group_maturity.test_manager_flow import reported
from tests.plugins.handledning.test_development import furnished
from tests.support import Browser, World, parts

WANTED = {
    Role.MANAGER: [
        "handledning.development_plan_manager pdf", "handledning.session_records_manager pdf",
        "handledning.coaching_manager json", "group_maturity.group_measurement csv", "group_maturity.group_measurement xlsx",
        "group_maturity.group_measurement json", "group_maturity.group_measurement pdf",
    ],
    Role.COACH: [
        "handledning.development_plan_coach pdf", "handledning.session_records_coach pdf", "handledning.coaching_coach json",
        "handledning.own_managers csv", "handledning.own_managers xlsx", "group_maturity.shared_measurement xlsx",
        "group_maturity.shared_measurement json", "group_maturity.shared_measurement pdf",
    ],
    Role.TRAINING: ["group_maturity.group_means csv", "group_maturity.group_means json"],
}  # fmt: skip


@pytest.mark.once
def test_each_is_made_and_fetched(world: World) -> None:
    two = furnished(world)
    manager, coach = two.enter(two.manager_member, locale="sv"), two.enter(two.coach_member, locale="sv")
    reported(world, two.course, manager)
    people = {Role.MANAGER: manager, Role.COACH: coach, Role.TRAINING: world.enter(two.course, Role.TRAINING, "Johan")}
    for role, names in WANTED.items():
        for name in names:
            asked = ask(people[role], name)
            row = done(world, asked)
            assert (row.state.value, row.reason) == ("done", ""), (name, row.reason)


def ask(browser: Browser, name: str) -> None:
    code, kind = name.split()
    answer = browser.post("/exports", {"what": code, "format": kind})
    assert answer.status_code == 303, (name, answer.text[:3000])


def done(world: World, _asked: None) -> ExportFile:
    units = parts(world.app).units
    with units.reading():
        due = outbox.due()
    for job_id in due:
        work.perform(world.app, job_id)
    with units.reading() as unit:
        return unit.session.scalars(sa.select(ExportFile).order_by(ExportFile.created_at.desc())).first()
