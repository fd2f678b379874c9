"""What the training department is shown: counted once a week, over one cohort and over many."""

import re
import uuid
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from service.access import Role
from service.cohorts import counting
from service.cohorts.models import Cohort
from service.cohorts.programme_models import CountedCohort
from service.contract.reports import Amount, CohortReport, Count, Picture, ProgrammeReport, Spread
from tests.service.cohorts.conftest import Trail
from tests.service.cohorts.fakes import plugin, plugins
from tests.support import Course, World

MakeApp = Callable[..., Flask]
WEEK = timedelta(days=7)


class Numbers:
    """What a made-up plugin answers; the tests change it between the weeks."""

    def __init__(self) -> None:
        self.habit: int | None = None
        self.asked: list[int] = []

    def report(self, cohort: Cohort, members: Sequence[Any], audience: Role) -> CohortReport:
        assert audience is Role.TRAINING
        del cohort
        self.asked.append(len(members))
        number = len(members) if self.habit is None else min(self.habit, len(members))
        return CohortReport(
            counts=[Count("habit", "Have a habit", number, step=2), Count("other", "Besides that", 0)],
            spreads=[Spread("met", "How often", ["0", "1"], [len(members) - number, number])],
            amounts=[Amount("hours", "Time", "hours", 3 * number, number, 15)],
        )

    def programme(self, cohorts: Sequence[Cohort]) -> ProgrammeReport:
        rows = [[cohort.title, "1"] for cohort in cohorts]
        return ProgrammeReport(
            [Picture("p", "A picture", "Of all", {"kind": "bar", "x": {"labels": []}, "series": []}, ["C", "N"], rows)]
        )


def reporting(numbers: Numbers) -> Callable[..., CohortReport]:
    return lambda cohort, members, audience: numbers.report(cohort, members, audience)


@pytest.fixture
def numbers() -> Numbers:
    return Numbers()


@pytest.fixture
def world(make_app: MakeApp, numbers: Numbers) -> World:
    one = plugin("one", cohort_report=reporting(numbers), programme_report=lambda cohorts: numbers.programme(cohorts))
    return World(make_app(plugins=plugins(one)))


def course_of(world: World, number: int, title: str = "Enhetschefer 2026", beside: Course | None = None) -> Course:
    course = world.course(title, beside=beside)
    for one in range(number):
        world.member(course, Role.MANAGER, f"Manager {one}")
    return course


def count(world: World) -> int:
    with world.app.app_context():
        return counting.run(world.core.units, world.core.host)


def habit_row(text: str) -> str:
    found = re.search(r'<th[^>]* scope="row">Have a habit</th><td role="cell" class="num"[^>]*>(.*?)</td>', text)
    assert found is not None, text
    return found.group(1)


@pytest.mark.parametrize(
    ("number", "shown"), [(0, ""), (4, ""), (5, "5"), (9, "5"), (10, "10"), (19, "15"), (20, "20")]
)
def test_training_sees_whole_groups(world: World, numbers: Numbers, number: int, shown: str) -> None:
    numbers.habit = number
    course = course_of(world, 20)
    assert count(world) == 1
    text = world.enter(course, Role.TRAINING).get("/cohort").text
    assert habit_row(text) == (shown or "\N{EN DASH}")
    assert (text.count("Not shown. Fewer than 5.") == 1) is bool(shown)
    assert "Manager 1" not in text


def test_none_and_almost_enough_are_the_same_page(world: World, numbers: Numbers) -> None:
    pages = set()
    for number in (0, 4):
        numbers.habit = number
        course = course_of(world, 20)
        count(world)
        inside = world.enter(course, Role.TRAINING)
        for path in ("/cohort", "/programme"):
            main = re.search(r"<main.*</main>", inside.get(path).text, re.DOTALL)
            assert main is not None
            pages.add((path, main.group().replace(inside.path, "").replace(course.organisation.name, "")))
    assert len(pages) == 2


