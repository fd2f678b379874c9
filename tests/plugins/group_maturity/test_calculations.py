"""Scores, profile, stage and gap against worked vectors, and what must hold for any numbers."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.group_maturity import calculations as calc
from plugins.group_maturity.instruments import LIBRARY, OWN, newest

GM24 = newest(LIBRARY, OWN)
RULES = [(stage.id, {scale: limits.limits for scale, limits in stage.when.items()}) for stage in GM24.stages]
MI = [(part.scale, part.invert) for part in GM24.indices["MI"].mean_of]
SELF = {"A": 2.0, "B": 1.5, "C": 4.2, "D": 4.0}
GROUP = {"A": 3.0, "B": 2.5, "C": 3.2, "D": 2.8}

answers = st.lists(st.one_of(st.none(), st.integers(1, 5)), min_size=6, max_size=6)
profiles = st.fixed_dictionaries({scale: st.floats(0, 100) for scale in "ABCD"})


def pomps(scores: dict[str, float]) -> dict[str, float]:
    return {scale: calc.pomp(score, 1, 5) for scale, score in scores.items()}


def test_the_worked_self_picture() -> None:
    own = pomps(SELF)
    assert own == pytest.approx({"A": 25, "B": 12.5, "C": 80, "D": 75})
    assert calc.index(own, MI) == pytest.approx(79.375)
    assert calc.stage(own, RULES) == "4"


def test_the_worked_group_picture() -> None:
    group = pomps(GROUP)
    assert group == pytest.approx({"A": 50, "B": 37.5, "C": 55, "D": 45})
    assert calc.index(group, MI) == pytest.approx(53.125)
    assert calc.stage(group, RULES) == "1"


def test_the_worked_gap() -> None:
    gaps = calc.gaps(pomps(SELF), pomps(GROUP))
    assert gaps == pytest.approx({"A": -25, "B": -25, "C": 25, "D": 30})
    assert calc.profile_distance(gaps) == pytest.approx(26.34, abs=0.005)


def test_gaps_are_of_scales_that_both_know() -> None:
    assert calc.gaps({"A": 10, "B": 20}, {"B": 50, "C": 1}) == {"B": -30}
    with pytest.raises(ValueError, match="no scale"):
        calc.profile_distance({})


@pytest.mark.parametrize(
    ("profile", "stage"),
    [
        ((0, 40, 60, 70), "4"), ((0, 40, 60, 69.9), "3"), ((0, 40.1, 60, 100), "3"), ((0, 40, 59.9, 100), "mixed"),
        ((0, 50, 60, 0), "3"), ((100, 50.1, 100, 100), "1"), ((50, 50.1, 100, 100), "2"),
        ((50, 50, 0, 0), "2"), ((50, 49.9, 0, 0), "1"), ((49.9, 49.9, 0, 0), "mixed"), ((49.9, 50, 0, 0), "2"),
        ((60, 20, 65, 75), "4"),
    ],
)  # fmt: skip
def test_stages_at_their_limits_first_match_wins(profile: tuple[float, ...], stage: str) -> None:
    assert calc.stage(dict(zip("ABCD", profile, strict=True)), RULES) == stage


def test_no_stage_without_every_scale_it_looks_at() -> None:
    assert calc.stage({"A": 10, "B": 10, "C": 90, "D": None}, RULES) is None
    assert calc.stage({"A": 10, "B": 10, "C": 90}, RULES) is None
    assert calc.stage({"X": 1.0}, [("high", {"X": {"gt": 2}})]) is None


def test_every_operator_compares_as_named() -> None:
    for operator, (below, equal, above) in {
        "gte": (False, True, True), "gt": (False, False, True), "lte": (True, True, False), "lt": (True, False, False),
    }.items():  # fmt: skip
        for value, holds in ((49, below), (50, equal), (51, above)):
            found = calc.stage({"A": value, "B": 50}, [("yes", {"A": {operator: 50}}), ("no", {})])
            other = calc.stage({"A": value, "B": 50}, [("yes", {"A": {f"{operator}_scale": "B"}}), ("no", {})])
            assert (found, other) == (("yes", "yes") if holds else ("no", "no"))


def test_a_score_needs_four_of_six() -> None:
    assert calc.scale_score([1, 2, 3, 4, None, None], 4) == 2.5
    assert calc.scale_score([1, 2, 3, None, None, None], 4) is None
    assert calc.scale_score([None] * 6, 0) is None
    assert calc.scale_score([], 0) is None


def test_an_index_needs_all_its_scales() -> None:
    assert calc.index({"A": 0, "B": None, "C": 1, "D": 2}, MI) is None
    assert calc.index({"A": 0, "C": 1, "D": 2}, MI) is None


@pytest.mark.parametrize(("value", "shown"), [(12.5, 13), (12.49, 12), (0, 0), (100, 100), (79.375, 79), (0.5, 1)])
def test_people_read_whole_numbers_halves_upwards(value: float, shown: int) -> None:
    assert calc.whole(value) == shown


@given(st.integers(0, 5), st.integers(1, 10), st.data())
def test_reversing_twice_changes_nothing_and_stays_within(low: int, width: int, data: st.DataObject) -> None:
    answer = data.draw(st.integers(low, low + width))
    turned = calc.reverse(answer, low, low + width)
    assert low <= turned <= low + width
    assert calc.reverse(turned, low, low + width) == answer


@given(answers)
def test_a_score_lies_between_the_lowest_and_highest_answer(given_answers: list[int | None]) -> None:
    score = calc.scale_score(given_answers, 4)
    present = [answer for answer in given_answers if answer is not None]
    assert (score is None) == (len(present) < 4)
    if score is not None:
        assert min(present) <= score <= max(present)
        assert 0 <= calc.pomp(score, 1, 5) <= 100


@given(answers, st.randoms(use_true_random=False))
def test_the_order_of_answers_does_not_matter(given_answers: list[int | None], random: object) -> None:
    shuffled = list(given_answers)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert calc.scale_score(shuffled, 4) == calc.scale_score(given_answers, 4)


@given(answers)
def test_turning_all_answers_turns_the_score(given_answers: list[int | None]) -> None:
    turned = [None if answer is None else calc.reverse(answer, 1, 5) for answer in given_answers]
    score, other = calc.scale_score(given_answers, 4), calc.scale_score(turned, 4)
    if score is not None and other is not None:
        assert score + other == pytest.approx(6)


@given(profiles)
def test_index_and_stage_are_always_there_for_a_whole_profile(profile: dict[str, float]) -> None:
    index = calc.index(profile, MI)
    assert index is not None
    assert -1e-9 <= index <= 100 + 1e-9
    assert calc.stage(profile, RULES) in {stage.id for stage in GM24.stages}


@given(profiles, profiles)
def test_distance_is_symmetric_bounded_and_zero_for_the_same(one: dict[str, float], other: dict[str, float]) -> None:
    there, back = calc.gaps(one, other), calc.gaps(other, one)
    assert calc.profile_distance(there) == calc.profile_distance(back)
    assert 0 <= calc.profile_distance(there) <= 100 + 1e-9
    assert calc.profile_distance(calc.gaps(one, one)) == 0


def test_the_stage_of_every_coarse_profile_is_the_first_that_holds() -> None:
    """A second reading of the published rules, written out, over a whole grid."""
    for a, b, c, d in itertools.product(range(0, 101, 10), repeat=4):
        if d >= 70 and c >= 60 and b <= 40:
            wanted = "4"
        elif c >= 60 and b <= 50:
            wanted = "3"
        elif b >= 50 and b >= a:
            wanted = "2"
        elif a >= 50 and a > b:
            wanted = "1"
        else:
            wanted = "mixed"
        assert calc.stage({"A": a, "B": b, "C": c, "D": d}, RULES) == wanted
