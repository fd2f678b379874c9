"""What the plugin tells the core: the cohort, the export, completion, a person's own data, and the practice cohort."""

import sqlite3
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask, g

import plugins.ledarsteg as plugin
from plugins.ledarsteg import operations
from plugins.ledarsteg.calculations import State, reviewed_week
from plugins.ledarsteg.models import DropChoice, Entry, Habit, HabitWeek, Plan, Schedule, SkipReason
from plugins.ledarsteg.operations import Note, demo, reviews
from plugins.ledarsteg.operations.reviews import Look
from plugins.ledarsteg.settings import LedarstegSettings
from service.access import Role
from service.cohorts.models import Member
from service.contract import CohortReport, DemoCast, ExportScope, Proposal
from tests.plugins.ledarsteg.support import TODAY, counting, make, owner_of, read
from tests.support import BASE, Course, OffsetClock, World


def mark(world: World, member: Member, habit: Habit, **values: Any) -> None:
    with world.core.units.writing():
        owner = owner_of(member)
        note = Note(values.pop("state", State.DONE), **values)
        operations.mark(owner, habit.id, owner.today(), note)


def report(
    world: World, course: Course, members: Sequence[Member], audience: Role = Role.COACH,
    settings: LedarstegSettings | None = None,
) -> CohortReport:  # fmt: skip
    with world.app.test_request_context(headers={"Accept-Language": "en"}), world.core.units.reading():
        return read(plugin.cohort_report(course.cohort, members, audience, settings or LedarstegSettings()), members)


# ---- the coach ----


def test_a_coach_sees_titles_of_shared_habits_only(world: World, course: Course, karin: Member) -> None:
    mark(world, karin, make(world, karin, "Hand over a decision", shared=True))
    make(world, karin, "Kept to myself")
    cells = report(world, course, [karin]).cells[karin.id]
    assert (cells["shared"].value, cells["shared"].text) == (1, "1 habit")
    assert cells["shared"].detail == "Hand over a decision: 5\N{NO-BREAK SPACE}%, begins"
    assert (cells["noted"].value, cells["noted"].text, cells["noted"].detail) == (1, "1 day", "last today")
    assert "Kept to myself" not in repr(report(world, course, [karin]))
    assert "Kept to myself" not in world.enter(course, Role.COACH, "Amira Haddad").get("/cohort").text


def test_what_is_shared_no_longer_is_gone_from_the_report(world: World, course: Course, karin: Member) -> None:
    habit = make(world, karin, shared=True)
    page = world.enter(course, Role.COACH, "Amira Haddad")
    assert habit.title_sealed
    assert "Hand over a decision" in page.get("/cohort").text
    with world.core.units.writing():
        operations.unshare(owner_of(karin), habit.id)
    assert "Hand over a decision" not in page.get("/cohort").text


def test_somebody_without_a_habit_is_told_apart_from_zero(world: World, course: Course, karin: Member) -> None:
    cells = report(world, course, [karin]).cells[karin.id]
    assert [(cells[key].value, str(cells[key].text), str(cells[key].detail)) for key in ("shared", "noted")] == [
        (0, "shares none", ""), (None, "No habit going on", "nothing noted yet"),
    ]  # fmt: skip
    make(world, karin)
    assert report(world, course, [karin]).cells[karin.id]["noted"].value == 0


def test_quiet_is_said_of_those_who_share_after_two_weeks(world: World, course: Course, clock: OffsetClock) -> None:
    sharing, keeping, busy = (world.member(course, Role.MANAGER, name) for name in ("A", "B", "C"))
    mark(world, sharing, make(world, sharing, shared=True))
    mark(world, keeping, make(world, keeping))
    habit = make(world, busy, shared=True)
    members = [sharing, keeping, busy]
    clock.advance(timedelta(days=13))
    mark(world, busy, habit)
    assert report(world, course, members).attention == []
    clock.advance(timedelta(days=1))
    attention = report(world, course, members).attention
    assert [(item.member_id, item.why, item.detail) for item in attention] == [
        (sharing.id, "Quiet for two weeks", "last noted November 24")
    ]


