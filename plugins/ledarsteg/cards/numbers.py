"""Shares, changes and weeks in words, in the language of the page."""

import math
from datetime import date

from flask_babel import format_decimal

from plugins.ledarsteg.cards.words import NBSP
from service.contract import day, ngettext, short_day
from service.contract import gettext as _


def rounded(value: float, places: int = 1) -> float:
    """Rounds halves away from zero, as people do: 26.25 is 26.3, though a float may lie a hair below it."""
    scale = 10**places
    return math.copysign(math.floor(abs(value) * scale + 0.5 + 1e-9) / scale, value) + 0.0


def decimal(value: float, places: int = 1) -> str:
    """Writes a number with at most so many decimals: `12,5`."""
    return str(format_decimal(rounded(value, places))).replace("-", "\N{MINUS SIGN}")


def percent(value: float) -> str:
    """Writes a share from 0 to 1 with at most one decimal: `12,5 %`."""
    return f"{decimal(value * 100)}{NBSP}%"


def change(points: float) -> str:
    """Writes a change in percentage points with its sign: `+7,5`."""
    return f"+{decimal(points)}" if rounded(points) > 0 else decimal(points)


def change_words(points: float) -> str:
    """Says a change: `7.5 percentage points more`, `as much as before`."""
    size = abs(rounded(points))
    if not size:
        return str(_("as much as before"))
    # A number with decimals takes the plural in all three languages.
    number = 1 if size == 1 else 2
    if points > 0:
        return str(
            ngettext("%(size)s percentage point more", "%(size)s percentage points more", number, size=decimal(size))
        )
    return str(
        ngettext("%(size)s percentage point less", "%(size)s percentage points less", number, size=decimal(size))
    )


def began(minute: int | None) -> str:
    """Writes the time of day that lies so many minutes after midnight, as the page's language does; nothing is empty."""
    if minute is None:
        return ""
    return str(_("%(hour)02d:%(minute)02d", hour=minute // 60, minute=minute % 60))


def day_title(value: date) -> str:
    """Writes a day with its weekday, as a heading begins: `Tisdag 24 november`."""
    text = day(value, weekday=True)
    return text[:1].upper() + text[1:]


def week_from(monday: date) -> str:
    """Names a week by its Monday."""
    return short_day(monday)
