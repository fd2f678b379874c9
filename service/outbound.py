"""The one client for calls to the outside: https, time limits, size limits, no redirects, and no private addresses.

A name is resolved once, its addresses are judged, and the connection goes to the judged address: a name that changes
its address in between gains nothing. What answers is never believed about its own length.
"""

import contextlib
import ipaddress
import socket
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError

from service.settings import Settings

TIMEOUTS = (3.05, 5.0)
TOTAL_SECONDS = 10.0
KEY_SET_BYTES = 64 * 1024
PAGE_BYTES = 5 * 1024 * 1024
_CHUNK = 16 * 1024
_REDIRECTS = range(300, 400)


class OutboundRefused(Exception):
    """A call that is not made; the message is a short word that says which rule forbids it."""


class OutboundFailed(Exception):
    """A call that was made and did not succeed; the message is a short word, never what was answered."""


@dataclass(frozen=True)
class Answer:
    """What came back. `headers` has lower-case names; `body` is within the limit asked for."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Outbound:
    """Makes calls. `total_seconds` bounds one call from resolving the name to the last byte."""

    def __init__(self, settings: Settings, total_seconds: float = TOTAL_SECONDS) -> None:
        self._settings = settings
        self._total = total_seconds
        self._agent = f"Stegvis/0.1 (+{settings.public_url})"

    def get(self, url: str, *, limit: int = KEY_SET_BYTES, headers: Mapping[str, str] | None = None) -> Answer:
        """GETs an address. Raises OutboundRefused or OutboundFailed."""
        return self.send("GET", url, limit=limit, headers=headers)

    def send(
        self, method: str, url: str, *, limit: int = PAGE_BYTES, headers: Mapping[str, str] | None = None,
        body: bytes | Mapping[str, str] | None = None,
    ) -> Answer:  # fmt: skip
        """Makes one call; an answer of any status is an answer. Raises OutboundRefused or OutboundFailed."""
        address = self._judged(url)
        call = _Call(address, time.monotonic() + self._total)
        sent = {"User-Agent": self._agent, "Accept-Encoding": "identity", **(headers or {})}
        watch = threading.Timer(self._total, call.cut)
        watch.daemon = True
        watch.start()
        try:
            with _session(call) as session, session.request(
                method, url, headers=sent, data=body, timeout=TIMEOUTS, allow_redirects=False, stream=True
            ) as response:  # fmt: skip
                if response.status_code in _REDIRECTS:
                    raise OutboundRefused("redirect")
                content = _read(response, limit, call)
                return Answer(response.status_code, {k.lower(): v for k, v in response.headers.items()}, content)
        except (requests.RequestException, HTTPError, OSError, ValueError) as error:
            raise OutboundFailed("timeout" if call.is_over else "connection") from error
        finally:
            watch.cancel()

    def _judged(self, url: str) -> str:
        """Returns the one address that may be connected to."""
        try:
            parts = urlsplit(url)
            host, port = parts.hostname or "", parts.port
        except ValueError as error:
            raise OutboundRefused("url") from error
        if not host or parts.username is not None or parts.scheme not in ("https", "http"):
            raise OutboundRefused("url")
        found = _resolve(host, port or (443 if parts.scheme == "https" else 80))
        on_loopback = self._settings.demo and all(address.is_loopback for address in found)
        if parts.scheme == "http" and not on_loopback:
            raise OutboundRefused("not_https")
        if not on_loopback and host not in self._settings.private_hosts and not all(map(_is_public, found)):
            raise OutboundRefused("private_address")
        return str(found[0])


_Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def _resolve(host: str, port: int) -> list[_Address]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise OutboundFailed("name") from error
    # IPv4 first: a name such as localhost often has both, and servers at home listen on the older one.
    addresses = sorted({str(entry[4][0]) for entry in found}, key=lambda text: (":" in text, text))
    return [_plain(ipaddress.ip_address(text.partition("%")[0])) for text in addresses]


def _plain(address: _Address) -> _Address:
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address


def _is_public(address: _Address) -> bool:
    return address.is_global and not address.is_multicast


class _Call:
    """One call under way: where it goes, until when, and the connection to cut when the time is over."""

    def __init__(self, address: str, until: float) -> None:
        self.address = address
        self.until = until
        self.connection: HTTPConnection | None = None

    @property
    def is_over(self) -> bool:
        return time.monotonic() >= self.until

    def cut(self) -> None:
        """Ends the connection under a reader that waits."""
        sock = getattr(self.connection, "sock", None)
        if sock is not None:
            with contextlib.suppress(OSError):  # it ended by itself
                sock.shutdown(socket.SHUT_RDWR)

    def connect(self, connection: HTTPConnection) -> socket.socket:
        self.connection = connection
        port = connection.port or 443
        return socket.create_connection((self.address, port), timeout=TIMEOUTS[0])


def _session(call: _Call) -> requests.Session:
    """Returns a session whose connections go to the judged address, while TLS still checks the name."""

    class Plain(HTTPConnection):
        def _new_conn(self) -> socket.socket:
            return call.connect(self)

    class Secure(HTTPSConnection):
        def _new_conn(self) -> socket.socket:
            return call.connect(self)

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class SecurePool(HTTPSConnectionPool):
        ConnectionCls = Secure

    class Adapter(HTTPAdapter):
        def init_poolmanager(self, *args: Any, **kw: Any) -> None:
            super().init_poolmanager(*args, **kw)
            self.poolmanager.pool_classes_by_scheme = {"http": PlainPool, "https": SecurePool}

    session = requests.Session()
    session.trust_env = False
    for scheme in ("https://", "http://"):
        session.mount(scheme, Adapter(max_retries=0))
    return session


def _read(response: requests.Response, limit: int, call: _Call) -> bytes:
    content = bytearray()
    # read1 gives what has arrived, so that a server that sends a byte a second meets the deadline.
    while chunk := response.raw.read1(_CHUNK, decode_content=False):
        content += chunk
        if len(content) > limit:
            raise OutboundRefused("too_large")
        if call.is_over:
            raise OutboundFailed("timeout")
    if call.is_over:
        raise OutboundFailed("timeout")
    return bytes(content)
