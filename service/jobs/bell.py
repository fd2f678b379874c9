"""The bell: tells a worker at once that there is work. SQL is the truth, so it may fail, double and forget.

A queue that does not answer costs a request 200 ms once; then it is left alone for ten seconds.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING

import structlog
from flask import current_app, has_app_context

from service.core import core

if TYPE_CHECKING:
    from service.jobs.queue import OurQueue

log = structlog.get_logger("stegvis.jobs")
TIMEOUT = 0.2
BREAK_SECONDS = 10.0


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
        from service.jobs import queue  # noqa: PLC0415 - RQ is a fifth of the start, and most requests ring for nobody

        try:
            if self._queue is None:
                self._queue = queue.open_queue(queue.connect(self._address, timeout=self._timeout))
            queue.enqueue(self._queue, str(job_id), once=once)
        except queue.FAILURES as error:
            self._closed_until = self._clock() + self._break_seconds
            log.warning("queue_silent", error=type(error).__name__)
            return False
        return True


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
