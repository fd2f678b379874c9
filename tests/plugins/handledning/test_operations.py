"""The verbs: who may do what, what closing asks, and what a lost race costs."""

import uuid
from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from plugins.handledning import operations
from plugins.handledning.calculations import MissingKind
from plugins.handledning.models import CoachingSession, EndReason, Engagement, Homework, Outcome, State, Status
from plugins.handledning.operations import Draft, HomeworkDraft, Meeting, NotYet, OutcomeDraft, Party
from service.access import Role
from service.cohorts.models import Grant
from service.errors import Conflict, Forbidden, NotFound
from tests.plugins.handledning.support import MEETING, START, Pair, actions, chosen, full, pair
from tests.support import OffsetClock, World


def test_choosing_again_changes_nothing_and_another_ends_the_first(world: World) -> None:
    two = chosen(world)
    other = world.member(two.course, Role.COACH, "Bo Ek")
    with two.writing():
        assert operations.choose_coach(two.manager, two.coach.person_id).id == two.engagement.id
        second = operations.choose_coach(two.manager, other.person_id)
    with two.reading():
        first = operations.reach(two.manager, two.engagement.id).engagement
        present = operations.open_engagement(two.manager)
        assert present is not None
        assert (first.status, first.end_reason, present.id) == (Status.CLOSED, EndReason.CHANGED, second.id)
        assert first.ended_at is not None
        with pytest.raises(NotFound):
            operations.reach(two.coach, first.id)
    assert actions(world) == [
        ("handledning.choose_coach", "allow"), ("handledning.move_engagement", "allow"), ("handledning.choose_coach", "allow"),
    ]  # fmt: skip


def test_only_the_cohorts_coaches_can_be_chosen(world: World) -> None:
    two = chosen(world)
    elsewhere = world.member(world.course(beside=two.course), Role.COACH, "Elsewhere")
    granted = world.member(two.course, Role.MANAGER, "Åsa Granted")
    with two.writing() as unit:
        unit.session.add(Grant(
            organisation_id=two.course.organisation.id, cohort_id=two.course.cohort.id, person_id=granted.person_id,
            role=Role.COACH, granted_by=None, granted_at=unit.now(),
        ))  # fmt: skip
    with two.writing():
        assert [one.member.person.name for one in operations.coaches(two.manager)] == ["Amira Haddad", "Åsa Granted"]
        assert [one.member.person.name for one in operations.coaches(two.coach)] == ["Åsa Granted"]
        for stranger in (elsewhere.person_id, two.manager.person_id, uuid.uuid4()):
            with pytest.raises(NotFound):
                operations.choose_coach(two.manager, stranger)


def test_two_open_engagements_cannot_be_stored(world: World) -> None:
    two = pair(world)
    with pytest.raises(sa.exc.IntegrityError), two.writing() as unit:
        unit.session.add(Engagement(
            cohort_id=two.course.cohort.id, manager_id=two.manager.person_id, coach_id=two.coach.person_id,
            status=Status.DRAFT, started_at=unit.now(), version=1,
        ))  # fmt: skip


def test_nobody_coaches_herself(world: World) -> None:
    two = pair(world)
    with pytest.raises(sa.exc.IntegrityError), two.writing() as unit:
        unit.session.add(Engagement(
            cohort_id=two.course.cohort.id, manager_id=two.coach.person_id, coach_id=two.coach.person_id,
            status=Status.CLOSED, started_at=unit.now(), version=1,
        ))  # fmt: skip


def test_numbers_are_consecutive_whoever_plans(world: World) -> None:
    two = pair(world)
    with two.writing():
        numbers = [
            operations.plan_session(who, two.engagement.id, MEETING).number
            for who in (two.manager, two.coach, two.manager)
        ]
    assert numbers == [1, 2, 3]


def test_an_ended_engagement_is_read_only_for_the_manager(world: World) -> None:
    two = pair(world)
    session_id = two.plan()
    with two.writing():
        operations.end(two.as_manager(lock=True), EndReason.FINISHED)
    with two.writing():
        assert operations.sheet(two.manager, session_id).session.number == 1
        with pytest.raises(Conflict):
            operations.plan_session(two.manager, two.engagement.id, MEETING)
        with pytest.raises(Conflict):
            operations.save_session(two.manager, session_id, 1, full())
        with pytest.raises(NotFound):
            operations.sheet(two.coach, session_id)


