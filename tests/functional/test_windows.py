"""Windows of one's own, several launches in one browser, another language, and leaving."""

import re
import threading
import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from service import audit
from service.access import Role
from service.browser import COOKIE
from service.cohorts.models import Launch, Member
from tests.support import BASE, Browser, OffsetClock, World

SAME = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def world(make_app: Callable[..., Flask]) -> World:
    return World(make_app(plugins={}))


def ticket(inside: Browser) -> str:
    found = re.search(r'name="ticket" value="([^"]+)"', inside.post("/window").text)
    assert found is not None
    return found.group(1)


def redeem(client: FlaskClient, value: str, headers: dict[str, str] = SAME) -> TestResponse:
    return client.post("/window", data={"ticket": value}, base_url=BASE, headers=headers)


def launches(world: World) -> list[Launch]:
    with world.core.units.reading() as unit:
        return list(unit.session.scalars(sa.select(Launch).order_by(Launch.created_at)))


def test_a_ticket_opens_the_same_stay_in_another_browser(world: World) -> None:
    course = world.course()
    inside = world.enter(course, locale="lv")
    page = inside.post("/window").text
    assert 'target="_blank"' in page
    assert 'action="/window"' in page
    client = world.app.test_client()
    answer = redeem(client, ticket(inside))
    assert answer.status_code == 303
    cookie = answer.headers["Set-Cookie"]
    for word in (COOKIE, "Secure", "HttpOnly", "SameSite=None", "Partitioned"):
        assert word in cookie
    old, new = launches(world)
    assert answer.location == f"/l/{new.id}/"
    assert client.get(answer.location, base_url=BASE).status_code == 200
    same = ("person_id", "cohort_id", "member_id", "role", "locale", "expires_at", "organisation_id")
    assert [getattr(new, name) for name in same] == [getattr(old, name) for name in same]
    assert (new.in_frame, new.frame_origins, new.opened_from) == (False, "", old.id)
    assert new.browser_hash != old.browser_hash
    assert client.get(inside.path + "/", base_url=BASE).status_code == 401


def test_a_browser_that_has_a_cookie_keeps_it(world: World) -> None:
    course = world.course()
    first, second = world.enter(course), world.enter(course, name="Eva Sundin")
    assert redeem(second.client, ticket(first)).status_code == 303
    assert second.get("/").status_code == 200
    assert launches(world)[-1].browser_hash == launches(world)[1].browser_hash


@pytest.mark.parametrize("value", ["", "guessed", "\x00", "ä" * 5000])
def test_an_unknown_ticket_opens_nothing(world: World, value: str) -> None:
    world.enter(world.course())
    answer = redeem(world.app.test_client(), value)
    assert answer.status_code == 401
    assert "E-SESSION" in answer.text
    assert "Set-Cookie" not in answer.headers
    assert len(launches(world)) == 1


def test_a_ticket_works_once(world: World) -> None:
    value = ticket(world.enter(world.course()))
    client = world.app.test_client()
    assert [redeem(client, value).status_code for _time in range(2)] == [303, 401]
    assert len(launches(world)) == 2


def test_a_new_ticket_voids_the_one_before(world: World) -> None:
    inside = world.enter(world.course())
    first, second = ticket(inside), ticket(inside)
    assert redeem(world.app.test_client(), first).status_code == 401
    assert redeem(world.app.test_client(), second).status_code == 303


def test_a_ticket_lasts_a_minute(world: World, clock: OffsetClock) -> None:
    inside = world.enter(world.course())
    value = ticket(inside)
    clock.advance(timedelta(seconds=61))
    assert redeem(world.app.test_client(), value).status_code == 401
    value = ticket(inside)
    clock.advance(timedelta(seconds=50))
    assert redeem(world.app.test_client(), value).status_code == 303


def test_a_ticket_of_a_launch_that_ended_is_void(world: World) -> None:
    inside = world.enter(world.course())
    value = ticket(inside)
    inside.post("/leave")
    assert redeem(world.app.test_client(), value).status_code == 401


def test_of_many_at_once_one_gets_in(world: World) -> None:
    value = ticket(world.enter(world.course()))
    answers: list[int] = []
    start = threading.Barrier(6)

    def go() -> None:
        client = world.app.test_client()
        start.wait()
        answers.append(redeem(client, value).status_code)

    threads = [threading.Thread(target=go) for _number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [303] + [401] * 5
    assert len(launches(world)) == 2


@pytest.mark.parametrize(
    "headers", [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}, {"Origin": "null"}]
)
def test_another_site_cannot_spend_a_ticket(world: World, headers: dict[str, str]) -> None:
    value = ticket(world.enter(world.course()))
    assert redeem(world.app.test_client(), value, headers).status_code == 403
    assert redeem(world.app.test_client(), value).status_code == 303


