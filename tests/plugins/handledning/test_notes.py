"""Notes of three kinds, decisions, suggestions, calls and tests: who writes, who reads, and what never changes hands."""

import uuid
from dataclasses import replace
from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from plugins.handledning import operations
from plugins.handledning.models import Channel, EndReason, Note, NoteKind, NoteType, Scope, SuggestionKind
from plugins.handledning.operations.decisions import DecisionDraft, decisions, keep_decision
from plugins.handledning.operations.elsewhere import (
    ContactDraft,
    TestDraft,
    contacts,
    external_tests,
    keep_test,
    note_contact,
    remove_contact,
    remove_test,
)
from plugins.handledning.operations.notes import (
    NoteDraft,
    change_note,
    note,
    notes,
    remove_note,
    share_copy,
    write_note,
)
from plugins.handledning.operations.suggestions import answer, suggest, waiting
from service import rotation
from service.crypto import CannotOpen
from service.errors import Conflict, Forbidden, Invalid, NotFound
from tests.plugins.handledning.support import MEETING, Pair, pair
from tests.plugins.handledning.test_goals import DRAFT, make
from tests.support import OffsetClock, World


def write(two: Pair, who: str, body: str, *, shared: bool = False, sort: NoteType = NoteType.PLAIN) -> uuid.UUID:
    with two.writing():
        access = two.as_manager(lock=True) if who == "manager" else two.as_coach(lock=True)
        return write_note(access, uuid.uuid4(), NoteDraft(body, shared, sort)).id


def bodies(two: Pair) -> tuple[list[str], list[str]]:
    with two.reading():
        return tuple(sorted(one.body for one in notes(who)) for who in (two.as_manager(), two.as_coach()))  # type: ignore[return-value]


# --- notes ------------------------------------------------------------------------------------------------------------


def test_each_reads_the_shared_notes_and_her_own(world: World) -> None:
    two = pair(world)
    hers, coachs = write(two, "manager", "Hers"), write(two, "coach", "The coach's")
    shared = write(two, "coach", "For both", shared=True)
    assert bodies(two) == (["For both", "Hers"], ["For both", "The coach's"])
    with two.reading():
        kinds = {one.id: (one.kind, one.owner_id) for one in (*notes(two.as_manager()), *notes(two.as_coach()))}
        manager, coach = two.manager.person_id, two.coach.person_id
        assert kinds == {
            hers: (NoteKind.MANAGER_PRIVATE, manager),
            coachs: (NoteKind.COACH_PRIVATE, coach),
            shared: (NoteKind.SHARED, manager),
        }
        for access, other in ((two.as_manager(), coachs), (two.as_coach(), hers)):
            with pytest.raises(NotFound) as refused:
                note(access, other)
            assert refused.value.denial is not None
        with pytest.raises(NotFound):
            note(two.as_coach(), uuid.uuid4())


def test_a_note_is_written_once_and_says_something(world: World) -> None:
    two = pair(world)
    session_id, note_id = two.plan(), uuid.uuid4()
    with two.writing():
        access = two.as_coach(lock=True)
        for _twice in range(2):
            made = write_note(access, note_id, NoteDraft("Listens more", session_id=session_id))
        assert (made.session_id, len(notes(access))) == (session_id, 1)
        with pytest.raises(Invalid):
            write_note(access, uuid.uuid4(), NoteDraft(""))
        with pytest.raises(NotFound):
            write_note(access, uuid.uuid4(), NoteDraft("Where?", session_id=uuid.uuid4()))
        # That something lies outside coaching is said to both, and nothing of what it is.
        referral = write_note(access, uuid.uuid4(), NoteDraft("A diagnosis", type=NoteType.REFERRAL))
        assert (referral.body, referral.body_sealed, referral.kind) == ("", None, NoteKind.SHARED)
        feedback = write_note(access, uuid.uuid4(), NoteDraft("I saw", shared=True, type=NoteType.FEEDBACK))
        assert feedback.type is NoteType.FEEDBACK
        with pytest.raises(Forbidden):
            write_note(two.as_manager(), uuid.uuid4(), NoteDraft("I saw", type=NoteType.FEEDBACK))


