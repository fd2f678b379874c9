"""A session's way: booked, prepared, held, closed or cancelled; what each of the two does in it, and what comes after."""

import uuid
from dataclasses import replace
from datetime import date, timedelta

import pytest

from plugins.handledning import operations
from plugins.handledning.calculations import MissingKind
from plugins.handledning.models import (
    CancelReason,
    Driver,
    Focus,
    HomeworkKind,
    Mode,
    Outcome,
    Side,
    State,
    TrustPulse,
)
from plugins.handledning.operations import Draft, HomeworkDraft, Meeting, NotYet, OutcomeDraft, Sheet
from plugins.handledning.operations.after import Pulses, feedback, give_feedback, give_pulse, pulses
from plugins.handledning.operations.bank import (
    Offered,
    QuestionDraft,
    bank,
    in_language,
    own_key,
    question,
    write_question,
)
from plugins.handledning.operations.closing import make_habit, may_reopen, offer_habits, reopen_session
from plugins.handledning.operations.goal_sheets import goal_sheet
from plugins.handledning.operations.holding import PartDraft, drafted_parts, parts_of, save_parts
from plugins.handledning.operations.planning import cancel_session
from plugins.handledning.operations.preparing import (
    QUESTIONS_MAX,
    Preparation,
    PreparationDraft,
    Rated,
    add_to_agenda,
    pick_questions,
    preparation,
    remove_from_agenda,
    save_preparation,
)
from service.access import Role
from service.errors import Conflict, Forbidden, Invalid, NotFound
from tests.plugins.handledning.support import MEETING, START, Pair, actions, full, pair
from tests.plugins.handledning.test_goals import make, scaled
from tests.plugins.handledning.test_hooks import behind_the_door
from tests.support import World

LATER = START + timedelta(days=28)


def prepared(two: Pair, session_id: uuid.UUID) -> Preparation:
    return preparation(two.manager, session_id)


# --- planning ---------------------------------------------------------------------------------------------------------


def test_how_they_meet_and_what_about_is_part_of_the_plan(world: World) -> None:
    two = pair(world)
    with two.writing():
        its = operations.plan_session(two.coach, two.engagement.id, replace(MEETING, mode=Mode.VIDEO, focus=Focus.BOTH))
        assert (its.mode, its.focus, its.sequence) == (Mode.VIDEO, Focus.BOTH, 0)
        moved = Meeting(LATER, 120, mode=Mode.PHONE)
        found = operations.save_frame(two.coach, its.id, 1, moved).session
        assert (found.mode, found.focus, found.sequence) == (Mode.PHONE, None, 1)
        assert operations.save_frame(two.manager, its.id, 2, moved).session.sequence == 1


def test_a_cancelled_session_keeps_its_number_and_says_why(world: World) -> None:
    two = pair(world)
    first, held = two.plan(), two.plan(LATER)
    two.save(held, full(start=LATER))
    with two.writing():
        with pytest.raises(Conflict):
            cancel_session(two.manager, first, 7, CancelReason.TIME)
        for _twice in range(2):
            found = cancel_session(two.coach, first, 1, CancelReason.CAME_BETWEEN, "We meet in May instead")
        row = found.session
        assert (row.state, row.cancel_reason, row.number, row.version, row.sequence, row.cancelled_at is not None) == (
            State.CANCELLED, CancelReason.CAME_BETWEEN, 1, 2, 1, True,
        )  # fmt: skip
        text = prepared(two, first).text
        assert text is not None
        assert text.cancel_note == "We meet in May instead"
        with pytest.raises(Conflict):
            operations.save_frame(two.manager, first, 2, MEETING)
        with pytest.raises(Conflict):
            cancel_session(two.manager, held, 2, CancelReason.OTHER)
        assert operations.plan_session(two.manager, two.engagement.id, MEETING).number == 3
        without = two_sessions(two)
        assert prepared(two, without).text is None
    assert [name for name, _ in actions(world)].count("handledning.cancel_session") == 2


def two_sessions(two: Pair) -> uuid.UUID:
    """One more, cancelled without a word."""
    its = operations.plan_session(two.manager, two.engagement.id, MEETING)
    cancel_session(two.manager, its.id, 1, CancelReason.NOT_NEEDED)
    return its.id


# --- preparing --------------------------------------------------------------------------------------------------------