def test_somebody_who_shared_and_never_noted_is_quiet_too(
    world: World, course: Course, karin: Member, clock: OffsetClock
) -> None:
    make(world, karin, shared=True)
    clock.advance(timedelta(days=14))
    assert [item.detail for item in report(world, course, [karin]).attention] == ["nothing noted yet"]


def test_a_new_habit_is_not_called_quiet(world: World, course: Course, karin: Member) -> None:
    make(world, karin, shared=True)
    assert report(world, course, [karin]).attention == []


def test_the_picture_counts_days_of_eight_weeks(
    world: World, course: Course, karin: Member, clock: OffsetClock
) -> None:
    clock.advance(-timedelta(days=7))
    first, second = make(world, karin, "a"), make(world, karin, "b")
    for habit in (first, second, first):
        mark(world, karin, habit)  # two habits on one day are one day noted
    clock.advance(timedelta(days=7))
    mark(world, karin, first, state=State.SKIP)
    picture = next(picture for picture in report(world, course, [karin]).pictures if picture.key == "noted")
    assert picture.chart["series"][0]["data"] == [0, 0, 0, 0, 0, 0, 1, 1]
    assert [row[1] for row in picture.rows] == ["0", "0", "0", "0", "0", "0", "1", "1"]
    assert picture.rows[-1][0] == "Nov 23"
    assert len(picture.headers) == 2


def test_a_report_covers_the_members_it_is_asked_for(world: World, course: Course, karin: Member) -> None:
    other = world.member(course, Role.MANAGER, "Peter Nyström")
    elsewhere = world.member(world.course(beside=course), Role.MANAGER, "Eva Sundin")
    for member in (other, elsewhere):
        mark(world, member, make(world, member, f"of {member.person.name}", shared=True))
    told = report(world, course, [karin])
    assert set(told.cells) == {karin.id}
    assert "of " not in repr(told.cells)
    assert [sum(picture.chart["series"][0]["data"]) for picture in told.pictures] == [0, 0]


@pytest.mark.parametrize("audience", [Role.COACH, Role.TRAINING])
def test_a_report_costs_the_same_for_one_member_and_for_fifty(world: World, course: Course, audience: Role) -> None:
    counts, members = [], []
    for more in (1, 49):
        for number in range(more):
            member = world.member(course, Role.MANAGER, f"Manager {number}")
            mark(world, member, make(world, member, shared=True))
            members.append(member)
        with counting(world) as counted:
            report(world, course, members, audience)
        counts.append(len(counted))
    assert counts[0] == counts[1] <= 8


# ---- the training department ----


def test_the_training_department_gets_counts_alone(
    world: World, course: Course, karin: Member, clock: OffsetClock
) -> None:
    mark(world, karin, make(world, karin, shared=True))
    other = world.member(course, Role.MANAGER, "Peter Nyström")
    clock.advance(timedelta(days=14))
    make(world, other)
    told = report(world, course, [karin, other, world.member(course, Role.MANAGER, "Eva")], Role.TRAINING)
    assert [(count.key, count.number) for count in told.counts] == [
        ("active", 2), ("noted", 0), ("paused", 0),
    ]  # fmt: skip
    assert not any((told.columns, told.cells, told.attention, told.pictures))


@pytest.mark.parametrize("audience", [Role.MANAGER, Role.CANDIDATE, Role.NONE])
def test_nobody_else_gets_anything(world: World, course: Course, karin: Member, audience: Role) -> None:
    make(world, karin, shared=True)
    assert report(world, course, [karin], audience) == CohortReport()


# ---- export ----


