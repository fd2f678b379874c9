"""Invites: made, listed, taken back and used up, each only for the organisation whose they are."""

import uuid
from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask

from service.access import Role
from service.audit import Actor
from service.cohorts.claims import digest
from service.errors import Conflict, Invalid, NotFound
from service.lti import invites, platforms
from service.lti.invites import InviteState
from service.lti.models import Invite, Platform, PlatformState
from service.unit import Unit, current
from tests.support import BASE, OffsetClock, World, parts


@pytest.fixture
def unit(app: Flask) -> Iterator[Unit]:
    with parts(app).units.writing() as unit:
        yield unit


@pytest.fixture
def whose(unit: Unit) -> uuid.UUID:
    return platforms.organisation_named("Vård och omsorg").id


def made(whose: uuid.UUID, name: str = "Umeå Moodle", **kw: bool) -> invites.Made:
    return invites.make(whose, name, Actor(whose), **kw)


def test_only_the_hash_of_the_secret_is_kept(unit: Unit, whose: uuid.UUID) -> None:
    one = made(whose)
    row = unit.session.get_one(Invite, one.id)
    assert row.secret_hash == digest(one.secret)
    assert row.training_code_hash == digest(one.training_code)
    assert len(one.secret) >= 32
    assert one.address(BASE) == f"{BASE}/lti/register/{one.secret}"
    assert row.expires_at - row.made_at == timedelta(hours=24)
    assert invites.find(one.secret) is row
    assert one.secret not in repr(invites.listing(whose))


@pytest.mark.parametrize("name", ["", "  ", "x" * 201, "a\nb", "a\0b", "a\ud800"])
def test_a_name_that_is_none(whose: uuid.UUID, name: str) -> None:
    with pytest.raises(Invalid, match="name"):
        made(whose, name)


def test_a_list_says_what_became_of_each(unit: Unit, whose: uuid.UUID, clock: OffsetClock, app: Flask) -> None:
    old = made(whose, "Gammal")
    clock.advance(timedelta(hours=25))
    open_one, taken_back, used = made(whose, "Öppen", activates=True), made(whose, "Återtagen"), made(whose, "Använd")
    invites.revoke(whose, taken_back.id, Actor(whose))
    platform = _platform(whose)
    invites.claim(used.id)
    invites.spend(used.id, platform.id)
    unit.session.expire_all()
    lines = {line.name: line for line in invites.listing(whose)}
    assert {name: line.state for name, line in lines.items()} == {
        "Gammal": InviteState.EXPIRED, "Öppen": InviteState.OPEN, "Återtagen": InviteState.REVOKED, "Använd": InviteState.USED,
    }  # fmt: skip
    assert (lines["Öppen"].activates, lines["Använd"].platform_id) == (True, platform.id)
    assert [line.name for line in invites.listing(whose)][-1] == "Gammal"
    assert len(invites.listing(whose, limit=2)) == 2
    assert invites.listing(uuid.uuid4()) == []
    for gone in (old, taken_back, used):
        with pytest.raises(NotFound):
            invites.revoke(whose, gone.id, Actor(whose))
        with pytest.raises(invites.Closed):
            invites.find(gone.secret)
    assert open_one.id == lines["Öppen"].id


def _platform(whose: uuid.UUID) -> Platform:
    platform = Platform(
        public_id="p1", name="x", issuer="https://lms.example.org", client_id="c", auth_login_url="https://lms.example.org/a", token_url="https://lms.example.org/t",
        jwks_url="https://lms.example.org/j", organisation_id=whose, state=PlatformState.PENDING, created_at=current().now(),
    )  # fmt: skip
    current().session.add(platform)
    current().session.flush()
    return platform


def test_another_organisations_invite_cannot_be_taken_back(whose: uuid.UUID) -> None:
    one, stranger = made(whose), platforms.organisation_named("Annan kommun").id
    with pytest.raises(NotFound):
        invites.revoke(stranger, one.id, Actor(stranger))
    assert invites.listing(whose)[0].state is InviteState.OPEN


def test_an_unknown_secret(whose: uuid.UUID) -> None:
    with pytest.raises(NotFound) as refused:
        invites.find("okand")
    assert refused.value.denial is None


def test_one_holder_at_a_time(unit: Unit, whose: uuid.UUID, clock: OffsetClock) -> None:
    one = made(whose)
    invites.claim(one.id)
    with pytest.raises(Conflict, match="invite_in_use"):
        invites.claim(one.id)
    invites.give_back(one.id)
    invites.claim(one.id)
    clock.advance(invites.CLAIM)
    invites.claim(one.id)
    invites.spend(one.id, _platform(whose).id)
    with pytest.raises(Conflict, match="invite_gone"):
        invites.spend(one.id, uuid.uuid4())
    with pytest.raises(Conflict, match="invite_in_use"):
        invites.claim(one.id)


def test_no_code_where_somebody_is_in_the_training_department(app: Flask, world: World) -> None:
    course = world.course()
    with parts(app).units.writing():
        assert made(course.organisation.id).training_code
    world.member(course, Role.COACH)
    with parts(app).units.writing():
        assert made(course.organisation.id).training_code
    world.member(course, Role.TRAINING)
    with parts(app).units.writing() as unit:
        one = made(course.organisation.id)
        assert one.training_code == ""
        assert unit.session.get_one(Invite, one.id).training_code_hash is None
