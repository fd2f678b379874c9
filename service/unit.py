"""A unit of work: one transaction at an edge (a request or a job), with what operations need in it.

Operations never commit; they flush. The edge commits once, and only then does what must not happen before (ring for a
job). `current()` gives operations the unit they run in, in the web process and in a worker alike.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar, Token
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.orm import Session, UOWTransaction

from service.clock import Clock
from service.crypto import Keyring, Vault
from service.db import WRITING

_current: ContextVar["Unit"] = ContextVar("stegvis_unit")
# Seconds that a writer waits for its turn in this process; then SQLite decides.
PATIENCE = 5.0


class _Reading(Session):
    """A session that cannot write."""


class Unit:
    """One open transaction: its connection, the session upon it, the vault of persons' keys, and the clock.

    Connection and session are opened when they are first asked for: a launch needs no object mapper, a page that was
    refused at the door no more than one statement.
    """

    def __init__(
        self, engine: Engine, keyring: Keyring, clock: Clock, *, writing: bool, turn: "Turn | None" = None
    ) -> None:
        self.clock = clock
        self.writing = writing
        self.turn = turn
        self.after_commit: list[Callable[[], None]] = []
        self._engine = engine
        self._keyring = keyring
        self._connection: Connection | None = None
        self._session: Session | None = None
        self._vault: Vault | None = None
        self._token: Token[Unit] | None = None

    @property
    def connection(self) -> Connection:
        """The connection with its open transaction, for statements without the object mapper."""
        if self._connection is None:
            if self.writing and self.turn is not None:
                self.turn.take(self)
            self._connection = self._engine.connect()
            self._connection.begin()
        return self._connection

    @property
    def session(self) -> Session:
        """The session on this unit's connection."""
        if self._session is None:
            kind = Session if self.writing else _Reading
            # The transaction is the unit's: the session flushes into it and never ends it by itself.
            self._session = kind(
                self.connection, expire_on_commit=False, autoflush=self.writing, join_transaction_mode="rollback_only"
            )
        return self._session

    @property
    def vault(self) -> Vault:
        """Seals and opens persons' text in this unit."""
        if self._vault is None:
            self._vault = Vault(self.session, self._keyring)
        return self._vault

    def now(self) -> datetime:
        """The moment now, in UTC."""
        return self.clock.now()

    def enter(self) -> None:
        """Makes this the current unit."""
        self._token = _current.set(self)

    def commit(self) -> None:
        """Commits, then runs what was left for afterwards."""
        if self._session is not None:
            self._session.commit()
        if self._connection is not None:
            self._connection.commit()
        self._leave()
        waiting, self.after_commit = self.after_commit, []
        for action in waiting:
            action()

    def close(self) -> None:
        """Rolls back what was not committed and gives the connection back."""
        try:
            if self._session is not None:
                self._session.close()
            if self._connection is not None:
                self._connection.close()
        finally:
            self._session = self._connection = self._vault = None
            self._leave()
            if self._token is not None:
                _current.reset(self._token)
                self._token = None

    def _leave(self) -> None:
        if self.turn is not None:  # pragma: no branch - as in `history`
            self.turn.leave(self)


class Turn:
    """Whose turn it is to write, among the threads of this process.

    SQLite has one writer; others ask again and again, with pauses, and whoever asks at the wrong moments may never get
    there. Here they wait in line. Other processes are not in it: they meet in SQLite, as before.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._holder: object = None

    def take(self, holder: object) -> None:
        """Waits for the turn. After `PATIENCE` seconds it goes on without: SQLite then says whether it may."""
        if self._lock.acquire(timeout=PATIENCE):
            self._holder = holder

    def leave(self, holder: object) -> None:
        """Gives the turn to the next, if `holder` has it."""
        if self._holder is holder:
            self._holder = None
            self._lock.release()


class Units:
    """Opens units of work on one engine."""

    def __init__(self, engine: Engine, keyring: Keyring, clock: Clock) -> None:
        self.engine = engine
        self.keyring = keyring
        self.clock = clock
        self._writer = engine.execution_options(**{WRITING: True})
        self._turn = Turn() if engine.dialect.name == "sqlite" else None

    def begin(self, *, writing: bool) -> Unit:
        """Opens a unit and makes it the current one; the caller closes it. Prefer `reading()` and `writing()`."""
        unit = Unit(
            self._writer if writing else self.engine, self.keyring, self.clock, writing=writing, turn=self._turn
        )
        unit.enter()
        return unit

    @contextmanager
    def writing(self) -> Iterator[Unit]:
        """A unit that writes: committed at the end of the block, rolled back on an exception."""
        unit = self.begin(writing=True)
        try:
            yield unit
            unit.commit()
        finally:
            unit.close()

    @contextmanager
    def reading(self) -> Iterator[Unit]:
        """A unit that only reads: it holds no lock a writer waits for."""
        unit = self.begin(writing=False)
        try:
            yield unit
        finally:
            unit.close()


def _refuse_flush(_session: Session, _context: UOWTransaction, _instances: Any) -> None:
    raise RuntimeError("a reading unit cannot write: use an unsafe method or a writing unit")


sa.event.listen(_Reading, "before_flush", _refuse_flush)


def current() -> Unit:
    """Returns the unit that the caller runs in. Raises LookupError outside any."""
    return _current.get()


def session() -> Session:
    """Returns the database session of the current unit."""
    return _current.get().session


def now() -> datetime:
    """Returns the moment now by the current unit's clock, in UTC."""
    return _current.get().now()


def insert_into(model: type) -> Any:
    """Returns the database's own INSERT, which can be told what to do when the row is there (`on_conflict_do_update`)."""
    postgres = session().get_bind().dialect.name == "postgresql"
    return postgresql.insert(model) if postgres else sqlite.insert(model)


def is_open() -> bool:
    """Tells whether the caller runs in a unit."""
    return _current.get(None) is not None
