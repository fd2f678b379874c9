"""A person's time zone: her choice, else the platform's word, else the course's; asked once, changed by herself alone."""

import re
from datetime import UTC, datetime
from html import unescape
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from service.access import Role
from service.clock import known_zones, local_date
from service.cohorts import zones
from service.cohorts.models import Cohort, Launch, Member, Person
from service.errors import Invalid
from tests.service.cohorts.conftest import Trail
from tests.support import Browser, Course, OffsetClock, World, parts

AT = datetime(2026, 11, 27, 11, 2, tzinfo=UTC)
QUESTION = "Your days follow the time in"


@pytest.fixture
def app(make_app) -> Flask:
    return make_app(plugins={})


@pytest.fixture
def course(world: World, clock: OffsetClock) -> Course:
    clock.put(AT)
    return world.course(plugins={})


def of(world: World, member: Member) -> Person:
    with world.core.units.reading() as unit:
        return unit.session.get_one(Person, member.person_id)


def say(world: World, member: Member, **values: str) -> None:
    with world.core.units.writing() as unit:
        unit.session.execute(sa.update(Person).where(Person.id == member.person_id).values(**values))


def text(browser: Browser, path: str) -> str:
    return unescape(re.sub(r"\s+", " ", browser.get(path).text))


# --- the rule ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("own", "platform", "course", "expected"),
    [
        ("Asia/Tokyo", "Europe/Riga", "Europe/Stockholm", "Asia/Tokyo"), ("", "Europe/Riga", "Europe/Stockholm", "Europe/Riga"),
        ("", "", "Europe/Riga", "Europe/Riga"), ("", "99", "Europe/Riga", "Europe/Riga"), ("Mars/Base", "", "Asia/Tokyo", "Asia/Tokyo"),
        ("", "", "Mars/Base", zones.DEFAULT), ("", "", None, zones.DEFAULT), ("Asia/Tokyo", "", None, "Asia/Tokyo"),
    ],
)  # fmt: skip
def test_her_own_word_counts_first_and_no_unknown_one(
    own: str, platform: str, course: str | None, expected: str
) -> None:
    cohort = None if course is None else Cohort(zone=course)
    assert zones.zone_of(Person(own_zone=own, zone=platform), cohort) == expected


def test_the_page_a_worker_and_a_feed_follow_one_rule(world: World, course: Course, clock: OffsetClock) -> None:
    from service.contract import zone_of

    clock.put(datetime(2026, 11, 27, 23, 30, tzinfo=UTC))
    member = world.member(course)
    say(world, member, own_zone="Pacific/Auckland", zone="Europe/Riga")
    assert local_date(clock.now(), zone_of(of(world, member), course.cohort)).day == 28
    assert "Saturday, November 28" in text(world.enter(course, member=member), "/")


# --- choosing ---------------------------------------------------------------------------------------------------------


def test_the_page_says_what_counts_and_why(world: World, course: Course) -> None:
    member = world.member(course)
    browser = world.enter(course, member=member)
    page = text(browser, "/zone")
    assert "by the time in Stockholm. It is 12:02 there now." in page
    assert "It is the time zone of the course" in page
    say(world, member, zone="Europe/Riga")
    page = text(browser, "/zone")
    assert "by the time in Riga. It is 13:02 there now." in page
    assert "The learning platform says so." in page
    assert "Take the time zone of the course: Stockholm, 12:02" in page


def test_every_zone_is_offered_with_its_time_by_part_of_the_world(world: World, course: Course) -> None:
    page = text(world.enter(course), "/zone")
    options = dict(re.findall(r'<option value="([^"]+)"(?: selected)?>(.*?)</option>', page))
    assert len(options) > 400
    assert set(options) <= known_zones()
    assert options["Europe/Riga"] == "Riga, Latvia · 13:02"
    assert options["Asia/Kathmandu"] == "Kathmandu, Nepal · 16:47"
    assert re.findall(r'<optgroup label="([^"]+)"', page) == [
        "Africa", "America", "Antarctica", "The Arctic", "Asia", "The Atlantic", "Australia", "Europe", "The Indian Ocean", "The Pacific",
    ]  # fmt: skip
    assert '<option value="Europe/Stockholm" selected>' in page