def test_preparing_begins_with_the_homework_and_keeps_everything(world: World) -> None:
    two = pair(world)
    two.talk()
    goal_id = make(two)
    scaled(two, goal_id)
    session_id = two.plan(LATER)
    with two.writing():
        pick_questions(two.coach, session_id, ["goal-1", "group-2"])
        found = prepared(two, session_id)
        scale = goal_sheet(two.manager, goal_id).scale
        assert scale is not None
        draft = PreparationDraft(
            topic="The night shift", quick_win="One call less",
            answers={found.answers[0].id: "They call each other"},
            outcomes=[OutcomeDraft(found.sheet.follow_up[0].id, Outcome.PARTLY, "Two of three")],
            ratings=[Rated(goal_id, scale.id, 0)],
        )  # fmt: skip
        with pytest.raises(Conflict):
            save_preparation(two.manager, session_id, 3, draft)
        saved = save_preparation(two.manager, session_id, 0, draft)
        row = saved.sheet.session
        assert (row.state, row.version, saved.version, saved.sheet.follow_up[0].state) == (
            State.PREPARED, 2, 1, Outcome.PARTLY,
        )  # fmt: skip
        # The coach's change of the time is no conflict with what the manager goes on writing.
        operations.save_frame(two.coach, session_id, 2, Meeting(LATER, 120))
        again = save_preparation(two.manager, session_id, 1, replace(draft, topic="The day shift"))
        assert (again.version, again.text.topic, again.text.quick_win) == (2, "The day shift", "One call less")  # type: ignore[union-attr]
        assert [answer.text for answer in again.answers] == ["They call each other", ""]
        assert again.answers[0].en.startswith("What is to be different")
        # The same again is nothing; a rating alone is kept, and a goal that stays is not rated twice.
        same = replace(draft, topic="The day shift", ratings=[Rated(goal_id, scale.id, 1)])
        for _twice in range(2):
            assert save_preparation(two.manager, session_id, 1, same).version == 2
        ratings = goal_sheet(two.manager, goal_id).ratings
        assert [(one.level, one.session_id) for one in ratings] == [(1, session_id), (0, session_id)]
        for strange in (
            replace(same, ratings=[Rated(uuid.uuid4(), scale.id, 1)]),
            replace(same, outcomes=[OutcomeDraft(uuid.uuid4(), Outcome.DONE)]),
        ):
            with pytest.raises(NotFound):
                save_preparation(two.manager, session_id, 2, strange)
        assert save_preparation(two.manager, session_id, 2, replace(same, answers={uuid.uuid4(): ""})).version == 3
    with two.reading():
        held = two.coach
        assert preparation(held, session_id).answers[0].text == "They call each other"


def test_an_outcome_from_the_sessions_page_is_not_overwritten_by_an_older_preparation(world: World) -> None:
    two = pair(world)
    two.talk()
    session_id = two.plan(LATER)
    with two.reading():
        item = operations.sheet(two.manager, session_id).follow_up[0].id
    for _twice in range(2):  # the second time nothing changes
        two.save(session_id, full(start=LATER, outcomes=[OutcomeDraft(item, Outcome.DONE)]))
    with two.writing():
        with pytest.raises(Conflict):
            save_preparation(two.manager, session_id, 0, PreparationDraft(outcomes=[OutcomeDraft(item, Outcome.OPEN)]))
        kept = save_preparation(
            two.manager, session_id, 1, PreparationDraft(outcomes=[OutcomeDraft(item, Outcome.DONE)])
        )
        assert kept.sheet.follow_up[0].state is Outcome.DONE


def test_held_before_it_was_prepared_stays_held(world: World) -> None:
    two = pair(world)
    session_id = two.plan()
    two.save(session_id, full())
    with two.writing():
        saved = save_preparation(two.manager, session_id, 0, PreparationDraft())
        assert (saved.sheet.session.state, saved.sheet.session.prepared_at is not None) == (State.HELD, True)
    assert two.save(session_id, Draft(meeting=MEETING)).session.state is State.HELD
    assert two.save(session_id, Draft(meeting=Meeting(START, 150))).session.state is State.PREPARED


