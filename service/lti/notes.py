"""Notes of launches, accepted and refused: handed over by the request, redacted and written by a thread beside it.

A launch pays for one append. What it hands over is written once a second at most, by one thread per process, which is
started by the first launch after the fork; what that thread meets, a database that is down, touches no launch. Notes
that wait when a process is killed are lost: they are for looking at, not for proof.
"""

import os
import re
import statistics
import threading
import uuid
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
import structlog

from service.errors import LaunchRefused
from service.lti import adapter, state
from service.lti.acceptance import MAX_AGE, MAX_TOKEN
from service.lti.evidence import evidence_of, skew_of
from service.lti.note_models import LaunchNote
from service.lti.revalidation import ACCEPTED, is_proved
from service.lti.state import LoginState
from service.unit import Units, current

KEPT = 200
# Refusals that nobody's signature stands behind, per platform and minute: a flood costs nothing and hides little.
STRANGERS_PER_MINUTE = 60
WAITING = 500
PAUSE_SECONDS = 1.0
# The platform's clock is judged by so many of its latest launches, and spoken of before it breaks anything.
SKEW_OF = 20
SKEW_WARNING_SECONDS = 30
# OpenID Connect's words for why a platform answers with an error are of this shape (Core 1.0 §3.1.2.6).
_ERROR_WORD = re.compile(r"[a-z_]{1,40}")
_BEGINNING = datetime.fromtimestamp(0, UTC)
_TABLE: Any = LaunchNote.__table__
log = structlog.get_logger("stegvis.lti.notes")


@dataclass(slots=True)
class Attempt:
    """A launch under way, as the request knows it. `proved` from the moment that its signature has been verified."""

    at: datetime
    token: str
    state: str
    platform_error: str = ""
    login: LoginState | None = None
    proved: bool = False
    outcome: str = ACCEPTED
    incident: str = ""


class Notes:
    """What this process has been handed and has not written yet. `pause` is the time between two writes, in seconds."""

    def __init__(self, units: Units, state_key: bytes, public_url: str, pause: float = PAUSE_SECONDS) -> None:
        self._units = units
        self._state_key = state_key
        self._public_url = public_url
        self._pause = pause
        self._queue: deque[Attempt] = deque(maxlen=WAITING)
        self._starting, self._writing = threading.Lock(), threading.Lock()
        self._bell, self._closing = threading.Event(), threading.Event()
        self._thread: threading.Thread | None = None
        self._pid = 0
        self._minute, self._strangers = -1, dict[uuid.UUID | None, int]()
        # Whoever gives the database's connections back wants none opened again.
        sa.event.listen(units.engine, "engine_disposed", lambda _engine: self.close())

    def hand(self, attempt: Attempt) -> None:
        """Takes an attempt that has ended. Never raises, never waits."""
        try:
            if not attempt.proved and not self._has_room(attempt):
                return
            if len(attempt.token) > MAX_TOKEN:
                attempt.token = ""
            if self._pid != os.getpid():
                self._start()
            self._queue.append(attempt)
            if not self._bell.is_set():
                self._bell.set()
        except Exception as error:  # noqa: BLE001 - whatever fails here, the launch has been decided
            log.warning("note_not_taken", error=type(error).__name__)

    def _has_room(self, attempt: Attempt) -> bool:
        minute = int(attempt.at.timestamp()) // 60
        if minute != self._minute:
            self._minute, self._strangers = minute, {}
        whose = attempt.login.platform_id if attempt.login else None
        count = self._strangers.get(whose, 0)
        self._strangers[whose] = count + 1
        return count < STRANGERS_PER_MINUTE

    def _start(self) -> None:
        """Starts this process's thread: a forked one has its parent's memory, and not its threads."""
        with self._starting:
            if self._pid == os.getpid():
                return
            # What a parent was handed is the parent's to write.
            self._queue.clear()
            self._writing, self._bell, self._closing = threading.Lock(), threading.Event(), threading.Event()
            self._thread = threading.Thread(target=self._work, name="launch-notes", daemon=True)
            self._thread.start()
            self._pid = os.getpid()

    def _work(self) -> None:
        while not self._closing.is_set():
            self._bell.wait()
            # Those that come meanwhile are written with it.
            self._closing.wait(self._pause)
            self._bell.clear()
            if not self._closing.is_set():
                self.flush()

    def flush(self) -> None:
        """Writes what waits now. Failures are logged: nobody waits for a note."""
        with self._writing:
            batch = self._take()
            if not batch:
                return
            try:
                self._write([row for row in map(self._row_or_none, batch) if row is not None])
            except Exception as error:  # noqa: BLE001 - a thread that ends would end the notes of this process
                log.warning("notes_lost", number=len(batch), error=type(error).__name__)

    def close(self) -> None:
        """Ends the thread and drops what waits: for whoever takes the database away. A later attempt starts it anew."""
        self._closing.set()
        self._bell.set()
        if self._thread is not None and self._pid == os.getpid():
            self._thread.join()
        self._queue.clear()
        self._pid = 0

    def _take(self) -> list[Attempt]:
        batch = []
        while self._queue:
            batch.append(self._queue.popleft())
        return batch

    def _row_or_none(self, attempt: Attempt) -> dict[str, Any] | None:
        try:
            return self._row(attempt)
        except Exception as error:  # noqa: BLE001 - a stranger's token must not cost the others their notes
            log.warning("note_unreadable", error=type(error).__name__)
            return None

    def _row(self, attempt: Attempt) -> dict[str, Any]:
        login = attempt.login or self._login(attempt.state)
        evidence = evidence_of(attempt.token, login, self._public_url, accepted=attempt.outcome == ACCEPTED)
        if attempt.platform_error:
            known = _ERROR_WORD.fullmatch(attempt.platform_error)
            evidence["platform_error"] = attempt.platform_error if known else "(other)"
        claims, outcome = evidence.get("claims", {}), attempt.outcome
        return {
            "id": uuid.uuid4(), "at": attempt.at, "platform_id": login.platform_id if login else None,
            "deployment": (claims.get("deployment_id") or "")[:255], "message": (claims.get("message_type") or "")[:60],
            "outcome": outcome[:60], "incident": attempt.incident, "evidence": evidence,
            "binding": login.binding.value if login and _is_bound(outcome) else "",
            "skew": skew_of(evidence, attempt.at) if attempt.proved or is_proved(outcome) else None,
        }  # fmt: skip

    def _login(self, text: str) -> LoginState | None:
        """The login that a refused launch answers, however long ago that was."""
        try:
            return state.read(self._state_key, adapter.returned_state(text), _BEGINNING)
        except LaunchRefused:
            return None

    def _write(self, rows: Sequence[dict[str, Any]]) -> None:
        if not rows:
            return
        with self._units.writing() as unit:
            unit.connection.execute(sa.insert(_TABLE), list(rows))
            for platform_id in {row["platform_id"] for row in rows}:
                unit.connection.execute(_older_than_kept(platform_id))


