"""Changing a habit while it goes on, pausing it, taking it up again, and noting what is counted."""

import uuid
from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from plugins.ledarsteg import operations
from plugins.ledarsteg.calculations import EVERY_DAY, Direction, Kind, Mark, Per, Rest, Rhythm, State
from plugins.ledarsteg.models import DropChoice, Entry, Habit, HabitWeek, Pause, Plan, Schedule, Status
from plugins.ledarsteg.operations import Change, ChangedMeanwhile, Dropped, HabitLog, Note, PlanText
from service.audit import AuditEvent
from service.cohorts.models import Member
from service.contract import Invalid
from tests.plugins.ledarsteg.support import TODAY, make, new, owner_of
from tests.support import OffsetClock, World

DAY = timedelta(days=1)


def change(habit: Habit, **values: object) -> Change:
    given = {
        "title": "Another title", "rhythm": Rhythm(TODAY, weekdays=EVERY_DAY), "minutes": 5,
        "plan": PlanText("the door opens", "look up", "count to three"), "drop": Dropped("The report", 20, TODAY + 30 * DAY),
        "revision": habit.revision, **values,
    }  # fmt: skip
    return Change(**given)  # type: ignore[arg-type]


def write(world: World, member: Member, habit: Habit, **values: object) -> None:
    with world.core.units.writing():
        operations.change_habit(owner_of(member), habit.id, change(habit, **values))


def read(world: World, member: Member, habit: Habit) -> HabitLog:
    with world.core.units.reading():
        log = operations.one(owner_of(member), habit.id)
        assert log.habit.title
        return log


def refused(world: World, member: Member, habit: Habit, **values: object) -> str:
    with world.core.units.writing(), pytest.raises(Invalid) as error:
        operations.change_habit(owner_of(member), habit.id, change(habit, **values))
    return next(iter(error.value.fields))


def note(world: World, member: Member, habit: Habit, what: Note, day: date = TODAY) -> Mark | None:
    with world.core.units.writing():
        operations.mark(owner_of(member), habit.id, day, what)
    return read(world, member, habit).marks.get(day)


# ---- changing ----


def test_a_change_keeps_every_word_and_counts_itself(world: World, karin: Member) -> None:
    habit = make(world, karin)
    write(world, karin, habit)
    log = read(world, karin, habit)
    with world.core.units.reading():
        log = operations.one(owner_of(karin), habit.id)
        assert (log.habit.title, log.habit.minutes, log.habit.revision) == ("Another title", 5, 2)
        assert log.plan is not None
        assert (log.plan.cue, log.plan.action, log.plan.coping) == ("the door opens", "look up", "count to three")
        assert log.drop is not None
        assert (log.drop.what, log.drop.minutes_per_week) == ("The report", 20)
        assert log.drop.review_on == TODAY + 30 * DAY


def test_of_two_tabs_the_later_one_is_told(world: World, karin: Member) -> None:
    habit = make(world, karin)
    write(world, karin, habit, title="First")
    with world.core.units.writing(), pytest.raises(ChangedMeanwhile):
        operations.change_habit(owner_of(karin), habit.id, change(habit, title="Second", revision=1))
    with world.core.units.reading():
        assert operations.one(owner_of(karin), habit.id).habit.title == "First"


def test_a_schedule_holds_from_its_day_and_the_past_keeps_its_own(
    world: World, karin: Member, clock: OffsetClock
) -> None:
    habit = make(world, karin)
    clock.advance(timedelta(days=10))
    start = TODAY + 12 * DAY
    write(world, karin, habit, rhythm=Rhythm(start, Per.WEEK, target=3))
    log = read(world, karin, habit)
    assert [(r.from_date, r.per, r.target) for r in log.rhythms] == [(TODAY, Per.DAY, 1), (start, Per.WEEK, 3)]
    assert log.rhythm_on(TODAY + 11 * DAY).per is Per.DAY
    assert len(log.periods) == 11


