"""One connection of the outbound client: bytes there and back, every wait cut to what is left of the call's time."""

import io
import select
import socket
import ssl
import time
from http.client import HTTPResponse
from typing import Any, cast

CONNECT_SECONDS = 3.05
READ_SECONDS = 5.0
_BUFFER = 32 * 1024


class Wire:
    """An open connection. `until` is the moment, on the monotonic clock, by which its present call has to be over."""

    def __init__(self, sock: socket.socket, until: float) -> None:
        self.sock = sock
        self.until = until

    def secure(self, trust: ssl.SSLContext, host: str) -> None:
        """Turns to TLS and checks that the other side is `host`. Closes the connection when it is not."""
        try:
            self._hurry()
            self.sock = trust.wrap_socket(self.sock, server_hostname=host)
        except BaseException:
            self.close()
            raise

    def send(self, request: bytes) -> None:
        """Sends all of a request."""
        self._hurry()
        self.sock.sendall(request)

    def response(self, method: str) -> HTTPResponse:
        """Returns the answer to be read."""
        return HTTPResponse(cast("socket.socket", self), method=method)

    def makefile(self, _mode: str) -> io.BufferedReader:
        """What arrives, for `HTTPResponse`; closing it leaves the connection open."""
        return io.BufferedReader(_Arriving(self), _BUFFER)

    def receive_into(self, buffer: Any) -> int:
        """Waits for bytes, no longer than the call may take. Raises TimeoutError."""
        self._hurry()
        return self.sock.recv_into(buffer)

    @property
    def is_quiet(self) -> bool:
        """Whether nothing came since the last answer; a connection that was closed over there is not quiet."""
        waiting = select.poll()
        waiting.register(self.sock, select.POLLIN)
        return not waiting.poll(0)

    def close(self) -> None:
        """Closes it."""
        self.sock.close()

    def _hurry(self) -> None:
        left = self.until - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self.sock.settimeout(min(READ_SECONDS, left))


class _Arriving(io.RawIOBase):
    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def readable(self) -> bool:
        """It is for reading."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Reads what has arrived, or waits for it."""
        return self._wire.receive_into(buffer)
