"""What a coach sees of her managers' habits, and never more: the dashboard's part, and the page of one manager."""

import re
import uuid
from collections.abc import Sequence
from datetime import date, timedelta

import pytest
import sqlalchemy as sa

import plugins.ledarsteg as plugin
from plugins.ledarsteg import jobs, operations
from plugins.ledarsteg.calculations import State
from plugins.ledarsteg.cards.cohort import INSIGHTS
from plugins.ledarsteg.models import Habit, SkipReason
from plugins.ledarsteg.operations import Note
from plugins.ledarsteg.operations.participation import Participation
from plugins.ledarsteg.settings import LedarstegSettings
from service.access import Role
from service.audit import AuditEvent
from service.cohorts.models import CohortPlugin, Member
from service.contract import CohortReport
from tests.plugins.ledarsteg.support import TODAY, counting, make, owner_of, read
from tests.support import Course, OffsetClock, World

WEEK = timedelta(7)
CLOSED = LedarstegSettings(coach_sees_activity=False)


def mark(
    world: World, member: Member, habit: Habit, state: State = State.DONE, reason: SkipReason = SkipReason.ILL
) -> None:
    with world.core.units.writing():
        owner = owner_of(member)
        operations.mark(owner, habit.id, owner.today(), Note(state, reason=reason))


def pause(world: World, member: Member, habit: Habit) -> None:
    with world.core.units.writing():
        owner = owner_of(member)
        operations.pause(owner, habit.id, owner.today())


def report(
    world: World, course: Course, members: Sequence[Member], audience: Role = Role.COACH,
    settings: LedarstegSettings | None = None,
) -> CohortReport:  # fmt: skip
    with world.app.test_request_context(headers={"Accept-Language": "en"}), world.core.units.reading():
        return read(plugin.cohort_report(course.cohort, members, audience, settings or LedarstegSettings()), members)


def run(world: World) -> None:
    with world.app.app_context():
        jobs.rollups()


# ---- the dashboard ----


def test_no_report_reads_an_entry(world: World, course: Course, karin: Member) -> None:
    mark(world, karin, make(world, karin, shared=True))
    run(world)
    for audience in (Role.COACH, Role.TRAINING):
        with counting(world) as counted:
            report(world, course, [karin], audience)
        assert not [statement for statement in counted.statements if "ledarsteg_entry" in statement]


def test_strength_is_as_it_was_counted_and_falls_with_the_job(
    world: World, course: Course, karin: Member, clock: OffsetClock
) -> None:
    habit = make(world, karin, shared=True)
    for _day in range(20):
        mark(world, karin, habit)
        clock.advance(timedelta(1))
    detail = report(world, course, [karin]).cells[karin.id]["shared"].detail
    assert detail == "Hand over a decision: 66\N{NO-BREAK SPACE}%, on the way"
    clock.advance(4 * WEEK)
    run(world)
    detail = report(world, course, [karin]).cells[karin.id]["shared"].detail
    assert detail == "Hand over a decision: 15\N{NO-BREAK SPACE}%, begins"


def test_a_cell_names_three_habits_and_counts_the_rest(world: World, course: Course, karin: Member) -> None:
    for number in range(5):
        make(world, karin, f"Habit {number}", shared=True)
    cell = report(world, course, [karin]).cells[karin.id]["shared"]
    assert (cell.value, cell.text) == (5, "5 habits")
    assert [part.split(":")[0] for part in str(cell.detail).split("; ")] == [
        "Habit 0",
        "Habit 1",
        "Habit 2",
        "and 2 more",
    ]


def test_days_are_counted_over_habits_and_two_weeks(
    world: World, course: Course, karin: Member, clock: OffsetClock
) -> None:
    first, second = make(world, karin), make(world, karin)
    for day in range(21):
        mark(world, karin, first if day % 2 else second)
        if day % 4 == 0:
            mark(world, karin, first)
        clock.advance(timedelta(1))
    cell = report(world, course, [karin]).cells[karin.id]["noted"]
    assert (cell.value, cell.detail) == (13, "last Dec 14")
    clock.advance(timedelta(4))
    assert report(world, course, [karin]).cells[karin.id]["noted"].value == 9


