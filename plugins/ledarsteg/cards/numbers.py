"""Shares, changes and weeks in words, in the language of the page."""

from datetime import date

from flask_babel import format_decimal

from plugins.ledarsteg.cards.words import NBSP
from service.contract import gettext as _
from service.contract import ngettext, short_day


def decimal(value: float, places: int = 1) -> str:
    """Writes a number with at most so many decimals: `12,5`."""
    return str(format_decimal(round(value, places) + 0.0))


def percent(value: float) -> str:
    """Writes a share from 0 to 1 with at most one decimal: `12,5 %`."""
    return f"{decimal(value * 100)}{NBSP}%"


def change(points: float) -> str:
    """Writes a change in percentage points with its sign: `+7,5`."""
    rounded = round(points, 1)
    return f"+{decimal(rounded)}" if rounded > 0 else decimal(rounded)


def change_words(points: float) -> str:
    """Says a change: `7.5 percentage points more`, `as much as before`."""
    size = abs(round(points, 1))
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


def week_from(monday: date) -> str:
    """Names a week by its Monday."""
    return short_day(monday)
