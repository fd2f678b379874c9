"""The one client for calls to the outside."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
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
