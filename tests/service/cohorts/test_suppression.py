"""The one rule for numbers about people."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.cohorts.suppression import DEFAULT_MINIMUM, FLOOR, publishable

totals = st.integers(min_value=0, max_value=2000)
minimums = st.integers(min_value=FLOOR, max_value=20)


@given(totals, minimums, st.data())
def test_what_is_shown_hides_every_small_group(total: int, minimum: int, data: st.DataObject) -> None:
    number = data.draw(st.integers(min_value=0, max_value=total))
    shown = publishable(number, total, minimum)
    if shown is None:
        assert number < minimum or 0 < total - number < minimum
    else:
        assert shown == number
        assert number >= minimum
        assert total - number == 0 or total - number >= minimum


@given(totals, minimums)
def test_nobody_looks_like_almost_enough(total: int, minimum: int) -> None:
    small = [publishable(number, total, minimum) for number in range(min(minimum - 1, total) + 1)]
    assert set(small) == {None}


@pytest.mark.parametrize(
    ("number", "total", "shown"),
    [
        (0, 16, None),
        (4, 16, None),
        (5, 16, 5),
        (11, 16, 11),
        (12, 16, None),
        (15, 16, None),
        (16, 16, 16),
        (4, 4, None),
        (0, 0, None),
    ],
)
def test_the_edges(number: int, total: int, shown: int | None) -> None:
    assert publishable(number, total) == shown
    assert DEFAULT_MINIMUM == 5


@pytest.mark.parametrize(("number", "total", "minimum"), [(-1, 5, 5), (6, 5, 5), (5, 5, 3)])
def test_what_makes_no_sense_is_an_error(number: int, total: int, minimum: int) -> None:
    with pytest.raises(ValueError, match=r"count|minimum"):
        publishable(number, total, minimum)
