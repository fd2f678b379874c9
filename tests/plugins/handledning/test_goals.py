"""Goals, their scales and activities: whose they are, what freezes, and what is refused."""

import uuid
from contextlib import suppress
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plugins.handledning import operations
from plugins.handledning.calculations import LEVELS, Source, Zone, t_score
from plugins.handledning.models import (
    ActivityState,
    DiscretionItem,
    EndReason,
    GoalStatus,
    Moment,
    RoleContent,
    Scope,
)
from plugins.handledning.operations.activities import ActivityDraft, add_activity, change_activity
from plugins.handledning.operations.goal_sheets import GoalSheet, attainment, goal_sheet, goals_of, leanings, smart_of
from plugins.handledning.operations.goals import (
    GoalDraft,
    NotSettled,
    adopt_goal,
    change_goal,
    make_goal,
    read_value,
    set_goal_status,
    settle_goal,
    share_goal,
)
from plugins.handledning.operations.scales import NotFive, begin_on, level_texts, rate, write_scale
from service.errors import Conflict, Forbidden, Invalid, NotFound
from tests.plugins.handledning.support import Pair, actions, pair
from tests.support import OffsetClock, World

FIVE = ("No one plans", "I plan", "The team plans with me", "The team plans", "The team plans for others too")
DRAFT = GoalDraft("The team plans its week", importance=3, difficulty=2)


def first(text: str = "Hand over the schedule", due: date | None = date(2026, 11, 1)) -> ActivityDraft:
    return ActivityDraft(uuid.uuid4(), text, due)


def make(two: Pair, draft: GoalDraft = DRAFT) -> uuid.UUID:
    with two.writing():
        return make_goal(two.as_manager(lock=True), uuid.uuid4(), draft, first()).id


def scaled(two: Pair, goal_id: uuid.UUID, level: int | None = -1, texts: tuple[str, ...] = FIVE) -> None:
    with two.writing():
        found = goal_sheet(two.manager, goal_id, lock=True)
        scale = write_scale(found, found.goal.version, texts)
        if level is not None:
            begin_on(goal_sheet(two.manager, goal_id, lock=True), scale.id, level)


def move(two: Pair, goal_id: uuid.UUID, level: int) -> None:
    with two.writing():
        found = goal_sheet(two.manager, goal_id, lock=True)
        assert found.scale is not None
        rate(found, found.scale.id, level)


def hers(two: Pair, goal_id: uuid.UUID) -> GoalSheet:
    return goal_sheet(two.manager, goal_id, lock=True)


def test_a_goal_has_an_activity_from_its_first_day_and_is_made_once(world: World) -> None:
    two = pair(world)
    goal_id, activity = uuid.uuid4(), first()
    with two.writing():
        access = two.as_manager(lock=True)
        for draft, act, field in (
            (replace(DRAFT, title=""), activity, "title"),
            (replace(DRAFT, importance=0), activity, "importance"),
            (replace(DRAFT, difficulty=4), activity, "importance"),
            (replace(DRAFT, role_content_id=uuid.uuid4()), activity, "role_content_id"),
            (DRAFT, replace(activity, text=""), "text"),
            (DRAFT, replace(activity, due_on=None), "due_on"),
        ):
            with pytest.raises(Invalid) as refused:
                make_goal(access, goal_id, draft, act)
            assert set(refused.value.fields) == {field}
        assert goals_of(access) == []
        for _twice in range(2):
            made = make_goal(access, goal_id, DRAFT, activity)
        assert (made.position, made.weight, make_goal(access, uuid.uuid4(), DRAFT, first()).position) == (0, 6, 1)
    with two.reading():
        one = goals_of(two.as_manager())[0]
        assert [(act.text, act.due_on, act.state) for act in one.activities] == [
            ("Hand over the schedule", date(2026, 11, 1), ActivityState.OPEN)
        ]


