"""The time audit: rounds, rows, what a day can hold, and what may be chosen away."""

import uuid
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from plugins.ledarsteg import operations
from plugins.ledarsteg.calculations import Category
from plugins.ledarsteg.models import TimeAudit, TimeRow
from plugins.ledarsteg.operations import ChangedMeanwhile, Dropped, rounds, time
from plugins.ledarsteg.operations.time import Stretch
from service.access import Role
from service.cohorts.models import Member
from service.contract import Invalid, NotFound
from tests.plugins.ledarsteg.support import TODAY, counting, make, owner_of
from tests.support import Course, OffsetClock, World


def start(world: World, member: Member, first: date = TODAY) -> uuid.UUID:
    with world.core.units.writing():
        return time.start_round(owner_of(member), first).id


def stretch(day: date = TODAY, category: Category = Category.MEETINGS, minutes: int = 30, **values: Any) -> Stretch:
    return Stretch(day, category, minutes, **values)


def add(world: World, member: Member, audit_id: uuid.UUID, *wanted: Stretch, key: str = "") -> list[uuid.UUID]:
    with world.core.units.writing():
        return [time.add_row(owner_of(member), audit_id, one, key).id for one in wanted or (stretch(),)]


def read(world: World, member: Member) -> list[rounds.Round]:
    with world.core.units.reading():
        return rounds.rounds(owner_of(member))


def fill(world: World, member: Member, clock: OffsetClock, days: int = 3) -> uuid.UUID:
    """A round that began on Tuesday with a row on each of so many days; it is the evening of the last."""
    audit_id = start(world, member)
    for offset in range(days):
        clock.advance(timedelta(days=min(offset, 1)))
        add(world, member, audit_id, stretch(TODAY + timedelta(offset), challengeable=True, what="Status meeting"))
    return audit_id


def refused(work: Callable[[], object], field: str, words: str, world: World) -> None:
    with world.core.units.writing(), pytest.raises(Invalid) as error:
        work()
    assert set(error.value.fields) == {field}
    assert words in str(error.value.fields[field])


# ---- beginning ----


def test_a_round_is_begun_once_and_numbered(world: World, karin: Member, clock: OffsetClock) -> None:
    first = start(world, karin)
    assert start(world, karin, TODAY + timedelta(1)) == first
    with world.core.units.writing():
        time.discard_round(owner_of(karin), first)
    assert read(world, karin) == []
    audit_id = fill(world, karin, clock)
    with world.core.units.writing():
        time.finish_round(owner_of(karin), audit_id)
        time.start_round(owner_of(karin), TODAY + timedelta(6))
    assert [found.audit.number for found in read(world, karin)] == [2, 1]


@pytest.mark.parametrize(
    ("first", "words"),
    [
        (TODAY - timedelta(1), "within two weeks"), (TODAY + timedelta(15), "within two weeks"),
        (TODAY + timedelta(4), "Monday to Friday"), (TODAY + timedelta(5), "Monday to Friday"),
    ],
)  # fmt: skip
def test_days_on_which_no_round_can_begin(world: World, karin: Member, first: date, words: str) -> None:
    refused(lambda: time.start_round(owner_of(karin), first), "first_day", words, world)


def test_the_furthest_day_on_which_a_round_can_begin(world: World, karin: Member) -> None:
    start(world, karin, TODAY + timedelta(14))
    assert read(world, karin)[0].audit.first_day == TODAY + timedelta(14)


# ---- noting ----


def test_a_row_keeps_what_was_said_of_it(world: World, karin: Member) -> None:
    audit_id = start(world, karin)
    add(world, karin, audit_id, stretch(starts_at=540, challengeable=True, what="Status meeting"))
    with world.core.units.reading():
        (found,) = rounds.rounds(owner_of(karin))
        (row,) = found.rows
        assert (row.local_date, row.category, row.minutes, row.challengeable, row.starts_at, row.what) == (
            TODAY, Category.MEETINGS, 30, True, 540, "Status meeting",
        )  # fmt: skip
        assert (found.noted, found.is_open, found.days_missing) == ({TODAY: 30}, True, 2)
        assert found.days[0] == TODAY


