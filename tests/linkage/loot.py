"""What the attacker holds: the database's file and log, access logs and exports, who was invited, perhaps the keys.

She is given more than that: the answers themselves, mixed. What she has to find is only whose each one is.
"""

import json
import random
import sqlite3
import struct
import tempfile
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from plugins.group_maturity.operations import box
from service.guests.passes import digest

Row = tuple[Any, ...]
HEADER, FRAME = 32, 24
# More history than this is not read: the newest tells enough.
COMMITS = 60


@dataclass(frozen=True)
class Loot:
    """One measurement's loot. `invited`: the word of each person's link; `answers`: everybody's, mixed, as the box packs them.

    `what` is what is asked whose it is: answers, or else what people wrote in their own words, as text; `text` is the room
    that the box has for each of those.
    """

    measurement: uuid.UUID
    database: bytes
    log: bytes
    said: Sequence[str]
    invited: Sequence[str]
    answers: Sequence[bytes]
    names: Sequence[str]
    low: int
    keys: Any = None
    what: str = "answers"
    text: int = 0
    chance: random.Random = field(default_factory=random.Random)


@dataclass
class Table:
    """A table as it lies in the file: its columns, rowid first, and its rows."""

    name: str
    columns: Sequence[str]
    rows: Sequence[Row]

    @cached_property
    def lines(self) -> list[bytes]:
        """Each row as bytes."""
        return [as_bytes(row) for row in self.rows]

    @cached_property
    def whole(self) -> bytes:
        """All rows as bytes."""
        return b"\x1e".join(self.lines)


class Traces:
    """How persons and answers may be recognised in bytes: person or answer number by every spelling of its traces."""

    def __init__(self, persons: Mapping[bytes, int], answers: Mapping[bytes, int]) -> None:
        self.persons = persons
        self.answers = answers

    @classmethod
    def of(cls, loot: Loot, tables: Sequence[Table]) -> "Traces":
        """What may be looked for: a person's word, its hash, her pass's id and mark; an answer packed and as text."""
        ids = {bytes(row[-1]): uuid.UUID(str(row[1])) for row in _passes(tables)}
        persons: dict[bytes, int] = {}
        for number, word in enumerate(loot.invited):
            found = ids.get(digest(word))
            spelt = [word.encode(), *_both(digest(word))]
            if found is not None:
                spelt += [*_both(found.bytes), str(found).encode(), *_both(box.mark("pass", found.bytes))]
            persons.update(dict.fromkeys(spelt, number))
        answers: dict[bytes, int] = {}
        for number, answer in enumerate(loot.answers):
            if loot.what != "answers":
                answers.update(dict.fromkeys([*_both(answer), json.dumps(answer.decode()).encode()], number))
                continue
            values = [byte + loot.low - 1 for byte in answer]
            by_name = json.dumps(dict(zip(loot.names, values, strict=True)), sort_keys=True).encode()
            answers.update(dict.fromkeys([*_both(answer), by_name, json.dumps(values).encode()], number))
        return cls(persons, answers)

    def within(self, data: bytes) -> "Traces":
        """Only those that are there at all, which is quick to tell of many rows at once."""
        return Traces(
            {trace: number for trace, number in self.persons.items() if trace in data},
            {trace: number for trace, number in self.answers.items() if trace in data},
        )

    def persons_in(self, data: bytes) -> list[int]:
        return sorted({number for trace, number in self.persons.items() if trace in data})

    def answers_in(self, data: bytes) -> list[int]:
        return sorted({number for trace, number in self.answers.items() if trace in data})


def _both(raw: bytes) -> tuple[bytes, bytes]:
    return raw, raw.hex().encode()


def _passes(tables: Sequence[Table]) -> Iterator[Row]:
    for table in tables:
        if table.name == "guest_pass":
            where = [table.columns.index(name) for name in ("id", "pass_hash")]
            for row in table.rows:
                yield (row[0], row[where[0]], row[where[1]])


