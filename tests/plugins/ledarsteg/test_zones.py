"""Days are local dates: daylight saving, travel and a changed zone neither create nor lose one, in any zone from 2015 to 2035."""

import itertools
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from plugins.ledarsteg import calculations as calc
from plugins.ledarsteg import operations
from plugins.ledarsteg.calculations import Log, Mark, Per, Rhythm, State
from plugins.ledarsteg.models import Entry
from plugins.ledarsteg.operations import Note, Owner
from service.cohorts.models import Member
from service.contract import Invalid, local_date
from tests.plugins.ledarsteg.support import make
from tests.support import OffsetClock, World

FIRST, LAST = datetime(2015, 1, 1, tzinfo=UTC), datetime(2036, 1, 1, tzinfo=UTC)
ZONES = sorted(available_timezones() - {"localtime"})
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
MOMENTS = st.datetimes(datetime(2015, 1, 1), datetime(2035, 12, 1), timezones=st.just(UTC))  # noqa: DTZ001 - their bounds are naive


def changes(zone: ZoneInfo) -> Iterator[datetime]:
    """The instants, to the minute, at which the zone's clocks are put forward or back."""
    step = timedelta(days=20)
    at = FIRST
    while at < LAST:
        low, high = at, min(at + step, LAST)
        while (start := low.astimezone(zone).utcoffset()) != high.astimezone(
            zone
        ).utcoffset() and high - low > timedelta(minutes=1):
            middle = low + (high - low) / 2
            low, high = (middle, high) if middle.astimezone(zone).utcoffset() == start else (low, middle)
        if low != at or high != min(at + step, LAST):
            yield high
        at += step


def rules() -> dict[tuple[datetime, ...], str]:
    """One zone for each set of changes: names that mean the same clock are looked at once."""
    found: dict[tuple[datetime, ...], str] = {}
    for name in ZONES:
        zone = ZoneInfo(name)
        key = (FIRST + zone.utcoffset(FIRST.replace(tzinfo=None)), *changes(zone))  # type: ignore[operator]
        found.setdefault(key, name)
    return found


def test_no_change_of_clocks_skips_or_repeats_a_day() -> None:
    """Hour by hour around each change the date stays or goes on by one; a whole day is never jumped over."""
    looked_at = 0
    for (_offset, *moments), name in rules().items():
        for moment in moments:
            days = [local_date(moment + HOUR * hour, name) for hour in range(-26, 27)]
            assert all(after - before in (timedelta(0), DAY) for before, after in itertools.pairwise(days)), (
                name,
                moment,
            )
            assert 3 <= len(set(days)) <= 4
            looked_at += 1
    assert looked_at > 1000
    assert len(ZONES) > 400


@settings(max_examples=200)
@given(
    st.sampled_from(ZONES),
    MOMENTS,
    st.integers(0, 60),
    st.integers(1, 7),
)
def test_a_log_has_each_day_once_whenever_it_is_read(zone: str, begun: datetime, length: int, target: int) -> None:
    first, today = local_date(begun, zone), local_date(begun + DAY * length, zone)
    assert (today - first).days in (length - 1, length, length + 1)
    expected = list(calc.days(first, today))
    daily = calc.periods(Log(first), today)
    assert [period.first for period in daily] == expected
    weekly = calc.periods(Log(first, (Rhythm(per=Per.WEEK, target=target),)), today)
    assert [day for period in weekly for day in calc.days(period.first, period.last)] == expected
    assert len(calc.strength_by_day(Log(first), today)) == len(expected)


@settings(max_examples=200)
@given(
    st.sampled_from(ZONES),
    MOMENTS,
    st.lists(st.integers(0, 24 * 40), min_size=1, max_size=30),
)
def test_what_is_noted_at_any_moment_lies_on_one_day_and_order_is_irrelevant(
    zone: str, begun: datetime, hours: list[int]
) -> None:
    start = begun
    noted = [local_date(start + HOUR * hour, zone) for hour in hours]
    marks = {day: Mark(State.DONE) for day in noted}
    again = {day: Mark(State.DONE) for day in reversed(noted)}
    last = local_date(start + HOUR * 24 * 41, zone)
    log, other = (Log(local_date(start, zone), marks=each) for each in (marks, again))
    assert calc.periods(log, last) == calc.periods(other, last)
    assert sum(period.done for period in calc.periods(log, last)) == len(set(noted))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Europe/Stockholm", "Pacific/Honolulu"), ("Pacific/Kiritimati", "Pacific/Pago_Pago"), ("America/New_York", "Asia/Kathmandu"),
        ("Pacific/Apia", "Europe/Riga"), ("Australia/Lord_Howe", "America/St_Johns"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("hour", [0, 15])
def test_a_changed_zone_keeps_every_noted_day_and_doubles_none(
    world: World, karin: Member, clock: OffsetClock, before: str, after: str, hour: int
) -> None:
    clock.put(datetime(2026, 3, 20, hour, 30, tzinfo=UTC))
    owners = [Owner.of(karin.cohort, karin, zone) for zone in (before, after)]
    habit = make(world, karin)

    def note(owner: Owner) -> date | None:
        with world.core.units.writing():
            day = owner.today()
            try:
                operations.mark(owner, habit.id, day, Note(State.DONE))
            except Invalid:
                return None  # that day lies before the habit's first where she is now
            return day

    kept: set[date] = set()
    for _ in range(12):  # over the change to summer time in Europe, there and back each day
        for owner in (owners[0], owners[1], owners[0]):
            day = note(owner)
            kept |= {day} if day else set()
            clock.advance(timedelta(hours=8))
    with world.core.units.reading() as unit:
        dates = list(unit.session.scalars(sa.select(Entry.local_date).where(Entry.habit_id == habit.id)))
    assert sorted(dates) == sorted(kept)
    assert {min(kept) + DAY * number for number in range(len(kept))} == kept  # no hole between the first and the last