def test_only_the_hash_of_a_ticket_is_kept(world: World) -> None:
    inside = world.enter(world.course())
    value = ticket(inside)
    kept = launches(world)[0].ticket_hash
    assert kept is not None
    assert value.encode() not in kept


def test_two_courses_in_one_browser_do_not_mix(world: World) -> None:
    course, other = world.course("Course A"), world.course("Course B")
    first = world.enter(course, name="Karin Lindqvist")
    second = world.enter(other, Role.COACH, "Amira Haddad", client=first.client, secret=first.secret)
    assert "<bdi>Karin Lindqvist</bdi>, manager in Course A" in first.get("/").text
    assert "<bdi>Amira Haddad</bdi>, coach in Course B" in second.get("/cohort").text
    assert first.get("/cohort").status_code == 403
    crossed = first.client.post(
        second.path + "/language", data={"csrf_token": first.token, "locale": "sv"}, base_url=BASE, headers=SAME
    )
    assert crossed.status_code == 403
    assert {launch.locale for launch in launches(world)} == {"en"}


def test_leaving_ends_all_that_this_browser_has_open(world: World) -> None:
    course, other = world.course(), world.course()
    first = world.enter(course)
    second = world.enter(other, client=first.client, secret=first.secret)
    stranger = world.enter(course, name="Eva Sundin")
    answer = first.post("/leave")
    assert answer.status_code == 200
    assert "You have left Stegvis on this computer" in answer.text
    assert "<form" not in answer.text
    assert "<script" not in answer.text
    assert COOKIE in answer.headers["Set-Cookie"]
    assert second.get("/").status_code == 401
    first.client.set_cookie(COOKIE, first.secret.hex(), domain="127.0.0.1", secure=True)
    assert first.get("/").status_code == 401
    assert second.get("/").status_code == 401
    assert stranger.get("/").status_code == 200
    with world.core.units.reading() as unit:
        assert audit.verify(unit.session, course.organisation.id) is None


@pytest.mark.parametrize("leave_in", ["frame", "window", "second window"])
def test_leaving_ends_the_frame_and_the_windows_opened_from_it(world: World, leave_in: str) -> None:
    inside = world.enter(world.course())
    opened = {"frame": inside}
    for name in ("window", "second window"):
        client = world.app.test_client()
        source = opened["frame" if name == "window" else "window"]
        answer = redeem(client, ticket(source))
        cookie = client.get_cookie(COOKIE, domain="127.0.0.1")
        assert cookie is not None
        launch_id = uuid.UUID(answer.location.split("/")[2])
        opened[name] = Browser(world.app, client, launch_id, bytes.fromhex(cookie.value), inside.person, inside.member)
    assert opened[leave_in].post("/leave").status_code == 200
    assert [browser.get("/").status_code for browser in opened.values()] == [401] * 3


def test_a_member_who_left_cannot_come_back_through_a_ticket(world: World) -> None:
    inside = world.enter(world.course())
    value = ticket(inside)
    with world.core.units.writing() as unit:
        unit.session.execute(sa.update(Member).values(active=False))
    client = world.app.test_client()
    answer = redeem(client, value)
    assert client.get(answer.location or "/", base_url=BASE).status_code == 401


def test_another_language_comes_back_to_the_same_page(world: World) -> None:
    inside = world.enter(world.course())
    came_from = {"Referer": f"{BASE}{inside.path}/who"}
    answer = inside.post("/language", {"locale": "lv"}, headers=came_from)
    assert (answer.status_code, answer.location) == (303, f"{inside.path}/who")
    assert '<html lang="lv"' in inside.get("/who").text
    assert inside.post("/language", {"locale": "sv", "next": f"{inside.path}/off/x"}).location == f"{inside.path}/off/x"
    assert '<html lang="sv"' in inside.get("/").text


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)", "/", "/healthz", "/l/",
        "{other}/who", "{own}/../..//evil.example", "{own}/leave", "{own}/absent", "{own}/who\r\nSet-Cookie: a=b", "http://[",
        "\x00", "{own}/%2e%2e/%2e%2e/who",
    ],
)  # fmt: skip
def test_another_language_leads_nowhere_else(world: World, target: str) -> None:
    inside, other = world.enter(world.course()), world.enter(world.course())
    target = target.format(own=inside.path, other=other.path)
    answer = inside.post("/language", {"locale": "lv", "next": target})
    assert (answer.status_code, answer.location) == (303, f"{inside.path}/")


def test_a_language_we_do_not_have_is_refused(world: World) -> None:
    inside = world.enter(world.course())
    for code in ("", "de", "../sv", "\x00"):
        assert inside.post("/language", {"locale": code}).status_code == 400
    assert launches(world)[0].locale == "en"
