"""The launch door: who is let in, and what the others are told."""

from datetime import timedelta

from service.access import Role
from tests.support import OffsetClock, World


def test_a_member_reaches_her_own_page(world: World) -> None:
    assert world.enter(world.course()).get("/").status_code == 200


def test_another_browser_is_told_to_open_it_again(world: World) -> None:
    inside = world.enter(world.course())
    inside.client.delete_cookie("__Host-stegvis", domain="127.0.0.1")
    answer = inside.get("/")
    assert answer.status_code == 401
    assert b"E-SESSION" in answer.data


def test_a_launch_ends_when_its_time_is_up(world: World, clock: OffsetClock) -> None:
    inside = world.enter(world.course())
    clock.advance(timedelta(hours=11))
    assert inside.get("/").status_code == 401


def test_a_role_without_the_permission_is_told_so(world: World) -> None:
    answer = world.enter(world.course(), Role.MANAGER).get("/switches")
    assert answer.status_code == 403
    assert b"E-FORBIDDEN" in answer.data