def test_the_coach_picks_questions_and_an_answered_one_stays(world: World) -> None:
    two = pair(world)
    session_id = two.plan()
    with two.writing():
        pick_questions(two.coach, session_id, ["goal-1", "role-1", "goal-1"])
        found = prepared(two, session_id)
        assert [answer.question_key for answer in found.answers] == ["goal-1", "role-1"]
        save_preparation(two.manager, session_id, 0, PreparationDraft(answers={found.answers[1].id: "Planning"}))
        pick_questions(two.coach, session_id, ["people-1"])
        assert [answer.question_key for answer in prepared(two, session_id).answers] == ["role-1", "people-1"]
        for keys, reason in (
            (["nothing-1"], "unknown"),
            ([one.key for one in bank(two.course.cohort)][:7], "too_many"),
        ):
            with pytest.raises(Invalid) as refused:
                pick_questions(two.coach, session_id, keys)
            assert refused.value.fields == {"questions": reason}
        assert QUESTIONS_MAX == 6
        with pytest.raises(Forbidden):
            pick_questions(two.manager, session_id, ["goal-1"])


def test_both_put_things_on_the_agenda_and_take_their_own_away(world: World) -> None:
    two = pair(world)
    session_id = two.plan()
    mine, coachs = uuid.uuid4(), uuid.uuid4()
    with two.writing():
        for _twice in range(2):
            add_to_agenda(two.manager, session_id, mine, "The reorganisation", Driver.MANAGER)
        add_to_agenda(two.coach, session_id, coachs, "How we work", Driver.COACH)
        with pytest.raises(Invalid):
            add_to_agenda(two.coach, session_id, uuid.uuid4(), "", Driver.BOTH)
        assert [(item.text, item.driver) for item in prepared(two, session_id).agenda] == [
            ("The reorganisation", Driver.MANAGER), ("How we work", Driver.COACH),
        ]  # fmt: skip
        with pytest.raises(Forbidden) as refused:
            remove_from_agenda(two.coach, session_id, mine)
        assert refused.value.denial is not None
        with pytest.raises(NotFound):
            remove_from_agenda(two.coach, session_id, uuid.uuid4())
        remove_from_agenda(two.coach, session_id, coachs)
        assert [item.id for item in prepared(two, session_id).agenda] == [mine]


def test_the_bank_is_the_products_until_training_changes_it(world: World) -> None:
    two = pair(world)
    training = world.member(two.course, Role.TRAINING, "Johan")
    party = replace(two.manager, person_id=training.person_id, role=Role.TRAINING)
    beside = world.course(beside=two.course)
    with two.writing():
        before = bank(two.course.cohort)
        assert (len(before), before[0].key, before[0].version) == (30, "goal-1", 0)
        changed = replace(before[0].draft, sv="Vad ska bli annorlunda?")
        for _twice in range(2):
            write_question(party, "goal-1", 0, changed)
        with pytest.raises(Conflict):
            write_question(party, "goal-1", 0, before[0].draft)
        write_question(party, "role-1", 0, replace(question(two.course.cohort, "role-1").draft, retired=True))
        key = own_key(uuid.uuid4())
        write_question(party, key, 0, QuestionDraft("role", sv="Vad är du stolt över?"))
        after = bank(two.course.cohort)
        assert (after[0].draft, after[0].version, len(after)) == (changed, 1, 31)
        assert [one.key for one in after if one.draft.theme == "role"] == ["role-1", "role-2", "role-3", key]
        assert bank(beside.cohort) == before
        session_id = operations.plan_session(two.manager, two.engagement.id, MEETING).id
        with pytest.raises(Invalid):
            pick_questions(two.coach, session_id, ["role-1"])
        pick_questions(two.coach, session_id, [key])
        answer = prepared(two, session_id).answers[0]
        assert (answer.sv, answer.en) == ("Vad är du stolt över?", "")
        # What was asked keeps its words, also when the question is changed or retired.
        write_question(party, key, 1, QuestionDraft("role", sv="Annat", retired=True))
        assert prepared(two, session_id).answers[0].sv == "Vad är du stolt över?"
        pick_questions(two.coach, session_id, [key])
        for draft, place in ((replace(changed, theme="weather"), "goal-2"), (QuestionDraft("goal"), "goal-2")):
            with pytest.raises(Invalid):
                write_question(party, place, 0, draft)
        with pytest.raises(NotFound):
            write_question(party, "somebody-elses", 0, changed)
        with pytest.raises(NotFound):
            question(two.course.cohort, "somebody-elses")
        for who in (two.manager, two.coach):
            with pytest.raises(Forbidden) as refused:
                write_question(who, "goal-2", 0, changed)
            assert refused.value.denial is not None
    odd = Offered("own-1", QuestionDraft("", lv="Ko?"))
    assert (in_language(odd.words, "sv"), in_language({}, "sv")) == (("lv", "Ko?"), ("sv", ""))
    assert in_language({"sv": "Vad?", "en": "What?"}, "en") == ("en", "What?")


