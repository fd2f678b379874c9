"""The one client for calls to the outside."""

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from flask import Flask, Response, redirect, request

from service.demo.lms import in_thread
from service.outbound import Outbound, OutboundFailed, OutboundRefused
from service.settings import Settings
from tests.conftest import settings_for


@pytest.fixture
def plain(tmp_path: Path) -> Settings:
    return settings_for(tmp_path)


@pytest.fixture
def public(tmp_path: Path) -> Settings:
    return settings_for(
        tmp_path, demo=False, public_url="https://stegvis.example.org", private_hosts=frozenset({"hemma.example"})
    )


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    app = Flask(__name__)
    app.add_url_rule("/echo", "echo", view_func=lambda: dict(request.headers))
    app.add_url_rule("/form", "form", view_func=lambda: request.form.to_dict(), methods=["POST"])
    app.add_url_rule("/big", "big", view_func=lambda: Response("x" * 70_000))
    app.add_url_rule("/away", "away", view_func=lambda: redirect("/echo"))
    app.add_url_rule("/broken", "broken", view_func=lambda: Response("no", 503))
    with in_thread(app) as base:
        yield base


def test_a_call_says_who_we_are_and_asks_for_no_compression(plain: Settings, server: str) -> None:
    answer = Outbound(plain).get(f"{server}/echo", headers={"Accept": "application/json"})
    assert answer.status == 200
    assert b"Stegvis/0.1 (+http://127.0.0.1:5055)" in answer.body
    assert b'"Accept-Encoding":"identity"' in answer.body
    assert server.removeprefix("http://").encode() in answer.body
    assert answer.headers["content-type"] == "application/json"


def test_environment_proxies_are_not_believed(plain: Settings, server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    assert Outbound(plain).get(f"{server}/echo").status == 200


def test_forms_and_other_statuses(plain: Settings, server: str) -> None:
    assert b'"a":"b"' in Outbound(plain).send("POST", f"{server}/form", body={"a": "b"}).body
    assert Outbound(plain).get(f"{server}/broken").status == 503


@pytest.mark.parametrize(("path", "why"), [("/away", "redirect"), ("/big", "too_large")])
def test_answers_that_are_refused(plain: Settings, server: str, path: str, why: str) -> None:
    with pytest.raises(OutboundRefused, match=why):
        Outbound(plain).get(server + path)


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://lms.example/", "not_https"), ("https://169.254.169.254/latest", "private_address"), ("https://127.0.0.1/", "private_address"), ("https://[::1]/", "private_address"),
        ("https://10.1.2.3/", "private_address"), ("https://192.168.0.1:8443/", "private_address"), ("https://0.0.0.0/", "private_address"), ("https://[::ffff:127.0.0.1]/", "private_address"),
        ("https://2130706433/", "private_address"), ("https://0x7f.1/", "private_address"), ("https://[fe80::1]/", "private_address"), ("https://224.0.0.1/", "private_address"),
        ("https://100.64.0.1/", "private_address"), ("http://127.0.0.1/", "not_https"), ("file:///etc/passwd", "url"), ("ftp://x/", "url"), ("https://", "url"), ("https://a:b@lms.example/", "url"),
        ("https://lms.example:99999/", "url"), ("", "url"), ("gopher://x", "url"),
    ],
)  # fmt: skip
def test_addresses_that_are_not_called(public: Settings, monkeypatch: pytest.MonkeyPatch, url: str, why: str) -> None:
    real = socket.getaddrinfo
    monkeypatch.setattr(
        socket,
        "getaddrinfo",
        lambda host, *args, **kw: real("198.51.100.7" if host == "lms.example" else host, *args, **kw),
    )
    monkeypatch.setattr(socket, "create_connection", lambda *_args, **_kw: pytest.fail("a connection was made"))
    with pytest.raises(OutboundRefused, match=why):
        Outbound(public).get(url)


def test_a_name_that_changes_its_address_gains_nothing(public: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter(["93.184.215.14", "127.0.0.1"])
    connected: list[Any] = []

    def connect(address: tuple[str, int], **_kw: Any) -> socket.socket:
        connected.append(address)
        raise OSError

    real = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda _host, *args, **kw: real(next(answers), *args, **kw))
    monkeypatch.setattr(socket, "create_connection", connect)
    with pytest.raises(OutboundFailed, match="connection"):
        Outbound(public).get("https://lms.example/jwks")
    assert connected == [("93.184.215.14", 443)]


