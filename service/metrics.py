"""Figures for Prometheus: counted in this process or, behind gunicorn, by all of its processes together.

No label holds anything of a person, a course or a host: routes are named by their kind, refusals and jobs by our own short
words. Without STEGVIS_METRICS_TOKEN nothing is counted and the library is not even loaded.
"""

import atexit
import os
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from typing import Any, Protocol

from flask import Flask, Response, g, request

# The folder in which gunicorn's processes keep their counts together; the library reads the name from here.
SHARED = "PROMETHEUS_MULTIPROC_DIR"
WORD = re.compile(r"[a-z0-9_.]{1,60}")
# Seconds. A page is meant to take less than a tenth; the statement timeout is fifteen.
BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0)


class Counts(Protocol):
    """What is counted by labels, one method deep."""

    def labels(self, *values: str) -> Any:
        """Returns what is counted for these values of the labels."""
        ...


class _Nothing:
    """Counts nothing, where nobody may read it."""

    def labels(self, *_values: str) -> "_Nothing":
        return self

    def inc(self) -> None:
        """Does nothing."""

    def observe(self, _value: float) -> None:
        """Does nothing."""


class Metrics:
    """The counts of one application, in a registry of their own so that two applications do not share them."""

    def __init__(self, *, counting: bool) -> None:
        self.counting = counting
        self.registry: Any = None
        self.refusals: Counts = _Nothing()
        self.launches: Counts = _Nothing()
        self.requests: Counts = _Nothing()
        self.seconds: Counts = _Nothing()
        if counting:
            self._make()

    def _make(self) -> None:
        from prometheus_client import (  # noqa: PLC0415 - a tenth of a second that only those pay who read the figures
            CollectorRegistry,
            Counter,
            Histogram,
            disable_created_metrics,
        )

        disable_created_metrics()  # type: ignore[no-untyped-call]  # the library's own
        own = self.registry = CollectorRegistry()
        self.refusals = Counter("stegvis_refusals", "Refused requests", ["code", "reason"], registry=own)
        self.launches = Counter("stegvis_launches", "Accepted launches", ["role"], registry=own)
        self.requests = Counter("stegvis_requests", "Answered requests", ["route", "status"], registry=own)
        self.seconds = Histogram(
            "stegvis_request_seconds", "From a request's arrival in the application to its answer", ["route"],
            buckets=BUCKETS, registry=own,
        )  # fmt: skip

    def refused(self, code: str, reason: str) -> None:
        """Counts a refusal. A reason that is not one of our short words is not told."""
        self.refusals.labels(code, reason if WORD.fullmatch(reason) else "other").inc()

    def text(self) -> bytes:
        """Returns the counts in Prometheus' text format, of all processes where they share a folder."""
        from prometheus_client import CollectorRegistry, generate_latest  # noqa: PLC0415 - as above

        if SHARED not in os.environ:
            return generate_latest(self.registry)
        from prometheus_client.multiprocess import MultiProcessCollector  # noqa: PLC0415 - as above

        together = CollectorRegistry()
        MultiProcessCollector(together)  # type: ignore[no-untyped-call]  # the library's own
        return generate_latest(together)


def share() -> None:
    """Makes the processes that this one will fork count together. Called before anything is counted.

    The folder goes when this process ends; what a killed one left in the temporary folder is a few kilobytes.
    """
    if SHARED in os.environ:
        return
    if "prometheus_client.values" in sys.modules:
        raise RuntimeError("figures are counted already: it is too late to share them")
    folder, mine = tempfile.mkdtemp(prefix="stegvis-metrics-"), os.getpid()
    os.environ[SHARED] = folder
    atexit.register(lambda: shutil.rmtree(folder, ignore_errors=True) if os.getpid() == mine else None)


def watch(app: Flask, metrics: Metrics) -> None:
    """Counts and times every request from now on; nothing where nothing is counted."""
    if not metrics.counting:
        return

    def begin() -> None:
        g.began = time.perf_counter()

    def end(response: Response) -> Response:
        route = route_of(request.endpoint)
        metrics.requests.labels(route, str(response.status_code)).inc()
        if "began" in g:
            metrics.seconds.labels(route).observe(time.perf_counter() - g.began)
        return response

    app.before_request(begin)
    app.after_request(end)


def route_of(endpoint: str | None) -> str:
    """Returns the kind of a route: `course.ledarsteg`, `guest.group_maturity`, `lti.launch`, `operator`, `unknown`."""
    if endpoint is None:
        return "unknown"
    if endpoint == "static" or endpoint.endswith(".static"):
        return "static"
    door, *rest = endpoint.split(".")
    if door == "lti":
        return endpoint
    name = {"l": "course", "g": "guest", "t": "token"}.get(door, door)
    return f"{name}.{rest[0]}" if len(rest) > 1 else name


def lines(name: str, what: str, values: Iterator[tuple[dict[str, str], float]]) -> bytes:
    """Returns one gauge in Prometheus' text format: figures that are read when they are asked for, not counted.

    Label values are our own short words (see `WORD`); any other is not told.
    """
    told = [f"# HELP {name} {what}", f"# TYPE {name} gauge"]
    for labels, value in values:
        pairs = ",".join(f'{key}="{word if WORD.fullmatch(word) else "other"}"' for key, word in labels.items())
        told.append(f"{name}{{{pairs}}} {value:g}" if pairs else f"{name} {value:g}")
    return ("\n".join(told) + "\n").encode()