def test_what_happens_within_a_week_shows_with_the_next(world: World, numbers: Numbers) -> None:
    numbers.habit = 5
    course = course_of(world, 20)
    inside = world.enter(course, Role.TRAINING)
    assert "Not counted yet" in inside.get("/cohort").text
    assert "Not counted yet" in inside.get("/programme").text
    assert count(world) == 1
    numbers.habit = 12
    assert count(world) == 0
    assert habit_row(inside.get("/cohort").text) == "5"
    world.core.units.clock.advance(WEEK)  # type: ignore[attr-defined]
    inside = world.enter(course, Role.TRAINING)
    assert count(world) == 1
    assert habit_row(inside.get("/cohort").text) == habit_row(inside.get("/programme").text) == "10"


def test_who_came_is_counted_with_others(world: World, numbers: Numbers) -> None:
    course = course_of(world, 12)
    count(world)
    for more, asked in ((1, 12), (3, 12), (1, 17)):
        for _one in range(more):
            world.member(course, Role.MANAGER, "New")
        world.core.units.clock.advance(WEEK)  # type: ignore[attr-defined]
        count(world)
        assert [asked for asked in numbers.asked if asked][-1] == asked
    with world.core.units.reading() as unit:
        rows = unit.session.scalars(sa.select(CountedCohort).order_by(CountedCohort.week)).all()
        assert [row.people is None for row in rows] == [False, True, True, False]


def test_two_workers_count_a_week_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    course = course_of(world, 12)
    real = counting._counted

    def and_another(*found: Any) -> Any:
        monkeypatch.setattr(counting, "_counted", real)
        count(world)
        return real(*found)

    monkeypatch.setattr(counting, "_counted", and_another)
    assert count(world) == 1
    with world.core.units.reading() as unit:
        assert unit.session.scalars(sa.select(CountedCohort.cohort_id)).all() == [course.cohort.id]


