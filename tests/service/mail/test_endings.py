"""What is told before something ends: in time, once, to those who want it, and never what it is."""

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from plugins.group_maturity.operations import ratings
from plugins.handledning.models import Engagement
from plugins.ledarsteg.models import Habit
from service.access import Role
from service.cohorts.models import Cohort, Launch, Member, Person
from service.jobs import periodic
from service.mail import endings
from service.mail.models import Mail, MailKind, MailState
from service.retention import rules
from tests.plugins.handledning.support import pair
from tests.plugins.ledarsteg.support import make
from tests.service.mail.conftest import Postbox, work
from tests.service.mail.test_mail import CANARY, click, confirmed, rows
from tests.support import Browser, Course, OffsetClock, World, forgotten, parts

DAY = timedelta(days=1)


@pytest.fixture
def course(clock: OffsetClock, world: World) -> Course:
    return world.course(CANARY, plugins={"ledarsteg": {}})


@pytest.fixture
def karin(world: World, course: Course) -> Browser:
    return world.enter(course, Role.MANAGER, f"Karin {CANARY}")


def decided(app: Flask) -> int:
    with app.app_context():
        return endings.decide_endings(parts(app).units)


def change(app: Flask, model: type, **values: object) -> None:
    with parts(app).units.writing() as unit:
        unit.session.execute(sa.update(model).values(**values))


def body(box: Postbox) -> str:
    [mail] = box.mails
    return str(mail["Subject"]) + "".join(mail.get_body((kind,)).get_content() for kind in ("plain", "html"))


def erased(app: Flask, browser: Browser) -> bool:
    with parts(app).units.reading() as unit:
        return unit.session.get_one(Person, browser.person.id).is_erased


def test_an_account_is_erased_a_month_after_its_owner_was_told_and_not_before(
    app: Flask, box: Postbox, course: Course, karin: Browser, clock: OffsetClock
) -> None:
    confirmed(app, karin, box)
    clock.advance(517 * DAY)
    assert decided(app) == 0
    clock.advance(2 * DAY)
    assert [decided(app) for _ in range(3)] == [1, 0, 0]
    work(app)
    told = body(box)
    assert "In a month everything it keeps about you is deleted." in told
    assert not re.search(f"{CANARY}|Karin|ledarsteg", told)
    assert box.mails[0]["List-Unsubscribe"]
    clock.advance(29 * DAY)
    assert forgotten(app, course.organisation.id, "core.accounts") == {}
    clock.advance(DAY)
    assert decided(app) == 0
    assert forgotten(app, course.organisation.id, "core.accounts") == {"person": 1}
    assert erased(app, karin)


def test_shorter_days_surprise_nobody_who_wants_to_be_told(
    app: Flask, box: Postbox, world: World, course: Course, karin: Browser, clock: OffsetClock
) -> None:
    quiet = world.enter(course, name="Gave No Address")
    confirmed(app, karin, box)
    clock.advance(900 * DAY)
    assert forgotten(app, course.organisation.id, "core.accounts") == {"person": 1}
    assert (erased(app, quiet), erased(app, karin)) == (True, False)
    assert decided(app) == 1
    clock.advance(30 * DAY)
    assert forgotten(app, course.organisation.id, "core.accounts") == {"person": 1}


@pytest.mark.parametrize("how", ["stopped", "off"])
def test_who_wants_no_mail_is_waited_for_no_longer(
    make_app, settings, app: Flask, box: Postbox, course: Course, karin: Browser, clock: OffsetClock, how: str
) -> None:
    confirmed(app, karin, box)
    if how == "stopped":
        assert karin.post("/mail/choose", {}).status_code == 303
    else:
        app = make_app(settings=settings.model_copy(update={"smtp_host": "", "smtp_from": ""}))
    clock.advance(549 * DAY)
    if how == "stopped":
        assert decided(app) == 0
    assert forgotten(app, course.organisation.id, "core.accounts") == {"person": 1}


def test_who_comes_in_time_gets_no_mail_and_reads_that_she_did(
    app: Flask, box: Postbox, world: World, course: Course, karin: Browser, clock: OffsetClock
) -> None:
    confirmed(app, karin, box)
    clock.advance(519 * DAY)
    assert decided(app) == 1
    clock.advance(timedelta(minutes=1))
    back = world.enter(course, member=karin.member)
    change(app, Member, last_seen_at=clock.now())
    work(app)
    assert (box.mails, [(mail.state, mail.reason) for mail in rows(app, MailKind.ACCOUNT)]) == (
        [], [(MailState.DROPPED, "came")],
    )  # fmt: skip
    assert "You have come in time." in back.get("/").text
    clock.advance(timedelta(minutes=11))
    assert "You have come in time." not in back.get("/").text
    clock.advance(31 * DAY)
    assert forgotten(app, course.organisation.id, "core.accounts") == {}


@pytest.fixture
def habit(world: World, karin: Browser) -> Habit:
    return make(world, karin.member)