def test_a_name_with_one_private_address_is_not_called(public: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    both = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 443)) for address in ("93.184.215.14", "10.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_kw: both)
    with pytest.raises(OutboundRefused, match="private_address"):
        Outbound(public).get("https://lms.example/")


def test_a_private_host_that_the_operator_named_is_called(public: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    real = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda _host, *args, **kw: real("127.0.0.1", *args, **kw))
    with pytest.raises(OutboundFailed, match="connection"):
        Outbound(public).get("https://hemma.example:1/")


def test_a_name_that_does_not_exist(public: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody(*_args: Any, **_kw: Any) -> Any:
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", nobody)
    with pytest.raises(OutboundFailed, match="name"):
        Outbound(public).get("https://lms.example/")


@contextmanager
def dripping(before: bytes, drop: bytes) -> Iterator[str]:
    """A server that sends a beginning, then a drop every tenth of a second until nobody listens."""
    listener = socket.create_server(("127.0.0.1", 0))
    done = threading.Event()

    def serve() -> None:
        connection, _ = listener.accept()
        with connection:
            try:
                connection.sendall(before)
                while not done.wait(0.1):
                    connection.sendall(drop)
            except OSError:
                pass

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
    done.set()
    thread.join(5)
    listener.close()


@pytest.mark.parametrize(
    ("before", "drop"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", b"x"),
        (b"HTTP/1.1 200 OK\r\n", b"X-A: b\r\n"[:1]),
        (b"", b"H"),
    ],
)
def test_a_server_that_drips_is_left_when_the_time_is_up(plain: Settings, before: bytes, drop: bytes) -> None:
    with dripping(before, drop) as url:
        began = time.monotonic()
        with pytest.raises(OutboundFailed, match="timeout"):
            Outbound(plain, total_seconds=1.0).get(url)
        assert time.monotonic() - began < 5


def test_a_server_that_claims_to_be_endless(plain: Settings) -> None:
    with (
        dripping(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n", b"x" * 65_536) as url,
        pytest.raises(OutboundRefused, match="too_large"),
    ):
        Outbound(plain).get(url)


# a run of calls


class Spoken:
    """A server that says what it is told to, connection by connection, and remembers what it was asked."""

    def __init__(self, *connections: list[bytes], context: ssl.SSLContext | None = None) -> None:
        self.asked: list[list[bytes]] = []
        self._connections, self._context = connections, context
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.join(5)
        self._listener.close()

    def _serve(self) -> None:
        for answers in self._connections:
            self._listener.settimeout(3)
            try:
                connection, _ = self._listener.accept()
                connection.settimeout(3)
                if self._context is not None:
                    connection = self._context.wrap_socket(connection, server_side=True)
            except OSError:
                return
            with connection:
                self.asked.append([])
                for answer in answers:
                    self.asked[-1].append(connection.recv(65_536))
                    connection.sendall(answer)


def said(body: bytes = b"ja", *headers: bytes, status: bytes = b"200 OK") -> bytes:
    lines = [b"HTTP/1.1 " + status, b"Content-Length: " + str(len(body)).encode(), *headers, b"", body]
    return b"\r\n".join(lines)


def test_a_line_keeps_one_connection_for_each_place(plain: Settings) -> None:
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nja\r\n0\r\n\r\n"
    with (
        Spoken([said(b"1"), chunked, said(b"", status=b"204 No Content"), said(b"4")]) as one,
        Spoken([said(b"2")]) as two,
        Outbound(plain).line() as line,
    ):
        first, second = f"http://127.0.0.1:{one.port}/a?b#c", f"http://127.0.0.1:{two.port}"
        bodies = [line.send("GET", url).body for url in (first, first, second, first, first)]
    assert bodies == [b"1", b"ja", b"2", b"", b"4"]
    assert [len(asked) for asked in one.asked] == [4]
    assert one.asked[0][0].startswith(b"GET /a?b HTTP/1.1\r\nHost: 127.0.0.1:")
    assert two.asked[0][0].startswith(b"GET / HTTP/1.1\r\n")


@pytest.mark.parametrize("answer", [said(b"1", b"Connection: close"), said(b"1")])
def test_a_connection_that_was_closed_over_there_is_made_anew(plain: Settings, answer: bytes) -> None:
    with Spoken([answer], [said(b"2")]) as server, Outbound(plain).line() as line:
        url = f"http://127.0.0.1:{server.port}/"
        assert line.send("GET", url).body == b"1"
        until = time.monotonic() + 5
        while any(wire.is_quiet for wire in line._wires.values()) and time.monotonic() < until:
            time.sleep(0.01)
        assert line.send("GET", url).body == b"2"
    assert len(server.asked) == 2


def test_the_address_is_judged_again_for_each_new_connection(plain: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    real = socket.getaddrinfo
    found = iter(["127.0.0.1", "10.0.0.1"])
    monkeypatch.setattr(
        socket,
        "getaddrinfo",
        lambda host, *args, **kw: real(next(found) if host == "lms.example" else host, *args, **kw),
    )
    with Spoken([said(b"1", b"Connection: close")]) as server, Outbound(plain).line() as line:
        url = f"http://lms.example:{server.port}/"
        assert line.send("GET", url).body == b"1"
        with pytest.raises(OutboundRefused, match="not_https"):
            line.send("GET", url)


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nja", "connection"), (b"", "connection"), (b"SSH-2.0\r\n", "connection"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nja", "connection"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "connection"),
    ],
)  # fmt: skip
def test_half_an_answer_is_none(plain: Settings, answer: bytes, why: str) -> None:
    with Spoken([answer]) as server, pytest.raises(OutboundFailed, match=why):
        Outbound(plain).get(f"http://127.0.0.1:{server.port}/")


def test_an_answer_without_a_length_ends_with_its_connection(plain: Settings) -> None:
    with Spoken([b"HTTP/1.1 200 OK\r\nLink: <a>\r\nLink: <b>\r\n\r\nja"]) as server:
        answer = Outbound(plain).get(f"http://127.0.0.1:{server.port}/")
    assert (answer.body, answer.headers["link"]) == (b"ja", "<a>, <b>")


@pytest.mark.parametrize("value", ["a\r\nHost: b", "a\nb", "å", "a\0b"])
def test_a_header_cannot_begin_another_line(plain: Settings, value: str) -> None:
    with pytest.raises(OutboundRefused, match="header"):
        Outbound(plain).get("http://127.0.0.1:9/", headers={"Authorization": value})


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/a b", "http://127.0.0.1:9/\r\nX: y", "http://127.0.0.1\t/", f"http://{'x' * 64}.example/", "http://[::1/"])  # fmt: skip
def test_addresses_that_are_none(plain: Settings, url: str) -> None:
    with pytest.raises(OutboundRefused, match="url"):
        Outbound(plain).get(url)


def test_letters_beyond_ascii_are_written_as_the_web_writes_them(plain: Settings) -> None:
    with Spoken([said()]) as server:
        Outbound(plain).send("PUT", f"http://127.0.0.1:{server.port}/år?x=ö", body=b"")
    assert server.asked[0][0].startswith(b"PUT /%C3%A5r?x=%C3%B6 HTTP/1.1\r\n")
    assert b"Content-Length: 0\r\n" in server.asked[0][0]


def test_a_host_with_six_is_named_in_brackets(plain: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    real = socket.create_connection
    with Spoken([said()]) as server:
        monkeypatch.setattr(socket, "create_connection", lambda _at, **kw: real(("127.0.0.1", server.port), **kw))
        Outbound(plain).get("http://[::1]/")
    assert b"\r\nHost: [::1]\r\n" in server.asked[0][0]


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key and a certificate for lms.example, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "lms.example")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(1).not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("lms.example")]), critical=False)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    path = tmp_path_factory.mktemp("certificate") / "both.pem"
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(made.public_bytes(Encoding.PEM) + private)
    return path