def test_a_cohort_that_cannot_be_counted_stops_no_other(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    course = course_of(world, 12, "Fails")
    beside = course_of(world, 12, "Works", beside=course)
    real = counting._counted

    def fails(unit: Any, cohort_id: uuid.UUID, host: Any) -> Any:
        if cohort_id == course.cohort.id:
            raise RuntimeError("boom")
        return real(unit, cohort_id, host)

    monkeypatch.setattr(counting, "_counted", fails)
    assert count(world) == 1
    monkeypatch.setattr(counting, "_counted", real)
    assert count(world) == 1
    assert count(world) == 0
    with world.core.units.reading():
        assert set(counting.published([course.cohort.id, beside.cohort.id])) == {course.cohort.id, beside.cohort.id}


def test_a_plugin_that_fails_has_no_numbers_and_the_rest_does(make_app: MakeApp, numbers: Numbers) -> None:
    def broken(_members: Sequence[Any]) -> CohortReport:
        return CohortReport(counts=[Count("x", "Too many", 10_000)])

    bad = plugin("bad", cohort_report=lambda cohort, members: broken(members))
    worse = plugin("worse", title="The bad part", cohort_report=lambda cohort: 1 / 0)
    one = plugin("one", cohort_report=reporting(numbers), programme_report=lambda cohorts: [object()])
    world = World(make_app(plugins=plugins(bad, worse, one)))
    course = course_of(world, 12)
    count(world)
    inside = world.enter(course, Role.TRAINING)
    for path in ("/cohort", "/programme"):
        text = inside.get(path).text
        assert habit_row(text) == "12"
        assert "The bad part cannot be shown just now." in text
        assert "Too many" in text
    assert "One cannot be shown just now." in text


# --- many cohorts -----------------------------------------------------------------------------------------------------


def test_the_programme_adds_what_is_shown_of_each_cohort(world: World, numbers: Numbers) -> None:
    numbers.habit = 7
    first = course_of(world, 20, "Rektorer")
    course_of(world, 15, "Enhetschefer", beside=first)
    course_of(world, 9, "Stab", beside=first)
    other = course_of(world, 20, "Another organisation's")
    assert count(world) == 4
    inside = world.enter(first, Role.TRAINING)
    text = inside.get("/programme").text
    assert habit_row(text) == "10"
    assert "of 35, where it is shown" in text
    assert re.search(r'<td role="cell" class="num"[^>]*>44</td>', text)
    assert [text.index(f"<bdi>{title}</bdi></th>") for title in ("Enhetschefer", "Rektorer", "Stab")] == sorted(
        text.index(f"<bdi>{title}</bdi></th>") for title in ("Enhetschefer", "Rektorer", "Stab")
    )
    assert other.cohort.title not in text
    assert "A picture" in text
    chosen = inside.get("/programme?q=REK").text
    assert habit_row(chosen) == "5"
    assert "<bdi>Stab</bdi></th>" not in chosen
    assert "No cohort fits" in inside.get("/programme?q=nobody").text
    small = inside.get("/programme?q=stab").text
    assert habit_row(small) == "\N{EN DASH}"


def test_the_term_in_the_address_chooses_the_cohorts_that_began_in_it(world: World) -> None:
    course = course_of(world, 12, "This term")
    old = course_of(world, 12, "Long ago", beside=course)
    with world.core.units.writing() as unit:
        unit.session.merge(old.cohort).created_at -= timedelta(days=800)
    count(world)
    inside = world.enter(course, Role.TRAINING)
    text = inside.get("/programme").text
    links = re.findall(r"programme\?term=(\d{4}-[12])", text)
    assert len(set(links)) == 2
    shown = [inside.get(f"/programme?term={link}").text for link in dict.fromkeys(links)]
    assert ["Long ago" in one for one in shown] == [False, True]
    assert ["This term</bdi></th>" in one for one in shown] == [True, False]
    assert "Long ago" in inside.get("/programme?term=1066-1").text


def test_of_a_term_that_is_over_the_last_numbers_of_it_are_shown(world: World, numbers: Numbers) -> None:
    world.core.units.clock.put(datetime(2026, 6, 10, 12, tzinfo=UTC))  # type: ignore[attr-defined]
    course = course_of(world, 20, "Spring cohort")
    numbers.habit = 12
    count(world)
    for day, habit in ((date(2026, 6, 29), 16), (date(2026, 7, 6), 20)):
        numbers.habit = habit
        world.core.units.clock.put(datetime(day.year, day.month, day.day, 12, tzinfo=UTC))  # type: ignore[attr-defined]
        count(world)
    inside = world.enter(course, Role.TRAINING)
    before = inside.get("/programme?term=2026-1").text
    assert habit_row(before) == "15"
    assert "This term is over." in before
    assert "counted on June 29" in before
    assert habit_row(inside.get("/programme").text) == "20"
    with world.core.units.writing() as unit:
        unit.session.execute(sa.delete(CountedCohort).where(CountedCohort.week < date(2026, 7, 1)))
    since = inside.get("/programme?term=2026-1").text
    assert habit_row(since) == "20"
    assert "This term is over." not in since


def test_only_the_training_department_sees_the_programme(world: World, trail: Trail) -> None:
    course = course_of(world, 12)
    assert [world.enter(course, role).get("/programme").status_code for role in (Role.MANAGER, Role.COACH)] == [
        403,
        403,
    ]
    assert trail(world, course) == [("authz", "deny", "role")] * 2


def test_the_statements_do_not_grow_with_the_cohorts(world: World) -> None:
    course = course_of(world, 6)
    seen: list[str] = []
    sa.event.listen(world.core.units.engine, "before_cursor_execute", lambda *a: seen.append(a[2]))
    figures = []
    for more in (0, 10):
        for number in range(more):
            course_of(world, 6, f"Cohort {number}", beside=course)
        count(world)
        inside = world.enter(course, Role.TRAINING)
        inside.get("/programme")
        seen.clear()
        assert inside.get("/programme").status_code == 200
        figures.append(len(seen))
    assert figures[0] == figures[1]


def test_nobody_is_the_viewer_of_what_is_counted() -> None:
    assert uuid.UUID(int=0) == counting.NOBODY