# --- holding ----------------------------------------------------------------------------------------------------------


def test_parts_give_the_minutes_and_either_of_the_two_keeps_the_time(world: World) -> None:
    two = pair(world)
    session_id = two.plan()
    with two.writing():
        found = operations.sheet(two.manager, session_id)
        boxes = drafted_parts(found.access, found.session)
        assert [(part.key, part.planned_minutes, part.minutes) for part in boxes][:2] == [
            ("opening", 10, None), ("follow_up", 25, None),
        ]  # fmt: skip
        spent = [replace(part, minutes=part.planned_minutes) for part in boxes]
        spent[2] = replace(spent[2], technique="scaling")
        row = save_parts(two.coach, session_id, 1, spent).session
        assert (row.process_minutes, row.result_minutes, row.state, row.version) == (80, 70, State.HELD, 2)
        assert save_parts(two.manager, session_id, 1, spent).session.version == 2  # the same again
        with pytest.raises(Conflict):
            save_parts(two.manager, session_id, 1, boxes)
        # While the parts are noted, minutes typed elsewhere change nothing.
        typed = operations.save_frame(two.manager, session_id, 2, Meeting(START, 150, 1, 2)).session
        assert (typed.process_minutes, typed.result_minutes) == (80, 70)
        fewer = [replace(spent[0], minutes=None, side=Side.RESULT), replace(spent[2], minutes=60)]
        row = save_parts(two.manager, session_id, 3, fewer).session
        assert (row.process_minutes, row.result_minutes, len(parts_of(found.access, session_id))) == (60, 0, 2)
        none = [replace(part, minutes=None) for part in fewer]
        row = save_parts(two.manager, session_id, 4, none).session
        assert (row.process_minutes, row.result_minutes, row.state) == (None, None, State.PLANNED)
        assert operations.save_frame(two.manager, session_id, 5, MEETING).session.minutes == 150
        for wrong, field in (
            (replace(spent[0], key="dancing"), "part"),
            (replace(spent[0], technique="magic"), "technique"),
            (replace(spent[0], minutes=-1), "minutes"),
            (replace(spent[0], planned_minutes=-1), "minutes"),
            (replace(spent[0], minutes=1441), "minutes"),
        ):
            with pytest.raises(Invalid) as refused:
                save_parts(two.manager, session_id, 6, [wrong])
            assert set(refused.value.fields) == {field}
    with two.reading():
        assert drafted_parts(two.as_coach(), operations.sheet(two.coach, session_id).session) == none


# --- closing ----------------------------------------------------------------------------------------------------------


def test_letting_homework_go_needs_a_reason(world: World) -> None:
    two = pair(world)
    two.talk()
    session_id = two.plan(LATER)
    with two.reading():
        waiting = operations.sheet(two.manager, session_id).follow_up[0].id
    page = full(start=LATER, outcomes=[OutcomeDraft(waiting, Outcome.DROPPED)])
    two.save(session_id, page)
    with pytest.raises(NotYet) as refused:
        two.close(session_id)
    assert [item.kind for item in refused.value.missing] == [MissingKind.REASON]
    two.save(session_id, replace(page, outcomes=[OutcomeDraft(waiting, Outcome.DROPPED, "The team does it now")]))
    two.close(session_id)


def test_homework_is_due_by_the_next_session_where_that_is_booked(world: World) -> None:
    two = pair(world)
    session_id = two.plan()
    two.plan(LATER)
    two.save(session_id, full(due=date(2026, 10, 30)))
    with pytest.raises(NotYet) as refused:
        two.close(session_id)
    assert [item.kind for item in refused.value.missing] == [MissingKind.TOO_LATE]
    two.save(session_id, full(due=date(2026, 10, 29)))
    two.close(session_id)


