"""Leader time: planned, kept, and never more than a day has."""

import uuid
from collections.abc import Callable
from datetime import date, timedelta

import pytest

from plugins.ledarsteg.operations import ChangedMeanwhile, leader_time
from plugins.ledarsteg.operations.leader_time import Block
from service.access import Role
from service.cohorts.models import Member
from service.contract import Invalid, NotFound
from tests.plugins.ledarsteg.support import TODAY, counting, owner_of
from tests.support import Course, World


def plan(
    world: World, member: Member, day: date = TODAY, minutes: int = 30, kept: int | None = None, key: str = ""
) -> uuid.UUID:
    with world.core.units.writing():
        return leader_time.plan_block(owner_of(member), Block(day, minutes, kept), key).id


def keep(world: World, member: Member, block_id: uuid.UUID, minutes: int | None) -> None:
    with world.core.units.writing():
        leader_time.keep(owner_of(member), block_id, minutes)


def told(world: World, member: Member) -> list[tuple[date, int, int | None]]:
    with world.core.units.reading():
        found = leader_time.blocks(owner_of(member))
    return [(block.local_date, block.planned_minutes, block.kept_minutes) for block in found]


def refused(work: Callable[[], object], field: str, words: str, world: World) -> None:
    with world.core.units.writing(), pytest.raises(Invalid) as error:
        work()
    assert set(error.value.fields) == {field}
    assert words in str(error.value.fields[field])


def test_time_is_set_aside_and_lies_in_the_order_of_days(world: World, karin: Member) -> None:
    plan(world, karin, TODAY + timedelta(7), 45)
    plan(world, karin, TODAY, 30)
    assert told(world, karin) == [(TODAY, 30, None), (TODAY + timedelta(7), 45, None)]


def test_the_same_form_sent_twice_is_one_block(world: World, karin: Member) -> None:
    first = plan(world, karin, key="abc")
    assert plan(world, karin, key="abc") == first
    assert plan(world, karin, minutes=45, key="abc") != first
    assert plan(world, karin) != first
    assert len(told(world, karin)) == 3


@pytest.mark.parametrize(
    ("wanted", "field", "words"),
    [
        (Block(TODAY - timedelta(15), 30), "day", "14 days afterwards"), (Block(TODAY + timedelta(57), 30), "day", "eight weeks"),
        (Block(TODAY, 0), "minutes", "at least one"), (Block(TODAY, 1500), "minutes", "You wrote 1500"),
        (Block(TODAY + timedelta(1), 30, 30), "kept", "not come yet"), (Block(TODAY, 30, 1441), "kept", "1441 would be kept"),
    ],
)  # fmt: skip
def test_blocks_that_cannot_be(world: World, karin: Member, wanted: Block, field: str, words: str) -> None:
    refused(lambda: leader_time.plan_block(owner_of(karin), wanted), field, words, world)
    assert told(world, karin) == []


def test_the_first_and_last_day_that_can_be_planned(world: World, karin: Member) -> None:
    plan(world, karin, TODAY - timedelta(14))
    plan(world, karin, TODAY + timedelta(56))
    assert len(told(world, karin)) == 2


def test_a_day_has_1440_minutes_planned_and_as_many_kept(world: World, karin: Member) -> None:
    first = plan(world, karin, minutes=1000)
    second = plan(world, karin, minutes=440)
    owner = owner_of(karin)
    refused(lambda: leader_time.plan_block(owner, Block(TODAY, 1)), "minutes", "has 1440 already", world)
    keep(world, karin, first, 1440)
    refused(lambda: leader_time.keep(owner, second, 1), "kept", "1441 would be kept", world)
    keep(world, karin, second, 0)
    keep(world, karin, first, 1400)
    keep(world, karin, second, 40)


def test_what_was_kept_can_be_said_again_and_taken_back(world: World, karin: Member) -> None:
    block_id = plan(world, karin)
    for minutes in (30, 30, 20, None):
        keep(world, karin, block_id, minutes)
        assert told(world, karin) == [(TODAY, 30, minutes)]
    later = plan(world, karin, TODAY + timedelta(1))
    refused(lambda: leader_time.keep(owner_of(karin), later, 10), "kept", "not come yet", world)


