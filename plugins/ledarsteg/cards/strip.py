"""Two weeks of habits as a table: a mark for each day, and how it went in all."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from markupsafe import Markup

from plugins.ledarsteg import calculations
from plugins.ledarsteg.calculations import Kind, Per, State
from plugins.ledarsteg.cards import words
from plugins.ledarsteg.forms import weekday_names
from plugins.ledarsteg.operations import HabitLog
from service.contract import gettext as _
from service.contract import ngettext, plugin_url

STRIP_DAYS = 14
MARKS = {State.DONE: "done", State.PART: "part", State.MISSED: "miss", State.SKIP: "skip"}


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


def url_of(log: HabitLog) -> str:
    """Returns the address of a habit's page."""
    return plugin_url("ledarsteg.habit", habit_id=log.habit.id)


def mark_of(log: HabitLog, day: date) -> str:
    """Returns the mark of one day: what was noted, else whether it lies in a pause or anything was planned."""
    if day in log.marks:
        return MARKS[log.marks[day].state]
    if not log.habit.starts_on <= day <= log.last_day:
        return "free"
    if log.is_paused(day):
        return "pause"
    if log.rhythm_on(day).per is Per.WEEK:
        # A week asks for a number of times, no day of it for anything.
        return "open" if day == log.today and not log.is_week_met else "free"
    return "open" if log.is_planned(day) else "free"


def strip(logs: Sequence[HabitLog], today: date, *, linked: bool = True) -> dict[str, Any]:
    """Returns the days and rows of the last two weeks. `linked` rows lead to the page of their habit."""
    wide, short = weekday_names(), weekday_names("short")
    shown = list(calculations.days(today - timedelta(STRIP_DAYS - 1), today))
    days = [StripDay(wide[day.weekday()], short[day.weekday()][:2], day.day, day == today) for day in shown]
    rows = [
        StripRow(log.habit.title, url_of(log) if linked else "", [mark_of(log, day) for day in shown], _sum(log, shown))
        for log in logs
    ]
    return {"days": days, "rows": rows}


def _sum(log: HabitLog, shown: Sequence[date]) -> str:
    """Says how it went in two weeks, and how many days or weeks in a row where there is a row to speak of."""
    if log.rhythm.per is Per.WEEK:
        text = this_week(log)
    elif log.habit.kind is Kind.BOOLEAN:
        done, of = calculations.tally(period for period in log.periods if period.last >= shown[0])
        text = _days_of(done, of) if of else words.NO_NUMBER
    else:
        text = words.amount(log.habit.kind, sum(log.log.amount(day) for day in shown))
    row = calculations.current_streak(log.periods)
    per = log.rhythm.per
    return Markup('{}<span class="sv-sub">{}</span>').format(text, words.in_a_row(row, per)) if row > 1 else text


def _days_of(done: int, of: int) -> str:
    return str(ngettext("%(done)s of %(num)d day", "%(done)s of %(num)d days", of, done=done))


def this_week(log: HabitLog) -> str:
    """Says how far this week is: `1 of 3 this week`, `45 min this week`."""
    monday = calculations.monday_of(log.last_day)
    done = sum(log.log.amount(day) for day in calculations.days(monday, log.last_day))
    if log.habit.kind is Kind.BOOLEAN:
        return str(_("%(done)s of %(due)s this week", done=done, due=log.periods[-1].due if log.periods else 0))
    return str(_("%(amount)s this week", amount=words.amount(log.habit.kind, done)))
