"""The counts beside the entries: they say what a recount says, whatever was done in whatever order, and whoever counts."""

import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import plugins.ledarsteg as plugin
from plugins.ledarsteg import jobs, operations
from plugins.ledarsteg.calculations import Direction, Kind, Per, Rhythm, State, strength_by_day
from plugins.ledarsteg.models import CohortDay, Entry, Habit, HabitWeek
from plugins.ledarsteg.operations import Change, Dropped, NewHabit, Note, PlanText, quiet
from service.access import Role
from service.cohorts.models import Member, Person
from service.contract import Invalid
from tests.plugins.ledarsteg.support import TODAY, counting, make, owner_of
from tests.support import Course, OffsetClock, World

WEEK = timedelta(7)


def mark(world: World, member: Member, habit: Habit, day: date = TODAY, state: State = State.DONE) -> None:
    with world.core.units.writing():
        operations.mark(owner_of(member), habit.id, day, Note(state))


def mark_today(world: World, member: Member, habit: Habit, state: State = State.DONE, back: int = 0) -> None:
    with world.core.units.writing():
        owner = owner_of(member)
        operations.mark(owner, habit.id, owner.today() - timedelta(back), Note(state))


def run(world: World) -> int:
    with world.app.app_context():
        return jobs.rollups()


def verify(world: World) -> tuple[int, list[str]]:
    said: list[str] = []
    with world.app.app_context():
        return jobs.verify(said.append), said


def weeks(world: World, habit: Habit) -> list[HabitWeek]:
    query = sa.select(HabitWeek).where(HabitWeek.habit_id == habit.id).order_by(HabitWeek.monday)
    with world.core.units.reading() as unit:
        return list(unit.session.scalars(query))


def days(world: World, course: Course) -> dict[date, tuple[int, int, int, int, int]]:
    query = sa.select(CohortDay).where(CohortDay.cohort_id == course.cohort.id)
    with world.core.units.reading() as unit:
        rows = unit.session.scalars(query)
        return {row.local_date: (row.people, row.done, row.partly, row.missed, row.skipped) for row in rows}


# ---- quiet weeks ----


def test_strength_falls_in_weeks_in_which_nothing_is_noted(world: World, karin: Member, clock: OffsetClock) -> None:
    habit = make(world, karin)
    mark(world, karin, habit)
    (first,) = weeks(world, habit)
    clock.advance(3 * WEEK)
    assert run(world) > 0
    after = weeks(world, habit)
    assert [week.monday for week in after] == [date(2026, 11, 23) + number * WEEK for number in range(4)]
    assert [week.done for week in after] == [1, 0, 0, 0]
    assert after[-1].until == TODAY + 3 * WEEK - timedelta(1)
    strengths = [week.strength for week in after]
    assert strengths == sorted(strengths, reverse=True)
    assert strengths[0] < first.strength  # the rest of the first week was quiet too
    with world.core.units.reading():
        log = operations.one(owner_of(karin), habit.id).log
    assert strengths[-1] == strength_by_day(log, after[-1].until)[-1]
    assert verify(world) == (0, ["no differences in 1 cohorts"])


def test_counting_on_from_where_it_was_left_reads_no_old_entries(
    world: World, karin: Member, clock: OffsetClock
) -> None:
    habit = make(world, karin)
    for number in range(60):
        mark(world, karin, habit, TODAY + timedelta(number))
        clock.advance(timedelta(1))
    run(world)
    clock.advance(timedelta(1))
    with world.core.units.reading() as unit:
        (found,) = unit.session.scalars(sa.select(Habit))
        ((log, since),) = quiet.logs([found], TODAY + timedelta(61))
    assert since is not None
    assert len(log.marks) <= 14
    run(world)
    assert verify(world)[0] == 0


def test_a_note_fills_the_weeks_that_the_job_has_not_written(world: World, karin: Member, clock: OffsetClock) -> None:
    habit = make(world, karin)
    mark(world, karin, habit)
    clock.advance(4 * WEEK)
    mark(world, karin, habit, TODAY + 4 * WEEK)
    assert [week.done for week in weeks(world, habit)] == [1, 0, 0, 0, 1]
    assert verify(world)[0] == 0


