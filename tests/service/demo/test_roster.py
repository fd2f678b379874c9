"""The roster in both personalities, in pages, and broken in every way that a tool has to survive."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
import requests

from service.demo.claims import SCOPE_MEMBERS
from service.demo.config import LmsConfig
from service.demo.lms import running
from service.demo.practice import PracticeLms
from tests.service.demo.tool import Tool, running_tool

CURSOR = re.compile(r"page=bookmark:W[0-9A-Za-z]+")


@pytest.fixture(scope="module")
def tool() -> Iterator[Tool]:
    with running_tool() as tool:
        yield tool


@pytest.fixture
def lms(tool: Tool) -> Iterator[PracticeLms]:
    with running(LmsConfig("http://localhost:0", tool.config())) as lms:
        yield lms


@pytest.fixture
def canvas(tool: Tool) -> Iterator[PracticeLms]:
    with ExitStack() as stack:
        yield stack.enter_context(running(LmsConfig("http://localhost:0", tool.config(), family="canvas")))


class Reader:
    """Reads a roster as an honest tool would, page after page."""

    def __init__(self, lms: PracticeLms, tool: Tool) -> None:
        self.lms = lms
        self.headers = {"Authorization": f"Bearer {tool.token(lms, SCOPE_MEMBERS)}"}
        self.links: list[str] = []

    def page(self, url: str) -> requests.Response:
        answer = requests.get(url, headers=self.headers, timeout=5)
        assert answer.status_code == 200
        self.links.append(answer.headers.get("Link", ""))
        return answer

    def all(self, query: str = "", most: int = 200, course: str = "2") -> list[dict[str, Any]]:
        url, members = f"{self.lms.base_url}/courses/{course}/members{query}", []
        for _ in range(most):
            answer = self.page(url)
            members += answer.json()["members"]
            if "next" not in answer.links:
                break
            url = answer.links["next"]["url"]
        return members


def ids(members: list[dict[str, Any]]) -> list[str]:
    return [member["user_id"] for member in members]


def test_platform_may_page_by_itself(lms: PracticeLms, tool: Tool) -> None:
    reader = Reader(lms, tool)
    whole = ids(reader.all())
    assert reader.links == [""]
    lms.roster_page_size = 4
    assert ids(reader.all("?limit=100")) == whole, "no page is larger than the platform's largest"
    assert len(reader.links) == 1 + -(-len(whole) // 4)


def test_cursor_must_keep_its_case(lms: PracticeLms, tool: Tool) -> None:
    reader = Reader(lms, tool)
    whole = ids(reader.all())
    lms.roster_page_size, lms.upper_case_cursors = 5, True
    assert ids(reader.all()) == whole
    link = requests.utils.parse_header_links(reader.links[1])[0]["url"]
    assert CURSOR.search(link)
    first, second = (ids(reader.page(url).json()["members"]) for url in (link.lower(), link))
    assert (first, second) == (whole[:5], whole[5:10]), "a changed cursor begins from the beginning"


def test_next_page_may_be_elsewhere_endless_forgotten_unreadable_or_overlap(lms: PracticeLms, tool: Tool) -> None:
    reader, knobs = Reader(lms, tool), lms.roster_knobs
    whole = ids(reader.all())
    knobs.page_size, knobs.next_host = 5, "http://127.0.0.1:9"
    answer = reader.page(f"{lms.base_url}/courses/2/members")
    assert answer.links["next"]["url"].startswith("http://127.0.0.1:9/courses/2/members?")
    knobs.clear()
    knobs.page_size, knobs.endless = 5, True
    assert len(reader.all(most=50)) > 3 * len(whole)
    knobs.clear()
    knobs.page_size, knobs.forget_next = 5, True
    assert ids(reader.all()) == whole[:5]
    knobs.clear()
    knobs.page_size, knobs.curly_quotes = 5, True
    assert ids(reader.all()) == whole[:5], "nothing that can be followed"
    assert "&amp;" in reader.links[-1]
    knobs.clear()
    knobs.page_size, knobs.twice = 5, True
    found = ids(reader.all())
    assert (len(found) > len(whole), set(found)) == (True, set(whole))
    knobs.clear()
    assert ids(reader.all()) == whole


def test_roster_follows_changes_at_once(lms: PracticeLms, tool: Tool) -> None:
    reader = Reader(lms, tool)
    before = ids(reader.all())
    lms.enrol("eva-sundin", "2")
    lms.suspend("karin-lindqvist", "2")
    lms.unenrol("peter-nystrom", "2")
    assert set(ids(reader.all())) == (set(before) | {"108"}) - {"101", "102"}
    lms.change_person("lena-bergvall", family="Ny")
    assert "Lena Ny" in {member.get("name") for member in reader.all()}


def test_canvas_lists_whole_roles_and_those_who_are_suspended(canvas: PracticeLms, tool: Tool) -> None:
    canvas.suspend("karin-lindqvist", "2")
    canvas.set_status("peter-nystrom", "2", "Deleted")
    members = {member["user_id"]: member for member in Reader(canvas, tool).all()}
    assert (members["101"]["status"], members["102"]["status"], members["103"]["status"]) == (
        "Inactive",
        "Deleted",
        "Active",
    )
    assert members["103"]["roles"] == ["http://purl.imsglobal.org/vocab/lis/v2/membership#Learner"]
    assert set(members["203"]["roles"]) == {
        "http://purl.imsglobal.org/vocab/lis/v2/membership#Instructor",
        "http://purl.imsglobal.org/vocab/lis/v2/membership/Instructor#TeachingAssistant",
    }
    only = Reader(canvas, tool).all("?role=http://purl.imsglobal.org/vocab/lis/v2/membership%23Instructor")
    assert {member["user_id"] for member in only} == {"201", "202", "203"}


def test_names_are_missing_for_one_or_for_all(lms: PracticeLms, tool: Tool) -> None:
    reader = Reader(lms, tool)
    assert [member["user_id"] for member in reader.all() if "name" not in member] == ["109"]
    lms.roster_knobs.hide_names = True
    assert not [member for member in reader.all() if {"name", "given_name", "family_name", "email"} & set(member)]


def test_registration_may_withhold_names_or_addresses(lms: PracticeLms, tool: Tool) -> None:
    reader = Reader(lms, tool)
    for shared, expected in (((), set()), (("name",), {"name", "given_name", "family_name"}), (("email",), {"email"})):
        lms.replace_tool("ovning", shared_claims=shared)
        shown = {name for member in reader.all() for name in member}
        assert shown & {"name", "given_name", "family_name", "email"} == expected
        assert (
            set(lms.claims("karin-lindqvist", "2", nonce="n")) & {"name", "given_name", "family_name", "email"}
            == expected
        )


def test_ten_thousand_members_come_quickly(lms: PracticeLms, tool: Tool) -> None:
    lms.crowd("rektorer", 10_000)
    lms.roster_page_size, lms.recorder.enabled = 100, False
    reader = Reader(lms, tool)
    reader.page(f"{lms.base_url}/courses/3/members")
    began = time.perf_counter()
    members = reader.all(course="3")
    seconds = time.perf_counter() - began
    assert len(set(ids(members))) == len(members) > 10_000
    assert 101 / seconds > 25, f"{101 / seconds:.0f} pages per second"
