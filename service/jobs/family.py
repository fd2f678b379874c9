"""Child processes that end with their parent, however it ends, and are started again when they fall."""

import contextlib
import ctypes
import fcntl
import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import structlog

log = structlog.get_logger("stegvis.processes")
# sysexits.h: the start was refused; starting again would not help.
EX_CONFIG = 78
PR_SET_PDEATHSIG = 1
# A child that falls this often within the window is not started again.
MAX_FALLS, FALLS_WINDOW = 5, 30.0
WAITS = (0.1, 0.5, 1.0, 2.0, 5.0)


@contextlib.contextmanager
def holding(folder: Path, refusal: Exception) -> Iterator[None]:
    """Holds the data folder for this process: one program runs in it, or restores into it. Raises `refusal` when it is held."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "run.lock").open("w", encoding="ascii") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise refusal from None
        yield


def when_parent_dies(sign: int) -> None:
    """Asks the kernel to send the calling process a signal when its parent dies. Linux; nothing elsewhere."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(sign), 0, 0, 0)


def tie_to_parent(sign: int, *, waits: bool = False) -> None:
    """Ties this process to the one that spawned it with `Child`: it gets the signal when the parent is gone.

    The parent holds the other end of our standard input. That tells us, where the kernel does not, or when the parent
    was gone before the kernel was asked. `waits`: `wait_for_go` follows.
    """
    when_parent_dies(sign)
    poll = select.poll()
    poll.register(0, select.POLLHUP)
    if any(what & select.POLLHUP for _file, what in poll.poll(0)):
        os._exit(0)
    if not waits:
        _watch(sign)


def wait_for_go(sign: int) -> None:
    """Waits until the parent says go (`Child.go`); ends when it is gone instead."""
    if not os.read(0, 1):
        os._exit(0)
    _watch(sign)


def _watch(sign: int) -> None:
    if sys.platform != "linux":
        threading.Thread(target=_read_to_the_end, args=(sign,), name="parent", daemon=True).start()


def _read_to_the_end(sign: int) -> None:
    while os.read(0, 1):
        pass
    os.kill(os.getpid(), sign)


class Child:
    """One of our own programs as a child process.

    `forever` starts it again however often it falls; otherwise one that keeps falling is given up. A child that waits
    for it is told `go()` once, and one that is started again at once.
    """

    def __init__(
        self, name: str, arguments: Sequence[str], *, forever: bool = False, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.name, self._arguments, self._forever, self._clock = name, arguments, forever, clock
        self._falls: list[float] = []
        self._start_at = 0.0
        self._may_go = False
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    def start(self) -> None:
        """Starts it. Its module search path begins with what is installed, not with the working folder."""
        command = [sys.executable, "-P", "-m", *self._arguments]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE)  # noqa: S603 - our own program
        if self._may_go:
            self.go()

    def go(self) -> None:
        """Lets a child begin that waits for it."""
        self._may_go = True
        if self._process is not None and self._process.stdin is not None:
            with contextlib.suppress(BrokenPipeError):
                self._process.stdin.write(b"\n")
                self._process.stdin.flush()

    @property
    def pid(self) -> int | None:
        """The process id, None while it is down."""
        return self._process.pid if self._process is not None else None

    def check(self) -> int | None:
        """Starts it again when it has fallen and its time has come. Returns its status when it is given up."""
        if self._process is None:
            if self._clock() >= self._start_at:
                self.start()
            return None
        status = self._process.poll()
        if status is None:
            return None
        self._forget()
        now = self._clock()
        self._falls = [*(fell for fell in self._falls if fell > now - FALLS_WINDOW), now]
        log.warning("child_fell", child=self.name, status=status)
        if status == EX_CONFIG or (not self._forever and len(self._falls) >= MAX_FALLS):
            return status or 1
        self._start_at = now + WAITS[min(len(self._falls), len(WAITS)) - 1]
        return None

    def signal(self, sign: int) -> None:
        """Sends it a signal, if it is up."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                self._process.send_signal(sign)

    def wait(self, seconds: float) -> None:
        """Waits until it has ended; after `seconds` it is killed."""
        if self._process is None:
            return
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            log.warning("child_killed", child=self.name)
            self._process.kill()
            self._process.wait()
        self._forget()

    def _forget(self) -> None:
        if self._process is not None and self._process.stdin is not None:
            with contextlib.suppress(BrokenPipeError):
                self._process.stdin.close()
        self._process = None


def stop_asked() -> threading.Event:
    """Returns an event that SIGTERM and Ctrl-C set, from now on, instead of ending this process."""
    asked = threading.Event()
    for sign in (signal.SIGTERM, signal.SIGINT):
        signal.signal(sign, lambda _sign, _frame: asked.set())
    return asked