def test_a_habit_that_nobody_noted_is_counted_too_and_a_new_one_is_not(
    world: World, karin: Member, clock: OffsetClock
) -> None:
    habit = make(world, karin)
    run(world)
    assert weeks(world, habit) == []
    clock.advance(timedelta(1))
    run(world)
    assert [(week.until, week.days, week.strength) for week in weeks(world, habit)] == [(TODAY, 0, 0.0)]
    assert verify(world)[0] == 0


def test_a_finished_habit_is_counted_up_to_its_last_day_and_no_further(
    world: World, karin: Member, clock: OffsetClock
) -> None:
    habit = make(world, karin)
    mark(world, karin, habit)
    clock.advance(WEEK)
    with world.core.units.writing():
        operations.retire(owner_of(karin), habit.id)
    clock.advance(3 * WEEK)
    run(world)
    assert [week.until for week in weeks(world, habit)] == [date(2026, 11, 29), TODAY + WEEK]
    run(world)
    assert len(weeks(world, habit)) == 2
    assert verify(world)[0] == 0


def test_a_day_is_over_where_the_person_is(world: World, course: Course, clock: OffsetClock) -> None:
    # 07:30 on Tuesday in UTC: in Auckland it is Tuesday evening, in Los Angeles still Monday night.
    persons = [world.person(course, zone, zone=zone) for zone in ("Pacific/Auckland", "America/Los_Angeles")]
    members = [world.member(course, person=person) for person in persons]
    with world.core.units.writing():
        made = [
            operations.make_habit(operations.Owner.of(course.cohort, member, person.zone), NewHabit("x"))
            for member, person in zip(members, persons, strict=True)
        ]
    clock.advance(timedelta(hours=16))  # 23:30 UTC: Wednesday noon in Auckland, Tuesday afternoon in Los Angeles
    run(world)
    assert [[week.until for week in weeks(world, habit)] for habit in made] == [[TODAY], [TODAY - timedelta(1)]]


def test_many_habits_are_counted_in_lots(
    world: World, course: Course, clock: OffsetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quiet, "AT_ONCE", 2)
    habits = [make(world, member) for member in [world.member(course, name=str(n)) for n in range(5)]]
    clock.advance(WEEK)
    run(world)
    assert [len(weeks(world, habit)) for habit in habits] == [2] * 5
    assert verify(world)[0] == 0
    with world.app.app_context():
        jobs.rebuild(print)
    assert verify(world)[0] == 0


def test_a_pause_is_a_pause_to_the_job_too(world: World, karin: Member, clock: OffsetClock) -> None:
    habit = make(world, karin)
    with world.core.units.writing():
        operations.mark(owner_of(karin), habit.id, TODAY, Note(State.DONE))
        operations.pause(owner_of(karin), habit.id, TODAY + timedelta(1), TODAY + timedelta(20))
    noted = weeks(world, habit)[-1].strength
    clock.advance(2 * WEEK)
    run(world)
    assert [week.strength for week in weeks(world, habit)] == [pytest.approx(noted)] * 3
    assert verify(world)[0] == 0


# ---- the days of a cohort ----


def test_a_day_counts_people_once_and_every_note(world: World, course: Course, karin: Member) -> None:
    peter = world.member(course, name="Peter Nyström")
    for state in (State.DONE, State.MISSED):
        mark(world, karin, make(world, karin), state=state)
    mark(world, peter, make(world, peter), state=State.SKIP)
    elsewhere = world.member(world.course(beside=course), name="Eva")
    mark(world, elsewhere, make(world, elsewhere))
    run(world)
    assert days(world, course)[TODAY] == (2, 1, 0, 1, 1)
    assert days(world, course)[TODAY - timedelta(1)] == (0, 0, 0, 0, 0)
    assert max(days(world, course)) == TODAY  # days to come are not counted


