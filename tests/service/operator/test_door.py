"""Who gets in to the operator's pages, for how long, and what everybody else is told."""

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from service import audit
from service.audit import OPERATOR, AuditEvent
from service.errors import NotFound
from service.jobs import periodic
from service.operator import door, visits
from service.operator.models import OperatorVisit
from tests.service.operator.conftest import OURS, Operator
from tests.support import BASE, OffsetClock, World, parts

PAGES = ["", "jobs", "platforms", "installation"]


def told(answer) -> tuple[int, str]:
    found = re.search(r"E-[A-Z]+", answer.text)
    return answer.status_code, found.group() if found else ""


def actions(app: Flask) -> list[str]:
    with parts(app).units.reading() as unit:
        query = sa.select(AuditEvent.action).where(AuditEvent.chain == OPERATOR).order_by(AuditEvent.seq)
        assert audit.verify(unit.session, OPERATOR) is None
        return list(unit.session.scalars(query))


def test_an_address_opens_once_and_looking_at_it_does_not_use_it_up(app, stranger: Operator) -> None:
    address = stranger.address()
    for _ in range(2):
        shown = stranger.client.get(address, base_url=BASE, headers={"Accept-Language": "en"})
        assert (shown.status_code, "Open here" in shown.text) == (200, True)
        assert shown.headers["Referrer-Policy"] == "strict-origin"
        assert shown.headers["X-Robots-Tag"] == "noindex, nofollow"
    entered = stranger.enter(address)
    assert (entered.status_code, entered.location) == (303, "/operator/")
    cookie = entered.headers["Set-Cookie"]
    assert cookie.startswith(f"{door.COOKIE}=")
    for part in ("Secure", "HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=28800"):
        assert part in cookie
    assert "Domain" not in cookie
    assert stranger.get().status_code == 200
    other = Operator(app)
    assert told(other.enter(address)) == (404, "E-NOTFOUND")
    assert told(other.get()) == (404, "E-NOTFOUND")
    assert actions(app) == ["operator.link", "operator.open"]


def test_neither_secret_is_in_the_database(app, operator: Operator) -> None:
    word = operator.address().rsplit("/", 1)[1]
    cookie = operator.client.get_cookie(door.COOKIE, domain="127.0.0.1").value
    with parts(app).units.reading() as unit:
        rows = repr(unit.session.execute(sa.select(OperatorVisit.__table__)).all())
    assert word not in rows
    assert cookie not in rows
    assert repr(bytes.fromhex(cookie))[2:-1] not in rows


def test_without_a_visit_there_is_nothing_whatever_is_asked_for(app, world: World, stranger: Operator) -> None:
    inside = world.enter(world.course())
    nothing = app.test_client().get("/nothing", base_url=BASE, headers={"Accept-Language": "en"})
    same = {re.sub(r"[0-9A-F]{8}", "#", nothing.text)}
    for path in [*PAGES, "nothing", f"enter/{'x' * 43}"]:
        same.add(re.sub(r"[0-9A-F]{8}", "#", stranger.get(path).text))
        # A launch's cookie opens nothing here.
        answer = inside.client.get(f"/operator/{path}", base_url=BASE, headers={"Accept-Language": "en"})
        same.add(re.sub(r"[0-9A-F]{8}", "#", answer.text))
        assert told(answer) == (404, "E-NOTFOUND")
    assert len(same) == 1
    for cookie in ("", "no hex", "00", "00" * 32):
        stranger.client.set_cookie(door.COOKIE, cookie, domain="127.0.0.1", secure=True)
        assert told(stranger.get()) == (404, "E-NOTFOUND")


def test_an_address_is_good_for_ten_minutes_and_a_visit_for_eight_hours(
    app, stranger: Operator, clock: OffsetClock
) -> None:
    old, address = stranger.address(), stranger.address()
    clock.advance(timedelta(minutes=9))
    assert stranger.enter(address).status_code == 303
    clock.advance(timedelta(minutes=2))
    assert told(Operator(app).enter(old)) == (404, "E-NOTFOUND")
    clock.advance(timedelta(hours=7, minutes=57))
    assert stranger.get().status_code == 200
    clock.advance(timedelta(minutes=2))
    assert told(stranger.get()) == (401, "E-SESSION")


def test_the_command_line_ends_every_visit_and_every_address(app, operator: Operator) -> None:
    unused = operator.address()
    with app.app_context(), parts(app).units.writing():
        assert visits.end_all() == 2
    assert told(operator.get()) == (401, "E-SESSION")
    assert told(Operator(app).enter(unused)) == (404, "E-NOTFOUND")
    assert actions(app)[-1] == "operator.end"


def test_leaving_ends_the_visit(app, operator: Operator) -> None:
    cookie = operator.client.get_cookie(door.COOKIE, domain="127.0.0.1").value
    left = operator.post("leave")
    assert (left.status_code, "You have left" in left.text) == (200, True)
    assert operator.client.get_cookie(door.COOKIE, domain="127.0.0.1") is None
    operator.client.set_cookie(door.COOKIE, cookie, domain="127.0.0.1", secure=True)
    assert told(operator.get()) == (401, "E-SESSION")
    assert actions(app)[-1] == "operator.leave"


@pytest.mark.parametrize(
    ("token", "headers"),
    [
        ("", OURS),
        ("0" * 64, OURS),
        (None, {"Sec-Fetch-Site": "cross-site"}),
        (None, {"Origin": "https://evil.example"}),
    ],
)
def test_a_form_of_another_page_is_refused_and_audited(app, operator: Operator, token, headers) -> None:
    assert told(operator.post("leave", token, headers)) == (403, "E-CSRF")
    assert operator.get().status_code == 200
    assert actions(app)[-1] == "csrf"


def test_another_site_cannot_use_an_address_up(stranger: Operator) -> None:
    address = stranger.address()
    answer = stranger.client.post(address, base_url=BASE, headers={"Sec-Fetch-Site": "cross-site"})
    assert told(answer) == (403, "E-CSRF")
    assert stranger.enter(address).status_code == 303


def test_guessing_is_slowed_down_and_takes_nothing_from_the_operator(
    app, operator: Operator, stranger: Operator
) -> None:
    app.config[door.PER_MINUTE] = 3
    answers = [told(stranger.get(f"enter/guess{number}"))[0] for number in range(5)]
    assert answers == [404, 404, 404, 429, 429]
    assert operator.get().status_code == 200


def test_two_at_once_open_one_address_once(app, stranger: Operator) -> None:
    word = stranger.address().rsplit("/", 1)[1]
    with app.app_context(), parts(app).units.writing():
        visits.open_here(word, b"1" * 32)
    with app.app_context(), parts(app).units.writing(), pytest.raises(NotFound):
        visits.open_here(word, b"2" * 32)


def test_old_visits_are_forgotten(app, operator: Operator, clock: OffsetClock) -> None:
    clock.advance(timedelta(days=31))
    operator.address()
    periodic.run(parts(app).units, parts(app).settings)
    with parts(app).units.reading() as unit:
        assert unit.session.scalar(sa.select(sa.func.count()).select_from(OperatorVisit)) == 1


@pytest.mark.parametrize("locale", ["sv", "en", "lv"])
@pytest.mark.parametrize("path", PAGES)
def test_every_page_opens_and_no_site_may_frame_it(operator: Operator, path: str, locale: str) -> None:
    answer = operator.get(path, locale)
    assert answer.status_code == 200
    assert f'<html lang="{locale}"' in answer.text
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cache-Control"] == "no-store"
