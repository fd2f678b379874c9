"""The verbs: what they keep, what they refuse, and how little they ask of the database."""

import uuid
from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError

from plugins.ledarsteg import operations
from plugins.ledarsteg.calculations import WORKING_DAYS, Mark, State
from plugins.ledarsteg.models import DropChoice, Entry, Habit, Plan, SkipReason, Status
from plugins.ledarsteg.operations import Dropped, NewHabit, Note, PlanText
from service.access import Role
from service.audit import AuditEvent
from service.cohorts.models import Member
from service.contract import Invalid, NotFound, Proposal
from service.crypto import PersonKey
from tests.plugins.ledarsteg.support import TODAY, counting, make, new, owner_of
from tests.support import Course, OffsetClock, World


def noted(world: World) -> list[tuple[date, State, str]]:
    with world.core.units.reading() as unit:
        return [
            (row.local_date, row.state, row.reason)
            for row in unit.session.scalars(sa.select(Entry).order_by(Entry.local_date))
        ]


def audited(world: World) -> list[tuple[str, str]]:
    with world.core.units.reading() as unit:
        return [
            (row.action, row.object_ref) for row in unit.session.scalars(sa.select(AuditEvent).order_by(AuditEvent.seq))
        ]


def mark(
    world: World, member: Member, habit: Habit, day: date = TODAY, state: State = State.DONE, **values: SkipReason
) -> None:
    with world.core.units.writing():
        operations.mark(owner_of(member), habit.id, day, Note(state, **values))


# ---- making ----


def test_a_habit_keeps_what_was_said_of_it(world: World, karin: Member) -> None:
    habit = make(world, karin, minutes=15)
    with world.core.units.reading():
        log = operations.one(owner_of(karin), habit.id)
        assert (log.habit.title, log.habit.minutes, log.habit.starts_on) == ("Hand over a decision", 15, TODAY)
        assert log.plan is not None
        assert (log.plan.cue, log.plan.action, log.plan.coping) == (
            "somebody asks me to decide",
            "ask what she suggests",
            "",
        )
        assert log.drop is not None
        assert (log.drop.what, log.drop.minutes_per_week) == ("Monday's report", 45)
        assert log.habit.shared is False


def test_choosing_nothing_away_is_an_answer(world: World, karin: Member) -> None:
    habit = make(world, karin, drop=Dropped("", 30))
    with world.core.units.reading() as unit:
        choice = unit.session.scalars(sa.select(DropChoice)).one()
        assert (choice.habit_id, choice.what, choice.minutes_per_week) == (habit.id, "", 0)


def test_a_habit_may_wait_for_its_plan(world: World, karin: Member) -> None:
    habit = make(world, karin, plan=PlanText())
    with world.core.units.reading():
        assert operations.one(owner_of(karin), habit.id).plan is None
    for action in ("ask first", "wait a little"):
        with world.core.units.writing():
            operations.write_plan(habit, PlanText("the phone rings", action, ""))
    with world.core.units.reading() as unit:
        assert [plan.action for plan in unit.session.scalars(sa.select(Plan))] == ["wait a little"]


def test_a_step_of_more_than_15_minutes_is_no_small_step(world: World, karin: Member) -> None:
    with world.core.units.writing(), pytest.raises(Invalid) as refused:
        operations.make_habit(owner_of(karin), new(minutes=16))
    assert set(refused.value.fields) == {"minutes"}


def test_few_habits_at_once_in_the_first_month(world: World, karin: Member, clock: OffsetClock) -> None:
    for number in range(3):
        make(world, karin, str(number))
    with world.core.units.writing(), pytest.raises(Invalid) as refused:
        operations.make_habit(owner_of(karin), new("4"), max_first_month=3)
    assert "3" in str(refused.value.fields["title"])
    clock.advance(timedelta(days=30))
    with world.core.units.writing():
        operations.make_habit(owner_of(karin), new("4"), max_first_month=3)


def test_finishing_one_makes_room_for_another(world: World, karin: Member) -> None:
    first = make(world, karin, "1")
    with world.core.units.writing():
        operations.retire(owner_of(karin), first.id)
        operations.make_habit(owner_of(karin), new("2"), max_first_month=1)
        with pytest.raises(Invalid):
            operations.make_habit(owner_of(karin), new("3"), max_first_month=1)


def test_a_proposal_becomes_one_habit_however_often_it_is_offered(world: World, karin: Member) -> None:
    proposal = Proposal("habit", "Ask the group first", "group_maturity", uuid.uuid4())
    made = []
    for _ in range(2):
        with world.core.units.writing():
            made.append(operations.adopt_habit(owner_of(karin), proposal))
    assert made[0].id == made[1].id
    with world.core.units.reading():
        log = operations.one(owner_of(karin), made[0].id)
        assert (log.habit.title, log.habit.source, log.habit.source_ref) == (
            proposal.title,
            proposal.source,
            proposal.source_ref,
        )
        assert (log.plan, log.drop) == (None, None)


# ---- noting ----