def test_the_export_holds_what_is_shared(world: World, course: Course, karin: Member) -> None:
    mark(world, karin, make(world, karin, "=1+1", shared=True))
    make(world, karin, "Kept to myself")
    gone = world.member(course, Role.MANAGER, "Peter Nyström")
    make(world, gone, "of somebody who left", shared=True)
    with world.core.units.writing() as unit:
        unit.session.execute(sa.update(Member).where(Member.id == gone.id).values(active=False))
    export = next(one for one in plugin.exports(course.cohort) if one.key == "shared_habits")
    assert export.roles == {Role.COACH}
    scope = ExportScope(course.cohort.id, karin.person_id, Role.COACH, "en")
    with world.app.test_request_context(headers={"Accept-Language": "en"}), world.core.units.reading():
        rows = list(export.rows(scope))
        assert export.count(scope) == len(rows) == 1
        assert rows == [["Karin Lindqvist", "=1+1", "Every day", TODAY, 0, 0, 1, 5]]
        assert len(export.headers(scope)) == len(rows[0])


# ---- completion, proposals, thread ----


def test_complete_is_so_many_friday_reviews_within_so_many_weeks(
    world: World, course: Course, karin: Member, clock: OffsetClock
) -> None:
    settings = LedarstegSettings(reviews_asked=3, review_weeks=4)
    other = world.member(course, Role.MANAGER, "Peter Nyström")
    mark(world, karin, make(world, karin))  # no habit completes anything
    done = []
    for week in "W.W..WW.WW":
        if week == "W":
            with world.core.units.writing():
                owner = owner_of(karin)
                reviews.write_review(owner, reviewed_week(owner.today()), Look("x"), 0)
        with world.core.units.reading():
            progress = plugin.progress(course.cohort, [karin, other], settings)
        assert (progress[karin.id].asked, progress[other.id].done) == (3, 0)
        assert progress[karin.id].complete == (progress[karin.id].done == 3)
        done.append(progress[karin.id].done)
        clock.advance(timedelta(days=7))
    assert done == [1, 1, 2, 2, 2, 2, 2, 2, 3, 3]


def test_progress_costs_the_same_for_one_member_and_for_many(world: World, course: Course) -> None:
    counts, members = [], []
    for more in (1, 20):
        for number in range(more):
            member = world.member(course, Role.MANAGER, f"Manager {number}")
            members.append(member)
            with world.core.units.writing():
                reviews.write_review(owner_of(member), reviewed_week(owner_of(member).today()), Look("x"), 0)
        with world.core.units.reading(), counting(world) as counted:
            plugin.progress(course.cohort, members, LedarstegSettings())
        counts.append(len(counted))
    assert counts == [1, 1]


def test_a_proposal_of_a_habit_is_adopted_and_others_are_not(world: World, course: Course, karin: Member) -> None:
    inside = world.enter(course, member=karin)
    with world.app.test_request_context(base_url=BASE), world.core.units.writing():
        g.launch_id = inside.launch_id
        assert plugin.adopt(course.cohort, karin, Proposal("goal", "x", "group_maturity", uuid.uuid4())) is None
        adopted = plugin.adopt(
            course.cohort, karin, Proposal("habit", "Ask the group first", "group_maturity", uuid.uuid4())
        )
    assert adopted is not None
    text = inside.client.get(adopted.url, base_url=BASE).text
    assert "<h1>Ask the group first</h1>" in text
    assert "There is no plan yet" in text


def test_the_thread_holds_the_first_habit_and_the_adopted(
    world: World, course: Course, karin: Member, clock: OffsetClock
) -> None:
    for title in ("first", "second"):
        clock.advance(timedelta(minutes=1))
        make(world, karin, title)
    with world.core.units.writing():
        operations.adopt_habit(owner_of(karin), Proposal("habit", "adopted", "group_maturity", uuid.uuid4()))
        operations.retire(owner_of(karin), operations.list_habits(owner_of(karin))[0].habit.id)
    text = world.enter(course, member=karin).get("/").text
    thread = text[text.index("sv-thread") :]
    assert "first" in thread
    assert "adopted: 0" in thread
    assert "second" not in thread


