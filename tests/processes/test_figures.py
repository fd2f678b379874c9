"""Figures of several gunicorn processes: whichever answers, all are counted; and they leave nothing behind."""

import re
import tempfile
from pathlib import Path

import pytest
import requests

from tests.processes.conftest import Farm, children, until
from tests.processes.test_run import address as address

pytestmark = pytest.mark.process
TOKEN = "figures-of-all-processes"


def counted(address: str) -> int:
    answer = requests.get(f"{address}/metrics", headers={"Authorization": f"Bearer {TOKEN}"}, timeout=10)
    found = re.search(r'^stegvis_requests_total\{route="unknown",status="404"\} (\S+)$', answer.text, re.MULTILINE)
    return round(float(found.group(1))) if found else 0


def test_every_process_is_counted_whichever_answers(farm: Farm, address: str) -> None:
    before = set(Path(tempfile.gettempdir()).glob("stegvis-metrics-*"))
    web = farm.start(
        "web", "--bind", address.removeprefix("http://"), "--processes", "2", "--threads", "2", public_url=address,
        metrics_token=TOKEN,
    )  # fmt: skip

    def answers() -> bool:
        try:
            return requests.get(f"{address}/healthz", timeout=2).status_code == 200
        except requests.RequestException:
            return False

    until(answers)
    until(lambda: len(children(web.pid)) == 2)
    # A connection for each, so that both processes have some.
    for _ in range(30):
        assert requests.get(f"{address}/nowhere", timeout=10).status_code == 404
    assert {counted(address) for _ in range(10)} == {30}
    made = set(Path(tempfile.gettempdir()).glob("stegvis-metrics-*")) - before
    assert made
    assert len([file for folder in made for file in folder.glob("counter_*.db")]) >= 2
    web.terminate()
    web.wait(30)
    assert not any(folder.exists() for folder in made)