def test_only_the_writer_changes_a_note_and_never_who_reads_it(world: World) -> None:
    two = pair(world)
    mine, shared = write(two, "coach", "Mine"), write(two, "coach", "Ours", shared=True)
    with two.writing():
        assert change_note(two.as_coach(), mine, 1, "Mine still").version == 2
        assert change_note(two.as_coach(), mine, 1, "Mine still").version == 2  # the same again
        with pytest.raises(Conflict):
            change_note(two.as_coach(), mine, 1, "From another window")
        with pytest.raises(Invalid):
            change_note(two.as_coach(), mine, 2, "")
        with pytest.raises(Forbidden) as refused:
            change_note(two.as_manager(), shared, 1, "Hers now")
        assert refused.value.denial is not None
        with pytest.raises(NotFound):
            change_note(two.as_manager(), mine, 2, "Hers now")
        row = note(two.as_coach(), mine)
        for name, value in (("kind", NoteKind.SHARED), ("owner_id", two.manager.person_id)):
            with pytest.raises(ValueError, match="do not change where it lies"):
                setattr(row, name, value)
        assert (row.kind, row.owner_id) == (NoteKind.COACH_PRIVATE, two.coach.person_id)


def test_sharing_a_private_note_writes_another_and_leaves_it(world: World) -> None:
    two = pair(world)
    mine = write(two, "coach", "She waits before she answers")
    with two.writing():
        copies = [share_copy(two.as_coach(), mine) for _twice in range(2)]
        assert copies[0].id == copies[1].id
        assert (copies[0].kind, copies[0].owner_id, copies[0].copied_from) == (
            NoteKind.SHARED, two.manager.person_id, mine,
        )  # fmt: skip
        assert note(two.as_coach(), mine).kind is NoteKind.COACH_PRIVATE
        with pytest.raises(Invalid):
            share_copy(two.as_coach(), copies[0].id)
        change_note(two.as_coach(), mine, 1, "She waits, mostly")
        assert share_copy(two.as_coach(), mine).id != copies[0].id
        with pytest.raises(NotFound):
            share_copy(two.as_manager(), mine)
    assert bodies(two)[0] == ["She waits before she answers", "She waits, mostly"]
    with two.writing():
        with pytest.raises(Invalid):
            remove_note(two.as_coach(), copies[0].id)
        remove_note(two.as_coach(), mine)
    assert bodies(two)[1] == ["She waits before she answers", "She waits, mostly"]


def test_a_text_moved_to_another_row_does_not_open(world: World) -> None:
    two = pair(world)
    one, other = write(two, "manager", "The first", shared=True), write(two, "manager", "The second", shared=True)
    with two.writing() as unit:
        moved = sa.select(Note.body_sealed).where(Note.id == other).scalar_subquery()
        unit.session.execute(sa.update(Note).where(Note.id == one).values(body_sealed=moved))
    with two.reading():
        assert note(two.as_coach(), other).body == "The second"
        with pytest.raises(CannotOpen) as refused:
            assert note(two.as_coach(), one).body
        assert (refused.value.place, refused.value.row) == ("handledning_note.body", one)


@pytest.mark.parametrize("who", ["manager", "coach"])
def test_a_private_note_made_shared_in_the_database_opens_for_nobody(world: World, who: str) -> None:
    """The manager's own is sealed with the key of shared ones: what holds it is that its kind is bound in."""
    two = pair(world)
    mine, kind = write(two, who, "For nobody else"), NoteKind(f"{who}_private")
    with two.writing() as unit:
        unit.session.execute(sa.update(Note).where(Note.id == mine).values(kind=NoteKind.SHARED))
    with two.reading():
        if who == "coach":
            assert notes(two.as_manager()) == []
        for access in (two.as_coach(), *([two.as_manager()] if who == "manager" else [])):
            with pytest.raises(CannotOpen) as refused:
                assert note(access, mine).body
            assert (refused.value.place, refused.value.row) == ("handledning_note.body", mine)
    with two.writing() as unit:
        unit.session.execute(sa.update(Note).where(Note.id == mine).values(kind=kind))
    assert [*bodies(two)[0], *bodies(two)[1]] == ["For nobody else"]


@pytest.mark.parametrize("stopped", [False, True])
def test_a_note_from_before_its_kind_was_bound_opens_and_is_bound_with_new_keys(world: World, stopped: bool) -> None:
    two = pair(world)
    mine = write(two, "manager", "From before")
    with two.writing() as unit:
        sealed = unit.vault.seal(two.manager.person_id, "handledning_note.body", mine, "From before")
        unit.session.execute(sa.update(Note).where(Note.id == mine).values(body_sealed=sealed))
    assert bodies(two) == (["From before"], [])
    units = two.world.core.units
    rotation.begin(units)
    if stopped:  # a text sealed anew in between is left alone, one from before is not
        write(two, "manager", "In between")
    assert bodies(two)[0][0] == "From before"
    assert rotation.reseal(units, [].append, grace=0)[1] == 0
    with two.writing() as unit:
        unit.session.execute(sa.update(Note).where(Note.id == mine).values(kind=NoteKind.SHARED))
    with two.reading(), pytest.raises(CannotOpen):
        assert note(two.as_coach(), mine).body


