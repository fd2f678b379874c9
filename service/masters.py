"""Changing the operator's master key while the service runs, and looking at the start whether one is missing.

Master keys wrap other keys: persons', our signing keys, platforms' tokens. The operator puts a new one first and the old
one among the earlier; `rewrap` then wraps everything anew, and the old one can be thrown away. No text is touched. It works
in short transactions and can be killed anywhere: what is done is seen from the rows, not remembered.
"""

import uuid
from collections.abc import Callable, Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError

from service.cohorts import models as _cohorts  # noqa: F401 - as below: keys are bound to persons
from service.crypto import Keyring
from service.db import Base, make_engine
from service.errors import StartRefused
from service.lti import models as _lti  # noqa: F401 - every table of wrapped keys must be in the metadata
from service.lti import service_models as _services  # noqa: F401 - as above
from service.settings import Settings
from service.unit import Units

BATCH = 500
Echo = Callable[[str], None]


def tables_of(connection: Connection) -> frozenset[str]:
    """Returns the names of the tables that are there."""
    return frozenset(sa.inspect(connection).get_table_names())


def _wrapping() -> Sequence[sa.Table]:
    """Every table of keys that a master key wraps: known by its columns, so that a new one is never forgotten."""
    tables = Base.metadata.sorted_tables
    return [table for table in tables if {"master", "wrapped"} <= set(table.columns.keys())]


def _owner(table: sa.Table) -> sa.Column[uuid.UUID]:
    """What a wrapped key is bound to: its row's own id."""
    (column,) = table.primary_key.columns
    return column


def masters(connection: Connection) -> dict[str, int]:
    """Returns how many keys each master key wraps, by its name. Tables that are not there yet have none."""
    found: dict[str, int] = {}
    there = tables_of(connection)
    for table in (table for table in _wrapping() if table.name in there):
        query = sa.select(table.c.master, sa.func.count()).where(table.c.wrapped.is_not(None)).group_by(table.c.master)
        for name, number in connection.execute(query):
            found[name] = found.get(name, 0) + number
    return found


def check_masters(settings: Settings) -> None:
    """Raises StartRefused when keys in the database are wrapped by a master key that is not in the settings.

    A database that does not answer or has no tables yet is somebody else's to tell.
    """
    ring = Keyring.from_settings(settings.master_key, settings.previous_master_keys)
    engine = make_engine(settings)
    try:
        with engine.connect() as connection:
            found = masters(connection)
    except DBAPIError:
        return
    finally:
        engine.dispose()
    missing = {name: number for name, number in found.items() if name not in ring.names}
    if missing:
        raise StartRefused(_missing(missing, found.get(ring.present, 0)))


def _missing(missing: dict[str, int], done: int) -> str:
    names = ", ".join(sorted(missing))
    half = (
        f"a change of master key is half done ({done} keys have the present one) and the one before was taken away: "
        if done
        else "a master key is missing: "
    )
    return (
        f"{half}{sum(missing.values())} keys are wrapped by {names}, which is neither STEGVIS_MASTER_KEY nor among "
        "STEGVIS_PREVIOUS_MASTER_KEYS; put it back there, then run `stegvis keys rotate-master`"
    )


def behind(connection: Connection, ring: Keyring) -> int:
    """Returns how many keys are still wrapped by an earlier master key."""
    return sum(number for name, number in masters(connection).items() if name != ring.present)


def rewrap(units: Units, echo: Echo, size: int = BATCH) -> int:
    """Wraps every key anew with the present master key, in batches. Returns how many.

    Raises CannotOpen when one is wrapped by a master key that is not at hand.
    """
    done = 0
    with units.reading() as unit:
        left = behind(unit.connection, units.keyring)
    for table in _wrapping():
        while batch := _rewrap_some(units, table, size):
            done += batch
            echo(f"{done} keys wrapped anew, {max(left - done, 0)} left")
    return done


def _rewrap_some(units: Units, table: sa.Table, size: int) -> int:
    """One batch. A key that was changed or destroyed meanwhile is left as it then is."""
    owner, ring = _owner(table), units.keyring
    with units.writing() as unit:
        query = sa.select(owner, table.c.master, table.c.wrapped).where(
            table.c.master != ring.present, table.c.wrapped.is_not(None)
        )
        found = unit.connection.execute(query.order_by(owner).limit(size).with_for_update()).all()
        for row_id, master, wrapped in found:
            anew = ring.wrap(ring.unwrap(master, wrapped, row_id), row_id)
            unit.connection.execute(
                sa.update(table)
                .where(owner == row_id, table.c.wrapped == wrapped)
                .values(master=ring.present, wrapped=anew)
            )
    return len(found)