def test_no_activity_without_a_goal_of_hers(world: World) -> None:
    two = pair(world)
    other = pair(world, two.course, "Other Manager", two.coach_member)
    foreign = make(other)
    with two.writing():
        access = two.as_manager(lock=True)
        for goal_id in (None, uuid.uuid4(), foreign):
            with pytest.raises(Invalid) as refused:
                add_activity(access, goal_id, first())
            assert set(refused.value.fields) == {"goal"}
        goal = make_goal(access, uuid.uuid4(), DRAFT, first())
        later = first("Ask the team", date(2026, 10, 20))
        assert [add_activity(access, goal.id, later).id for _twice in range(2)] == [later.id, later.id]
        changed = change_activity(two.manager, later.id, 1, replace(later, text="Ask all"), ActivityState.DONE)
        assert (changed.text, changed.version, changed.done_at is not None) == ("Ask all", 2, True)
        # The same again is no conflict, another change on what was not seen is one.
        again = change_activity(two.manager, later.id, 1, replace(later, text="Ask all"), ActivityState.DONE)
        assert again.version == 2
        with pytest.raises(Conflict):
            change_activity(two.manager, later.id, 1, later, ActivityState.OPEN)
        with pytest.raises(Invalid):
            change_activity(two.manager, later.id, 2, replace(later, text=""), ActivityState.OPEN)
        dropped = change_activity(two.manager, later.id, 2, later, ActivityState.DROPPED)
        assert (dropped.done_at, dropped.state) == (None, ActivityState.DROPPED)
        assert change_activity(two.manager, later.id, 3, replace(later, text="Ask"), ActivityState.DROPPED).version == 4
        with pytest.raises(NotFound):
            change_activity(other.manager, later.id, 3, later, ActivityState.OPEN)
    with two.reading():
        assert [act.text for act in goals_of(two.as_manager())[0].activities] == ["Ask", "Hand over the schedule"]


def test_five_distinct_levels_before_she_begins_and_frozen_after(world: World) -> None:
    two = pair(world)
    goal_id = make(two)
    with two.writing():
        for texts, empty, same in (
            (("a", "b", "c", "d", ""), (2,), ()),
            (("a", "b", " A ", "d", "e"), (), (0,)),
            (("", "b", "b", "d", "D"), (-2,), (0, 2)),
        ):
            with pytest.raises(NotFive) as refused:
                write_scale(hers(two, goal_id), 1, texts)
            assert (refused.value.empty, refused.value.same) == (empty, same)
        scale = write_scale(hers(two, goal_id), 1, FIVE)
        assert (scale.version, hers(two, goal_id).level) == (1, None)
        with pytest.raises(Invalid) as early:
            rate(hers(two, goal_id), scale.id, 1)
        assert early.value.fields == {"level": "not_begun"}
        # Until she has begun, words change in place.
        other = (*FIVE[:4], "Other teams ask ours")
        assert write_scale(hers(two, goal_id), 2, other).id == scale.id
        assert write_scale(hers(two, goal_id), 2, other).id == scale.id
        with pytest.raises(Conflict):
            write_scale(hers(two, goal_id), 2, FIVE)
        for level in (0, 1, 2, 3):
            with pytest.raises(Invalid) as no_beginning:
                begin_on(hers(two, goal_id), scale.id, level)
            assert no_beginning.value.fields == {"level": "no_beginning"}
        for level in (-1, -2):
            begin_on(hers(two, goal_id), scale.id, level)
        assert hers(two, goal_id).level == -2
        # The words that she began on stay; new words are a new version, which counts once she has begun on it.
        new = write_scale(hers(two, goal_id), 3, FIVE)
        found = hers(two, goal_id)
        assert (new.version, found.level, level_texts(found.begun), level_texts(found.scale)) == (
            2, -2, list(other), list(FIVE),
        )  # fmt: skip
        with pytest.raises(Conflict):
            begin_on(found, scale.id, -1)
        begin_on(found, new.id, -1)
        assert (hers(two, goal_id).level, level_texts(None)) == (-1, [""] * 5)