def test_new_keys_lose_nothing_of_a_note_whose_kind_was_changed_by_hand(world: World) -> None:
    two = pair(world)
    mine = write(two, "manager", "For nobody else")
    for kind in (NoteKind.SHARED, NoteKind.MANAGER_PRIVATE):
        with two.writing() as unit:
            unit.session.execute(sa.update(Note).where(Note.id == mine).values(kind=kind))
        if kind is NoteKind.SHARED:
            rotation.begin(two.world.core.units)
            assert rotation.reseal(two.world.core.units, [].append, grace=0)[1] == 1
    assert bodies(two) == (["For nobody else"], [])  # with the key from before, which is kept
    assert rotation.reseal(two.world.core.units, [].append, grace=0)[1] == 0
    assert bodies(two) == (["For nobody else"], [])


# --- decisions --------------------------------------------------------------------------------------------------------


def test_decisions_are_hers_to_write_to_learn_from_and_to_share(world: World) -> None:
    two = pair(world)
    decision_id = uuid.uuid4()
    draft = DecisionDraft("The team plans its week", "Fewer questions")
    with two.writing():
        access = two.as_manager(lock=True)
        for _twice in range(2):
            assert keep_decision(access, decision_id, 0, draft).version == 1
        with pytest.raises(Invalid):
            keep_decision(access, uuid.uuid4(), 0, replace(draft, text=""))
        assert decisions(two.as_coach()) == []
        learned = replace(draft, actual="Half as many", lesson="Say it earlier", shared=True)
        assert keep_decision(access, decision_id, 1, learned).version == 2
        with pytest.raises(Conflict):
            keep_decision(access, decision_id, 1, draft)
        found = decisions(two.as_coach())
        assert [(one.text, one.actual, one.lesson) for one in found] == [
            ("The team plans its week", "Half as many", "Say it earlier")
        ]
        with pytest.raises(Forbidden) as refused:
            keep_decision(two.as_coach(), uuid.uuid4(), 0, draft)
        assert refused.value.denial is not None
        with pytest.raises(Forbidden):
            keep_decision(two.as_coach(), decision_id, 2, replace(draft, text="The coach's"))
    session_id = two.plan()
    with two.writing():
        operations.write_decision(operations.sheet(two.manager, session_id), "In the session", "")
    with two.reading():
        assert {one.text for one in decisions(two.as_manager())} == {"The team plans its week", "In the session"}


# --- suggestions ------------------------------------------------------------------------------------------------------


def test_a_coach_suggests_and_the_manager_answers(world: World) -> None:
    two = pair(world)
    session_id = two.talk()
    goal_id, life = make(two), make(two, replace(DRAFT, scope=Scope.LIFE))
    with two.reading():
        homework = operations.sheet(two.manager, session_id).new[0].id
    suggestion_id = uuid.uuid4()
    with two.writing():
        access = two.as_coach(lock=True)
        for _twice in range(2):
            suggest(access, suggestion_id, SuggestionKind.DECISION, "Decide when you look at it", session_id=session_id)
        suggest(access, uuid.uuid4(), SuggestionKind.OUTCOME, "Was that not done?", subject_id=homework)
        suggest(access, uuid.uuid4(), SuggestionKind.GOAL_STATUS, "Is it reached?", subject_id=goal_id)
        for subject in (life, homework, uuid.uuid4()):
            with pytest.raises(NotFound):
                suggest(access, uuid.uuid4(), SuggestionKind.GOAL, "Look at this", subject_id=subject)
        with pytest.raises(NotFound):
            suggest(access, uuid.uuid4(), SuggestionKind.DECISION, "Where?", session_id=uuid.uuid4())
        with pytest.raises(Invalid):
            suggest(access, uuid.uuid4(), SuggestionKind.DECISION, "")
        with pytest.raises(Forbidden):
            suggest(two.as_manager(), uuid.uuid4(), SuggestionKind.DECISION, "To myself")
        assert [one.text for one in waiting(two.as_manager())] == [
            "Decide when you look at it", "Was that not done?", "Is it reached?",
        ]  # fmt: skip
        with pytest.raises(Forbidden) as refused:
            answer(access, suggestion_id)
        assert refused.value.denial is not None
        with pytest.raises(NotFound):
            answer(two.as_manager(), uuid.uuid4())
        answered = [answer(two.as_manager(), suggestion_id).answered_at for _twice in range(2)]
        assert answered[0] == answered[1]
        assert len(waiting(two.as_coach())) == 2
    # A suggestion wrote nothing of what it was about.
    with two.reading():
        found = operations.sheet(two.manager, session_id)
        assert (found.decision, found.new[0].state.value) == (None, "open")


