"""The numbers, held to worked examples and to the values that Loop Habit Tracker's own tests expect."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.ledarsteg import calculations as calc
from plugins.ledarsteg.calculations import EVERY_DAY, WORKING_DAYS, Band, Log, Mark, Period, Rhythm, State

MONDAY = date(2026, 11, 2)
LETTERS = {"D": State.DONE, "S": State.SKIP, "M": State.MISSED}


def entries(word: str, first: date = MONDAY) -> dict[date, State]:
    """One letter per day from `first`; a dot is a day that nobody noted."""
    return {first + timedelta(i): LETTERS[letter] for i, letter in enumerate(word) if letter != "."}


def daily(word: str, weekdays: int = EVERY_DAY) -> list[Period]:
    """The periods of a log that ends today."""
    return calc.periods(logged(word, weekdays), MONDAY + timedelta(len(word) - 1))


def logged(word: str, weekdays: int = EVERY_DAY) -> Log:
    """A boolean habit planned by the day, begun on a Monday."""
    marks = {day: Mark(state) for day, state in entries(word).items()}
    return Log(MONDAY, (Rhythm(weekdays=weekdays),), marks)


def log(word: str) -> list[State | None]:
    return [LETTERS.get(letter) for letter in word]


# ---- completion rate and streaks ----


def test_three_times_a_week() -> None:
    weeks = [Period(calc.due(3, 7, skipped), done) for done, skipped in ((3, 0), (2, 0), (4, 0), (1, 2))]
    assert [week.due for week in weeks] == [3, 3, 3, 2]
    assert calc.completion_rate(weeks) == pytest.approx(9 / 11)
    assert calc.best_streak(weeks) == 1
    assert calc.current_streak(weeks) == 0


def test_daily_with_a_skip_a_miss_and_today_open() -> None:
    periods = daily("DDSDMDD.")
    assert calc.completion_rate(periods) == pytest.approx(5 / 6)
    assert calc.best_streak(periods) == 3
    assert calc.current_streak(periods) == 2
    assert calc.tally(periods) == (5, 6)


@pytest.mark.parametrize(
    ("word", "current", "best"),
    [
        ("SSSDSSS", 1, 1),  # skips never lengthen: not seven
        ("DD.D", 1, 2),  # a day nobody noted is missed once it is over
        ("DDD.", 3, 3),  # the open day is ignored while nothing is noted
        ("DDDM", 3, 3),  # and while it says not done: the day is not over
        ("DDDS", 3, 3),
        ("DMD", 1, 1),  # the open day adds one when it is met already
        ("SSS", 0, 0),  # neutral days start nothing
        ("", 0, 0),
    ],
)
def test_streaks(word: str, current: int, best: int) -> None:
    assert calc.current_streak(daily(word)) == current
    assert calc.best_streak(daily(word)) == best


def test_nothing_due_has_no_rate() -> None:
    assert calc.completion_rate(daily("SSS")) is None
    assert calc.tally(daily("SSS")) == (0, 0)


def test_an_open_day_counts_in_the_tally_once_it_is_done() -> None:
    assert calc.tally(daily("DMD")) == (2, 3)
    assert calc.completion_rate(daily("DMD")) == pytest.approx(1 / 2)


def test_days_that_are_not_planned_are_no_periods() -> None:
    periods = daily("DDDDD..DDDDD..D", WORKING_DAYS)
    assert len(periods) == 11
    assert calc.current_streak(periods) == 11
    assert not calc.is_planned(WORKING_DAYS, date(2026, 11, 7))
    assert calc.is_planned(WORKING_DAYS, date(2026, 11, 6))


words = st.text("DSM.", min_size=1, max_size=40)
schedules = st.integers(1, EVERY_DAY)


@given(words, schedules, st.randoms())
def test_the_order_of_entries_is_irrelevant(word: str, weekdays: int, random: object) -> None:
    noted = list(entries(word).items())
    random.shuffle(noted)  # type: ignore[attr-defined]
    last = MONDAY + timedelta(len(word) - 1)
    marks = {day: Mark(state) for day, state in noted}
    assert calc.periods(Log(MONDAY, (Rhythm(weekdays=weekdays),), marks), last) == daily(word, weekdays)


@given(words, st.integers(0, 39))
def test_a_skip_never_lengthens_a_row_of_days_done(word: str, at: int) -> None:
    index = at % len(word)
    skipped = word[:index] + "S" + word[index + 1 :]
    done = word[:index] + "D" + word[index + 1 :]
    without = word[:index] + word[index + 1 :]
    assert calc.current_streak(daily(skipped)) <= calc.current_streak(daily(done))
    assert calc.best_streak(daily(skipped)) <= calc.best_streak(daily(done))
    if index < len(word) - 1:  # taking a closed skipped day out of the calendar altogether changes nothing
        assert calc.current_streak(daily(skipped)) == calc.current_streak(daily(without))
        assert calc.best_streak(daily(skipped)) == calc.best_streak(daily(without))


@given(words, schedules)
def test_the_streak_now_is_never_above_the_best(word: str, weekdays: int) -> None:
    periods = daily(word, weekdays)
    done, of = calc.tally(periods)
    assert 0 <= calc.current_streak(periods) <= calc.best_streak(periods) <= done <= of


@given(words)
def test_a_rate_lies_between_nothing_and_all(word: str) -> None:
    rate = calc.completion_rate(daily(word))
    assert rate is None or 0 <= rate <= 1


# ---- habit strength: expected values from Loop Habit Tracker's ScoreTest and ScoreListTest ----


@pytest.mark.parametrize(
    ("frequency", "before", "done", "after"),
    [
        (1, 0, 1, 0.051922), (1, 0.5, 1, 0.525961), (1, 0.75, 1, 0.762981),
        (1, 0, 0, 0.0), (1, 0.5, 0, 0.474039), (1, 0.75, 0, 0.711058),
        (1 / 3, 0, 1, 0.030314), (1 / 3, 0.5, 1, 0.515157), (1 / 3, 0.75, 1, 0.757578),
        (1 / 3, 0.5, 0, 0.484842), (1 / 3, 0.75, 0, 0.727263),
    ],
)  # fmt: skip
def test_one_day_of_strength(frequency: float, before: float, done: float, after: float) -> None:
    assert calc.strength_step(frequency, before, done) == pytest.approx(after, abs=1e-6)


def test_twenty_perfect_days() -> None:
    series = calc.strength_series(1, 1, log("D" * 20))
    expected = [0.655747, 0.636894, 0.617008, 0.596033, 0.573910, 0.550574, 0.525961, 0.5]
    assert series[:-9:-1] == pytest.approx(expected, abs=1e-6)
    assert series == pytest.approx([1 - 0.5 ** (n / 13) for n in range(1, 21)])


def test_skipped_days_leave_the_strength_as_it_was() -> None:
    word = ["D"] * 20
    for back in (5, 10, 11):
        word[19 - back] = "S"
    series = calc.strength_series(1, 1, log("".join(word)))
    assert series[-1] == pytest.approx(0.596033, abs=1e-6)
    assert series[19 - 5] == series[19 - 6]
    assert series[19 - 10] == series[19 - 11] == series[19 - 12]


def test_done_once_and_then_nothing() -> None:
    series = calc.strength_series(1, 1, log(".DS...."))
    expected = [0.041949, 0.044247, 0.046670, 0.049226, 0.051922, 0.051922, 0.0]
    assert series[::-1] == pytest.approx(expected, abs=1e-6)


def test_the_same_two_days_at_another_frequency() -> None:
    assert calc.strength_series(1, 1, log("DD"))[-1] == pytest.approx(0.101149, abs=1e-6)
    assert calc.strength_series(1, 2, log("DD"))[-1] == pytest.approx(0.054816, abs=1e-6)


def test_missing_one_of_three_a_week_comes_to_two_thirds() -> None:
    word = "DD....." * 100
    assert calc.strength_series(3, 7, log(word))[-1] == pytest.approx(2 / 3, abs=1e-3)
    assert calc.strength_series(4, 7, log(word))[-1] == pytest.approx(0.5, abs=1e-3)


def test_weekly_on_different_weekdays_comes_to_one() -> None:
    assert calc.strength_series(1, 7, log(("D" + "." * 12 + "D") * 100))[-1] == pytest.approx(1.0, abs=1e-3)


@pytest.mark.parametrize(
    ("times", "per_days", "word"), [(1, 1, "D" * 90), (1, 7, "D......" * 39), (1, 30, ("D" + "." * 29) * 18)]
)
def test_a_habit_settles_in_reasonable_time(times: int, per_days: int, word: str) -> None:
    assert calc.strength_series(times, per_days, log(word))[-1] > 0.99


def test_four_working_weeks() -> None:
    word = "DDDDD.." * 4
    assert calc.strength_series(5, 7, log(word))[-1] == pytest.approx(0.631935, abs=1e-6)
    last = MONDAY + timedelta(27)
    assert calc.strength(logged(word, WORKING_DAYS), last + timedelta(1)) == pytest.approx(0.631935, abs=1e-6)


def test_today_counts_once_it_is_noted() -> None:
    today = MONDAY + timedelta(1)
    assert calc.strength(logged("D."), today) == pytest.approx(0.051922, abs=1e-6)
    assert calc.strength(logged("DD"), today) == pytest.approx(0.101149, abs=1e-6)
    assert calc.strength(Log(MONDAY), MONDAY) == 0


@given(words, schedules)
def test_strength_stays_between_nothing_and_all(word: str, weekdays: int) -> None:
    assert all(0 <= value <= 1 for value in calc.strength_series(weekdays.bit_count(), 7, log(word)))


@pytest.mark.parametrize(
    ("value", "band"),
    [
        (0, Band.BEGINS),
        (0.294, Band.BEGINS),
        (0.295001, Band.ON_THE_WAY),
        (0.694, Band.ON_THE_WAY),
        (0.696, Band.SETTLED),
        (1, Band.SETTLED),
    ],
)
def test_the_words_agree_with_the_per_cent_beside_them(value: float, band: Band) -> None:
    assert calc.band(value) is band


# ---- advice on a plan ----


@pytest.mark.parametrize(
    ("cue", "concrete"),
    [
        ("jag har hängt av mig jackan", True), ("the coffee is ready", True), ("pulksten desmitos no rīta", True),
        ("när jag hinner med det", False), ("when I have time", False), ("kad būs laiks tam", False), ("ibland", False),
    ],
)  # fmt: skip
def test_a_clear_situation(cue: str, *, concrete: bool) -> None:
    assert calc.plan_advice(cue, "ställer en fråga", "", None).concrete_cue is concrete


@pytest.mark.parametrize(
    ("action", "minutes", "small", "one"),
    [
        ("frågar jag vad du föreslår", None, True, True),
        ("stänger jag dörren", 15, True, True),
        ("stänger jag dörren", 16, False, True),
        ("stänger jag dörren och ringer chefen", None, True, False),
        ("inte avbryta", None, False, True),
        ("be better", None, True, True),
        ("better meetings", None, False, True),
        ("lyssna", None, False, True),
        ("", None, False, False),
    ],
)
def test_an_action(action: str, minutes: int | None, *, small: bool, one: bool) -> None:
    advice = calc.plan_advice("jag har hämtat kaffe", action, "", minutes)
    assert (advice.small_action, advice.one_action) == (small, one)


def test_a_reserve_plan() -> None:
    assert calc.plan_advice("a b c", "d e", "then tomorrow", None).has_coping
    assert not calc.plan_advice("a b c", "d e", "  ", None).has_coping