def test_a_decision_may_be_kept_to_herself(world: World) -> None:
    two = pair(world)
    session_id = two.plan()
    for _twice in range(2):
        two.save(session_id, full(decision="I say no", keeps_decision=True))
    with two.reading():
        mine, coachs = (operations.sheet(who, session_id).decision for who in (two.manager, two.coach))
        assert mine is not None
        assert (mine.text, mine.version, coachs) == ("I say no", 1, None)
    two.save(session_id, full(decision="I say no"))
    with two.reading():
        assert operations.sheet(two.coach, session_id).decision.text == "I say no"  # type: ignore[union-attr]


def test_only_the_newest_closed_session_opens_again_and_the_trail_says_so(world: World) -> None:
    two = pair(world)
    first = two.talk()
    with two.writing():
        assert may_reopen(operations.sheet(two.manager, first))
        assert reopen_session(two.manager, first).session.state is State.HELD
        assert not may_reopen(operations.sheet(two.manager, first))
        with pytest.raises(Conflict):
            reopen_session(two.manager, first)
    two.close(first)
    second = two.plan(LATER)
    with two.reading():
        waiting = operations.sheet(two.manager, second).follow_up[0].id
    two.save(second, full(start=LATER, due=date(2026, 12, 1), outcomes=[OutcomeDraft(waiting, Outcome.DONE)]))
    two.close(second)
    with two.writing():
        with pytest.raises(Conflict):
            reopen_session(two.manager, first)
        with pytest.raises(Forbidden):
            reopen_session(two.coach, second)
        assert reopen_session(two.manager, second).session.closed_at is None
    assert [name for name, _ in actions(world)].count("handledning.reopen_session") == 2


def test_what_is_practised_becomes_a_habit_once(world: World) -> None:
    two = pair(world)
    session_id = two.plan()
    practice = HomeworkDraft(uuid.uuid4(), "Ask before I answer", "Three times a day", date(2026, 10, 20), 3,
                             HomeworkKind.PRACTICE, 10, habit_wanted=True)  # fmt: skip
    trying = replace(practice, id=uuid.uuid4(), text="Try silence", kind=HomeworkKind.EXPERIMENT)
    two.save(session_id, full(homework=[practice, trying]))
    with behind_the_door(two.enter(two.manager_member)), two.writing():
        found = operations.sheet(two.manager, session_id)
        assert [(item.kind, item.repetitions, item.habit_wanted) for item in found.new] == [
            (HomeworkKind.PRACTICE, 10, True), (HomeworkKind.EXPERIMENT, None, False),
        ]  # fmt: skip
        made = offer_habits(found)
        assert [one.plugin for one in made if one] == ["ledarsteg"]
        assert offer_habits(operations.sheet(two.manager, session_id)) == []
        again = make_habit(found, practice.id)
        assert again is not None
        assert again.ref == made[0].ref  # type: ignore[union-attr]
        for homework_id in (trying.id, uuid.uuid4()):
            with pytest.raises(NotFound):
                make_habit(found, homework_id)
        with pytest.raises(Forbidden):
            make_habit(operations.sheet(two.coach, session_id), practice.id)


def test_without_a_plugin_for_habits_practice_stays_homework(world: World) -> None:
    two = pair(world, world.course(plugins={"handledning": {}}))
    session_id = two.plan()
    practice = HomeworkDraft(
        uuid.uuid4(), "Ask", "Shows", date(2026, 10, 20), 3, HomeworkKind.PRACTICE, None, habit_wanted=True
    )
    two.save(session_id, full(homework=[practice]))
    with behind_the_door(two.enter(two.manager_member)), two.writing():
        found = operations.sheet(two.manager, session_id)
        assert (offer_habits(found), found.new[0].adopted_at) == ([None], None)


# --- after ------------------------------------------------------------------------------------------------------------


