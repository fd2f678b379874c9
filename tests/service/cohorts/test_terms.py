"""The terms of an organisation: by the calendar, or with days of its own."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from service.access import Role
from service.cohorts import terms
from service.cohorts.terms import Term, Terms, by_calendar
from tests.service.cohorts.conftest import Trail
from tests.service.cohorts.fakes import plugin, plugins
from tests.support import Browser, Course, World


@pytest.fixture
def world(make_app: Callable[..., Flask]) -> World:
    world = World(make_app(plugins=plugins(plugin("one"))))
    world.core.units.clock.put(datetime(2026, 11, 27, 12, tzinfo=UTC))  # type: ignore[attr-defined]
    return world


def own(year: int, first: date, last: date, *, autumn: bool) -> tuple[tuple[int, bool], Term]:
    return (year, autumn), Term(year, autumn, first, last, last, 1)


@pytest.mark.parametrize(
    ("day", "year", "autumn"),
    [
        (date(2026, 1, 1), 2026, False), (date(2026, 6, 30), 2026, False), (date(2026, 7, 1), 2026, True),
        (date(2026, 12, 31), 2026, True),
    ],
)  # fmt: skip
def test_by_the_calendar_a_term_is_half_a_year(day: date, year: int, autumn: bool) -> None:
    found = terms.term_of(day)
    assert (found.year, found.autumn) == (year, autumn)
    assert found.holds(day)
    assert found.until == found.last


@given(st.dates(date(2020, 1, 1), date(2030, 12, 31)), st.integers(-60, 60), st.integers(-60, 60))
def test_every_day_has_one_term_whatever_the_own_days_are(day: date, first: int, last: int) -> None:
    calendar = Terms(dict([
        own(2025, date(2025, 8, 18), date(2025, 12, 19), autumn=True),
        own(2026, date(2026, 1, 12) + timedelta(days=max(first, -20)), date(2026, 6, 5) + timedelta(days=min(last, 20)), autumn=False),
    ]))  # fmt: skip
    found = calendar.of_day(day)
    assert found.holds(day)
    before, after = calendar.of_day(found.first - timedelta(days=1)), calendar.of_day(found.until + timedelta(days=1))
    assert before < found < after
    assert not before.holds(day)
    assert not after.holds(day)


def change(inside: Browser, term: str, first: str, last: str, version: int = 0) -> tuple[int, str]:
    answer = inside.post("/terms", {"term": term, "first": first, "last": last, "version": str(version)})
    return answer.status_code, answer.text


def of_day(world: World, course: Course, day: date) -> Term:
    with world.app.app_context(), world.core.units.reading():
        return terms.term_of(day, course.cohort)


def test_a_term_gets_its_own_days_and_the_trail_tells(world: World, trail: Trail) -> None:
    course, other = world.course(), world.course()
    inside = world.enter(course, Role.TRAINING)
    assert 'value="2026-07-01"' in inside.get("/terms").text
    assert change(inside, "2026-2", "2026-08-17", "2026-12-18")[0] == 303
    assert change(inside, "2026-2", "2026-08-17", "2026-12-18")[0] == 303
    assert change(inside, "2026-2", "2026-08-10", "2026-12-18", 1)[0] == 303
    assert trail(world, course) == [
        ("term.change", "allow", "2026-07-01/2026-12-31 > 2026-08-17/2026-12-18"),
        ("term.change", "allow", "2026-08-17/2026-12-18 > 2026-08-10/2026-12-18"),
    ]
    # A day between two terms belongs to the one before it.
    assert [of_day(world, course, date(2026, 8, day)).autumn for day in (9, 10)] == [False, True]
    assert of_day(world, course, date(2026, 8, 9)).until == date(2026, 8, 9)
    assert of_day(world, course, date(2026, 12, 25)) == by_calendar(2026, autumn=True)
    assert of_day(world, other, date(2026, 8, 9)).autumn
    assert "Saved." in inside.get("/terms?saved=2026-2").text


@pytest.mark.parametrize(
    ("term", "first", "last", "status", "said"),
    [
        ("2026-2", "2026-12-18", "2026-08-17", 422, "A term ends on its first day or later."),
        ("2026-2", "2026-06-30", "2026-12-18", 422, "has days in common"),
        ("2026-2", "2026-08-17", "2027-01-01", 422, "has days in common"),
        ("2027-1", "2026-12-31", "2027-06-05", 422, "has days in common"),
        ("2026-2", "2026-01-10", "2026-12-18", 422, "an autumn term about July to December"),
        ("2026-2", "2026-08-17", "2027-05-18", 422, "an autumn term about July to December"),
        ("2026-2", "yesterday", "2026-12-18", 422, "Write a day as year-month-day."),
        ("2026-2", "2026-08-17", "", 422, "Write a day as year-month-day."),
        ("1999-2", "1999-08-17", "1999-12-18", 404, ""),
    ],
)
def test_days_that_cannot_be_are_refused_with_a_sentence(
    world: World, trail: Trail, term: str, first: str, last: str, status: int, said: str
) -> None:
    course = world.course()
    inside = world.enter(course, Role.TRAINING)
    got, text = change(inside, term, first, last)
    assert got == status
    assert said in text
    if status == 422 and last:
        assert f'value="{last}"' in text
    assert [entry for entry in trail(world, course) if entry[1] == "allow"] == []


def test_two_tabs_both_see_what_the_other_wrote(world: World) -> None:
    course = world.course()
    inside = world.enter(course, Role.TRAINING)
    assert change(inside, "2026-2", "2026-08-17", "2026-12-18")[0] == 303
    status, text = change(inside, "2026-2", "2026-08-03", "2026-12-18")
    assert status == 409
    assert "It is now August 17 to December 18." in text
    assert 'value="2026-08-03"' in text
    assert change(inside, "2026-2", "2026-08-03", "2026-12-18", 1)[0] == 303
    assert change(inside, "2026-2", "2026-08-04", "2026-12-18", 1)[0] == 409
