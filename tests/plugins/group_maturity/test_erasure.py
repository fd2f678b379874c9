"""What a person gets of it, what her erasure takes, and what stays of whole groups."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

import plugins.group_maturity as plugin
from plugins.group_maturity.models import (
    Inbox,
    InstrumentVersion,
    Measurement,
    Report,
    ReportedScale,
    SelfRating,
    Share,
    State,
)
from plugins.group_maturity.operations import instruments, measurements, overview, ratings, sharing
from service.access import Role
from service.contract import Progress
from service.guests.models import GuestPass
from service.jobs.models import Job, JobState
from tests.plugins.group_maturity.measuring import GM24, SETTINGS, Open, levels, open_one, plan
from tests.plugins.group_maturity.test_editor import THEIRS
from tests.support import Course, OffsetClock, World

ONE = levels({"A": 2, "B": 1, "C": 4, "D": 5})


@pytest.fixture
def course(world: World) -> Course:
    return world.course()


def reported(world: World, course: Course, **changes: object) -> Open:
    going_on = open_one(world, course, size=5, **changes)
    for word in going_on.words:
        assert going_on.answer(word, ONE).status_code == 200
    going_on.close()
    return going_on


def rows(world: World, model: type) -> int:
    with world.core.units.reading() as unit:
        return unit.session.scalar(sa.select(sa.func.count()).select_from(model)) or 0


def erase(world: World, person) -> dict[str, tuple[int, bool]]:
    with world.core.units.writing() as unit:
        erased = plugin.erase(unit.session.merge(person))
    return {one.name.removeprefix("group_maturity_"): (one.rows, bool(str(one.kept_because))) for one in erased}


def test_her_own_copy_has_her_measurements_shares_and_uploads(world: World, course: Course) -> None:
    one = reported(world, course)
    coach, trainer = world.member(course, Role.COACH, "Amira"), world.member(course, Role.TRAINING, "Eva")
    with world.core.units.writing() as unit:
        sharing.share(unit.session.get_one(Measurement, one.id), course.cohort, coach.person_id, with_own=True)
        sharing.stop(unit.session.get_one(Measurement, one.id), coach.person_id)
        row = instruments.upload(course.organisation.id, trainer.person_id, THEIRS)
        instruments.declare(row, trainer.person_id, "Avtal 14")
    told = {}
    with world.core.units.reading():
        for member in (one.manager, coach, trainer):
            told[member.person.name] = {data.name: data.rows for data in plugin.personal_data(member.person)}
    mine, hers, theirs = told["Karin Lindqvist"], told["Amira"], told["Eva"]
    assert [(row["group"], row["state"]) for row in mine["group_maturity_measurement"]] == [("Dagteamet", "reported")]
    assert [row["as"] for row in mine["group_maturity_share"]] == ["manager"]
    assert [(row["as"], bool(row["ended_at"])) for row in hers["group_maturity_share"]] == [("coach", True)]
    assert hers["group_maturity_measurement"] == []
    (upload,) = theirs["group_maturity_instrument"]
    assert (upload["instrument"], upload["permission"]) == ("norra.puls 1.0.0", "Avtal 14")
    for one_person in told.values():
        assert one_person["group_maturity_inbox"] == []
    (answers,) = plugin.left_out()
    assert "name, address or time" in str(answers.why)


def test_erasing_a_manager_keeps_figures_of_groups_without_her(
    world: World, course: Course, clock: OffsetClock
) -> None:
    managers = [world.member(course, name=f"Chef {number}") for number in range(5)]
    every = [
        reported(world, course, manager=manager, label=f"Grupp {number}") for number, manager in enumerate(managers)
    ]
    coach = world.member(course, Role.COACH)
    gone = every[0]
    clock.advance(timedelta(days=91))
    with world.app.app_context(), world.core.units.writing() as unit:
        first = unit.session.get_one(Measurement, gone.id)
        sharing.share(first, course.cohort, coach.person_id, with_own=False)
        ratings.begin(course.cohort, managers[0].person_id, first)
        second = measurements.again(first, course.cohort, plan(world, course, size=5), SETTINGS)
        measurements.open_up(second, course.cohort, SETTINGS)
        measurements.create(course.cohort, managers[0].person_id, plan(world, course, label="Natt"), SETTINGS)
    with world.core.units.reading():
        before = overview.aggregate([course.cohort.id], GM24.key, 0)
    assert before.teams == 5
    told = erase(world, managers[0].person)
    assert told == {
        "self_rating": (1, False), "measurement": (2, True), "share": (1, False), "instrument": (0, False), "inbox": (0, True),
    }  # fmt: skip
    assert (rows(world, Measurement), rows(world, Inbox), rows(world, Share), rows(world, SelfRating)) == (5, 0, 0, 0)
    assert rows(world, GuestPass) == 20
    with world.core.units.reading() as unit:
        kept = unit.session.get_one(Measurement, gone.id)
        assert (kept.manager_id, kept.label, kept.codes, kept.box_key) == (None, "", "", "")
        report = unit.session.scalars(sa.select(Report).where(Report.measurement_id == gone.id)).one()
        assert (report.manager_id, report.moments) == (None, "")
        assert overview.aggregate([course.cohort.id], GM24.key, 0) == before
    assert gone.visit(gone.words[0]).status_code == 404


def test_erasing_a_manager_whose_measurement_is_open_takes_it_with_its_answers(world: World, course: Course) -> None:
    going_on = open_one(world, course)
    going_on.answer(going_on.words[0], ONE)
    assert erase(world, going_on.manager.person)["measurement"] == (1, False)
    assert (rows(world, Measurement), rows(world, Inbox), rows(world, GuestPass)) == (0, 0, 0)
    assert going_on.visit(going_on.words[1]).status_code == 404


def test_erasing_somebody_else_takes_nothing_of_hers(world: World, course: Course) -> None:
    reported(world, course)
    other = world.member(course, name="Petra")
    assert erase(world, other.person)["measurement"] == (0, False)
    assert (rows(world, Measurement), rows(world, ReportedScale)) == (1, 4)


def test_an_instrument_stays_without_the_name_of_who_uploaded_it(world: World, course: Course) -> None:
    one, other = world.member(course, Role.TRAINING, "Eva"), world.member(course, Role.TRAINING, "Bo")
    with world.core.units.writing():
        row = instruments.upload(course.organisation.id, one.person_id, THEIRS)
        instruments.declare(row, other.person_id, "Avtal 14")
    assert erase(world, one.person)["instrument"] == (1, False)
    with world.core.units.reading() as unit:
        kept = unit.session.scalars(sa.select(InstrumentVersion)).one()
        assert (kept.uploaded_by, kept.declared_by, kept.licence_ref) == (None, other.person_id, "Avtal 14")
    assert erase(world, other.person)["instrument"] == (1, False)


def test_what_is_complete_is_the_own_picture_and_a_measurement_that_has_ended(world: World, course: Course) -> None:
    manager, other = world.member(course), world.member(course, name="Petra")

    def progress() -> list[Progress]:
        with world.core.units.reading():
            found = plugin.progress(course.cohort, [manager, other])
        return [found[member.id] for member in (manager, other)]

    assert progress() == [Progress(0, 2), Progress(0, 2)]
    going_on = open_one(world, course, manager)
    with world.app.app_context(), world.core.units.writing():
        rating = ratings.begin(course.cohort, manager.person_id)
        ratings.submit(rating, dict.fromkeys(GM24.forms["self"], 3))
    assert progress() == [Progress(1, 2), Progress(0, 2)]
    for word in going_on.words:
        going_on.answer(word, ONE)
    assert progress()[0] == Progress(1, 2)
    going_on.close()
    assert progress() == [Progress(2, 2), Progress(0, 2)]


def test_a_suppressed_measurement_is_complete_as_well(world: World, course: Course, clock: OffsetClock) -> None:
    going_on = open_one(world, course)
    clock.advance(timedelta(days=15))
    from tests.plugins.group_maturity.test_measurement import run_jobs, tidied

    tidied(world)
    run_jobs(world)
    assert going_on.row().state is State.SUPPRESSED
    with world.core.units.reading() as unit:
        assert plugin.progress(course.cohort, [going_on.manager])[going_on.manager.id] == Progress(1, 2)
        assert unit.session.scalars(sa.select(Job.state).where(Job.kind == "group_maturity.close")).all() == [
            JobState.DONE
        ]
