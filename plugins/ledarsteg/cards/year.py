"""A habit's year as a real table: twelve rows of days, each with its mark and its word."""

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from babel.dates import get_month_names
from flask_babel import get_locale

from plugins.ledarsteg.calculations import Kind, Per, State
from plugins.ledarsteg.cards import words
from plugins.ledarsteg.cards.strip import MARKS
from plugins.ledarsteg.operations import HabitLog
from service.contract import gettext as _

MONTHS = range(1, 13)
LONGEST_MONTH = 31


@dataclass(frozen=True)
class YearDay:
    """One day: its mark (`none` where the habit was not there yet or any more), and whether it is today."""

    kind: str
    today: bool = False


@dataclass(frozen=True)
class YearRow:
    """One month: its names, its days, nothing where it has none of that number, and how much was noted in it."""

    long: str
    short: str
    days: Sequence[YearDay | None]
    sum: str


def year(log: HabitLog, number: int) -> dict[str, Any]:
    """Returns the table of a year, and the years before and after where the habit has days."""
    locale = get_locale()
    long, short = (get_month_names(width, "stand-alone", locale) for width in ("wide", "abbreviated"))
    rows = [YearRow(long[month], short[month].rstrip("."), *_month(log, number, month)) for month in MONTHS]
    first, last = log.habit.starts_on.year, log.last_day.year
    return {
        "year": number,
        "months": rows,
        "year_before": number - 1 if number > first else None,
        "year_after": number + 1 if number < last else None,
        "unit": _("Minutes") if log.habit.kind is Kind.MINUTES else _("Times"),
    }


def _month(log: HabitLog, number: int, month: int) -> tuple[Sequence[YearDay | None], str]:
    length = monthrange(number, month)[1]
    span = [date(number, month, day) for day in range(1, length + 1)]
    days = [_day(log, day) for day in span]
    inside = [day for day in span if log.habit.starts_on <= day <= log.last_day]
    return [*days, *[None] * (LONGEST_MONTH - length)], _sum(log, inside)


def _sum(log: HabitLog, inside: Sequence[date]) -> str:
    """Says how much was noted in a month; that it was a pause; or that the habit was not there."""
    if not inside:
        return words.NO_NUMBER
    total = sum(log.log.amount(day) for day in inside)
    if total == 0 and all(log.is_paused(day) for day in inside):
        return str(_("pause"))
    return str(total)


def _day(log: HabitLog, day: date) -> YearDay:
    today = day == log.today
    if day in log.marks:
        state = log.marks[day].state
        return YearDay("blank" if state is State.MISSED else MARKS[state], today)
    if not log.habit.starts_on <= day <= log.last_day:
        return YearDay("none", today)
    if log.is_paused(day):
        return YearDay("pause", today)
    planned = log.rhythm_on(day).per is Per.DAY and log.is_planned(day)
    return YearDay("blank" if planned else "off", today)
