"""What the platform takes back from a tool where content was chosen, and what it does not believe."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import requests

from service.demo.claims import DEEP_LINKING_SETTINGS
from service.demo.config import LmsConfig
from service.demo.lms import running
from service.demo.practice import REMOVE, PracticeLms
from service.demo.tokens import SigningKey
from tests.service.demo.tool import DL, LTI, Tool, running_tool

RECORDED = Path(__file__).parents[2] / "fixtures" / "moodle" / "deep-linking-responses.json"
ITEM: dict[str, Any] = {"type": "ltiResourceLink", "title": "Övning", "url": "http://127.0.0.1:9/to/ledarsteg"}


@pytest.fixture(scope="module")
def tool() -> Iterator[Tool]:
    with running_tool() as tool:
        yield tool


@pytest.fixture
def lms(tool: Tool) -> Iterator[PracticeLms]:
    with ExitStack() as stack:
        yield stack.enter_context(running(LmsConfig("http://localhost:0", tool.config())))


def asked(lms: PracticeLms, **about: Any) -> str:
    """The return address that a deep linking launch names."""
    claims = lms.claims("amira-haddad", "enhetschefer", nonce="n", message_type="LtiDeepLinkingRequest", **about)
    return str(claims[DEEP_LINKING_SETTINGS]["deep_link_return_url"])


def returned(url: str, token: str) -> requests.Response:
    return requests.post(url, data={"JWT": token}, timeout=5)


def recorded() -> list[dict[str, Any]]:
    cases: dict[str, Any] = json.loads(RECORDED.read_text())
    return [{"name": name, **case} for name, case in cases.items()]


@pytest.mark.parametrize("case", recorded(), ids=lambda case: case["name"])
def test_recorded_responses_place_what_moodle_placed(lms: PracticeLms, tool: Tool, case: dict[str, Any]) -> None:
    fresh = tool.response(lms, [])
    claims = case["claims"] | {name: fresh[name] for name in ("iss", "aud", "iat", "exp", "nonce")}
    before = lms.course("enhetschefer").links
    page = returned(asked(lms), tool.sign(claims))
    assert page.status_code == 200
    placed = lms.course("enhetschefer").links[len(before) :]
    assert [(link.title, link.url, dict(link.custom)) for link in placed] == [
        (item["title"], item["url"], item.get("custom", {})) for item in case["placed"]
    ]
    columns = [item for item in lms.gradebook.items("2") if item.link_id in {link.id for link in placed}]
    assert [(item.label, item.maximum, item.resource_id, item.tag) for item in columns] == [
        tuple(item["column"]) for item in case["placed"] if "column" in item
    ]
    (response,) = lms.deep_link_responses
    assert (response.header["kid"], response.claims, response.links) == (tool.key.kid, claims, placed)
    assert f"added={len(placed)}" in page.text


def test_placed_activity_keeps_how_it_wants_to_be_shown_and_belongs_to_its_tool(lms: PracticeLms, tool: Tool) -> None:
    shown = {"icon": {"url": "http://127.0.0.1:9/i.png"}, "window": {"targetName": "_blank"}, "iframe": {"height": 700}}
    returned(asked(lms), tool.sign(tool.response(lms, [ITEM | shown, {"type": "html", "html": "<p>"}])))
    (response,) = lms.deep_link_responses
    (link,) = response.links
    assert (link.shown, link.client_id, len(response.items)) == (shown, "ovning", 2)
    assert lms.login_parameters("karin-lindqvist", "enhetschefer", link=link)["target_link_uri"] == ITEM["url"]


def test_audience_may_be_a_string_and_data_must_come_back(lms: PracticeLms, tool: Tool) -> None:
    url = asked(lms, data="csrf=1&a=åäö")
    good = tool.response(lms, [ITEM], aud=lms.base_url, **{f"{DL}/data": "csrf=1&a=åäö"})
    assert returned(url, tool.sign(good)).status_code == 200
    assert returned(url, tool.sign(good | {f"{DL}/data": "csrf=1&a=x"})).status_code == 404
    assert returned(url, tool.sign(tool.response(lms, [ITEM]))).status_code == 404
    not_sent = tool.response(lms, [ITEM], **{f"{DL}/data": None})
    assert returned(asked(lms), tool.sign(not_sent)).status_code == 404
    assert lms.deep_link_refusals == ["data is not what was sent", "data is not what was sent", "data was not sent"]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"iss": "annan"}, "Consumer key is incorrect."),
        ({"aud": "https://other.example.org"}, "aud is not this platform"),
        ({"exp": 1}, "Expired token"),
        ({"exp": REMOVE}, "Expired token"),
        ({"iat": time.time() + 3600}, "Cannot handle token with iat prior to now"),
        ({"nonce": REMOVE}, "no nonce"),
        ({f"{LTI}/deployment_id": "7"}, "wrong deployment_id"),
        ({f"{LTI}/version": "1.3"}, "wrong version"),
        ({f"{LTI}/message_type": "LtiDeepLinkingRequest"}, "wrong message_type"),
        ({f"{DL}/content_items": [ITEM | {"custom": {"a": 1}}]}, "custom must hold strings"),
        ({f"{DL}/content_items": [ITEM | {"lineItem": {"scoreMaximum": "10"}}]}, "scoreMaximum must be a number"),
        ({f"{DL}/content_items": {"type": "ltiResourceLink"}}, "content_items must be a list of items"),
    ],
)
def test_response_that_is_wrong_gets_a_404_page(
    lms: PracticeLms, tool: Tool, changes: dict[str, Any], reason: str
) -> None:
    page = returned(asked(lms), tool.sign(tool.response(lms, [ITEM], **changes)))
    assert (page.status_code, page.headers["Content-Type"]) == (404, "text/html; charset=utf-8")
    assert lms.deep_link_refusals == [reason]
    assert lms.deep_link_responses == []
    assert lms.course("enhetschefer").links == lms.config.courses[0].links


def test_signature_and_key_are_checked(lms: PracticeLms, tool: Tool) -> None:
    claims = tool.response(lms, [ITEM])
    assert returned(asked(lms), tool.sign(claims, key=SigningKey())).status_code == 404
    assert returned(asked(lms), tool.sign(claims, {"kid": REMOVE})).status_code == 404
    assert returned(asked(lms), "x").status_code == 404
    assert lms.deep_link_refusals[:2] == ["Signature verification failed", "kid must be provided in JWT header."]


def test_iat_two_seconds_ahead_is_refused_as_moodle_does(lms: PracticeLms, tool: Tool) -> None:
    lms.clock_offset = -8
    assert returned(asked(lms), tool.sign(tool.response(lms, [ITEM], iat=int(time.time()) - 5))).status_code == 404


def test_no_more_is_taken_than_was_asked_for(lms: PracticeLms, tool: Tool) -> None:
    two = tool.sign(tool.response(lms, [ITEM, ITEM]))
    assert returned(asked(lms, deep_linking={"accept_multiple": False}), two).status_code == 404
    assert returned(asked(lms, deep_linking={"accept_types": ["link"]}), two).status_code == 404
    assert returned(asked(lms), two).status_code == 200
    assert len(lms.deep_link_responses[0].links) == 2


def test_return_address_belongs_to_its_course(lms: PracticeLms, tool: Tool) -> None:
    url, token = asked(lms), tool.sign(tool.response(lms, [ITEM]))
    assert returned(url.replace("/courses/2/", "/courses/3/"), token).status_code == 404
    assert returned(url.partition("&sesskey")[0], token).status_code == 404
    assert requests.get(url, timeout=5).status_code == 405