def test_ratings_are_kept_once_a_day_and_only_on_what_was_seen(world: World, clock: OffsetClock) -> None:
    two = pair(world)
    goal_id = make(two)
    scaled(two, goal_id)
    with two.writing():
        found = hers(two, goal_id)
        assert found.scale is not None
        for _twice in range(2):
            rate(hers(two, goal_id), found.scale.id, 1, "They did it alone")
        with pytest.raises(Conflict):
            begin_on(hers(two, goal_id), found.scale.id, -2)
        with pytest.raises(Conflict):
            rate(hers(two, goal_id), uuid.uuid4(), 1)
        with pytest.raises(Invalid):
            rate(hers(two, goal_id), found.scale.id, 3)
    clock.advance(timedelta(days=1))
    with two.writing():
        rate(hers(two, goal_id), found.scale.id, 1, "They did it alone")
        rate(hers(two, goal_id), found.scale.id, 0)
    with two.reading():
        one = goal_sheet(two.coach, goal_id)
        assert ([rating.level for rating in one.ratings], one.level, one.ratings[1].note) == (
            [0, 1, 1], 0, "They did it alone",
        )  # fmt: skip


def test_t_and_its_change_over_the_goals_that_each_may_read(world: World) -> None:
    two = pair(world)
    drafts = [
        replace(DRAFT, importance=3, difficulty=2),
        replace(DRAFT, importance=2, difficulty=2),
        replace(DRAFT, importance=1, difficulty=2),
    ]
    goals = [make(two, draft) for draft in drafts]
    with two.reading():
        assert attainment(goals_of(two.as_manager())) is None
    for goal_id, begin in zip(goals, (-1, -1, -2), strict=True):
        scaled(two, goal_id, begin)
    for goal_id, now in ((goals[0], 1), (goals[1], 0), (goals[2], -1)):
        move(two, goal_id, now)
    make(two)  # without a scale it plays no part
    with two.reading():
        found = attainment(goals_of(two.as_coach()))
        assert found is not None
        assert (found.baseline, found.now, found.change) == (
            pytest.approx(34.58, abs=5e-3), pytest.approx(54.41, abs=5e-3), pytest.approx(19.83, abs=5e-3),
        )  # fmt: skip
    life = make(two, replace(DRAFT, scope=Scope.LIFE))
    scaled(two, life, -2)
    with two.reading():
        mine, coachs = (attainment(goals_of(access)) for access in (two.as_manager(), two.as_coach()))
        assert coachs == found
        assert mine is not None
        assert mine.baseline == pytest.approx(t_score((6, 4, 2, 6), (-1, -1, -2, -2)))


def test_a_seventh_goal_has_no_place_in_the_sum(world: World) -> None:
    two = pair(world)
    for _number in range(6):
        scaled(two, make(two))
    seventh = make(two)
    with pytest.raises(Invalid) as refused:
        scaled(two, seventh)
    assert refused.value.fields == {"level": "too_many"}


def test_a_life_goal_is_the_managers_until_she_shares_it(world: World) -> None:
    two = pair(world)
    goal_id = make(two, replace(DRAFT, scope=Scope.LIFE))
    scaled(two, goal_id)
    with two.writing():
        with pytest.raises(NotFound) as refused:
            goal_sheet(two.coach, goal_id)
        assert refused.value.denial is not None
        assert goals_of(two.as_coach()) == []
        for _twice in range(2):
            share_goal(hers(two, goal_id), shared=True)
        assert goal_sheet(two.coach, goal_id).level == -1
        share_goal(hers(two, goal_id), shared=False)
        assert goals_of(two.as_coach()) == []
    assert [name for name, _ in actions(world)][-2:] == ["handledning.share_goal", "handledning.unshare_goal"]


