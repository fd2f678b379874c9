"""The end of a term, and what is left of earlier courses: decided once, taken along once, and nobody else's."""

import uuid
from dataclasses import replace
from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from plugins.ledarsteg import operations
from plugins.ledarsteg.calculations import Category, State, shares
from plugins.ledarsteg.models import Choice, Habit, Status, Target, TermChoice, TimeAudit, TimeRow
from plugins.ledarsteg.operations import ChangedMeanwhile, Note, PlanText, archive, insights, reviews, term
from plugins.ledarsteg.operations.contributions import Given, log_contribution
from plugins.ledarsteg.operations.insights import NewInsight
from plugins.ledarsteg.operations.leader_time import Block, plan_block
from plugins.ledarsteg.operations.polarities import builtin_id, make_card, read_week
from plugins.ledarsteg.operations.reviews import Look
from service.access import Role
from service.audit import AuditEvent
from service.cohorts.models import Cohort, CohortPlugin, Member
from service.contract import Invalid, NotFound
from tests.plugins.ledarsteg.support import TODAY, counting, make, owner_of
from tests.support import Course, OffsetClock, World


def decide(world: World, member: Member, habit: Habit, choice: Choice, why: str = "", seen: int = 0) -> None:
    with world.core.units.writing():
        term.decide(owner_of(member), habit.id, choice, why, seen)


def decided(world: World, member: Member) -> dict[str, tuple[Choice, str, int] | None]:
    with world.core.units.reading():
        return {
            one.log.habit.title: (one.decided.choice, one.decided.why, one.revision) if one.decided else None
            for one in term.closing(owner_of(member))
        }


def status(world: World, habit: Habit) -> Status:
    with world.core.units.reading() as unit:
        return unit.session.get_one(Habit, habit.id).status


# ---- the end of a term ----


def test_each_active_habit_is_kept_raised_or_finished(world: World, karin: Member) -> None:
    habits = {choice: make(world, karin, choice.value) for choice in Choice}
    old = make(world, karin, "old")
    with world.core.units.writing():
        operations.retire(owner_of(karin), old.id)
    assert decided(world, karin) == {"keep": None, "raise": None, "retire": None}
    for choice, habit in habits.items():
        decide(world, karin, habit, choice, f"because {choice.value}")
    assert decided(world, karin) == {choice.value: (choice, f"because {choice.value}", 1) for choice in Choice}
    assert [status(world, habits[choice]) for choice in Choice] == [Status.ACTIVE, Status.ACTIVE, Status.RETIRED]


def test_deciding_twice_alike_is_once_and_a_later_decision_replaces(world: World, karin: Member) -> None:
    habit = make(world, karin, "x")
    for _ in range(2):
        decide(world, karin, habit, Choice.KEEP, "why")
    assert decided(world, karin) == {"x": (Choice.KEEP, "why", 1)}
    decide(world, karin, habit, Choice.RAISE, "", 1)
    assert decided(world, karin) == {"x": (Choice.RAISE, "", 2)}
    for _ in range(2):
        decide(world, karin, habit, Choice.RETIRE, "", 2)
    assert decided(world, karin) == {"x": (Choice.RETIRE, "", 3)}
    with pytest.raises(Invalid):
        decide(world, karin, habit, Choice.KEEP, "", 3)


def test_of_two_tabs_that_decide_the_later_one_notices(world: World, karin: Member) -> None:
    habit = make(world, karin, "x")
    decide(world, karin, habit, Choice.KEEP)
    with pytest.raises(ChangedMeanwhile):
        decide(world, karin, habit, Choice.RETIRE)
    assert decided(world, karin) == {"x": (Choice.KEEP, "", 1)}
    assert status(world, habit) is Status.ACTIVE


