"""Both-and: a card for everybody, cards of one's own, and one reading a week that no end of is right."""

import uuid
from collections.abc import Callable
from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from plugins.ledarsteg.models import Polarity, PolarityReading
from plugins.ledarsteg.operations import polarities
from plugins.ledarsteg.operations.polarities import PoleCard, builtin_id
from service.access import Role
from service.cohorts.models import Member
from service.contract import Invalid, NotFound
from tests.plugins.ledarsteg.support import TODAY, counting, owner_of
from tests.support import Course, OffsetClock, World

MONDAY = date(2026, 11, 23)


def read_week(world: World, member: Member, card: uuid.UUID, value: int, monday: date = MONDAY) -> None:
    with world.core.units.writing():
        polarities.read_week(owner_of(member), card, monday, value)


def cards(world: World, member: Member) -> list[PoleCard]:
    with world.core.units.reading():
        return polarities.pole_cards(owner_of(member))


def make_card(
    world: World, member: Member, left: str = "Speed", right: str = "Participation", key: str = ""
) -> uuid.UUID:
    before = {card.polarity.id for card in cards(world, member)}
    with world.core.units.writing():
        polarities.make_card(owner_of(member), left, right, key)
    return next((card.polarity.id for card in cards(world, member) if card.polarity.id not in before), uuid.UUID(int=0))


def refused(work: Callable[[], object], field: str, words: str, world: World) -> None:
    with world.core.units.writing(), pytest.raises(Invalid) as error:
        work()
    assert set(error.value.fields) == {field}
    assert words in str(error.value.fields[field])


def test_everybody_has_tough_care_and_it_gets_one_row_when_it_is_used(world: World, karin: Member) -> None:
    (card,) = cards(world, karin)
    assert (card.is_builtin, card.readings, card.polarity.id) == (True, {}, builtin_id(owner_of(karin)))
    with world.core.units.reading() as unit:
        assert unit.session.scalars(sa.select(Polarity)).all() == []
    for value in (-20, 35, 35):
        read_week(world, karin, card.polarity.id, value)
    with world.core.units.reading() as unit:
        assert len(unit.session.scalars(sa.select(Polarity)).all()) == 1
        assert [row.value for row in unit.session.scalars(sa.select(PolarityReading))] == [35]
    (card,) = cards(world, karin)
    assert (card.is_builtin, card.readings) == (True, {MONDAY: 35})


@pytest.mark.parametrize("value", [-100, 0, 100])
@pytest.mark.parametrize("back", [0, 1, 2])
def test_this_week_and_the_two_before_can_be_read(world: World, karin: Member, value: int, back: int) -> None:
    card = builtin_id(owner_of(karin))
    read_week(world, karin, card, value, MONDAY - timedelta(7 * back))
    assert cards(world, karin)[0].readings == {MONDAY - timedelta(7 * back): value}


@pytest.mark.parametrize(
    ("monday", "value", "field"),
    [
        (MONDAY + timedelta(7), 0, "monday"), (MONDAY - timedelta(21), 0, "monday"), (MONDAY + timedelta(1), 0, "monday"),
        (MONDAY, 101, "value"), (MONDAY, -101, "value"),
    ],
)  # fmt: skip
def test_readings_that_cannot_be(world: World, karin: Member, monday: date, value: int, field: str) -> None:
    owner = owner_of(karin)
    refused(lambda: polarities.read_week(owner, builtin_id(owner), monday, value), field, "", world)
    assert cards(world, karin)[0].readings == {}


def test_the_trend_is_of_twelve_weeks_with_gaps(world: World, karin: Member, clock: OffsetClock) -> None:
    card = builtin_id(owner_of(karin))
    clock.advance(-timedelta(days=7 * 12))
    read_week(world, karin, card, 50, MONDAY - timedelta(7 * 12))
    clock.advance(timedelta(days=7 * 12))
    read_week(world, karin, card, -10, MONDAY - timedelta(7))
    trend = cards(world, karin)[0].trend(TODAY)
    assert list(trend.values()) == [None] * 10 + [-10, None]
    assert list(trend)[-1] == MONDAY


def test_a_card_of_ones_own_is_made_once_and_kept_to_oneself(world: World, course: Course, karin: Member) -> None:
    own = make_card(world, karin, key="abc")
    assert make_card(world, karin, key="abc") == uuid.UUID(int=0)
    make_card(world, karin, "Hand over", "Stand by", key="abc")
    make_card(world, world.member(course, name="Peter Nyström"), "of", "somebody else")
    read_week(world, karin, own, 70)
    with world.core.units.reading():
        found = polarities.pole_cards(owner_of(karin))
        assert [(card.polarity.left, card.polarity.right, card.readings) for card in found] == [
            ("", "", {}), ("Speed", "Participation", {MONDAY: 70}), ("Hand over", "Stand by", {}),
        ]  # fmt: skip


def test_an_ended_card_is_kept_and_can_be_taken_up_again(world: World, karin: Member) -> None:
    own, owner = make_card(world, karin), owner_of(karin)
    make_card(world, karin, "Hand over", "Stand by")
    read_week(world, karin, own, 70)
    for _ in range(2):
        with world.core.units.writing():
            polarities.end_card(owner, own)
    assert [card.polarity.ended_at is None for card in cards(world, karin)] == [True, True, False]
    assert cards(world, karin)[2].readings == {MONDAY: 70}
    refused(lambda: polarities.read_week(owner, own, MONDAY, 0), "polarity", "ended", world)
    with world.core.units.writing():
        polarities.resume_card(owner, own)
    read_week(world, karin, own, 60)


def test_tough_care_cannot_be_ended(world: World, karin: Member) -> None:
    owner = owner_of(karin)
    refused(lambda: polarities.end_card(owner, builtin_id(owner)), "polarity", "there for everybody", world)


@pytest.mark.parametrize("where", ["same cohort", "own other cohort", "nowhere"])
def test_what_is_not_hers_is_not_found(world: World, course: Course, karin: Member, where: str) -> None:
    elsewhere = world.course(beside=course) if where == "own other cohort" else course
    somebody = world.member(elsewhere, Role.MANAGER, "Peter", karin.person if elsewhere is not course else None)
    own = make_card(world, karin) if where != "nowhere" else uuid.uuid4()
    owner = owner_of(somebody)
    for card in (own, builtin_id(owner_of(karin))):
        for work in (
            lambda card=card: polarities.get_polarity(owner, card),
            lambda card=card: polarities.read_week(owner, card, MONDAY, 0),
            lambda card=card: polarities.end_card(owner, card), lambda card=card: polarities.resume_card(owner, card),
        ):  # fmt: skip
            with world.core.units.writing(), pytest.raises(NotFound):
                work()
    assert [card.is_builtin for card in cards(world, somebody)] == [True]


def test_reading_costs_the_same_for_one_card_and_for_ten(world: World, karin: Member) -> None:
    counts = []
    for more in (1, 9):
        for number in range(more):
            read_week(world, karin, make_card(world, karin, str(number), "x"), 5)
        with world.core.units.reading() as unit:
            unit.vault.fetch([karin.person_id])  # the door has done it
            with counting(world) as counted:
                assert any(card.polarity.left for card in polarities.pole_cards(owner_of(karin)))
        counts.append(len(counted))
    assert counts == [2, 2]