def _is_bound(outcome: str) -> bool:
    return outcome not in ("state_binding", "state_expired", "platform_error", "confirm_origin")


def _of(platform_id: uuid.UUID | None) -> sa.ColumnElement[bool]:
    column: sa.ColumnElement[Any] = _TABLE.c.platform_id
    return column.is_(None) if platform_id is None else column == platform_id


def _older_than_kept(platform_id: uuid.UUID | None) -> sa.Delete:
    latest = sa.select(_TABLE.c.id).where(_of(platform_id)).order_by(_TABLE.c.at.desc(), _TABLE.c.id).limit(KEPT)
    return sa.delete(_TABLE).where(_of(platform_id), _TABLE.c.id.not_in(latest))


@dataclass(frozen=True)
class Skew:
    """How far a platform's clock is ahead of ours, in seconds, and how far it may be in that direction."""

    seconds: float
    breaks_at: int

    @property
    def warns(self) -> bool:
        """Whether somebody should set a clock before launches are refused."""
        return abs(self.seconds) >= min(SKEW_WARNING_SECONDS, self.breaks_at / 2)


def skew_among(notes: Iterable[LaunchNote], leeway_seconds: int) -> Skew | None:
    """Returns the median of the latest launches whose signature was the platform's; None where there are none.

    Ahead breaks at the leeway. Behind, tokens are born old: it breaks when their lifetime and the leeway are used up.
    """
    known = [note for note in notes if note.skew is not None][:SKEW_OF]
    if not known:
        return None
    seconds = statistics.median(note.skew for note in known if note.skew is not None)
    if seconds >= 0:
        return Skew(seconds, leeway_seconds)
    lifetimes = [life for note in known if (life := _lifetime(note.evidence)) is not None]
    return Skew(seconds, min([*lifetimes, MAX_AGE]) + leeway_seconds)


def _lifetime(evidence: dict[str, Any]) -> int | None:
    claims = evidence.get("claims", {})
    issued, expires = claims.get("iat"), claims.get("exp")
    return expires - issued if isinstance(issued, int) and isinstance(expires, int) and expires > issued else None


def latest(platform_ids: Iterable[uuid.UUID | None], limit: int = KEPT) -> list[LaunchNote]:
    """Returns the latest notes of these platforms, newest first; of None, those that name no platform."""
    conditions = [_of(platform_id) for platform_id in platform_ids]
    if not conditions:
        return []
    query = sa.select(LaunchNote).where(sa.or_(*conditions)).order_by(LaunchNote.at.desc(), LaunchNote.id).limit(limit)
    return list(current().session.scalars(query))
