"""What a report says in words: how much those who answered agree, what a number means, what has changed.

A sentence about agreement may stand only where `operations.reports` found that it may (at least eight answered, and the
scale is shown); what is missing there is missing here. The words are those of LeBreton & Senter 2008.
"""

from collections.abc import Iterable
from typing import Any

from plugins.group_maturity.calculations.suppression import Figure
from plugins.group_maturity.operations.figures import Change
from service.contract import lazy

# Most say that the statements of a side are true from here on, and that they are not below: house rule, POMP.
MUCH, LITTLE = 60, 40
WITHHELD = "–"  # noqa: RUF001 - the dash that stands for a withheld number on every page

AGREEMENT = {
    "none": lazy("none"),
    "weak": lazy("weak"),
    "moderate": lazy("moderate"),
    "strong": lazy("strong"),
    "very_strong": lazy("very strong"),
}
_AGREED = {
    "much": lazy("Most recognise what this side is about."),
    "little": lazy("Few recognise what this side is about."),
    "between": lazy("Most answer in the middle."),
}
_APART = {
    "moderate": lazy("The pictures differ somewhat."),
    "weak": lazy("The mean says little. Talk about the differences rather than the number."),
    "none": lazy("The answers point in all directions. The mean says nothing; ask what lies behind it."),
}
# The order from least to most, to tell when the stricter measure says much less.
_SIZES = tuple(AGREEMENT)
_DIRECTIONS = {"higher": lazy("higher"), "lower": lazy("lower"), "same": lazy("as before")}
_BEYOND = {
    True: lazy("larger than the measurement's error"),
    False: lazy("within the measurement's error"),
    None: lazy("whether it is more than error cannot be told yet"),
}


def number(figure: Figure) -> str:
    """Returns a figure as people read it: a number, an end of the scale, or a dash for what is withheld."""
    if figure.value is None:
        return WITHHELD
    return {"low": f"≤\u2009{figure.value}", "high": f"≥\u2009{figure.value}"}.get(figure.edge, str(figure.value))


def gap(own: Figure, group: Figure) -> str:
    """Returns own minus group with its sign; "at least" where an end of the scale hides how much it is."""
    if own.value is None or group.value is None:
        return WITHHELD
    difference = own.value - group.value
    sign = "+" if difference > 0 else "\N{MINUS SIGN}" if difference < 0 else ""
    size = f"{sign}{abs(difference)}"
    folded = difference and (own.edge or group.edge)
    return str(lazy("at least %(size)s", size=size)) if folded else size


def level(figure: Figure) -> str:
    """Returns whether a number says much, little or something between."""
    if figure.value is None or LITTLE < figure.value < MUCH:
        return "between"
    return "much" if figure.value >= MUCH else "little"


def agreed(word: str) -> Any:
    """Returns the word for a size of agreement; a dash where nothing may be said."""
    return AGREEMENT[word] if word else WITHHELD


def agreement(word: str, figure: Figure) -> Any:
    """Returns the sentence beside an agreement's word."""
    return _APART.get(word) or _AGREED[level(figure)]


def much_stricter(word: str, strict: str) -> bool:
    """Tells whether the stricter measure says at least two sizes less, which has to be said."""
    return _SIZES.index(word) - _SIZES.index(strict) > 1


def direction(change: Change) -> Any:
    """Returns which way a side has gone."""
    return _DIRECTIONS[change.direction]


def beyond(change: Change) -> Any:
    """Returns how a change stands to the measurement's own error; nothing for one that is none."""
    return "" if change.direction == "same" else _BEYOND[change.beyond_error]


def band(text: str) -> str:
    """Returns how many answered, as it is written: 8-12 with the dash that stands between numbers."""
    return text.replace("-", "–")  # noqa: RUF001 - as above


UNREAD = lazy("not readable")
_NOT_READ = {
    "group": lazy("What the group is called could not be read."),
    "self": lazy("The manager's own picture could not be read."),
}


def not_read(what: Iterable[str]) -> str:
    """Returns what of a report could not be opened, in sentences; empty where all could."""
    return " ".join(str(_NOT_READ[one]) for one in what)
