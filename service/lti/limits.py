"""How many logins and launches one address may ask for in a minute.

Counted in this process unless a store is configured. A store that does not answer stops nobody: the launch path needs
no part but the database.
"""

import time

import structlog
from limits import RateLimitItemPerMinute
from limits.storage import storage_from_string
from limits.strategies import FixedWindowRateLimiter

from service.errors import Code, Refusal

log = structlog.get_logger("stegvis.limits")


class TooMany(Refusal):
    """More requests from one address than a course full of people makes."""

    code = Code.RATE


class Limit:
    """A count per address within one minute. `name` keeps it apart from other counts in the same store."""

    def __init__(self, name: str, store: str) -> None:
        self._name = name
        self._limiter = FixedWindowRateLimiter(storage_from_string(store))

    def take(self, address: str, per_minute: int) -> None:
        """Counts one request. Raises TooMany beyond `per_minute`, with the seconds to wait."""
        item = RateLimitItemPerMinute(per_minute)
        try:
            within = self._limiter.hit(item, self._name, address)
            reset = 0.0 if within else self._limiter.get_window_stats(item, self._name, address).reset_time
        except Exception as error:  # noqa: BLE001 - whatever the configured store raises, it must not stop a launch
            log.warning("limits_unavailable", error=type(error).__name__)
            return
        if not within:
            raise TooMany("launch_rate", retry_after=max(1, round(reset - time.time())))
