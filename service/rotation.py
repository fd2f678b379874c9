"""Changing persons' own keys while the service runs.

A person's key seals her texts. `begin` gives everybody a new one and keeps the one before beside it; `reseal` then seals
the texts anew, row by row, each bound to its own row as before, and throws the old keys away. In between a text opens with
whichever fits. Short transactions; it can be killed anywhere: what is done is seen from the rows, not remembered.
"""

import os
import time
import uuid
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy.engine import Connection

from service.confidential import ConfidentialText
from service.crypto import NONCE, Keyring, PersonKey, PersonKeyBefore, bindings, try_open
from service.db import Base
from service.masters import BATCH, Echo, tables_of
from service.unit import Units

# A page that read a text before it was sealed anew may still have to open it: as long as a request may hold a database.
GRACE_SECONDS = 30.0


class Strangers(Exception):
    """Tables of a plugin that is not installed."""


# --- persons' keys ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Texts:
    """The sealed columns of one table that have the same owner column: (column, place, fixed columns) for each."""

    table: sa.Table
    owner: str
    columns: tuple[tuple[str, str, tuple[str, ...]], ...]

    @property
    def read(self) -> list[sa.Column[Any]]:
        """What is read of a row beside its id: what is sealed, and what that is bound to."""
        names = [name for column, _place, fixed in self.columns for name in (column, *fixed)]
        return [self.table.c[name] for name in dict.fromkeys(names)]


def _texts(there: Collection[str]) -> Iterator[_Texts]:
    """Yields where texts are sealed, of the tables that are there."""
    for mapper in sorted(Base.registry.mappers, key=lambda mapper: str(mapper.local_table)):
        table = mapper.local_table
        texts = {name: value for name, value in vars(mapper.class_).items() if isinstance(value, ConfidentialText)}
        for owner in sorted({text.owner for text in texts.values()}):
            columns = tuple(
                (text.column, f"{table}.{name}", text.fixed) for name, text in texts.items() if text.owner == owner
            )
            if isinstance(table, sa.Table) and table.name in there:
                yield _Texts(table, owner, columns)


def waiting(connection: Connection) -> int:
    """Returns how many persons' texts are still to be sealed anew."""
    return connection.scalar(sa.select(sa.func.count()).select_from(PersonKeyBefore)) or 0


def strangers(connection: Connection) -> list[str]:
    """Returns the tables that no installed plugin has: what is sealed in them could not be sealed anew."""
    return sorted(name for name in tables_of(connection) - set(Base.metadata.tables) if not name.startswith("alembic_"))


def begin(units: Units) -> int:
    """Gives every person a new key beside the one she has, all in one transaction. Returns how many.

    Does nothing while an earlier change is not finished: that comes first. Raises Strangers while there are tables of a
    plugin that is not installed.
    """
    with units.writing() as unit:
        if names := strangers(unit.connection):
            raise Strangers(", ".join(names))
        if waiting(unit.connection):
            return 0
        query = sa.select(PersonKey.person_id, PersonKey.master, PersonKey.wrapped).where(
            PersonKey.wrapped.is_not(None)
        )
        found = unit.connection.execute(query.with_for_update()).all()
        for person_id, master, wrapped in found:
            values = {"person_id": person_id, "master": master, "wrapped": wrapped, "begun_at": unit.now()}
            unit.connection.execute(sa.insert(PersonKeyBefore).values(values))
            anew = units.keyring.wrap(AESGCM.generate_key(bit_length=256), person_id)
            unit.connection.execute(
                sa.update(PersonKey).where(PersonKey.person_id == person_id)
                .values(master=units.keyring.present, wrapped=anew)
            )  # fmt: skip
    return len(found)


def reseal(units: Units, echo: Echo, *, size: int = BATCH, grace: float = GRACE_SECONDS) -> tuple[int, int]:
    """Seals the texts of everybody who has a key from before anew. Returns how many texts, and how many did not open.

    Throws the keys from before away in the end, `grace` seconds after the last text. A person of whom a text opens with
    neither key keeps the one before: it may lie where it was not written, and open when it is put back.
    """
    done = bad = 0
    good: list[uuid.UUID] = []
    with units.reading() as unit:
        places = list(_texts(tables_of(unit.connection)))
    for person_id in _people(units):
        faulty = 0
        for texts in places:
            for some, wrong in _person(units, person_id, texts, size):
                done, faulty = done + some, faulty + wrong
                if some:
                    echo(f"{done} texts sealed anew")
        bad += faulty
        if not faulty:
            good.append(person_id)
    if good:
        time.sleep(grace)
    for person_id in good:
        _finish(units, person_id)
    with units.reading() as unit:
        echo(f"{waiting(unit.connection)} persons left")
    return done, bad


