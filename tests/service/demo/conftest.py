"""A practice LMS in a thread, and the page-reading that a browser would do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser

import pytest

from service.demo.config import LmsConfig, tool_at
from service.demo.lms import running
from service.demo.practice import PracticeLms

TOOL = tool_at("http://127.0.0.1:9", "ovning", "1")
OTHER_TOOL = tool_at("http://127.0.0.1:9", "annan", "7")
SECOND_DEPLOYMENT = tool_at("http://127.0.0.1:9", "ovning", "2")


@dataclass
class Form:
    """The first form of a page."""

    action: str
    method: str
    fields: dict[str, str]
    has_button: bool


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.form = Form("", "", {}, has_button=False)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.form.action, self.form.method = given["action"], given["method"]
        elif tag == "input":
            self.form.fields[given["name"]] = given["value"]
        elif tag == "button":
            self.form.has_button = True


def read_form(page: str) -> Form:
    """What a browser without script would send on pressing the button."""
    reader = _Reader()
    reader.feed(page)
    return reader.form


def lms_config() -> LmsConfig:
    """A platform with two clients, one of them with two deployments, on a free port."""
    return LmsConfig("http://localhost:0", TOOL, (OTHER_TOOL, SECOND_DEPLOYMENT))


@pytest.fixture(scope="module")
def shared() -> Iterator[PracticeLms]:
    with running(lms_config()) as lms:
        yield lms


@pytest.fixture
def lms(shared: PracticeLms) -> Iterator[PracticeLms]:
    """The module's LMS with its knobs as they were."""
    shared.recorder.clear()
    yield shared
    shared.faults.clear()
    shared.clock_offset = 0.0