def test_a_decision_is_taken_back_and_finishing_on_the_same_day(
    world: World, karin: Member, clock: OffsetClock
) -> None:
    habit = make(world, karin, "x")
    for choice in (Choice.KEEP, Choice.RETIRE):
        decide(world, karin, habit, choice)
        for _ in range(2):
            with world.core.units.writing():
                term.undo_decision(owner_of(karin), habit.id)
        assert decided(world, karin) == {"x": None}
        assert status(world, habit) is Status.ACTIVE
    decide(world, karin, habit, Choice.RETIRE)
    with world.core.units.reading():
        assert [one.can_be_undone for one in term.closing(owner_of(karin))] == [True]
    clock.advance(timedelta(days=1))
    with world.core.units.writing(), pytest.raises(Invalid):
        term.undo_decision(owner_of(karin), habit.id)
    assert decided(world, karin) == {"x": (Choice.RETIRE, "", 1)}
    with world.core.units.reading():
        assert [one.can_be_undone for one in term.closing(owner_of(karin))] == [False]


def test_a_habit_taken_up_again_elsewhere_is_undecided_and_can_be_finished_again(world: World, karin: Member) -> None:
    habit = make(world, karin, "x")
    decide(world, karin, habit, Choice.RETIRE)
    with world.core.units.writing():
        operations.resume(owner_of(karin), habit.id)
    assert decided(world, karin) == {"x": None}
    decide(world, karin, habit, Choice.RETIRE, "", 1)
    assert status(world, habit) is Status.RETIRED


@pytest.mark.parametrize("where", ["same cohort", "own other cohort"])
def test_nobody_decides_for_somebody_elses_habit(world: World, course: Course, karin: Member, where: str) -> None:
    habit = make(world, karin)
    elsewhere = world.course(beside=course) if where == "own other cohort" else course
    somebody = world.member(elsewhere, Role.MANAGER, "Peter", karin.person if where == "own other cohort" else None)
    for work in (
        lambda: term.decide(owner_of(somebody), habit.id, Choice.RETIRE, "", 0),
        lambda: term.undo_decision(owner_of(somebody), habit.id),
    ):
        with world.core.units.writing(), pytest.raises(NotFound):
            work()
    assert decided(world, somebody) == {}


def test_closing_costs_the_same_for_one_habit_and_for_many(world: World, karin: Member) -> None:
    counts = []
    for more in (1, 8):
        for number in range(more):
            decide(world, karin, make(world, karin, f"{more} {number}"), Choice.KEEP, "why")
        with world.core.units.reading(), counting(world) as counted:
            assert all(one.decided and one.decided.why for one in term.closing(owner_of(karin)))
        counts.append(len(counted))
    assert counts[0] == counts[1]


# ---- earlier courses ----


@pytest.fixture
def later(world: World, course: Course, karin: Member, clock: OffsetClock) -> Member:
    """Karin in next term's course, half a year later. The one before holds two habits, a review, an insight and an audit."""
    first = make(world, karin, "Ask first", minutes=10)
    second = make(world, karin, "Walk the round")
    with world.core.units.writing() as unit:
        operations.mark(owner_of(karin), first.id, TODAY, Note(State.DONE))
        operations.retire(owner_of(karin), second.id)
        reviews.write_review(owner_of(karin), date(2026, 11, 16), Look("My contribution"), 0)
        insights.capture(owner_of(karin), NewInsight("k", "They wait for me", habit_id=first.id))
        audit = TimeAudit(cohort_id=karin.cohort_id, person_id=karin.person_id, number=1, first_day=TODAY)
        empty = TimeAudit(cohort_id=karin.cohort_id, person_id=karin.person_id, number=2, first_day=TODAY)
        unit.session.add_all([audit, empty])
        unit.session.flush()
        for category, minutes in ((Category.MEETINGS, 90), (Category.LEADER_CONTRIBUTION, 30)):
            unit.session.add(TimeRow(
                audit_id=audit.id, person_id=karin.person_id, local_date=TODAY, minutes=minutes, category=category,
                challengeable=False, created_at=unit.now(),
            ))  # fmt: skip
        log_contribution(owner_of(karin), Given(TODAY, Target.GROUP, 2, 4, note="Asked who else could"))
        plan_block(owner_of(karin), Block(TODAY, 45, 30))
        read_week(owner_of(karin), builtin_id(owner_of(karin)), date(2026, 11, 23), -20)
        make_card(owner_of(karin), "Speed", "Participation")
    clock.advance(timedelta(days=180))
    return world.member(world.course("Enhetschefer 2027", beside=course), person=karin.person)


