"""Taking over what Loop Habit Tracker exports: both kinds of file, several versions of it, and everything that is wrong with one."""

import html
import io
import re
from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from plugins.ledarsteg import operations
from plugins.ledarsteg.calculations import Kind, Mark, State
from plugins.ledarsteg.calculations import imports as calc
from plugins.ledarsteg.calculations.imports import Trouble, read_checkmarks
from plugins.ledarsteg.models import Entry, Habit, HabitWeek
from service.cohorts.models import Member
from tests.plugins.ledarsteg.support import TODAY, owner_of
from tests.support import Browser, Course, World

ONE = "Date,Value,Notes\n2026-11-23,YES_MANUAL,It was easy\n2026-11-22,NO,\n2026-11-21,SKIP,\n2026-11-20,YES_AUTO,\n2026-11-19,UNKNOWN,\n"
ALL = (
    'Date,Yoga,"Walk, far",\n2026-11-23,YES_MANUAL,7000,\n2026-11-22,UNKNOWN,10000,\n2026-11-21,NO,0,\n'
    "2026-11-20,SKIP,SKIP,\n2026-11-19,UNKNOWN,-1,\n"
)  # fmt: skip


def day(number: int) -> date:
    return date(2026, 11, number)


def troubles(text: str) -> list[tuple[int, Trouble]]:
    return [(left.line, left.why) for left in read_checkmarks(text, TODAY).left]


def test_the_file_of_one_habit() -> None:
    contents = read_checkmarks(ONE, TODAY)
    (habit,) = contents.habits
    assert (habit.title, habit.kind, habit.first, habit.last) == ("", Kind.BOOLEAN, day(21), day(23))
    assert habit.marks == {day(23): Mark(State.DONE), day(22): Mark(State.MISSED), day(21): Mark(State.SKIP)}
    assert habit.notes == {day(23): "It was easy"}
    assert [habit.count(state) for state in (State.DONE, State.MISSED, State.SKIP)] == [1, 1, 1]
    assert habit.usual == 1
    assert contents.left == []


def test_the_file_of_all_habits_with_one_that_is_counted() -> None:
    """A counted habit's value is a thousand times its number."""
    yoga, walk = read_checkmarks(ALL, TODAY).habits
    assert (yoga.title, walk.title) == ("Yoga", "Walk, far")
    assert walk.kind is Kind.COUNT
    assert walk.marks == {
        day(23): Mark(State.DONE, 7), day(22): Mark(State.DONE, 10), day(21): Mark(State.MISSED), day(20): Mark(State.SKIP),
    }  # fmt: skip
    assert walk.usual == 7


def test_the_numbers_of_older_versions() -> None:
    (habit,) = read_checkmarks(
        "Date,Value\n2026-11-23,2\n2026-11-22,1\n2026-11-21,0\n2026-11-20,3\n2026-11-19,-1\n", TODAY
    ).habits
    assert habit.marks == {day(23): Mark(State.DONE), day(21): Mark(State.MISSED), day(20): Mark(State.SKIP)}


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("yesterday,YES_MANUAL", Trouble.DATE), ("2026-13-01,YES_MANUAL", Trouble.DATE), ("2026-11-25,NO", Trouble.FUTURE),
        ("2026-11-23,NO", Trouble.AGAIN), ("2026-11-22,PERHAPS", Trouble.VALUE), ("2026-11-22,-7", Trouble.VALUE),
    ],
)  # fmt: skip
def test_a_line_that_is_not_understood_is_listed_and_the_rest_is_read(line: str, why: Trouble) -> None:
    text = f"Date,Value\n2026-11-23,YES_MANUAL\n{line}\n\n2026-11-20,NO\n"
    assert troubles(text) == [(3, why)]
    assert set(read_checkmarks(text, TODAY).habits[0].marks) == {day(23), day(20)}


def test_a_counted_value_that_is_none_is_listed() -> None:
    assert troubles("Date,Value\n2026-11-23,5000\n2026-11-22,much\n2026-11-21,9999999\n") == [
        (3, Trouble.VALUE), (4, Trouble.VALUE),
    ]  # fmt: skip


def test_more_lines_than_a_file_may_have_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calc, "MOST_LINES", 2)
    text = "Date,Value\n2026-11-23,2\n2026-11-22,2\n2026-11-21,2\n"
    assert troubles(text) == [(4, Trouble.TOO_MANY)]
    assert len(read_checkmarks(text, TODAY).habits[0].marks) == 2


@pytest.mark.parametrize("text", ["", "\n", "Name,Value\n", "<html>", "Habit;Date\n"])
def test_a_file_of_another_kind_is_said_to_be_one(text: str) -> None:
    assert read_checkmarks(text, TODAY).is_known is False


def test_a_file_without_a_note_has_no_habit() -> None:
    contents = read_checkmarks("Date,Yoga,,Walk\n2026-11-23,UNKNOWN\n", TODAY)
    assert (contents.is_known, list(contents.habits)) == (True, [])


@given(st.text(max_size=200))
def test_whatever_is_sent_is_read_or_listed_and_never_breaks(text: str) -> None:
    contents = read_checkmarks("Date,Value,Notes\n" + text, TODAY)
    assert all(found <= TODAY for habit in contents.habits for found in habit.marks)


# ---- taking over ----


@pytest.fixture
def inside(world: World, course: Course, karin: Member) -> Browser:
    return world.enter(course, member=karin, locale="en")