def test_a_block_can_be_changed_and_of_two_tabs_the_later_one_notices(world: World, karin: Member) -> None:
    block_id = plan(world, karin)
    owner = owner_of(karin)
    with world.core.units.writing():
        changed = leader_time.change_block(owner, block_id, Block(TODAY - timedelta(1), 45, 40), 1)
        assert changed.revision == 2
    with world.core.units.writing(), pytest.raises(ChangedMeanwhile):
        leader_time.change_block(owner, block_id, Block(TODAY, 60), 1)
    assert told(world, karin) == [(TODAY - timedelta(1), 45, 40)]
    refused(
        lambda: leader_time.change_block(owner, block_id, Block(TODAY + timedelta(57), 45), 2),
        "day",
        "eight weeks",
        world,
    )


def test_the_day_of_an_old_block_may_stay(world: World, karin: Member) -> None:
    block_id = plan(world, karin)
    with world.core.units.writing():
        block = leader_time.get_block(owner_of(karin), block_id)
        block.local_date = TODAY - timedelta(30)
    with world.core.units.writing():
        leader_time.change_block(owner_of(karin), block_id, Block(TODAY - timedelta(30), 45, 45), 1)
    assert told(world, karin) == [(TODAY - timedelta(30), 45, 45)]


def test_a_block_can_be_taken_away(world: World, karin: Member) -> None:
    block_id = plan(world, karin)
    with world.core.units.writing():
        leader_time.delete_block(owner_of(karin), block_id)
    with world.core.units.writing(), pytest.raises(NotFound):
        leader_time.delete_block(owner_of(karin), block_id)
    assert told(world, karin) == []


def test_the_trend_is_of_eight_weeks(world: World, karin: Member) -> None:
    plan(world, karin, TODAY, 30, 20)
    plan(world, karin, TODAY - timedelta(8), 45, 45)
    plan(world, karin, TODAY + timedelta(7), 60)
    with world.core.units.reading():
        weeks = leader_time.trend(leader_time.blocks(owner_of(karin)), TODAY)
    assert [(week.planned, week.kept) for week in weeks] == [(0, 0)] * 6 + [(45, 45), (30, 20)]


def test_the_next_working_day_without_a_block_is_offered(world: World, karin: Member) -> None:
    with world.core.units.reading():
        assert leader_time.next_free_day([], TODAY) == TODAY
        assert leader_time.next_free_day([], TODAY + timedelta(4)) == TODAY + timedelta(6)
    for offset in (0, 1, 2, 3):
        plan(world, karin, TODAY + timedelta(offset))
    with world.core.units.reading():
        assert leader_time.next_free_day(leader_time.blocks(owner_of(karin)), TODAY) == TODAY + timedelta(6)
    plan(world, karin, TODAY + timedelta(6))
    with world.core.units.reading():
        assert leader_time.next_free_day(leader_time.blocks(owner_of(karin)), TODAY) == TODAY


@pytest.mark.parametrize("where", ["same cohort", "own other cohort", "nowhere"])
def test_what_is_not_hers_is_not_found(world: World, course: Course, karin: Member, where: str) -> None:
    elsewhere = world.course(beside=course) if where == "own other cohort" else course
    somebody = world.member(elsewhere, Role.MANAGER, "Peter", karin.person if elsewhere is not course else None)
    block_id = plan(world, karin) if where != "nowhere" else uuid.uuid4()
    owner = owner_of(somebody)
    for work in (
        lambda: leader_time.get_block(owner, block_id), lambda: leader_time.keep(owner, block_id, 1),
        lambda: leader_time.change_block(owner, block_id, Block(TODAY, 1), 1),
        lambda: leader_time.delete_block(owner, block_id),
    ):  # fmt: skip
        with world.core.units.writing(), pytest.raises(NotFound):
            work()
    assert told(world, somebody) == []
    # Her day is her own: somebody else's minutes, or those of another course, leave all of it.
    plan(world, somebody, minutes=1440)


def test_reading_is_one_statement(world: World, karin: Member) -> None:
    for offset in range(10):
        plan(world, karin, TODAY + timedelta(offset))
    with world.core.units.reading(), counting(world) as counted:
        assert len(leader_time.blocks(owner_of(karin))) == 10
    assert len(counted) == 1
