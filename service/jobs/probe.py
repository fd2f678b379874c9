"""Whether the queue answers, for those who only ask: without RQ, which the pages do not load for it."""

import threading
import time

# A queue on the same network answers within a millisecond; whoever asks every second costs it one question in five.
TIMEOUT = 0.2
KEPT_SECONDS = 5.0

_lock = threading.Lock()
_known: dict[str, tuple[float, bool]] = {}


def answers(address: str) -> bool:
    """Tells whether the queue at an address answered within the last seconds. Asks it when that is not known."""
    with _lock:
        until, found = _known.get(address, (0.0, False))
        if time.monotonic() >= until:
            found = _ask(address)
            _known[address] = time.monotonic() + KEPT_SECONDS, found
    return found


def forget() -> None:
    """Forgets every answer, so that the next question is asked."""
    with _lock:
        _known.clear()


def _ask(address: str) -> bool:
    import redis  # noqa: PLC0415 - most processes are never asked
    from redis.backoff import NoBackoff  # noqa: PLC0415 - as above
    from redis.retry import Retry  # noqa: PLC0415 - as above

    try:
        with redis.Redis.from_url(
            address, socket_timeout=TIMEOUT, socket_connect_timeout=TIMEOUT, retry=Retry(NoBackoff(), 0), protocol=2
        ) as client:
            return bool(client.ping())
    except (redis.exceptions.RedisError, OSError, ValueError):
        return False
