"""What the operations before and around the sessions refuse by themselves, whatever a page has checked."""

import threading
import uuid
from dataclasses import replace
from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from plugins.handledning import operations
from plugins.handledning.calculations import EndReason, Progress
from plugins.handledning.models import (
    Engagement,
    Ethics,
    Goal,
    GoalStatus,
    ItemKind,
    Moment,
    Openness,
    OperationsGoal,
    RoleContent,
    Scope,
    Whose,
)
from plugins.handledning.operations import (
    MapPage,
    OpennessDraft,
    OperationsDraft,
    OwnLine,
    ProfileDraft,
    RelationDraft,
    RoleDraft,
)
from plugins.handledning.operations.scope import reach_row
from service.access import Role
from service.audit import AuditEvent
from service.contract import Conflict, Forbidden, Invalid, NotFound
from tests.plugins.handledning.support import START, chosen, contract_draft, pair
from tests.support import World


def test_nothing_and_unknown_jobs_are_no_ego_check(world: World) -> None:
    two = chosen(world)
    with two.writing():
        access = two.as_coach(lock=True)
        for jobs, text in ((), ""), (("fame",), "words"):
            with pytest.raises(Invalid):
                operations.write_ego_check(access, jobs, text)
        kept = operations.write_ego_check(access, ("identity", "stay"), "")
        assert (kept.jobs, kept.text) == ("stay identity", "")


def test_value_and_challenge_are_from_one_to_five(world: World) -> None:
    two = chosen(world)
    with two.writing():
        access = two.as_manager(lock=True)
        for answers in ((1, 2, 3), (1, 2, 3, 6), (0, 2, 3, 4)):
            with pytest.raises(ValueError, match="four answers"):
                operations.answer_value(access, Moment.START, answers)
        with pytest.raises(ValueError, match="from 1 to 5"):
            operations.write_openness(access, 0, OpennessDraft(challenge=6))


def test_the_coach_writes_nothing_of_the_managers(world: World) -> None:
    two = pair(world)
    with two.writing():
        coach = two.as_coach(lock=True)
        key = operations.contract(coach).of(ItemKind.INTERMEDIATE)[0].key
        for attempt in (
            lambda: operations.answer_readiness(coach, (5, 5, 5)),
            lambda: operations.answer_value(coach, Moment.START, (5, 5, 5, 5)),
            lambda: operations.write_openness(coach, 0, OpennessDraft(inside="All")),
            lambda: operations.write_situation(coach, 0, "Hers", ""),
            lambda: operations.write_rows(coach, 0, RoleDraft, [RoleDraft(uuid.uuid4(), "Hers")]),
            lambda: operations.share_part(coach, operations.Part.ROLE, shared=True),
            lambda: operations.set_progress(coach, key, Progress.DONE),
            lambda: operations.set_phase(coach, "trust"),  # type: ignore[arg-type]
            lambda: operations.pause(coach),
            lambda: operations.resume(coach),
            lambda: operations.carry_map(coach, coach),
        ):
            with pytest.raises(Forbidden) as refused:
                attempt()
            assert refused.value.denial is not None
        manager = two.as_manager()
        for other in (lambda: operations.accept_manager(manager), lambda: operations.leave(manager)):
            with pytest.raises(Forbidden):
                other()


def test_an_old_version_is_refused_whoever_accepts_it(world: World) -> None:
    two = pair(world)
    with two.writing():
        manager, coach = two.as_manager(lock=True), two.as_coach(lock=True)
        operations.write_lines(coach, 1, [OwnLine(Whose.COACH, "In writing")])
        operations.write_contract(manager, 1, operations.contract(manager).newest.version, contract_draft())
        for access in (manager, coach):
            with pytest.raises(Conflict):
                operations.accept_agreement(access, 1)
            with pytest.raises(Conflict):
                operations.accept_contract(access, 1, operations.contract(access).newest.version)
        with pytest.raises(Conflict):
            operations.write_lines(manager, 1, [OwnLine(Whose.CLIENT, "Something else")])
        with pytest.raises(Conflict):
            operations.write_contract(manager, 1, 1, contract_draft(period_from=START.date()))
        newest = operations.contract(manager).newest
        with pytest.raises(Conflict):  # changed since she read it
            operations.accept_contract(manager, newest.number, newest.version - 1)