def test_the_same_form_sent_twice_is_one_row(world: World, karin: Member) -> None:
    audit_id = start(world, karin)
    first = add(world, karin, audit_id, key="abc")
    assert add(world, karin, audit_id, key="abc") == first
    assert add(world, karin, audit_id, stretch(minutes=31), key="abc") != first
    assert add(world, karin, audit_id, key="abd") != first
    add(world, karin, audit_id)
    add(world, karin, audit_id)
    assert len(read(world, karin)[0].rows) == 5


def test_a_form_sent_twice_is_one_row_though_the_day_is_full_by_then(world: World, karin: Member) -> None:
    audit_id = start(world, karin)
    first = add(world, karin, audit_id, stretch(minutes=1440), key="abc")
    assert add(world, karin, audit_id, stretch(minutes=1440), key="abc") == first


@pytest.mark.parametrize(
    ("wanted", "field", "words"),
    [
        (stretch(TODAY + timedelta(1)), "day", "not come yet"), (stretch(TODAY - timedelta(1)), "day", "not one of the round"),
        (stretch(TODAY + timedelta(4)), "day", "not one of the round"), (stretch(minutes=0), "minutes", "at least one minute"),
        (stretch(minutes=1441), "minutes", "You wrote 1441"),
    ],
)  # fmt: skip
def test_rows_that_cannot_be_kept(world: World, karin: Member, wanted: Stretch, field: str, words: str) -> None:
    audit_id = start(world, karin)
    refused(lambda: time.add_row(owner_of(karin), audit_id, wanted), field, words, world)
    assert read(world, karin)[0].rows == []


def test_a_day_has_1440_minutes_in_all(world: World, karin: Member, clock: OffsetClock) -> None:
    audit_id = start(world, karin)
    (row_id,) = add(world, karin, audit_id, stretch(minutes=1000))
    add(world, karin, audit_id, stretch(minutes=440))
    owner = owner_of(karin)
    refused(lambda: time.add_row(owner, audit_id, stretch(minutes=1)), "minutes", "this day has 1440 already", world)
    refused(lambda: time.change_row(owner, row_id, stretch(minutes=1001), 1), "minutes", "this day has 440", world)
    clock.advance(timedelta(days=1))
    add(world, karin, audit_id, stretch(TODAY + timedelta(1), minutes=1440))
    with world.core.units.writing():
        time.change_row(owner, row_id, stretch(minutes=1000, what="Still as long"), 1)


def test_a_day_is_a_day_where_the_person_is(world: World, karin: Member, clock: OffsetClock) -> None:
    clock.advance(timedelta(hours=15))  # 22:30 UTC: the 25th in Riga since half an hour, not yet in Stockholm
    tomorrow = TODAY + timedelta(1)
    audit_id = start(world, karin)
    refused(lambda: time.add_row(owner_of(karin), audit_id, stretch(tomorrow)), "day", "not come yet", world)
    with world.core.units.writing():
        time.add_row(operations.Owner.of(karin.cohort, karin, "Europe/Riga"), audit_id, stretch(tomorrow))


def test_rows_lie_in_the_order_of_days_and_times(world: World, karin: Member, clock: OffsetClock) -> None:
    audit_id = start(world, karin)
    clock.advance(timedelta(days=1))
    for day, starts_at, what in ((1, None, "d"), (1, 480, "c"), (0, 600, "b"), (0, 0, "a")):
        add(world, karin, audit_id, stretch(TODAY + timedelta(day), starts_at=starts_at, what=what))
    with world.core.units.reading():
        (found,) = rounds.rounds(owner_of(karin))
        assert [row.what for row in found.rows] == ["a", "b", "c", "d"]


# ---- changing and taking away ----