def _people(units: Units) -> Iterable[uuid.UUID]:
    after = uuid.UUID(int=0)
    while True:
        with units.reading() as unit:
            query = sa.select(PersonKeyBefore.person_id).where(PersonKeyBefore.person_id > after)
            found = unit.connection.scalars(query.order_by(PersonKeyBefore.person_id).limit(BATCH)).all()
        if not found:
            return
        yield from found
        after = found[-1]


def _person(units: Units, person_id: uuid.UUID, texts: _Texts, size: int) -> Iterator[tuple[int, int]]:
    """Seals one person's texts of one table anew, a batch at a time: how many, and how many opened with neither key."""
    table, after = texts.table, uuid.UUID(int=0)
    while True:
        query = (
            sa.select(table.c.id, *texts.read)
            .where(table.c[texts.owner] == person_id, table.c.id > after)
            .order_by(table.c.id)
            .limit(size)
        )
        with units.writing() as unit:
            keys = _keys(unit.connection, units.keyring, person_id)
            found = unit.connection.execute(query.with_for_update()).all()
            results = [_row(keys, texts, row) for row in found] if keys else []
            _put(unit.connection, table, [values for values, _bad in results])
        if results:
            yield sum(len(values) - 1 for values, _bad in results), sum(bad for _values, bad in results)
        if len(found) < size or not keys:
            return
        after = found[-1][0]


def _keys(connection: Connection, ring: Keyring, person_id: uuid.UUID) -> tuple[AESGCM, AESGCM] | None:
    """The person's new key and the one before, held until the commit; None when she was erased meanwhile."""
    query = (
        sa.select(PersonKey.master, PersonKey.wrapped, PersonKeyBefore.master, PersonKeyBefore.wrapped)
        .join(PersonKeyBefore, PersonKeyBefore.person_id == PersonKey.person_id)
        .where(PersonKey.person_id == person_id, PersonKey.wrapped.is_not(None))
    )
    found = connection.execute(query.with_for_update(read=True)).one_or_none()
    if found is None or found[1] is None:
        return None
    return AESGCM(ring.unwrap(found[0], found[1], person_id)), AESGCM(ring.unwrap(found[2], found[3], person_id))


def _row(keys: tuple[AESGCM, AESGCM], texts: _Texts, row: Any) -> tuple[dict[str, Any], int]:
    """Returns the texts of one row sealed anew, by column, beside the row's id, and how many opened with neither key.

    What was sealed before it had a fixed value to be bound to, or all of them, is bound to them now.
    """
    present = keys[0]
    anew, bad = {"of_row": row[0]}, 0
    for column, place, fixed in texts.columns:
        sealed, values = getattr(row, column), bindings(place, row[0], tuple(str(getattr(row, name)) for name in fixed))
        if sealed is None or try_open(present, sealed, to := values[0]) is not None:
            continue
        tries = (try_open(key, sealed, value) for value in values for key in keys)
        opened = next((one for one in tries if one is not None), None)
        if opened is None:
            bad += 1
            continue
        nonce = os.urandom(NONCE)
        anew[column] = nonce + present.encrypt(nonce, opened, to)
    return anew, bad


def _put(connection: Connection, table: sa.Table, rows: Iterable[dict[str, Any]]) -> None:
    """Writes rows sealed anew, those with the same columns together."""
    groups: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for row in rows:
        groups.setdefault(tuple(name for name in row if name != "of_row"), []).append(row)
    for columns, some in groups.items():
        if columns:
            values: dict[str, Any] = {name: sa.bindparam(name) for name in columns}
            connection.execute(sa.update(table).where(table.c.id == sa.bindparam("of_row")).values(values), some)


def _finish(units: Units, person_id: uuid.UUID) -> None:
    with units.writing() as unit:
        unit.connection.execute(sa.delete(PersonKeyBefore).where(PersonKeyBefore.person_id == person_id))
