"""Counting and deleting rows by conditions, for rules of keeping: one list of conditions says both what counts and what goes."""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from service.unit import current

# A model and which of its rows.
Some = tuple[type[Any], sa.ColumnElement[bool]]


def count_rows(those: Sequence[Some]) -> Mapping[str, int]:
    """Returns how many rows there are of each, by table."""
    found: dict[str, int] = {}
    for model, where in those:
        query = sa.select(sa.func.count()).select_from(model).where(where)
        found[model.__tablename__] = found.get(model.__tablename__, 0) + (current().session.scalar(query) or 0)
    return found


def delete_rows(those: Sequence[Some]) -> Mapping[str, int]:
    """Deletes them in their order, so what is referred to comes last. Returns how many that were, by table."""
    gone: dict[str, int] = {}
    for model, where in those:
        done = current().session.execute(
            sa.delete(model).where(where), execution_options={"synchronize_session": False}
        )
        gone[model.__tablename__] = gone.get(model.__tablename__, 0) + int(done.rowcount)  # type: ignore[attr-defined]  # a DELETE gives a cursor result
    return gone
