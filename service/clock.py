"""The one clock. Everything that asks what time it is asks here, so that tests and the practice cohort can move it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from functools import cache
from typing import Protocol
from zoneinfo import ZoneInfo, available_timezones


class Clock(Protocol):
    """Tells the time as an aware datetime in UTC."""

    def now(self) -> datetime:
        """Returns this moment."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """Returns this moment."""
        return datetime.now(UTC)


class SetClock:
    """A clock that stands where it was put, for tests and for seeding the practice cohort's past."""

    def __init__(self, at: datetime) -> None:
        if at.tzinfo is None:
            raise ValueError("a clock needs an aware datetime")
        self._at = at.astimezone(UTC)

    def now(self) -> datetime:
        """Returns the moment it was put to."""
        return self._at

    def set(self, at: datetime) -> None:
        """Moves the clock to another moment."""
        self._at = at.astimezone(UTC)

    @contextmanager
    def at(self, moment: datetime) -> Iterator[None]:
        """Moves the clock for the length of a block."""
        before = self._at
        self.set(moment)
        try:
            yield
        finally:
            self._at = before


# Files beside the zones on some machines. They are no place, and what formats moments does not know them everywhere.
_NOWHERE = frozenset({"Factory", "localtime"})


@cache
def known_zones() -> frozenset[str]:
    """Returns the names of all time zones (IANA), older names included."""
    return frozenset(available_timezones()) - _NOWHERE


def local_date(moment: datetime, zone: str) -> date:
    """Returns the calendar day of `moment` in the IANA `zone`; a habit's day is a day where the person is."""
    return moment.astimezone(ZoneInfo(zone)).date()
