"""The one client for calls to the outside: https, time limits, size limits, no redirects, and no private addresses.

A name is resolved once for a connection, its addresses are judged, and the connection goes to the judged address: a name
that changes its address in between gains nothing. What answers is never believed about its own length. The whole call
has one deadline, which every wait for a byte is cut to, so that no thread has to watch.
"""

import ipaddress
import re
import socket
import ssl
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from http.client import HTTPException, HTTPResponse
from urllib.parse import urlencode, urlsplit

from requests.utils import DEFAULT_CA_BUNDLE_PATH, requote_uri

from service.settings import Settings
from service.wire import CONNECT_SECONDS, Wire

TOTAL_SECONDS = 10.0
KEY_SET_BYTES = 64 * 1024
PAGE_BYTES = 5 * 1024 * 1024
_CHUNK = 32 * 1024
_REDIRECTS = range(300, 400)
_PORTS = {"https": 443, "http": 80}
# Neither a space nor a control sign belongs in an address; `urlsplit` would quietly take some of them out.
_FOREIGN = re.compile(r"[\x00-\x20\x7f]")
_BREAKS = re.compile(r"[\r\n\x00]")
_WITH_BODY = frozenset({"POST", "PUT", "PATCH"})


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
    """Makes calls. `total_seconds` bounds one call from resolving the name to the last byte.

    `authorities` is a file of certificates to trust instead of the usual ones.
    """

    def __init__(self, settings: Settings, total_seconds: float = TOTAL_SECONDS, authorities: str = "") -> None:
        self._settings = settings
        self._authorities = authorities
        self.total_seconds = total_seconds
        self.agent = f"Stegvis/0.1 (+{settings.public_url})"

    def get(self, url: str, *, limit: int = KEY_SET_BYTES, headers: Mapping[str, str] | None = None) -> Answer:
        """GETs an address. Raises OutboundRefused or OutboundFailed."""
        return self.send("GET", url, limit=limit, headers=headers)

    def send(
        self, method: str, url: str, *, limit: int = PAGE_BYTES, headers: Mapping[str, str] | None = None,
        body: bytes | Mapping[str, str] | None = None,
    ) -> Answer:  # fmt: skip
        """Makes one call; an answer of any status is an answer. Raises OutboundRefused or OutboundFailed."""
        with self.line() as line:
            return line.send(method, url, limit=limit, headers=headers, body=body)

    @contextmanager
    def line(self) -> Iterator["Line"]:
        """For a run of calls by one thread: connections stay open between them until the block ends."""
        line = Line(self)
        try:
            yield line
        finally:
            line.close()

    @cached_property
    def trust(self) -> ssl.SSLContext:
        """Which certificates are believed; the name is always checked."""
        return ssl.create_default_context(cafile=self._authorities or DEFAULT_CA_BUNDLE_PATH)

    def judged(self, place: "Place") -> str:
        """Returns the one address that may be connected to. Raises OutboundRefused or OutboundFailed."""
        found = _resolve(place.host, place.port)
        on_loopback = self._settings.demo and all(address.is_loopback for address in found)
        if place.scheme == "http" and not on_loopback:
            raise OutboundRefused("not_https")
        if not on_loopback and place.host not in self._settings.private_hosts and not all(map(_is_public, found)):
            raise OutboundRefused("private_address")
        return str(found[0])


@dataclass(frozen=True)
class Place:
    """Where a call goes: what a connection is kept for."""

    scheme: str
    host: str
    port: int