def test_a_later_change_of_mind_takes_the_place_of_a_schedule_to_come(world: World, karin: Member) -> None:
    habit = make(world, karin)
    write(world, karin, habit, rhythm=Rhythm(TODAY + 9 * DAY, Per.WEEK, target=3))
    write(world, karin, habit, rhythm=Rhythm(TODAY + 2 * DAY, Per.WEEK, target=5), revision=2)
    assert [(r.from_date, r.target) for r in read(world, karin, habit).rhythms] == [(TODAY, 1), (TODAY + 2 * DAY, 5)]


def test_the_same_schedule_again_is_no_new_one(world: World, karin: Member, clock: OffsetClock) -> None:
    habit = make(world, karin)
    clock.advance(timedelta(days=3))
    write(world, karin, habit, rhythm=Rhythm(TODAY + 3 * DAY))
    assert [r.from_date for r in read(world, karin, habit).rhythms] == [TODAY]


def test_on_its_first_day_a_schedule_is_simply_replaced(world: World, karin: Member) -> None:
    habit = make(world, karin)
    write(world, karin, habit, rhythm=Rhythm(TODAY, Per.WEEK, target=2))
    assert [(r.from_date, r.per) for r in read(world, karin, habit).rhythms] == [(TODAY, Per.WEEK)]


def test_a_habit_may_stay_without_a_plan(world: World, karin: Member) -> None:
    habit = make(world, karin, plan=PlanText())
    write(world, karin, habit, plan=PlanText())
    assert read(world, karin, habit).plan is None


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"minutes": 16}, "minutes"),
        ({"rhythm": Rhythm(TODAY - DAY)}, "from_date"),
        ({"rhythm": Rhythm(TODAY + 367 * DAY)}, "from_date"),
        ({"rhythm": Rhythm(TODAY, Per.WEEK, target=8)}, "target"),
        ({"rhythm": Rhythm(TODAY, target=0)}, "target"),
        ({"rhythm": Rhythm(TODAY, direction=Direction.AT_MOST)}, "direction"),
    ],
)
def test_changes_that_cannot_be(world: World, karin: Member, values: dict[str, object], field: str) -> None:
    habit = make(world, karin)
    assert refused(world, karin, habit, **values) == field
    with world.core.units.reading():
        assert operations.one(owner_of(karin), habit.id).habit.title == "Hand over a decision"


def test_a_finished_habit_is_not_changed(world: World, karin: Member) -> None:
    habit = make(world, karin)
    with world.core.units.writing():
        operations.retire(owner_of(karin), habit.id)
    assert refused(world, karin, habit) == "habit"


# ---- pauses ----


def paused(world: World, member: Member, habit: Habit, first: date, last: date | None = None) -> Pause:
    with world.core.units.writing():
        return operations.pause(owner_of(member), habit.id, first, last)


def not_paused(world: World, member: Member, habit: Habit, first: date, last: date | None = None) -> str:
    with world.core.units.writing(), pytest.raises(Invalid) as error:
        operations.pause(owner_of(member), habit.id, first, last)
    return next(iter(error.value.fields))


def test_a_pause_is_a_range_that_asks_for_nothing(world: World, karin: Member, clock: OffsetClock) -> None:
    habit = make(world, karin)
    for _ in range(2):
        made = paused(world, karin, habit, TODAY + DAY, TODAY + 3 * DAY)
    log = read(world, karin, habit)
    assert log.pauses == {made.id: Rest(TODAY + DAY, TODAY + 3 * DAY)}
    clock.advance(timedelta(days=2))
    log = read(world, karin, habit)
    assert log.is_paused(log.today)
    assert not log.is_due_on(log.today)
    with world.core.units.writing(), pytest.raises(Invalid, match="day"):
        operations.mark(owner_of(karin), habit.id, log.today, Note(State.DONE))
    assert operations.open_days(log) == [TODAY]


def test_a_day_noted_before_the_pause_keeps_its_note_and_can_be_changed(
    world: World, karin: Member, clock: OffsetClock
) -> None:
    habit = make(world, karin)
    note(world, karin, habit, Note(State.DONE))
    clock.advance(timedelta(days=2))
    paused(world, karin, habit, TODAY)
    assert note(world, karin, habit, Note(State.MISSED)) == Mark(State.MISSED)
    assert TODAY in operations.open_days(read(world, karin, habit))