def test_a_row_can_be_changed_and_of_two_tabs_the_later_one_notices(world: World, karin: Member) -> None:
    audit_id = start(world, karin)
    (row_id,) = add(world, karin, audit_id)
    with world.core.units.writing():
        row = time.change_row(owner_of(karin), row_id, stretch(minutes=45, what="Planning"), 1)
        assert (row.minutes, row.what, row.revision) == (45, "Planning", 2)
    with world.core.units.writing(), pytest.raises(ChangedMeanwhile):
        time.change_row(owner_of(karin), row_id, stretch(minutes=60), 1)
    assert read(world, karin)[0].rows[0].minutes == 45


def test_taking_a_row_away_twice_is_once(world: World, karin: Member) -> None:
    audit_id = start(world, karin)
    first, second = add(world, karin, audit_id, stretch(), stretch(minutes=20))
    for _ in range(2):
        with world.core.units.writing():
            time.delete_row(owner_of(karin), audit_id, first)
    assert [row.id for row in read(world, karin)[0].rows] == [second]


def test_a_row_is_taken_away_from_its_own_round_only(world: World, course: Course, karin: Member) -> None:
    other = world.member(course, name="Peter Nyström")
    (theirs,) = add(world, other, start(world, other))
    with world.core.units.writing():
        time.delete_row(owner_of(karin), start_in(karin), theirs)
    assert len(read(world, other)[0].rows) == 1


def start_in(member: Member) -> uuid.UUID:
    return time.start_round(owner_of(member), TODAY).id


# ---- finishing ----


def test_a_round_is_finished_with_three_noted_days(world: World, karin: Member, clock: OffsetClock) -> None:
    audit_id = start(world, karin)
    refused(lambda: time.finish_round(owner_of(karin), audit_id), "round", "3 more days", world)
    add(world, karin, audit_id, stretch(), stretch(minutes=5))
    clock.advance(timedelta(days=1))
    add(world, karin, audit_id, stretch(TODAY + timedelta(1)))
    refused(lambda: time.finish_round(owner_of(karin), audit_id), "round", "One more day", world)
    clock.advance(timedelta(days=1))
    (row_id,) = add(world, karin, audit_id, stretch(TODAY + timedelta(2)))
    for _ in range(2):
        with world.core.units.writing():
            time.finish_round(owner_of(karin), audit_id)
    owner = owner_of(karin)
    assert not read(world, karin)[0].is_open
    for work in (
        lambda: time.add_row(owner, audit_id, stretch()), lambda: time.change_row(owner, row_id, stretch(), 1),
        lambda: time.delete_row(owner, audit_id, row_id), lambda: time.discard_round(owner, audit_id),
    ):  # fmt: skip
        refused(work, "round", "finished", world)


def test_the_newest_round_can_be_opened_again(world: World, karin: Member, clock: OffsetClock) -> None:
    audit_id = fill(world, karin, clock)
    with world.core.units.writing():
        time.finish_round(owner_of(karin), audit_id)
        time.reopen_round(owner_of(karin), audit_id)
        time.add_row(owner_of(karin), audit_id, stretch())
        time.finish_round(owner_of(karin), audit_id)
        time.start_round(owner_of(karin), TODAY + timedelta(6))
    refused(lambda: time.reopen_round(owner_of(karin), audit_id), "round", "another round since", world)


def test_an_open_round_can_be_taken_away_with_its_rows(world: World, karin: Member) -> None:
    audit_id = start(world, karin)
    add(world, karin, audit_id)
    with world.core.units.writing() as unit:
        time.discard_round(owner_of(karin), audit_id)
        assert unit.session.scalars(sa.select(TimeRow)).all() == unit.session.scalars(sa.select(TimeAudit)).all() == []


# ---- what may go ----