def test_a_session_closes_only_by_the_rule(world: World) -> None:
    two = pair(world)
    session_id = two.plan()
    with pytest.raises(NotYet) as first:
        two.close(session_id)
    assert [item.kind for item in first.value.missing] == [MissingKind.HOMEWORK, MissingKind.TIME]
    two.save(session_id, full(due=None))
    with pytest.raises(NotYet) as second:
        two.close(session_id)
    assert [item.kind for item in second.value.missing] == [MissingKind.DUE]
    draft = full()
    two.save(session_id, draft)
    two.close(session_id)
    with two.reading():
        found = operations.sheet(two.manager, session_id)
        assert (found.session.state, found.session.closed_at is not None) == (State.CLOSED, True)
    with pytest.raises(Conflict):
        two.close(session_id)
    with pytest.raises(Conflict):
        two.save(session_id, draft)
    assert actions(world)[-1] == ("handledning.close_session", "allow")


def test_earlier_homework_needs_an_outcome_and_not_done_is_one(world: World) -> None:
    two = pair(world)
    two.talk()
    later = START + timedelta(days=28)
    session_id = two.plan(later)
    with two.reading():
        waiting = operations.sheet(two.manager, session_id).follow_up[0]
    two.save(session_id, full(start=later, due=date(2026, 11, 20)))
    with pytest.raises(NotYet) as refused:
        two.close(session_id)
    assert [(item.kind, item.homework) for item in refused.value.missing] == [(MissingKind.OUTCOME, waiting.id)]
    two.save(session_id, full(start=later, outcomes=[OutcomeDraft(waiting.id, Outcome.NOT_DONE, "No time")]))
    two.close(session_id)
    with two.reading():
        assert operations.open_homework(two.engagement.id)[0].id != waiting.id
        found = operations.sheet(two.manager, session_id)
        assert [(item.state, item.outcome_note) for item in found.follow_up] == [(Outcome.NOT_DONE, "No time")]


def test_an_outcome_can_be_taken_back_while_the_session_is_open(world: World) -> None:
    two = pair(world)
    two.talk()
    session_id = two.plan(START + timedelta(days=28))
    with two.reading():
        waiting = operations.sheet(two.manager, session_id).follow_up[0].id
    for state, kept in ((Outcome.DONE, session_id), (Outcome.OPEN, None)):
        found = two.save(session_id, full(outcomes=[OutcomeDraft(waiting, state)]))
        assert (found.follow_up[0].state, found.follow_up[0].closed_in_session_id) == (state, kept)


def test_a_final_session_closes_with_a_commitment_that_nobody_follows_up(world: World) -> None:
    two = pair(world)
    session_id = two.plan()
    two.save(session_id, Draft(meeting=MEETING, final=True))
    with pytest.raises(NotYet) as refused:
        two.close(session_id)
    assert [item.kind for item in refused.value.missing] == [MissingKind.COMMITMENT]
    two.save(
        session_id, Draft(meeting=MEETING, final=True, homework=[HomeworkDraft(uuid.uuid4(), "Go on with Tuesdays")])
    )
    two.close(session_id)
    after = two.plan(START + timedelta(days=30))
    with two.reading():
        assert operations.open_homework(two.engagement.id) == []
        assert operations.sheet(two.manager, after).follow_up == []


def test_homework_of_an_open_session_is_nobodys_to_follow_up_yet(world: World) -> None:
    two = pair(world)
    first, second = two.plan(), two.plan(START + timedelta(days=28))
    two.save(first, full())
    with two.reading():
        assert operations.sheet(two.manager, second).follow_up == []
        assert operations.overview(two.manager, two.engagement.id).homework == []


