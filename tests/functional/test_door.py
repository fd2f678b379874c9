"""The launch door: who is let in, and what the others are told."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from service.access import Role
from service.audit import AuditEvent
from service.lti.models import Deployment, DeploymentState, Platform, PlatformState
from tests.support import OffsetClock, World


def test_a_member_reaches_her_own_page(world: World) -> None:
    assert world.enter(world.course()).get("/").status_code == 200


def test_another_browser_is_told_to_open_it_again(world: World) -> None:
    inside = world.enter(world.course())
    inside.client.delete_cookie("__Host-stegvis", domain="127.0.0.1")
    answer = inside.get("/")
    assert answer.status_code == 401
    assert b"E-SESSION" in answer.data


def test_a_launch_ends_when_its_time_is_up(world: World, clock: OffsetClock) -> None:
    inside = world.enter(world.course())
    clock.advance(timedelta(hours=11))
    assert inside.get("/").status_code == 401


def test_a_role_without_the_permission_is_told_so(world: World) -> None:
    answer = world.enter(world.course(), Role.MANAGER).get("/switches")
    assert answer.status_code == 403
    assert b"E-FORBIDDEN" in answer.data


@pytest.mark.parametrize(
    ("model", "state"), [(Deployment, DeploymentState.DISABLED), (Platform, PlatformState.DISABLED)]
)
def test_a_disabled_platform_ends_its_launches_at_the_next_request(world: World, model: type, state: str) -> None:
    inside = world.enter(world.course())
    assert inside.get("/").status_code == 200
    with world.core.units.writing() as unit:
        unit.session.execute(sa.update(model).values(state=state))
    assert inside.get("/").status_code == 401
    with world.core.units.reading() as unit:
        denials = unit.session.execute(sa.select(AuditEvent.action, AuditEvent.reason)).all()
    assert denials == [("session", "platform_disabled")]


def test_a_plugin_page_of_a_launch_without_a_course_is_not_there(world: World) -> None:
    inside = world.enter(world.course())
    with world.core.units.writing() as unit:
        from service.cohorts.models import Launch

        unit.session.execute(sa.update(Launch).values(cohort_id=None, member_id=None))
    assert inside.get("/ledarsteg/").status_code == 404
    assert inside.get("/").status_code == 200


def test_a_database_that_somebody_holds_is_said_to_be_busy(world: World) -> None:
    if world.core.units.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL has no lock on the whole database")
    inside = world.enter(world.course())
    holder = world.core.units.begin(writing=True)
    holder.connection.execute(sa.text("SELECT 1"))
    try:
        answer = inside.post("/language", {"locale": "sv"})
    finally:
        holder.close()
    assert answer.status_code == 503
    assert "E-BUSY" in answer.text
    assert answer.headers["Retry-After"] == "5"
