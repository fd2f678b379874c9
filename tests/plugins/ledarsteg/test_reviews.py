"""The arithmetic of the Friday review: which week, how many count, and when being has been short for long."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.ledarsteg.calculations import (
    friday_of,
    is_ending,
    is_long_imbalance,
    is_offered,
    last_day_for,
    most_within,
    reviewed_week,
)

FRIDAY = date(2026, 11, 27)
MONDAY = date(2026, 11, 23)
DAYS = st.dates(date(2000, 1, 1), date(2060, 12, 31))
ZONES = sorted(available_timezones() - {"localtime", "posixrules"})
MONDAYS = st.sets(st.integers(0, 40)).map(lambda weeks: [MONDAY + timedelta(weeks=week) for week in weeks])


@pytest.mark.parametrize(
    ("today", "monday"),
    [
        (FRIDAY, MONDAY), (FRIDAY + timedelta(2), MONDAY), (FRIDAY + timedelta(6), MONDAY), (FRIDAY - timedelta(1), MONDAY - timedelta(7)),
        (date(2027, 1, 1), date(2026, 12, 28)), (date(2027, 1, 7), date(2026, 12, 28)), (date(2027, 1, 8), date(2027, 1, 4)),
    ],
)  # fmt: skip
def test_a_week_can_be_looked_back_on_from_its_friday_to_the_thursday_after(today: date, monday: date) -> None:
    assert reviewed_week(today) == monday


@given(DAYS)
def test_there_is_exactly_one_week_to_look_back_on(today: date) -> None:
    monday = reviewed_week(today)
    assert monday.weekday() == 0
    assert friday_of(monday) <= today <= last_day_for(monday)
    assert friday_of(monday).weekday() == 4
    assert last_day_for(monday).weekday() == 3
    assert is_offered(today) == (today - monday < timedelta(7))


@given(st.integers(0, 21 * 366 * 24 * 60), st.sampled_from(ZONES))
def test_friday_is_friday_where_she_is(minutes: int, zone: str) -> None:
    there = (datetime(2015, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)).astimezone(ZoneInfo(zone))
    assert is_offered(there.date()) == (
        there.strftime("%A") in {"Friday", "Saturday", "Sunday"} or there.isoweekday() >= 5
    )
    assert reviewed_week(there.date()).isocalendar().week == (there.date() - timedelta(4)).isocalendar().week


@pytest.mark.parametrize(
    ("weeks", "within", "most"),
    [
        ([], 12, 0),
        ([0], 12, 1),
        ([0, 1, 2], 2, 2),
        ([0, 11], 12, 2),
        ([0, 12], 12, 1),
        ([0, 0, 1], 12, 2),
        ([0, 5, 6, 7, 13], 3, 3),
    ],
)
def test_the_best_stretch_counts(weeks: list[int], within: int, most: int) -> None:
    assert most_within([MONDAY + timedelta(weeks=week) for week in weeks], within) == most


@given(MONDAYS, st.integers(1, 15), st.integers(-5, 45))
def test_one_more_review_never_makes_it_less_and_order_says_nothing(
    mondays: list[date], within: int, more: int
) -> None:
    before = most_within(mondays, within)
    offsets = [(monday - MONDAY).days // 7 for monday in mondays]
    assert before == max(
        (sum(start <= week < start + within for week in offsets) for start in range(-1, 42)), default=0
    )
    assert before == most_within(reversed(mondays), within) <= within
    assert before <= most_within([*mondays, MONDAY + timedelta(weeks=more)], within) <= before + 1


@pytest.mark.parametrize(
    ("weighed", "long"),
    [
        ([], False), ([(1, 3)] * 3, False), ([(1, 3)] * 4, True), ([(3, 5)] * 4, True), ([(2, 3)] * 9, False),
        ([(3, 3), *[(1, 5)] * 4], True), ([*[(1, 5)] * 4, (3, 3)], False), ([(1, 5), (1, 5), (None, 5), (1, 5), (1, None), (1, 5)], True),
        ([(5, 1)] * 8, False), ([(None, None)] * 8, False),
    ],
)  # fmt: skip
def test_doing_has_long_won_after_four_weeks_in_a_row(
    weighed: list[tuple[int | None, int | None]], *, long: bool
) -> None:
    assert is_long_imbalance(weighed) is long


@pytest.mark.parametrize(
    ("days_left", "ending"), [(14, False), (13, True), (1, True), (0, True), (-1, False), (-400, False)]
)
def test_a_term_ends_in_its_last_two_weeks(days_left: int, *, ending: bool) -> None:
    assert is_ending(FRIDAY, FRIDAY + timedelta(days_left)) is ending
    assert is_ending(FRIDAY, None) is False
