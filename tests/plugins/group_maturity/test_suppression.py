"""What may be shown: the rules of domain.md §5.4 one by one, and what must hold for any answers."""

import math
from fractions import Fraction
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.group_maturity.calculations.suppression import (
    WITHHELD,
    Cell,
    Detail,
    Figure,
    Level,
    Rules,
    Turnout,
    band,
    complement_holds,
    detail,
    direction,
    figure,
    figures,
    folded,
    least,
    rounded,
    shown,
    spread_shown,
)

RULES = Rules()
# The score of a person on six statements with five answers, as POMP: 0 to 100 in 24 steps.
STEPS = [100 * (Fraction(sum_, 6) - 1) / 4 for sum_ in range(6, 31)]
person = st.sampled_from([float(step) for step in STEPS])
minimum = st.integers(4, 12)


@pytest.mark.parametrize("level", list(Level))
@pytest.mark.parametrize("number", range(15))
def test_too_few_look_as_nobody_does(level: Level, number: int) -> None:
    wanted = {Level.SCALE: 5, Level.TEAMS: 5, Level.ITEM: 10, Level.COMMENT: 10}[level]
    found = figure(Cell(level, [50.0] * number), RULES)
    assert found == (WITHHELD if number < wanted else Figure(50))
    assert (found is WITHHELD) == (number < wanted)


def test_no_level_goes_below_what_was_promised() -> None:
    assert [least(level, Rules(minimum=12)) for level in Level] == [12, 12, 12, 12]


def test_nobody_may_promise_less_than_four() -> None:
    assert Rules(minimum=4).minimum == 4
    with pytest.raises(ValueError, match="at least 4"):
        Rules(minimum=3)


@pytest.mark.parametrize(
    ("value", "step"), [(0, 0), (2.49, 0), (2.5, 5), (62.5, 65), (62.49, 60), (97.5, 100), (100, 100), (47.4999, 45)]
)
def test_rounded_to_five_halves_upwards(value: float, step: int) -> None:
    assert rounded(value, 5) == step


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (0, Figure(10, "low")), (5, Figure(10, "low")), (10, Figure(10, "low")), (15, Figure(15)), (85, Figure(85)),
        (90, Figure(90, "high")), (95, Figure(90, "high")), (100, Figure(90, "high")),
    ],
)  # fmt: skip
def test_the_ends_are_folded_in(value: int, found: Figure) -> None:
    assert folded(value) == found


def test_how_many_is_a_band() -> None:
    assert [band(number, 5) for number in (0, 4, 5, 7, 8, 12, 13, 40)] == [
        "", "", "5-7", "5-7", "8-12", "8-12", "13+", "13+",
    ]  # fmt: skip
    assert [band(number, 4) for number in (3, 4, 7)] == ["", "4-7", "4-7"]
    assert [band(number, 7) for number in (6, 7, 8)] == ["", "7", "8-12"]
    assert [band(number, 9) for number in (8, 9, 12, 13)] == ["", "9-12", "9-12", "13+"]
    assert [band(number, 15) for number in (14, 15)] == ["", "15+"]


def test_spread_is_told_from_eight() -> None:
    assert [spread_shown(number, RULES) for number in (5, 7, 8, 40)] == [False, False, True, True]
    assert [spread_shown(number, Rules(minimum=10)) for number in (8, 9, 10)] == [False, False, True]


def test_statements_of_a_side_are_shown_together_or_not_at_all() -> None:
    cells = {f"A{n}": Cell(Level.ITEM, [50.0] * 10) for n in range(1, 7)} | {
        f"B{n}": Cell(Level.ITEM, [25.0] * (9 if n == 3 else 10)) for n in range(1, 7)
    }
    found = figures(cells, [[f"A{n}" for n in range(1, 7)], [f"B{n}" for n in range(1, 7)]], RULES)
    assert {found[f"A{n}"] for n in range(1, 7)} == {Figure(50)}
    assert {found[f"B{n}"] for n in range(1, 7)} == {WITHHELD}


def test_a_withheld_number_does_not_depend_on_what_is_behind_it() -> None:
    assert shown(Level.SCALE, 4, math.nan, RULES) is WITHHELD
    assert shown(Level.SCALE, 0, 0.0, RULES) is WITHHELD


# --- what must hold for any answers -----------------------------------------------------------------------------------


@given(st.lists(person, max_size=40), minimum, st.sampled_from(list(Level)))
def test_a_figure_is_withheld_or_a_fifth_within_the_folded_scale(values: list[float], k: int, level: Level) -> None:
    found = figure(Cell(level, values), Rules(minimum=k))
    if found.value is None:
        assert found is WITHHELD
        assert len(values) < least(level, Rules(minimum=k))
    else:
        assert found.value % 5 == 0
        assert 10 <= found.value <= 90
        assert len(values) >= k


@given(st.lists(person, min_size=5, max_size=40), st.randoms(use_true_random=False))
def test_a_figure_does_not_depend_on_the_order(values: list[float], chance) -> None:
    mixed = list(values)
    chance.shuffle(mixed)
    assert figure(Cell(Level.SCALE, mixed), RULES) == figure(Cell(Level.SCALE, values), RULES)


@given(person, st.integers(5, 40))
def test_a_group_of_one_mind_looks_like_one_that_is_not(value: float, number: int) -> None:
    """For every unanimous group there is another with the same figure in which two of them answered otherwise."""
    alike = [value] * number
    place = min(range(len(STEPS)), key=lambda at: abs(float(STEPS[at]) - value))
    # One goes a step up and one a step down; at the ends of the scale, where there is no step, one goes inwards alone.
    others = [place + 1, place - 1] if 0 < place < len(STEPS) - 1 else [min(max(place, 1), len(STEPS) - 2)]
    mixed = [float(STEPS[at]) for at in others] + alike[len(others) :]
    assert len(set(mixed)) > 1
    assert figure(Cell(Level.SCALE, mixed), RULES) == figure(Cell(Level.SCALE, alike), RULES)