def test_her_choice_counts_at_once_and_leaves_a_trace(world: World, course: Course, trail: Trail) -> None:
    member = world.member(course)
    browser = world.enter(course, member=member)
    answer = browser.post("/zone", {"zone": "America/New_York"})
    assert (answer.status_code, of(world, member).own_zone) == (303, "America/New_York")
    page = text(browser, "/zone?saved=1")
    assert "Your days follow the time in New York now." in page
    assert "You have chosen it yourself." in page
    assert trail(world, course) == [("zone.choose", "allow", "chosen")]
    browser.post("/zone", {"zone": "America/New_York"})
    assert len(trail(world, course)) == 1


def test_the_trail_says_that_and_not_where(world: World, course: Course) -> None:
    from service.audit import AuditEvent

    member = world.member(course)
    world.enter(course, member=member).post("/zone", {"zone": "Asia/Tokyo"})
    with world.core.units.reading() as unit:
        row = unit.session.execute(sa.select(AuditEvent.__table__)).mappings().one()
    assert (row["actor_id"], row["object_ref"]) == (member.person_id, str(member.person_id))
    assert "Tokyo" not in str(dict(row))


@pytest.mark.parametrize("zone", ["", "Mars/Base", "99", "../etc/passwd", "europe/riga", "Europe/Riga\0", "x" * 5000])
def test_what_is_no_zone_is_refused_and_nothing_is_lost(world: World, course: Course, zone: str, trail: Trail) -> None:
    member = world.member(course)
    browser = world.enter(course, member=member)
    answer = browser.post("/zone", {"zone": zone, "q": "latv"})
    assert answer.status_code == 422
    assert "Choose a city from the list. Nothing was changed." in answer.text
    assert 'value="latv"' in answer.text
    assert ">Riga, Latvia" in answer.text
    assert of(world, member).own_zone == ""
    assert trail(world, course) == []


def test_nobody_changes_another_s(world: World, course: Course) -> None:
    one, other = world.member(course), world.member(course, name="Anna Berg")
    world.enter(course, member=one).post("/zone", {"zone": "Asia/Tokyo", "person": str(other.person_id)})
    assert (of(world, one).own_zone, of(world, other).own_zone) == ("Asia/Tokyo", "")


@pytest.mark.parametrize(
    ("words", "found"),
    [("riga", ["Europe/Riga"]), ("LATVIA", ["Europe/Riga"]), ("new york", ["America/New_York"]), ("são paulo", ["America/Sao_Paulo"]),
     ("sao", ["America/Sao_Paulo"]), ("buenos aires", ["America/Argentina/Buenos_Aires"]), ("  riga  latv ", ["Europe/Riga"])],
)  # fmt: skip
def test_a_place_is_found_by_its_city_or_country(world: World, course: Course, words: str, found: list[str]) -> None:
    page = world.enter(course).get("/zone", query_string={"q": words})
    zones_found = re.findall(r'<option value="([^"]+)"', page.text)
    assert set(found) <= set(zones_found)
    assert len(zones_found) < 10
    assert f'value="{words}"' in page.text


def test_in_her_own_language_too(world: World, course: Course) -> None:
    page = text(world.enter(course, locale="sv"), "/zone?q=lettland")
    assert 'value="Europe/Riga">Riga, Lettland · 13.02<' in page
    assert 'value="Europe/Riga">Rīga, Latvija · 13:02<' in text(world.enter(course, locale="lv"), "/zone?q=latvija")


def test_nothing_found_is_said_and_all_are_there(world: World, course: Course) -> None:
    page = text(world.enter(course), "/zone?q=<b>atlantis")
    assert "Nothing is called “<b>atlantis”. All are listed." in page
    assert "<b>atlantis" not in world.enter(course).get("/zone?q=<b>atlantis").text
    assert page.count("<option") > 400


def test_searching_by_htmx_gives_the_list_alone(world: World, course: Course) -> None:
    answer = world.enter(course).get("/zone?q=riga", headers={"HX-Request": "true"})
    assert "<html" not in answer.text
    assert answer.text.count("<option") == 1
    assert "1 fits." in answer.text


