"""From `stegvis run` to the first page, and what a web process weighs."""

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import requests

from bench.measure import Result
from tests.support import KEY, OTHER_KEY

REPEATS = 3


def first_page() -> Iterator[Result]:
    """`startup`: seconds to the first page. `startup.memory`: resident megabytes of the web worker after it."""
    seconds, megabytes = zip(*(_once() for _ in range(REPEATS)), strict=True)
    yield Result("startup", sorted(seconds)[REPEATS // 2], "s", goal="under 3 s")
    yield Result("startup.memory", max(megabytes), "MB", goal="under 150 MB")


def _free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


def _once() -> tuple[float, float]:
    port = _free_port()
    with tempfile.TemporaryDirectory() as folder:
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("STEGVIS_")},
            "STEGVIS_PUBLIC_URL": f"http://127.0.0.1:{port}", "STEGVIS_DEMO": "1", "STEGVIS_MASTER_KEY": KEY,
            "STEGVIS_SECRET_KEY": OTHER_KEY, "STEGVIS_DATA_DIR": folder,
        }  # fmt: skip
        begin = time.perf_counter()
        stegvis = str(Path(sys.executable).with_name("stegvis"))
        process = subprocess.Popen([stegvis, "run"], env=environment, stderr=subprocess.DEVNULL)
        try:
            _wait_for_page(port, process)
            seconds = time.perf_counter() - begin
            return seconds, _web_memory(process.pid)
        finally:
            process.terminate()
            process.wait(30)


def _wait_for_page(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and process.poll() is None:
        try:
            requests.get(f"http://127.0.0.1:{port}/", timeout=1)
        except requests.ConnectionError:
            time.sleep(0.02)
        else:
            return
    raise SystemExit("stegvis run did not answer")


def _web_memory(pid: int) -> float:
    """The heaviest of the processes that serve pages: gunicorn's worker, not the one that watches over it."""
    family = psutil.Process(pid).children(recursive=True)
    return max(process.memory_info().rss for process in family if "web" in process.cmdline()) / 1e6