def test_goals_that_leaned_on_a_line_stand_alone_when_it_goes(world: World) -> None:
    two = pair(world)
    role, aim = uuid.uuid4(), uuid.uuid4()
    with two.writing() as unit:
        access = two.as_manager(lock=True)
        operations.write_rows(access, 0, RoleDraft, [RoleDraft(role, "Staffing")])
        operations.write_rows(access, 1, OperationsDraft, [OperationsDraft(aim, "Fewer falls")])
        unit.session.add(Goal(
            engagement_id=two.engagement.id, manager_id=two.manager.person_id, position=0, scope=Scope.PROFESSIONAL, status=GoalStatus.OPEN,
            shared=True, slow=False, importance=2, difficulty=2, role_content_id=role, operations_goal_id=aim, created_at=START, version=1,
        ))  # fmt: skip
        unit.session.flush()
        operations.write_rows(access, 2, RoleDraft, [])
        operations.write_rows(access, 3, OperationsDraft, [OperationsDraft(aim, "Fewer falls", "V12")])
    with two.reading() as unit:
        goal = unit.session.scalars(sa.select(Goal)).one()
        assert (goal.role_content_id, goal.operations_goal_id) == (None, aim)
        assert unit.session.scalars(sa.select(RoleContent)).all() == []
        assert unit.session.scalars(sa.select(OperationsGoal)).one().reference == "V12"


def test_a_map_without_a_situation_comes_along(world: World) -> None:
    two = pair(world)
    other = world.member(
        two.course, operations.Party.of(two.course.cohort, two.coach.person_id, two.coach.role).role, "Bo Ek"
    )
    with two.writing():
        before = two.as_manager(lock=True)
        operations.write_rows(before, 0, OperationsDraft, [OperationsDraft(uuid.uuid4(), "Fewer falls")])
        its = operations.choose_coach(two.manager, other.person_id)
        after = operations.reach(two.manager, its.id, lock=True)
        assert operations.carry_map(operations.reach(two.manager, two.engagement.id), after) == 1
        assert (
            operations.carry_map(operations.reach(two.manager, two.engagement.id), after) == 1
        )  # again makes no second
        found: MapPage = operations.map_of(after)
        assert ([row.text for row in found.operations], found.head is not None, any(found.shares.values())) == (
            ["Fewer falls"],
            True,
            False,
        )


def test_an_empty_map_has_nothing_to_take_along(world: World) -> None:
    two = pair(world)
    with two.writing():
        access = two.as_manager(lock=True)
        assert operations.carry_map(access, access) == 0
        assert operations.map_of(access).discretion is None


def test_an_erased_managers_key_is_nobodys(world: World) -> None:
    two = pair(world)
    with two.writing() as unit:
        access = two.as_coach(lock=True)
        unit.session.execute(sa.update(Engagement).values(manager_id=None))
        unit.session.expire_all()
        with pytest.raises(Conflict):
            _ = access.manager_id


def test_a_row_that_was_taken_away_while_somebody_waited_is_not_found(world: World) -> None:
    two = pair(world)
    with two.writing():
        written = operations.write_openness(two.as_manager(lock=True), 0, OpennessDraft(inside="Work")).id
    with two.writing() as unit:
        unit.session.execute(sa.delete(Openness).where(Openness.id == written))
        with pytest.raises(NotFound):
            reach_row(two.manager, Openness, written, lock=True)