def test_all_of_the_earlier_course_can_be_read(world: World, course: Course, later: Member, karin: Member) -> None:
    with world.core.units.reading():
        (before,) = archive.earlier(owner_of(later))
        assert (before.cohort.id, before.habits, before.reviews, before.insights, before.audits) == (
            course.cohort.id,
            2,
            1,
            1,
            2,
        )
        found = archive.archive(owner_of(later), course.cohort.id)
        ask, walk = found.habits
        assert [log.habit.title for log in found.habits] == ["Ask first", "Walk the round"]
        # Half a year without a note does not make it look as if she had failed at it.
        assert (ask.last_day, len(ask.periods), 0.05 < ask.strength < 0.06) == (TODAY, 1, True)
        assert walk.last_day == TODAY
        assert [review.contribution for review in found.reviews] == ["My contribution"]
        assert [(noted.insight.text, noted.habit.title if noted.habit else "") for noted in found.insights] == [
            ("They wait for me", "Ask first")
        ]
        empty, first = found.rounds
        assert (first.audit.number, shares(first.spent)[Category.MEETINGS], empty.rows) == (1, 0.75, [])
        assert before.contributions == 1
        assert [(row.number, row.quality, row.note) for row in found.contributions] == [(2, 4, "Asked who else could")]
        assert [(row.planned_minutes, row.kept_minutes) for row in found.leader_time] == [(45, 30)]
        assert [(card.is_builtin, card.readings) for card in found.cards] == [(True, {date(2026, 11, 23): -20})]


def test_it_can_be_read_where_the_course_is_put_away_and_the_part_is_off(
    world: World, course: Course, later: Member
) -> None:
    with world.core.units.writing() as unit:
        unit.session.execute(sa.update(Cohort).where(Cohort.id == course.cohort.id).values(archived_at=unit.now()))
        unit.session.execute(
            sa.update(CohortPlugin).where(CohortPlugin.cohort_id == course.cohort.id).values(enabled=False)
        )
    with world.core.units.reading():
        assert len(archive.archive(owner_of(later), course.cohort.id).habits) == 2


@pytest.mark.parametrize(
    "who", ["a peer of then", "a peer of now", "herself in the same course", "herself, of nothing"]
)
def test_an_archive_is_nobody_elses(world: World, course: Course, later: Member, karin: Member, who: str) -> None:
    owner = {
        "a peer of then": lambda: owner_of(world.member(course, name="Peter")),
        "a peer of now": lambda: replace(owner_of(later), person_id=world.person(course, "Peter").id),
        "herself in the same course": lambda: owner_of(karin),
    }.get(who, lambda: owner_of(later))()
    there = uuid.uuid4() if who == "herself, of nothing" else course.cohort.id
    with world.core.units.reading() as unit:
        with pytest.raises(NotFound):
            archive.archive(owner, there)
        habits = list(unit.session.scalars(sa.select(Habit.id)))
        if who != "herself, of nothing":
            assert archive.earlier(owner) == archive.portable(owner) == []
    for habit_id in [uuid.uuid4()] if who == "herself, of nothing" else habits:
        with world.core.units.writing(), pytest.raises(NotFound):
            archive.carry(owner, habit_id)


