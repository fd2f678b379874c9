"""The pages about what the gradebook is told: the switch, what coaches see, and what managers know before it happens."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from service.access import Role
from service.audit import AuditEvent
from service.cohorts import completion, counting
from service.cohorts.models import Cohort, CohortPlugin, Launch, Member
from service.demo.claims import SCOPE_SCORE
from service.jobs.models import Job
from service.lti.service_models import Delivery, DeliveryState, LineItem
from tests.functional.lti.grading import OTHER_PART, PART, finishing_plugin
from tests.functional.lti.placed import small_plugin
from tests.support import Browser, Course, World

PLUGINS = {PART: finishing_plugin(PART), OTHER_PART: finishing_plugin(OTHER_PART), "nothing": small_plugin("nothing")}


@pytest.fixture
def world(make_app: Callable[..., Flask]) -> World:
    return World(make_app(plugins=PLUGINS))


@pytest.fixture
def course(world: World) -> Course:
    """A course that offers its gradebook."""
    made = world.course()
    change(world, Cohort, grade_scopes=SCOPE_SCORE, lineitems_url="http://localhost/lineitems")
    return made


def change(world: World, model: Any, *where: Any, **values: Any) -> None:
    with world.core.units.writing() as unit:
        unit.session.execute(sa.update(model).where(*where).values(values))


def rows(world: World, model: Any, *where: Any) -> list[Any]:
    with world.core.units.reading() as unit:
        return list(unit.session.scalars(sa.select(model).where(*where)))


def page_of(inside: Browser) -> str:
    return inside.get("/completion").get_data(as_text=True)


def count(world: World) -> None:
    with world.app.app_context():
        counting.run(world.core.units, world.core.host)


def turn_on(inside: Browser, plugin: str = PART) -> str:
    answer = inside.post(f"/completion/{plugin}", {"state": "on"}, follow_redirects=True)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def deliver(
    world: World, course: Course, member: Member, state: DeliveryState, reason: str = "", plugin: str = PART
) -> None:
    now = world.core.units.clock.now()
    with world.core.units.writing() as unit:
        item_id = unit.session.scalars(
            sa.select(LineItem.id).where(LineItem.cohort_id == course.cohort.id, LineItem.plugin == plugin)
        ).one()
        unit.session.add(Delivery(
            line_item_id=item_id, platform_id=course.platform.id, person_id=member.person_id, state=state, reason=reason,
            decided_at=now, due_at=now, sent_at=now if state is DeliveryState.SENT else None,
        ))  # fmt: skip


def test_it_is_off_until_it_is_switched_on_and_can_be_undone(world: World, course: Course) -> None:
    inside = world.enter(course, Role.TRAINING)
    page = inside.get("/completion").get_data(as_text=True)
    assert page.count('aria-checked="false"') == 2
    assert "nothing</a>" not in page
    on = turn_on(inside)
    assert f"The gradebook will be told who has completed {PART}." in on
    assert 'name="state" value="off"' in on
    assert [row.plugin for row in rows(world, CohortPlugin, CohortPlugin.completion)] == [PART]
    off = inside.post(f"/completion/{PART}", {"state": "off"}, follow_redirects=True).get_data(as_text=True)
    assert "is no longer told" in off
    assert rows(world, CohortPlugin, CohortPlugin.completion) == []
    switched = sorted(rows(world, AuditEvent, AuditEvent.action == "completion.switch"), key=lambda row: row.seq)
    assert [row.reason for row in switched] == ["on", "off"]


def test_the_page_says_exactly_what_is_told(world: World, course: Course) -> None:
    page = world.enter(course, Role.TRAINING).get("/completion").get_data(as_text=True)
    for words in ("1 of 1", "No comment", "At night", "whoever teaches the course", "Members of a work group"):
        assert words in page


@pytest.mark.parametrize("plugin", ["nothing", "unknown"])
def test_a_part_without_completion_cannot_be_told(world: World, course: Course, plugin: str) -> None:
    assert world.enter(course, Role.TRAINING).post(f"/completion/{plugin}", {"state": "on"}).status_code == 404


def test_a_part_that_is_off_has_no_switch(world: World, course: Course) -> None:
    change(world, CohortPlugin, CohortPlugin.plugin == PART, enabled=False)
    inside = world.enter(course, Role.TRAINING)
    assert f"/completion/{PART}" not in inside.get("/completion").get_data(as_text=True)
    assert inside.post(f"/completion/{PART}", {"state": "on"}).status_code == 404


def test_a_form_that_cannot_be_read_changes_nothing(world: World, course: Course) -> None:
    answer = world.enter(course, Role.TRAINING).post(f"/completion/{PART}", {"state": "perhaps"})
    assert answer.status_code == 422
    assert "Nothing was changed" in answer.get_data(as_text=True)
    assert rows(world, CohortPlugin, CohortPlugin.completion) == []


@pytest.mark.parametrize("role", [Role.MANAGER, Role.COACH])
def test_others_neither_see_nor_switch(world: World, course: Course, role: Role) -> None:
    inside = world.enter(course, role)
    for answer in (inside.get("/completion"), inside.post("/completion"), inside.post(f"/completion/{PART}")):
        assert answer.status_code == 403


def test_another_cohort_stays_as_it_is(world: World, course: Course) -> None:
    world.course(beside=course)
    turn_on(world.enter(course, Role.TRAINING))
    assert [row.cohort_id for row in rows(world, CohortPlugin, CohortPlugin.completion)] == [course.cohort.id]


def test_without_a_course_there_is_no_page(world: World, course: Course) -> None:
    inside = world.enter(course, Role.TRAINING)
    change(world, Launch, cohort_id=None, member_id=None)
    assert inside.get("/completion").status_code == 404


def test_a_course_without_gradebook_says_so(world: World) -> None:
    course = world.course()
    page = turn_on(world.enter(course, Role.TRAINING))
    assert "The course offers Stegvis no gradebook." in page
    assert "Tell now" not in page


def test_a_course_that_is_put_away_says_so(world: World, course: Course) -> None:
    change(world, Cohort, archived_at=world.core.units.clock.now())
    assert "This course is put away." in world.enter(course, Role.TRAINING).get("/completion").get_data(as_text=True)


def test_a_course_without_any_such_part_says_what_to_do(world: World) -> None:
    course = world.course(plugins={"nothing": {}})
    page = world.enter(course, Role.TRAINING).get("/completion").get_data(as_text=True)
    assert "There is nothing to tell" in page


def test_telling_now_decides_on_one_gathering(world: World, course: Course) -> None:
    inside = world.enter(course, Role.TRAINING)
    turn_on(inside)
    member = world.member(course)
    deliver(world, course, member, DeliveryState.NEEDS_ATTENTION, "timeout")
    for _ in range(2):
        page = inside.post("/completion", follow_redirects=True).get_data(as_text=True)
        assert "It is being done." in page
    assert [job.kind for job in rows(world, Job)] == [completion.GATHER]
    (row,) = rows(world, Delivery)
    assert (row.state, row.reason, row.tries) == (DeliveryState.WAITING, "", 0)


def test_numbers_about_few_are_withheld_and_problems_are_said_in_words(world: World, course: Course) -> None:
    inside = world.enter(course, Role.TRAINING)
    turn_on(inside)
    members = [world.member(course, name=f"Chef {number}") for number in range(12)]
    for member in members[:7]:
        deliver(world, course, member, DeliveryState.SENT)
    for member in members[7:9]:
        deliver(world, course, member, DeliveryState.REFUSED, "not_a_learner")
    deliver(world, course, members[9], DeliveryState.WAITING, "status_503")
    change(world, LineItem, columns=2)
    assert page_of(inside).count("Not shown. Fewer than 5.") == 1
    count(world)
    page = page_of(inside)
    assert 'data-label="Told"><span>at least 5</span>' in page
    assert "On its way" not in page
    assert "does not count this person as a participant" in page
    assert "It is tried again by itself" in page
    assert "has 2 columns" in page
    assert "Chef 1" not in page


def test_the_number_does_not_move_when_somebody_completes(world: World, course: Course) -> None:
    """Thirteen of thirteen, then a fourteenth comes and completes: a number that told that would tell of her."""
    inside = world.enter(course, Role.TRAINING)
    turn_on(inside)
    for number in range(13):
        deliver(world, course, world.member(course, name=f"Chef {number}"), DeliveryState.SENT)
    count(world)
    assert "at least 13<" in page_of(inside)
    deliver(world, course, world.member(course, name="Ny Chef"), DeliveryState.SENT)
    assert "at least 13<" in page_of(inside)
    world.core.units.clock.advance(timedelta(days=7))  # type: ignore[attr-defined]
    count(world)
    assert "at least 13<" in page_of(world.enter(course, member=inside.member))


@pytest.mark.parametrize("managers", [1, 4, 5])
def test_that_somebody_is_on_the_way_is_said_where_it_may_be_one_of_enough(
    world: World, course: Course, managers: int
) -> None:
    inside = world.enter(course, Role.TRAINING)
    turn_on(inside)
    members = [world.member(course, name=f"Chef {number}") for number in range(managers)]
    deliver(world, course, members[0], DeliveryState.REFUSED, "not_a_learner")
    assert ("does not count this person as a participant" in page_of(inside)) is (managers >= 5)


def test_a_coach_sees_what_became_of_each_manager(world: World, course: Course) -> None:
    coach = world.enter(course, Role.COACH, "Amira Haddad")
    members = [world.member(course, name=f"Chef {number}") for number in range(4)]
    assert "What the gradebook has been told" not in coach.get("/cohort").get_data(as_text=True)
    turn_on(world.enter(course, Role.TRAINING))
    deliver(world, course, members[0], DeliveryState.SENT)
    deliver(world, course, members[1], DeliveryState.REFUSED, "not_allowed")
    deliver(world, course, members[2], DeliveryState.WAITING)
    page = coach.get("/cohort").get_data(as_text=True)
    part = page[page.index("What the gradebook has been told") :]
    for words in ("Told", "Not taken", "does not let Stegvis write", "On its way", "Not complete yet"):
        assert words in part


def test_another_courses_coach_sees_nothing_of_it(world: World, course: Course) -> None:
    turn_on(world.enter(course, Role.TRAINING))
    deliver(world, course, world.member(course, name="Karin Lindqvist"), DeliveryState.SENT)
    other = world.course("Rektorer", beside=course)
    page = world.enter(other, Role.COACH, "Henrik Dahlgren").get("/cohort").get_data(as_text=True)
    assert "gradebook" not in page


def test_a_manager_knows_before_anything_is_told(world: World, course: Course) -> None:
    member = world.member(course)
    inside = world.enter(course, member=member)
    assert "Nothing. The learning platform knows" in inside.get("/who").get_data(as_text=True)
    assert "your course is told that" not in inside.get("/").get_data(as_text=True)
    turn_on(world.enter(course, Role.TRAINING))
    who = inside.get("/who").get_data(as_text=True)
    assert "It is told of these parts:" in who
    assert f"<li>{PART}</li>" in who
    assert f"When you have completed {PART}, your course is told that" in inside.get("/").get_data(as_text=True)
    deliver(world, course, member, DeliveryState.WAITING)
    assert "your course is told that" in inside.get("/").get_data(as_text=True)
    change(world, Delivery, state=DeliveryState.SENT, sent_at=world.core.units.clock.now())
    assert "your course is told that" not in inside.get("/").get_data(as_text=True)


def test_who_sees_what_without_a_course(world: World, course: Course) -> None:
    inside = world.enter(course, Role.MANAGER)
    change(world, Launch, cohort_id=None, member_id=None)
    assert inside.get("/who").status_code == 200


def test_the_switchboard_leads_there(world: World, course: Course) -> None:
    inside = world.enter(course, Role.TRAINING)
    assert f"{inside.path}/completion" in inside.get("/switches").get_data(as_text=True)


def test_the_numbers_of_statements_does_not_grow_with_the_managers(world: World, course: Course) -> None:
    coach = world.enter(course, Role.COACH)
    turn_on(world.enter(course, Role.TRAINING))

    def statements() -> int:
        seen: list[str] = []

        def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
            seen.append(statement)

        sa.event.listen(world.core.units.engine, "before_cursor_execute", note)
        assert coach.get("/cohort").status_code == 200
        sa.event.remove(world.core.units.engine, "before_cursor_execute", note)
        return len(seen)

    world.member(course)
    few = statements()
    for number in range(10):
        deliver(world, course, world.member(course, name=f"Chef {number}"), DeliveryState.SENT)
    assert statements() == few


def test_a_change_is_noted_only_where_completion_is_told(world: World, course: Course) -> None:
    def noted() -> list[LineItem]:
        with world.core.units.writing():
            completion.progress_changed(course.cohort, PART)
            completion.progress_changed(course.cohort.id, OTHER_PART)
            completion.progress_changed(uuid.uuid4(), PART)
        return rows(world, LineItem)

    assert noted() == []
    turn_on(world.enter(course, Role.TRAINING))
    (row,) = noted()
    assert row.plugin == PART
    assert row.changed_at is not None
    assert row.changed_at > world.core.units.clock.now() - timedelta(minutes=1)


# --- who is not told of ------------------------------------------------------------------------------------------------


def test_a_manager_may_have_nothing_told_of_her_and_training_notes_it_by_hand(world: World, course: Course) -> None:
    training = world.enter(course, Role.TRAINING, "Johan")
    member = world.member(course, name="Karin Lindqvist")
    manager = world.enter(course, member=member)
    assert "Tell my course nothing of me" not in manager.get("/who").text
    turn_on(training)
    deliver(world, course, member, DeliveryState.WAITING)
    deliver(world, course, world.member(course, name="Anna"), DeliveryState.WAITING)
    assert "your course is told that" in manager.get("/").text
    assert "Tell my course nothing of me" in manager.get("/who").text
    assert manager.post("/completion/own", {"state": "off"}).status_code == 303
    assert manager.post("/completion/own", {"state": "off"}).status_code == 303
    assert "your course is told that" not in manager.get("/").text
    assert "Your course is told nothing of you." in manager.get("/who").text
    assert [row.person_id == member.person_id for row in rows(world, Delivery)] == [False]
    text = training.get("/completion").text
    assert "<bdi>Karin Lindqvist</bdi>" in text
    assert "<bdi>Anna</bdi>" not in text
    for state, said in (("on", "Take back"), ("on", "Take back"), ("off", "Not approved yet")):
        assert training.post(f"/completion/by-hand/{member.id}", {"state": state}).status_code == 303
        assert said in training.get("/completion").text
    assert training.post(f"/completion/by-hand/{member.id}", {"state": "perhaps"}).status_code == 422
    assert manager.post("/completion/own", {"state": "perhaps"}).status_code == 404
    assert manager.post("/completion/own", {"state": "on"}).status_code == 303
    assert "Karin" not in training.get("/completion").text
    assert training.post(f"/completion/by-hand/{member.id}", {"state": "on"}).status_code == 404
    trail = [
        (row.action, row.reason)
        for row in rows(world, AuditEvent)
        if row.action.startswith("completion.") and row.action != "completion.switch"
    ]
    assert sorted(trail) == [
        ("completion.approve", "approved"), ("completion.approve", "taken_back"),
        ("completion.choose", "not_told"), ("completion.choose", "told"),
    ]  # fmt: skip
