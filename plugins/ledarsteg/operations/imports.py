"""Taking over habits from another tracker, with what was noted there."""

import hashlib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from plugins.ledarsteg.calculations import Kind, Rhythm
from plugins.ledarsteg.calculations.imports import Found
from plugins.ledarsteg.models import Entry, Habit
from plugins.ledarsteg.operations.entries import row_of
from plugins.ledarsteg.operations.habits import NewHabit, make_habit
from plugins.ledarsteg.operations.owner import Owner, owned
from plugins.ledarsteg.operations.reading import one
from plugins.ledarsteg.operations.rollups import write_weeks
from service.contract import insert_into, session

AT_ONCE = 500


@dataclass(frozen=True)
class Chosen:
    """A habit of a file that shall be taken over, under a name of her choice. `key` tells the file and the column."""

    title: str
    key: str
    found: Found


def digest(text: str, column: int) -> str:
    """Returns what tells a column of a file from every other: the same file sent again is the same."""
    return hashlib.sha256(f"{column}\0{text}".encode()).hexdigest()


def take_over(owner: Owner, chosen: Sequence[Chosen], *, max_first_month: int | None = None) -> list[Habit]:
    """Makes a habit of each with its past; one that was taken over before from the same file is left as it is.

    It is planned every day, and she may change that. All of them or none: raises Invalid as `make_habit`.
    """
    with session().begin_nested():
        return [_one(owner, each, max_first_month) for each in chosen]


def _one(owner: Owner, chosen: Chosen, max_first_month: int | None) -> Habit:
    key = uuid.uuid5(owner.person_id, f"{owner.cohort_id} {chosen.key}")
    known = session().scalar(sa.select(Habit).where(Habit.id == key, *owned(owner)))
    if known is not None:
        return known
    found = chosen.found
    target = found.usual if found.kind is Kind.COUNT else 1
    new = NewHabit(chosen.title, found.kind, Rhythm(target=target), id=key)
    habit = make_habit(owner, new, max_first_month=max_first_month, starts_on=min(found.first, owner.today()))
    rows = [row_of(habit, day, found.marks[day], text=found.notes.get(day, "")) for day in sorted(found.marks)]
    for start in range(0, len(rows), AT_ONCE):
        session().execute(insert_into(Entry).values(rows[start : start + AT_ONCE]))
    write_weeks(one(owner, habit.id), found.first)
    return habit