def test_the_coach_writes_frames_and_nothing_else(world: World) -> None:
    two = pair(world)
    two.talk()
    session_id = two.plan(START + timedelta(days=28))
    with two.writing():
        saved = operations.save_frame(two.coach, session_id, 1, Meeting(START, 120, 60, 60))
        assert (saved.session.version, saved.session.state, saved.session.minutes) == (2, State.HELD, 120)
    with two.writing():
        found = operations.sheet(two.coach, session_id)
        for attempt in (
            lambda: operations.write_decision(found, "Mine", ""),
            lambda: operations.set_homework_outcome(found, OutcomeDraft(found.follow_up[0].id, Outcome.DONE)),
            lambda: operations.set_homework(found, [HomeworkDraft(uuid.uuid4(), "Do it")]),
            lambda: operations.add_homework(found, uuid.uuid4()),
            lambda: operations.save_session(two.coach, session_id, 2, full()),
            lambda: operations.close_session(two.coach, session_id),
        ):
            with pytest.raises(Forbidden) as refused:
                attempt()
            assert refused.value.denial is not None
    with two.reading():
        found = operations.sheet(two.manager, session_id)
        assert (found.decision, list(found.new), found.follow_up[0].state) == (None, [], Outcome.OPEN)


def test_minutes_taken_away_make_it_planned_again(world: World) -> None:
    two = pair(world)
    session_id = two.plan()
    assert two.save(session_id, full()).session.state is State.HELD
    assert two.save(session_id, Draft(meeting=Meeting(START, 150))).session.state is State.PLANNED


def test_strangers_find_nothing(world: World) -> None:
    two = pair(world)
    session_id = two.plan()
    beside = world.course(beside=two.course)
    strangers = [
        pair(world, two.course, "Other Manager", two.coach_member).manager,
        Party.of(two.course.cohort, world.member(two.course, Role.COACH, "Other Coach").person_id, Role.COACH),
        Party.of(beside.cohort, two.manager.person_id, Role.MANAGER),  # herself, in another cohort
    ]
    with two.writing():
        for stranger in strangers:
            for attempt in (
                lambda who=stranger: operations.reach(who, two.engagement.id),
                lambda who=stranger: operations.overview(who, two.engagement.id),
                lambda who=stranger: operations.sheet(who, session_id),
                lambda who=stranger: operations.plan_session(who, two.engagement.id, MEETING),
                lambda who=stranger: operations.save_frame(who, session_id, 1, MEETING),
                lambda who=stranger: operations.save_session(who, session_id, 1, full()),
                lambda who=stranger: operations.close_session(who, session_id),
            ):
                with pytest.raises(NotFound):
                    attempt()


def test_an_outcome_reaches_only_what_is_followed_up_here(world: World) -> None:
    two = pair(world)
    session_id = two.plan()
    with two.writing():
        found = operations.sheet(two.manager, session_id)
        with pytest.raises(NotFound):
            operations.set_homework_outcome(found, OutcomeDraft(uuid.uuid4(), Outcome.DONE))


def test_the_second_of_two_savers_is_told_and_the_first_stays(world: World) -> None:
    two = pair(world)
    session_id = two.plan()
    two.save(session_id, full(decision="first"), version=1)
    with pytest.raises(Conflict):
        two.save(session_id, full(decision="second"), version=1)
    with pytest.raises(Conflict), two.writing():
        operations.save_frame(two.coach, session_id, 1, Meeting(START, 60))
    with two.reading():
        found = operations.sheet(two.manager, session_id)
        assert found.decision is not None
        assert (found.decision.text, found.session.planned_minutes, found.session.version) == ("first", 150, 2)


def read(two: Pair, session_id: uuid.UUID) -> tuple[tuple[str, str] | None, list[tuple[uuid.UUID, str, int | None]]]:
    with two.reading():
        found = operations.sheet(two.manager, session_id)
        decision = (found.decision.text, found.decision.expected) if found.decision else None
        return decision, [(row.id, row.text, row.comfort) for row in found.new]