def test_a_pulse_is_shown_when_both_gave_theirs_and_not_before(world: World) -> None:
    two = pair(world)
    session_id = two.plan()
    with two.writing(), pytest.raises(Invalid):
        give_pulse(two.manager, session_id, 4)
    two.save(session_id, full())

    def seen() -> tuple[Pulses, Pulses]:
        return pulses(two.as_manager(), session_id), pulses(two.as_coach(), session_id)

    with two.writing() as unit:
        assert seen() == (Pulses(None, None), Pulses(None, None))
        for value in (2, 4, 4):
            assert give_pulse(two.manager, session_id, value) == Pulses(4 if value == 4 else 2, None)
        assert seen() == (Pulses(4, None), Pulses(None, None))
        with pytest.raises(Invalid):
            give_pulse(two.coach, session_id, 6)
        assert give_pulse(two.coach, session_id, 5) == Pulses(5, 4)
        assert seen() == (Pulses(4, 5), Pulses(5, 4))
        assert seen()[0].both
        with pytest.raises(Conflict):
            give_pulse(two.manager, session_id, 1)
        assert give_pulse(two.manager, session_id, 4).both
        rows = unit.session.query(TrustPulse).all()
        assert {row.person_id for row in rows} == {two.manager.person_id, two.coach.person_id}
        assert all(row.value_sealed and len(row.value_sealed) > 20 for row in rows)


def test_feedback_is_the_managers_to_give_and_both_read_it(world: World) -> None:
    two = pair(world)
    session_id = two.plan()
    with two.writing():
        assert feedback(two.as_coach(), session_id) is None
        with pytest.raises(Invalid):
            give_feedback(two.manager, session_id, (4, 4, 4), "")
    two.save(session_id, full())
    with two.writing():
        for answers in ((4, 4), (4, 4, 0)):
            with pytest.raises(Invalid):
                give_feedback(two.manager, session_id, answers, "")
        with pytest.raises(Forbidden):
            give_feedback(two.coach, session_id, (5, 5, 5), "I was great")
        for text in ("Slower", "A little slower"):
            give_feedback(two.manager, session_id, (4, 5, 3), text)
        found = feedback(two.as_coach(), session_id)
        assert found is not None
        assert (found.answers, found.text) == ("453", "A little slower")


# --- whose it is ------------------------------------------------------------------------------------------------------


def test_a_coach_prepares_and_closes_nothing_of_the_managers(world: World) -> None:
    two = pair(world)
    session_id = two.talk()
    later = two.plan(LATER)
    with two.writing():
        for attempt in (
            lambda: save_preparation(two.coach, later, 0, PreparationDraft(topic="Mine")),
            lambda: reopen_session(two.coach, session_id),
            lambda: give_feedback(two.coach, session_id, (5, 5, 5), ""),
        ):
            with pytest.raises(Forbidden) as refused:
                attempt()
            assert refused.value.denial is not None


def test_nobody_else_reaches_a_session(world: World) -> None:
    two = pair(world)
    session_id = two.talk()
    stranger = pair(world, two.course, "Other Manager", two.coach_member).manager
    parts = [PartDraft("opening", 10, 10, Side.PROCESS)]
    with two.writing():
        for attempt in (
            lambda: cancel_session(stranger, session_id, 1, CancelReason.TIME),
            lambda: preparation(stranger, session_id),
            lambda: save_preparation(stranger, session_id, 0, PreparationDraft()),
            lambda: pick_questions(stranger, session_id, []),
            lambda: add_to_agenda(stranger, session_id, uuid.uuid4(), "Mine", Driver.BOTH),
            lambda: save_parts(stranger, session_id, 1, parts),
            lambda: reopen_session(stranger, session_id),
            lambda: give_pulse(stranger, session_id, 1),
            lambda: give_feedback(stranger, session_id, (1, 1, 1), ""),
        ):
            with pytest.raises(NotFound):
                attempt()


def test_while_it_rests_nothing_is_prepared_or_held(world: World) -> None:
    two = pair(world)
    session_id = two.plan()
    with two.writing():
        operations.pause(two.as_manager(lock=True))
        sheet: Sheet = operations.sheet(two.manager, session_id)
        for attempt in (
            lambda: save_preparation(two.manager, session_id, 0, PreparationDraft()),
            lambda: pick_questions(two.coach, session_id, ["goal-1"]),
            lambda: add_to_agenda(two.manager, session_id, uuid.uuid4(), "Later", Driver.BOTH),
            lambda: save_parts(two.manager, session_id, 1, drafted_parts(sheet.access, sheet.session)),
        ):
            with pytest.raises(Conflict):
                attempt()
        cancel_session(two.manager, session_id, 1, CancelReason.TIME)
