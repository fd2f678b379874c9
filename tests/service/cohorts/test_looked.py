"""Who looked at my things: each reads of her own, whoever looked, and nobody reads of anybody else's."""

import re
import uuid
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
import sqlalchemy as sa
from flask import Flask

from service import audit
from service.access import Role
from service.audit import Actor, AuditEvent
from service.cohorts import erasure, looked
from service.cohorts.models import Cohort, Member, Person
from service.contract import audit_view
from service.db import Base
from tests.contract.test_work import altered
from tests.example import operations, with_example
from tests.service.test_audit import unguard
from tests.support import Browser, Course, OffsetClock, World, parts


@pytest.fixture
def app(make_app) -> Flask:
    app = make_app(plugins=with_example())
    Base.metadata.create_all(parts(app).units.engine)
    return app


@pytest.fixture
def course(world: World) -> Course:
    return world.course(plugins={"example": {}})


@pytest.fixture
def karin(app: Flask, world: World, course: Course) -> Member:
    """A manager who has written a note."""
    member = world.member(course)
    with app.app_context(), parts(app).units.writing() as unit:
        unit.session.add_all([course.cohort, member])
        operations.write(course.cohort, member, "Hemlig text")
    return member


@pytest.fixture
def coach(world: World, course: Course, karin: Member) -> Browser:
    """A coach who has opened the day of the manager's newest note."""
    browser = world.enter(course, Role.COACH, "Amira Haddad")
    assert browser.get(f"/example/of/{karin.id}/newest").status_code == 200
    return browser


def rows(browser: Browser, path: str = "/audit") -> list[tuple[str, str, str]]:
    """Who, what and course of each row, as the page shows them."""
    page = browser.get(path)
    assert page.status_code == 200
    found = []
    for row in re.findall(r'<tr role="row"><th role="rowheader".*?</tr>', page.text, re.DOTALL):
        cells = re.findall(r"<td.*?</td>", row, re.DOTALL)
        found.append(tuple(unescape(" ".join(re.sub(r"<[^>]+>", " ", cell).split())) for cell in cells))
    return found


def note(world: World, subject: uuid.UUID, actor: Actor, action: str = "example.view_newest") -> None:
    with world.core.units.writing():
        audit.append(actor, action, object_type="note", object_ref=str(uuid.uuid4()), subject_id=subject)


def test_she_reads_who_opened_what_when_and_in_which_course(
    world: World, course: Course, karin: Member, coach: Browser
) -> None:
    mine = world.enter(course, member=karin)
    assert rows(mine) == [("Amira Haddad Coach", "The day of your newest note", "Enhetschefer 2026")]
    assert "Hemlig" not in mine.get("/audit").text


def test_nobody_else_reads_it(world: World, course: Course, karin: Member, coach: Browser) -> None:
    others = [
        coach, world.enter(course, name="Anna Berg"), world.enter(course, Role.TRAINING, "Ulf Kurs"),
        world.enter(world.course(plugins={}), name="Karin Lindqvist"),
    ]  # fmt: skip
    for browser in others:
        for path in ("/audit", f"/audit?person={karin.person_id}", f"/audit?subject_id={karin.person_id}&page=1"):
            assert rows(browser, path) == []
        assert "Nobody has opened anything of yours" in browser.get("/audit").text
        assert browser.get(f"/audit/{karin.person_id}").status_code == 404


def test_looking_at_what_is_one_s_own_leaves_none(app: Flask, world: World, course: Course, karin: Member) -> None:
    mine = world.enter(course, member=karin)
    with app.test_request_context(
        f"{mine.path}/example/",
        base_url="http://127.0.0.1:5055",
        headers={"Cookie": f"__Host-stegvis={mine.secret.hex()}"},
    ):
        app.preprocess_request()
        for subject in (karin, karin.person, karin.person_id):
            audit_view("example.view_newest", "note", "1", subject)
    assert rows(mine) == []
    with parts(app).units.reading() as unit:
        assert unit.session.scalars(sa.select(AuditEvent).where(AuditEvent.action == "example.view_newest")).all() == []


def test_what_belongs_to_nobody_any_more_still_leaves_a_trace(
    app: Flask, world: World, course: Course, karin: Member, coach: Browser
) -> None:
    with app.test_request_context(
        f"{coach.path}/example/of/{karin.id}/newest",
        base_url="http://127.0.0.1:5055",
        headers={"Cookie": f"__Host-stegvis={coach.secret.hex()}"},
    ):
        app.preprocess_request()
        audit_view("example.view_newest", "note", "gone", None)
    with parts(app).units.reading() as unit:
        event = unit.session.scalars(sa.select(AuditEvent).where(AuditEvent.object_ref == "gone")).one()
    assert event.subject_id is None


