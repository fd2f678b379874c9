"""What is kept of habits after a cohort's end: all of a habit or none, nothing of another cohort, and what is counted goes."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from plugins.ledarsteg import operations
from plugins.ledarsteg.models import Habit
from plugins.ledarsteg.operations import demo, keeping
from service.access import Role
from service.cohorts.models import Cohort
from service.contract import Base, DemoCast
from tests.plugins.ledarsteg.support import make
from tests.support import Course, OffsetClock, World, forgotten, parts

# Texts and steps of a training department are nobody's, and stay.
NOBODYS = {"ledarsteg_slot_text", "ledarsteg_step", "ledarsteg_step_text"}


@pytest.fixture
def filled(world: World, clock: OffsetClock) -> Course:
    """A cohort as the practice cohort is filled: every kind of thing that people note."""
    course = world.course()
    managers = [
        world.member(course, name=name) for name in ("Karin Lindqvist", "Johan Berg", "Sara Nyström", "Ali Hassan")
    ]
    coach, training = world.member(course, Role.COACH, "Maria Coach"), world.member(course, Role.TRAINING, "Ulf Kurs")

    @contextmanager
    def at(moment: datetime) -> Iterator[None]:
        before = clock.offset
        clock.put(moment)
        try:
            yield
        finally:
            clock.offset = before

    with world.app.app_context(), parts(world.app).units.writing() as unit:
        unit.session.add_all([course.cohort, *managers, coach, training])
        demo.seed(course.cohort, DemoCast(managers, coach, training, clock.now().date(), at))
    return course


def numbers(world: World) -> dict[str, int]:
    with parts(world.app).units.reading() as unit:
        return {
            table.name: unit.session.scalar(sa.select(sa.func.count()).select_from(table)) or 0
            for table in Base.metadata.sorted_tables
            if table.name.startswith("ledarsteg_")
        }


def put_away(world: World, course: Course) -> None:
    with parts(world.app).units.writing() as unit:
        unit.session.execute(sa.update(Cohort).where(Cohort.id == course.cohort.id).values(archived_at=unit.now()))


def test_all_of_it_goes_a_year_after_the_end_and_nothing_of_another_cohort(
    world: World, filled: Course, clock: OffsetClock
) -> None:
    own = filled.organisation.id
    before = numbers(world)
    assert sum(number > 0 for number in before.values()) > 12
    other = world.course(beside=filled)
    stays = world.member(other, name="Stannar Kvar")
    carried = make(world, stays)
    with parts(world.app).units.writing() as unit:
        first = unit.session.scalars(sa.select(Habit).where(Habit.cohort_id == filled.cohort.id)).first()
        unit.session.get_one(Habit, carried.id).continues_id = first.id
    put_away(world, filled)
    clock.advance(timedelta(days=364))
    assert forgotten(world.app, own, "ledarsteg.habits") == {}
    assert forgotten(world.app, own, "ledarsteg.time") == {}
    clock.advance(timedelta(days=2))
    gone = forgotten(world.app, own, "ledarsteg.habits", at_once=2)
    assert {"ledarsteg_habit", "ledarsteg_entry", "ledarsteg_plan", "ledarsteg_insight"} <= gone.keys()
    time = forgotten(world.app, own, "ledarsteg.time", at_once=1)
    assert {
        "ledarsteg_time_audit",
        "ledarsteg_time_row",
        "ledarsteg_leader_time",
        "ledarsteg_contribution",
    } <= time.keys()
    left = {table: number for table, number in numbers(world).items() if number and table not in NOBODYS}
    assert left.keys() <= {
        "ledarsteg_habit",
        "ledarsteg_schedule",
        "ledarsteg_plan",
        "ledarsteg_drop_choice",
        "ledarsteg_habit_week",
    }
    assert left["ledarsteg_habit"] == 1
    with parts(world.app).units.reading() as unit:
        assert unit.session.scalars(sa.select(Habit)).one().continues_id is None


def test_every_table_is_in_one_rule() -> None:
    """A table that somebody adds and forgets here would be kept for ever though the rule says otherwise."""
    habits = {model.__tablename__ for model, _where in keeping._habits([uuid.uuid4()])}
    habits |= {model.__tablename__ for model in keeping._BESIDE_HABITS}
    time = {model.__tablename__ for model in keeping._BESIDE_TIME}
    time |= {model.__tablename__ for tree in keeping._TREES for model in tree[:2]}
    assert not habits & time
    assert habits | time | NOBODYS == {name for name in Base.metadata.tables if name.startswith("ledarsteg_")}
    assert operations.KIND_TITLES.keys() <= habits | time
