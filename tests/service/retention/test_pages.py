"""The page of how long things are kept: what a change would do is said before it is made, and only then it is."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from service.access import Role
from service.audit import AuditEvent
from service.jobs.work import perform
from service.retention import pages, rules, work
from service.retention.models import RetentionDays
from tests.service.retention.test_retention import forgotten, jobs
from tests.support import Browser, Course, OffsetClock, World, parts

PATH = "/retention/core.launches"


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Some rows instead of hundreds."""
    monkeypatch.setattr(pages, "MAGNITUDES", (5, 100))


@pytest.fixture
def course(world: World) -> Course:
    return world.course()


@pytest.fixture
def training(world: World, course: Course) -> Browser:
    return world.enter(course, Role.TRAINING, "Johan Ekström")


def in_force(app: Flask, course: Course) -> int:
    with app.app_context(), parts(app).units.reading():
        return rules.kept_days("core.launches", course.organisation.id)


def test_a_change_is_told_before_it_is_made(
    app: Flask, world: World, course: Course, training: Browser, clock: OffsetClock
) -> None:
    for _ in range(6):
        world.enter(course)
    clock.advance(timedelta(days=40))
    training = world.enter(course, member=training.member)
    told = training.post(PATH, {"days": "30"})
    assert told.status_code == 200
    assert "Now it is 90 days; you wrote 30. Nothing has been changed yet." in told.text
    assert "The next run would delete at least 5 rows" in told.text
    assert in_force(app, course) == 90
    assert training.post(PATH, {"days": "30", "before": "90", "step": "save"}).status_code == 303
    assert in_force(app, course) == 30
    assert "It is 30 days now." in training.get("/retention?changed=core.launches").text
    with parts(app).units.reading() as unit:
        event = unit.session.scalars(sa.select(AuditEvent).where(AuditEvent.action == "retention.days")).one()
    assert event.actor_id == training.person.id


def test_a_few_rows_are_not_told_by_number(world: World, course: Course, training: Browser, clock: OffsetClock) -> None:
    clock.advance(timedelta(days=40))
    training = world.enter(course, member=training.member)
    assert "no rows, or fewer than 5" in training.post(PATH, {"days": "30"}).text


def test_rows_are_told_of_by_their_magnitude(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    told = [pages._enough(rows) for rows in (0, 5, 99, 100, 999, 1_000, 9_999, 5_000_000)]
    assert told == [None, None, None, 100, 100, 1_000, 1_000, 1_000_000]


def test_whoever_saves_what_somebody_else_has_changed_is_told(app: Flask, course: Course, training: Browser) -> None:
    training.post(PATH, {"days": "30", "before": "90", "step": "save"})
    late = training.post(PATH, {"days": "60", "before": "90", "step": "save"})
    assert late.status_code == 409
    assert "Somebody else has changed these days" in late.text
    assert "Now it is 30 days; you wrote 60." in late.text
    assert in_force(app, course) == 30


@pytest.mark.parametrize("days", ["", "29", "731", "many", "-40", "4.5", "٤٠", "9999999"])
def test_what_is_no_number_of_days_within_the_limits_is_not_taken(
    training: Browser, app: Flask, course: Course, days: str
) -> None:
    answer = training.post(PATH, {"days": days, "before": "90", "step": "save"})
    assert answer.status_code == 422
    assert "Write a whole number of days from 30 to 730. Nothing was changed." in answer.text
    assert in_force(app, course) == 90


def test_a_promise_to_others_cannot_be_changed(training: Browser) -> None:
    answer = training.post("/retention/group_maturity.words", {"days": "91", "before": "90", "step": "save"})
    assert answer.status_code == 422
    assert "These days cannot be changed." in answer.text
    # The same days are within its limits, and change nothing.
    assert "would delete no rows" in training.post("/retention/core.exports", {"days": "7"}).text


def test_an_unknown_rule_is_not_found(training: Browser) -> None:
    assert training.post("/retention/core.nothing", {"days": "30"}).status_code == 404


@pytest.mark.parametrize("role", [Role.MANAGER, Role.COACH])
def test_nobody_else_opens_or_changes_it(world: World, course: Course, app: Flask, role: Role) -> None:
    other = world.enter(course, role, "Någon Annan")
    assert other.get("/retention").status_code == 403
    assert other.post(PATH, {"days": "30", "before": "90", "step": "save"}).status_code == 403
    with parts(app).units.reading() as unit:
        assert unit.session.scalars(sa.select(RetentionDays)).all() == []


def test_the_last_run_is_told_in_all_and_never_in_a_few(
    app: Flask, world: World, course: Course, training: Browser, clock: OffsetClock
) -> None:
    assert "There has been none yet." in training.get("/retention").text
    work.decide_daily(parts(app).units)
    assert "is not finished" in training.get("/retention").text
    for job in jobs(app):
        perform(app, job.id)
    assert "It deleted no rows, or fewer than 5." in training.get("/retention").text
    for _ in range(6):
        world.enter(course)
    clock.advance(timedelta(days=100))
    work.decide_daily(parts(app).units)
    for job in jobs(app):
        perform(app, job.id)
    assert "It deleted at least 5 rows." in world.enter(course, member=training.member).get("/retention").text
    assert forgotten(app, course.organisation.id, "core.launches") == {}


def test_each_person_reads_the_days_of_her_own_organisation(world: World, course: Course, training: Browser) -> None:
    training.post(PATH, {"days": "30", "before": "90", "step": "save"})
    own = world.enter(course).get("/data").text
    assert "Visits: when somebody opened Stegvis, and in which role: 30 days, counted from the end of the visit." in own
    assert ": 30 days, counted from the end of the visit." in training.get("/privacy").text
