"""How groups have changed, on a coach's dashboard: of those who share it, together from five on, without a name."""

from html import unescape
from typing import Any

import pytest
import sqlalchemy as sa

import plugins.group_maturity as plugin
from plugins.group_maturity.models import Measurement
from plugins.group_maturity.operations import sharing
from service.access import Role
from service.cohorts.models import Member
from tests.plugins.group_maturity.test_programme import reported
from tests.support import Browser, Course, World

CALLED = "Zqgruppensnamnxk"
HEADING = "Groups that have been asked again"


@pytest.fixture
def course(world: World) -> Course:
    return world.course()


@pytest.fixture
def coach(world: World, course: Course) -> Browser:
    return world.enter(course, Role.COACH, "Amira Haddad")


def asked_twice(world: World, course: Course, name: str, before: int | None, now: int | None, **how: Any) -> Member:
    """A manager with two waves; an index of None is of a report that tells only which way it went."""
    manager = world.member(course, name=name)
    ids = []
    for wave, index in enumerate((before, now), start=1):
        figures = {
            "numbered": index is not None,
            "scales": {},
            "agreement": {},
            "items": {},
            "index": index,
            "stage": None,
        }
        reported(world, course, manager, wave=wave, **figures)
        with world.core.units.reading() as unit:
            query = sa.select(Measurement.id).where(
                Measurement.manager_id == manager.person_id, Measurement.id.not_in(ids)
            )
            ids.append(unit.session.scalars(query).one())
    with world.core.units.writing() as unit:
        later = unit.session.get_one(Measurement, ids[1])
        later.previous_id, later.label, later.wave = ids[0], CALLED, 2
        if how.get("shared_with"):
            sharing.share(later, course.cohort, how["shared_with"], with_own=False)
    return manager


def stop(world: World, manager: Member, coach: Browser) -> None:
    with world.core.units.writing() as unit:
        query = sa.select(Measurement).where(Measurement.manager_id == manager.person_id, Measurement.wave == 2)
        sharing.stop(unit.session.scalars(query).one(), coach.person.id)


def panel(coach: Browser) -> str:
    """The words of the panel; empty where there is none."""
    page = unescape(coach.get("/cohort").text)
    return page.partition(HEADING)[2].partition("</section>")[0]


def test_changes_stand_together_from_five_on_sorted_and_without_a_name(
    world: World, course: Course, coach: Browser
) -> None:
    assert panel(coach) == ""
    moves = [(40, 60), (50, 45), (35, 35), (60, 75)]
    managers = [
        asked_twice(world, course, f"Chef Zq{place}", *each, shared_with=coach.person.id)
        for place, each in enumerate(moves)
    ]  # fmt: skip
    few = panel(coach)
    assert "4 managers share with you how their groups have changed." in few
    assert "From 5 groups on" in few
    assert "+20" not in few
    asked_twice(world, course, "Chef Zq4", 40, 45, shared_with=coach.person.id)
    enough = panel(coach)
    assert '"data": [20, 15, 5, 0, -5]' in enough
    rows = [f'<tr><th scope="row">{at}</th><td class="num">{change}</td></tr>' for at, change in
            enumerate(("+20", "+15", "+5", "0", "-5"), start=1)]  # fmt: skip
    assert "".join(rows) in enough
    assert "has not been scientifically validated" in enough or "not the GDQ" in enough
    for word in ("Chef", CALLED):
        assert word not in enough
    with world.app.app_context(), world.core.units.reading():  # as a worker asks, who has no launch
        report = plugin.cohort_report(course.cohort, managers, Role.COACH, coach.person.id)
        assert all(str(cell.text) for one in managers for cell in report.cells[one.id].values())
    stop(world, managers[0], coach)  # between two requests
    assert "4 managers share" in panel(coach)
    assert "+20" not in panel(coach)


def test_nobody_counts_who_does_not_share_or_cannot_be_compared(world: World, course: Course, coach: Browser) -> None:
    other = world.enter(course, Role.COACH, "Another Coach")
    beside = world.course(beside=course)
    elsewhere = world.member(beside, Role.COACH, person=coach.person)
    for number in range(5):
        asked_twice(world, course, f"Hers {number}", 40, 60, shared_with=other.person.id)
        asked_twice(world, beside, f"Beside {number}", 40, 60, shared_with=elsewhere.person_id)
    asked_twice(world, course, "Kept", 40, 60)
    asked_twice(world, course, "Words before", None, 60, shared_with=coach.person.id)
    asked_twice(world, course, "Words now", 40, None, shared_with=coach.person.id)
    gone = asked_twice(world, course, "Left the course", 40, 60, shared_with=coach.person.id)
    with world.core.units.writing() as unit:
        unit.session.get_one(Member, gone.id).active = False
    assert panel(coach) == ""
    assert '"data": [20, 20, 20, 20, 20]' in panel(other)
