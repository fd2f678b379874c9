"""Gunicorn's access log, where an operator switches it on: requests of guests leave no trace of who, where or when.

`gunicorn --access-logfile - -c python:service.gunicorn_conf service.wsgi:app()`. For the guest and the token door a line
says that there was a request, how it ended and in which hour; address, query, referrer, browser, size, duration and the
secret word stay out. A proxy in front writes its own log: keep it from writing one for /g/ and /t/.
"""

import re
from datetime import timedelta
from typing import Any

from gunicorn.glogging import Logger  # type: ignore[import-untyped]

SECRET_PATHS = ("/g/", "/t/", "/operator/enter/")
# Every name under which a line may hold where a request came from.
REFERRERS = ("f", "{referer}i", "{http_referer}e")


class AccessLog(Logger):  # type: ignore[misc]  # gunicorn has no types
    """Gunicorn's own log, with less in it for those who have no account."""

    def atoms(self, resp: Any, req: Any, environ: Any, request_time: timedelta) -> dict[str, Any]:
        """Returns what a line may be made of."""
        found: dict[str, Any] = super().atoms(resp, req, environ, request_time)
        # Slashes too many lead to the same page, by a redirection that is logged as well.
        path = re.sub("/+", "/", str(environ.get("PATH_INFO", "")))
        if path.startswith(SECRET_PATHS):
            door = next(start for start in SECRET_PATHS if path.startswith(start)) + "..."
            request = f"{found['m']} {door} {found['H']}"
            hour = f"{str(found['t'])[:15]}:00:00]"
            kept = {"s": found["s"], "m": found["m"], "H": found["H"], "U": door, "r": request, "t": hour, "q": ""}
            return dict.fromkeys(found, "-") | kept
        return found | {name: "-" for name in REFERRERS if any(door in str(found.get(name)) for door in SECRET_PATHS)}
