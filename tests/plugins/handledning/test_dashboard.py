"""A coach's dashboard, the plugin's part: what each picture shows, and to whom."""

import uuid
from collections.abc import Sequence

import sqlalchemy as sa

import plugins.handledning as plugin
from plugins.handledning import operations
from plugins.handledning.calculations import EndReason
from plugins.handledning.models import Goal
from plugins.handledning.settings import Settings
from service.access import Role
from service.cohorts.models import Member
from service.contract import CohortReport
from tests.plugins.handledning.everything import Everything, fill
from tests.plugins.handledning.support import Pair, chosen
from tests.support import World, every_statement


def begun(world: World) -> tuple[Pair, Everything]:
    """An engagement with a professional goal, a life goal and one that is shared, all begun on at -1, the first now at +1."""
    two = chosen(world)
    there = fill(two, beside=False)
    with two.writing() as unit:
        one = there.rows["GasScale", "life"]
        shared = type(one)(
            goal_id=there.id_of(Goal, "life_shared"), engagement_id=two.engagement.id, manager_id=two.manager.person_id,
            version=1, written_at=one.written_at,
        )  # fmt: skip
        unit.session.add(shared)
        unit.session.flush()
        unit.session.execute(sa.text("update handledning_gas_scale set baseline = -1"))
        unit.session.execute(sa.text("update handledning_gas_rating set level = 1"))
        unit.session.execute(sa.update(Goal).values(position=1, theme="people"))
        unit.session.execute(sa.update(Goal).where(Goal.scope == "life").values(position=2, theme=None))
    return two, there


def report(two: Pair, viewer: uuid.UUID, members: Sequence[Member]) -> CohortReport:
    """What is shown of these managers, all of them on the page."""
    with two.world.app.test_request_context("/", headers={"Accept-Language": "en"}), two.reading():
        found = plugin.cohort_report(two.course.cohort, members, Role.COACH, viewer, Settings())
        assert found.details is not None
        return found.details(members)


def levels(two: Pair, viewer: uuid.UUID, members: Sequence[Member] = ()) -> list[list[str]]:
    """The rows of the picture of goals."""
    found = report(two, viewer, members or [two.manager_member])
    return [list(map(str, row)) for one in found.pictures if one.key == "handledning-levels" for row in one.rows]


def test_each_goal_that_the_coach_reads_has_its_dots_and_no_title(world: World) -> None:
    two, there = begun(world)
    rows = levels(two, two.coach.person_id)
    assert rows == [
        ["Karin Lindqvist", "1", "leading others", "\N{MINUS SIGN}1", "+1"],
        ["Karin Lindqvist", "2", "\N{EN DASH}", "\N{MINUS SIGN}1", "\N{MINUS SIGN}1"],
    ]  # fmt: skip
    [picture] = [one for one in report(two, two.coach.person_id, [two.manager_member]).pictures if "levels" in one.key]
    assert [one["data"] for one in picture.chart["series"]] == [[-1, -1], [1, -1]]
    assert picture.chart["y"]["labels"] == ["Karin Lindqvist, 1", "Karin Lindqvist, 2"]
    assert not [word for word in there.words.values() if word in repr(picture)]


def test_a_life_goal_has_its_dot_as_long_as_it_is_shared(world: World) -> None:
    two, there = begun(world)
    assert len(levels(two, two.coach.person_id)) == 2
    with two.writing() as unit:
        unit.session.get_one(Goal, there.id_of(Goal, "life_shared")).shared = False
    assert [row[1] for row in levels(two, two.coach.person_id)] == ["1"]


def test_nobody_else_sees_a_goal_and_the_coach_none_when_it_has_ended(world: World) -> None:
    two, _there = begun(world)
    other = world.member(two.course, Role.COACH, "Another Coach")
    assert levels(two, other.person_id) == []
    with two.writing():
        operations.end(two.as_manager(lock=True), EndReason.CHANGED)
    assert levels(two, two.coach.person_id) == []


def test_the_pictures_take_as_many_statements_for_twelve_managers_as_for_two(world: World) -> None:
    first, _there = begun(world)
    members, amounts = [first.manager_member], set()
    for number in range(11):
        two = chosen(world, first.course, f"Chef {number}", first.coach_member)
        fill(two, beside=False)
        members.append(two.manager_member)
        if number in (0, 10):
            with first.writing() as unit:
                unit.session.execute(sa.text("update handledning_gas_scale set baseline = -1"))
            with every_statement(world) as statements:
                rows = levels(first, first.coach.person_id, members)
            amounts.add(len(statements))
            assert len(rows) == len(members) + 1
    assert len(amounts) == 1
