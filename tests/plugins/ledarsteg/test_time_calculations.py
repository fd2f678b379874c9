"""Shares of time, leader contributions by the week, and the balance of two sides: the published vectors, and what holds of all."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plugins.ledarsteg import calculations as calc
from plugins.ledarsteg.calculations import Category, Contributed, Effect, SetAside, Side, Spent

TODAY = date(2026, 11, 24)  # a Tuesday
FIRST = {
    Category.FIREFIGHTING: 420, Category.SEEMINGLY_URGENT: 360, Category.ROUTINES: 480, Category.MEETINGS: 720,
    Category.OLD_HABITS: 120, Category.LEADER_CONTRIBUTION: 300,
}  # fmt: skip


def spent(minutes: dict[Category, int]) -> list[Spent]:
    return [Spent(category, number) for category, number in minutes.items()]


# ---- the time audit (domain.md 2.1.6) ----


def test_the_worked_example_of_the_time_audit() -> None:
    assert sum(FIRST.values()) == 2400
    shares = calc.shares(spent(FIRST))
    assert shares[Category.LEADER_CONTRIBUTION] == pytest.approx(0.125)
    assert calc.seed_share(shares) == pytest.approx(0.875)
    assert sum(shares.values()) == pytest.approx(1)
    assert set(shares) == set(Category)


def test_the_worked_example_of_the_round_after() -> None:
    again = {**FIRST, Category.LEADER_CONTRIBUTION: 480, Category.MEETINGS: 540}
    before, after = calc.shares(spent(FIRST)), calc.shares(spent(again))
    assert after[Category.LEADER_CONTRIBUTION] == pytest.approx(0.2)
    leading = Category.LEADER_CONTRIBUTION
    assert calc.points(before[leading], after[leading]) == pytest.approx(7.5)


def test_what_may_not_stand_up_to_a_challenge() -> None:
    rows = [Spent(Category.MEETINGS, 90, challengeable=True), Spent(Category.MEETINGS, 30), Spent(Category.OTHER, 120)]
    assert calc.challengeable_share(rows) == pytest.approx(90 / 240)
    assert calc.challengeable_share([]) is None
    assert calc.shares([]) == {}
    assert calc.seed_share({}) == 0


def test_what_is_freed() -> None:
    assert calc.freed([45, 0, 60]) == 105
    assert calc.freed([]) == 0


@settings(deadline=None)  # the machine may be busy
@given(st.lists(st.tuples(st.sampled_from(Category), st.integers(1, 600), st.booleans()), min_size=1))
def test_shares_are_of_one_whole_and_the_order_is_irrelevant(rows: list[tuple[Category, int, bool]]) -> None:
    made = [Spent(*row) for row in rows]
    shares = calc.shares(made)
    assert sum(shares.values()) == pytest.approx(1)
    assert shares == calc.shares(list(reversed(made)))
    share = calc.challengeable_share(made)
    assert share is not None
    assert 0 <= share <= 1
    assert all(calc.points(shares[one], shares[one]) == 0 for one in Category)


# ---- days and weeks ----


@pytest.mark.parametrize(
    ("first", "days"),
    [
        (TODAY, ["24", "25", "26", "27", "30"]),
        (TODAY + timedelta(3), ["27", "30", "01", "02", "03"]),
        (TODAY + timedelta(4), ["30", "01", "02", "03", "04"]),  # a Saturday
        (TODAY + timedelta(5), ["30", "01", "02", "03", "04"]),
    ],
)
def test_a_round_is_five_working_days(first: date, days: list[str]) -> None:
    found = calc.working_days(first)
    assert [day.isoformat()[-2:] for day in found] == days
    assert all(map(calc.is_working_day, found))


@settings(deadline=None)  # the machine may be busy
@given(st.dates(date(2015, 1, 1), date(2035, 12, 31)))
def test_a_round_has_five_different_days_from_its_first_on(first: date) -> None:
    found = calc.working_days(first)
    assert len(set(found)) == len(found) == calc.MOST_AUDIT_DAYS
    assert first <= found[0] <= first + timedelta(2)
    assert found == sorted(found)
    assert not calc.is_working_day(first) or found[0] == first


def test_a_week_is_five_times_the_minutes_of_a_noted_day() -> None:
    assert calc.per_working_week(180, 3) == 300
    assert calc.per_working_week(100, 3) == 165
    assert calc.per_working_week(1, 5) == 0


def test_the_last_weeks_end_with_the_one_that_goes_on() -> None:
    assert calc.last_mondays(TODAY, 3) == [date(2026, 11, 9), date(2026, 11, 16), date(2026, 11, 23)]
    assert calc.last_mondays(date(2026, 11, 23), 1) == calc.last_mondays(date(2026, 11, 29), 1) == [date(2026, 11, 23)]


def test_leader_time_by_the_week() -> None:
    mondays = calc.last_mondays(TODAY, 2)
    blocks = [
        SetAside(date(2026, 11, 16), 30, 30), SetAside(date(2026, 11, 22), 45, 0), SetAside(date(2026, 11, 24), 60),
        SetAside(date(2026, 11, 15), 500, 500), SetAside(date(2026, 11, 30), 500),
    ]  # fmt: skip
    weeks = calc.leader_weeks(blocks, mondays)
    assert [(week.monday, week.planned, week.kept) for week in weeks] == [(mondays[0], 75, 30), (mondays[1], 60, 0)]


# ---- contributions ----


def test_the_tags_are_the_bits_that_are_kept() -> None:
    assert [(tag.name, tag.value) for tag in Effect] == [
        ("ABILITY", 1), ("ATTITUDE", 2), ("COLLABORATION", 4), ("VALUE", 8),
    ]  # fmt: skip
    assert [(tag.name, tag.value) for tag in Side] == [("HARD", 1), ("SOFT_OPERATIONS", 2), ("SOFT_INDIVIDUAL", 4)]


def test_count_and_quality_are_two_things() -> None:
    mondays = calc.last_mondays(TODAY, 3)
    rows = [
        Contributed(date(2026, 11, 23), 3, 4), Contributed(date(2026, 11, 24), 1, 2), Contributed(date(2026, 11, 24), 2),
        Contributed(date(2026, 11, 10), 1), Contributed(date(2026, 11, 1), 9, 5),
    ]  # fmt: skip
    weeks = calc.contribution_weeks(rows, mondays)
    assert [(week.count, week.rated, week.quality) for week in weeks] == [(1, 0, None), (0, 0, None), (6, 4, 3.5)]
    assert [week.monday for week in weeks] == mondays


@pytest.mark.parametrize(
    ("sides", "counted"),
    [
        (0, (0, 0)), (Side.HARD, (2, 0)), (Side.SOFT_OPERATIONS, (0, 2)), (Side.SOFT_INDIVIDUAL, (0, 2)),
        (Side.SOFT_OPERATIONS | Side.SOFT_INDIVIDUAL, (0, 2)), (Side.HARD | Side.SOFT_INDIVIDUAL, (2, 2)), (7, (2, 2)),
    ],
)  # fmt: skip
def test_each_contribution_counts_once_on_each_of_its_sides(sides: int, counted: tuple[int, int]) -> None:
    assert calc.hard_and_soft([Contributed(TODAY, 2, sides=sides)]) == counted


# ---- balance (domain.md 2.1.7) ----


@pytest.mark.parametrize(
    ("one", "other", "share", "index", "balanced"),
    [
        (70, 50, 0.5833, 0.8333, True), (90, 10, 0.9, 0.2, False), (35, 65, 0.35, 0.7, True), (65, 35, 0.65, 0.7, True),
        (34, 66, 0.34, 0.68, False), (5, 0, 1, 0, False), (1, 1, 0.5, 1, True),
    ],
)  # fmt: skip
def test_the_balance_of_two_sides(one: int, other: int, share: float, index: float, balanced: bool) -> None:
    assert calc.balance_share(one, other) == pytest.approx(share, abs=5e-5)
    assert calc.balance_index(one, other) == pytest.approx(index, abs=5e-5)
    assert calc.is_balanced(one, other) is balanced


def test_without_either_side_there_is_no_balance() -> None:
    assert calc.balance_share(0, 0) is calc.balance_index(0, 0) is calc.is_balanced(0, 0) is None


@settings(deadline=None)  # the machine may be busy
@given(st.integers(0, 10_000), st.integers(0, 10_000))
def test_neither_side_is_the_right_one(one: int, other: int) -> None:
    assert calc.balance_index(one, other) == (
        None if one + other == 0 else pytest.approx(calc.balance_index(other, one))
    )
    assert calc.is_balanced(one, other) == calc.is_balanced(other, one)
