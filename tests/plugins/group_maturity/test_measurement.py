"""The way of a measurement: planned, opened, closed, reported or suppressed, and asked again."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from plugins.group_maturity import jobs
from plugins.group_maturity.models import Inbox, Measurement, Mode, Report, SelfRating, State
from plugins.group_maturity.operations import closing, measurements, ratings
from plugins.group_maturity.operations.measurements import Plan
from plugins.group_maturity.settings import GroupSettings
from service.contract import Conflict, Invalid, NotFound
from service.guests.models import GuestPass
from tests.plugins.group_maturity.measuring import SETTINGS, Open, at_random, levels, open_one, plan, run_jobs
from tests.plugins.group_maturity.rating import filled
from tests.support import Course, OffsetClock, World, forgotten

COLLABORATING = {"A": 2, "B": 1, "C": 4, "D": 5}


@pytest.fixture
def course(world: World) -> Course:
    return world.course()


@contextmanager
def writing(world: World) -> Iterator[sa.orm.Session]:
    with world.app.app_context(), world.core.units.writing() as unit:
        yield unit.session


def count(world: World, model: type) -> int:
    with world.core.units.reading() as unit:
        return unit.session.scalar(sa.select(sa.func.count()).select_from(model)) or 0


def answered(world: World, course: Course, number: int, **changes: object) -> Open:
    """An open measurement that so many have answered, everybody in their own way."""
    chance = random.Random(number)
    going_on = open_one(world, course, **changes)
    for word in going_on.words[:number]:
        assert going_on.answer(word, at_random(chance)).status_code == 200
    return going_on


# --- the whole way ----------------------------------------------------------------------------------------------------


def test_from_open_to_reported(world: World, course: Course) -> None:
    chance = random.Random(1)
    going_on = open_one(world, course)
    assert len(set(going_on.words)) == 8
    assert going_on.visit(going_on.words[0]).status_code == 200
    assert going_on.visit(going_on.words[0], "answer").status_code == 200
    for number, word in enumerate(going_on.words):
        assert going_on.row().enough is (number >= 5)
        one = levels(COLLABORATING) | dict(list(at_random(chance).items())[:1])
        assert going_on.answer(word, one).status_code == 200
        assert going_on.visit(word).status_code == 404
    going_on.close()
    row = going_on.row()
    assert (row.state, row.box_key_sealed, row.codes_sealed) == (State.REPORTED, None, None)
    figures = going_on.figures()
    assert figures is not None
    assert (figures.band, figures.stage) == ("8-12", "4")
    assert figures.scales["D"].edge == "high"
    assert count(world, Inbox) == 0


def test_closed_by_itself_the_day_after_its_last(world: World, course: Course, clock: OffsetClock) -> None:
    going_on = answered(world, course, 5)
    clock.advance(timedelta(days=14))
    assert tidied(world) == 0
    assert going_on.visit(going_on.words[7]).status_code == 200
    clock.advance(timedelta(days=1))
    assert going_on.visit(going_on.words[7]).status_code == 404
    assert going_on.answer(going_on.words[7], levels(COLLABORATING)).status_code == 404
    assert tidied(world) == 1
    run_jobs(world)
    row = going_on.row()
    assert (row.state, row.closed_on) == (State.REPORTED, row.closes_on + timedelta(days=1))
    assert tidied(world) == 0


@pytest.mark.parametrize("number", [0, 1, 4])
def test_too_few_are_suppressed_the_same_however_few(
    world: World, course: Course, clock: OffsetClock, number: int
) -> None:
    going_on = answered(world, course, number)
    clock.advance(timedelta(days=15))
    tidied(world)
    run_jobs(world)
    row = going_on.row()
    assert (row.state, row.enough, going_on.figures()) == (State.SUPPRESSED, False, None)
    assert (count(world, Inbox), count(world, Report)) == (0, 0)


def tidied(world: World) -> int:
    with world.app.app_context():
        return jobs.close_due()


def test_what_a_dead_worker_left_is_counted_the_next_day(world: World, course: Course, clock: OffsetClock) -> None:
    going_on = answered(world, course, 6)
    with writing(world) as session:
        closing.close_now(session.get_one(Measurement, going_on.id), course.cohort)
    assert going_on.row().state is State.CLOSED
    assert tidied(world) == 0
    clock.advance(timedelta(days=1, hours=1))
    assert tidied(world) == 1
    assert going_on.row().state is State.REPORTED


def test_counting_again_changes_nothing(world: World, course: Course) -> None:
    going_on = answered(world, course, 6)
    going_on.close()
    before = going_on.figures()
    with writing(world):
        closing.freeze(going_on.id)
        closing.freeze(course.cohort.id)
    assert going_on.figures() == before
    assert count(world, Report) == 1


def test_many_that_are_due_are_closed_in_parts(world: World, course: Course, clock: OffsetClock, monkeypatch) -> None:
    monkeypatch.setattr(closing, "BATCH", 2)
    going_on = [open_one(world, course, label=f"Grupp {number}") for number in range(5)]
    clock.advance(timedelta(days=15))
    assert tidied(world) == 5
    run_jobs(world)
    assert {one.row().state for one in going_on} == {State.SUPPRESSED}


def test_closing_early_needs_enough(world: World, course: Course) -> None:
    going_on = answered(world, course, 4)
    with pytest.raises(Invalid) as refused, writing(world) as session:
        closing.close_now(session.get_one(Measurement, going_on.id), course.cohort)
    assert "Färre än 5 har svarat" in refused.value.fields["close"]
    assert going_on.row().state is State.OPEN
    going_on.answer(going_on.words[4], levels(COLLABORATING))
    going_on.close()
    assert going_on.row().state is State.REPORTED
    with pytest.raises(Conflict), writing(world) as session:
        closing.close_now(session.get_one(Measurement, going_on.id), course.cohort)


def test_giving_up_leaves_no_answer_and_no_link(world: World, course: Course) -> None:
    going_on = answered(world, course, 6)
    with writing(world) as session:
        measurements.give_up(session.get_one(Measurement, going_on.id))
    row = going_on.row()
    assert (row.state, row.box_key_sealed, row.codes_sealed) == (State.DISCARDED, None, None)
    assert (count(world, Inbox), count(world, GuestPass), count(world, Report)) == (0, 0, 0)
    assert going_on.visit(going_on.words[0]).status_code == 404
    with pytest.raises(Conflict), writing(world) as session:
        measurements.give_up(session.get_one(Measurement, going_on.id))


def test_the_links_stay_only_where_the_group_may_read_the_report(
    world: World, course: Course, clock: OffsetClock
) -> None:
    reads = answered(world, course, 5)
    not_reads = answered(world, course, 5, label="Natt", settings=GroupSettings(group_reads_report=False))
    for one in (reads, not_reads):
        one.close()
    assert count(world, GuestPass) == 8
    with world.app.app_context():
        assert jobs.forget() == 0
        clock.advance(timedelta(days=93))
        assert jobs.forget() == 2
    assert count(world, GuestPass) == 0


def test_a_report_and_its_measurement_go_after_five_years(world: World, course: Course, clock: OffsetClock) -> None:
    going_on, given_up = answered(world, course, 5), answered(world, course, 1, label="Natt")
    going_on.close()
    with writing(world) as session:
        measurements.give_up(session.get_one(Measurement, given_up.id))
        rating = ratings.begin(course.cohort, going_on.manager.person_id, session.get_one(Measurement, going_on.id))
        assert rating.measurement_id == going_on.id
    with world.app.app_context():
        own = course.organisation.id
        clock.advance(timedelta(days=200))
        assert forgotten(world.app, own, "group_maturity.given_up") == {"group_maturity_measurement": 1}
        clock.advance(timedelta(days=1620))
        assert forgotten(world.app, own, "group_maturity.reports") == {}
        clock.advance(timedelta(days=10))
        gone = forgotten(world.app, own, "group_maturity.reports")
        assert (gone["group_maturity_measurement"], gone["group_maturity_report"]) == (1, 1)
        assert gone["group_maturity_reported_scale"] > 0
    assert (count(world, Measurement), count(world, Report), count(world, SelfRating)) == (0, 0, 1)
    assert forgotten(world.app, course.organisation.id, "group_maturity.own") == {"group_maturity_self_rating": 1}


# --- planning ---------------------------------------------------------------------------------------------------------


def created(world: World, course: Course, settings: GroupSettings = SETTINGS, **changes: object) -> Measurement:
    manager = world.member(course)
    with writing(world):
        return measurements.create(course.cohort, manager.person_id, plan(world, course, **changes), settings)


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("label", {"label": "  "}),
        ("label", {"label": "x" * 81}),
        ("size", {"size": 0}),
        ("size", {"size": 201}),
        ("languages", {"languages": ()}),
        ("languages", {"languages": ("sv", "fi")}),
        ("opens_on", {"opens_on": date(2020, 1, 1), "closes_on": date(2020, 1, 9)}),
        ("instrument", {"instrument": ("stegvis.gm24", "9.9.9")}),
        ("instrument", {"instrument": ("stegvis.gm24", "0.1.0")}),
        ("joined", {"joined": -1}),
    ],
)
def test_a_plan_that_does_not_hold_is_refused(
    world: World, course: Course, field: str, changes: dict[str, object]
) -> None:
    with pytest.raises(Invalid) as refused:
        created(world, course, **changes)
    assert field in refused.value.fields
    assert count(world, Measurement) == 0


@pytest.mark.parametrize("days", [0, -1, 91])
def test_it_closes_after_it_opens_and_not_in_half_a_year(world: World, course: Course, days: int) -> None:
    opens = plan(world, course).opens_on
    with pytest.raises(Invalid) as refused:
        created(world, course, closes_on=opens + timedelta(days=days))
    assert list(refused.value.fields) == ["closes_on"]


def test_one_group_is_measured_again_and_not_anew(world: World, course: Course) -> None:
    manager = world.member(course)
    with writing(world):
        first = measurements.create(course.cohort, manager.person_id, plan(world, course), SETTINGS)
    with pytest.raises(Invalid, match="label"), writing(world):
        measurements.create(course.cohort, manager.person_id, plan(world, course, label=" dagTEAMET "), SETTINGS)
    with writing(world):
        measurements.create(course.cohort, manager.person_id, plan(world, course, label="Natt"), SETTINGS)
    with writing(world) as session:
        measurements.give_up(session.get_one(Measurement, first.id))
        measurements.create(course.cohort, manager.person_id, plan(world, course), SETTINGS)


def test_a_draft_is_edited_by_whoever_saw_it_last(world: World, course: Course) -> None:
    draft = created(world, course)
    with writing(world) as session:
        row = session.get_one(Measurement, draft.id)
        measurements.edit(row, course.cohort, plan(world, course, label="  Natt\n patrullen ", size=9), SETTINGS, 1)
        assert (row.label, row.size, row.version) == ("Natt patrullen", 9, 2)
    with pytest.raises(Conflict), writing(world) as session:
        measurements.edit(session.get_one(Measurement, draft.id), course.cohort, plan(world, course), SETTINGS, 1)
    with writing(world) as session:
        measurements.open_up(session.get_one(Measurement, draft.id), course.cohort, SETTINGS)
    with pytest.raises(Conflict), writing(world) as session:
        measurements.edit(session.get_one(Measurement, draft.id), course.cohort, plan(world, course), SETTINGS, 2)
    with pytest.raises(Conflict), writing(world) as session:
        measurements.open_up(session.get_one(Measurement, draft.id), course.cohort, SETTINGS)


def test_a_draft_that_is_given_up_is_gone_and_leaves_the_own_picture(world: World, course: Course) -> None:
    draft = created(world, course)
    with writing(world) as session:
        row = session.get_one(Measurement, draft.id)
        assert row.manager_id
        ratings.begin(course.cohort, row.manager_id, row)
    with writing(world) as session:
        measurements.give_up(session.get_one(Measurement, draft.id))
    assert count(world, Measurement) == 0
    with world.core.units.reading() as unit:
        assert unit.session.scalars(sa.select(SelfRating.measurement_id)).all() == [None]


def test_only_her_own_in_this_cohort(world: World, course: Course) -> None:
    draft = created(world, course)
    beside = world.course(beside=course)
    with writing(world) as session:
        mine = session.get_one(Measurement, draft.id)
        assert mine.manager_id
        assert measurements.get(course.cohort, mine.manager_id, draft.id, lock=True) is mine
        assert list(measurements.of_manager(course.cohort, mine.manager_id)) == [mine]
        for cohort, person in ((beside.cohort, mine.manager_id), (course.cohort, draft.id)):
            with pytest.raises(NotFound):
                measurements.get(cohort, person, draft.id)


# --- what stands in the way of opening --------------------------------------------------------------------------------


def obstacles(
    world: World, course: Course, draft: Measurement, settings: GroupSettings = SETTINGS, **given: bool
) -> list[str]:
    with world.core.units.reading() as unit:
        row = unit.session.get_one(Measurement, draft.id)
        return [one.kind for one in measurements.obstacles(row, course.cohort, settings, **given)]


def test_a_group_smaller_than_the_minimum_cannot_open_and_is_told_why(world: World, course: Course) -> None:
    draft = created(world, course, size=4)
    assert obstacles(world, course, draft) == ["few"]
    assert obstacles(world, course, draft, GroupSettings(min_respondents=4)) == []
    with pytest.raises(Invalid) as refused, writing(world) as session:
        measurements.open_up(session.get_one(Measurement, draft.id), course.cohort, SETTINGS)
    assert "Ni är 4 och minst 5 måste svara" in refused.value.fields["few"]
    assert (count(world, GuestPass), count(world, Inbox)) == (0, 0)


def test_a_language_nobody_has_reviewed_needs_a_word_for_it(world: World, course: Course) -> None:
    draft = created(world, course, languages=("sv", "lv"))
    assert obstacles(world, course, draft) == ["draft_language"]
    assert obstacles(world, course, draft, draft_languages=True) == []


def test_a_day_that_has_passed_is_in_the_way(world: World, course: Course, clock: OffsetClock) -> None:
    draft = created(world, course)
    clock.advance(timedelta(days=14))
    assert obstacles(world, course, draft) == ["late"]


def test_what_is_promised_is_frozen_when_it_opens(world: World, course: Course) -> None:
    draft = created(world, course)
    at_opening = GroupSettings(min_respondents=7, group_reads_report=False, ask_group_about_manager=True)
    with writing(world) as session:
        row = session.get_one(Measurement, draft.id)
        assert (row.minimum, row.group_reads, row.about_manager) == (5, True, False)
        measurements.open_up(row, course.cohort, at_opening)
    with world.core.units.reading() as unit:
        row = unit.session.get_one(Measurement, draft.id)
        assert (row.minimum, row.group_reads, row.about_manager) == (7, False, True)
        assert len(measurements.asked(row, measurements.instrument_of(row))) == 30


def test_the_words_can_be_read_again_while_it_is_open(world: World, course: Course) -> None:
    going_on = answered(world, course, 5)
    with world.core.units.reading() as unit:
        assert measurements.words_of(unit.session.get_one(Measurement, going_on.id)) == going_on.words
    going_on.close()
    with world.core.units.reading() as unit:
        assert measurements.words_of(unit.session.get_one(Measurement, going_on.id)) == []


# --- again ------------------------------------------------------------------------------------------------------------


def retest(
    world: World, course: Course, first: Open, settings: GroupSettings = SETTINGS, **changes: object
) -> Measurement:
    with writing(world) as session:
        given: Plan = plan(world, course, **changes)
        return measurements.again(session.get_one(Measurement, first.id), course.cohort, given, settings)


def test_the_next_wave_follows_after_three_months(world: World, course: Course, clock: OffsetClock) -> None:
    first = answered(world, course, 5)
    with pytest.raises(Conflict):
        retest(world, course, first)
    first.close()
    second = retest(world, course, first)
    assert (second.wave, second.previous_id, second.manager_id) == (2, first.id, first.manager.person_id)
    assert obstacles(world, course, second) == ["early"]
    with pytest.raises(Conflict):
        retest(world, course, first)
    clock.advance(timedelta(days=90))
    assert obstacles(world, course, second) == ["late"]
    with writing(world) as session:
        row = session.get_one(Measurement, second.id)
        measurements.edit(row, course.cohort, plan(world, course), SETTINGS, 1)
        assert measurements.before(row) is not None
    assert obstacles(world, course, second) == []


def test_who_came_and_left_must_add_up(world: World, course: Course) -> None:
    first = answered(world, course, 5)
    first.close()
    with pytest.raises(Invalid, match="joined"):
        retest(world, course, first, size=9)
    second = retest(world, course, first, size=9, joined=3, left=2)
    assert second.changed == 5


def test_a_wave_given_up_leaves_room_for_another(world: World, course: Course, clock: OffsetClock) -> None:
    first = answered(world, course, 5)
    first.close()
    clock.advance(timedelta(days=91))
    second = retest(world, course, first)
    with writing(world) as session:
        row = session.get_one(Measurement, second.id)
        measurements.open_up(row, course.cohort, SETTINGS)
        measurements.give_up(row)
    assert retest(world, course, first).wave == 2


def test_before_the_first_wave_has_closed_there_is_no_day_for_the_next(world: World, course: Course) -> None:
    assert measurements.retest_from(created(world, course), SETTINGS) is None


# --- one link for all -------------------------------------------------------------------------------------------------


def test_one_link_for_all_closes_when_as_many_have_answered_as_there_are(world: World, course: Course) -> None:
    going_on = open_one(world, course, mode=Mode.LINK, size=5)
    (word,) = going_on.words
    for _ in range(5):
        assert going_on.visit(word).status_code == 200
        assert going_on.answer(word, levels(COLLABORATING)).status_code == 200
    assert going_on.visit(word).status_code == 404
    assert going_on.answer(word, levels(COLLABORATING)).status_code == 404
    going_on.close()
    assert going_on.row().state is State.REPORTED


def test_it_does_not_open_before_its_day(world: World, course: Course, clock: OffsetClock) -> None:
    tomorrow = plan(world, course).opens_on + timedelta(days=1)
    going_on = open_one(world, course, opens_on=tomorrow)
    assert "Öppnar" in going_on.visit(going_on.words[0]).text
    assert going_on.visit(going_on.words[0], "answer").status_code == 404
    assert going_on.answer(going_on.words[0], levels(COLLABORATING)).status_code == 404
    clock.advance(timedelta(days=1))
    assert going_on.visit(going_on.words[0], "answer").status_code == 200


# --- the own picture beside it ----------------------------------------------------------------------------------------


def test_an_own_rating_made_before_can_stand_beside_a_measurement(world: World, course: Course) -> None:
    draft = created(world, course)
    other = created(world, course)
    with writing(world) as session:
        row, foreign = session.get_one(Measurement, draft.id), session.get_one(Measurement, other.id)
        assert row.manager_id
        rating = ratings.begin(course.cohort, row.manager_id)
        ratings.put_beside(rating, row)
        assert ratings.beside(row) is rating
        assert ratings.begin(course.cohort, row.manager_id, row) is rating
        ratings.submit(rating, {name: int(value) for name, value in filled().items()})
        assert ratings.begin(course.cohort, row.manager_id, row) is rating
        second = ratings.begin(course.cohort, row.manager_id)
        for wrong in (lambda: ratings.put_beside(second, row), lambda: ratings.put_beside(rating, foreign)):
            with pytest.raises(Conflict):
                wrong()


def test_a_draft_is_taken_beside_and_one_of_another_version_is_not(world: World, course: Course) -> None:
    draft = created(world, course)
    with writing(world) as session:
        row = session.get_one(Measurement, draft.id)
        assert row.manager_id
        rating = ratings.begin(course.cohort, row.manager_id)
        assert ratings.begin(course.cohort, row.manager_id, row) is rating
        assert rating.measurement_id == row.id
        rating.measurement_id, rating.instrument_version = None, "0.1.0"
        session.flush()
        with pytest.raises(Conflict):
            ratings.begin(course.cohort, row.manager_id, row)
