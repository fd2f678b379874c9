"""Kills the process that does the jobs at a chosen moment: at its n-th statement, commit or rename of a job's work.

A file `execute-7` in the folder that FAULT_POINTS names is taken by one process, which ends at its seventh statement.
Nothing of this is in the service: Python loads the module at start because the campaign puts its folder on the path.
"""

import os
import signal
import sys
from contextlib import suppress
from pathlib import Path

FOLDER = os.environ.get("FAULT_POINTS", "")


class Point:
    """The moment this process is to end, once it has taken one."""

    def __init__(self) -> None:
        self.kind, self.left, self.working = "", 0, False

    def passed(self, kind: str) -> None:
        if not self.working:
            return
        if not self.kind:
            self._take(kind)
        if kind == self.kind:
            self.left -= 1
            if self.left <= 0:
                os.kill(os.getpid(), signal.SIGKILL)

    def _take(self, kind: str) -> None:
        for found in Path(FOLDER).glob(f"{kind}-*"):
            with suppress(OSError):
                found.unlink()
                self.kind, self.left = kind, int(found.name.rsplit("-", 1)[1])
                return


def install() -> None:
    from sqlalchemy import event
    from sqlalchemy.engine import Engine

    point = Point()

    @event.listens_for(Engine, "before_cursor_execute")
    def _statement(_connection, _cursor, statement, *_rest):
        # The work begins with the lease; before it there is nothing that could be lost.
        point.working = point.working or ("UPDATE job" in statement and "lease_token" in statement)
        point.passed("execute")

    @event.listens_for(Engine, "commit")
    def _commit(_connection):
        point.passed("commit")

    def _happened(what, _arguments):
        if what == "os.rename":
            point.passed("rename")

    sys.addaudithook(_happened)


if FOLDER and "service.jobs.child" in sys.orig_argv:
    install()
