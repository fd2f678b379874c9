"""The third door: a secret address reads one person's feed, and tells nobody else that there is one."""

import re
import uuid
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from icalendar import Calendar
from werkzeug.test import TestResponse

from service.access import Role
from service.audit import Actor
from service.cohorts import erasure, switches
from service.cohorts.models import Cohort, Member
from service.contract import Feed, NotFound, issue_token, live_tokens, revoke_token
from service.db import Base
from service.lti.models import Deployment, DeploymentState, Platform, PlatformState
from service.settings import Settings
from service.tokens import door
from service.tokens.models import FeedToken
from service.tokens.tokens import digest, revoke_departed
from tests.contract.test_work import altered
from tests.example import operations, with_example
from tests.support import BASE, Course, OffsetClock, World, parts


@pytest.fixture
def app(make_app) -> Flask:
    app = make_app(plugins=with_example())
    Base.metadata.create_all(parts(app).units.engine)
    return app


class Shared:
    """A member whose one note is in a calendar."""

    def __init__(self, app: Flask, world: World, **plugins: dict) -> None:
        self.app = app
        self.course: Course = world.course(plugins=plugins or {"example": {}})
        self.member = world.member(self.course)
        with app.test_request_context("/", headers={"Accept-Language": "en"}), parts(app).units.writing() as unit:
            unit.session.add_all([self.course.cohort, self.member])
            self.note = operations.write(self.course.cohort, self.member, "Hemlig text")
            self.address = operations.share_days(self.course.cohort, self.member)

    @property
    def cohort(self) -> Cohort:
        return self.course.cohort

    def token(self) -> FeedToken:
        with parts(self.app).units.reading() as unit:
            return unit.session.scalars(sa.select(FeedToken).where(FeedToken.revoked_at.is_(None))).one()


@pytest.fixture
def shared(app: Flask, world: World) -> Shared:
    return Shared(app, world)


def get(app: Flask, address: str, method: str = "GET", **headers: str) -> TestResponse:
    return app.test_client().open(address.removeprefix(BASE), method=method, base_url=BASE, headers=headers)


def change(app: Flask, statement: sa.Update) -> None:
    with parts(app).units.writing() as unit:
        unit.session.execute(statement)


def test_the_address_is_shown_once_and_its_hash_is_kept(app: Flask, shared: Shared) -> None:
    word = shared.address.rsplit("/", 1)[1]
    assert shared.address == f"{BASE}/t/{word}"
    assert len(word) >= 32
    token = shared.token()
    assert (token.token_hash, token.plugin, token.purpose) == (digest(word), "example", "days")
    assert (token.person_id, token.cohort_id, token.locale) == (shared.member.person_id, shared.cohort.id, "en")
    with parts(app).units.reading() as unit:
        assert word not in str(unit.session.execute(sa.select(FeedToken.__table__)).one())


def test_it_reads_what_it_was_made_for_in_the_language_of_its_making(app: Flask, shared: Shared) -> None:
    answer = get(app, shared.address, **{"Accept-Language": "lv"})
    assert (answer.status_code, answer.content_type) == (200, "text/calendar; charset=utf-8")
    [event] = Calendar.from_ical(answer.data).walk("VEVENT")
    assert (str(event["uid"]), str(event["summary"])) == (str(shared.note.id), "A note was written")
    assert event.decoded("dtstart") == shared.note.written_on
    assert b"Hemlig" not in answer.data


def test_nothing_of_it_is_kept_passed_on_or_run(app: Flask, shared: Shared) -> None:
    answer = get(app, shared.address)
    assert "Set-Cookie" not in answer.headers
    assert {name: answer.headers[name] for name in ("Cache-Control", "Referrer-Policy", "X-Robots-Tag", "X-Content-Type-Options")} == {
        "Cache-Control": "private, max-age=300", "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex, nofollow",
        "X-Content-Type-Options": "nosniff",
    }  # fmt: skip
    assert answer.headers["Content-Disposition"] == 'attachment; filename="notes.ics"'
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert "sandbox" in answer.headers["Content-Security-Policy"]