def text_of(page: str) -> str:
    found = re.search(r'<textarea class="d-none"[^>]*>(.*?)</textarea>', page, re.DOTALL)
    assert found is not None
    return html.unescape(found[1])


def test_a_file_is_shown_first_and_then_taken_over_once(inside: Browser, world: World, karin: Member) -> None:
    shown = inside.post("/ledarsteg/import", {"file": (io.BytesIO(b"\xef\xbb\xbf" + ALL.encode()), "Checkmarks.csv")})
    assert shown.status_code == 200
    assert "From November 20, 2026 to November 23, 2026: 1 done, 1 not done, 1 skipped." in shown.text
    assert "7 a day becomes what is wanted" in shown.text
    with world.core.units.reading() as unit:
        assert unit.session.scalar(sa.select(sa.func.count()).select_from(Habit)) == 0
    sent = {
        "text": text_of(shown.text).replace("\n", "\r\n"),
        "take-0": "on",
        "title-0": "Stand still",
        "take-1": "on",
        "title-1": "Walk far",
    }
    for _ in range(2):
        assert inside.post("/ledarsteg/import/take", sent).location.endswith("/ledarsteg/")
    with world.core.units.reading() as unit:
        logs = operations.list_habits(owner_of(karin))
        assert {log.habit.title: (log.habit.kind, log.habit.starts_on, len(log.marks), log.rhythm.target) for log in logs} == {
            "Stand still": (Kind.BOOLEAN, day(20), 3, 1), "Walk far": (Kind.COUNT, day(20), 4, 7),
        }  # fmt: skip
        assert not any(log.habit.shared or log.habit.shared_mate for log in logs)
        assert unit.session.scalar(sa.select(sa.func.count()).select_from(Entry)) == 7
        weeks = unit.session.scalars(sa.select(HabitWeek).order_by(HabitWeek.habit_id, HabitWeek.monday)).all()
        assert sum(week.done for week in weeks) == 3
        for log in logs:
            latest = max((week for week in weeks if week.habit_id == log.habit.id), key=lambda week: week.monday)
            assert latest.strength == pytest.approx(log.strength)


def test_one_habit_leads_to_its_page_with_its_notes(inside: Browser) -> None:
    shown = inside.post("/ledarsteg/import", {"text": ONE})
    answer = inside.post("/ledarsteg/import/take", {"text": text_of(shown.text), "take-0": "on", "title-0": "Breathe"})
    page = inside.get(
        answer.location.removeprefix(inside.path)
        if answer.location.startswith(inside.path)
        else "/" + answer.location.split("/", 5)[-1]
    )
    assert "Breathe" in page.text
    assert "It was easy" in page.text


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({}, "Choose a file, or paste what is in it."),
        ({"text": "x" * 400_001}, "The file is too large."),
        ({"file": (io.BytesIO(b"\xff\xfe\x00"), "x.csv")}, "cannot be read as text"),
        ({"text": "Name,Value\n"}, "This is not a Checkmarks.csv."),
        ({"text": "Date,Value\n2026-11-23,UNKNOWN\nsoon,NO\n"}, "There is nothing in this file to take over."),
    ],
)
def test_a_file_that_cannot_be_used_says_why(inside: Browser, sent: dict[str, object], sentence: str) -> None:
    answer = inside.post("/ledarsteg/import", sent)
    assert answer.status_code == 422
    assert sentence in answer.text


def test_what_is_not_understood_is_listed_in_words(inside: Browser) -> None:
    lines = "".join(f"line {number},NO\n" for number in range(60))
    text = inside.post("/ledarsteg/import", {"text": f"{ONE}{lines}"}).text
    assert "60 lines are left out" in text
    assert "does not begin with a date" in text
    assert "line 49,NO" in text.partition("60 lines")[2]
    assert "line 50,NO" not in text.partition("60 lines")[2]
    assert "The first 50 are shown." in text


def test_what_was_typed_stays_when_something_is_missing(inside: Browser, world: World) -> None:
    for sent, sentence in (
        ({"take-0": "on", "title-0": " "}, "Give the step a name."),
        ({"take-0": "on", "title-0": "x" * 201}, "Write at most 200 characters. You wrote 201."),
        ({"title-0": "Kept"}, "Choose at least one habit."),
    ):
        answer = inside.post("/ledarsteg/import/take", {"text": ONE, **sent})
        assert answer.status_code == 422
        assert sentence in answer.text
        assert text_of(answer.text) == ONE
    assert 'value="Kept"' in answer.text
    with world.core.units.reading() as unit:
        assert unit.session.scalar(sa.select(sa.func.count()).select_from(Habit)) == 0


def test_few_at_a_time_holds_for_what_is_brought_along(inside: Browser) -> None:
    text = "Date,A,B,C,D\n2026-01-01,2,2,2,2\n"
    sent = {f"take-{index}": "on" for index in range(4)} | {f"title-{index}": f"Step {index}" for index in range(4)}
    answer = inside.post("/ledarsteg/import/take", {"text": text, **sent})
    assert answer.status_code == 422
    assert "at most 3 in the first month" in answer.text
    assert re.search(r"Step \d", inside.get("/ledarsteg/").text) is None


def test_a_day_ahead_of_us_begins_today(world: World, karin: Member) -> None:
    """Somebody who travelled west has notes of a day that has not come here yet: they are listed, not kept."""
    assert troubles(f"Date,Value\n{TODAY + timedelta(1)},2\n") == [(2, Trouble.FUTURE)]
