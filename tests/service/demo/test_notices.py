"""Notices in the Canvas personality: what a tool asks to be told, and the notice of a copied course."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
import requests
from joserfc import jwt
from joserfc.jwk import KeySet

from service.demo.claims import LTI, NOTICE_SERVICE, SCOPE_MEMBERS, SCOPE_NOTICES
from service.demo.config import LmsConfig
from service.demo.lms import running
from service.demo.practice import REMOVE, PracticeLms
from service.demo.tokens import peek
from tests.service.demo.tool import Tool, running_tool

COPY = "LtiContextCopyNotice"


@pytest.fixture
def tool() -> Iterator[Tool]:
    with running_tool() as tool:
        yield tool


@pytest.fixture
def lms(tool: Tool) -> Iterator[PracticeLms]:
    with ExitStack() as stack:
        yield stack.enter_context(running(LmsConfig("http://localhost:0", tool.config(), family="canvas")))


def put(lms: PracticeLms, tool: Tool, body: dict[str, Any], scope: str = SCOPE_NOTICES) -> requests.Response:
    claims = lms.claims("karin-lindqvist", "enhetschefer", nonce="n")
    url = claims[NOTICE_SERVICE]["platform_notification_service_url"]
    return requests.put(url, json=body, headers={"Authorization": f"Bearer {tool.token(lms, scope)}"}, timeout=5)


def subscribe(lms: PracticeLms, tool: Tool) -> requests.Response:
    return put(lms, tool, {"notice_type": COPY, "handler": f"{tool.base_url}/notices"})


def test_copy_of_a_course_is_told_to_who_asked(lms: PracticeLms, tool: Tool) -> None:
    copied = lms.copy_course("enhetschefer")
    assert lms.send_copy_notice(lms.tools[0], copied) is None
    assert subscribe(lms, tool).json() == {"notice_type": COPY, "handler": f"{tool.base_url}/notices"}
    tool.answer_with = 202
    answer = lms.send_copy_notice(lms.tools[0], copied)
    assert answer is not None
    assert answer.status_code == 202
    (received,) = tool.received
    (notice,) = received["json"]["notices"]
    keys = KeySet.import_key_set(requests.get(f"{lms.base_url}/jwks", timeout=5).json())
    claims = jwt.decode(notice["jwt"], keys, algorithms=["RS256"]).claims
    assert claims[f"{LTI}/notice"]["type"] == COPY
    assert (claims[f"{LTI}/context"]["id"], claims[f"{LTI}/origin_contexts"]) == (copied.id, ["2"])
    assert (claims["iss"], claims["aud"], claims[f"{LTI}/deployment_id"]) == (lms.base_url, "ovning", "1")
    assert f"{LTI}/message_type" not in claims


def test_notice_can_be_forged_and_repeated(lms: PracticeLms, tool: Tool) -> None:
    subscribe(lms, tool)
    copied = lms.copy_course("enhetschefer")
    again = lms.copy_notice(lms.tools[0], copied)[f"{LTI}/notice"]
    for _ in range(2):
        lms.send_copy_notice(
            lms.tools[0], copied, aud="annan", nonce=REMOVE, notice=again, header_overrides={"kid": "x"}
        )
    first, second = (peek(received["json"]["notices"][0]["jwt"]) for received in tool.received)
    assert first[0]["kid"] == "x"
    assert (first[1]["aud"], "nonce" in first[1]) == ("annan", False)
    assert first[1][f"{LTI}/notice"] == second[1][f"{LTI}/notice"] == again


def test_tool_that_is_gone_is_passed_over(lms: PracticeLms, tool: Tool) -> None:
    lms.handlers_of(lms.tools[0])[COPY] = "http://127.0.0.1:9/notices"
    lms.notify_copy(lms.copy_course("enhetschefer"))
    assert tool.received == []


def test_empty_address_removes_the_handler(lms: PracticeLms, tool: Tool) -> None:
    subscribe(lms, tool)
    assert put(lms, tool, {"notice_type": COPY, "handler": ""}).status_code == 200
    assert lms.handlers_of(lms.tools[0]) == {}


def test_handler_needs_scope_known_kind_and_own_domain(lms: PracticeLms, tool: Tool) -> None:
    handler = f"{tool.base_url}/notices"
    assert put(lms, tool, {"notice_type": COPY, "handler": handler}, SCOPE_MEMBERS).status_code == 401
    assert put(lms, tool, {"notice_type": "LtiNothing", "handler": handler}).status_code == 400
    assert put(lms, tool, {"notice_type": COPY, "handler": "https://elsewhere.example.org/"}).status_code == 400
    assert lms.handlers_of(lms.tools[0]) == {}
    headers = {"Authorization": f"Bearer {tool.token(lms, SCOPE_NOTICES)}"}
    listed = requests.get(f"{lms.base_url}/notice-handlers/1", headers=headers, timeout=5).json()
    assert {line["handler"] for line in listed["notice_handlers"]} == {""}
    assert requests.get(f"{lms.base_url}/notice-handlers/7", headers=headers, timeout=5).status_code == 404
