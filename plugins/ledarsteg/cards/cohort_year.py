"""The last twelve months of a cohort as a table: for each day how many of its people noted something."""

from calendar import monthrange
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from babel.dates import get_month_names
from flask_babel import get_locale

from plugins.ledarsteg.operations import cohort as reading
from service.contract import Card, Cohort, ngettext
from service.contract import gettext as _

MONTHS = 12
LONGEST_MONTH = 31
# A day is filled by quarters: up to a quarter of the managers, up to half, and so on.
LEVELS = 4


@dataclass(frozen=True)
class CountedDay:
    """One day: how many people, how full its square is (0 to 4), and whether it is today."""

    level: int
    text: str
    today: bool = False


@dataclass(frozen=True)
class CountedMonth:
    """One month: its names, its days (nothing where it has none of that number or it has not come), and all in all."""

    long: str
    short: str
    days: Sequence[CountedDay | None]
    sum: str


def panel(cohort: Cohort, managers: int, today: date) -> Card | None:
    """Returns the table; nothing before the first count of the cohort's days. One statement."""
    months = [_back(today, back) for back in reversed(range(MONTHS))]
    counted = reading.counted_days(cohort.id, months[0], today)
    if counted is None:
        return None
    rows = [_month(first, counted.people, managers, today) for first in months]
    shown = {"months": rows, "counted_at": counted.counted_at, "zone": cohort.zone, "levels": range(LEVELS + 1)}
    return Card("ledarsteg/_cohort_year.html", shown)


def _back(today: date, months: int) -> date:
    """Returns the first day of the month so many months ago."""
    number = today.year * 12 + today.month - 1 - months
    return date(number // 12, number % 12 + 1, 1)


def _month(first: date, people: Mapping[date, int], managers: int, today: date) -> CountedMonth:
    locale = get_locale()
    names = [get_month_names(width, "stand-alone", locale)[first.month] for width in ("wide", "abbreviated")]
    length = monthrange(first.year, first.month)[1]
    span = [first.replace(day=number) for number in range(1, length + 1)]
    found = [_day(people.get(each), managers, each == today) if each <= today else None for each in span]
    total = sum(people.get(each, 0) for each in span)
    return CountedMonth(names[0], names[1].rstrip("."), [*found, *[None] * (LONGEST_MONTH - length)], str(total))


def _day(people: int | None, managers: int, today: bool) -> CountedDay | None:  # noqa: FBT001 - one fact of three
    """Returns a day; nothing for one that was not counted, because nobody had begun."""
    if people is None:
        return None
    # Who has left the course counts still on the days that she was there.
    level = min(LEVELS, -(-people * LEVELS // max(managers, people, 1)))
    return CountedDay(
        level, str(ngettext("%(num)d person", "%(num)d people", people)) if people else str(_("nobody")), today
    )
