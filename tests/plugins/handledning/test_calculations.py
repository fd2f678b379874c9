"""The balance, the frame, the term, and the closing rule against an independent statement of it."""

import itertools
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.handledning.calculations import (
    Earlier,
    Frame,
    Missing,
    MissingKind,
    New,
    SessionFacts,
    balance,
    check_frame,
    time_boxes,
    what_is_missing,
)


@pytest.mark.parametrize(
    ("process", "result", "share", "index", "even"),
    [
        (70, 50, 0.5833, 0.8333, True),
        (90, 10, 0.9, 0.20, False),
        (10, 90, 0.1, 0.20, False),
        (60, 60, 0.5, 1.0, True),
        (60, 0, 1.0, 0.0, False),
        (66, 34, 0.66, 0.68, False),
        (64, 36, 0.64, 0.72, True),
    ],
)
def test_balance(process: int, result: int, share: float, index: float, *, even: bool) -> None:
    found = balance(process, result)
    assert found is not None
    assert (found.share, found.index) == (pytest.approx(share, abs=5e-5), pytest.approx(index, abs=5e-5))
    assert found.even is even


def test_no_minutes_have_no_balance() -> None:
    assert balance(0, 0) is None


def test_frame_of_four_sessions() -> None:
    found = check_frame([150, 120, 185, 110], Frame())
    assert (found.total, found.too_few, found.too_many, found.long, found.short) == (565, False, False, (3,), (4,))


@pytest.mark.parametrize(
    ("minutes", "few", "many"),
    [
        ([], True, False),
        ([150] * 2, True, False),
        ([150] * 3, False, False),
        ([150] * 5, False, False),
        ([150] * 6, False, True),
    ],
)
def test_frame_counts(minutes: list[int], *, few: bool, many: bool) -> None:
    found = check_frame(minutes, Frame())
    assert (found.too_few, found.too_many, found.long, found.short) == (few, many, (), ())


@pytest.mark.parametrize(("minutes", "long", "short"), [(119, (), (1,)), (120, (), ()), (180, (), ()), (181, (1,), ())])
def test_frame_borders(minutes: int, long: tuple[int, ...], short: tuple[int, ...]) -> None:
    found = check_frame([minutes], Frame())
    assert (found.long, found.short) == (long, short)


A, B = uuid.UUID(int=1), uuid.UUID(int=2)
YES_NO = (False, True)
NEW_SHAPES = list(itertools.product(YES_NO, repeat=3))


def every_situation() -> list[SessionFacts]:
    """All sessions with up to two earlier and up to two new homeworks, noted or not, final or not: 2,044 of them."""
    earlier = [outcomes for size in range(3) for outcomes in itertools.product(YES_NO, repeat=size)]
    new = [shapes for size in range(3) for shapes in itertools.product(NEW_SHAPES, repeat=size)]
    return [
        SessionFacts(
            final,
            minutes,
            [Earlier(key, has) for key, has in zip((A, B), outcomes, strict=False)],
            [New(key, *shape) for key, shape in zip((A, B), shapes, strict=False)],
        )
        for final, minutes, outcomes, shapes in itertools.product(YES_NO, (0, 150), earlier, new)
    ]


def may_close(facts: SessionFacts) -> bool:
    """The rule, said once more in another way."""
    if facts.minutes == 0 or not all(item.has_outcome for item in facts.earlier):
        return False
    if facts.final:
        return any(item.has_text for item in facts.new)
    return any((item.has_text, item.has_due, item.has_criterion) == (True, True, True) for item in facts.new)


def test_closing_rule_in_every_situation() -> None:
    situations = every_situation()
    assert len(situations) == 2 * 2 * 7 * 73
    for facts in situations:
        missing = what_is_missing(facts)
        assert (missing == []) is may_close(facts), facts
        kinds = [item.kind for item in missing]
        assert [item.homework for item in missing if item.kind is MissingKind.OUTCOME] == [
            item.id for item in facts.earlier if not item.has_outcome
        ]
        assert (MissingKind.TIME in kinds) is (facts.minutes == 0)
        assert (MissingKind.COMMITMENT in kinds) is (facts.final and not any(item.has_text for item in facts.new))
        if facts.final:
            assert not {MissingKind.HOMEWORK, MissingKind.DUE, MissingKind.CRITERION} & set(kinds)


def test_what_begun_homework_lacks_is_named_per_homework() -> None:
    new = [New(A, True, False, True), New(B, True, True, False)]
    assert what_is_missing(SessionFacts(False, 150, [], new)) == [
        Missing(MissingKind.DUE, A),
        Missing(MissingKind.CRITERION, B),
    ]


def test_one_complete_homework_is_enough() -> None:
    new = [New(A, True, True, True), New(B, True, False, False)]
    assert what_is_missing(SessionFacts(False, 150, [], new)) == []


def test_a_date_without_words_is_no_homework() -> None:
    assert what_is_missing(SessionFacts(False, 150, [], [New(A, False, True, True)])) == [Missing(MissingKind.HOMEWORK)]


def test_letting_go_needs_a_reason_and_any_other_outcome_none() -> None:
    new = [New(A, True, True, True)]
    earlier = [Earlier(A, True, lacks_reason=True), Earlier(B, False)]
    assert what_is_missing(SessionFacts(False, 150, earlier, new)) == [
        Missing(MissingKind.REASON, A),
        Missing(MissingKind.OUTCOME, B),
    ]


def test_homework_is_due_before_they_meet_again() -> None:
    late, in_time = New(A, True, True, True, in_time=False), New(B, True, True, True)
    assert what_is_missing(SessionFacts(False, 150, [], [late])) == [Missing(MissingKind.TOO_LATE, A)]
    assert what_is_missing(SessionFacts(False, 150, [], [late, in_time])) == []


@pytest.mark.parametrize(
    ("total", "minutes"),
    [
        (150, [10, 25, 60, 25, 20, 10]),
        (120, [10, 20, 50, 20, 15, 5]),
        (180, [15, 30, 70, 30, 25, 10]),
        (3, [0, 0, 3, 0, 0, 0]),
    ],
)
def test_time_boxes(total: int, minutes: list[int]) -> None:
    assert [box.minutes for box in time_boxes(total)] == minutes


@given(st.integers(1, 1440))
def test_time_boxes_share_all_of_the_time(total: int) -> None:
    boxes = time_boxes(total)
    assert sum(box.minutes for box in boxes) == total
    assert [box.key for box in boxes] == ["opening", "follow_up", "topic", "decisions", "homework", "closing"]
    for box, share in zip(boxes, (10, 25, 60, 25, 20, 10), strict=True):
        # A five more or less than its share; the topic takes what is left over.
        assert abs(box.minutes - total * share / 150) < (10 if box.key == "topic" else 5)
        assert box.minutes % 5 == 0 or box.key == "topic"


def test_no_time_has_no_boxes() -> None:
    with pytest.raises(ValueError, match="some time"):
        time_boxes(0)


def test_a_session_waits_for_what_it_rests_on() -> None:
    new = [New(A, True, True, True)]
    assert what_is_missing(SessionFacts(False, 150, [], new, agreed=False)) == [Missing(MissingKind.AGREED)]
