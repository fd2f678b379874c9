"""A coach's own managers with everything that tells her where she is needed, in one statement however many they are."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, cast
from zoneinfo import ZoneInfo

from plugins.handledning.calculations import (
    Balance,
    GasChange,
    Need,
    Signs,
    Status,
    balance,
    needs,
    t_from_sums,
    urgency,
)
from plugins.handledning.calculations.attention import CONTACT_DAYS
from plugins.handledning.models import Phase
from plugins.handledning.operations.coach_lines import LIST
from plugins.handledning.operations.scope import Party
from service.contract import Lines, local_date, term_of, unit

# What the order of the list follows from, beside the days.
SEEN = ("name", "status", "next_start", "late", "weight", "silent")


class CoachRow:
    """One of a coach's managers. Sessions, minutes and balance are this term's; `variance` is None without a contract.

    What is not asked for is not worked out: to sort two hundred managers takes little of what there is about each.
    """

    __slots__ = ("_line", "_lines", "_today", "_zone", "name", "needs", "variance")

    def __init__(self, lines: Lines, line: Any, seen: Sequence[Any], today: date, zone: str) -> None:
        """Reads a line of the list; `seen` are its `SEEN` as they lie there."""
        self._lines, self._line, self._zone, self._today = lines, line, zone, today
        name, status, next_start, late, weighs, silent = seen
        value = lines.value
        # What stands for a name where the platform tells none.
        self.name: str = name or f"#{self.manager_id.hex[:4]}"
        self.variance: float | None = None
        if weighs:
            there, due, weight = (value(line, name) for name in ("there", "due", "weight"))
            self.variance = (there - due) / weight
        signs = Signs(late or 0, next_start is not None, self.variance, CONTACT_DAYS + 1 if silent else 0)
        self.needs: Sequence[Need] = needs(signs) if status == Status.ACTIVE else ()

    def _value(self, name: str) -> Any:
        return self._lines.value(self._line, name)

    @property
    def days_since_contact(self) -> int:
        """Days since the two met or talked, or since the engagement began."""
        last = local_date(self._value("last_start") or self._value("started_at"), self._zone)
        called = self._value("called")
        return (self._today - (max(last, called) if called else last)).days

    @property
    def engagement_id(self) -> uuid.UUID:
        """The engagement."""
        return cast("uuid.UUID", self._value("id"))

    @property
    def manager_id(self) -> uuid.UUID:
        """The manager as a person."""
        return cast("uuid.UUID", self._value("manager_id"))

    @property
    def status(self) -> Status:
        """Where the engagement stands."""
        return cast("Status", self._value("status"))

    @property
    def phase(self) -> Phase:
        """What the two are at."""
        return cast("Phase", self._value("phase"))

    @property
    def next_start(self) -> datetime | None:
        """When they meet next."""
        return cast("datetime | None", self._value("next_start"))

    @property
    def last_on(self) -> date | None:
        """The day of the last session held."""
        last = self._value("last_start")
        return local_date(last, self._zone) if last else None

    @property
    def last_contact(self) -> date | None:
        """The day they last met or were in touch in between; None before they have."""
        return max((one for one in (self.last_on, self._value("called")) if one), default=None)

    @property
    def held(self) -> int:
        """Sessions held."""
        return self._value("held") or 0

    @property
    def process(self) -> int:
        """Minutes of process."""
        return self._value("process") or 0

    @property
    def result(self) -> int:
        """Minutes of result."""
        return self._value("result") or 0

    @property
    def minutes(self) -> int:
        """Minutes of this term's sessions."""
        return self.process + self.result

    @property
    def balance(self) -> Balance | None:
        """Of process and result."""
        return balance(self.process, self.result)

    @property
    def homework(self) -> int:
        """Homework without an outcome."""
        return self._value("homework") or 0

    @property
    def late(self) -> int:
        """Of that, what should have been done by now."""
        return self._value("late") or 0

    @property
    def late_since(self) -> date | None:
        """The earliest day by which open homework was to be done."""
        return cast("date | None", self._value("first_due"))

    @property
    def paused_on(self) -> date | None:
        """The day since which the engagement rests."""
        at = self._value("paused_at")
        return local_date(at, self._zone) if at and self.status is Status.PAUSED else None

    @property
    def gas(self) -> GasChange | None:
        """T of the goals that a coach reads, at the baseline and now."""
        before, now, squares, total = map(self._value, ("wx_base", "wx_now", "squares", "total"))
        if not total:
            return None
        return GasChange(t_from_sums(before, squares, total), t_from_sums(now, squares, total))

    @property
    def accepted(self) -> bool:
        """Whether the coach has said yes."""
        return self._value("accepted_at") is not None


def coach_rows(party: Party, moment: datetime) -> Sequence[CoachRow]:
    """Returns a coach's own managers whose engagement has not ended, those who need her first, then by name."""
    zone = party.cohort.zone
    today = local_date(moment, zone)
    term = term_of(today, party.cohort)
    values = {
        "cohort_id": party.cohort.id,
        "coach_id": party.person_id,
        "moment": moment,
        "today": today,
        "silent_from": midnight(today - timedelta(days=CONTACT_DAYS), zone),
        "silent_on": today - timedelta(days=CONTACT_DAYS),
        "term_from": midnight(term.first, zone),
        "term_to": midnight(term.until + timedelta(days=1), zone),
    }
    lines = LIST.lines(unit().connection, values)
    seen = lines.raw(*SEEN)
    found = [CoachRow(lines, line, seen(line), today, zone) for line in lines.found]
    return sorted(found, key=lambda row: (urgency(row.needs), row.name))


def midnight(day: date, zone: str) -> datetime:
    """Returns when a day begins in a zone."""
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)
