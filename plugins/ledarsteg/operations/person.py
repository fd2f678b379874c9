"""Everything that is kept about one person, in all cohorts: her own copy of it, and its end."""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from plugins.ledarsteg.models import DropChoice, Entry, Habit, Plan
from service.contract import Person, lazy, session

# In the order in which they can be deleted.
KINDS: tuple[tuple[type[Any], tuple[str, ...]], ...] = (
    (Entry, ("habit_id", "local_date", "state", "reason", "noted_at")),
    (Plan, ("habit_id", "cue", "action", "coping")),
    (DropChoice, ("habit_id", "what", "minutes_per_week")),
    (Habit, (
        "id", "cohort_id", "title", "weekdays", "minutes", "status", "shared", "starts_on", "retired_on", "created_at",
        "source", "source_ref",
    )),
)  # fmt: skip

# What people call each kind, by the name of its table.
KIND_TITLES: Mapping[str, Any] = {
    Entry.__tablename__: lazy("What was noted, day by day"),
    Plan.__tablename__: lazy("Plans for what to do when"),
    DropChoice.__tablename__: lazy("What is done less of instead"),
    Habit.__tablename__: lazy("Habits"),
}


def rows_about(person: Person) -> dict[str, Sequence[Mapping[str, Any]]]:
    """Returns every row about the person by the name of its table, confidential text opened."""
    return {
        model.__tablename__: [{name: getattr(row, name) for name in names} for row in _rows(model, person)]
        for model, names in reversed(KINDS)
    }


def _rows(model: type[Any], person: Person) -> Sequence[Any]:
    return session().scalars(sa.select(model).where(model.person_id == person.id).order_by(model.id)).all()


def erase_person(person: Person) -> dict[str, int]:
    """Deletes every row about the person, and returns how many by the name of the table."""
    return {model.__tablename__: _delete(model, person) for model, _names in KINDS}


def _delete(model: type[Any], person: Person) -> int:
    gone = session().execute(sa.delete(model).where(model.person_id == person.id).returning(model.id))
    return len(gone.all())