def test_saving_keeps_adds_and_takes_away_homework(world: World) -> None:
    two = pair(world)
    session_id = two.plan()
    one, other = uuid.uuid4(), uuid.uuid4()
    two.save(
        session_id,
        Draft(meeting=MEETING, homework=[HomeworkDraft(one, "One"), HomeworkDraft(other, "Other", comfort=4)]),
    )
    # What a page did not show is left alone; what was emptied goes; what never was there does not come.
    two.save(session_id, Draft(meeting=MEETING, homework=[HomeworkDraft(one, ""), HomeworkDraft(uuid.uuid4(), "")]))
    assert read(two, session_id) == (None, [(other, "Other", 4)])
    two.save(session_id, Draft(meeting=MEETING, decision="Yes", homework=[HomeworkDraft(other, "Changed")]))
    assert read(two, session_id) == (("Yes", ""), [(other, "Changed", None)])
    two.save(session_id, Draft(meeting=MEETING, decision="", expected="Less noise"))
    assert read(two, session_id) == (("", "Less noise"), [(other, "Changed", None)])


def test_what_is_written_is_sealed(world: World) -> None:
    two = pair(world)
    secret = "Lovisa har för mycket att göra"
    homework = [HomeworkDraft(uuid.uuid4(), secret, secret, date(2026, 10, 20))]
    session_id = two.plan()
    two.save(session_id, Draft(meeting=MEETING, decision=secret, expected=secret, homework=homework))
    two.close(session_id)
    follow = two.plan(START + timedelta(days=28))
    with two.reading():
        waiting = operations.sheet(two.manager, follow).follow_up[0].id
    two.save(follow, full(outcomes=[OutcomeDraft(waiting, Outcome.DONE, secret)]))
    with two.reading() as unit:
        raw = repr([
            unit.session.execute(sa.text(f"select * from {table}")).all()
            for table in ("handledning_decision", "handledning_homework", "handledning_coaching_session", "handledning_engagement")
        ])  # fmt: skip
        assert "Lovisa" not in raw
        assert secret.encode().hex() not in raw
        row = unit.session.scalars(sa.select(Homework).where(Homework.id == waiting)).one()
        assert (row.text, row.criterion, row.outcome_note) == (secret, secret, secret)


def test_standings_tell_held_booked_and_late(world: World, clock: OffsetClock) -> None:
    clock.put(START + timedelta(days=40))
    two = pair(world)
    two.talk()
    coming = two.plan(START + timedelta(days=50))
    never = two.plan(START + timedelta(days=30))  # its time passed and nothing was noted: neither held nor booked
    without = world.member(two.course, Role.MANAGER, "No Coach")
    with two.reading() as unit:
        found = operations.standings(two.course.cohort.id, unit.now())
        assert without.person_id not in found
        one = found[two.manager.person_id]
        assert [s.number for s in one.held] == [1]
        assert [s.id for s in one.booked] == [coming]
        assert never not in {s.id for s in [*one.held, *one.booked]}
        assert one.overdue(date(2026, 10, 15)) == []
        assert one.overdue(date(2026, 10, 16)) == [date(2026, 10, 15)]
        assert one.last_contact() == one.engagement.started_at  # type: ignore[union-attr]
        overview = operations.overview(two.manager, two.engagement.id)
        assert overview.next_session(unit.now()).id == coming  # type: ignore[union-attr]
        assert [s.number for s in overview.unfinished] == [2, 3]


def test_sessions_held_count_across_a_change_of_coach(world: World) -> None:
    two = pair(world)
    two.talk()
    with two.writing():
        operations.end(two.as_manager(lock=True), EndReason.CHANGED)
    with two.reading() as unit:
        one = operations.standings(two.course.cohort.id, unit.now())[two.manager.person_id]
        assert (len(one.held), one.engagement, list(one.booked), list(one.due), one.last_contact()) == (
            1,
            None,
            [],
            [],
            None,
        )


def test_an_erased_manager_stands_nowhere(world: World) -> None:
    two = pair(world)
    two.talk()
    with two.writing() as unit:
        unit.session.execute(sa.update(Engagement).values(manager_id=None))
    with two.reading() as unit:
        assert operations.standings(two.course.cohort.id, unit.now()) == {}
        assert unit.session.scalar(sa.select(sa.func.count()).select_from(CoachingSession)) == 1