def test_pauses_that_cannot_be(world: World, karin: Member, clock: OffsetClock) -> None:
    habit = make(world, karin)
    clock.advance(timedelta(days=20))
    today = TODAY + 20 * DAY
    assert not_paused(world, karin, habit, today, today - DAY) == "last"
    assert not_paused(world, karin, habit, today - 15 * DAY) == "first"
    assert not_paused(world, karin, habit, TODAY - DAY, today) == "first"
    assert not_paused(world, karin, habit, today, today + 367 * DAY) == "last"
    paused(world, karin, habit, today + 2 * DAY, today + 5 * DAY)
    for first, last in ((today + 5 * DAY, today + 8 * DAY), (today, None), (today, today + 2 * DAY)):
        assert not_paused(world, karin, habit, first, last) == "first"
    paused(world, karin, habit, today, today + DAY)
    paused(world, karin, habit, today + 6 * DAY)
    with world.core.units.writing():
        operations.retire(owner_of(karin), habit.id)
    assert not_paused(world, karin, habit, today + 300 * DAY) == "habit"


def test_a_new_habit_cannot_rest_before_it_began(world: World, karin: Member) -> None:
    habit = make(world, karin)
    assert not_paused(world, karin, habit, TODAY - DAY) == "first"


def test_ending_a_pause_takes_the_habit_up_today(world: World, karin: Member, clock: OffsetClock) -> None:
    habit = make(world, karin)
    made = paused(world, karin, habit, TODAY)
    clock.advance(timedelta(days=4))
    for _ in range(2):
        with world.core.units.writing():
            operations.end_pause(owner_of(karin), habit.id, made.id)
    log = read(world, karin, habit)
    assert log.pauses == {made.id: Rest(TODAY, TODAY + 3 * DAY)}
    assert log.is_due_on(log.today)
    with world.core.units.reading() as unit:
        actions = list(unit.session.scalars(sa.select(AuditEvent.action).order_by(AuditEvent.seq)))
    assert actions == ["ledarsteg.pause", "ledarsteg.end_pause"]


def test_a_pause_that_has_not_begun_is_taken_away(world: World, karin: Member) -> None:
    habit = make(world, karin)
    made = paused(world, karin, habit, TODAY, TODAY + DAY)
    with world.core.units.writing():
        operations.end_pause(owner_of(karin), habit.id, made.id)
        operations.end_pause(owner_of(karin), habit.id, uuid.uuid4())
    assert read(world, karin, habit).pauses == {}


# ---- seasons ----


def test_a_finished_habit_is_taken_up_again_as_a_new_season(world: World, karin: Member, clock: OffsetClock) -> None:
    first = make(world, karin, weekdays=0b101)
    note(world, karin, first, Note(State.DONE)) if TODAY.weekday() in (0, 2) else None
    with world.core.units.writing(), pytest.raises(Invalid):
        operations.begin_season(owner_of(karin), first.id)
    with world.core.units.writing():
        operations.retire(owner_of(karin), first.id)
    clock.advance(timedelta(days=60))
    with world.core.units.writing():
        second = operations.begin_season(owner_of(karin), first.id)
        assert operations.begin_season(owner_of(karin), first.id).id == second.id
        operations.retire(owner_of(karin), second.id)
        third = operations.begin_season(owner_of(karin), second.id)
    with world.core.units.reading():
        log = operations.one(owner_of(karin), second.id)
        assert (log.habit.title, log.habit.season, log.habit.continues_id) == ("Hand over a decision", 2, first.id)
        assert (log.habit.starts_on, log.rhythm.weekdays, log.marks) == (TODAY + 60 * DAY, 0b101, {})
        assert log.plan is not None
        assert log.plan.cue == "somebody asks me to decide"
        assert log.drop is not None
        assert (log.drop.what, log.drop.minutes_per_week) == ("Monday's report", 45)
        chains = [
            [other.id for other in operations.seasons(owner_of(karin), habit)] for habit in (first, log.habit, third)
        ]
    assert chains == [[second.id, third.id], [first.id, third.id], [first.id, second.id]]


