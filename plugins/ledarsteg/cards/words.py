"""What numbers are called on a page: strength, how often, how much, in a row."""

from plugins.ledarsteg import calculations
from plugins.ledarsteg.calculations import EVERY_DAY, WORKING_DAYS, Band, Direction, Kind, Per, Rhythm
from plugins.ledarsteg.forms import weekday_names
from service.contract import gettext as _
from service.contract import lazy, ngettext
from service.contract import share as percent

NO_NUMBER = "\N{EN DASH}"
NBSP = "\N{NO-BREAK SPACE}"


BANDS = {Band.BEGINS: lazy("begins"), Band.ON_THE_WAY: lazy("on the way"), Band.SETTLED: lazy("settled")}


def band_words(value: float) -> str:
    """Says habit strength in words alone."""
    return str(BANDS[calculations.band(value)])


def strength_text(value: float) -> str:
    """Says habit strength in per cent and words: `69 %, on the way`."""
    return f"{percent(value)}, {band_words(value)}"


def amount(kind: Kind, number: int) -> str:
    """Says how much: `15 min` or `3 times`."""
    if kind is Kind.MINUTES:
        return f"{number}{NBSP}min"
    return str(ngettext("%(num)d time", "%(num)d times", number))


def weekday_words(weekdays: int) -> str:
    """Says on which days: every day, Monday to Friday, or the days by name."""
    if weekdays == EVERY_DAY:
        return str(_("Every day"))
    if weekdays == WORKING_DAYS:
        return str(_("Monday to Friday"))
    text = ", ".join(name for index, name in enumerate(weekday_names()) if weekdays >> index & 1)
    return text[:1].upper() + text[1:]


def often(kind: Kind, rhythm: Rhythm) -> str:
    """Says how often a habit is planned: `Every day`, `3 times a week`, `Monday to Friday, 15 min`."""
    much = amount(kind, rhythm.target)
    if rhythm.direction is Direction.AT_MOST:
        much = str(_("at most %(amount)s", amount=much))
    if rhythm.per is Per.WEEK:
        text = str(_("%(amount)s a week", amount=much))
        return text[:1].upper() + text[1:]
    days = weekday_words(rhythm.weekdays)
    return days if kind is Kind.BOOLEAN else f"{days}, {much}"


def in_a_row(number: int, per: Per = Per.DAY) -> str:
    """Says a streak as what it is: days or weeks, without praise."""
    if per is Per.WEEK:
        return str(ngettext("%(num)d week in a row", "%(num)d weeks in a row", number))
    return str(ngettext("%(num)d day in a row", "%(num)d days in a row", number))


def length(number: int, per: Per) -> str:
    """Says how many days or weeks."""
    if per is Per.WEEK:
        return str(ngettext("%(num)d week", "%(num)d weeks", number))
    return str(ngettext("%(num)d day", "%(num)d days", number))


def kind_words(kind: Kind) -> str:
    """Says what is noted for a habit: that it was done, how many times, or how many minutes."""
    kinds = {Kind.BOOLEAN: _("That I did it"), Kind.COUNT: _("How many times"), Kind.MINUTES: _("How many minutes")}
    return str(kinds[kind])
