"""The practice LMS: a small real LTI 1.3 platform for trying the tool out and for its tests.

It stands in for the outside world, so it shares no code with the rest of the service, and it is open on purpose: whoever
reaches it may sign in as anybody. Therefore it answers only on, and to, this computer.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from ipaddress import ip_address
from typing import TYPE_CHECKING

from flask import Flask, Response, abort, request
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from service.demo import (
    administration,
    ags,
    configuration,
    deep_links,
    frames,
    notice_endpoint,
    nrps,
    oidc,
    pages,
    registration,
    teaching,
    token_endpoint,
)
from service.demo.config import LOOPBACK_HOSTS, LmsConfig, ToolConfig, tool_at
from service.demo.faults import Fault
from service.demo.practice import EXTENSION, REMOVE, PracticeLms, current_lms, lms_of
from service.demo.tools import ToolPending

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

__all__ = [
    "REMOVE",
    "Fault",
    "LmsConfig",
    "PracticeLms",
    "ToolConfig",
    "create_lms",
    "in_thread",
    "lms_of",
    "running",
    "serve",
    "tool_at",
]


_MODULES = (
    configuration, registration, oidc, token_endpoint, nrps, ags, deep_links, notice_endpoint, frames, pages, teaching,
    administration,
)  # fmt: skip


def create_lms(config: LmsConfig) -> Flask:
    """The practice LMS as a WSGI app; ``lms_of(app)`` is the handle for tests."""
    app = Flask("service.demo.lms")
    app.config["TRUSTED_HOSTS"] = list(LOOPBACK_HOSTS)
    app.extensions[EXTENSION] = PracticeLms(config)
    app.before_request(_only_this_computer)
    app.before_request(_record_and_misbehave)
    for module in _MODULES:
        app.register_blueprint(module.blueprint)
    app.register_error_handler(ToolPending, pages.not_activated)
    return app


def serve(config: LmsConfig, host: str = "127.0.0.1") -> None:
    """Run the practice LMS until interrupted. Raises ``ValueError`` for a host that others than this computer can reach."""
    app = create_lms(config)
    server = _server(app, host, config.port)
    try:
        server.serve_forever()
    finally:
        lms_of(app).closing.set()
        server.server_close()


@contextmanager
def running(config: LmsConfig, host: str = "127.0.0.1") -> Iterator[PracticeLms]:
    """A practice LMS in a thread, for tests. With port 0 in ``base_url`` it takes a free one: ask the handle which."""
    server = _server(Flask(__name__), host, _wanted_port(config))
    base_url = f"{config.base_url.rpartition(':')[0]}:{server.port}"
    server.app = app = create_lms(replace(config, base_url=base_url))
    try:
        with _in_background(server):
            yield lms_of(app)
    finally:
        lms_of(app).closing.set()


@contextmanager
def in_thread(app: Flask, host: str = "127.0.0.1", port: int = 0) -> Iterator[str]:
    """Any app in a thread on this computer; gives its address. For tools under test and their key sets."""
    server = _server(app, host, port)
    with _in_background(server):
        yield f"http://{host}:{server.port}"


@contextmanager
def _in_background(server: BaseWSGIServer) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Handler(WSGIRequestHandler):
    """Keeps what is asked out of the log, as a launch's form holds names; and really ends a broken connection."""

    def connection_dropped(self, error: BaseException, environ: WSGIEnvironment | None = None) -> None:  # noqa: ARG002 - Werkzeug's signature
        """Close the connection, which would otherwise wait for a next request."""
        self.close_connection = True

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""


def _server(app: Flask, host: str, port: int) -> BaseWSGIServer:
    if host not in LOOPBACK_HOSTS:
        raise ValueError(f"a practice LMS may only listen on this computer (127.0.0.1 or localhost), not on {host!r}")
    return make_server(host, port, app, threaded=True, request_handler=_Handler)


def _wanted_port(config: LmsConfig) -> int:
    return 0 if config.base_url.endswith(":0") else config.port


def _only_this_computer() -> None:
    """Refuse others even when something else than ``serve`` has put the app on a network."""
    if not ip_address(request.remote_addr or "192.0.2.1").is_loopback:
        abort(403)


def _record_and_misbehave() -> Response | None:
    lms = current_lms()
    lms.recorder.add(request)
    fault = lms.faults.take((request.endpoint or "").rpartition(".")[2])
    if fault is None:
        return None
    lms.closing.wait(fault.delay)
    return fault.answer(request)