def test_what_a_course_keeps_no_longer_is_told_of_a_month_before(
    app: Flask, box: Postbox, world: World, course: Course, karin: Browser, habit: Habit, clock: OffsetClock
) -> None:
    world.enter(course, name="Has Nothing Here")
    confirmed(app, karin, box)
    change(app, Cohort, archived_at=clock.now())
    clock.advance(334 * DAY)
    assert decided(app) == 0
    clock.advance(2 * DAY)
    elsewhere = world.course(beside=course, plugins={})
    world.enter(elsewhere, member=world.member(elsewhere, person=karin.person))
    change(app, Launch, return_url="https://moodle.example/mod/lti/return.php?course=7")
    assert [decided(app) for _ in range(2)] == [1, 0]
    work(app)
    told = body(box)
    assert "The time for which something in a course of yours is kept ends in a month." in told
    assert "https://moodle.example/course/view.php?id=7" in told
    assert not re.search(f"{CANARY}|Karin|abit|ledarsteg", told)
    [row] = rows(app, MailKind.ENDING)
    assert (row.state, row.cohort_id) == (MailState.SENT, course.cohort.id)
    clock.advance(30 * DAY)
    assert forgotten(app, course.organisation.id, "ledarsteg.habits")["ledarsteg_habit"] == 1
    assert decided(app) == 0


def test_each_part_says_whose_rows_go(world: World, course: Course, clock: OffsetClock) -> None:
    """A manager's coaching counts from its own end; her own ratings and her habits with the course."""
    two = pair(world, world.course(beside=course, plugins={"handledning": {}}))
    rater = world.member(course)
    with world.core.units.writing() as unit:
        ratings.begin(unit.session.merge(rater.cohort), rater.person_id)
        unit.session.execute(sa.update(Engagement).values(ended_at=unit.now()))
        unit.session.execute(sa.update(Cohort).where(Cohort.id == course.cohort.id).values(archived_at=unit.now()))
    make(world, rater)
    expected = {
        "handledning.content": [(two.manager.person_id, two.course.cohort.id)],
        "group_maturity.own": [(rater.person_id, course.cohort.id)],
        "ledarsteg.habits": [(rater.person_id, course.cohort.id)],
    }  # fmt: skip
    clock.advance(timedelta(minutes=1))
    with world.app.app_context(), world.core.units.reading() as unit:
        for rule in rules.rules():
            if rule.declared.whose is not None:
                rows = unit.session.execute(rule.declared.whose(rule.due(course.organisation.id, 0, unit.now()))).all()
                assert [tuple(row) for row in rows] == expected.get(rule.code, []), rule.code


def test_one_click_ends_these_as_well(
    app: Flask, box: Postbox, karin: Browser, habit: Habit, clock: OffsetClock
) -> None:
    confirmed(app, karin, box)
    change(app, Cohort, archived_at=clock.now() - 336 * DAY)
    assert decided(app) == 1
    work(app)
    stop = re.search(r"<(.*)>", box.mails[0]["List-Unsubscribe"])[1]
    assert click(app, stop).status_code == 200
    change(app, Mail, kind=MailKind.CONFIRM)
    assert decided(app) == 0


def test_two_courses_are_two_mails_on_two_days(
    app: Flask, box: Postbox, world: World, course: Course, karin: Browser, habit: Habit, clock: OffsetClock
) -> None:
    other = world.course(beside=course, plugins={"ledarsteg": {}})
    make(world, world.member(other, person=karin.person))
    confirmed(app, karin, box)
    change(app, Cohort, archived_at=clock.now() - 336 * DAY)
    for number in (1, 2, 2):
        decided(app)
        work(app)
        assert len(box.mails) == number
        clock.advance(DAY)
    assert {row.cohort_id for row in rows(app, MailKind.ENDING)} == {course.cohort.id, other.cohort.id}


def test_a_worker_decides_on_them(app: Flask, box: Postbox, karin: Browser, habit: Habit, clock: OffsetClock) -> None:
    confirmed(app, karin, box)
    change(app, Cohort, archived_at=clock.now() - 336 * DAY)
    with app.app_context():
        periodic.run(parts(app).units, parts(app).settings)
    assert len(rows(app, MailKind.ENDING)) == 1


def test_home_of_a_course_that_was_put_away_says_when_what_is_there_goes(
    app: Flask, karin: Browser, world: World, course: Course, clock: OffsetClock
) -> None:
    assert "was put away" not in karin.get("/").text
    # What was written in coaching goes first, after 183 days.
    change(app, Cohort, archived_at=clock.now() - 122 * DAY)
    assert "was put away" not in karin.get("/").text
    change(app, Cohort, archived_at=clock.now() - 124 * DAY)
    text = karin.get("/").text
    assert "This course was put away. From January 22, 2027 on, what you have in it is deleted." in text
    assert f'href="{karin.path}/data"' in text


def test_without_plugins_nothing_of_a_course_goes(make_app, clock: OffsetClock) -> None:
    app = make_app(plugins={})
    world = World(app)
    course = world.course()
    change(app, Cohort, archived_at=clock.now() - 2000 * DAY)
    assert "was put away" not in world.enter(course).get("/").text
