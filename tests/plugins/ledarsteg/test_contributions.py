"""Leader contributions: how many and how good are two things, and each says for whom."""

import uuid
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from plugins.ledarsteg import operations
from plugins.ledarsteg.calculations import Effect, Side
from plugins.ledarsteg.models import Target
from plugins.ledarsteg.operations import ChangedMeanwhile, contributions
from plugins.ledarsteg.operations.contributions import Given
from service.access import Role
from service.cohorts.models import Member
from service.contract import Invalid, NotFound
from tests.plugins.ledarsteg.support import TODAY, counting, make, owner_of
from tests.support import Course, OffsetClock, World

EVERYTHING: dict[str, Any] = {
    "number": 3, "quality": 4, "effects": int(Effect.ABILITY | Effect.VALUE), "sides": int(Side.HARD | Side.SOFT_INDIVIDUAL),
    "note": "Asked what she would do",
}  # fmt: skip


def given(day: date = TODAY, **values: Any) -> Given:
    return Given(day, values.pop("target", Target.INDIVIDUAL), **values)


def log(world: World, member: Member, wanted: Given | None = None, key: str = "") -> uuid.UUID:
    with world.core.units.writing():
        return contributions.log_contribution(owner_of(member), wanted or given(), key).id


def refused(work: Callable[[], object], field: str, words: str, world: World) -> None:
    with world.core.units.writing(), pytest.raises(Invalid) as error:
        work()
    assert set(error.value.fields) == {field}
    assert words in str(error.value.fields[field])


def test_a_contribution_keeps_what_was_said_of_it(world: World, karin: Member) -> None:
    habit = make(world, karin)
    log(world, karin, given(target=Target.GROUP, habit_id=habit.id, **EVERYTHING))
    with world.core.units.reading():
        (row,) = contributions.recent(owner_of(karin))
        assert (row.local_date, row.target, row.habit_id) == (TODAY, Target.GROUP, habit.id)
        assert {name: getattr(row, name) for name in EVERYTHING} == EVERYTHING


def test_the_same_form_sent_twice_is_noted_once(world: World, karin: Member) -> None:
    first = log(world, karin, key="abc")
    assert log(world, karin, key="abc") == first
    assert log(world, karin, given(number=2), key="abc") != first
    assert log(world, karin) != first


@pytest.mark.parametrize(
    ("wanted", "field", "words"),
    [
        (given(TODAY + timedelta(1)), "day", "not come yet"), (given(TODAY - timedelta(15)), "day", "14 days"),
        (given(number=0), "number", "You wrote 0"), (given(number=101), "number", "You wrote 101"),
        (given(quality=0), "quality", "1 to 5"), (given(quality=6), "quality", "1 to 5"),
    ],
)  # fmt: skip
def test_contributions_that_cannot_be(world: World, karin: Member, wanted: Given, field: str, words: str) -> None:
    refused(lambda: contributions.log_contribution(owner_of(karin), wanted), field, words, world)


def test_the_first_day_and_the_ends_of_the_numbers(world: World, karin: Member) -> None:
    for wanted in (given(TODAY - timedelta(14)), given(number=100), given(quality=1), given(quality=5)):
        log(world, karin, wanted)
    with world.core.units.reading():
        assert len(contributions.recent(owner_of(karin))) == 4


def test_a_contribution_can_be_changed_and_of_two_tabs_the_later_one_notices(world: World, karin: Member) -> None:
    row_id = log(world, karin)
    owner = owner_of(karin)
    with world.core.units.writing():
        contributions.change_contribution(owner, row_id, given(TODAY - timedelta(1), **EVERYTHING), 1)
    with world.core.units.writing(), pytest.raises(ChangedMeanwhile):
        contributions.change_contribution(owner, row_id, given(number=9), 1)
    with world.core.units.reading():
        row = contributions.get_contribution(owner, row_id)
        assert (row.local_date, row.number, row.note, row.revision) == (
            TODAY - timedelta(1), 3, "Asked what she would do", 2,
        )  # fmt: skip


def test_the_day_of_an_old_one_may_stay_and_not_move(world: World, karin: Member, clock: OffsetClock) -> None:
    row_id = log(world, karin)
    clock.advance(timedelta(days=40))
    owner = owner_of(karin)
    with world.core.units.writing():
        contributions.change_contribution(owner, row_id, given(number=2), 1)
    refused(
        lambda: contributions.change_contribution(owner, row_id, given(TODAY + timedelta(1)), 2),
        "day",
        "14 days",
        world,
    )


def test_a_contribution_can_be_taken_away(world: World, karin: Member) -> None:
    row_id = log(world, karin)
    with world.core.units.writing():
        contributions.delete_contribution(owner_of(karin), row_id)
    with world.core.units.writing(), pytest.raises(NotFound):
        contributions.delete_contribution(owner_of(karin), row_id)


def test_the_last_eight_weeks_and_everything(world: World, karin: Member, clock: OffsetClock) -> None:
    clock.advance(-timedelta(days=60))
    log(world, karin, given(TODAY - timedelta(60)))
    clock.advance(timedelta(days=60))
    log(world, karin, given(TODAY - timedelta(1)))
    log(world, karin, given(number=2, quality=5))
    with world.core.units.reading():
        owner = owner_of(karin)
        assert [row.local_date for row in contributions.recent(owner)] == [TODAY, TODAY - timedelta(1)]
        assert len(contributions.everything(owner)) == 3
        weeks = contributions.weekly(contributions.everything(owner), TODAY)
        assert [(week.count, week.rated, week.quality) for week in weeks] == [(0, 0, None)] * 7 + [(3, 2, 5)]


def test_the_habits_that_one_may_have_come_of(world: World, course: Course, karin: Member, clock: OffsetClock) -> None:
    first, ended = make(world, karin, "first"), make(world, karin, "ended")
    clock.advance(timedelta(minutes=1))
    make(world, karin, "second")
    make(world, world.member(course, name="Peter Nyström"), "of somebody else")
    with world.core.units.writing():
        operations.retire(owner_of(karin), ended.id)
        assert [habit.title for habit in contributions.habits_to_name(owner_of(karin))] == ["first", "second"]
    log(world, karin, given(habit_id=first.id))


@pytest.mark.parametrize("where", ["same cohort", "own other cohort", "nowhere"])
def test_what_is_not_hers_is_not_found(world: World, course: Course, karin: Member, where: str) -> None:
    elsewhere = world.course(beside=course) if where == "own other cohort" else course
    somebody = world.member(elsewhere, Role.MANAGER, "Peter", karin.person if elsewhere is not course else None)
    row_id, habit_id = log(world, karin), make(world, karin).id
    if where == "nowhere":
        row_id = habit_id = uuid.uuid4()
    owner = owner_of(somebody)
    for work in (
        lambda: contributions.get_contribution(owner, row_id), lambda: contributions.delete_contribution(owner, row_id),
        lambda: contributions.change_contribution(owner, row_id, given(), 1),
        lambda: contributions.log_contribution(owner, given(habit_id=habit_id)),
    ):  # fmt: skip
        with world.core.units.writing(), pytest.raises(NotFound):
            work()
    with world.core.units.reading():
        assert contributions.everything(owner) == []


def test_reading_is_one_statement(world: World, karin: Member) -> None:
    for number in range(10):
        log(world, karin, given(note=str(number)))
    with world.core.units.reading() as unit:
        unit.vault.fetch([karin.person_id])  # the door has done it
        for read in (contributions.recent, contributions.everything):
            with counting(world) as counted:
                assert len({row.note for row in read(owner_of(karin))}) == 10
            assert len(counted) == 1
