"""Guest passes: hashed, expiring, bound to one cohort and plugin, without a person."""

import re
import uuid
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from service.access import Permission, Role
from service.guests import door
from service.guests.models import GuestPass
from service.guests.passes import current_guest, digest, forget_passes, issue_pass, issue_passes
from tests.contract.rules import behind
from tests.example import with_example
from tests.support import BASE, World, parts


@pytest.fixture
def app(make_app) -> Flask:
    return make_app(plugins=with_example())


def issue(app: Flask, world: World, **values: object) -> tuple[uuid.UUID, str]:
    course = world.course()
    with parts(app).units.writing() as unit:
        return issue_pass(course.cohort, "example", **{"expires_at": unit.now() + timedelta(days=1), **values})


def test_the_word_is_shown_once_and_its_hash_is_kept(app: Flask, world: World) -> None:
    subject = uuid.uuid4()
    pass_id, word = issue(app, world, subject_id=subject, locale="lv")
    assert len(word) >= 32
    with parts(app).units.reading() as unit:
        kept = unit.session.get_one(GuestPass, pass_id)
        assert (kept.pass_hash, kept.subject_id, kept.locale, kept.revoked_at) == (digest(word), subject, "lv", None)
        row = unit.session.execute(sa.select(GuestPass.__table__)).one()
    assert word not in str(row)


def test_no_two_words_are_alike(app: Flask, world: World) -> None:
    assert issue(app, world)[1] != issue(app, world)[1]


def test_the_visit_carries_what_the_pass_is_for_and_no_person(app: Flask, world: World) -> None:
    subject = uuid.uuid4()
    pass_id, word = issue(app, world, subject_id=subject, locale="sv")
    seen = []
    view = app.view_functions["g.example.greeting"]

    def look() -> object:
        seen.append(current_guest())
        return view()

    look.__dict__.update(view.__dict__)
    app.view_functions["g.example.greeting"] = look
    page = app.test_client().get(f"/g/{word}/example/", base_url=BASE, headers={"Accept-Language": "en"})
    assert page.status_code == 200
    assert '<html lang="sv"' in page.text
    visit = seen[0]
    assert (visit.pass_id, visit.plugin, visit.subject_id, visit.locale) == (pass_id, "example", subject, "sv")
    assert not hasattr(visit, "person")


def test_a_pass_ends_to_the_second(app: Flask, world: World, clock) -> None:
    _, word = issue(app, world)
    client = app.test_client()
    clock.advance(timedelta(hours=23, minutes=59))
    assert client.get(f"/g/{word}/example/", base_url=BASE).status_code == 200
    clock.advance(timedelta(minutes=2))
    assert client.get(f"/g/{word}/example/", base_url=BASE).status_code == 404


def test_a_page_that_guests_may_not_see_is_not_there_for_them(app: Flask, world: World, monkeypatch) -> None:
    """The permission of a guest page must name those without a role; a member's permission opens nothing here."""
    _, word = issue(app, world)
    closed = {**parts(app).host.permissions, "example.visit": Permission("example.visit", frozenset({Role.MANAGER}))}
    monkeypatch.setattr(parts(app).host, "permissions", closed)
    assert app.test_client().get(f"/g/{word}/example/", base_url=BASE).status_code == 404


def test_addresses_made_on_a_guests_page_carry_the_same_pass(app: Flask, world: World) -> None:
    _, word = issue(app, world)
    assert f'action="/g/{word}/example/done"' in app.test_client().get(f"/g/{word}/example/", base_url=BASE).text
    assert {address.method for address in behind(app, "g")} == {"GET", "POST"}


def test_outside_the_door_there_is_no_guest(app: Flask) -> None:
    with app.test_request_context("/"), pytest.raises(LookupError, match="no guest"):
        current_guest()


def test_a_plugin_without_guest_pages_has_none(make_app) -> None:
    bare = make_app(plugins={})
    assert list(behind(bare, "g")) == []


def test_a_guest_who_is_done_ends_the_pass_and_another_site_cannot(app: Flask, world: World) -> None:
    _, word = issue(app, world)
    client = app.test_client()
    assert (
        client.post(f"/g/{word}/example/done", base_url=BASE, headers={"Sec-Fetch-Site": "cross-site"}).status_code
        == 403
    )
    assert client.post(f"/g/{word}/example/done", base_url=BASE).status_code == 200
    assert client.get(f"/g/{word}/example/", base_url=BASE).status_code == 404


def test_an_address_may_be_made_for_another_pass(app: Flask) -> None:
    from flask import url_for

    with app.test_request_context("/", base_url=BASE):
        assert url_for("g.example.greeting", guest_pass="given") == "/g/given/example/"


# --- floods -----------------------------------------------------------------------------------------------------------


def knock(app: Flask, word: str, address: str = "192.0.2.1") -> int:
    environ = {"REMOTE_ADDR": address}
    return app.test_client().get(f"/g/{word}/example/", base_url=BASE, environ_overrides=environ).status_code


