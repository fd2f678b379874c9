"""What the operator's pages consist of: each page is a list of functions that return a section, and one template shows them.

A part with tables of its own adds a function of its own to the list of a page. No section holds a person, a name of one, a
course or anything that somebody wrote: kinds, states, counts, times, organisations and platforms.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flask_babel import format_timedelta

from service import formats
from service.unit import current

# The operator reads logs in UTC as well.
ZONE = "UTC"
NONE = "\N{EN DASH}"


@dataclass(frozen=True)
class Press:
    """A button in a row: where it posts to, and what is read aloud after its title."""

    title: Any
    url: str
    hint: str = ""
    method: str = "post"
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Row:
    """One line of a table. `kind` is the mark before its head, "" for none; `code` is shown below it as it is."""

    head: Any
    cells: Sequence[Any]
    kind: str = ""
    code: str = ""
    presses: Sequence[Press] = ()


@dataclass(frozen=True)
class Section:
    """A heading, a sentence, facts in a row (term, value, note) and a table; without rows `empty` is said instead."""

    key: str
    title: Any
    lead: Any = ""
    facts: Sequence[tuple[Any, Any, Any]] = ()
    headers: Sequence[Any] = ()
    rows: Sequence[Row] = ()
    empty: Any = ""
    presses: bool = False


Part = Callable[[], Section]


def when(at: datetime | None) -> str:
    """Writes a moment in UTC, a dash where there is none."""
    return f"{formats.day_and_time(at, ZONE)} UTC" if at is not None else NONE


def ago(at: datetime | None) -> str:
    """Writes how long ago a moment was: `4 minutes ago`; a dash where there is none."""
    if at is None:
        return NONE
    seconds = min(round((at - current().now()).total_seconds()), 0)
    return str(format_timedelta(seconds, granularity="second", threshold=1.5, add_direction=True))


def lasting(seconds: float) -> str:
    """Writes a length of time in its largest unit: `4 minutes`."""
    return str(format_timedelta(round(max(seconds, 0.0)), granularity="second", threshold=1.5))
