"""Scores as Canvas takes them, refusals on purpose, and many of them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime

import pytest
import requests

from service.demo.ags import SCORE
from service.demo.claims import SCOPE_SCORE
from service.demo.config import LmsConfig
from service.demo.lms import Fault, running
from service.demo.practice import PracticeLms
from tests.service.demo.tool import Tool, running_tool


@pytest.fixture(scope="module")
def tool() -> Iterator[Tool]:
    with running_tool() as tool:
        yield tool


@pytest.fixture(params=["moodle", "canvas"])
def lms(tool: Tool, request: pytest.FixtureRequest) -> Iterator[PracticeLms]:
    with ExitStack() as stack:
        yield stack.enter_context(running(LmsConfig("http://localhost:0", tool.config(), family=request.param)))


class Sender:
    """Posts scores to the first column of the first course."""

    def __init__(self, lms: PracticeLms, tool: Tool) -> None:
        self.item = lms.gradebook.items("2")[0]
        self.url = f"{lms.base_url}/lineitems/{self.item.id}/scores?type_id=1"
        self.headers = {"Authorization": f"Bearer {tool.token(lms, SCOPE_SCORE)}", "Content-Type": SCORE}

    def post(self, user_id: str) -> requests.Response:
        body = {
            "userId": user_id, "scoreGiven": 1, "scoreMaximum": 1, "activityProgress": "Completed",
            "gradingProgress": "FullyGraded", "timestamp": datetime.now(UTC).isoformat(),
        }  # fmt: skip
        return requests.post(self.url, json=body, headers=self.headers, timeout=5)


def test_test_account_has_no_row_in_the_gradebook(lms: PracticeLms, tool: Tool) -> None:
    sender = Sender(lms, tool)
    assert sender.post("901").status_code == (422 if lms.is_canvas else 400)
    lms.enrol("testanvandare", "2")
    assert sender.post("901").status_code == (422 if lms.is_canvas else 200), "Canvas never takes its scores"
    assert sender.post("101").status_code == 200
    lms.suspend("101", "2")
    assert sender.post("101").status_code == (422 if lms.is_canvas else 400)


def test_scores_can_be_refused_on_purpose(lms: PracticeLms, tool: Tool) -> None:
    sender = Sender(lms, tool)
    lms.faults.scores = Fault(status=429, headers={"Retry-After": "2"}, times=1)
    answer = sender.post("101")
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "2")
    lms.faults.scores = Fault(status=503, body="<!DOCTYPE html><title>Underhåll</title>", times=1)
    assert sender.post("101").headers["Content-Type"].startswith("text/html")
    lms.faults.scores = Fault(status=409, body="[]", content_type=SCORE, times=1)
    assert sender.post("101").status_code == 409
    assert lms.gradebook.results(sender.item) == []
    assert sender.post("101").status_code == 200


def test_many_scores_are_taken_quickly(lms: PracticeLms, tool: Tool) -> None:
    crowd = lms.crowd("2", 2000)
    lms.recorder.enabled = False
    sender = Sender(lms, tool)
    before = len(lms.recorder.all())
    began = time.perf_counter()
    for person in crowd[:200]:
        assert sender.post(person.id).status_code == 200
    assert 200 / (time.perf_counter() - began) > 40
    assert len(lms.gradebook.results(sender.item)) == 200
    assert len(lms.recorder.all()) == before