def test_a_refused_look_shows_nothing_and_is_none(world: World, course: Course, karin: Member) -> None:
    other = world.enter(course, name="Anna Berg")
    assert other.get(f"/example/of/{karin.id}/newest").status_code == 403
    away = world.enter(world.course(plugins={"example": {}}), Role.COACH, "Amira Haddad")
    assert away.get(f"/example/of/{karin.id}/newest").status_code == 404
    assert rows(world.enter(course, member=karin)) == []


def test_the_newest_stands_first_and_the_older_on_the_next_page(
    world: World, course: Course, karin: Member, clock: OffsetClock
) -> None:
    for number in range(looked.ON_A_PAGE + 3):
        who = world.person(course, f"Person {number:03d}")
        clock.advance(timedelta(minutes=1))
        note(world, karin.person_id, Actor(course.organisation.id, who.id, "coach", course.cohort.id))
    mine = world.enter(course, member=karin)
    first, second = rows(mine), rows(mine, "/audit?page=2")
    assert (len(first), len(second)) == (looked.ON_A_PAGE, 3)
    names = [who for who, _what, _course in first + second]
    assert names == [f"Person {number:03d} Coach" for number in reversed(range(looked.ON_A_PAGE + 3))]
    assert ">Older<" in mine.get("/audit").text
    assert ">Newer<" not in mine.get("/audit").text
    assert ">Older<" not in mine.get("/audit?page=2").text
    assert ">Newer<" in mine.get("/audit?page=2").text
    assert "Nothing older" in mine.get("/audit?page=9").text


@pytest.mark.parametrize("page", ["0", "-1", "x", "", "1e9"])
def test_an_odd_page_is_the_first(world: World, course: Course, karin: Member, coach: Browser, page: str) -> None:
    assert len(rows(world.enter(course, member=karin), f"/audit?page={page}")) == 1


def test_who_has_been_erased_is_named_no_more(
    app: Flask, world: World, course: Course, karin: Member, coach: Browser
) -> None:
    with app.test_request_context("/"), parts(app).units.writing() as unit:
        person = unit.session.get_one(Person, coach.person.id)
        erasure.erase(parts(app).host, person, Actor(course.organisation.id))
    [(who, what, _course)] = rows(world.enter(course, member=karin))
    assert (who, what) == ("Somebody who has been erased Coach", "The day of your newest note")


def test_a_look_without_words_or_role_is_still_told(world: World, course: Course, karin: Member) -> None:
    person = world.person(course, "Ulf Kurs")
    note(world, karin.person_id, Actor(course.organisation.id, person.id), "gone_plugin.view")
    note(world, karin.person_id, Actor(course.organisation.id), "example.view_newest")
    assert rows(world.enter(course, member=karin)) == [
        ("Somebody who has been erased", "The day of your newest note", "–"), ("Ulf Kurs", "Something of yours", "–"),
    ]  # fmt: skip


def test_what_was_denied_is_not_told_as_seen(world: World, course: Course, karin: Member) -> None:
    with world.core.units.writing():
        audit.append(Actor(course.organisation.id), "x", outcome=audit.Outcome.DENY, subject_id=karin.person_id)
    assert rows(world.enter(course, member=karin)) == []


def test_looks_of_every_course_of_hers_are_there(world: World, course: Course, karin: Member, coach: Browser) -> None:
    elsewhere = world.course("Nästa termin", beside=course, plugins={})
    browser = world.enter(elsewhere, member=world.member(elsewhere, person=karin.person))
    assert [where for _who, _what, where in rows(browser)] == ["Enhetschefer 2026"]


def test_the_training_department_s_look_at_what_is_kept_is_told(world: World, course: Course, karin: Member) -> None:
    world.enter(course, Role.TRAINING, "Ulf Kurs").get(f"/privacy/{karin.person_id}")
    world.enter(course, Role.COACH, "Amira Haddad").get(f"/review/{karin.id}")
    assert rows(world.enter(course, member=karin)) == [
        ("Amira Haddad Coach", "What your coach may see of you, opened from the gradebook", "Enhetschefer 2026"),
        ("Ulf Kurs Training department", "Which kinds of data are kept about you", "Enhetschefer 2026"),
    ]


def test_the_time_is_hers_and_has_its_year_once_that_is_over(
    world: World, course: Course, karin: Member, clock: OffsetClock
) -> None:
    with world.core.units.writing() as unit:
        unit.session.execute(sa.update(Person).where(Person.id == karin.person_id).values(own_zone="Asia/Tokyo"))
    clock.put(datetime(2026, 12, 31, 14, 30, tzinfo=UTC))
    note(world, karin.person_id, Actor(course.organisation.id, world.person(course).id, "coach"))
    assert "December 31 23:30" in world.enter(course, member=karin).get("/audit").text
    clock.advance(timedelta(hours=1))
    assert "December 31, 2026 23:30" in world.enter(course, member=karin).get("/audit").text