def test_noting_twice_is_once(world: World, karin: Member) -> None:
    habit = make(world, karin)
    for _ in range(2):
        mark(world, karin, habit)
    assert noted(world) == [(TODAY, State.DONE, "")]


def test_the_latest_note_of_a_day_stands(world: World, karin: Member) -> None:
    habit = make(world, karin)
    mark(world, karin, habit, state=State.SKIP, reason=SkipReason.ILL)
    assert noted(world) == [(TODAY, State.SKIP, "ill")]
    mark(world, karin, habit, state=State.SKIP, reason=SkipReason.TRAVEL)
    assert noted(world) == [(TODAY, State.SKIP, "travel")]
    mark(world, karin, habit, state=State.MISSED, reason=SkipReason.ILL)
    assert noted(world) == [(TODAY, State.MISSED, "")]


def test_a_skip_without_a_reason_did_not_apply(world: World, karin: Member) -> None:
    habit = make(world, karin)
    mark(world, karin, habit, state=State.SKIP)
    assert noted(world) == [(TODAY, State.SKIP, "not_applicable")]


@pytest.mark.parametrize("state", [State.DONE, State.MISSED, State.SKIP])
def test_a_note_takes_four_statements_at_most(world: World, karin: Member, state: State) -> None:
    habit = make(world, karin)
    with world.core.units.writing() as unit:
        unit.vault.fetch([karin.person_id])  # the door has done it
        with counting(world) as counted:
            operations.mark(owner_of(karin), habit.id, TODAY, Note(state, reason=SkipReason.ILL))
    assert 0 < len(counted) <= 4, counted.statements


@pytest.mark.parametrize("note", [Note(State.SKIP), Note(State.DONE, text="Efter mötet")])
def test_her_key_cannot_be_changed_while_a_note_with_words_is_written(world: World, karin: Member, note: Note) -> None:
    """Else the words could be sealed with a key that has just been thrown away. SQLite has one writer at a time."""
    habit, units = make(world, karin), world.core.units
    if units.engine.dialect.name != "postgresql":
        pytest.skip("SQLite has one writer at a time")
    change = sa.select(PersonKey).where(PersonKey.person_id == karin.person_id).with_for_update(nowait=True)
    with units.writing():
        operations.mark(owner_of(karin), habit.id, TODAY, note)
        with units.engine.connect() as other, pytest.raises(OperationalError, match="lock"):
            other.execute(change)


def test_a_note_can_be_taken_back(world: World, karin: Member) -> None:
    habit = make(world, karin)
    mark(world, karin, habit)
    for _ in range(2):
        with world.core.units.writing():
            operations.unmark(owner_of(karin), habit.id, TODAY)
    assert noted(world) == []


def test_a_day_can_be_noted_two_weeks_afterwards_and_no_later(world: World, karin: Member, clock: OffsetClock) -> None:
    habit = make(world, karin)
    clock.advance(timedelta(days=14))
    mark(world, karin, habit)
    clock.advance(timedelta(days=1))
    for work in (operations.mark, operations.unmark):
        with world.core.units.writing(), pytest.raises(Invalid, match="day"):
            work(owner_of(karin), habit.id, TODAY, *([Note(State.MISSED)] if work is operations.mark else []))
    assert noted(world) == [(TODAY, State.DONE, "")]


@pytest.mark.parametrize(
    ("day", "weekdays", "why"),
    [
        (TODAY + timedelta(1), 127, "not come yet"),
        (TODAY - timedelta(1), 127, "later than that day"),
        (TODAY, 1, "Nothing is planned"),
    ],
)
def test_days_that_cannot_be_noted(world: World, karin: Member, day: date, weekdays: int, why: str) -> None:
    habit = make(world, karin, weekdays=weekdays)
    with world.core.units.writing(), pytest.raises(Invalid) as refused:
        operations.mark(owner_of(karin), habit.id, day, Note(State.DONE))
    assert why in str(refused.value.fields["day"])


def test_a_finished_habit_takes_no_more_notes(world: World, karin: Member) -> None:
    habit = make(world, karin)
    with world.core.units.writing():
        operations.retire(owner_of(karin), habit.id)
        with pytest.raises(Invalid):
            operations.mark(owner_of(karin), habit.id, TODAY, Note(State.DONE))
        assert operations.open_days(operations.one(owner_of(karin), habit.id)) == []


def test_the_days_that_may_be_noted(world: World, karin: Member, clock: OffsetClock) -> None:
    habit = make(world, karin, weekdays=WORKING_DAYS)
    with world.core.units.reading():
        assert operations.open_days(operations.one(owner_of(karin), habit.id)) == [TODAY]
    clock.advance(timedelta(days=20))
    with world.core.units.reading():
        days = operations.open_days(operations.one(owner_of(karin), habit.id))
    assert days[0] == TODAY + timedelta(20)
    assert days[-1] >= TODAY + timedelta(6)
    assert all(day.weekday() < 5 for day in days)