def test_guessing_is_told_to_wait_and_whoever_holds_a_link_there_is_not(app: Flask, world: World) -> None:
    app.config[door.STRANGE_PER_MINUTE] = 3
    _, word = issue(app, world)
    assert [knock(app, f"guess{number}") for number in range(5)] == [404, 404, 404, 429, 429]
    assert knock(app, word) == 200
    assert knock(app, "guess", "192.0.2.2") == 404


def test_one_link_s_flood_takes_nothing_from_another(app: Flask, world: World) -> None:
    app.config[door.PER_MINUTE] = 3
    (_, one), (_, other) = issue(app, world), issue(app, world)
    assert [knock(app, one) for _ in range(4)] == [200, 200, 200, 429]
    assert flooded(app, one, 1, method="POST") == [429]
    assert knock(app, other) == 200
    # A link that a whole group shares is not closed for them by whoever floods it from elsewhere.
    assert knock(app, one, "192.0.2.2") == 200


def test_a_group_that_answers_at_once_is_let_in(app: Flask, world: World) -> None:
    """Forty people, each with a dozen pages in one minute, behind one address with one link."""
    assert door.DEFAULT_PER_MINUTE >= 40 * 12


def test_a_flood_is_told_how_long_to_wait_and_says_nothing_else(app: Flask, world: World) -> None:
    app.config[door.STRANGE_PER_MINUTE] = 1
    knock(app, "guess")
    answer = app.test_client().get("/g/guess/example/", base_url=BASE, environ_overrides={"REMOTE_ADDR": "192.0.2.1"})
    assert (answer.status_code, int(answer.headers["Retry-After"]) > 0) == (429, True)
    assert "E-RATE" in answer.text
    assert "Set-Cookie" not in answer.headers


def flooded(app: Flask, word: str, times: int, address: str = "192.0.2.1", method: str = "GET") -> list[int]:
    client = app.test_client()
    return [
        client.open(
            f"/g/{word}/example/" if method == "GET" else f"/g/{word}/example/done", method=method, base_url=BASE,
            environ_overrides={"REMOTE_ADDR": address},
        ).status_code
        for _ in range(times)
    ]  # fmt: skip


def test_a_flood_of_guessed_posts_holds_up_nobody_who_writes(app: Flask, world: World, monkeypatch) -> None:
    _, word = issue(app, world)
    begun: list[bool] = []
    begin = parts(app).units.begin
    monkeypatch.setattr(
        type(parts(app).units), "begin", lambda _self, *, writing: begun.append(writing) or begin(writing=writing)
    )
    assert flooded(app, "guessed", 3, method="POST") == [404] * 3
    assert begun == [False] * 3
    assert flooded(app, word, 1, method="POST") == [200]
    assert begun[3:] == [False, True]


def test_what_is_counted_holds_neither_address_nor_pass(app: Flask, world: World) -> None:
    _, word = issue(app, world)
    flooded(app, word, 1)
    flooded(app, "guessed", 1)
    limits = app.extensions[door.EXTENSION]
    counts = [limit._limiter.storage._counts for limit in (limits.links, limits.strange)]
    assert all(len(count) == 1 for count in counts)
    assert word not in str(counts)
    assert "192.0.2" not in str(counts)


def test_a_pass_that_ends_between_the_look_and_the_writing_is_not_there(app: Flask, world: World, monkeypatch) -> None:
    pass_id, word = issue(app, world)
    look = door._look

    def and_then_it_ends() -> object:
        monkeypatch.setattr(door, "_look", look)
        row = look()
        with parts(app).units.engine.begin() as connection:
            connection.execute(sa.delete(GuestPass).where(GuestPass.id == pass_id))
        return row

    monkeypatch.setattr(door, "_look", and_then_it_ends)
    assert flooded(app, word, 1, method="POST") == [404]


def test_passes_that_may_have_to_be_typed(app: Flask, world: World) -> None:
    course, subject = world.course(), uuid.uuid4()
    with parts(app).units.writing() as unit:
        words = issue_passes(
            course.cohort, "example", 200, expires_at=unit.now() + timedelta(days=1), subject_id=subject
        )
        kept = issue_pass(course.cohort, "example", expires_at=unit.now() + timedelta(days=1))[0]
    assert len(set(words)) == 200
    assert words == sorted(words)
    assert all(re.fullmatch(r"([0-9a-hjkmnp-tv-z]{4}-){3}[0-9a-hjkmnp-tv-z]{4}", word) for word in words)
    assert flooded(app, words[7], 1) == [200]
    with parts(app).units.writing():
        forget_passes("another", subject)
    assert flooded(app, words[7], 1) == [200]
    with parts(app).units.writing():
        forget_passes("example", subject)
    assert flooded(app, words[7], 1) == [404]
    with parts(app).units.reading() as unit:
        assert list(unit.session.scalars(sa.select(GuestPass.id))) == [kept]
