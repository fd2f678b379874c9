"""Reading what Loop Habit Tracker exports: the file of one habit (Date, Value, Notes) or of all (a column for each).

What the values mean was read from exports of several versions: words since 2.3, numbers before; a counted habit's value is
a thousand times its number. (github.com/iSoron/uhabits, HabitsCSVExporter; read, not copied.)
"""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from statistics import median_low

from plugins.ledarsteg.calculations.habits import Kind, Mark, State

MOST_LINES = 8000
MOST_HABITS = 60
MOST_AMOUNT = 1000
THOUSAND = 1000
LONGEST_SHOWN = 80
# What Loop fills in by itself, and days it knows nothing of, are not something that anybody noted.
NOTHING = frozenset({"", "UNKNOWN", "-1", "YES_AUTO", "1"})
WORDS = {
    "YES_MANUAL": State.DONE, "2": State.DONE, "NO": State.MISSED, "0": State.MISSED, "SKIP": State.SKIP, "3": State.SKIP,
}  # fmt: skip


class Trouble(StrEnum):
    """Why a line, or a value in it, was left out."""

    DATE = "date"
    FUTURE = "future"
    AGAIN = "again"
    VALUE = "value"
    TOO_MANY = "too_many"


@dataclass(frozen=True)
class Left:
    """A line that was left out: its number in the file, what stood there, and why."""

    line: int
    text: str
    why: Trouble


@dataclass
class Found:
    """A habit in the file: its name where the file tells it, what was noted, and the words that were written with days."""

    title: str
    kind: Kind = Kind.BOOLEAN
    marks: dict[date, Mark] = field(default_factory=dict)
    notes: dict[date, str] = field(default_factory=dict)

    @property
    def first(self) -> date:
        """The first day with a note."""
        return min(self.marks)

    @property
    def last(self) -> date:
        """The latest day with a note."""
        return max(self.marks)

    def count(self, state: State) -> int:
        """Returns on how many days it was so."""
        return sum(mark.state is state for mark in self.marks.values())

    @property
    def usual(self) -> int:
        """The number that is noted most often or near it, as a first target; 1 of a habit that is not counted."""
        numbers = [mark.value for mark in self.marks.values() if mark.value]
        return max(1, median_low(numbers)) if numbers else 1


@dataclass(frozen=True)
class Contents:
    """What a file holds, and what of it was left out. `is_known` is False for a file of another kind."""

    habits: Sequence[Found] = ()
    left: Sequence[Left] = ()
    is_known: bool = True


def read_checkmarks(text: str, today: date) -> Contents:
    """Returns the habits of a Checkmarks.csv with what was noted up to `today`, and every line that was not understood."""
    lines = list(enumerate(csv.reader(text.splitlines()), start=1))
    if not lines or not lines[0][1] or lines[0][1][0].strip().lower() != "date":
        return Contents(is_known=False)
    head, left = [cell.strip() for cell in lines[0][1]], list[Left]()
    if len(lines) - 1 > MOST_LINES:
        left.append(Left(MOST_LINES + 2, "", Trouble.TOO_MANY))
    body = [(number, cells) for number, cells in lines[1 : MOST_LINES + 1] if any(cell.strip() for cell in cells)]
    if [cell.lower() for cell in head[1:]] in (["value"], ["value", "notes"]):
        columns = [_Column("", 1, 2)]
    else:
        columns = [_Column(title, index) for index, title in enumerate(head) if index and title][:MOST_HABITS]
    days = list(_days(body, today, left))
    habits = [column.read(days, left) for column in columns]
    return Contents([habit for habit in habits if habit.marks], sorted(left, key=lambda one: one.line))


def _days(
    body: Sequence[tuple[int, list[str]]], today: date, left: list[Left]
) -> Iterator[tuple[int, date, list[str]]]:
    seen: set[date] = set()
    for number, cells in body:
        try:
            day = date.fromisoformat(cells[0].strip())
        except ValueError:
            left.append(_left(number, cells, Trouble.DATE))
            continue
        if day > today or day in seen:
            left.append(_left(number, cells, Trouble.FUTURE if day > today else Trouble.AGAIN))
            continue
        seen.add(day)
        yield number, day, cells


def _left(number: int, cells: Sequence[str], why: Trouble) -> Left:
    return Left(number, ",".join(cells)[:LONGEST_SHOWN], why)


@dataclass(frozen=True)
class _Column:
    title: str
    at: int
    notes_at: int | None = None

    def read(self, days: Sequence[tuple[int, date, list[str]]], left: list[Left]) -> Found:
        values = [(number, day, self._cell(cells, self.at).upper(), cells) for number, day, cells in days]
        counted = any(value.isdecimal() and int(value) > len(WORDS) for _number, _day, value, _cells in values)
        found = Found(self.title, Kind.COUNT if counted else Kind.BOOLEAN)
        for number, day, value, cells in values:
            mark = _counted(value) if counted else _ticked(value)
            if isinstance(mark, Mark):
                found.marks[day] = mark
                if self.notes_at is not None and (note := self._cell(cells, self.notes_at)):
                    found.notes[day] = note
            elif mark is Trouble.VALUE:
                left.append(Left(number, f"{day} {self.title} {value}"[:LONGEST_SHOWN], mark))
        return found

    @staticmethod
    def _cell(cells: Sequence[str], at: int) -> str:
        return cells[at].strip() if at < len(cells) else ""


def _ticked(value: str) -> Mark | Trouble | None:
    if value in NOTHING:
        return None
    return Mark(WORDS[value]) if value in WORDS else Trouble.VALUE


def _counted(value: str) -> Mark | Trouble | None:
    if value in ("", "UNKNOWN", "-1"):
        return None
    if value in ("SKIP", "3"):
        return Mark(State.SKIP)
    if not value.isdecimal():
        return Trouble.VALUE
    number = round(int(value) / THOUSAND)
    if number > MOST_AMOUNT:
        return Trouble.VALUE
    return Mark(State.DONE, number) if number else Mark(State.MISSED)