@given(st.integers(0, 60), st.integers(0, 60), minimum)
def test_a_band_never_shrinks_and_begins_at_the_minimum(one: int, other: int, k: int) -> None:
    low, high = sorted((one, other))
    if band(low, k):
        assert band(high, k)
        assert int(band(low, k).rstrip("+").split("-")[0]) >= k


# --- between several shown sets ---------------------------------------------------------------------------------------


def test_the_total_that_gives_back_the_small_team_is_not_shown() -> None:
    """Teams of 6, 6 and 4 with a minimum of 5: sixteen less the two that are shown are the four that are not."""
    one, two, three = frozenset(range(6)), frozenset(range(6, 12)), frozenset(range(12, 16))
    assert complement_holds(one, [], 5)
    assert complement_holds(two, [one], 5)
    assert not complement_holds(three, [one, two], 5)
    assert not complement_holds(one | two | three, [one, two], 5)
    assert not complement_holds(one | two | three, [one | two], 5)
    assert complement_holds(one | two, [one, two], 5)
    assert complement_holds(one | two | three, [one], 5)


def test_a_set_may_be_shown_again_as_it_is() -> None:
    assert complement_holds(frozenset(range(6)), [frozenset(range(6))], 5)


@given(st.sets(st.integers(0, 30), max_size=25), st.sets(st.integers(0, 30), max_size=25), st.integers(4, 6))
def test_adding_answers_never_unhides_by_difference(one: set[int], more: set[int], k: int) -> None:
    """Of two sets of answers, one within the other, both are shown only when they differ by none or by enough."""
    small, large = frozenset(one), frozenset(one | more)
    for first, second in ((small, large), (large, small)):
        both = complement_holds(first, [], k) and complement_holds(second, [first], k)
        if both:
            assert len(large - small) == 0 or len(large - small) >= k


teams = st.lists(st.integers(1, 9), min_size=2, max_size=7)


@given(teams, st.data())
def test_no_combination_of_shown_totals_gives_back_a_small_part(sizes: list[int], data: st.DataObject) -> None:
    """Whatever totals over teams are asked for, in whatever order: adding and subtracting those shown isolates nobody."""
    k, start = 5, 0
    members = []
    for size in sizes:
        members.append(frozenset(range(start, start + size)))
        start += size
    nested = [frozenset().union(*members[:upto]) for upto in range(1, len(members) + 1)]
    asked = data.draw(st.permutations([*members, *nested]))
    published: list[frozenset[int]] = []
    for wanted in asked:
        if complement_holds(wanted, published, k):
            published.append(wanted)
    for number in range(1, min(4, len(published)) + 1):
        for whole, *parts in (order for pick in combinations(published, number) for order in [pick, pick[::-1]]):
            if all(part <= whole for part in parts):
                rest = whole.difference(*parts)
                assert not 0 < len(rest) < k, (whole, parts)


# --- between waves ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("waves", "numbered", "found"),
    [
        # The first wave, and the same people who have all answered both times.
        ([Turnout(8, 6)], [], Detail.NUMBERS),
        ([Turnout(8, 8), Turnout(8, 8, 0)], [0], Detail.NUMBERS),
        # One did not answer, or one joined, or three: who differs is too few.
        ([Turnout(8, 8), Turnout(8, 7, 0)], [0], Detail.WORDS),
        ([Turnout(8, 7), Turnout(8, 8, 0)], [0], Detail.WORDS),
        ([Turnout(8, 8), Turnout(9, 9, 1)], [0], Detail.WORDS),
        ([Turnout(8, 8), Turnout(8, 8, 4)], [0], Detail.WORDS),
        # Five or more differ for certain, also when some did not answer.
        ([Turnout(8, 8), Turnout(9, 9, 5)], [0], Detail.NUMBERS),
        ([Turnout(8, 7), Turnout(9, 9, 5)], [0], Detail.WORDS),
        ([Turnout(8, 7), Turnout(8, 8, 6)], [0], Detail.NUMBERS),
        # What was not shown in numbers cannot be taken away from anything.
        ([Turnout(8, 4), Turnout(8, 8, 1)], [], Detail.NUMBERS),
        ([Turnout(8, 8), Turnout(8, 8, 1), Turnout(8, 8, 6)], [0], Detail.NUMBERS),
        # Those who left may be back: of 6 and 6 perhaps nobody differs from the first wave.
        ([Turnout(8, 8), Turnout(8, 8, 6), Turnout(8, 8, 6)], [0, 1], Detail.WORDS),
        ([Turnout(20, 20), Turnout(20, 20, 0), Turnout(20, 20, 0)], [0, 1], Detail.NUMBERS),
    ],
)
def test_a_later_wave_is_shown_in_numbers_only_when_nobody_can_be_subtracted(
    waves: list[Turnout], numbered: list[int], found: Detail
) -> None:
    assert detail(waves, numbered, 5) is found


@given(st.integers(5, 30), st.integers(1, 4))
def test_fewer_than_the_minimum_who_come_or_go_never_make_numbers(size: int, changed: int) -> None:
    assert detail([Turnout(size, size), Turnout(size, size, changed)], [0], 5) is Detail.WORDS


def test_direction_is_of_what_was_shown() -> None:
    assert direction(Figure(50), Figure(55)) == "higher"
    assert direction(Figure(50), Figure(45)) == "lower"
    assert direction(Figure(90, "high"), folded(100)) == "same"
    assert direction(WITHHELD, Figure(50)) is None
    assert direction(Figure(50), WITHHELD) is None
