"""Platforms' keys, kept in SQL: a launch asks the platform only when its keys are old or a key is new.

An hour old, they are asked for again; while the platform is down they serve for a day. One request per platform and
minute, whoever asks and however often: the claim to make it is a conditional UPDATE in a short transaction of its own,
and no transaction is open while the network is.
"""

import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any

import sqlalchemy as sa
import structlog
from sqlalchemy.dialects import postgresql, sqlite

from service.errors import LaunchRefused
from service.lti.keys import KeySetRefused, PlatformKey, read_key_set
from service.lti.models import PlatformKeys
from service.lti.registrations import Registration
from service.lti.strict import NotStrict, read_object
from service.outbound import Outbound, OutboundFailed, OutboundRefused
from service.unit import Units, current

FRESH = timedelta(hours=1)
USABLE = timedelta(hours=24)
THROTTLE = timedelta(seconds=60)
# How long a launch waits for another one that is asking already, and how many may wait.
PATIENCE_SECONDS = 6.0
MAX_WAITING = 8
_POLL_SECONDS = 0.05
_KEYS: Any = PlatformKeys.__table__
log = structlog.get_logger("stegvis.lti")


class KeySets:
    """The keys of all platforms. Parsed keys are cached by the moment they were fetched."""

    def __init__(self, units: Units, outbound: Outbound, on_news: Callable[[], None] = lambda: None) -> None:
        """`on_news` is called when a platform's keys have been fetched anew."""
        self._on_news = on_news
        self._units = units
        self._outbound = outbound
        self._lock = threading.Lock()
        self._parsed: dict[uuid.UUID, tuple[datetime, tuple[PlatformKey, ...]]] = {}
        self._waiting: dict[uuid.UUID, int] = {}

    def keys(self, registration: Registration) -> tuple[PlatformKey, ...]:
        """Returns the platform's keys, asking for them when they are old. Raises LaunchRefused: `keys_unavailable`."""
        fetched_at, now = registration.keys_fetched_at, self._units.clock.now()
        if fetched_at is None or now - fetched_at > FRESH:
            keys = self.newer_keys(registration)
            if keys is not None:
                return keys
        if fetched_at is None or now - fetched_at > USABLE:
            raise LaunchRefused("keys_unavailable")
        return self._known(registration.id, fetched_at)

    def newer_keys(self, registration: Registration) -> tuple[PlatformKey, ...] | None:
        """Asks the platform, unless it was asked within a minute. Returns None when nothing newer was learnt."""
        if self._claim(registration.id):
            self._fetch(registration)
        elif not self._wait(registration):
            return None
        fetched_at = self._state(registration.id).fetched_at
        if fetched_at is None or fetched_at == registration.keys_fetched_at:
            return None
        return self._known(registration.id, fetched_at)

    def _known(self, platform_id: uuid.UUID, fetched_at: datetime) -> tuple[PlatformKey, ...]:
        cached = self._parsed.get(platform_id)
        if cached is not None and cached[0] == fetched_at:
            return cached[1]
        with self._units.reading() as unit:
            row = unit.session.execute(
                sa.select(_KEYS.c.jwks, _KEYS.c.fetched_at).where(_KEYS.c.platform_id == platform_id)
            ).one()
        keys = read_key_set(row.jwks)
        self._parsed[platform_id] = (row.fetched_at, keys)
        return keys

    def _claim(self, platform_id: uuid.UUID) -> bool:
        """Takes the right to ask the platform, for this process and every other."""
        now = self._units.clock.now()
        due = sa.or_(_KEYS.c.tried_at.is_(None), _KEYS.c.tried_at <= now - THROTTLE)
        with self._units.writing() as unit:
            dialect = postgresql if unit.session.get_bind().dialect.name == "postgresql" else sqlite
            insert = dialect.insert(_KEYS).values(platform_id=platform_id, tried_at=now, error="")
            statement = insert.on_conflict_do_update(
                index_elements=[_KEYS.c.platform_id], set_={"tried_at": now, "error": ""}, where=due
            )
            return len(unit.session.execute(statement.returning(_KEYS.c.platform_id)).all()) == 1

    def _fetch(self, registration: Registration) -> None:
        jwks, error = self._ask(registration.jwks_url)
        now = self._units.clock.now()
        values = {"error": error} if jwks is None else {"jwks": jwks, "fetched_at": now, "error": ""}
        with self._units.writing() as unit:
            unit.session.execute(sa.update(_KEYS).where(_KEYS.c.platform_id == registration.id).values(values))
        self._on_news()
        if error:
            log.warning("platform_keys", platform=str(registration.id), error=error)

    def _ask(self, url: str) -> tuple[dict[str, Any] | None, str]:
        try:
            answer = self._outbound.get(url, headers={"Accept": "application/json"})
            if answer.status != HTTPStatus.OK:
                return None, f"status_{answer.status}"
            jwks = read_object(answer.body)
            read_key_set(jwks)
        except (OutboundRefused, OutboundFailed, KeySetRefused, NotStrict) as error:
            return None, str(error)
        return jwks, ""

    def _wait(self, registration: Registration) -> bool:
        """Waits while another launch is asking. Tells whether something newer arrived."""
        with self._queue(registration.id) as may_wait:
            until = time.monotonic() + (PATIENCE_SECONDS if may_wait else 0)
            while True:
                state = self._state(registration.id)
                if state.fetched_at is not None and state.fetched_at != registration.keys_fetched_at:
                    return True
                asking = not state.error and (state.fetched_at is None or state.fetched_at < state.tried_at)
                if not asking or time.monotonic() >= until:
                    return False
                time.sleep(_POLL_SECONDS)

    @contextmanager
    def _queue(self, platform_id: uuid.UUID) -> Iterator[bool]:
        with self._lock:
            waiting = self._waiting.get(platform_id, 0)
            self._waiting[platform_id] = waiting + 1
        try:
            yield waiting < MAX_WAITING
        finally:
            with self._lock:
                self._waiting[platform_id] -= 1

    def _state(self, platform_id: uuid.UUID) -> Any:
        query = sa.select(_KEYS.c.fetched_at, _KEYS.c.tried_at, _KEYS.c.error).where(_KEYS.c.platform_id == platform_id)
        with self._units.reading():
            return current().session.execute(query).one()