def test_what_is_taken_back_is_counted_back(world: World, course: Course, karin: Member, clock: OffsetClock) -> None:
    habit = make(world, karin)
    mark(world, karin, habit)
    run(world)
    clock.advance(timedelta(hours=1))
    run(world)
    assert run(world) == 0
    with world.core.units.writing():
        operations.unmark(owner_of(karin), habit.id, TODAY)
    run(world)
    assert days(world, course)[TODAY] == (0, 0, 0, 0, 0)


def test_a_note_that_was_being_written_while_its_day_was_counted_is_counted_next(
    world: World, course: Course, karin: Member, clock: OffsetClock
) -> None:
    habit = make(world, karin)
    with world.core.units.writing() as unit:
        operations.mark(owner_of(karin), habit.id, TODAY, Note(State.DONE))
        unit.session.execute(sa.update(HabitWeek).values(changed_at=HabitWeek.changed_at))
        late = unit.session.scalar(sa.select(HabitWeek.changed_at))
    assert late is not None
    # A count that began just after the note did, and could not see it yet.
    with world.core.units.writing() as unit:
        unit.session.add(
            CohortDay(
                cohort_id=course.cohort.id, local_date=TODAY, people=0, done=0, partly=0, missed=0, skipped=0,
                counted_at=late + timedelta(seconds=20) - operations.counting.LOOK_BACK,
            )
        )  # fmt: skip
    run(world)
    assert days(world, course)[TODAY] == (1, 1, 0, 0, 0)


def test_two_workers_at_once_count_as_one(world: World, course: Course, clock: OffsetClock) -> None:
    members = [world.member(course, name=str(number)) for number in range(6)]
    for member in members:
        mark(world, member, make(world, member))
    clock.advance(2 * WEEK)
    with ThreadPoolExecutor(3) as pool:
        assert all(written > 0 for written in pool.map(lambda _: run(world), range(3)))
    run(world)
    assert days(world, course)[TODAY] == (6, 6, 0, 0, 0)
    assert verify(world)[0] == 0


def test_erasing_somebody_counts_her_out_at_once(
    world: World, course: Course, karin: Member, clock: OffsetClock
) -> None:
    peter = world.member(course, name="Peter Nyström")
    for member in (karin, peter):
        habit = make(world, member)
        mark(world, member, habit)
        clock.advance(WEEK)
        mark(world, member, habit, TODAY + WEEK)
        clock.advance(-WEEK)
    clock.advance(WEEK)
    run(world)
    with world.core.units.writing():
        plugin.erase(karin.person)
    assert days(world, course)[TODAY] == days(world, course)[TODAY + WEEK] == (1, 1, 0, 0, 0)
    assert verify(world)[0] == 0


# ---- verify and rebuild ----


SPOILS: dict[str, Callable[[sa.orm.Session, Habit], Any]] = {
    "a count": lambda session, habit: session.execute(sa.update(HabitWeek).values(done=HabitWeek.done + 1)),
    "strength": lambda session, habit: session.execute(sa.update(HabitWeek).values(strength=0.5)),
    "a week that is gone": lambda session, habit: session.execute(
        sa.delete(HabitWeek).where(HabitWeek.monday == date(2026, 11, 30))
    ),
    "all weeks gone": lambda session, habit: session.execute(sa.delete(HabitWeek)),
    "the latest week gone": lambda session, habit: session.execute(
        sa.delete(HabitWeek).where(HabitWeek.monday > date(2026, 11, 30))
    ),
    "a week too early": lambda session, habit: session.execute(
        sa.update(HabitWeek).where(HabitWeek.monday == date(2026, 11, 23)).values(monday=date(2026, 11, 2))
    ),
    "a week left half": lambda session, habit: session.execute(
        sa.update(HabitWeek).where(HabitWeek.monday == date(2026, 11, 23)).values(until=date(2026, 11, 25))
    ),
    "a day": lambda session, habit: session.execute(sa.update(CohortDay).values(people=7)),
    "a day gone": lambda session, habit: session.execute(sa.delete(CohortDay).where(CohortDay.local_date == TODAY)),
    "an entry that came by itself": lambda session, habit: session.add(
        Entry(habit_id=habit.id, person_id=habit.person_id, local_date=TODAY + timedelta(2), state=State.DONE,
              noted_at=habit.created_at)
    ),
}  # fmt: skip


