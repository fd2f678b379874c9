"""A unit of work: one transaction at an edge (a request or a job), with what operations need in it.

Operations never commit; they flush. The edge commits once, and only then does what must not happen before (ring for a
job). `current()` gives operations the unit they run in, in the web process and in a worker alike.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar, Token
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session, UOWTransaction

from service.clock import Clock
from service.crypto import Keyring, Vault
from service.db import WRITING

_current: ContextVar["Unit"] = ContextVar("stegvis_unit")


@dataclass
class Unit:
    """One open transaction: the session, the vault of persons' keys, the clock, and what to do after the commit."""

    session: Session
    vault: Vault
    clock: Clock
    writing: bool
    after_commit: list[Callable[[], None]] = field(default_factory=list)
    _token: Token["Unit"] | None = None

    def now(self) -> datetime:
        """The moment now, in UTC."""
        return self.clock.now()

    def enter(self) -> None:
        """Makes this the current unit."""
        self._token = _current.set(self)

    def commit(self) -> None:
        """Commits, then runs what was left for afterwards."""
        self.session.commit()
        waiting, self.after_commit = self.after_commit, []
        for action in waiting:
            action()

    def close(self) -> None:
        """Rolls back what was not committed and gives the connection back."""
        self.session.close()
        if self._token is not None:
            _current.reset(self._token)
            self._token = None


class Units:
    """Opens units of work on one engine."""

    def __init__(self, engine: Engine, keyring: Keyring, clock: Clock) -> None:
        self.engine = engine
        self.keyring = keyring
        self.clock = clock
        self._writer = engine.execution_options(**{WRITING: True})

    def begin(self, *, writing: bool) -> Unit:
        """Opens a unit and makes it the current one; the caller closes it. Prefer `reading()` and `writing()`."""
        session = Session(self._writer if writing else self.engine, expire_on_commit=False, autoflush=writing)
        if not writing:
            sa.event.listen(session, "before_flush", _refuse_flush)
        unit = Unit(session=session, vault=Vault(session, self.keyring), clock=self.clock, writing=writing)
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


def _refuse_flush(session: Session, _context: UOWTransaction, _instances: Any) -> None:
    if session.new or session.dirty or session.deleted:
        raise RuntimeError("a reading unit cannot write: use an unsafe method or a writing unit")


def current() -> Unit:
    """Returns the unit that the caller runs in. Raises LookupError outside any."""
    return _current.get()


def session() -> Session:
    """Returns the database session of the current unit."""
    return _current.get().session


def now() -> datetime:
    """Returns the moment now by the current unit's clock, in UTC."""
    return _current.get().now()
