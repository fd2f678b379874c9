"""Dates, times and amounts as people write them, in the language of the page."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from babel import Locale
from babel import dates as babel_dates
from flask_babel import get_locale, gettext, ngettext

NBSP = "\N{NO-BREAK SPACE}"


def _locale() -> Locale:
    return get_locale() or Locale.parse("sv")


def day(value: date, *, weekday: bool = False, year: bool = False) -> str:
    """Writes a day in words: `24 november`, with the weekday or the year where asked."""
    locale = _locale()
    # Each part by itself: asked for all at once, the nearest pattern that a locale has would shorten weekday and month.
    text = str(babel_dates.format_skeleton("MMMMd", value, locale=locale))
    if year:
        text += f"{'' if locale.language == 'sv' else ','} {value.year}"
    if weekday:
        text = f"{babel_dates.format_date(value, 'EEEE', locale=locale)}{'' if locale.language == 'sv' else ','} {text}"
    return text


def short_day(value: date) -> str:
    """Writes a day shortly: `24 nov`."""
    return str(babel_dates.format_skeleton("MMMd", value, locale=_locale()))


def clock_time(value: datetime, zone: str) -> str:
    """Writes the time of day in a zone: `13.00` in Swedish, `13:00` in English and Latvian."""
    locale = _locale()
    pattern = "HH.mm" if locale.language == "sv" else "HH:mm"
    return str(babel_dates.format_time(value, pattern, tzinfo=ZoneInfo(zone), locale=locale))


def day_and_time(value: datetime, zone: str) -> str:
    """Writes day and time in a zone: `24 november 13.00`."""
    return f"{day(value.astimezone(ZoneInfo(zone)).date())} {clock_time(value, zone)}"


def share(value: float) -> str:
    """Writes a share from 0 to 1 in per cent, with the space that does not break."""
    return f"{round(value * 100)}{NBSP}%"


def minutes(value: int) -> str:
    """Writes minutes as hours and minutes: `2 h 30 min`."""
    hours, rest = divmod(value, 60)
    if not hours:
        return str(ngettext("%(num)d minute", "%(num)d minutes", rest))
    if not rest:
        return str(ngettext("%(num)d hour", "%(num)d hours", hours))
    return str(gettext("%(hours)d h %(minutes)d min", hours=hours, minutes=rest))
