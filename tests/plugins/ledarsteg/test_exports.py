"""A manager's own files: everything of hers, and of nobody else."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

import plugins.ledarsteg as plugin
from plugins.ledarsteg import operations
from plugins.ledarsteg.calculations import Category, Effect, Kind, Per, Rhythm, Side, State
from plugins.ledarsteg.models import SkipReason, Target, TimeAudit, TimeRow
from plugins.ledarsteg.operations import Dropped, NewHabit, Note
from plugins.ledarsteg.operations.contributions import Given, log_contribution
from service.access import Role
from service.cohorts.models import Member
from service.contract import ExportScope
from tests.plugins.ledarsteg.support import TODAY, make, owner_of
from tests.support import Course, OffsetClock, World, every_statement


def file(world: World, course: Course, member: Member, key: str, locale: str = "en") -> list[list[Any]]:
    """The headings and rows of a file as a worker would write them."""
    (export,) = [each for each in plugin.exports(course.cohort) if each.key == key]
    assert export.roles == {Role.MANAGER}
    scope = ExportScope(course.cohort.id, member.person_id, Role.MANAGER, locale)
    with world.app.test_request_context(headers={"Accept-Language": locale}), world.core.units.reading():
        rows: list[Sequence[Any]] = [[str(title) for title in export.headers(scope)], *export.rows(scope)]
        assert export.count(scope) == len(rows) - 1
        assert {len(row) for row in rows} == {len(rows[0])}
        return [list(row) for row in rows]


def test_each_noted_day_is_a_row_with_what_was_noted(
    world: World, course: Course, karin: Member, clock: OffsetClock
) -> None:
    peter = world.member(course, name="Peter Nyström")
    make(world, peter, "of somebody else")
    habit = make(world, karin)
    with world.core.units.writing():
        owner = owner_of(karin)
        walk = operations.make_habit(owner, NewHabit("Walk", kind=Kind.MINUTES, rhythm=Rhythm(per=Per.WEEK, target=30)))
        operations.mark(owner, habit.id, TODAY, Note(State.DONE, text="It went well"))
        operations.mark(owner, walk.id, TODAY, Note(State.DONE, 12))
    clock.advance(timedelta(1))
    with world.core.units.writing():
        operations.mark(owner, habit.id, TODAY + timedelta(1), Note(State.SKIP, reason=SkipReason.ILL))
        for index, rating in enumerate((2, 5, 5, None)):
            tags = {"effects": Effect.ABILITY | Effect.VALUE, "sides": Side.HARD, "habit_id": habit.id}
            log_contribution(owner, Given(TODAY, Target.GROUP, 1, rating, **tags), str(index))
    headings, *rows = file(world, course, karin, "days")
    assert headings[:5] == ["Habit id", "Habit", "What is noted", "How often", "Day"]
    assert rows == [
        [str(habit.id), "Hand over a decision", "That I did it", "Every day", TODAY, "done", None, 4.0,
         "The group, Ability, Creating value, Hard", 5, "It went well", None],
        [str(habit.id), "Hand over a decision", "That I did it", "Every day", TODAY + timedelta(1), "skipped", None, None,
         None, 5, None, "Ill"],
        [str(walk.id), "Walk", "How many minutes", "30\N{NO-BREAK SPACE}min a week", TODAY, "done", 12, None, None, 1, None, None],
    ]  # fmt: skip
    assert "of somebody else" not in repr(rows)


def test_each_habit_is_a_row_with_its_plan_and_numbers(
    world: World, course: Course, karin: Member, clock: OffsetClock
) -> None:
    habit = make(world, karin)
    with world.core.units.writing():
        plain = operations.make_habit(owner_of(karin), NewHabit("Plain", drop=Dropped()))
    for _day in range(4):
        with world.core.units.writing():
            operations.mark(owner_of(karin), habit.id, owner_of(karin).today(), Note(State.DONE))
        clock.advance(timedelta(1))
    with world.core.units.writing():
        operations.retire(owner_of(karin), habit.id)
    headings, *rows = file(world, course, karin, "habits")
    assert headings[5:9] == ["Done, per cent", "Longest row", "In a row now", "Habit strength, per cent"]
    finished, other = sorted(rows, key=lambda row: row[1])
    assert finished == [
        str(habit.id), "Hand over a decision", "Every day", TODAY, TODAY + timedelta(4), 100, 4, 4, 19,
        "somebody asks me to decide", "ask what she suggests", None, "Monday's report", 45,
    ]  # fmt: skip
    assert other[0] == str(plain.id)
    assert other[4] is None
    assert other[9:] == [None, None, None, None, 0]


def test_before_anything_is_due_there_is_no_share(world: World, course: Course, karin: Member) -> None:
    make(world, karin)
    assert file(world, course, karin, "habits")[1][5] is None
    assert len(file(world, course, karin, "days")) == 1


def test_a_day_noted_east_of_where_she_is_now_is_in_the_file(world: World, course: Course, karin: Member) -> None:
    with world.core.units.writing():
        east = operations.Owner.of(course.cohort, karin, "Pacific/Kiritimati")  # already Tuesday evening there
        habit = operations.make_habit(east, NewHabit("x", rhythm=Rhythm()))
        operations.mark(east, habit.id, east.today(), Note(State.DONE))
        west = operations.Owner.of(course.cohort, karin, "Pacific/Niue")
        assert west.today() < east.today()
    (_, row) = file(world, course, karin, "days")
    assert row[4] == date(2026, 11, 24)


def test_the_files_can_be_asked_for_on_the_page(world: World, course: Course, karin: Member) -> None:
    inside = world.enter(course, member=karin)
    page = inside.get("/exports").text
    assert "Habits, day by day" in page
    assert "Habits in all" in page
    assert "Shared habits" not in page
    assert "Why you skipped a day is in it" in inside.get("/exports/choice?what=ledarsteg.days").text
    assert "Why you skipped a day is in it" not in inside.get("/exports/choice?what=ledarsteg.habits").text
    assert inside.post("/exports", {"what": "ledarsteg.days", "format": "csv"}).status_code == 303
    assert inside.post("/exports", {"what": "ledarsteg.shared_habits", "format": "csv"}).status_code == 422


def further(world: World, course: Course, member: Member, key: str) -> list[list[Any]]:
    """The second sheet of a file: its headings and rows."""
    (export,) = [each for each in plugin.exports(course.cohort) if each.key == key]
    scope = ExportScope(course.cohort.id, member.person_id, Role.MANAGER, "en")
    with world.app.test_request_context(headers={"Accept-Language": "en"}), world.core.units.reading():
        assert export.sheets is not None
        assert export.kinds is not None
        assert export.headers is not None
        assert len(export.kinds(scope)) == len(export.headers(scope))
        (sheet,) = export.sheets(scope)
        assert len(sheet.kinds) == len(sheet.headers)
        return [[str(title) for title in sheet.headers], *[list(row) for row in sheet.rows()]]


def test_the_second_sheet_of_days_is_the_habits_in_all(world: World, course: Course, karin: Member) -> None:
    make(world, karin)
    assert further(world, course, karin, "days") == file(world, course, karin, "habits")
    assert further(world, course, karin, "days")[1][1] == "Hand over a decision"


def test_the_second_sheet_of_the_time_audit_is_shares(world: World, course: Course, karin: Member) -> None:
    noted = [(Category.MEETINGS, 30, True), (Category.MEETINGS, 60, False), (Category.OTHER, 30, False)]
    with world.core.units.writing() as unit:
        audit = TimeAudit(
            cohort_id=course.cohort.id, person_id=karin.person_id, number=1, first_day=TODAY, finished_at=None
        )
        unit.session.add(audit)
        unit.session.flush()
        for category, minutes, challengeable in noted:
            unit.session.add(
                TimeRow(
                    audit_id=audit.id, person_id=karin.person_id, local_date=TODAY, minutes=minutes, category=category,
                    challengeable=challengeable, created_at=unit.now(),
                )
            )  # fmt: skip
    headings, *rows = further(world, course, karin, "time_audit")
    assert headings == ["Time to", "Minutes", "Share of all"]
    assert rows[:2] == [["Meetings", 90, 0.75], ["Other", 30, 0.25]]
    assert rows[2][1:] == [30, 0.25]
    assert len(rows) == 3


UNREAD = "This text could not be read."


def of_coach(world: World, course: Course, coach: Member) -> list[list[Any]]:
    (export,) = [each for each in plugin.exports(course.cohort) if each.key == "shared_habits"]
    scope = ExportScope(course.cohort.id, coach.person_id, Role.COACH, "en")
    with world.app.test_request_context(headers={"Accept-Language": "en"}), world.core.units.reading():
        assert export.rows is not None
        return [list(row) for row in export.rows(scope)]


@pytest.mark.parametrize("how", ["texts", "key"])
def test_what_does_not_open_is_told_in_its_place(
    world: World, course: Course, karin: Member, clock: OffsetClock, how: str
) -> None:
    habit = make(world, karin, drop=Dropped("a meeting", 30))
    clock.advance(timedelta(1))
    coach = world.member(course, Role.COACH, "Amira Haddad")
    with world.core.units.writing() as unit:
        operations.mark(owner_of(karin), habit.id, TODAY, Note(State.DONE, text="It went well"))
        operations.mark(owner_of(karin), habit.id, TODAY + timedelta(1), Note(State.SKIP, reason=SkipReason.ILL))
        unit.session.execute(sa.text("update ledarsteg_habit set shared = :yes"), {"yes": True})
        if how == "key":
            unit.vault.destroy(karin.person_id, unit.now())
        else:
            for table, column in (
                ("habit", "title"), ("entry", "note"), ("entry", "reason"), ("plan", "cue"), ("drop_choice", "what"),
            ):  # fmt: skip
                damaged = f"update ledarsteg_{table} set {column}_sealed = :x where {column}_sealed is not null"
                unit.session.execute(sa.text(damaged), {"x": b"damaged"})
    _headings, *days = file(world, course, karin, "days")
    assert {row[1] for row in days} == {UNREAD}
    assert {(row[5], row[10], row[11]) for row in days} == {("done", UNREAD, None), ("skipped", None, UNREAD)}
    (_habits, row) = file(world, course, karin, "habits")
    assert row[1] == UNREAD
    assert UNREAD in row[9:12]
    assert [row[:2] for row in of_coach(world, course, coach)] == [[karin.person.display_name, UNREAD]]


def test_a_coachs_file_takes_as_many_statements_for_twelve_managers_as_for_two(world: World, course: Course) -> None:
    coach, amounts = world.member(course, Role.COACH, "Amira Haddad"), set()
    for number in range(12):
        make(world, world.member(course, name=f"Chef {number:02d}"))
        if number not in (1, 11):
            continue
        with world.core.units.writing() as unit:
            unit.session.execute(sa.text("update ledarsteg_habit set shared = :yes"), {"yes": True})
        with every_statement(world) as statements:
            rows = of_coach(world, course, coach)
        assert [row[0] for row in rows] == [f"Chef {each:02d}" for each in range(number + 1)]
        amounts.add(len(statements))
    assert len(amounts) == 1