# --- calls and tests --------------------------------------------------------------------------------------------------


def test_calls_in_between_are_noted_by_either_and_count_as_no_session(world: World, clock: OffsetClock) -> None:
    two = pair(world)
    today = clock.now().date()
    called, mine = ContactDraft(today, Channel.PHONE, 15, "How the first week went"), uuid.uuid4()
    with two.writing():
        for _twice in range(2):
            note_contact(two.as_manager(), mine, called)
        coachs = note_contact(
            two.as_coach(), uuid.uuid4(), replace(called, day=today - timedelta(days=3), minutes=None)
        )
        for wrong, field in (
            (replace(called, day=today + timedelta(days=2)), "day"),
            (replace(called, minutes=0), "minutes"),
            (replace(called, minutes=1441), "minutes"),
        ):
            with pytest.raises(Invalid) as refused:
                note_contact(two.as_manager(), uuid.uuid4(), wrong)
            assert set(refused.value.fields) == {field}
        assert [one.note for one in contacts(two.as_coach())] == ["How the first week went"] * 2
        assert operations.plan_session(two.manager, two.engagement.id, MEETING).number == 1
        with pytest.raises(Forbidden):
            remove_contact(two.as_manager(), coachs.id)
        with pytest.raises(NotFound):
            remove_contact(two.as_manager(), uuid.uuid4())
        remove_contact(two.as_coach(), coachs.id)
        assert [one.id for one in contacts(two.as_manager())] == [mine]


def test_a_test_taken_elsewhere_is_kept_in_her_own_words(world: World, clock: OffsetClock) -> None:
    two = pair(world)
    today, test_id = clock.now().date(), uuid.uuid4()
    taken = TestDraft(
        today - timedelta(days=30), "Belbin", "A certified user", "I finish things, and seldom begin them."
    )
    with two.writing():
        access = two.as_manager(lock=True)
        for _twice in range(2):
            assert keep_test(access, test_id, 0, taken).version == 1
        assert external_tests(two.as_coach()) == []
        for wrong, field in (
            (replace(taken, name=""), "name"),
            (replace(taken, taken_on=date(2099, 1, 1)), "taken_on"),
        ):
            with pytest.raises(Invalid) as refused:
                keep_test(access, uuid.uuid4(), 0, wrong)
            assert set(refused.value.fields) == {field}
        keep_test(access, test_id, 1, replace(taken, shared=True))
        with pytest.raises(Conflict):
            keep_test(access, test_id, 1, replace(taken, summary="Other words"))
        assert [(one.name, one.summary) for one in external_tests(two.as_coach())] == [("Belbin", taken.summary)]
        for attempt in (
            lambda: keep_test(two.as_coach(), test_id, 2, taken),
            lambda: remove_test(two.as_coach(), test_id),
        ):
            with pytest.raises(Forbidden):
                attempt()
        remove_test(access, test_id)
        with pytest.raises(NotFound):
            remove_test(access, test_id)


def test_when_it_is_over_everything_is_there_to_read_and_nothing_to_write(world: World) -> None:
    two = pair(world)
    hers = write(two, "manager", "Hers")
    with two.writing():
        operations.end(two.as_manager(lock=True), EndReason.FINISHED)
    with two.writing():
        access = two.as_manager()
        assert [one.body for one in notes(access)] == ["Hers"]
        for attempt in (
            lambda: write_note(access, uuid.uuid4(), NoteDraft("Late")),
            lambda: change_note(access, hers, 1, "Late"),
            lambda: share_copy(access, hers),
            lambda: remove_note(access, hers),
            lambda: keep_decision(access, uuid.uuid4(), 0, DecisionDraft("Late")),
            lambda: answer(access, uuid.uuid4()),
            lambda: note_contact(access, uuid.uuid4(), ContactDraft(date(2026, 1, 1), Channel.PHONE)),
            lambda: remove_contact(access, uuid.uuid4()),
            lambda: keep_test(access, uuid.uuid4(), 0, TestDraft(date(2026, 1, 1), "IDI")),
            lambda: remove_test(access, uuid.uuid4()),
        ):
            with pytest.raises(Conflict):
                attempt()