def test_names_are_escaped(world: World, course: Course, karin: Member) -> None:
    person = world.person(course, "<script>alert(1)</script>")
    note(world, karin.person_id, Actor(course.organisation.id, person.id, "coach"))
    assert "<script>alert" not in world.enter(course, member=karin).get("/audit").text


def test_the_page_costs_one_statement_however_many_looks(
    app: Flask, world: World, course: Course, karin: Member
) -> None:
    counts = []
    engine = parts(app).units.engine
    for number in (1, 40):
        for _ in range(number):
            note(
                world,
                karin.person_id,
                Actor(course.organisation.id, world.person(course).id, "coach", course.cohort.id),
            )
        mine, statements = world.enter(course, member=karin), []
        sa.event.listen(engine, "before_cursor_execute", lambda *event, into=statements: into.append(event[2]))
        mine.get("/audit")
        counts.append(len([one for one in statements if one.startswith("SELECT")]))
    assert counts == [4, 4]


def test_it_is_reached_from_who_sees_what_and_from_her_own_data(world: World, course: Course) -> None:
    browser = world.enter(course)
    for path in ("/who", "/data"):
        assert f'<a href="{browser.path}/audit">Who has looked at your things</a>' in browser.get(path).text


# --- the trail itself -------------------------------------------------------------------------------------------------


def test_whose_it_was_cannot_be_changed_unseen(
    app: Flask, world: World, course: Course, karin: Member, coach: Browser
) -> None:
    def verified() -> int | None:
        with parts(app).units.reading() as unit:
            return audit.verify(unit.session, course.organisation.id)

    assert verified() is None
    with parts(app).units.writing() as unit:
        unguard(unit.session)
        event = unit.session.scalars(sa.select(AuditEvent).where(AuditEvent.subject_id.is_not(None))).one()
        seq = event.seq
        unit.session.execute(sa.update(AuditEvent).where(AuditEvent.id == event.id).values(subject_id=uuid.uuid4()))
    assert verified() == seq
    with parts(app).units.writing() as unit:
        unit.session.execute(sa.update(AuditEvent).where(AuditEvent.id == event.id).values(subject_id=None))
    assert verified() == seq


def test_the_trace_is_kept_before_anything_is_shown(
    make_app, world: World, monkeypatch: pytest.MonkeyPatch, settings
) -> None:
    app = make_app(plugins={"example": altered()})
    Base.metadata.create_all(parts(app).units.engine)
    there = World(app)
    course = there.course(plugins={"example": {}})
    member = there.member(course)
    with app.app_context(), parts(app).units.writing() as unit:
        unit.session.add_all([course.cohort, member])
        operations.write(course.cohort, member, "x")
        unit.session.execute(sa.text("DROP TABLE audit_chain"))
    coach = there.enter(course, Role.COACH, "Amira Haddad")
    answer = coach.get(f"/example/of/{member.id}/newest")
    assert answer.status_code in {500, 503}
    assert "Newest note" not in answer.text


def test_no_look_is_of_a_cohort(world: World, course: Course, karin: Member, coach: Browser) -> None:
    """The list of the course is one event, of nobody in particular."""
    coach.get("/cohort")
    with world.core.units.reading() as unit:
        event = unit.session.scalars(sa.select(AuditEvent).where(AuditEvent.action == "cohort.view")).one()
        assert (event.subject_id, unit.session.get_one(Cohort, course.cohort.id).title) == (None, "Enhetschefer 2026")


def test_she_reads_that_a_coach_opened_or_took_the_whole_course(
    world: World, course: Course, karin: Member, clock: OffsetClock
) -> None:
    coach, training = world.enter(course, Role.COACH, "Amira Haddad"), world.enter(course, Role.TRAINING, "Ulf Kurs")
    for browser, file in ((coach, "core.overview"), (training, "core.programme")):
        assert browser.get("/cohort").status_code == 200
        assert browser.post("/exports", {"what": file, "format": "csv"}).status_code == 303
    coach.post("/data/copy")  # her own
    elsewhere = world.enter(world.course(beside=course), Role.COACH, "Amira Annorstädes")
    assert elsewhere.get("/cohort").status_code == 200
    mine = world.enter(course, member=karin)
    seen = [
        ("Amira Haddad Coach", f"{what} course's managers, in which you are one", "Enhetschefer 2026")
        for what in ("A file about the", "The list of the")
    ]
    assert rows(mine) == seen
    # Who came later was not in it, and a coach is none of the managers.
    clock.advance(timedelta(minutes=1))
    for later in (world.enter(course, name="Ny Chef"), world.enter(course, Role.COACH, "Ny Coach")):
        assert rows(later) == []
