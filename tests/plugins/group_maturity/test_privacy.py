"""Whose a rating is: sealed where it lies, and nobody else's page, report or hook shows what it says."""

import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import g

import plugins.group_maturity as plugin
from plugins.group_maturity import operations
from plugins.group_maturity.models import SelfRating, Status
from service.access import Role
from service.cohorts.models import CohortPlugin
from service.contract import CannotOpen, DemoCast, Progress
from tests.plugins.group_maturity.rating import NAMES, begin, filled, stored, submit
from tests.support import Browser, Course, OffsetClock, World


def every_value(world: World) -> bytes:
    """Everything in the plugin's table, as it lies in the database."""
    with world.core.units.engine.connect() as connection:
        rows = connection.execute(sa.text("SELECT * FROM group_maturity_self_rating")).all()
    return b"|".join(value if isinstance(value, bytes) else str(value).encode() for row in rows for value in row)


def test_answers_and_words_are_sealed_in_the_database(world: World) -> None:
    browser = world.enter(world.course())
    path = submit(browser)
    browser.post(f"{path}/contribution", {"contribution": "Hand over a decision."})
    raw = every_value(world)
    assert b"stegvis.gm24" in raw
    assert b"Hand over" not in raw
    assert b"A1" not in raw
    assert b"D6" not in raw


def test_a_destroyed_key_leaves_nothing_to_read(world: World) -> None:
    browser = world.enter(world.course())
    submit(browser)
    with world.core.units.writing() as unit:
        unit.vault.destroy(browser.person.id, unit.now())
    with world.core.units.reading(), pytest.raises(CannotOpen):
        operations.answers_of(stored(world)[0])


def test_another_manager_finds_nothing(world: World) -> None:
    course = world.course()
    path = submit(world.enter(course))
    others = [world.enter(course, name="Petra"), world.enter(world.course(beside=course)), world.enter(world.course())]
    for other in others:
        for where in (path, f"{path}/profile"):
            assert other.get(where).status_code == 404
        assert other.post(path, {**filled(), "action": "draft"}).status_code == 404
        assert other.post(f"{path}/contribution", {"contribution": "x"}).status_code == 404


def test_the_same_person_in_another_cohort_does_not_see_it_there(world: World) -> None:
    course = world.course()
    browser = world.enter(course)
    path = submit(browser)
    beside = world.course(beside=course)
    elsewhere = world.enter(beside, member=world.member(beside, person=browser.person))
    assert elsewhere.get(f"{path}/profile").status_code == 404
    assert "Your ratings" not in elsewhere.get("/group_maturity/").text


@pytest.mark.parametrize("role", [Role.COACH, Role.TRAINING])
def test_coach_and_training_have_no_way_in(world: World, role: Role) -> None:
    course = world.course()
    path = submit(world.enter(course))
    other = world.enter(course, role, "Amira")
    for where in ("/group_maturity/", path, f"{path}/profile"):
        assert other.get(where).status_code == 403
    for where in ("/group_maturity/begin", path, f"{path}/contribution"):
        assert other.post(where, filled()).status_code == 403


def test_off_is_not_there(world: World) -> None:
    assert world.enter(world.course(plugins={})).get("/group_maturity/").status_code == 404


def test_the_coach_learns_that_and_when_the_training_department_how_many(world: World, clock: OffsetClock) -> None:
    course = world.course()
    rated, begun, none = (world.enter(course, name=name) for name in ("Karin", "Petra", "Lars"))
    clock.put(datetime(2026, 3, 4, 23, 30, tzinfo=UTC))
    rated_again = world.enter(course, member=rated.member)
    submit(rated_again)
    begin(world.enter(course, member=begun.member))
    members = [browser.member for browser in (rated, begun, none) if browser.member]
    with world.app.test_request_context(), world.core.units.reading():
        report = plugin.cohort_report(course.cohort, members, Role.COACH, uuid.uuid4())
        cells = [report.cells[member.id]["group_rated"] for member in members]
        assert [cell.value for cell in cells] == [date(2026, 3, 5), None, None]
        assert [column.key for column in report.columns] == ["group_asked", "group_rated"]
        assert not report.counts
        assert not report.pictures
        counts = plugin.cohort_report(course.cohort, members, Role.TRAINING, uuid.uuid4())
        assert [(count.key, count.number) for count in counts.counts] == [("group_rated", 1), ("group_asked", 0)]
        assert not counts.cells
        nothing = plugin.cohort_report(course.cohort, members, Role.MANAGER, uuid.uuid4())
        assert [*nothing.cells, *nothing.counts, *nothing.columns] == []
        progress = plugin.progress(course.cohort, members)
        assert [progress[member.id] for member in members] == [Progress(1, 2), Progress(0, 2), Progress(0, 2)]


