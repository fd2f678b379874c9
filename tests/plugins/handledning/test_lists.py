"""A coach's list and what the training department is told: the right numbers, in as many statements for one as for many."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from plugins.handledning import operations
from plugins.handledning.calculations import EndReason, Need, Progress, Status, Told, change
from plugins.handledning.models import (
    Channel,
    Contact,
    Engagement,
    GasRating,
    GasScale,
    Goal,
    GoalStatus,
    ItemKind,
    Scope,
)
from plugins.handledning.operations import CoachRow, Draft, Meeting, ToldPage
from service.access import Role
from service.contract import Member, local_date
from service.errors import NotFound
from tests.plugins.handledning.support import START, Pair, agree, chosen, contract_draft, pair
from tests.support import Course, OffsetClock, World

TODAY = START + timedelta(days=40)


def rows_of(two: Pair) -> list[CoachRow]:
    with two.reading() as unit:
        return list(operations.coach_rows(two.coach, unit.now()))


def told(world: World, course: Course) -> ToldPage:
    training = world.member(course, Role.TRAINING, "Training")
    party = operations.Party.of(course.cohort, training.person_id, Role.TRAINING)
    with world.core.units.reading() as unit:
        return operations.told(party, unit.now())


@contextmanager
def counting(world: World) -> Iterator[list[str]]:
    statements: list[str] = []

    def note(_conn: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        statements.append(statement)

    engine = world.core.units.engine
    sa.event.listen(engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        sa.event.remove(engine, "before_cursor_execute", note)


def add_goal(two: Pair, weight: tuple[int, int], baseline: int, *levels: int, **values: Any) -> None:
    """A goal with its scale, its baseline, and ratings a day apart."""
    mine = {"engagement_id": two.engagement.id, "manager_id": two.manager.person_id}
    with two.writing() as unit:
        goal = Goal(
            **mine, position=0, scope=values.pop("scope", Scope.PROFESSIONAL), status=GoalStatus.OPEN, shared=values.pop("shared", True),
            slow=False, importance=weight[0], difficulty=weight[1], created_at=START, version=1,
        )  # fmt: skip
        scale = GasScale(**mine, goal_id=goal.id, version=1, written_at=START, baseline=baseline, baseline_at=START)
        for row in (goal, scale):
            unit.session.add(row)
            unit.session.flush()
        for place, level in enumerate(levels):
            unit.session.add(
                GasRating(
                    **mine, goal_id=goal.id, scale_id=scale.id, level=level, rated_at=START + timedelta(days=place)
                )
            )


def test_one_row_has_everything(world: World, clock: OffsetClock) -> None:
    clock.put(START - timedelta(days=10))
    two = pair(world)
    two.talk(due=(START + timedelta(days=20)).date())
    later = two.plan(START + timedelta(days=30))
    two.save(later, Draft(meeting=Meeting(START + timedelta(days=30), 120, 100, 20)))
    clock.put(TODAY)
    coming = TODAY + timedelta(days=5)
    two.plan(coming)
    with two.writing() as unit:
        first = operations.contract(two.as_manager()).of(ItemKind.INTERMEDIATE)[0]
        operations.set_progress(two.as_manager(lock=True), first.key, Progress.PARTLY)
        unit.session.add(Contact(
            engagement_id=two.engagement.id, manager_id=two.manager.person_id, author_id=two.coach.person_id,
            day=(TODAY - timedelta(days=2)).date(), channel=Channel.PHONE, minutes=10,
        ))  # fmt: skip
    for weight, base, levels in (((3, 2), -1, (0, 1)), ((2, 2), -1, (0,)), ((1, 2), -2, (-1,))):
        add_goal(two, weight, base, *levels)
    add_goal(two, (3, 3), -2, 2, scope=Scope.LIFE, shared=False)  # not the coach's to see, not even as a part of T
    row = rows_of(two)[0]
    assert (row.name, row.status, row.accepted) == ("Karin Lindqvist", Status.ACTIVE, True)
    assert (row.next_start, row.last_on) == (coming, (START + timedelta(days=30)).date())
    assert (row.held, row.process, row.result, row.minutes) == (2, 170, 100, 270)
    assert row.balance is not None
    assert row.balance.share == pytest.approx(170 / 270)
    assert (row.homework, row.late) == (1, 1)
    assert row.variance == pytest.approx(0.25 - 0.5)
    assert row.days_since_contact == 2
    assert row.gas == change((6, 4, 2), (-1, -1, -2), (1, 0, -1))
    assert row.needs == [Need.LATE]


def test_a_new_engagement_has_nothing_yet_and_needs_nobody(world: World) -> None:
    two = chosen(world)
    row = rows_of(two)[0]
    assert (row.status, row.accepted, row.next_start, row.last_on) == (Status.DRAFT, False, None, None)
    assert (row.held, row.minutes, row.homework, row.late, row.variance, row.gas, row.balance) == (
        0,
        0,
        0,
        0,
        None,
        None,
        None,
    )
    assert row.needs == ()


def test_the_list_is_the_coachs_own_and_only_what_goes_on(world: World) -> None:
    two = pair(world)
    other = pair(world, two.course, "Other Manager")
    gone = pair(world, two.course, "Gone", two.coach_member)
    with two.writing():
        operations.end(gone.as_manager(lock=True), EndReason.CHANGED)
    assert [row.engagement_id for row in rows_of(two)] == [two.engagement.id]
    assert [row.engagement_id for row in rows_of(other)] == [other.engagement.id]
    with two.reading() as unit:
        assert operations.coach_rows(two.manager, unit.now()) == []


def test_a_nameless_manager_is_called_by_her_number(world: World) -> None:
    two = pair(world, name="")
    assert rows_of(two)[0].name == f"#{two.manager.person_id.hex[:4]}"


def test_one_statement_for_one_manager_or_many(world: World) -> None:
    two = pair(world)
    two.talk()
    with counting(world) as statements:
        rows_of(two)
    one = len(statements)
    for number in range(4):
        other = pair(world, two.course, f"Manager {number}", two.coach_member)
        other.talk()
    with counting(world) as statements:
        assert len(rows_of(two)) == 5
    assert len(statements) == one
    with counting(world) as statements:
        told(world, two.course)
    before = len(statements)
    pair(world, two.course, "Another", two.coach_member).talk()
    with counting(world) as statements:
        told(world, two.course)
    assert len(statements) == before


# What the training department is told.


def tell(two: Pair, *what: Told) -> None:
    """Both accept a next version of the contract, which tells this."""
    with two.writing():
        access = two.as_manager(lock=True)
        newest = operations.contract(access).newest
        operations.write_contract(access, newest.number, newest.version, contract_draft(frozenset(what)))
        for who in (access, two.as_coach(lock=True)):
            there = operations.contract(who).newest
            operations.accept_contract(who, there.number, there.version)


def line_of(page: ToldPage, member: Member) -> tuple[Any, ...]:
    line = next(one for one in page.lines if one.member.id == member.id)
    return line.sessions, line.minutes, line.booked, line.dates


def test_each_word_of_a_contract_tells_one_thing(world: World, clock: OffsetClock) -> None:
    two = pair(world)
    two.talk()
    clock.put(TODAY)
    two.plan(TODAY + timedelta(days=5))
    full = {Told.SESSIONS: 1, Told.HOURS: 150, Told.BOOKED: 1, Told.DATES: [date(2026, 10, 1)]}
    for what in ([], [Told.HOURS], [Told.BOOKED, Told.DATES], list(Told)):
        tell(two, *what)
        assert line_of(told(world, two.course), two.manager_member) == tuple(
            full[one] if one in what else None for one in Told
        )


def test_without_a_contract_nothing_is_told(world: World) -> None:
    two = chosen(world)
    two.plan()
    assert line_of(told(world, two.course), two.manager_member) == (None, None, None, None)


def test_an_earlier_engagement_is_told_by_its_own_contract(world: World) -> None:
    two = pair(world)
    tell(two)  # nothing is told of this one
    two.talk()
    other = world.member(two.course, Role.COACH, "Bo Ek")
    with two.writing():
        its = operations.choose_coach(two.manager, other.person_id)
    later = Pair(
        world,
        two.course,
        two.manager,
        operations.Party.of(two.course.cohort, other.person_id, Role.COACH),
        two.manager_member,
        other,
        its,
    )
    agree(later)
    assert line_of(told(world, two.course), two.manager_member) == (0, None, None, None)
    later.talk()
    assert line_of(told(world, two.course), two.manager_member) == (1, None, None, None)


def test_sums_are_withheld_where_they_would_tell_more(world: World) -> None:
    course = world.course()
    coach = world.member(course, Role.COACH, "Amira Haddad")
    people = [pair(world, course, f"Manager {number}", coach) for number in range(5)]
    people[0].talk()
    page = told(world, course)
    assert (page.sessions.people, page.sessions.amount) == (5, 1)  # all are told one by one
    assert page.minutes.amount is None  # nobody's is: the sum would show what each session adds
    tell(people[1])
    assert told(world, course).sessions.amount is None  # the sum would tell the one that is not
    with people[4].writing() as unit:
        mine = sa.update(Engagement).where(Engagement.id == people[4].engagement.id)
        unit.session.execute(mine.values(manager_id=None))
    assert told(world, course).sessions.people == 4


# Training's own verbs.


def test_only_people_of_the_cohort_are_curated_and_proposed(world: World) -> None:
    two = chosen(world)
    training = world.member(two.course, Role.TRAINING, "Training")
    party = operations.Party.of(two.course.cohort, training.person_id, Role.TRAINING)
    with world.core.units.writing():
        for wrong in (lambda: operations.curate(party, uuid.uuid4(), listed=True, position=0),
                      lambda: operations.propose_coach(party, two.manager.person_id, uuid.uuid4()),
                      lambda: operations.propose_coach(party, two.coach.person_id, two.coach.person_id)):  # fmt: skip
            with pytest.raises(NotFound):
                wrong()
        operations.curate(party, two.coach.person_id, listed=True, position=3)
        operations.curate(party, two.coach.person_id, listed=False, position=3)
        assert [(one.listed, one.position) for one in operations.coach_list(party)] == [(False, 3)]
        assert operations.coaches(two.manager) == []
        assert (
            operations.choose_coach(two.manager, two.coach.person_id).id == two.engagement.id
        )  # who chose her keeps her
        for coach in (two.coach.person_id, two.coach.person_id, None):
            operations.propose_coach(party, two.manager.person_id, coach)
            assert operations.proposals(party) == ({two.manager.person_id: coach} if coach else {})


def test_a_coach_reads_since_when_coaching_rests(world: World) -> None:
    two = chosen(world)
    assert rows_of(two)[0].paused_on is None
    with two.writing() as unit:
        resting = {"status": Status.PAUSED, "paused_at": unit.now()}
        unit.session.execute(sa.update(Engagement).values(resting))
        today = local_date(unit.now(), two.course.cohort.zone)
    assert rows_of(two)[0].paused_on == today
