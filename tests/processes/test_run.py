"""`stegvis run`: everything on one machine, from a request over HTTP to a file, and an end that leaves nothing behind."""

import re
import signal
import socket
import subprocess
from urllib.parse import urlsplit

import pytest
import requests

from service.browser import COOKIE
from tests.processes.conftest import EXPECTED, MANAGERS, Farm, alive, children, until
from tests.support import Browser

pytestmark = pytest.mark.process


class Site:
    """A browser's requests to the real server, inside one launch."""

    def __init__(self, farm: Farm, coach: Browser, address: str) -> None:
        self.address, self.path, self.token = address, f"{address}/l/{coach.launch_id}", coach.token
        self.headers = {
            "Cookie": f"{COOKIE}={coach.secret.hex()}",
            "Sec-Fetch-Site": "same-origin",
            "Accept": "text/html",
        }

    def is_up(self) -> bool:
        try:
            return requests.get(f"{self.address}/healthz", timeout=2).status_code == 200
        except requests.RequestException:
            return False

    def get(self, path: str):
        return requests.get(self.path + path, headers=self.headers, timeout=30)

    def post(self, path: str, **data: str):
        return requests.post(
            self.path + path,
            {"csrf_token": self.token, **data},
            headers=self.headers,
            timeout=30,
            allow_redirects=False,
        )


@pytest.fixture
def address() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}"


def family(pid: int) -> list[int]:
    found = children(pid)
    return found + [grandchild for child in found for grandchild in family(child)]


def test_an_export_from_request_to_file_with_true_progress(farm: Farm, coach, address):
    run = farm.start("run", public_url=address, export_batch=20, export_pause_seconds=0.25)
    site = Site(farm, coach, address)
    until(site.is_up)
    assert site.post("/exports", what="core.overview", format="csv").status_code == 303
    export = farm.export()
    seen = set()
    while (answer := site.get(f"/exports/{export.id}/progress")).headers.get("HX-Refresh") != "true":
        assert answer.status_code == 200
        seen |= {int(done) for done in re.findall(r"([0-9]+) of 240 rows", answer.text)}
    assert len([done for done in seen if 0 < done < MANAGERS]) >= 3
    assert seen <= set(range(0, MANAGERS + 1, 20))
    ticket = site.post(f"/exports/{export.id}/file")
    answer = site.get(urlsplit(ticket.headers["Location"]).path.removeprefix(urlsplit(site.path).path))
    assert (answer.status_code, answer.content) == (200, EXPECTED)
    everybody = family(run.pid)
    assert len(everybody) >= 5
    run.send_signal(signal.SIGTERM)
    assert run.wait(60) == 0
    assert not [pid for pid in everybody if alive(pid)]


def test_a_killed_parent_takes_all_along_and_the_next_one_finds_its_way(farm: Farm, coach, address):
    run = farm.start("run", public_url=address)
    site = Site(farm, coach, address)
    until(site.is_up)
    until(lambda: len(family(run.pid)) >= 5)
    second = farm.start("run", public_url=address)
    assert second.wait(60) == 78
    everybody = family(run.pid)
    run.kill()
    run.wait()
    until(lambda: not [pid for pid in everybody if alive(pid)])
    (farm.settings.data_dir / "queue.sock").unlink(missing_ok=True)
    stale = socket.socket(socket.AF_UNIX)
    stale.bind(str(farm.settings.data_dir / "queue.sock"))
    stale.close()
    farm.start("run", public_url=address)
    until(site.is_up)
    assert site.post("/exports", what="core.overview", format="csv").status_code == 303
    farm.done()


def test_a_start_without_settings_is_refused_with_their_names(farm: Farm):
    for command in ("run", "web", "worker"):
        process = subprocess.run(
            [*farm_command(), command],
            env={"PATH": "/usr/bin"},
            capture_output=True,
            text=True,
            timeout=90,
            check=False,
        )
        assert process.returncode == 78
        assert "STEGVIS_MASTER_KEY" in process.stderr
        assert "Traceback" not in process.stderr


def farm_command() -> list[str]:
    import sys

    return [sys.executable, "-P", "-m", "service.cli_run"]
