"""People and roles: what the platform says, what is given here, and the first of the training department."""

import hashlib
import re
import threading
import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from service.access import Role
from service.audit import Actor
from service.cohorts import people
from service.cohorts.models import Cohort, Grant, Member
from service.errors import Invalid
from service.lti.models import Platform
from tests.service.cohorts.conftest import Trail
from tests.support import BASE, Browser, Course, OffsetClock, World


@pytest.fixture
def world(make_app: Callable[..., Flask]) -> World:
    return World(make_app(plugins={}))


def grants(world: World) -> list[Grant]:
    with world.core.units.reading() as unit:
        return list(unit.session.scalars(sa.select(Grant).order_by(Grant.granted_at)))


def test_a_grant_is_in_force_at_the_next_request(world: World, trail: Trail) -> None:
    course = world.course()
    training, teacher = world.enter(course, Role.TRAINING), world.enter(course, Role.MANAGER, "Amira Haddad")
    member = teacher.member
    assert member is not None
    assert teacher.get("/cohort").status_code == 403
    answer = training.post(f"/members/{member.id}/grant", {"role": "coach"})
    assert answer.status_code == 303
    assert teacher.get("/cohort").status_code == 200
    text = training.client.get(answer.location, base_url=BASE).text
    assert "<bdi>Amira Haddad</bdi> now has the role Coach." in text
    assert "by <bdi>Karin Lindqvist</bdi>" in text
    answer = training.post(f"/members/{member.id}/revoke", {"role": "coach"})
    assert teacher.get("/cohort").status_code == 403
    assert "no longer has the role Coach" in training.client.get(answer.location, base_url=BASE).text
    kept = [grant for grant in grants(world) if grant.role is Role.COACH]
    assert len(kept) == 1
    assert kept[0].revoked_at is not None
    assert kept[0].granted_by == training.person.id
    assert ("role.give", "allow", "coach") in trail(world, course)
    assert ("role.revoke", "allow", "coach") in trail(world, course)


def test_giving_twice_is_giving_once(world: World, trail: Trail) -> None:
    course = world.course()
    training, member = world.enter(course, Role.TRAINING), world.member(course)
    for _time in range(2):
        assert training.post(f"/members/{member.id}/grant", {"role": "coach"}).status_code == 303
    assert [grant.role for grant in grants(world)].count(Role.COACH) == 1
    assert trail(world, course) == [("role.give", "allow", "coach")]


def test_training_is_for_the_organisation_and_the_others_for_the_cohort(world: World) -> None:
    course = world.course()
    beside = world.course("Beside", beside=course)
    training = world.enter(course, Role.TRAINING)
    person = world.person(course, "Eva Sundin")
    here, there = world.member(course, person=person), world.member(beside, person=person)
    second = world.enter(beside, member=there)
    training.post(f"/members/{here.id}/grant", {"role": "coach"})
    assert second.get("/cohort").status_code == 403
    training.post(f"/members/{here.id}/grant", {"role": "training"})
    assert second.get("/switches").status_code == 200


def test_only_members_of_the_own_cohort(world: World) -> None:
    course, foreign = world.course(), world.course()
    beside = world.course("Beside", beside=course)
    training = world.enter(course, Role.TRAINING)
    for member_id in (world.member(foreign).id, world.member(beside).id, uuid.uuid4()):
        for verb in ("grant", "revoke"):
            assert training.post(f"/members/{member_id}/{verb}", {"role": "coach"}).status_code == 404
        assert training.get(f"/members?member={member_id}&role=coach").status_code == 404
    assert [grant.role for grant in grants(world)] == [Role.TRAINING]


@pytest.mark.parametrize("role", ["", "none", "candidate", "owner", "\x00"])
def test_a_role_that_cannot_be_given_is_said_so(world: World, role: str) -> None:
    course = world.course()
    training, member = world.enter(course, Role.TRAINING), world.member(course)
    for verb in ("grant", "revoke"):
        answer = training.post(f"/members/{member.id}/{verb}", {"role": role})
        assert answer.status_code == 422
        assert "Choose a role from the list." in answer.text
    assert [grant.role for grant in grants(world)] == [Role.TRAINING]


@pytest.mark.parametrize("role", [Role.MANAGER, Role.COACH])
def test_others_may_not_give_roles(world: World, role: Role) -> None:
    course = world.course()
    inside = world.enter(course, role)
    assert inside.member is not None
    assert inside.get("/members").status_code == 403
    assert inside.post(f"/members/{inside.member.id}/grant", {"role": "training", "cohort_id": "x"}).status_code == 403
    assert grants(world) == []


