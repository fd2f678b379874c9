"""How often: by the day and by the week, what is counted, at least and at most, changed schedules, and pauses."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.ledarsteg import calculations as calc
from plugins.ledarsteg.calculations import (
    WORKING_DAYS,
    Direction,
    Kind,
    Log,
    Mark,
    Per,
    Period,
    Rest,
    Rhythm,
    Rule,
    State,
)

MONDAY = date(2026, 11, 2)
LETTERS = {"D": State.DONE, "S": State.SKIP, "M": State.MISSED}


def on(index: int) -> date:
    return MONDAY + timedelta(index)


def marks(word: str) -> dict[date, Mark]:
    """One letter per day from Monday; a digit is a number of minutes, a dot a day without a note."""
    return {
        on(index): Mark(LETTERS[letter]) if letter in LETTERS else Mark(State.DONE, int(letter))
        for index, letter in enumerate(word)
        if letter != "."
    }


def weekly(target: int, from_date: date = date.min) -> Rhythm:
    return Rhythm(from_date, Per.WEEK, target=target)


def said(periods: list[Period]) -> list[tuple[int, int]]:
    return [(period.done, period.due) for period in periods]


# ---- by the week ----


def test_the_worked_example_of_three_times_a_week() -> None:
    log = Log(MONDAY, (weekly(3),), marks("DDD....DD.....DDDD...DSS...."))
    periods = calc.periods(log, on(28))
    assert said(periods[:4]) == [(3, 3), (2, 3), (4, 3), (1, 2)]
    assert calc.totals(periods) == (9, 11)
    assert calc.completion_rate(periods) == pytest.approx(0.8182, abs=5e-5)
    assert (calc.best_streak(periods), calc.current_streak(periods)) == (1, 0)


def test_the_week_that_goes_on_is_weighed_whole_and_breaks_nothing() -> None:
    log = Log(MONDAY, (weekly(2),), marks("DD.....D"))
    periods = calc.periods(log, on(8))
    assert said(periods) == [(2, 2), (1, 2)]
    assert [period.closed for period in periods] == [True, False]
    assert calc.current_streak(periods) == 1
    assert calc.current_streak(calc.periods(Log(MONDAY, (weekly(2),), marks("DD.....DD")), on(8))) == 2


@pytest.mark.parametrize(("first", "due"), [(0, 3), (1, 3), (3, 2), (6, 0)])
def test_the_first_week_asks_for_what_is_left_of_it(first: int, due: int) -> None:
    """floor(3 · 7/7 + .5), floor(3 · 6/7 + .5), floor(3 · 4/7 + .5), floor(3 · 1/7 + .5)."""
    periods = calc.periods(Log(on(first), (weekly(3),)), on(20))
    assert periods[0].due == due
    assert periods[1].due == 3


def test_the_last_week_of_a_finished_habit_ends_with_it() -> None:
    log = Log(MONDAY, (weekly(3),), marks("DDD....DD"), last=on(9))
    assert said(calc.periods(log, on(30))) == [(3, 3), (2, 1)]
    assert calc.periods(log, on(9))[-1].closed is False
    assert calc.periods(log, on(10))[-1].closed is True


# ---- what is counted ----


def test_minutes_of_a_day_are_credited_up_to_what_was_due() -> None:
    log = Log(MONDAY, (Rhythm(target=6),), marks("695.S"), kind=Kind.MINUTES)
    periods = calc.periods(log, on(5))
    assert said(periods) == [(6, 6), (9, 6), (5, 6), (0, 6), (0, 0), (0, 6)]
    assert calc.totals(periods) == (17, 24)
    assert calc.best_streak(periods) == 2


def test_minutes_of_a_week_are_added_up() -> None:
    log = Log(MONDAY, (weekly(20),), marks("9...9.2"), kind=Kind.MINUTES)
    assert said(calc.periods(log, on(6))) == [(20, 20)]


def test_a_skipped_day_counts_nothing_whatever_its_number() -> None:
    log = Log(MONDAY, marks={MONDAY: Mark(State.SKIP, 9)}, kind=Kind.COUNT)
    assert log.amount(MONDAY) == 0
    assert calc.periods(log, on(1))[0].neutral


@pytest.mark.parametrize(
    ("word", "kept"), [("5", True), ("6", True), ("7", False), ("0", True), (".", False), ("S", None)]
)
def test_at_most_is_kept_when_noted_and_not_above(word: str, *, kept: bool | None) -> None:
    rhythm = Rhythm(target=6, direction=Direction.AT_MOST)
    period = calc.periods(Log(MONDAY, (rhythm,), marks(word), kind=Kind.MINUTES), on(1))[0]
    assert (None if period.neutral else period.met) is kept


def test_at_most_of_a_week() -> None:
    rhythm = Rhythm(per=Per.WEEK, target=10, direction=Direction.AT_MOST)
    log = Log(MONDAY, (rhythm,), marks("55.....56.............."), kind=Kind.MINUTES)
    assert [period.met for period in calc.periods(log, on(22)) if period.closed] == [True, False, False]


# ---- changed schedules ----


def test_a_changed_schedule_holds_from_its_day_and_leaves_the_past() -> None:
    before = calc.periods(Log(MONDAY, (Rhythm(),), marks("DD.D")), on(10))[:3]
    changed = Log(MONDAY, (Rhythm(), Rhythm(on(3), weekdays=WORKING_DAYS)), marks("DD.D"))
    after = calc.periods(changed, on(10))
    assert after[:3] == before
    assert [period.first for period in after[3:]] == [on(3), on(4), on(7), on(8), on(9), on(10)]


def test_a_week_in_which_the_schedule_changed_has_two_parts() -> None:
    """floor(3 · 3/7 + .5) until Wednesday, floor(2 · 4/7 + .5) from Thursday."""
    log = Log(MONDAY, (weekly(3), weekly(2, on(3))), marks("D..D"))
    assert said(calc.periods(log, on(14)))[:3] == [(1, 1), (1, 1), (0, 2)]


def test_a_schedule_to_come_changes_nothing_yet() -> None:
    now = Log(MONDAY, (weekly(3),), marks("DD"))
    planned = Log(MONDAY, (weekly(3), Rhythm(on(14))), marks("DD"))
    assert calc.periods(planned, on(6)) == calc.periods(now, on(6))
    assert calc.periods(planned, on(15))[-2:] == [
        Period(1, 0, closed=True, first=on(14), last=on(14)), Period(1, 0, closed=False, first=on(15), last=on(15)),
    ]  # fmt: skip


def test_a_schedule_that_ends_within_the_open_week_asks_for_its_part() -> None:
    log = Log(MONDAY, (weekly(7), Rhythm(on(3))), marks("D"))
    assert calc.periods(log, on(1))[0].due == 3


def test_the_rhythm_of_a_day() -> None:
    rhythms = (Rhythm(MONDAY), Rhythm(on(5), target=2))
    assert [calc.rhythm_on(rhythms, on(day)).target for day in (-3, 0, 4, 5, 90)] == [1, 1, 1, 2, 2]


# ---- pauses ----


def test_a_pause_counts_neither_way() -> None:
    log = Log(MONDAY, marks=marks("DD.......DD"), rests=(Rest(on(2), on(8)),))
    periods = calc.periods(log, on(11))
    assert calc.totals(periods) == (4, 4)
    assert calc.best_streak(periods) == 4


def test_what_was_done_in_a_pause_counts_all_the_same() -> None:
    log = Log(MONDAY, marks=marks("D.D.D"), rests=(Rest(on(1), on(3)),))
    assert calc.totals(calc.periods(log, on(5))) == (3, 3)


def test_a_paused_week_of_a_weekly_habit_asks_for_nothing() -> None:
    log = Log(MONDAY, (weekly(3),), marks("DDD"), rests=(Rest(on(7)),))
    assert [period.due for period in calc.periods(log, on(20))] == [3, 0, 0]


def test_a_pause_without_an_end_covers_all_that_comes() -> None:
    assert calc.paused([Rest(on(3))], on(300))
    assert not calc.paused([Rest(on(3))], on(2))
    assert not calc.paused([Rest(on(3), on(4))], on(5))


def test_strength_stands_still_in_a_pause() -> None:
    log = Log(MONDAY, marks=marks("DDD......D"), rests=(Rest(on(3), on(8)),))
    series = calc.strength_by_day(log, on(9))
    assert len(set(series[2:9])) == 1
    assert series[9] > series[8]


# ---- strength of what is counted, and of changed schedules ----


def test_strength_of_counted_habits_is_the_share_of_what_was_wanted() -> None:
    """c = min(1, sum / target); daily m = 0.5 ** (1/13)."""
    log = Log(MONDAY, (Rhythm(target=4),), marks("28."), kind=Kind.MINUTES)
    kept = 0.5 ** (1 / 13)
    first = 0.5 * (1 - kept)
    second = first * kept + (1 - kept)
    assert calc.strength_by_day(log, on(2)) == pytest.approx([first, second, second * kept])


def test_strength_of_a_week_looks_at_seven_days() -> None:
    log = Log(MONDAY, (weekly(9),), marks("9"), kind=Kind.MINUTES)
    kept = 0.5 ** ((1 / 7) ** 0.5 / 13)
    expected, strength = [], 0.0
    for day in range(8):
        strength = strength * kept + (1.0 if day < 7 else 0.0) * (1 - kept)
        expected.append(strength)
    assert calc.strength_by_day(log, on(7)) == pytest.approx(expected)


def test_strength_of_at_most_begins_whole_and_falls_when_it_is_not_kept_or_not_looked_at() -> None:
    """clamp(1 - (sum - target) / target, 0, 1)."""
    rhythm = Rhythm(target=4, direction=Direction.AT_MOST)
    kept = 0.5 ** (1 / 13)
    log = Log(MONDAY, (rhythm,), marks("36."), kind=Kind.MINUTES)
    second = 1 * kept + 0.5 * (1 - kept)
    assert calc.strength_by_day(log, on(2)) == pytest.approx([1.0, second, second * kept])
    assert calc.strength(Log(MONDAY, (rhythm,), kind=Kind.MINUTES), MONDAY) == 1.0
    assert Rule.of(Kind.MINUTES, rhythm).share(12) == 0.0


def test_an_unplanned_day_of_an_at_most_habit_needs_no_look() -> None:
    rhythm = Rhythm(weekdays=WORKING_DAYS, target=4, direction=Direction.AT_MOST)
    log = Log(MONDAY, (rhythm,), marks("44444"), kind=Kind.MINUTES)
    assert calc.strength_by_day(log, on(6)) == [1.0] * 7


def test_an_at_most_week_is_looked_at_once() -> None:
    rhythm = Rhythm(per=Per.WEEK, target=9, direction=Direction.AT_MOST)
    series = calc.strength_by_day(Log(MONDAY, (rhythm,), marks("9"), kind=Kind.MINUTES), on(7))
    assert series[:7] == [1.0] * 7
    assert series[7] < 1.0


def test_each_day_is_weighed_by_the_schedule_in_force_on_it() -> None:
    daily = calc.strength_by_day(Log(MONDAY, marks=marks("DD")), on(1))
    changed = Log(MONDAY, (Rhythm(), weekly(3, on(2))), marks("DD"))
    series = calc.strength_by_day(changed, on(2))
    assert series[:2] == daily
    rule = Rule.times(3, 7)
    assert series[2] == pytest.approx(calc.strength_step(3 / 7, daily[1], rule.share(2)))


words = st.text("DSM.", min_size=1, max_size=40)


@given(words, st.integers(0, 39), st.integers(0, 39))
def test_a_skip_or_a_pause_never_changes_strength_on_its_day(word: str, first: int, length: int) -> None:
    rest = Rest(on(first), on(first + length))
    log = Log(MONDAY, marks=marks(word), rests=(rest,))
    series = calc.strength_by_day(log, on(len(word) - 1))
    for index in range(1, len(word)):
        if log.is_skipped(on(index)):
            assert series[index] == series[index - 1]


@given(words, st.integers(1, 7), st.integers(0, 30))
def test_every_day_lies_in_one_week_at_most(word: str, target: int, change: int) -> None:
    log = Log(MONDAY, (weekly(target), weekly(8 - target, on(change))), marks(word))
    periods = calc.periods(log, on(len(word) - 1))
    covered = [day for period in periods for day in calc.days(period.first, period.last)]
    assert covered == list(calc.days(MONDAY, on(len(word) - 1)))
    assert sum(period.done for period in periods) == word.count("D")
    assert 0 <= calc.current_streak(periods) <= calc.best_streak(periods) <= len(periods)


# ---- one thing at a time ----


@pytest.mark.parametrize(
    ("text", "first", "rest"),
    [
        ("Ask her and thank him", "Ask her", "thank him"),
        ("Fråga henne, och tacka honom sedan", "Fråga henne", "tacka honom sedan"),
        ("jautāt un klausīties", "jautāt", "klausīties"),
        ("One; two; three", "One", "two; three"),
        ("Ask her", "Ask her", ""),
        ("and", "and", ""),
        ("A brand new andante", "A brand new andante", ""),
    ],
)
def test_several_things_are_offered_apart(text: str, first: str, rest: str) -> None:
    assert calc.split_words(text) == (first, rest)
    assert calc.is_several(text) is (bool(rest) or text == "and")