@pytest.mark.parametrize("spoil", SPOILS)
def test_verify_finds_what_is_wrong_and_rebuild_mends_it(
    world: World, course: Course, karin: Member, clock: OffsetClock, spoil: str
) -> None:
    habit = make(world, karin, "Plainly readable title")
    for _week in range(3):
        mark_today(world, karin, habit)
        clock.advance(WEEK)
    run(world)
    clock.advance(timedelta(hours=1))
    assert verify(world)[0] == 0
    with world.core.units.writing() as unit:
        SPOILS[spoil](unit.session, habit)
    status, said = verify(world)
    assert status == 1
    assert str(course.cohort.id) in said[0]
    assert "rebuild-rollups" in said[-1]
    assert "Plainly" not in " ".join(said)
    with world.app.app_context():
        assert jobs.rebuild(said.append) == 0
    assert verify(world)[0] == 0


def test_what_waits_to_be_counted_is_no_difference(world: World, karin: Member, clock: OffsetClock) -> None:
    habit = make(world, karin)
    assert verify(world)[0] == 0
    mark(world, karin, habit)
    assert verify(world)[0] == 0
    run(world)
    clock.advance(WEEK)
    mark(world, karin, habit, TODAY + WEEK)
    assert verify(world)[0] == 0


def test_the_commands_are_the_operators(world: World) -> None:
    commands = {command.name: command.run for command in plugin.manifest().commands}
    said: list[str] = []
    with world.app.app_context():
        assert commands["rebuild-rollups"](said.append) == commands["verify-rollups"](said.append) == 0
    assert said == ["counted 0 days of 0 cohorts again", "no differences in 0 cohorts"]
    assert [work.key for work in plugin.manifest().periodic] == ["ledarsteg.rollups"]


# ---- whatever is done, in whatever order ----

KINDS = [
    (Kind.BOOLEAN, Per.DAY, Direction.AT_LEAST),
    (Kind.BOOLEAN, Per.WEEK, Direction.AT_LEAST),
    (Kind.COUNT, Per.DAY, Direction.AT_LEAST),
    (Kind.MINUTES, Per.WEEK, Direction.AT_LEAST),
    (Kind.COUNT, Per.DAY, Direction.AT_MOST),
    (Kind.COUNT, Per.WEEK, Direction.AT_MOST),
]
BACK = st.integers(0, 14)
DEEDS = st.one_of(
    st.tuples(st.just("mark"), BACK, st.sampled_from(list(State)), st.integers(0, 5)),
    st.tuples(st.just("unmark"), BACK),
    st.tuples(st.just("pause"), st.integers(-14, 5), st.integers(0, 10)),
    st.tuples(st.just("end_pause")),
    st.tuples(st.just("change"), st.integers(0, 9), st.integers(1, 127), st.integers(1, 5)),
    st.tuples(st.just("wait"), st.integers(1, 12)),
    st.tuples(st.just("job")),
    st.tuples(st.just("retire")),
)