@pytest.mark.parametrize(
    ("host", "trusted", "why"), [("lms.example", True, ""), ("other.example", True, "certificate"), ("lms.example", False, "certificate")]
)  # fmt: skip
def test_tls_checks_the_certificate_and_its_name(
    plain: Settings, certificate: Path, monkeypatch: pytest.MonkeyPatch, host: str, why: str, *, trusted: bool
) -> None:
    real = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda _host, *args, **kw: real("127.0.0.1", *args, **kw))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    outbound = Outbound(plain, authorities=str(certificate) if trusted else "")
    with Spoken([said(b"1"), said(b"2")], context=context) as server, outbound.line() as line:
        url = f"https://{host}:{server.port}/"
        if why:
            with pytest.raises(OutboundFailed, match=why):
                line.send("GET", url)
        else:
            assert [line.send("GET", url).body for _ in range(2)] == [b"1", b"2"]


def test_a_server_that_never_shakes_hands_is_left(plain: Settings) -> None:
    with dripping(b"", b"") as url, pytest.raises(OutboundFailed, match="timeout"):
        Outbound(plain, total_seconds=0.5).get(url.replace("http:", "https:"))


def test_no_time_left_is_no_call(plain: Settings) -> None:
    with Spoken([said()]) as server, pytest.raises(OutboundFailed, match="timeout"):
        Outbound(plain, total_seconds=0.0).get(f"http://127.0.0.1:{server.port}/")