def test_two_who_accept_at_once_make_one_active_engagement(world: World) -> None:
    """The last two acceptances, in two transactions side by side: each waits for the other, and the second settles it."""
    two = chosen(world)
    from tests.plugins.handledning.support import make_ready

    make_ready(two)
    with two.writing():
        access = two.as_manager(lock=True)
        written = operations.write_contract(access, 1, 1, contract_draft())
        number, version = written.number, written.version
        operations.accept_agreement(access, 1)
        operations.accept_contract(access, number, version)
        operations.accept_agreement(two.as_coach(lock=True), 1)
    begin, failed = threading.Barrier(2), []

    def accept() -> None:
        try:
            begin.wait(5)
            with two.writing():
                operations.accept_contract(operations.reach(two.coach, two.engagement.id, lock=True), number, version)
        except Exception as error:  # noqa: BLE001 - told below
            failed.append(error)

    threads = [threading.Thread(target=accept) for _side in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert failed == []
    with two.reading() as unit:
        moves = unit.session.scalars(
            sa.text("select reason from audit_event where action = 'handledning.move_engagement' order by seq")
        ).all()
        assert moves == ["now_ready", "now_active"]


def test_ending_and_writing_at_once_leaves_nothing_in_what_is_over(world: World) -> None:
    two = pair(world)
    begin, refused = threading.Barrier(2), []

    def end() -> None:
        begin.wait(5)
        with two.writing():
            operations.end(operations.reach(two.manager, two.engagement.id, lock=True), EndReason.FINISHED)

    def write() -> None:
        begin.wait(5)
        try:
            with two.writing():
                access = operations.reach(two.coach, two.engagement.id, lock=True)
                operations.plan_session(
                    two.coach, access.engagement.id, operations.Meeting(START + timedelta(days=1), 150)
                )
        except (Conflict, NotFound) as error:
            refused.append(error)

    threads = [threading.Thread(target=one) for one in (end, write)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    with two.reading():
        found = operations.overview(two.manager, two.engagement.id)
        assert len(found.sessions) == (0 if refused else 1)
        assert found.engagement.ended_at is not None


def test_the_same_situation_again_is_nothing_new_and_a_relation_can_go(world: World) -> None:
    two = pair(world)
    with two.writing():
        access = two.as_manager(lock=True)
        for _twice in range(2):
            assert operations.write_situation(access, 0, "Much", "").version == 1
        operations.write_rows(access, 1, RelationDraft, [RelationDraft(uuid.uuid4(), "The other unit", 3)])
        operations.write_rows(access, 2, RelationDraft, [])
        assert operations.map_of(access).relations == []


def test_a_line_that_is_taken_out_of_a_contract_nobody_accepted_goes(world: World) -> None:
    two = chosen(world)
    draft = contract_draft()
    with two.writing():
        access = two.as_manager(lock=True)
        first = operations.write_contract(access, 1, 1, draft)
        kept = operations.write_contract(access, 1, first.version, replace(draft, items=draft.items[:-1]))
        assert (kept.number, len(operations.contract(access).items)) == (1, len(draft.items) - 1)


def test_what_a_profile_moves_in_another_course_is_noted_there(world: World) -> None:
    two = chosen(world)
    beside = world.course(beside=two.course)
    there = chosen(world, beside, "Petra Ek", world.member(beside, Role.COACH, person=two.coach_member.person))
    for each in (two, there):
        with each.writing():
            operations.answer_readiness(each.as_manager(lock=True), (5, 4, 4))
            operations.accept_manager(each.as_coach(lock=True))
    with two.writing():
        operations.save_profile(two.coach, 0, ProfileDraft(ethics=Ethics.ICF, ethics_on=date(2026, 1, 15)))
    with two.reading() as unit:
        query = sa.select(AuditEvent.object_ref, AuditEvent.cohort_id).where(AuditEvent.reason == "now_ready")
        moved = {row.object_ref: row.cohort_id for row in unit.session.execute(query)}
    assert moved == {str(one.engagement.id): one.course.cohort.id for one in (two, there)}
