"""Her reminders in her own calendar: on the days of a habit, at her time, under her title, by an address that can be ended."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from icalendar import Calendar

from plugins.ledarsteg import operations
from plugins.ledarsteg.calculations import Per, Rhythm, State
from plugins.ledarsteg.models import Habit, Reminder
from plugins.ledarsteg.operations import Note, calendar
from service.access import Role
from service.cohorts.models import Member
from service.contract import Invalid, NotFound
from tests.plugins.ledarsteg.support import TODAY, make, owner_of
from tests.support import BASE, Browser, Course, OffsetClock, World

DAY = timedelta(days=1)


@pytest.fixture
def inside(world: World, course: Course, karin: Member) -> Browser:
    return world.enter(course, member=karin, locale="en")


def remind(world: World, member: Member, habit: Habit, minute: int = 8 * 60, title: str = "") -> None:
    with world.core.units.writing():
        calendar.remind(owner_of(member), habit.id, minute, title)


def address(inside: Browser) -> str:
    found = re.search(
        r'id="address" type="text" readonly value="([^"]+)"', inside.post("/ledarsteg/calendar/link").text
    )
    assert found is not None
    return found[1].removeprefix(BASE)


def fetch(world: World, path: str) -> Calendar:
    answer = world.app.test_client().get(path, base_url=BASE)
    assert answer.status_code == 200
    assert answer.mimetype == "text/calendar"
    return Calendar.from_ical(answer.data)


def starts(file: Calendar) -> list[datetime]:
    return [event.decoded("dtstart") for event in file.walk("VEVENT")]


def test_reminders_come_on_planned_days_at_her_time_through_summer_time(
    world: World, karin: Member, course: Course, clock: OffsetClock
) -> None:
    clock.put(datetime(2026, 3, 24, 9, tzinfo=UTC))
    habit = make(world, karin, "Secret words of mine", weekdays=0b0100010)  # Tuesdays and Saturdays
    remind(world, karin, habit, 8 * 60 + 30, "Five minutes")
    file = fetch(world, address(world.enter(course, member=karin, locale="en")))
    found = starts(file)
    assert [moment.astimezone(UTC).strftime("%m-%d %H:%M") for moment in found[:4]] == [
        "03-24 07:30", "03-28 07:30", "03-31 06:30", "04-04 06:30",
    ]  # fmt: skip
    assert {str(event["summary"]) for event in file.walk("VEVENT")} == {"Five minutes"}
    assert b"Secret words" not in file.to_ical()
    assert len({str(event["uid"]) for event in file.walk("VEVENT")}) == len(found)


def test_a_pause_a_finished_habit_and_a_week_that_is_done_are_quiet(
    world: World, karin: Member, inside: Browser, clock: OffsetClock
) -> None:
    habit, other = make(world, karin), make(world, karin, rhythm=Rhythm(per=Per.WEEK, target=1))
    for each in (habit, other):
        remind(world, karin, each)
    path = address(inside)
    with world.core.units.writing():
        operations.pause(owner_of(karin), habit.id, TODAY + DAY, TODAY + 3 * DAY)
        operations.mark(owner_of(karin), other.id, TODAY, Note(State.DONE))
        days = [(one.day, one.reminder.habit_id) for one in calendar.occasions(owner_of(karin))]
    assert (TODAY, habit.id) in days
    assert (TODAY, other.id) not in days
    assert not {(TODAY + DAY * number, habit.id) for number in (1, 2, 3)} & set(days)
    assert (TODAY + 4 * DAY, habit.id) in days
    with world.core.units.writing():
        for each in (habit, other):
            operations.retire(owner_of(karin), each.id)
    assert starts(fetch(world, path)) == []


def test_without_a_title_the_calendar_says_reminder_in_her_language(
    world: World, karin: Member, course: Course
) -> None:
    remind(world, karin, make(world, karin))
    file = fetch(world, address(world.enter(course, member=karin, locale="sv")))
    assert {str(event["summary"]) for event in file.walk("VEVENT")} == {"Påminnelse"}


def test_an_address_is_shown_once_replaced_and_ended(world: World, karin: Member, inside: Browser) -> None:
    remind(world, karin, make(world, karin))
    assert "There is no address yet." in inside.get("/ledarsteg/calendar").text
    first = address(inside)
    assert "There is an address." in inside.get("/ledarsteg/calendar").text
    assert first not in inside.get("/ledarsteg/calendar").text
    second = address(inside)
    get = world.app.test_client().get
    assert get(first, base_url=BASE).status_code == 404
    assert get(second, base_url=BASE).status_code == 200
    assert inside.post("/ledarsteg/calendar/link/end").status_code == 303
    assert get(second, base_url=BASE).status_code == 404


def test_a_reminder_is_set_changed_and_taken_away(world: World, karin: Member, inside: Browser) -> None:
    habit = make(world, karin)
    path = f"/ledarsteg/calendar/{habit.id}"
    for typed in ({"at": "07:15", "title": "First"}, {"at": "08:00", "title": "Then"}):
        assert inside.post(path, typed).status_code == 303
    with world.core.units.reading() as unit:
        row = unit.session.query(Reminder).one()
        assert (row.minute, row.title) == (480, "Then")
        assert b"Then" not in (row.title_sealed or b"")
    page = inside.get("/ledarsteg/calendar").text
    assert 'value="08:00"' in page
    for typed, sentence in (
        ({"at": "", "title": "Kept"}, "Choose a time of day."),
        ({"at": "08:00", "title": "x" * 201}, "Write at most 200"),
    ):
        wrong = inside.post(path, typed)
        assert wrong.status_code == 422
        assert sentence in wrong.text
    assert inside.post(path, {"off": "on"}).status_code == 303
    assert inside.post(path, {"off": "on"}).status_code == 303
    with world.core.units.reading() as unit:
        assert unit.session.query(Reminder).count() == 0


def test_what_cannot_be_reminded_of(world: World, karin: Member, course: Course, inside: Browser) -> None:
    habit = make(world, karin)
    stranger = world.member(course, Role.MANAGER, "Peter Nyström")
    with world.core.units.writing():
        with pytest.raises(NotFound):
            calendar.remind(owner_of(stranger), habit.id, 480, "")
        with pytest.raises(NotFound):
            calendar.forget(owner_of(stranger), habit.id)
        for minute in (-1, 1440):
            with pytest.raises(Invalid):
                calendar.remind(owner_of(karin), habit.id, minute, "")
        operations.retire(owner_of(karin), habit.id)
        with pytest.raises(Invalid):
            calendar.remind(owner_of(karin), habit.id, 480, "")
    assert inside.post(f"/ledarsteg/calendar/{habit.id}", {"at": "08:00"}).status_code == 422
    assert "There is no habit to be reminded of yet" in inside.get("/ledarsteg/calendar").text