@contextmanager
def counting(world: World) -> Iterator[list[str]]:
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        statements.append(statement)

    sa.event.listen(world.core.units.engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        sa.event.remove(world.core.units.engine, "before_cursor_execute", note)


def test_the_report_asks_as_often_for_ten_as_for_one(world: World) -> None:
    course = world.course()
    members = [browser.member for browser in (world.enter(course, name=f"M{n}") for n in range(10)) if browser.member]
    counts = []
    for some in (members[:1], members):
        with world.app.test_request_context(), world.core.units.reading(), counting(world) as statements:
            plugin.cohort_report(course.cohort, some, Role.COACH, uuid.uuid4())
            plugin.progress(course.cohort, some)
        counts.append(len([one for one in statements if one.startswith("SELECT")]))
    assert counts == [5, 5]


def test_the_pages_ask_as_often_after_six_ratings_as_after_two(world: World) -> None:
    browser = world.enter(world.course())
    asked = []
    for times in (2, 4):
        paths = [submit(browser) for _ in range(times)]
        for where in ("/group_maturity/", f"{paths[-1]}/profile"):
            with counting(world) as statements:
                assert browser.get(where).status_code == 200
            asked.append(len([one for one in statements if one.startswith("SELECT")]))
    assert asked[:2] == asked[2:]
    assert asked[0] <= 3 + 3


@contextmanager
def inside(world: World, browser: Browser) -> Iterator[None]:
    """A request of that browser, past the door, for asking hooks."""
    from service.cohorts.door import enter

    path = f"{browser.path}/"
    cookie = browser.client.get_cookie("__Host-stegvis", domain="127.0.0.1")
    assert cookie is not None
    with world.app.test_request_context(
        path, base_url="http://127.0.0.1:5055", headers={"Cookie": f"{cookie.key}={cookie.value}"}
    ):
        g.launch_id = browser.launch_id
        enter()
        yield


def shown(world: World, browser: Browser, course: Course) -> list[str]:
    assert browser.member
    with inside(world, browser):
        return [str(card.context["state"]) for card in plugin.home_cards(course.cohort, browser.member)]


def test_home_asks_when_it_is_time_and_is_silent_otherwise(world: World, clock: OffsetClock) -> None:
    course = world.course(plugins={"group_maturity": {"retest_after_days": 30}})
    browser = world.enter(course)
    member = browser.member
    assert member
    assert shown(world, browser, course) == ["never"]
    path = begin(browser)
    assert shown(world, browser, course) == ["begun"]
    browser.post(path, {**filled(), "action": "submit"})
    assert shown(world, browser, course) == []
    clock.advance(timedelta(days=29))
    assert shown(world, world.enter(course, member=member), course) == []
    clock.advance(timedelta(days=1))
    assert shown(world, world.enter(course, member=member), course) == ["due"]


def test_home_cards_are_for_managers(world: World) -> None:
    course = world.course()
    coach = world.enter(course, Role.COACH, "Amira")
    assert shown(world, coach, course) == []


def test_the_card_is_a_link_with_words(world: World) -> None:
    course = world.course()
    browser = world.enter(course)
    assert browser.member
    with inside(world, browser):
        (card,) = plugin.home_cards(course.cohort, browser.member)
        for state in ("never", "begun", "due"):
            text = world.app.jinja_env.get_template(card.template).render({**card.context, "state": state})
            assert f'href="{browser.path}/group_maturity/"' in text


def test_the_thread_has_each_rating_and_the_next(world: World) -> None:
    course = world.course()
    browser = world.enter(course)
    assert browser.member
    with inside(world, browser):
        assert plugin.timeline(course.cohort, browser.member) == []
    submit(browser)
    path = begin(browser)
    browser.post(path, {**dict.fromkeys(NAMES, "na"), "action": "submit"})
    ids = [rating.id for rating in stored(world)]
    with inside(world, browser):
        events = plugin.timeline(course.cohort, browser.member)
        assert [(event.title, event.state) for event in events] == [
            ("Collaborating", "done"), ("Too little to name a stage", "done"), ("See what has changed", "later"),
        ]  # fmt: skip
        assert [event.ref for event in events] == [*ids, None]
        assert events[2].at - events[1].at == timedelta(days=90)


def test_her_own_copy_has_everything_and_erasing_leaves_nothing(world: World) -> None:
    course = world.course()
    browser, other = world.enter(course), world.enter(course, name="Petra")
    path = submit(browser)
    browser.post(f"{path}/contribution", {"contribution": "Hand over a decision."})
    begin(browser)
    submit(other)
    with world.core.units.writing():
        data, *others = plugin.personal_data(browser.person)
        assert [one.name.removeprefix("group_maturity_") for one in others] == [
            "measurement",
            "share",
            "instrument",
            "inbox",
        ]
        # Answers about a group are nobody's to find: no row; `left_out` has the sentence (test_erasure).
        assert [len(one.rows) for one in others] == [0, 0, 0, 0]
        assert data.name == "group_maturity_self_rating"
        assert [row["status"] for row in data.rows] == ["submitted", "draft"]
        assert data.rows[0]["contribution"] == "Hand over a decision."
        assert data.rows[0]["answers"]["D1"]["answer"] == 5
        assert data.rows[0]["answers"]["D1"]["statement"].startswith("Vi följer upp våra resultat")
        assert data.rows[1]["answers"] == {}
        erased, *others = plugin.erase(browser.person)
        assert (erased.name, erased.rows) == ("group_maturity_self_rating", 2)
        assert [one.rows for one in others] == [0, 0, 0, 0]
        assert [bool(one.kept_because) for one in others] == [False, False, False, True]
    assert [rating.person_id for rating in stored(world)] == [other.person.id]


def moving(clock: OffsetClock) -> Callable[[datetime], AbstractContextManager[None]]:
    """Moves the clock for the length of a block, as the practice cohort's does."""

    @contextmanager
    def at(moment: datetime) -> Iterator[None]:
        before = clock.offset
        clock.put(moment)
        yield
        clock.offset = before

    return at


def test_the_practice_cohort_has_five_that_rated(world: World, clock: OffsetClock) -> None:
    course = world.course()
    managers = [world.member(course, name=f"Manager {number}") for number in range(8)]
    coach, training = world.member(course, Role.COACH), world.member(course, Role.TRAINING)

    today = datetime.now(UTC).date()
    cast = DemoCast(managers=managers, coach=coach, training=training, today=today, at=moving(clock))
    with world.app.app_context(), world.core.units.writing():
        plugin.seed_demo(course.cohort, cast)
    ratings = stored(world)
    assert len(ratings) == 6
    assert {rating.person_id for rating in ratings} == {member.person_id for member in managers[:5]}
    assert all(rating.status is Status.SUBMITTED for rating in ratings)
    assert all(rating.submitted_at is not None and rating.submitted_at.date() < today for rating in ratings)
    with world.core.units.reading():
        profiles = [operations.profile(rating) for rating in ratings]
        assert len({profile.stage.id for profile in profiles if profile.stage}) >= 3


def test_a_small_practice_cohort_is_fine(world: World, clock: OffsetClock) -> None:
    course = world.course()
    manager = world.member(course)
    today = datetime.now(UTC).date()
    with world.app.app_context(), world.core.units.writing():
        cast = DemoCast(managers=[manager], coach=manager, training=manager, today=today, at=moving(clock))
        plugin.seed_demo(course.cohort, cast)
    assert len(stored(world)) == 2


def test_two_drafts_of_one_person_cannot_be(world: World) -> None:
    course = world.course()
    member = world.member(course)
    with world.core.units.writing() as unit:
        first = operations.begin(course.cohort, member.person_id)
        assert operations.begin(course.cohort, member.person_id) is first
        values = {
            column: getattr(first, column)
            for column in ("cohort_id", "person_id", "instrument_key", "instrument_version")
        }
        times = {"started_at": unit.now(), "saved_at": unit.now()}
        unit.session.add(SelfRating(**values, **times, instrument_sha256="", status=Status.DRAFT))
        with pytest.raises(sa.exc.IntegrityError):
            unit.session.flush()
        unit.session.rollback()


def test_settings_out_of_range_are_refused() -> None:
    settings = plugin.manifest().settings
    assert settings().model_dump() == {
        "retest_after_days": 90, "min_respondents": 5, "group_reads_report": True, "ask_group_about_manager": False,
        "ask_for_words": False,
    }  # fmt: skip
    for wrong in (27, 731, "90", 90.5):
        with pytest.raises(ValueError, match="retest_after_days"):
            settings.model_validate({"retest_after_days": wrong})


def test_the_switch_row_is_what_the_settings_come_from(world: World) -> None:
    course = world.course(plugins={"group_maturity": {"retest_after_days": 200}})
    with world.core.units.reading() as unit:
        assert unit.session.get(CohortPlugin, (course.cohort.id, "group_maturity")) is not None
    browser = world.enter(course)
    submit(browser)
    rating = stored(world)[0]
    assert rating.submitted_at is not None
    wanted = operations.retest_on(rating, 200, "Europe/Stockholm")
    assert wanted is not None
    assert f"{wanted.year}" in browser.get("/group_maturity/").text