def test_a_day_is_a_day_where_the_person_is(world: World, karin: Member, clock: OffsetClock) -> None:
    habit = make(world, karin)
    clock.advance(timedelta(hours=15))  # 22:30 UTC: the 25th in Riga since half an hour, not yet in Stockholm
    tomorrow = TODAY + timedelta(1)
    with world.core.units.writing():
        with pytest.raises(Invalid):
            operations.mark(owner_of(karin), habit.id, tomorrow, Note(State.DONE))
        operations.mark(operations.Owner.of(karin.cohort, karin, "Europe/Riga"), habit.id, tomorrow, Note(State.DONE))
    assert noted(world) == [(tomorrow, State.DONE, "")]


# ---- whose it is ----


@pytest.mark.parametrize("where", ["same cohort", "other cohort", "other organisation", "own other cohort", "nowhere"])
def test_what_is_not_hers_is_not_found(world: World, course: Course, karin: Member, where: str) -> None:
    other = {
        "other cohort": lambda: world.course(beside=course),
        "own other cohort": lambda: world.course(beside=course),
    }
    elsewhere = {**other, "other organisation": world.course}.get(where, lambda: course)()
    person = karin.person if where == "own other cohort" else None
    somebody = world.member(elsewhere, Role.MANAGER, "Peter Nyström", person)
    wanted = uuid.uuid4() if where == "nowhere" else make(world, karin).id
    owner = owner_of(somebody)
    for work in (
        lambda: operations.get(owner, wanted), lambda: operations.one(owner, wanted),
        lambda: operations.mark(owner, wanted, TODAY, Note(State.DONE)), lambda: operations.unmark(owner, wanted, TODAY),
        lambda: operations.share(owner, wanted), lambda: operations.unshare(owner, wanted),
        lambda: operations.retire(owner, wanted), lambda: operations.resume(owner, wanted),
        lambda: operations.pause(owner, wanted, TODAY), lambda: operations.end_pause(owner, wanted, uuid.uuid4()),
        lambda: operations.begin_season(owner, wanted),
    ):  # fmt: skip
        with world.core.units.writing(), pytest.raises(NotFound):
            work()
    with world.core.units.reading():
        assert operations.list_habits(owner) == []


# ---- sharing and finishing ----


def test_sharing_and_its_end_are_audited_once_each_without_content(world: World, karin: Member) -> None:
    habit = make(world, karin)
    for work in (operations.share, operations.share, operations.unshare, operations.unshare):
        with world.core.units.writing():
            work(owner_of(karin), habit.id)
    assert audited(world) == [("ledarsteg.share", str(habit.id)), ("ledarsteg.unshare", str(habit.id))]
    with world.core.units.reading() as unit:
        event = unit.session.scalars(sa.select(AuditEvent)).first()
        assert event is not None
        assert (event.actor_id, event.cohort_id, event.role) == (karin.person_id, karin.cohort_id, "manager")


def test_finishing_is_audited_and_can_be_taken_back_the_same_day(
    world: World, karin: Member, clock: OffsetClock
) -> None:
    habit = make(world, karin)
    for work in (operations.retire, operations.retire, operations.resume, operations.resume, operations.retire):
        with world.core.units.writing():
            work(owner_of(karin), habit.id)
    assert [action for action, _ in audited(world)] == ["ledarsteg.retire", "ledarsteg.resume", "ledarsteg.retire"]
    clock.advance(timedelta(days=1))
    with world.core.units.writing(), pytest.raises(Invalid):
        operations.resume(owner_of(karin), habit.id)
    with world.core.units.reading():
        log = operations.one(owner_of(karin), habit.id)
        assert (log.habit.status, log.last_day, log.is_due_on(TODAY)) == (Status.RETIRED, TODAY, False)


# ---- reading ----


def test_todays_habits_in_the_order_they_were_made(world: World, karin: Member, clock: OffsetClock) -> None:
    made = []
    for title in ("first", "second", "third"):
        clock.advance(timedelta(minutes=1))
        made.append(make(world, karin, title))
    mark(world, karin, made[2])
    with world.core.units.writing():
        operations.retire(owner_of(karin), made[1].id)
    with world.core.units.reading():
        assert [log.habit.title for log in operations.today(owner_of(karin))] == ["first", "third"]
        logs = operations.list_habits(owner_of(karin))
        assert [log.habit.title for log in logs] == ["first", "third", "second"]
        assert logs[1].marks == {TODAY: Mark(State.DONE)}
        assert 0 < logs[1].strength < 0.1
        assert len(logs[1].periods) == 1


def test_reading_costs_the_same_for_one_habit_and_for_ten(world: World, karin: Member) -> None:
    counts = []
    for more in (1, 9):
        for number in range(more):
            mark(world, karin, make(world, karin, str(number)))
        with world.core.units.reading(), counting(world) as counted:
            assert [log.habit.title + log.plan.cue for log in operations.today(owner_of(karin)) if log.plan]
        counts.append(len(counted))
    assert counts[0] == counts[1] == 3


def test_a_new_habit_needs_only_a_title() -> None:
    assert NewHabit("x").rhythm.weekdays == WORKING_DAYS
