"""A coach who leaves: her managers are told and choose again, with what they wrote; and what each may still read."""

import json
import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa

from plugins.handledning import jobs, operations
from plugins.handledning.calculations import EndReason, Status
from plugins.handledning.models import Engagement
from plugins.handledning.operations import former
from plugins.handledning.operations.cohort import together
from service.access import Role
from service.cohorts.models import Member
from service.contract import now
from service.errors import NotFound
from tests.plugins.handledning.support import Pair, actions, chosen, pair
from tests.plugins.handledning.test_before_pages import at
from tests.plugins.handledning.test_exports import data_of, rows_of
from tests.support import OffsetClock, World


def follow(two: Pair) -> int:
    with two.world.app.app_context():
        return jobs.leave()


def in_course(two: Pair, *, active: bool) -> None:
    """What a course's list of participants says of the coach."""
    with two.writing() as unit:
        unit.session.execute(sa.update(Member).where(Member.id == two.coach_member.id).values(active=active))


def state(two: Pair) -> tuple[Status, EndReason | None, bool]:
    with two.reading() as unit:
        its = unit.session.get_one(Engagement, two.engagement.id)
        return its.status, its.end_reason, its.coach_left_at is not None


def test_what_a_coach_leaves_behind_ends_after_two_weeks_and_not_after_a_days_mistake(
    world: World, clock: OffsetClock
) -> None:
    two = pair(world)
    stays = pair(world, two.course, "Lena Andra")
    assert follow(two) == 0
    in_course(two, active=False)
    assert [follow(two) for _twice in range(2)] == [1, 0]
    assert state(two) == (Status.ACTIVE, None, True)
    in_course(two, active=True)
    assert follow(two) == 1
    assert state(two) == (Status.ACTIVE, None, False)
    in_course(two, active=False)
    assert follow(two) == 1
    clock.put(clock.now() + timedelta(days=13))
    assert follow(two) == 0
    # She is told all the while, and nothing of hers is read.
    assert "is no longer a coach in this course" in two.enter(two.manager_member).get("/handledning/").text
    clock.put(clock.now() + timedelta(days=1, minutes=1))
    assert [follow(two) for _twice in range(2)] == [1, 0]
    assert state(two) == (Status.CLOSED, EndReason.COACH_LEFT, True)
    assert state(stays) == (Status.ACTIVE, None, False)
    assert ("handledning.move_engagement", "allow") in actions(world)
    in_course(two, active=True)
    assert follow(two) == 0
    with two.reading(), pytest.raises(NotFound):  # back, she reads nothing: she would have to be chosen anew
        two.as_coach()


@pytest.mark.parametrize(
    ("begun", "words"),
    [(chosen, "Amira Haddad could not take you on."), (pair, "Amira Haddad is no longer your coach.")],
)
def test_a_manager_whose_coach_left_is_told_and_takes_her_map_along(
    world: World, begun: Callable[[World], Pair], words: str
) -> None:
    two = begun(world)
    next_coach = world.member(two.course, Role.COACH, "Henrik Dahlgren")
    with two.writing():
        operations.write_situation(two.as_manager(lock=True), 0, "I do it all myself", "")
        operations.leave(two.as_coach(lock=True))
    manager = two.enter(two.manager_member)
    assert words in manager.get("/").text
    page = manager.get("/handledning/")
    assert (words in page.text, "Earlier coaching" in page.text, at(two) in page.text) == (True, True, True)
    assert "Take my map of the role along." in page.text
    assert "I do it all myself" in manager.get(at(two, "/map")).text
    answer = manager.post("/handledning/coach", {"coach": str(next_coach.person_id), "map": "1"})
    assert answer.status_code == 303
    now = manager.get("/handledning/")
    assert (words in now.text, "Coaching with Henrik Dahlgren" in now.text, at(two) in now.text) == (False, True, True)
    with two.reading():
        found = operations.open_engagement(two.manager)
        assert found is not None
        carried = operations.map_of(operations.reach(two.manager, found.id))
        assert (carried.head.text if carried.head else "", carried.shares) == (
            "I do it all myself", dict.fromkeys(carried.shares, False),
        )  # fmt: skip
        assert [one.id for one in former(two.manager)] == [two.engagement.id]
        with pytest.raises(NotFound):
            two.as_coach()
    # She who ended it herself is told of nobody.
    with two.writing():
        operations.end(operations.reach(two.manager, found.id, lock=True), EndReason.CHANGED)
    assert "no longer your coach" not in manager.get("/handledning/").text
    assert "When you are ready" in manager.get("/").text


def test_a_coach_who_was_erased_is_told_of_without_a_name(world: World) -> None:
    two = chosen(world)
    with two.writing() as unit:
        ended = {"status": Status.CLOSED, "end_reason": EndReason.ERASED, "coach_id": None, "ended_at": unit.now()}
        unit.session.execute(sa.update(Engagement).values(ended))
    manager = two.enter(two.manager_member)
    for path in ("/", "/handledning/"):
        assert "Your coach is no longer here." in manager.get(path).text


# --- a manager who has left the course ---------------------------------------------------------------------------------


def here(two: Pair, *, active: bool) -> None:
    with two.writing() as unit:
        unit.session.get_one(Member, two.manager_member.id).active = active


def test_while_a_manager_is_not_in_the_course_her_coach_reads_nothing_of_hers(world: World) -> None:
    """She could not stop sharing it. When she comes back, all is as it was."""
    two = pair(world)
    pair(world, two.course, "Petra Ek", two.coach_member)
    session_id = two.talk()
    coach = two.enter(two.coach_member)
    paths = (f"/handledning/engagements/{two.engagement.id}", f"/handledning/sessions/{session_id}")
    for active in (True, False, True):
        here(two, active=active)
        assert [coach.get(path).status_code for path in paths] == [200 if active else 404] * 2
        page = coach.get("/handledning/").text
        assert ("Karin Lindqvist" in page) is active
        assert "Petra Ek" in page
        assert ("1 manager of yours is not in the course now." in page) is not active
        names = {row[0] for row in rows_of(world, two.course, two.coach)[1:]}
        assert names == ({"Karin Lindqvist", "Petra Ek"} if active else {"Petra Ek"})
        tree = data_of(world, two.course, two.coach)
        assert ("Karin Lindqvist" in json.dumps(tree, ensure_ascii=False)) is active
        with two.reading():
            assert together(two.coach).settled == 0
            assert len(operations.coach_rows(two.coach, now())) == 1 + active
    here(two, active=False)
    answer = coach.post(f"/handledning/engagements/{two.engagement.id}/notes", {"body": "Zq", "id": str(uuid.uuid4())})
    assert answer.status_code == 404
