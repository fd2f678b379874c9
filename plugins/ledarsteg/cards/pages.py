"""What the templates need, made from what the operations read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from markupsafe import Markup

from plugins.ledarsteg import calculations, operations
from plugins.ledarsteg.calculations import EVERY_DAY, WORKING_DAYS, Band, State
from plugins.ledarsteg.forms import REASONS, weekday_names
from plugins.ledarsteg.models import Status
from plugins.ledarsteg.operations import HabitLog, Owner
from service.contract import gettext as _
from service.contract import ngettext, plugin_url
from service.contract import share as percent

STRIP_DAYS = 14
NO_NUMBER = "\N{EN DASH}"
MARKS = {State.DONE: "done", State.PART: "part", State.MISSED: "miss", State.SKIP: "skip"}


@dataclass(frozen=True)
class Step:
    """A habit as it stands on one day."""

    log: HabitLog
    url: str
    kind: str
    noted_at: datetime | None
    changed: bool


@dataclass(frozen=True)
class StripDay:
    """The head of one column of the two weeks."""

    weekday: str
    weekday_short: str
    day: int
    today: bool


@dataclass(frozen=True)
class StripRow:
    """One habit's two weeks."""

    title: str
    url: str
    marks: Sequence[str]
    sum: str


def home(owner: Owner, changed: UUID | None = None) -> dict[str, Any]:
    """Returns what the member's own page shows. `changed` is the habit just noted, which keeps the focus."""
    logs = operations.today(owner)
    today = owner.today()
    steps = [_step(log, today, changed) for log in logs if log.is_due_today]
    return {
        "plugin_url": plugin_url,
        "heading": _heading(steps, has_habits=bool(logs)),
        "steps": steps,
        "has_habits": bool(logs),
        "today": today,
        "zone": owner.zone,
        "reasons": [(reason.value, text) for reason, text in REASONS.items()],
        **strip(logs, today),
    }


def _heading(steps: Sequence[Step], *, has_habits: bool) -> str:
    """Says the one thing the page is about."""
    left = sum(step.kind == "open" for step in steps)
    if left:
        return str(ngettext("%(num)d step left today", "%(num)d steps left today", left))
    if steps:
        return str(_("Noted for today"))
    return str(_("Nothing planned today") if has_habits else _("Begin with one small step"))


def _step(log: HabitLog, today: date, changed: UUID | None) -> Step:
    return Step(log, url_of(log), mark_of(log, today), log.noted_at.get(today), log.habit.id == changed)


def url_of(log: HabitLog) -> str:
    """Returns the address of a habit's page."""
    return plugin_url("ledarsteg.habit", habit_id=log.habit.id)


def mark_of(log: HabitLog, day: date) -> str:
    """Returns the mark of one day: what was noted, else whether anything was planned."""
    if day in log.marks:
        return MARKS[log.marks[day].state]
    if log.is_paused(day) and log.habit.starts_on <= day:
        return "pause"
    return "open" if log.is_planned(day) else "free"


def strip(logs: Sequence[HabitLog], today: date, *, linked: bool = True) -> dict[str, Any]:
    """Returns the days and rows of the last two weeks. `linked` rows lead to the page of their habit."""
    wide, short = weekday_names(), weekday_names("short")
    shown = list(calculations.days(today - timedelta(STRIP_DAYS - 1), today))
    days = [StripDay(wide[day.weekday()], short[day.weekday()][:2], day.day, day == today) for day in shown]
    rows = [
        StripRow(log.habit.title, url_of(log) if linked else "", [mark_of(log, day) for day in shown], _sum(log, today))
        for log in logs
    ]
    return {"days": days, "rows": rows}


def _sum(log: HabitLog, today: date) -> str:
    """Says how many of the days of two weeks, and how many in a row where there is a row to speak of."""
    first = max(log.habit.starts_on, today - timedelta(STRIP_DAYS - 1))
    done, of = calculations.tally(period for period in log.periods if period.last >= first)
    text = ngettext("%(done)s of %(num)d day", "%(done)s of %(num)d days", of, done=done) if of else NO_NUMBER
    row = calculations.current_streak(log.periods)
    return Markup('{}<span class="sv-sub">{}</span>').format(text, in_a_row(row)) if row > 1 else text


def in_a_row(number: int) -> str:
    """Says a streak as what it is: days, without praise."""
    return str(ngettext("%(num)d day in a row", "%(num)d days in a row", number))


def strength_text(value: float) -> str:
    """Says habit strength in per cent and words: `69 %, on the way`."""
    words = {Band.BEGINS: _("begins"), Band.ON_THE_WAY: _("on the way"), Band.SETTLED: _("settled")}
    return f"{percent(value)}, {words[calculations.band(value)]}"


def schedule(weekdays: int) -> str:
    """Says on which days: every day, Monday to Friday, or the days by name."""
    if weekdays == EVERY_DAY:
        return str(_("Every day"))
    if weekdays == WORKING_DAYS:
        return str(_("Monday to Friday"))
    names = [name for index, name in enumerate(weekday_names()) if weekdays >> index & 1]
    text = ", ".join(names)
    return text[:1].upper() + text[1:]


def habit_list(owner: Owner) -> dict[str, Any]:
    """Returns what the list of habits shows."""
    logs = operations.list_habits(owner)
    return {
        "active": [log for log in logs if log.habit.status is Status.ACTIVE],
        "retired": [log for log in logs if log.habit.status is not Status.ACTIVE],
        "schedule": schedule,
        "strength_text": strength_text,
    }


def habit(owner: Owner, habit_id: UUID) -> dict[str, Any]:
    """Returns what the page of one habit shows."""
    log = operations.one(owner, habit_id)
    return {
        "log": log,
        "habit": log.habit,
        "schedule": schedule(log.rhythm.weekdays),
        "advice": advice(log),
        "facts": facts(log),
        "open_days": operations.open_days(log),
        "reasons": [(reason.value, text) for reason, text in REASONS.items()],
        "can_resume": log.habit.retired_on == log.today,
        **strip([log], log.last_day, linked=False),
    }


def advice(log: HabitLog) -> list[tuple[bool, str]]:
    """Returns the four pieces of advice on a plan, each with whether it is followed already."""
    if log.plan is None:
        return []
    seen = calculations.plan_advice(log.plan.cue, log.plan.action, log.plan.coping, log.habit.minutes)
    return [
        (seen.concrete_cue, _("A clear situation")),
        (seen.small_action, _("Begins with a verb and fits in 15 minutes")),
        (seen.one_action, _("One thing only")),
        (seen.has_coping, _("A reserve plan for hurried days")),
    ]


def facts(log: HabitLog) -> list[tuple[str, str, str]]:
    """Returns the numbers of a habit: what was done, in a row now and at most, and strength."""
    done, of = calculations.tally(log.periods)
    rate = calculations.completion_rate(log.periods)
    return [
        (_("Done"), ngettext("%(done)s of %(num)d day", "%(done)s of %(num)d days", of, done=done) if of else NO_NUMBER,
         percent(rate) if rate is not None else ""),
        (_("In a row now"), _days(calculations.current_streak(log.periods)), ""),
        (_("Longest row"), _days(calculations.best_streak(log.periods)), ""),
        (_("Habit strength"), strength_text(log.strength), _("Rises slowly and falls slowly")),
    ]  # fmt: skip


def _days(number: int) -> str:
    return str(ngettext("%(num)d day", "%(num)d days", number))