def test_the_last_day_is_known_however_long_ago(
    world: World, course: Course, karin: Member, clock: OffsetClock
) -> None:
    mark(world, karin, make(world, karin))
    clock.advance(30 * WEEK)
    run(world)
    cell = report(world, course, [karin]).cells[karin.id]["noted"]
    assert (cell.value, cell.detail) == (0, "last Nov 24")


def test_who_rests_is_not_called_quiet(world: World, course: Course, clock: OffsetClock) -> None:
    resting, half, quiet = (world.member(course, name=name) for name in ("A", "B", "C"))
    for member in (resting, half, quiet):
        made = [make(world, member, shared=True), make(world, member)]
        for habit in made[: {resting: 2, half: 1, quiet: 0}[member]]:
            pause(world, member, habit)
    members = [resting, half, quiet]
    clock.advance(timedelta(14))
    told = report(world, course, members)
    assert [item.member_id for item in told.attention] == [half.id, quiet.id]
    assert [told.cells[member.id]["noted"].mark for member in members] == ["pause", "", ""]
    (going,) = [picture for picture in told.pictures if picture.key == "going"]
    assert [row[1] for row in going.rows] == ["3", "1", "2"]
    counts = {count.key: count.number for count in report(world, course, members, Role.TRAINING).counts}
    assert counts == {"active": 3, "noted": 0, "paused": 1}


def test_where_the_coach_is_not_to_see_who_takes_part_she_sees_what_is_shared_alone(
    world: World, course: Course, clock: OffsetClock
) -> None:
    sharing, keeping = world.member(course, name="A"), world.member(course, name="B")
    habit = make(world, sharing, shared=True)
    for member, noted in ((sharing, make(world, sharing)), (keeping, make(world, keeping))):
        mark(world, member, noted)
    run(world)
    clock.advance(timedelta(13))
    mark(world, sharing, habit)  # another one than that which is shared
    told = report(world, course, [sharing, keeping], settings=CLOSED)
    assert [column.key for column in told.columns] == ["shared"]
    assert {key for cells in told.cells.values() for key in cells} == {"shared"}
    assert not told.pictures
    assert told.panels == (INSIGHTS,)
    assert told.attention == []


def test_quiet_is_then_said_of_the_shared_habits_alone(world: World, course: Course, clock: OffsetClock) -> None:
    member = world.member(course)
    make(world, member, shared=True)
    private = make(world, member)
    clock.advance(timedelta(14))
    mark(world, member, private)
    assert not report(world, course, [member]).attention
    assert [item.why for item in report(world, course, [member], settings=CLOSED).attention] == ["Quiet for two weeks"]


def test_the_setting_is_the_cohorts(world: World, course: Course, karin: Member) -> None:
    make(world, karin, shared=True)
    coach = world.enter(course, Role.COACH, "Amira Haddad")
    assert "Days noted in two weeks" in coach.get("/cohort").text
    with world.core.units.writing() as unit:
        unit.session.execute(sa.update(CohortPlugin).values(settings={"coach_sees_activity": False}))
    page = coach.get("/cohort").text
    assert "Days noted in two weeks" not in page
    assert "Hand over a decision" in page


def test_the_year_is_a_table_that_says_when_it_was_counted(world: World, course: Course, clock: OffsetClock) -> None:
    members = [world.member(course, name=str(number)) for number in range(4)]
    assert report(world, course, members).panels == (INSIGHTS,)
    for number, member in enumerate(members):
        mark(world, member, make(world, member))
        if number < 1:
            clock.advance(-timedelta(1))
            mark(world, member, make(world, member))
            clock.advance(timedelta(1))
    run(world)
    coach = world.enter(course, Role.COACH, "Amira Haddad")
    page = coach.get("/cohort").text
    year = page[page.index('class="sv-year"') :]
    months = re.findall(r'<th scope="row"><span class="long">(\w+)</span>', year)
    assert (months[0], months[-1], len(months)) == ("December", "November", 12)
    row = year[year.index(">November<") :]
    cells = re.findall(r"<td>(.*?)</td>", row)
    assert "d-q1" in cells[22]
    assert "1 person<" in cells[22]
    assert "d-q4 d-now" in cells[23]
    assert "4 people, today" in cells[23]
    assert cells[24] == cells[0] == ""  # not come yet; before anybody had begun
    assert re.search(r"Counted November 24 08:3\d", page)


