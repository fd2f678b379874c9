"""How many logins and launches one address may ask for in a minute.

Counted in this process unless a store is configured. A store that does not answer stops nobody: the launch path needs
no part but the database.
"""

import threading
import time

import structlog
from limits import RateLimitItemPerMinute
from limits.storage import Storage, storage_from_string
from limits.strategies import FixedWindowRateLimiter

from service.errors import Code, Refusal

log = structlog.get_logger("stegvis.limits")
IN_PROCESS = "memory://"


class TooMany(Refusal):
    """More requests from one address than a course full of people makes."""

    code = Code.RATE


class Counts(Storage):
    """Counts in this process. The library's own memory store starts a thread at each count, which a launch would pay."""

    STORAGE_SCHEME = None

    def __init__(self) -> None:
        super().__init__()
        self._lock = threading.Lock()
        self._counts: dict[str, tuple[int, float]] = {}
        self._tidy_at = 0.0

    @property
    def base_exceptions(self) -> type[Exception]:
        """Counting in memory raises nothing of its own."""
        return OSError

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Adds to a count that begins anew when it has expired. `expiry` in seconds."""
        now = time.time()
        with self._lock:
            if now >= self._tidy_at:
                self._counts = {name: kept for name, kept in self._counts.items() if kept[1] > now}
                self._tidy_at = now + expiry
            count, until = self._counts.get(key, (0, 0.0))
            if until <= now:
                count, until = 0, now + expiry
            self._counts[key] = (count + amount, until)
            return count + amount

    def get(self, key: str) -> int:
        """Returns a count, 0 when there is none or it has expired."""
        count, until = self._counts.get(key, (0, 0.0))
        return count if until > time.time() else 0

    def get_expiry(self, key: str) -> float:
        """Returns when a count begins anew, in seconds since 1970."""
        return self._counts.get(key, (0, time.time()))[1]

    def check(self) -> bool:
        """Memory is always there."""
        return True

    def reset(self) -> int:
        """Forgets all counts and returns how many there were."""
        with self._lock:
            number, self._counts = len(self._counts), {}
        return number

    def clear(self, key: str) -> None:
        """Forgets one count."""
        self._counts.pop(key, None)


class Limit:
    """A count per address within one minute. `name` keeps it apart from other counts in the same store.

    `reason` is what a refusal is counted as.
    """

    def __init__(self, name: str, store: str, reason: str = "launch_rate") -> None:
        self._name, self._reason = name, reason
        self._limiter = FixedWindowRateLimiter(Counts() if store == IN_PROCESS else storage_from_string(store))

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
            raise TooMany(self._reason, retry_after=max(1, round(reset - time.time())))
