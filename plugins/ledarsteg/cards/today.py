"""What there is to do on a day, with its taps: on the member's own page for today, on a page of its own for days gone by."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from plugins.ledarsteg import operations
from plugins.ledarsteg.calculations import Direction, Kind, Per
from plugins.ledarsteg.cards import words
from plugins.ledarsteg.cards.strip import mark_of, strip, this_week, url_of
from plugins.ledarsteg.forms import REASONS
from plugins.ledarsteg.operations import BACKFILL_DAYS, HabitLog, Owner
from service.contract import day as day_words
from service.contract import gettext as _
from service.contract import ngettext, plugin_url

# Parts of what is wanted that one tap can say.
PARTS = (3, 3 / 2)


@dataclass(frozen=True)
class Step:
    """A habit as it stands on one day, and what can be tapped for it."""

    log: HabitLog
    day: date
    changed: bool

    @property
    def url(self) -> str:
        """The address of the habit's page."""
        return url_of(self.log)

    @property
    def kind(self) -> str:
        """Its mark on the day; what is not planned and not noted is as open as what is planned."""
        found = mark_of(self.log, self.day)
        return "open" if found == "free" else found

    @property
    def noted_at(self) -> datetime | None:
        """When it was noted."""
        return self.log.noted_at.get(self.day)

    @property
    def is_counted(self) -> bool:
        """True where how much may be said."""
        return self.log.habit.kind is not Kind.BOOLEAN

    @property
    def whole(self) -> str:
        """What one tap on Done notes, in words; nothing where that goes without saying."""
        rhythm = self.log.rhythm_on(self.day)
        if not self.is_counted or rhythm.per is Per.WEEK or rhythm.direction is Direction.AT_MOST:
            return ""
        return words.amount(self.log.habit.kind, rhythm.target)

    @property
    def is_asked_for(self) -> bool:
        """True where Done needs a number: there is nothing that goes without saying."""
        return self.is_counted and not self.whole

    @property
    def parts(self) -> list[tuple[int, str]]:
        """Some amounts that one tap can note, with their words."""
        rhythm, kind = self.log.rhythm_on(self.day), self.log.habit.kind
        if self.is_asked_for:
            sizes = {5, 10, 15, 30} if kind is Kind.MINUTES else {1, 2, 3}
        else:
            sizes = {round(rhythm.target / part) for part in PARTS}
        return [
            (size, words.amount(kind, size))
            for size in sorted(sizes)
            if size > 0 and (self.is_asked_for or size < rhythm.target)
        ]

    @property
    def noted(self) -> str:
        """How much was noted, in words; nothing for a habit that is not counted."""
        value = self.log.marks[self.day].value if self.day in self.log.marks else None
        return "" if value is None else words.amount(self.log.habit.kind, value)

    @property
    def week(self) -> str:
        """How far the week is, for a habit that is planned by the week."""
        return this_week(self.log) if self.log.rhythm_on(self.day).per is Per.WEEK else ""


def home(owner: Owner, logs: Sequence[HabitLog] | None = None, changed: UUID | None = None) -> dict[str, Any]:
    """Returns what the member's own page shows. `changed` is the habit just noted, which keeps the focus."""
    logs = operations.today(owner) if logs is None else logs
    today = owner.today()
    steps = [Step(log, today, log.habit.id == changed) for log in logs if log.is_due_on(today)]
    return {
        **_common(owner, steps, today, "home"),
        "heading": _heading(steps, has_habits=bool(logs)),
        "has_habits": bool(logs),
        "resting": [log for log in logs if log.is_paused(today) and today not in log.marks],
        "enough": [log for log in logs if log.is_week_met and today not in log.marks],
        **strip(logs, today),
    }


def one_day(
    owner: Owner, day: date, logs: Sequence[HabitLog] | None = None, changed: UUID | None = None
) -> dict[str, Any]:
    """Returns what the page of a day gone by shows: what was planned then, and what was noted."""
    logs = operations.today(owner) if logs is None else logs
    today = owner.today()
    steps = [Step(log, day, log.habit.id == changed) for log in logs if log.is_planned(day) or day in log.marks]
    first = today - timedelta(BACKFILL_DAYS)
    return {
        **_common(owner, steps, day, "day"),
        "heading": day_words(day, weekday=True),
        "has_habits": bool(logs),
        "before": day - timedelta(1) if day > first else None,
        "after": day + timedelta(1) if day < today else None,
    }


def _common(owner: Owner, steps: Sequence[Step], day: date, origin: str) -> dict[str, Any]:
    return {
        "plugin_url": plugin_url,
        "steps": steps,
        "on": day,
        "is_today": day == owner.today(),
        "origin": origin,
        "zone": owner.zone,
        "reasons": [(reason.value, text) for reason, text in REASONS.items()],
    }


def _heading(steps: Sequence[Step], *, has_habits: bool) -> str:
    """Says the one thing the page is about."""
    left = sum(step.kind == "open" for step in steps)
    if left:
        return str(ngettext("%(num)d step left today", "%(num)d steps left today", left))
    if steps:
        return str(_("Noted for today"))
    return str(_("Nothing planned today") if has_habits else _("No habit going on"))