def test_a_season_without_plan_or_choice_needs_none(world: World, karin: Member) -> None:
    first = make(world, karin, plan=PlanText())
    with world.core.units.writing() as unit:
        unit.session.execute(sa.delete(DropChoice))
        operations.retire(owner_of(karin), first.id)
        second = operations.begin_season(owner_of(karin), first.id)
        assert unit.session.scalar(sa.select(sa.func.count()).select_from(Plan)) == 0
        assert second.status is Status.ACTIVE


# ---- making ----


def test_a_form_sent_twice_makes_one_habit(world: World, karin: Member) -> None:
    key = uuid.uuid4()
    for _ in range(2):
        assert make(world, karin, id=key).id == key


def test_another_persons_id_makes_a_habit_of_its_own(world: World, karin: Member) -> None:
    theirs = make(world, karin)
    peter = world.member(world.course(), name="Peter Nyström")
    mine = make(world, peter, id=theirs.id)
    assert mine.id != theirs.id
    assert mine.person_id == peter.person_id


@pytest.mark.parametrize(
    ("kind", "rhythm", "field"),
    [
        (Kind.BOOLEAN, Rhythm(per=Per.WEEK, target=8), "target"),
        (Kind.COUNT, Rhythm(target=0), "target"),
        (Kind.BOOLEAN, Rhythm(direction=Direction.AT_MOST), "direction"),
    ],
)
def test_schedules_that_cannot_be_kept(world: World, karin: Member, kind: Kind, rhythm: Rhythm, field: str) -> None:
    with world.core.units.writing(), pytest.raises(Invalid) as error:
        operations.make_habit(owner_of(karin), new(kind=kind, rhythm=rhythm))
    assert set(error.value.fields) == {field}


# ---- noting what is counted ----

MINUTES = {"kind": Kind.MINUTES, "rhythm": Rhythm(target=15)}


@pytest.mark.parametrize(
    ("what", "kept"),
    [
        (Note(State.DONE), Mark(State.DONE, 15)),
        (Note(State.DONE, 20), Mark(State.DONE, 20)),
        (Note(State.PART, 5), Mark(State.PART, 5)),
        (Note(State.PART, 15), Mark(State.DONE, 15)),
        (Note(State.PART, 0), Mark(State.MISSED)),
        (Note(State.DONE, 1440), Mark(State.DONE, 1440)),
        (Note(State.MISSED, 7), Mark(State.MISSED)),
        (Note(State.SKIP, 7), Mark(State.SKIP)),
    ],
)
def test_what_is_kept_of_a_counted_note(world: World, karin: Member, what: Note, kept: Mark) -> None:
    assert note(world, karin, make(world, karin, **MINUTES), what) == kept


@pytest.mark.parametrize(
    ("kind", "what", "sentence"),
    [
        (Kind.MINUTES, Note(State.DONE, 1500), "A day has 1440 minutes. You wrote 1500."),
        (Kind.COUNT, Note(State.PART, 1001), "Write at most 1000. You wrote 1001."),
        (Kind.MINUTES, Note(State.PART), "Write how much it was."),
        (Kind.BOOLEAN, Note(State.PART, 1), "This habit is not counted, so it is done or not done."),
    ],
)
def test_notes_that_cannot_be(world: World, karin: Member, kind: Kind, what: Note, sentence: str) -> None:
    habit = make(world, karin, kind=kind)
    with world.core.units.writing(), pytest.raises(Invalid) as error:
        operations.mark(owner_of(karin), habit.id, TODAY, what)
    assert str(error.value.fields["value"]) == sentence
    assert read(world, karin, habit).marks == {}


def test_a_week_takes_whatever_a_day_gives(world: World, karin: Member) -> None:
    habit = make(world, karin, kind=Kind.COUNT, rhythm=Rhythm(per=Per.WEEK, target=9))
    assert note(world, karin, habit, Note(State.DONE)) == Mark(State.DONE, 1)
    assert note(world, karin, habit, Note(State.PART, 4)) == Mark(State.DONE, 4)