def test_one_that_has_not_changed_is_not_sent_again(app: Flask, shared: Shared) -> None:
    tag = get(app, shared.address).headers["ETag"]
    again = get(app, shared.address, **{"If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")


def test_it_can_be_asked_for_and_nothing_else(app: Flask, shared: Shared) -> None:
    head = get(app, shared.address, "HEAD")
    assert (head.status_code, head.data) == (200, b"")
    for method in ("POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"):
        assert get(app, shared.address, method).status_code == 405, method
        assert get(app, f"{BASE}/t/guessed", method).status_code == 405, method
    assert get(app, shared.address).status_code == 200


def test_reading_writes_nothing(app: Flask, shared: Shared) -> None:
    from service.audit import AuditEvent

    with parts(app).units.reading() as unit:
        before = unit.session.scalar(sa.select(sa.func.count()).select_from(AuditEvent))
    get(app, shared.address)
    with parts(app).units.reading() as unit:
        assert unit.session.scalar(sa.select(sa.func.count()).select_from(AuditEvent)) == before


# --- what does not open ------------------------------------------------------------------------------------------------


def revoked(app: Flask, shared: Shared) -> None:
    with parts(app).units.writing():
        revoke_token(shared.token().id)


def switched_off(app: Flask, shared: Shared) -> None:
    with parts(app).units.writing():
        switches.switch(shared.cohort, "example", False, Actor())


def put_away(app: Flask, shared: Shared) -> None:
    at = parts(app).units.clock.now()
    change(app, sa.update(Cohort).where(Cohort.id == shared.cohort.id).values(archived_at=at))


def left(app: Flask, shared: Shared) -> None:
    change(app, sa.update(Member).where(Member.id == shared.member.id).values(active=False))


def erased(app: Flask, shared: Shared) -> None:
    with app.test_request_context("/"), parts(app).units.writing() as unit:
        person = unit.session.merge(shared.member.person)
        erasure.erase(parts(app).host, person, Actor(shared.course.organisation.id))


def pending(app: Flask, shared: Shared) -> None:
    is_it = Deployment.id == shared.course.deployment.id
    change(app, sa.update(Deployment).where(is_it).values(state=DeploymentState.PENDING))


def disabled(app: Flask, shared: Shared) -> None:
    is_it = Platform.id == shared.course.platform.id
    change(app, sa.update(Platform).where(is_it).values(state=PlatformState.DISABLED))


def undeclared(app: Flask, shared: Shared) -> None:
    parts(app).host.feeds.clear()


REASONS = [revoked, switched_off, put_away, left, erased, pending, disabled, undeclared]


def seen(answer: TestResponse) -> tuple[int, str, dict[str, str]]:
    """All that a stranger sees, but for the incident number."""
    told, numbers = re.subn(r"\b[0-9A-F]{8}\b", "…", answer.text)
    assert numbers == 1, answer.text
    return answer.status_code, told, dict(answer.headers)


@pytest.mark.parametrize("close", REASONS, ids=lambda close: close.__name__)
def test_what_does_not_open_looks_as_if_it_never_was(app: Flask, shared: Shared, close) -> None:
    assert get(app, shared.address).status_code == 200
    close(app, shared)
    answer, guessed = seen(get(app, shared.address)), seen(get(app, f"{BASE}/t/guessed"))
    assert answer == guessed
    assert answer[0] == 404
    assert answer[2]["Referrer-Policy"] == "no-referrer"
    assert answer[2]["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in answer[2]


@pytest.mark.parametrize("word", ["%00", "x" * 5000, "%ff%fe", "..%2f", "%F0%9F%94%91", " "])
def test_no_odd_word_opens_or_breaks_anything(app: Flask, word: str) -> None:
    assert get(app, f"{BASE}/t/{word}").status_code == 404


def test_a_feed_that_finds_nothing_looks_the_same(make_app, world: World) -> None:
    def nothing(_visit: object) -> str:
        raise NotFound("gone")

    app = make_app(plugins={"example": altered(feeds=(Feed("days", "text/plain", nothing, "x.txt"),))})
    Base.metadata.create_all(parts(app).units.engine)
    there = Shared(app, World(app))
    assert seen(get(app, there.address)) == seen(get(app, f"{BASE}/t/guessed"))


def test_the_visit_says_whose_address_it_is_and_for_what(make_app, world: World) -> None:
    seen = []
    app = make_app(
        plugins={"example": altered(feeds=(Feed("days", "text/plain", lambda v: seen.append(v) or "å", "x.txt"),))}
    )
    Base.metadata.create_all(parts(app).units.engine)
    world = World(app)
    course, subject = world.course(plugins={"example": {}}), uuid.uuid4()
    member = world.member(course)
    with app.app_context(), parts(app).units.writing():
        token_id, address = issue_token(course.cohort, member, "example", "days", subject)
    assert get(app, address).data == "å".encode()
    [visit] = seen
    assert (visit.token_id, visit.subject_id, visit.member.id, visit.locale) == (token_id, subject, member.id, "sv")
    assert (visit.person.id, visit.cohort.id) == (member.person_id, course.cohort.id)


def test_too_many_questions_are_told_to_wait(app: Flask, shared: Shared) -> None:
    app.config[door.PER_MINUTE] = 3
    statuses = [get(app, f"{BASE}/t/guessed").status_code for _ in range(4)]
    assert statuses == [404, 404, 404, 429]
    answer = get(app, shared.address)
    assert (answer.status_code, int(answer.headers["Retry-After"]) > 0) == (429, True)


def test_the_token_is_in_no_log(app: Flask, shared: Shared, capsys: pytest.CaptureFixture[str]) -> None:
    word = shared.address.rsplit("/", 1)[1]
    get(app, shared.address)
    revoked(app, shared)
    get(app, shared.address)
    get(app, shared.address, "POST")
    said = capsys.readouterr()
    assert '"event": "refused"' in said.err
    assert word not in said.err + said.out


# --- whose it is -------------------------------------------------------------------------------------------------------


def test_a_new_address_ends_the_old_one_and_nobody_else_s(app: Flask, shared: Shared, world: World) -> None:
    other = world.member(shared.course, name="Anna Berg")
    with app.app_context(), parts(app).units.writing():
        _, hers = issue_token(shared.cohort, other.person, "example", "days", subject_id=uuid.uuid4())
        second = operations.share_days(shared.cohort, shared.member)
    assert [get(app, address).status_code for address in (shared.address, second, hers)] == [404, 200, 200]
    with parts(app).units.reading():
        assert len(live_tokens(shared.cohort, shared.member, "example", "days")) == 1
        assert len(live_tokens(shared.cohort, other.person, "example", "days")) == 1


def test_the_pages_make_and_end_it(app: Flask, shared: Shared, world: World) -> None:
    browser = world.enter(shared.course, member=shared.member)
    page = browser.post("/example/days").text
    address = re.search(rf"{BASE}/t/[\w-]+", page)
    assert address
    assert get(app, address.group()).status_code == 200
    assert browser.post("/example/days/end").status_code == 303
    assert get(app, address.group()).status_code == 404


def test_a_purpose_that_is_not_declared_gets_no_address(app: Flask, shared: Shared) -> None:
    with app.app_context(), parts(app).units.writing(), pytest.raises(ValueError, match="declares no feed"):
        issue_token(shared.cohort, shared.member, "example", "thoughts")
    with app.app_context(), parts(app).units.writing(), pytest.raises(ValueError, match="declares no feed"):
        issue_token(shared.cohort, shared.member, "ledarsteg", "days")


def test_whoever_leaves_and_comes_back_makes_a_new_one(app: Flask, shared: Shared, world: World) -> None:
    other = world.member(shared.course, Role.MANAGER, "Anna Berg")
    with app.app_context(), parts(app).units.writing():
        _, hers = issue_token(shared.cohort, other, "example", "days")
    left(app, shared)
    with app.app_context(), parts(app).units.writing():
        revoke_departed(shared.cohort.id)
    change(app, sa.update(Member).where(Member.id == shared.member.id).values(active=True))
    assert [get(app, address).status_code for address in (shared.address, hers)] == [404, 200]


def test_an_erasure_takes_the_rows_along(app: Flask, shared: Shared) -> None:
    with app.test_request_context("/", headers={"Accept-Language": "en"}), parts(app).units.reading():
        [core, *_] = erasure.kept(parts(app).host, shared.member.person)
        assert [kind.rows for kind in core.kinds if str(kind.title) == "Secret addresses of her feeds"] == [1]
    erased(app, shared)
    with parts(app).units.reading() as unit:
        assert unit.session.scalars(sa.select(FeedToken)).all() == []


def test_the_address_is_made_where_nobody_asks_as_well(app: Flask, shared: Shared, clock: OffsetClock) -> None:
    clock.advance(timedelta(days=400))
    with app.app_context(), parts(app).units.writing():
        _, address = issue_token(shared.cohort, shared.member, "example", "days")
    event = Calendar.from_ical(get(app, address).data).walk("VEVENT")[0]
    assert str(event["summary"]) == "En anteckning skrevs"


def test_a_plugin_whose_feeds_share_a_purpose_does_not_start(make_app, settings: Settings) -> None:
    from service.errors import StartRefused

    feed = Feed("days", "text/plain", lambda _visit: "", "x.txt")
    with pytest.raises(StartRefused, match="feed 'days' is declared twice"):
        make_app(plugins={"example": altered(feeds=(feed, feed))})