class Line:
    """A run of calls. A connection that the other side has closed, or that said something unasked, is made anew."""

    def __init__(self, outbound: Outbound) -> None:
        self._outbound = outbound
        self._wires: dict[Place, Wire] = {}

    def send(
        self, method: str, url: str, *, limit: int = PAGE_BYTES, headers: Mapping[str, str] | None = None,
        body: bytes | Mapping[str, str] | None = None,
    ) -> Answer:  # fmt: skip
        """Makes one call, as `Outbound.send` does."""
        until = time.monotonic() + self._outbound.total_seconds
        place, netloc, target = _parsed(url)
        request = _request(f"{method} {target}", {"Host": netloc, "User-Agent": self._outbound.agent}, headers, body)
        wire = self._wires.pop(place, None)
        try:
            if wire is None or not wire.is_quiet:
                if wire is not None:
                    wire.close()
                wire = None
                wire = self._connected(place, until)
            wire.until = until
            wire.send(request)
            answer, may_stay = _answer(wire, method, limit)
        except BaseException as error:
            if wire is not None:
                wire.close()
            if isinstance(error, OSError | HTTPException | ValueError):
                raise OutboundFailed(_word(error)) from error
            raise
        if may_stay:
            self._wires[place] = wire
        else:
            wire.close()
        return answer

    def close(self) -> None:
        """Closes what is open."""
        while self._wires:
            self._wires.popitem()[1].close()

    def _connected(self, place: Place, until: float) -> Wire:
        """Connects to an address that was judged just now; TLS checks the name."""
        address = self._outbound.judged(place)
        sock = socket.create_connection((address, place.port), timeout=CONNECT_SECONDS)
        wire = Wire(sock, until)
        if place.scheme == "https":
            wire.secure(self._outbound.trust, place.host)
        return wire


def _word(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "timeout"
    return "certificate" if isinstance(error, ssl.SSLCertVerificationError) else "connection"


def _parsed(url: str) -> tuple[Place, str, str]:
    """Returns the place, the host as the request names it, and what is asked for there."""
    if _FOREIGN.search(url):
        raise OutboundRefused("url")
    try:
        parts = urlsplit(url if url.isascii() else requote_uri(url))
        host = (parts.hostname or "").encode("idna").decode()
        port = parts.port or _PORTS[parts.scheme]
    except (ValueError, KeyError) as error:
        raise OutboundRefused("url") from error
    if not host or parts.username is not None:
        raise OutboundRefused("url")
    named = f"[{host}]" if ":" in host else host
    netloc = named if port == _PORTS[parts.scheme] else f"{named}:{port}"
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Place(parts.scheme, host, port), netloc, target


def _request(
    asked: str, own: Mapping[str, str], headers: Mapping[str, str] | None, body: bytes | Mapping[str, str] | None
) -> bytes:
    """Returns the request's bytes. Raises OutboundRefused for a header that would begin another line."""
    fields = {**own, "Accept": "*/*", "Accept-Encoding": "identity", **(headers or {})}
    content = b""
    if isinstance(body, bytes):
        content = body
    elif body is not None:
        content = urlencode(body).encode()
        fields["Content-Type"] = "application/x-www-form-urlencoded"
    if content or asked.partition(" ")[0] in _WITH_BODY:
        fields["Content-Length"] = str(len(content))
    if any(_BREAKS.search(value) or not value.isascii() for value in fields.values()):
        raise OutboundRefused("header")
    lines = [f"{asked} HTTP/1.1", *(f"{name}: {value}" for name, value in fields.items()), "", ""]
    return "\r\n".join(lines).encode("ascii") + content


def _answer(wire: Wire, method: str, limit: int) -> tuple[Answer, bool]:
    """Reads one answer, and whether the connection may serve another call."""
    response = wire.response(method)
    try:
        response.begin()
        if response.status in _REDIRECTS:
            raise OutboundRefused("redirect")
        content = _content(response, limit)
        headers: dict[str, str] = {}
        for name, value in response.getheaders():
            known = headers.get(name.lower())
            headers[name.lower()] = value if known is None else f"{known}, {value}"
        return Answer(response.status, headers, content), not response.will_close
    finally:
        response.close()


def _content(response: HTTPResponse, limit: int) -> bytes:
    expected = response.length
    content = bytearray()
    while expected is None or len(content) < expected:
        chunk = response.read1(_CHUNK if expected is None else min(_CHUNK, expected - len(content)))
        content += chunk
        if len(content) > limit:
            raise OutboundRefused("too_large")
        if not chunk:
            break
    if expected is not None and len(content) < expected:
        raise ConnectionError
    return bytes(content)


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