def test_smart_is_advice_until_she_settles(world: World, clock: OffsetClock) -> None:
    two = pair(world)
    today = clock.now().date()
    goal_id = make(two)
    with two.writing() as unit:
        for row in (
            RoleContent(engagement_id=two.engagement.id, manager_id=two.manager.person_id, position=0, text="Planning"),
            DiscretionItem(
                engagement_id=two.engagement.id, manager_id=two.manager.person_id, position=0, zone_now=Zone.OWN,
                zone_wanted=Zone.OWN, source=Source.BOSS, text="The schedule",
            ),
        ):  # fmt: skip
            unit.session.add(row)
        unit.session.flush()
        found = hers(two, goal_id)
        assert smart_of(found).number == 0
        with pytest.raises(NotSettled) as refused:
            settle_goal(found)
        assert set(refused.value.fields) == {"specific", "measurable", "achievable", "relevant", "timely"}
        leans = leanings(two.as_manager())
        whole = replace(
            DRAFT, what="Hand over the schedule", where="with the day team", measure="Questions", unit="a week",
            baseline="12", target="3", value="Time to lead", due_on=today + timedelta(days=20),
            role_content_id=leans["role_content_id"][0].id, discretion_id=leans["discretion_id"][0].id,
        )  # fmt: skip
        assert leanings(two.as_coach()) == {"discretion_id": [], "role_content_id": [], "operations_goal_id": []}
        change_goal(hers(two, goal_id), 1, whole)
        for _twice in range(2):
            settle_goal(hers(two, goal_id))
        assert hers(two, goal_id).goal.settled_at is not None
        assert change_goal(hers(two, goal_id), 1, whole).version == 3  # the same again: still settled
        with pytest.raises(Conflict):
            change_goal(hers(two, goal_id), 2, DRAFT)
        # After the contract's end it is too late.
        change_goal(hers(two, goal_id), 3, replace(whole, due_on=date(2027, 1, 1)))
        found = hers(two, goal_id)
        assert (found.goal.settled_at, smart_of(found).timely, smart_of(found).number) == (None, False, 4)
        # The coach sees the advice, though not the map that it leans on.
        assert smart_of(goal_sheet(two.coach, goal_id)).achievable


def test_status_and_value_are_hers_to_say(world: World) -> None:
    two = pair(world)
    goal_id = make(two)
    with two.writing():
        set_goal_status(hers(two, goal_id), GoalStatus.REACHED)
        reached = hers(two, goal_id).goal
        assert (reached.status, reached.ended_at is not None, reached.version) == (GoalStatus.REACHED, True, 2)
        set_goal_status(hers(two, goal_id), GoalStatus.REACHED)
        set_goal_status(hers(two, goal_id), GoalStatus.RESTING)
        resting = hers(two, goal_id).goal
        assert (resting.ended_at, resting.version) == (None, 3)
        for rating, text in ((3, "Half way"), (4, "More than I thought")):
            read_value(hers(two, goal_id), Moment.HALFWAY, rating, text)
        read_value(hers(two, goal_id), Moment.END, 5, "")
        for moment, rating in ((Moment.START, 3), (Moment.END, 6)):
            with pytest.raises(Invalid):
                read_value(hers(two, goal_id), moment, rating, "")
        found = goal_sheet(two.coach, goal_id)
        half, end = found.reading(Moment.HALFWAY), found.reading(Moment.END)
        assert half is not None
        assert end is not None
        assert (half.rating, half.text, end.rating, found.reading(Moment.START)) == (4, "More than I thought", 5, None)


def test_another_plugins_result_becomes_a_goal_once(world: World) -> None:
    two = pair(world)
    ref = uuid.uuid4()
    with two.writing():
        access = two.as_manager(lock=True)
        made = [adopt_goal(access, "I ask each week what they need", ref) for _twice in range(2)]
        assert made[0].id == made[1].id
        one = goals_of(access)[0]
        assert (one.goal.title, one.goal.scope, len(one.activities)) == (
            "I ask each week what they need", Scope.PROFESSIONAL, 1,
        )  # fmt: skip