# ---- a person's own data ----


def test_personal_data_is_complete_and_opened(world: World, course: Course, karin: Member) -> None:
    mark(world, karin, make(world, karin), state=State.SKIP, reason=SkipReason.ILL)
    make(world, world.member(course, Role.MANAGER, "Peter Nyström"), "of somebody else")
    with world.core.units.reading():
        data = {kind.name: list(kind.rows) for kind in plugin.personal_data(karin.person)}
    assert {name: len(rows) for name, rows in data.items() if rows} == {
        "ledarsteg_habit": 1, "ledarsteg_plan": 1, "ledarsteg_drop_choice": 1, "ledarsteg_entry": 1, "ledarsteg_schedule": 1,
        "ledarsteg_habit_week": 1,
    }  # fmt: skip
    told = repr(data)
    for text in (
        "Hand over a decision",
        "somebody asks me to decide",
        "ask what she suggests",
        "Monday's report",
        "'ill'",
    ):
        assert text in told
    assert "of somebody else" not in told
    kept = {table: set(rows[0]) for table, rows in data.items() if rows}
    for model in (Habit, Plan, DropChoice, Entry, Schedule):
        columns = {column.key.removesuffix("_sealed") for column in sa.inspect(model).columns}
        assert columns - kept[model.__tablename__] <= {"id", "person_id", "revision"}


def test_erasing_takes_everything_of_hers_and_nothing_else(world: World, course: Course, karin: Member) -> None:
    other = world.member(course, Role.MANAGER, "Peter Nyström")
    for member in (karin, other):
        mark(world, member, make(world, member))
    with world.core.units.writing():
        erased = plugin.erase(karin.person)
        assert {kind.name: kind.rows for kind in erased if kind.rows} == dict.fromkeys(
            (
                "ledarsteg_habit",
                "ledarsteg_plan",
                "ledarsteg_drop_choice",
                "ledarsteg_entry",
                "ledarsteg_schedule",
                "ledarsteg_habit_week",
            ),
            1,
        )
        assert {kind.kept_because for kind in erased} == {""}
    with world.core.units.reading() as unit:
        for model in (Habit, Plan, DropChoice, Entry, Schedule, HabitWeek):
            assert set(unit.session.scalars(sa.select(model.person_id))) == {other.person_id}


def test_what_is_written_does_not_stand_in_the_database(world: World, karin: Member) -> None:
    mark(world, karin, make(world, karin, "Plainly readable title"), state=State.SKIP, reason=SkipReason.ILL)
    engine = world.core.units.engine
    if engine.dialect.name == "sqlite":
        raw = dump_sqlite(str(engine.url.database))
    else:
        with engine.connect() as connection:
            tables = ("ledarsteg_habit", "ledarsteg_plan", "ledarsteg_drop_choice", "ledarsteg_entry")
            raw = b"".join(
                row[0].encode()
                for table in tables
                for row in connection.exec_driver_sql(f"SELECT t::text FROM {table} t")
            )
            assert karin.person_id.bytes.hex().encode() in raw.replace(b"-", b"")
    for secret in (b"Plainly readable title", b"asks me to decide", b"what she suggests", b"Monday's report", b"ill"):
        if secret != b"ill":
            assert secret not in raw
            assert secret.hex().encode() not in raw
    with engine.connect() as connection:
        reason = connection.exec_driver_sql("SELECT reason_sealed FROM ledarsteg_entry").scalar_one()
    assert b"ill" not in bytes(reason)


def dump_sqlite(path: str) -> bytes:
    """The database file and its write-ahead log, byte for byte."""
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return b"".join(file.read_bytes() for file in Path(path).parent.glob(Path(path).name + "*"))


