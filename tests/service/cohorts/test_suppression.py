"""The one rule for numbers about people, and what somebody who knows all memberships can make of what is shown."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.cohorts.suppression import (
    DEFAULT_MINIMUM,
    FLOOR,
    amount,
    next_counted,
    publishable,
    spread,
    together,
)

totals = st.integers(min_value=0, max_value=2000)
minimums = st.integers(min_value=FLOOR, max_value=20)


@given(totals, minimums, st.data())
def test_what_is_shown_hides_every_small_group(total: int, minimum: int, data: st.DataObject) -> None:
    number = data.draw(st.integers(min_value=0, max_value=total))
    shown = publishable(number, total, minimum)
    if shown is None:
        assert number < minimum or total < 2 * minimum or total - number < minimum
    elif number == total:
        assert shown == total >= minimum
    else:
        assert shown % minimum == 0
        assert minimum <= shown <= number
        assert total - shown >= minimum


@given(totals, minimums)
def test_nobody_looks_like_almost_enough(total: int, minimum: int) -> None:
    small = [publishable(number, total, minimum) for number in range(min(minimum - 1, total - 1) + 1)]
    assert set(small) <= {None}


@given(totals, minimums, st.data())
def test_two_shown_numbers_never_differ_by_a_small_group(total: int, minimum: int, data: st.DataObject) -> None:
    """Steps inside each other, two filters, two days: whatever the two numbers are of the same people."""
    numbers = st.integers(min_value=0, max_value=total)
    one, other = (publishable(data.draw(numbers), total, minimum) for _ in range(2))
    if one is not None and other is not None:
        assert one == other or abs(one - other) >= minimum


@pytest.mark.parametrize("total", [4, 7, 8, 9, 12, 16, 21])
def test_no_two_shown_steps_single_out_a_few(total: int) -> None:
    """Of all worlds that look alike, some have nobody or enough between the steps, and never only a few."""
    k = FLOOR
    worlds: dict[tuple[int | None, int | None], set[int]] = {}
    for outer, inner in itertools.product(range(total + 1), repeat=2):
        if inner <= outer:
            looks = publishable(outer, total, k), publishable(inner, total, k)
            worlds.setdefault(looks, set()).add(outer - inner)
    for looks, between in worlds.items():
        assert any(rest == 0 or rest >= k for rest in between), looks
        if not (looks[0] == total == looks[1]):
            assert len(between) > 1, looks


@pytest.mark.parametrize(
    ("number", "total", "shown"),
    [
        (0, 16, None), (4, 16, None), (5, 16, 5), (9, 16, 5), (11, 16, 10), (12, 16, 10), (15, 16, 10), (16, 16, 16),
        (7, 9, None), (9, 9, 9), (4, 4, None), (0, 0, None), (104, 131, 100), (131, 131, 131), (130, 131, 125),
    ],
)  # fmt: skip
def test_the_edges(number: int, total: int, shown: int | None) -> None:
    assert publishable(number, total) == shown
    assert DEFAULT_MINIMUM == 5


@pytest.mark.parametrize(("number", "total", "minimum"), [(-1, 5, 5), (6, 5, 5), (5, 5, 3)])
def test_what_makes_no_sense_is_an_error(number: int, total: int, minimum: int) -> None:
    with pytest.raises(ValueError, match=r"count|minimum"):
        publishable(number, total, minimum)


@pytest.mark.parametrize("total", [5, 10, 12, 13, 17, 20])
def test_the_bins_of_a_histogram_do_not_give_each_other_away(total: int) -> None:
    """Everybody knows what the bins come to. Still no bin of a few people can be read off."""
    worlds: dict[tuple[int | None, ...], list[tuple[int, ...]]] = {}
    for first, second in itertools.product(range(total + 1), repeat=2):
        bins = (first, second, total - first - second)
        if min(bins) >= 0:
            worlds.setdefault(tuple(spread(bins)), []).append(bins)
    for looks, alike in worlds.items():
        for at in range(3):
            numbers = {bins[at] for bins in alike}
            assert len(numbers) > 1, (looks, alike)


@pytest.mark.parametrize(
    ("numbers", "shown"),
    [((0, 0), [None, None]), ((20, 0, 0), [None] * 3), ((14, 9, 4, 4), [None] * 4), ((11, 8, 7), [10, 5, 5])],
)
def test_a_histogram(numbers: tuple[int, ...], shown: list[int | None]) -> None:
    assert spread(numbers) == shown


def test_sums_are_told_in_whole_steps_of_enough_people() -> None:
    assert [amount(value, 6, 20, 15) for value in (0, 14, 15, 44)] == [None, None, 15, 30]
    assert amount(100, 4, 20, 15) is None


def test_a_sum_is_shown_exactly_where_the_number_of_its_people_is() -> None:
    """Of nine managers six have met their coach: that at least five have is withheld, and hours would say it."""
    for total, people in itertools.product(range(30), repeat=2):
        if people <= total:
            assert (amount(1000, people, total, 15) is None) is (publishable(people, total) is None)


def test_a_sum_over_cohorts_adds_what_is_shown() -> None:
    assert together([5, None, 10]) == 15
    assert together([None, None]) is None


# --- over time --------------------------------------------------------------------------------------------------------

people = st.frozensets(st.integers(min_value=0, max_value=30), max_size=25)


@given(st.lists(people, min_size=1, max_size=8), minimums)
def test_whom_two_weeks_are_about_never_differs_by_a_few(weeks: list[frozenset[int]], minimum: int) -> None:
    counted: list[frozenset[int]] = []
    for there in weeks:
        counted.append(next_counted(there, counted, minimum))
    assert counted[0] == weeks[0]
    for one, other in itertools.combinations(counted, 2):
        for rest in (one - other, other - one):
            assert not rest or len(rest) >= minimum


def test_who_comes_and_goes_is_counted_with_others() -> None:
    first = frozenset(range(10))
    assert next_counted(first | {10}, [first]) == first
    assert next_counted(first | set(range(10, 15)), [first]) == frozenset(range(15))
    assert next_counted(first - {0}, [first]) == first
    assert next_counted(frozenset(range(5, 10)), [first]) == frozenset(range(5, 10))
    # One left, but five came: they are counted, and she still is.
    assert next_counted(frozenset(range(1, 15)), [first]) == frozenset(range(15))
    # One came, and five left.
    assert next_counted(frozenset(range(5, 11)), [first]) == frozenset(range(5, 10))


@given(
    st.lists(st.lists(st.tuples(people, people), min_size=3, max_size=3), min_size=2, max_size=4),
    st.sets(st.integers(0, 2), min_size=1), st.sets(st.integers(0, 2), min_size=1),
)  # fmt: skip
def test_no_two_outputs_of_any_filters_and_weeks_tell_of_a_few(
    history: list[list[tuple[frozenset[int], frozenset[int]]]], one: set[int], other: set[int]
) -> None:
    """Page or file, any choice of cohorts, any week: who knows every membership compares what is shown of each cohort.

    A sum over cohorts is made of these numbers alone, so that they are all there is to compare.
    """
    outputs = []
    counted: list[list[frozenset[int]]] = [[], [], []]
    for week in history:
        shown = []
        for at, (there, done) in enumerate(week):
            counted[at].append(next_counted(there, counted[at]))
            about = counted[at][-1]
            shown.append((about, publishable(len(done & about), len(about))))
        outputs.append(shown)
    for first, second in itertools.combinations(outputs, 2):
        sums = [together(week[at][1] for at in chosen) for week, chosen in ((first, one), (second, other))]
        assert all(number is None or number >= DEFAULT_MINIMUM for number in sums)
        for (about, number), (later, again) in zip(first, second, strict=True):
            for rest in (about - later, later - about):
                assert not rest or len(rest) >= DEFAULT_MINIMUM
            if about == later and number is not None and again is not None:
                assert number == again or abs(number - again) >= DEFAULT_MINIMUM