def test_rows_of_a_kind_with_the_same_words_are_one_candidate(world: World, karin: Member, clock: OffsetClock) -> None:
    audit_id = fill(world, karin, clock)
    day = TODAY + timedelta(2)
    last = add(
        world, karin, audit_id, stretch(day, minutes=60, challengeable=True, what="STATUS meeting"),
        stretch(day, Category.ROUTINES, 45, challengeable=True, what="Status meeting"),
        stretch(day, Category.ROUTINES, 15, challengeable=True), stretch(day, Category.ROUTINES, 500, what="Needed"),
    )  # fmt: skip
    with world.core.units.reading():
        (found,) = rounds.rounds(owner_of(karin))
        told = [(one.category, one.what.casefold(), one.minutes, one.per_week) for one in rounds.candidates(found)]
        assert told == [
            (Category.MEETINGS, "status meeting", 150, 250), (Category.ROUTINES, "status meeting", 45, 75),
            (Category.ROUTINES, "", 15, 25),
        ]  # fmt: skip
        assert rounds.candidates(found)[1].row_id == last[1]


def test_the_words_to_choose_away_are_the_rows_or_its_kinds(world: World, karin: Member) -> None:
    with_words, without = add(world, karin, start(world, karin), stretch(what="Status meeting"), stretch())
    with world.core.units.reading():
        assert time.drop_words(owner_of(karin), with_words) == "Status meeting"
        assert time.drop_words(owner_of(karin), without) == "Meetings"


def test_only_habits_that_go_on_free_minutes(world: World, course: Course, karin: Member) -> None:
    make(world, karin, "1", drop=Dropped("Monday's report", 45))
    ended = make(world, karin, "2", drop=Dropped("Copies of mails", 60))
    make(world, world.member(course, name="Peter Nyström"), drop=Dropped("Of somebody else", 500))
    with world.core.units.writing():
        assert rounds.freed_minutes(owner_of(karin)) == 105
        operations.retire(owner_of(karin), ended.id)
        assert rounds.freed_minutes(owner_of(karin)) == 45


# ---- whose it is, and what it costs ----


@pytest.mark.parametrize("where", ["same cohort", "own other cohort", "other organisation", "nowhere"])
def test_what_is_not_hers_is_not_found(world: World, course: Course, karin: Member, where: str) -> None:
    elsewhere = {"own other cohort": lambda: world.course(beside=course), "other organisation": world.course}
    somebody = world.member(
        elsewhere.get(where, lambda: course)(),
        Role.MANAGER,
        "Peter Nyström",
        karin.person if where == "own other cohort" else None,
    )
    audit_id = start(world, karin)
    (row_id,) = add(world, karin, audit_id)
    if where == "nowhere":
        somebody, audit_id, row_id = karin, uuid.uuid4(), uuid.uuid4()
    owner = owner_of(somebody)
    for work in (
        lambda: rounds.get_round(owner, audit_id), lambda: rounds.get_row(owner, row_id),
        lambda: time.add_row(owner, audit_id, stretch()), lambda: time.change_row(owner, row_id, stretch(), 1),
        lambda: time.delete_row(owner, audit_id, row_id), lambda: time.finish_round(owner, audit_id),
        lambda: time.reopen_round(owner, audit_id), lambda: time.discard_round(owner, audit_id),
        lambda: time.drop_words(owner, row_id),
    ):  # fmt: skip
        with world.core.units.writing(), pytest.raises(NotFound):
            work()
    with world.core.units.reading():
        assert where == "nowhere" or rounds.rounds(owner) == []


def test_reading_costs_the_same_for_one_row_and_for_thirty(world: World, karin: Member) -> None:
    counts = []
    audit_id = start(world, karin)
    for more in (1, 29):
        add(world, karin, audit_id, *(stretch(what=f"{more} {number}") for number in range(more)))
        with world.core.units.reading() as unit:
            unit.vault.fetch([karin.person_id])  # the door has done it
            with counting(world) as counted:
                assert [row.what for found in rounds.rounds(owner_of(karin)) for row in found.rows]
        counts.append(len(counted))
    assert counts[0] == counts[1] == 2
