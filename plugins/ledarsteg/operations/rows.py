"""Rows as values, for statements that write a row or find it written: two posts at once become one."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from service.contract import Base, insert_into, session


def values_of(row: Base) -> dict[str, Any]:
    """Returns the columns of a row that is not in the session, what was not set included."""
    return {column.key: getattr(row, column.key) for column in sa.inspect(type(row)).columns}


def insert_once(row: Base) -> bool:
    """Inserts a row unless one with its key is there already. Returns whether it did."""
    statement = insert_into(type(row)).values(values_of(row)).on_conflict_do_nothing().returning(sa.literal(1))
    return session().execute(statement).first() is not None


def upsert(row: Base, changing: Mapping[str, Any], *, keys: list[str], seen: int) -> int | None:
    """Inserts a row, or writes `changing` where its key is there and still at the revision that was `seen`.

    Returns the revision it then has; None where it has been changed since, and is left as it is.
    """
    model: Any = type(row)
    new: Any = row
    new.revision = 1
    if seen:
        values = values_of(row)
        mine = (getattr(model, key) == values[key] for key in keys)
        update = sa.update(model).where(*mine, model.revision == seen).values({**changing, "revision": seen + 1})
        revision: int | None = session().execute(update.returning(model.revision)).scalar_one_or_none()
        if revision is not None:
            return revision
    # Not ON CONFLICT DO UPDATE: it watches one unique index, and a row whose id follows from its key breaks two.
    return 1 if insert_once(row) else None