@pytest.mark.parametrize(
    ("per", "value", "state"), [(Per.DAY, 0, State.DONE), (Per.DAY, 9, State.PART), (Per.WEEK, 9, State.DONE)]
)
def test_a_most_may_be_nothing(world: World, karin: Member, per: Per, value: int, state: State) -> None:
    rhythm = Rhythm(per=per, target=8, direction=Direction.AT_MOST)
    habit = make(world, karin, kind=Kind.COUNT, rhythm=rhythm)
    assert note(world, karin, habit, Note(State.DONE, value)) == Mark(state, value)


def test_enough_in_a_week_asks_for_no_more(world: World, karin: Member) -> None:
    habit = make(world, karin, rhythm=Rhythm(per=Per.WEEK, target=1))
    assert read(world, karin, habit).is_due_on(TODAY)
    note(world, karin, habit, Note(State.DONE), TODAY)
    log = read(world, karin, habit)
    assert log.is_week_met
    assert log.is_due_on(TODAY)  # what was noted today can be taken back


def test_words_about_a_day_are_kept_sealed_and_shown_newest_first(
    world: World, karin: Member, clock: OffsetClock
) -> None:
    habit = make(world, karin)
    note(world, karin, habit, Note(State.DONE, text="It was easy"))
    clock.advance(timedelta(days=1))
    note(world, karin, habit, Note(State.MISSED, text="It was not"), TODAY + DAY)
    with world.core.units.reading() as unit:
        found = operations.notes(unit.session.get_one(Habit, habit.id))
        sealed = list(unit.session.scalars(sa.select(Entry.note_sealed)))
    assert found == [(TODAY + DAY, "It was not"), (TODAY, "It was easy")]
    assert all(value is not None and b"It was" not in value for value in sealed)


# ---- counts beside the entries ----


def weeks(world: World) -> list[HabitWeek]:
    with world.core.units.reading() as unit:
        return list(unit.session.scalars(sa.select(HabitWeek).order_by(HabitWeek.monday)))


def test_a_note_counts_its_week_and_those_after_it(world: World, karin: Member, clock: OffsetClock) -> None:
    habit = make(world, karin)
    clock.advance(timedelta(days=8))
    for day in (TODAY, TODAY + 8 * DAY):
        note(world, karin, habit, Note(State.DONE), day)
    found = weeks(world)
    assert [(week.monday, week.days, week.done, week.until) for week in found] == [
        (TODAY - DAY, 0b10, 1, TODAY + 5 * DAY), (TODAY + 6 * DAY, 0b100, 1, TODAY + 8 * DAY),
    ]  # fmt: skip
    log = read(world, karin, habit)
    assert found[-1].strength == pytest.approx(log.strength)
    before = found[-1].strength
    note(world, karin, habit, Note(State.DONE), TODAY + 2 * DAY)
    assert weeks(world)[-1].strength > before


def test_taking_back_counts_again(world: World, karin: Member) -> None:
    habit = make(world, karin)
    note(world, karin, habit, Note(State.DONE))
    with world.core.units.writing():
        operations.unmark(owner_of(karin), habit.id, TODAY)
    assert [(week.days, week.done, week.strength) for week in weeks(world)] == [(0, 0, 0.0)]


def test_a_changed_schedule_and_a_pause_count_again(world: World, karin: Member, clock: OffsetClock) -> None:
    habit = make(world, karin)
    note(world, karin, habit, Note(State.DONE))
    clock.advance(timedelta(days=7))
    paused(world, karin, habit, TODAY + DAY, TODAY + 7 * DAY)
    assert [week.strength for week in weeks(world)] == pytest.approx([0.051922] * 2, abs=1e-6)
    with world.core.units.reading() as unit:
        assert unit.session.scalar(sa.select(sa.func.count()).select_from(Schedule)) == 1


def test_a_habit_begun_further_east_has_no_week_yet_where_it_is_yesterday(
    world: World, karin: Member, clock: OffsetClock
) -> None:
    clock.advance(timedelta(hours=-1))
    habit = make(world, karin)
    west = operations.Owner.of(karin.cohort, karin, "Pacific/Honolulu")
    with world.core.units.writing():
        assert west.today() == TODAY - DAY
        operations.change_habit(west, habit.id, change(habit, rhythm=Rhythm(TODAY)))
    assert weeks(world) == []