def test_a_habit_is_taken_along_once_and_the_old_one_stays(
    world: World, course: Course, later: Member, karin: Member
) -> None:
    with world.core.units.reading():
        offered = archive.portable(owner_of(later))
        assert [(one.log.habit.title, one.cohort.id, one.here) for one in offered] == [
            ("Ask first", course.cohort.id, None), ("Walk the round", course.cohort.id, None),
        ]  # fmt: skip
    for _ in range(2):
        with world.core.units.writing():
            made = archive.carry(owner_of(later), offered[0].log.habit.id)
    today = TODAY + timedelta(180)
    with world.core.units.reading() as unit:
        assert unit.session.scalar(sa.select(sa.func.count()).select_from(Habit)) == 3
        log = operations.one(owner_of(later), made.id)
        assert (log.habit.title, log.habit.minutes, log.habit.season, log.habit.continues_id) == (
            "Ask first",
            10,
            2,
            offered[0].log.habit.id,
        )
        assert (log.habit.starts_on, log.habit.shared, log.marks) == (today, False, {})
        assert log.plan is not None
        assert (log.plan.cue, log.drop.what if log.drop else "") == (
            PlanText("somebody asks me to decide").cue,
            "Monday's report",
        )
        assert [one.here for one in archive.portable(owner_of(later))] == [made.id, None]
        old = operations.one(owner_of(karin), offered[0].log.habit.id)
        assert (old.habit.status, len(old.marks)) == (Status.ACTIVE, 1)
    with world.core.units.reading() as unit:
        events = unit.session.scalars(sa.select(AuditEvent).order_by(AuditEvent.seq.desc())).first()
        assert events is not None
        assert (events.action, events.object_ref, events.cohort_id) == (
            "ledarsteg.season",
            str(made.id),
            later.cohort_id,
        )


def test_taking_along_keeps_to_the_few_of_the_first_month(world: World, later: Member) -> None:
    with world.core.units.reading():
        offered = [one.log.habit.id for one in archive.portable(owner_of(later))]
    with world.core.units.writing():
        archive.carry(owner_of(later), offered[0], max_first_month=1)
        with pytest.raises(Invalid) as refused:
            archive.carry(owner_of(later), offered[1], max_first_month=1)
        assert "at most 1" in str(refused.value.fields["title"])
        archive.carry(owner_of(later), offered[0], max_first_month=1)


def test_of_a_habit_that_went_from_course_to_course_the_latest_is_offered(
    world: World, course: Course, later: Member, karin: Member
) -> None:
    with world.core.units.reading():
        first = archive.portable(owner_of(later))[0].log.habit
    with world.core.units.writing():
        second = archive.carry(owner_of(later), first.id)
    third = world.member(world.course("Enhetschefer 2028", beside=course), person=karin.person)
    with world.core.units.reading():
        offered = archive.portable(owner_of(third))
        assert [one.cohort.title for one in offered] == ["Enhetschefer 2027", "Enhetschefer 2026"]
        assert [one.log.habit.id == second.id for one in offered] == [True, False]
        assert [before.cohort.title for before in archive.earlier(owner_of(third))] == [
            "Enhetschefer 2027",
            "Enhetschefer 2026",
        ]


def test_reading_an_archive_costs_the_same_for_little_and_for_much(
    world: World, course: Course, later: Member, karin: Member
) -> None:
    counts = []
    for more in (0, 5):
        for number in range(more):
            make(world, karin, f"habit {number}")
            with world.core.units.writing():
                insights.capture(owner_of(karin), NewInsight(str(number), f"insight {number}"))
        with world.core.units.reading(), counting(world) as counted:
            found = archive.archive(owner_of(later), course.cohort.id)
            assert all(log.habit.title for log in found.habits)
            assert archive.portable(owner_of(later))
        counts.append(len(counted))
    assert counts[0] == counts[1]


def test_a_term_choice_is_sealed(world: World, karin: Member) -> None:
    decide(world, karin, make(world, karin), Choice.KEEP, "Plainly readable")
    with world.core.units.reading() as unit:
        sealed = unit.session.scalars(sa.select(TermChoice.why_sealed)).one()
        assert sealed
        assert b"Plainly" not in sealed