def test_a_platform_s_own_word_can_be_taken_again(world: World, course: Course) -> None:
    member = world.member(course)
    say(world, member, zone="Europe/Riga", own_zone="Asia/Tokyo")
    browser = world.enter(course, member=member)
    assert "Take what the learning platform says: Riga, 13:02" in text(browser, "/zone")
    browser.post("/zone", {"zone": "Europe/Riga"})
    assert "Take what the learning platform says" not in text(browser, "/zone")


# --- the question -----------------------------------------------------------------------------------------------------


def test_she_is_asked_once(world: World, course: Course, trail: Trail) -> None:
    member = world.member(course)
    browser = world.enter(course, member=member)
    page = text(browser, "/")
    assert f"{QUESTION} Stockholm." in page
    assert "It is 12:02 there now. Is that right?" in page
    answer = browser.post("/zone", {"zone": "Europe/Stockholm", "confirms": "1"})
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{browser.path}/")
    assert QUESTION not in text(browser, "/")
    assert of(world, member).own_zone == "Europe/Stockholm"
    assert trail(world, course) == [("zone.choose", "allow", "confirmed")]


def test_who_chose_is_not_asked(world: World, course: Course) -> None:
    browser = world.enter(course)
    browser.post("/zone", {"zone": "Europe/Riga"})
    assert QUESTION not in text(browser, "/")


def test_what_she_said_stays_though_the_platform_says_another(world: World, course: Course) -> None:
    member = world.member(course)
    browser = world.enter(course, member=member)
    browser.post("/zone", {"zone": "Europe/Stockholm", "confirms": "1"})
    say(world, member, zone="Asia/Tokyo")
    assert zones.zone_of(of(world, member), course.cohort) == "Europe/Stockholm"
    assert QUESTION not in text(browser, "/")


def test_the_page_is_there_for_everybody_and_without_a_course(world: World, course: Course) -> None:
    for role in (Role.COACH, Role.TRAINING, Role.NONE):
        assert world.enter(course, role).get("/zone").status_code == 200
    alone = world.enter(course)
    with world.core.units.writing() as unit:
        launch = unit.session.get_one(Launch, alone.launch_id)
        launch.cohort_id = launch.member_id = None
    assert "by the time in Stockholm" in text(alone, "/zone")
    assert alone.post("/zone", {"zone": "Asia/Tokyo"}).status_code == 303


def test_the_page_is_reached_from_every_foot(world: World, course: Course) -> None:
    browser = world.enter(course)
    assert f'<a href="{browser.path}/zone">Time zone</a>' in browser.get("/who").text


def test_the_number_of_statements_does_not_grow_with_the_zones(world: World, course: Course, app: Flask) -> None:
    browser, statements = world.enter(course), []
    engine = parts(app).units.engine
    sa.event.listen(engine, "before_cursor_execute", lambda *event: statements.append(event[2]))
    browser.get("/zone")
    assert len([one for one in statements if one.startswith("SELECT")]) <= 3


# --- the operation ----------------------------------------------------------------------------------------------------


def test_only_a_zone_is_chosen(world: World, course: Course) -> None:
    from service.audit import Actor

    person = world.person(course)
    with world.core.units.writing() as unit:
        person = unit.session.merge(person)
        with pytest.raises(Invalid):
            zones.choose(person, "Nowhere", zones.CHOSEN, Actor(course.organisation.id))
        assert zones.choose(person, "Asia/Tokyo", zones.CHOSEN, Actor(course.organisation.id))
        assert not zones.choose(person, "Asia/Tokyo", zones.CHOSEN, Actor(course.organisation.id))


@given(st.sampled_from(sorted(known_zones())), st.sampled_from(["sv", "en", "lv"]))
def test_every_zone_there_is_can_be_shown(zone: str, locale: str) -> None:
    """Also older names and those that are nowhere, which a platform may say."""
    assert zones.place(zone, locale).city
    assert zones.rules(zone) == ZoneInfo(zone)


@pytest.mark.parametrize("zone", ["Factory", "localtime"])
def test_what_is_no_place_is_no_zone(zone: str) -> None:
    assert zone not in known_zones()