def test_a_value_moved_to_another_row_does_not_open(world: World, course: Course, karin: Member) -> None:
    make(world, karin, "mine")
    theirs = make(world, world.member(course, Role.MANAGER, "Peter Nyström"), "theirs")
    with world.core.units.writing() as unit:
        unit.session.execute(
            sa.update(Habit).where(Habit.person_id == karin.person_id).values(title_sealed=theirs.title_sealed)
        )
    answer = world.enter(course, member=karin).get("/ledarsteg/")
    assert answer.status_code == 503
    assert "theirs" not in answer.text


# ---- the practice cohort ----


@pytest.fixture
def cast(world: World, course: Course, clock: OffsetClock) -> DemoCast:
    """Eight managers, the best known one not first."""
    names = ["Peter Nyström", demo.STAR, *(f"Manager {number}" for number in range(6))]

    @contextmanager
    def at(moment: datetime) -> Iterator[None]:
        offset = clock.offset
        clock.put(moment.astimezone(UTC))
        yield
        clock.offset = offset

    return DemoCast(
        managers=[world.member(course, Role.MANAGER, name) for name in names],
        coach=world.member(course, Role.COACH, "Amira Haddad"), training=world.member(course, Role.TRAINING, "Johan Ekström"),
        today=TODAY, at=at,
    )  # fmt: skip


def test_the_practice_cohort_looks_alive(world: World, course: Course, cast: DemoCast) -> None:
    cast = replace(cast, managers=[*cast.managers, world.member(course, name="Sofia Lundgren")])
    with world.core.units.writing():
        plugin.seed_demo(course.cohort, cast)
    told = report(world, course, cast.managers)
    shared = [cells["shared"].value for cells in told.cells.values()]
    assert 3 <= sum(number > 0 for number in shared) <= 4  # type: ignore[operator,misc]
    assert len(told.attention) == 1
    assert any(cells["noted"].value is None for cells in told.cells.values())
    assert len({cells["noted"].value for cells in told.cells.values()}) >= 4
    weeks = next(picture for picture in told.pictures if picture.key == "noted")
    assert all(number > 0 for number in weeks.chart["series"][0]["data"])
    karin = next(member for member in cast.managers if member.person.name == demo.STAR)
    home = world.enter(course, member=karin, locale="sv").get("/").text
    for title in ("Fråga en medarbetare vad hon behöver", "Ledartid före mejlen", "Lämna över ett beslut"):
        assert title in home
    with world.core.units.reading():
        logs = operations.list_habits(owner_of(karin))
        assert [log.habit.minutes for log in logs] == [None, 10, None]
        assert [log.rhythm.target for log in logs] == [3, 1, 15]
        assert all(0.4 < log.strength < 0.95 for log in logs)


def test_a_small_cast_gets_the_first_stories(
    world: World, course: Course, cast: DemoCast, make_app: Callable[..., Flask]
) -> None:
    few = DemoCast(cast.managers[:1], cast.coach, cast.training, cast.today, cast.at)
    with world.core.units.writing() as unit:
        plugin.seed_demo(course.cohort, few)
        assert len(set(unit.session.scalars(sa.select(Habit.person_id)))) == 1


# ---- the manifest ----


def test_the_plugin_keeps_its_own_word() -> None:
    manifest = plugin.manifest()
    assert manifest.settings().model_dump() == {
        "max_active_first_month": 3, "reviews_asked": 8, "review_weeks": 12, "term_ends_on": None,
        "coach_sees_activity": True,
    }  # fmt: skip
    with pytest.raises(ValueError, match="one review a week"):
        manifest.settings(reviews_asked=9, review_weeks=8)
    assert [permission.key for permission in manifest.permissions] == [
        "ledarsteg.own",
        "ledarsteg.coach",
        "ledarsteg.texts",
    ]
    assert [(item.endpoint, item.order) for item in manifest.nav] == [("habits", 10), ("texts", 11)]
    assert [item.path for item in plugin.content_items()] == [""]