def do(world: World, member: Member, habit: Habit, clock: OffsetClock, deed: tuple[Any, ...]) -> None:
    name, *facts = deed
    owner = owner_of(member)
    if name == "wait":
        clock.advance(timedelta(facts[0]))
        return
    if name == "job":
        run(world)
        return
    with world.core.units.writing():
        today = owner.today()
        log = operations.one(owner, habit.id)
        if name == "mark":
            operations.mark(
                owner,
                habit.id,
                today - timedelta(facts[0]),
                Note(facts[1], facts[2] if log.habit.kind is not Kind.BOOLEAN else None),
            )
        elif name == "unmark":
            operations.unmark(owner, habit.id, today - timedelta(facts[0]))
        elif name == "pause":
            first = today + timedelta(facts[0])
            operations.pause(owner, habit.id, first, first + timedelta(facts[1]) if facts[1] else None)
        elif name == "end_pause":
            for pause_id in log.pauses:
                operations.end_pause(owner, habit.id, pause_id)
        elif name == "change":
            old = log.rhythms[-1]
            rhythm = Rhythm(today + timedelta(facts[0]), old.per, facts[1], facts[2], old.direction)
            if log.habit.kind is Kind.BOOLEAN and old.per is Per.DAY:
                rhythm = Rhythm(rhythm.from_date, Per.DAY, facts[1])
            operations.change_habit(
                owner, habit.id, Change("x", rhythm, None, PlanText(), Dropped(), log.habit.revision)
            )
        else:
            operations.retire(owner, habit.id)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    phases=[Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink],
)  # fmt: skip
@given(kind=st.sampled_from(KINDS), deeds=st.lists(DEEDS, max_size=14))
def test_counts_equal_a_recount_whatever_is_done(
    world: World, course: Course, clock: OffsetClock, kind: tuple[Kind, Per, Direction], deeds: list[tuple[Any, ...]]
) -> None:
    member = world.member(course, name=uuid.uuid4().hex)
    with world.core.units.writing():
        habit = operations.make_habit(
            owner_of(member),
            NewHabit(
                "x",
                kind=kind[0],
                rhythm=Rhythm(
                    per=kind[1],
                    target=2 if kind[0] is not Kind.BOOLEAN or kind[1] is Per.WEEK else 1,
                    direction=kind[2],
                ),
            ),
        )
    for deed in deeds:
        try:
            do(world, member, habit, clock, deed)
        except Invalid:
            continue  # a day to come, a pause upon a pause, a habit that is finished
    assert verify(world)[0] == 0
    run(world)
    assert verify(world)[0] == 0
    with world.core.units.reading():
        log = operations.one(owner_of(member), habit.id)
    kept = {week.monday: week for week in weeks(world, habit)}
    assert sum(week.done + week.partly + week.missed + week.skipped for week in kept.values()) == len(log.marks)
    assert sum(week.days.bit_count() for week in kept.values()) == len(log.marks)
    if kept:
        last = kept[max(kept)]
        after = strength_by_day(log.log, last.until)
        assert last.strength == (after[-1] if after else last.strength)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    notes=st.dictionaries(BACK, st.sampled_from([State.DONE, State.MISSED, State.SKIP]), min_size=1, max_size=10),
    data=st.data(),
)
def test_the_order_of_notes_and_noting_twice_change_nothing(
    world: World, course: Course, clock: OffsetClock, notes: dict[int, State], data: st.DataObject
) -> None:
    orders = [list(notes.items()), data.draw(st.permutations(list(notes.items())))]
    orders[1] += data.draw(st.lists(st.sampled_from(orders[0]), max_size=3))  # some of them once more
    kept = []
    clock.advance(-timedelta(14))
    member = world.member(course, name=uuid.uuid4().hex)
    habits = [make(world, member), make(world, member)]
    clock.advance(timedelta(14))
    for habit, order in zip(habits, orders, strict=True):
        for back, state in order:
            mark_today(world, member, habit, state, back)
        kept.append([
            (week.monday, week.days, week.done, week.missed, week.skipped, week.strength, week.until)
            for week in weeks(world, habit)
        ])  # fmt: skip
    assert kept[0] == kept[1]


# ---- how little it costs ----


def test_the_job_costs_no_more_statements_for_many_managers(world: World, course: Course, clock: OffsetClock) -> None:
    counts = []
    for more in (1, 30):
        for number in range(more):
            member = world.member(course, Role.MANAGER, f"Manager {number}")
            mark_today(world, member, make(world, member))
        clock.advance(timedelta(2))
        with counting(world) as counted:
            run(world)
        counts.append(len(counted))
    assert counts[0] == counts[1] <= 12


def test_nobody_else_is_touched_by_an_erasure(world: World, course: Course, karin: Member) -> None:
    with world.core.units.writing() as unit:
        assert sum(kind.rows for kind in plugin.erase(karin.person)) == 0
        assert unit.session.get(Person, karin.person_id) is not None