@pytest.mark.parametrize("audience", [Role.COACH, Role.TRAINING])
def test_a_report_costs_as_many_statements_for_ten_as_for_many(world: World, course: Course, audience: Role) -> None:
    counts, members = [], []
    for more in (10, 60):
        for number in range(more):
            member = world.member(course, name=f"Manager {number}")
            habit = make(world, member, shared=True)
            mark(world, member, habit)
            with world.core.units.writing():
                operations.comments.say(owner_of(member), habit.id, "x", uuid.uuid4())
            members.append(member)
        run(world)
        with counting(world) as counted:
            report(world, course, members, audience)
        counts.append(len(counted))
    assert counts[0] == counts[1] <= (8 if audience is Role.COACH else 2)


# ---- the page of one manager ----


def test_a_coach_reads_what_is_shared_and_nothing_else(
    world: World, course: Course, karin: Member, clock: OffsetClock
) -> None:
    shared, private = make(world, karin, shared=True), make(world, karin, "Kept to myself")
    mark(world, karin, shared)
    clock.advance(WEEK)
    mark(world, karin, shared, State.SKIP)
    mark(world, karin, private)
    coach = world.enter(course, Role.COACH, "Amira Haddad")
    dashboard = coach.get("/cohort").text
    assert f'href="{coach.path}/ledarsteg/manager/{karin.id}"' in dashboard
    page = coach.get(f"/ledarsteg/manager/{karin.id}").text
    assert "<bdi>Karin Lindqvist</bdi></h1>" in page
    assert "Hand over a decision" in page
    assert "Kept to myself" not in page
    rows = re.findall(r'<tr><th scope="row">(.*?)</th>(.*?)</tr>', page)
    weeks = [[first, *re.findall(r'<td class="num">(.*?)</td>', rest)] for first, rest in rows]
    assert weeks == [
        ["Nov 29", "4\N{NO-BREAK SPACE}%"], ["Dec 1", "4\N{NO-BREAK SPACE}%"],  # the curve as a table
        ["Nov 30", "0", "0", "1"], ["Nov 23", "1", "0", "0"],
    ]  # fmt: skip
    for hers in ("asks me to decide", "what she suggests", "Monday", "Ill"):
        assert hers not in page


def test_that_the_page_was_opened_is_kept_in_the_trail(world: World, course: Course, karin: Member) -> None:
    make(world, karin, shared=True)
    coach = world.enter(course, Role.COACH, "Amira Haddad")
    coach.get(f"/ledarsteg/manager/{karin.id}")
    with world.core.units.reading() as unit:
        events = unit.session.scalars(sa.select(AuditEvent).where(AuditEvent.action == "ledarsteg.view_shared"))
        assert [(event.actor_id, event.object_ref) for event in events] == [(coach.person.id, str(karin.id))]


def test_nothing_shared_left_elsewhere_and_absent_look_the_same(world: World, course: Course, karin: Member) -> None:
    habit = make(world, karin, shared=True)
    beside = world.course(beside=course)
    elsewhere = world.member(beside, name="Eva")
    make(world, elsewhere, shared=True)
    coach = world.enter(course, Role.COACH, "Amira Haddad")
    for wrong in (elsewhere.id, uuid.uuid4(), coach.member.id if coach.member else None):
        assert coach.get(f"/ledarsteg/manager/{wrong}").status_code == 404
    assert world.enter(beside, Role.COACH, "Bo").get(f"/ledarsteg/manager/{karin.id}").status_code == 404
    assert coach.get(f"/ledarsteg/manager/{karin.id}").status_code == 200
    with world.core.units.writing():
        operations.unshare(owner_of(karin), habit.id)
    assert coach.get(f"/ledarsteg/manager/{karin.id}").status_code == 404
    with world.core.units.writing() as unit:
        operations.share(owner_of(karin), habit.id)
        unit.session.execute(sa.update(Member).where(Member.id == karin.id).values(active=False))
    assert coach.get(f"/ledarsteg/manager/{karin.id}").status_code == 404