def test_a_coach_writes_nothing_of_a_goal(world: World) -> None:
    two = pair(world)
    goal_id = make(two)
    scaled(two, goal_id, level=None)
    activity_id = uuid.uuid4()
    with two.writing():
        add_activity(two.as_manager(), goal_id, replace(first(), id=activity_id))
    with two.writing():
        found, access = goal_sheet(two.coach, goal_id, lock=True), two.as_coach()
        scale_id = found.scale.id  # type: ignore[union-attr]
        for attempt in (
            lambda: make_goal(access, uuid.uuid4(), DRAFT, first()),
            lambda: adopt_goal(access, "Mine", uuid.uuid4()),
            lambda: change_goal(found, found.goal.version, replace(DRAFT, title="Mine")),
            lambda: settle_goal(found),
            lambda: set_goal_status(found, GoalStatus.REACHED),
            lambda: share_goal(found, shared=True),
            lambda: read_value(found, Moment.END, 5, "Mine"),
            lambda: write_scale(found, found.goal.version, ("a", "b", "c", "d", "e")),
            lambda: begin_on(found, scale_id, -1),
            lambda: rate(found, scale_id, 1),
            lambda: add_activity(access, goal_id, first()),
            lambda: change_activity(two.coach, activity_id, 1, first("Mine"), ActivityState.DONE),
        ):
            with pytest.raises(Forbidden) as refused:
                attempt()
            assert refused.value.denial is not None
    with two.reading():
        after = goal_sheet(two.manager, goal_id)
        assert (after.goal.title, after.goal.status, after.level, len(after.activities), after.readings) == (
            DRAFT.title, GoalStatus.OPEN, None, 2, [],
        )  # fmt: skip


def test_an_ended_engagement_keeps_its_goals_as_they_are(world: World) -> None:
    two = pair(world)
    goal_id = make(two)
    with two.writing():
        operations.end(two.as_manager(lock=True), EndReason.FINISHED)
    with two.writing():
        found = hers(two, goal_id)
        for attempt in (
            lambda: make_goal(found.access, uuid.uuid4(), DRAFT, first()),
            lambda: change_goal(found, 1, replace(DRAFT, title="Late")),
            lambda: set_goal_status(found, GoalStatus.REACHED),
            lambda: write_scale(found, 1, FIVE),
            lambda: add_activity(found.access, goal_id, first()),
        ):
            with pytest.raises(Conflict):
                attempt()
        with pytest.raises(NotFound):
            goal_sheet(two.coach, goal_id)


class _Undo(Exception):
    """Leaves nothing of an example behind."""


STEPS = st.one_of(
    st.tuples(st.just("write"), st.lists(st.sampled_from("abcde "), min_size=5, max_size=5)),
    st.tuples(st.just("write"), st.permutations("abcde")),
    st.tuples(st.just("begin"), st.sampled_from(LEVELS)),
    st.tuples(st.just("rate"), st.sampled_from(LEVELS)),
)


def test_whatever_the_order_no_scale_is_begun_without_five_levels_and_none_changes_after(world: World) -> None:
    two = pair(world)
    goal_id = make(two)

    @settings(max_examples=25, deadline=None)
    @given(steps=st.lists(STEPS, max_size=12))
    def play(steps: list[tuple[str, object]]) -> None:
        frozen: dict[uuid.UUID, list[str]] = {}
        with suppress(_Undo), two.writing():
            for step in steps:
                take(two, goal_id, *step)
                check(hers(two, goal_id), frozen)
            raise _Undo

    play()


def take(two: Pair, goal_id: uuid.UUID, verb: str, value: object) -> None:
    found = hers(two, goal_id)
    seen = found.scale.id if found.scale else uuid.uuid4()
    with suppress(Invalid, Conflict):
        if verb == "write":
            write_scale(found, found.goal.version, value)  # type: ignore[arg-type]
        elif verb == "begin":
            begin_on(found, seen, value)  # type: ignore[arg-type]
        else:
            rate(found, seen, value)  # type: ignore[arg-type]


def check(found: GoalSheet, frozen: dict[uuid.UUID, list[str]]) -> None:
    for scale in found.scales:
        texts = level_texts(scale)
        assert len({text.strip().casefold() for text in texts} - {""}) == 5
        if scale.baseline is not None:
            assert frozen.setdefault(scale.id, texts) == texts
            assert scale.baseline in (-2, -1)
    assert [one.version for one in found.scales] == list(range(len(found.scales), 0, -1))
    assert all(rating.scale_id in frozen for rating in found.ratings)
    assert (found.level is None) is (not frozen)
