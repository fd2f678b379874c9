"""What a test may do to the practice LMS from outside: break an endpoint on purpose, and see what it was asked."""

from __future__ import annotations

import socket
import struct
import threading
import time
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from flask import Request, Response


@dataclass
class Fault:
    """A way in which one endpoint misbehaves.

    ``delay`` is in seconds and alone only slows the endpoint down; ``status``, ``body``, ``headers`` replace its answer;
    ``reset`` breaks the connection without an answer. ``times`` is how many requests it meets, None meaning all.
    """

    status: int | None = None
    body: str | bytes | None = None
    content_type: str = "text/html; charset=utf-8"
    headers: Mapping[str, str] = field(default_factory=dict)
    delay: float = 0.0
    reset: bool = False
    times: int | None = None

    def answer(self, request: Request) -> Response | None:
        """The answer given instead of the real one, or None when the real one is to follow."""
        if self.reset:
            return Response(_break_connection(request.environ.get("werkzeug.socket")), direct_passthrough=True)
        if self.status is None and self.body is None:
            return None
        return Response(self.body or "", self.status or 200, dict(self.headers), content_type=self.content_type)


def _break_connection(connection: socket.socket | None) -> Iterator[bytes]:
    """Drop the connection where the first byte of the answer would have been sent."""
    if connection is not None:
        # A zero linger time makes closing send a reset instead of an orderly end.
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    raise ConnectionResetError("broken on purpose")
    yield b""


@dataclass
class Faults:
    """The faults in force, by endpoint; assign a :class:`Fault` to break one and None to mend it."""

    configuration: Fault | None = None
    registration: Fault | None = None
    jwks: Fault | None = None
    auth: Fault | None = None
    token: Fault | None = None
    members: Fault | None = None
    lineitems: Fault | None = None
    lineitem: Fault | None = None
    scores: Fault | None = None
    results: Fault | None = None
    deep_links: Fault | None = None
    notice_handlers: Fault | None = None

    def __post_init__(self) -> None:
        self._lock = threading.Lock()

    def take(self, endpoint: str) -> Fault | None:
        """The fault that this request to ``endpoint`` meets, counted off."""
        with self._lock:
            fault: Fault | None = getattr(self, endpoint, None) if not endpoint.startswith("_") else None
            if not isinstance(fault, Fault) or fault.times == 0:
                return None
            if fault.times is not None:
                fault.times -= 1
            return fault

    def clear(self) -> None:
        """Mend everything."""
        for name in self.__dataclass_fields__:
            setattr(self, name, None)


@dataclass(frozen=True)
class Received:
    """A request as the practice LMS got it."""

    method: str
    path: str
    query: dict[str, str]
    form: dict[str, str]
    headers: dict[str, str]
    body: bytes
    at: float


class Recorder:
    """The latest requests, oldest first. Safe to read while the server runs. Without ``enabled`` it remembers nothing."""

    def __init__(self, limit: int = 2000) -> None:
        self.enabled = True
        self._lock = threading.Lock()
        self._requests: deque[Received] = deque(maxlen=limit)

    def add(self, request: Request) -> None:
        """Remember a request."""
        if not self.enabled:
            return
        body = request.get_data(cache=True)
        received = Received(
            method=request.method,
            path=request.path,
            query=request.args.to_dict(),
            form=request.form.to_dict(),
            headers=dict(request.headers),
            body=body,
            at=time.time(),
        )
        with self._lock:
            self._requests.append(received)

    def all(self) -> list[Received]:
        """Every remembered request."""
        with self._lock:
            return list(self._requests)

    def to(self, path: str) -> list[Received]:
        """The remembered requests to one path."""
        return [received for received in self.all() if received.path == path]

    def clear(self) -> None:
        """Forget all."""
        with self._lock:
            self._requests.clear()