def test_the_page_is_for_coaches(world: World, course: Course, karin: Member) -> None:
    make(world, karin, shared=True)
    for role in (Role.MANAGER, Role.TRAINING):
        assert world.enter(course, role, "Somebody").get(f"/ledarsteg/manager/{karin.id}").status_code == 403


def test_a_finished_habit_says_so_and_a_counted_one_how_much(
    world: World, course: Course, karin: Member, clock: OffsetClock
) -> None:
    from plugins.ledarsteg.calculations import Kind, Rhythm

    with world.core.units.writing():
        owner = owner_of(karin)
        habit = operations.make_habit(
            owner, operations.NewHabit("Walk", kind=Kind.MINUTES, rhythm=Rhythm(target=10)),
        )  # fmt: skip
        operations.share(owner, habit.id)
        operations.mark(owner, habit.id, TODAY, Note(State.PART, 4))
        operations.retire(owner, habit.id)
    page = world.enter(course, Role.COACH, "Amira Haddad").get(f"/ledarsteg/manager/{karin.id}").text
    assert "Finished November 24, 2026" in page
    assert re.findall(r'<th scope="col"(?: class="num")?>(.*?)</th>', page) == [
        "Week from", "Done", "Partly", "Not done", "Skipped", "Minutes",
    ]  # fmt: skip
    assert re.findall(r'<td class="num">(.*?)</td>', page) == ["0", "1", "0", "0", "4"]
    assert "sv-pic" not in page


def test_a_shared_habit_that_was_never_counted_has_no_table(world: World, course: Course, karin: Member) -> None:
    make(world, karin, shared=True)
    page = world.enter(course, Role.COACH, "Amira Haddad").get(f"/ledarsteg/manager/{karin.id}").text
    assert "Nothing has been counted for it yet" in page
    assert date(2026, 11, 24) == TODAY


@pytest.mark.parametrize("locale", ["sv", "lv"])
def test_every_language_shows_the_page(world: World, course: Course, karin: Member, locale: str) -> None:
    make(world, karin, shared=True)
    mark(world, karin, make(world, karin))
    run(world)
    coach = world.enter(course, Role.COACH, "Amira Haddad", locale=locale)
    for path in (f"/ledarsteg/manager/{karin.id}", "/cohort"):
        assert coach.get(path).status_code == 200


def test_somebody_who_noted_nothing_has_no_last_day() -> None:
    nobody, karin = uuid.uuid4(), uuid.uuid4()
    # The Monday and the Thursday of the week before this one, the seventh of the eight.
    seen = Participation(date(2026, 11, 24), {}, {karin: 0b0001001 << 6 * 7})
    assert (seen.last(nobody), seen.last(karin)) == (None, date(2026, 11, 19))


def test_days_are_counted_in_the_weeks_they_lie_in() -> None:
    karin, bo, out = uuid.uuid4(), uuid.uuid4(), uuid.uuid4()
    # The first Monday of the eight weeks, the Sunday after it, the Tuesday that is today.
    noted = {karin: 1 | 1 << 6 | 1 << 7 * 7 + 1, bo: 1, out: 1 << 7 * 7}
    seen = Participation(date(2026, 11, 24), {}, noted)
    assert (seen.weeks()[0], seen.weeks()[-1]) == (date(2026, 10, 5), date(2026, 11, 23))
    assert seen.by_week([karin, bo]) == [3, 0, 0, 0, 0, 0, 0, 1]
    assert [seen.noted_lately(one) for one in (karin, bo, out)] == [1, 0, 1]
