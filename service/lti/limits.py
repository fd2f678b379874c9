"""How many logins and launches one address may ask for: counted in this process, so that no other part need be up."""

import threading
import time

from service.errors import Code, Refusal


class TooMany(Refusal):
    """More requests from one address than a course full of people makes."""

    code = Code.RATE


class Limit:
    """A count per address within one minute; the counts of the minute before are forgotten as a whole."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._minute = 0
        self._counts: dict[str, int] = {}

    def take(self, address: str, per_minute: int) -> None:
        """Counts one request. Raises TooMany beyond `per_minute`, with the seconds to wait."""
        now = time.monotonic()
        with self._lock:
            if int(now // 60) != self._minute:
                self._minute, self._counts = int(now // 60), {}
            count = self._counts[address] = self._counts.get(address, 0) + 1
        if count > per_minute:
            raise TooMany("launch_rate", retry_after=60 - int(now % 60))
