"""The bell: tells a worker at once that there is work. SQL is the truth, so it may fail, double and forget.

A queue that does not answer costs a request 200 ms once; then it is left alone for ten seconds.
"""

import time
import uuid
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import redis
import redis.exceptions
import structlog
from flask import current_app, has_app_context
from redis.backoff import NoBackoff
from redis.retry import Retry
from rq import Queue

from service.core import core
from service.jobs import guard

log = structlog.get_logger("stegvis.jobs")
TIMEOUT = 0.2
BREAK_SECONDS = 10.0


class OurQueue(Queue):
    """RQ's queue, of our jobs only."""

    job_class = guard.OnlyOurs


def connect(address: str, *, timeout: float) -> redis.Redis:
    """Returns a client for `redis://`, `rediss://` or `unix://`. Each answer may take `timeout` seconds; no retries.

    RESP2, which every Redis and Valkey speaks.
    """
    client: redis.Redis = redis.Redis.from_url(
        address, socket_timeout=timeout, socket_connect_timeout=timeout, retry=Retry(NoBackoff(), 0), protocol=2
    )
    return client


def open_queue(connection: Any, job_class: type[guard.OnlyOurs] = guard.OnlyOurs) -> OurQueue:
    """Returns the one queue. JSON throughout: nothing is ever unpickled."""
    return OurQueue(guard.NAME, connection=connection, serializer="json", job_class=job_class)


class Bell:
    """The ringing side of the queue, with a breaker."""

    def __init__(
        self,
        address: str,
        *,
        timeout: float = TIMEOUT,
        break_seconds: float = BREAK_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._address, self._timeout, self._break_seconds, self._clock = address, timeout, break_seconds, clock
        self._queue: OurQueue | None = None
        self._closed_until = 0.0

    @property
    def is_silent(self) -> bool:
        """True while the queue is left alone because it did not answer."""
        return bool(self._clock() < self._closed_until)

    def ring(self, job_id: uuid.UUID, *, once: bool = False) -> bool:
        """Rings for a job; `once` leaves it alone when it stands in the queue already. Tells whether it was rung for.

        Never raises.
        """
        if self.is_silent:
            return False
        try:
            self._enqueue(str(job_id), once=once)
        except (redis.exceptions.RedisError, OSError, ValueError) as error:
            self._closed_until = self._clock() + self._break_seconds
            log.warning("queue_silent", error=type(error).__name__)
            return False
        return True

    def _enqueue(self, job_id: str, *, once: bool) -> None:
        if self._queue is None:
            self._queue = open_queue(connect(self._address, timeout=self._timeout))
        if once and self._queue.connection.lpos(self._queue.key, job_id) is not None:
            return
        self._queue.enqueue_call(
            guard.FUNCTION, args=[job_id], job_id=job_id, description=guard.FUNCTION, timeout=guard.TIMEOUT,
            result_ttl=0, failure_ttl=guard.FAILURE_TTL,
        )  # fmt: skip


@lru_cache(maxsize=16)
def bell_at(address: str) -> Bell:
    """Returns this process's bell for an address; its breaker is shared by all requests."""
    return Bell(address)


def here() -> Bell | None:
    """Returns the current application's bell; None outside any, where the sweep will ring."""
    if not has_app_context() or "stegvis" not in current_app.extensions:
        return None
    return bell_at(core().settings.queue)


def ring(job_id: uuid.UUID) -> None:
    """Rings for a job, best effort."""
    found = here()
    if found is not None:
        found.ring(job_id)