def test_the_last_training_role_stays(world: World, trail: Trail) -> None:
    course = world.course()
    training = world.enter(course, Role.TRAINING)
    assert training.member is not None
    answer = training.post(f"/members/{training.member.id}/revoke", {"role": "training"})
    assert answer.status_code == 422
    assert "Nobody else has the training role." in answer.text
    other = world.member(course, Role.MANAGER, "Eva Sundin")
    training.post(f"/members/{other.id}/grant", {"role": "training"})
    answer = training.post(f"/members/{training.member.id}/revoke", {"role": "training"})
    assert (answer.status_code, answer.location) == (
        303,
        f"{training.path}/members?member={training.member.id}&role=training",
    )
    assert [event[0] for event in trail(world, course)] == ["role.give", "role.revoke"]


def test_two_who_take_each_others_role_leave_one(world: World) -> None:
    course = world.course()
    members = [world.member(course, Role.TRAINING, name) for name in ("Anna", "Eva")]
    refused: list[Invalid] = []

    def take(member: Member) -> None:
        try:
            with world.core.units.writing() as unit:
                cohort = unit.session.get_one(Cohort, course.cohort.id)
                people.revoke(cohort, member.id, Role.TRAINING, Actor(course.organisation.id))
        except Invalid as error:
            refused.append(error)

    threads = [threading.Thread(target=take, args=(member,)) for member in members]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 1
    assert [grant.revoked_at is None for grant in grants(world)].count(True) == 1


def test_people_without_names_are_told_apart(world: World) -> None:
    course = world.course()
    member = world.member(course, person=world.person(course, ""))
    text = world.enter(course, Role.TRAINING).get("/members").text
    assert f"<bdi>#{member.person_id.hex[:4]}</bdi>" in text


def test_who_left_is_told_so_at_the_next_request(world: World, trail: Trail) -> None:
    course = world.course()
    inside, training = world.enter(course, name="Eva Sundin"), world.enter(course, Role.TRAINING)
    assert inside.get("/").status_code == 200
    with world.core.units.writing() as unit:
        unit.session.execute(sa.update(Member).where(Member.id == inside.member.id).values(active=False))  # type: ignore[union-attr]
    assert inside.get("/").status_code == 401
    assert "has left the course" in training.get("/members").text
    assert trail(world, course) == [("session", "deny", "member_left")]


def code(world: World, course: Course, text: str = "horse-battery") -> None:
    with world.core.units.writing() as unit:
        hashed = hashlib.sha256(text.encode()).digest()
        unit.session.execute(
            sa.update(Platform).where(Platform.id == course.platform.id).values(training_code_hash=hashed)
        )


def candidate(world: World, course: Course) -> Browser:
    return world.enter(course, Role.CANDIDATE, "Admin Adminsson")


def test_the_code_makes_a_candidate_training_once(world: World, trail: Trail) -> None:
    course = world.course()
    code(world, course)
    first, second = candidate(world, course), candidate(world, course)
    assert "One-time code" in first.get("/").text
    answer = first.post("/claim", {"code": " horse-battery "})
    assert (answer.status_code, answer.location) == (303, first.path + "/")
    assert first.get("/switches").status_code == 200
    assert second.post("/claim", {"code": "horse-battery"}).status_code == 422
    assert second.get("/switches").status_code == 403
    assert [(grant.role, grant.cohort_id, grant.granted_by) for grant in grants(world)] == [(Role.TRAINING, None, None)]
    assert trail(world, course)[:2] == [("role.claim", "allow", "training"), ("role.claim", "deny", "wrong_code")]


@pytest.mark.parametrize("given", ["", "wrong", "\x00", "x" * 10_000])
def test_a_wrong_code_is_said_so(world: World, given: str) -> None:
    course = world.course()
    code(world, course)
    answer = candidate(world, course).post("/claim", {"code": given})
    assert answer.status_code == 422
    assert re.search(r'id="code-error">.*That is not the code', answer.text, re.DOTALL)
    assert grants(world) == []


def test_no_code_opens_nothing(world: World) -> None:
    inside = candidate(world, world.course())
    assert inside.post("/claim", {"code": ""}).status_code == 422
    assert inside.post("/claim", {}).status_code == 422


def test_another_platforms_code_is_wrong(world: World) -> None:
    course, foreign = world.course(), world.course()
    code(world, foreign)
    assert candidate(world, course).post("/claim", {"code": "horse-battery"}).status_code == 422


def test_ten_wrong_codes_are_enough_for_an_hour(world: World, clock: OffsetClock) -> None:
    course = world.course()
    code(world, course)
    inside = candidate(world, course)
    assert [inside.post("/claim", {"code": "no"}).status_code for _time in range(11)] == [422] * 10 + [429]
    assert inside.post("/claim", {"code": "horse-battery"}).status_code == 429
    clock.advance(timedelta(hours=1, seconds=1))
    assert inside.post("/claim", {"code": "horse-battery"}).status_code == 303


@pytest.mark.parametrize("role", [Role.MANAGER, Role.COACH, Role.TRAINING, Role.NONE])
def test_only_a_candidate_may_claim(world: World, role: Role) -> None:
    course = world.course()
    code(world, course)
    assert world.enter(course, role).post("/claim", {"code": "horse-battery"}).status_code == 403