def tables_of(database: bytes, log: bytes = b"") -> list[Table]:
    """Reads every table of a stolen database, with its log played into it."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "stolen.db"
        file.write_bytes(database)
        if log:
            Path(f"{file}-wal").write_bytes(log)
        with closing(sqlite3.connect(file)) as connection:
            names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            return [_table(connection, name) for name in names if not name.startswith("sqlite_")]


def _table(connection: sqlite3.Connection, name: str) -> Table:
    cursor = connection.execute(f'SELECT rowid AS "rowid", * FROM "{name}"')
    columns = ["rowid", *(column[0] for column in cursor.description[1:])]
    return Table(name, columns, cursor.fetchall())


def as_bytes(row: Row) -> bytes:
    return b"\x1f".join(value if isinstance(value, bytes) else str(value).encode() for value in row)


def history(loot: Loot) -> Iterator[list[Table]]:
    """The database after each transaction that its log still tells of, the oldest first; nothing when the log is empty."""
    if len(loot.log) < HEADER:
        return
    page = struct.unpack(">I", loot.log[8:12])[0]
    size = FRAME + (page or 65536)
    ends = [
        start + size
        for start in range(HEADER, len(loot.log) - size + 1, size)
        if struct.unpack(">I", loot.log[start + 4 : start + 8])[0]
    ]
    yield tables_of(loot.database)
    for end in ends[-COMMITS:]:
        yield tables_of(loot.database, loot.log[:end])


def inside(loot: Loot, tables: Sequence[Table]) -> tuple[frozenset[bytes], Sequence[bytes]]:
    """The marks and what is asked about as they lie in what the keys open, in that order; nothing without the keys.

    While a measurement is open that is its box; people's own words lie in the report afterwards.
    """
    by_name = {table.name: table for table in tables}
    found = _box(loot, by_name)
    if found is not None:
        words = [text.encode() for text in found.comments]
        return found.marks, found.ballots if loot.what == "answers" else words
    kept = None if loot.what == "answers" else _words(loot, by_name)
    return frozenset(), [text.encode() for text in json.loads(kept or "[]")]


def _box(loot: Loot, by_name: Mapping[str, Table]) -> box.Box | None:
    sealed = _cell(by_name["group_maturity_inbox"], loot.measurement.hex, "sealed", key="measurement_id")
    key = _unsealed(loot, by_name, "group_maturity_measurement", "box_key", loot.measurement)
    if sealed is None or not key:
        return None
    room = box.Room(len(loot.invited), len(loot.names), loot.text)
    return box.unseal(bytes.fromhex(key), loot.measurement, sealed, room)


def _words(loot: Loot, by_name: Mapping[str, Table]) -> str | None:
    row = _cell(by_name["group_maturity_report"], loot.measurement.hex, "id", key="measurement_id")
    return None if row is None else _unsealed(loot, by_name, "group_maturity_report", "comments", uuid.UUID(row))


def _unsealed(loot: Loot, by_name: Mapping[str, Table], table: str, column: str, row: uuid.UUID) -> str | None:
    """A text that is sealed with the manager's key; None without the keys, and where there is none."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    sealed = _cell(by_name[table], row.hex, f"{column}_sealed")
    manager = _cell(by_name[table], row.hex, "manager_id")
    if loot.keys is None or sealed is None or manager is None:
        return None
    owner = uuid.UUID(manager)
    master = _cell(by_name["person_key"], owner.hex, "master", key="person_id")
    wrapped = _cell(by_name["person_key"], owner.hex, "wrapped", key="person_id")
    place = f"{table}.{column}\0".encode() + row.bytes
    return AESGCM(loot.keys.unwrap(master, wrapped, owner)).decrypt(sealed[:12], sealed[12:], place).decode()


def _cell(table: Table, value: str, column: str, key: str = "id") -> Any:
    by, wanted = table.columns.index(key), table.columns.index(column)
    return next((row[wanted] for row in table.rows if row[by] == value), None)
