"""Tools that register themselves, measured against recordings of Moodle, and with the manners of Canvas."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from service.demo.claims import (
    AGS_ENDPOINT,
    LTI,
    NOTICE_SERVICE,
    NRPS_SERVICE,
    SCOPE_MEMBERS,
    SCOPE_NOTICES,
    SCOPE_SCORE,
)
from service.demo.config import LmsConfig
from service.demo.lms import Fault, running
from service.demo.practice import PracticeLms
from service.demo.tools import ToolPending
from tests.service.demo.conftest import TOOL

FIXTURES = Path(__file__).parents[2] / "fixtures" / "moodle"
RECORDED: dict[str, Any] = json.loads((FIXTURES / "registration.json").read_text())
SENT: dict[str, Any] = RECORDED["sent"]
CONFIGURATION = "https://purl.imsglobal.org/spec/lti-tool-configuration"
PLATFORM = "https://purl.imsglobal.org/spec/lti-platform-configuration"
OF_CANVAS: dict[str, Any] = {
    **SENT,
    "scope": f"{SCOPE_MEMBERS} {SCOPE_SCORE} {SCOPE_NOTICES}",
    CONFIGURATION: {
        **SENT[CONFIGURATION],
        "messages": [
            {"type": "LtiResourceLinkRequest", "placements": ["course_navigation"]},
            {"type": "LtiDeepLinkingRequest", "placements": ["https://canvas.instructure.com/lti/link_selection"]},
        ],
        "https://canvas.instructure.com/lti/privacy_level": "name_only",
    },
}


@pytest.fixture
def lms() -> Iterator[PracticeLms]:
    with running(LmsConfig("http://localhost:0", TOOL)) as lms:
        yield lms


@pytest.fixture
def canvas() -> Iterator[PracticeLms]:
    with running(LmsConfig("http://localhost:0", family="canvas")) as lms:
        yield lms


def post(lms: PracticeLms, body: dict[str, Any], token: str | None = None) -> requests.Response:
    headers = {"Authorization": f"Bearer {lms.registration_token() if token is None else token}"}
    return requests.post(f"{lms.base_url}/register", json=body, headers=headers if token != "" else {}, timeout=5)


def told(lms: PracticeLms, **headers: str) -> requests.Response:
    return requests.get(f"{lms.base_url}/.well-known/openid-configuration", headers=headers, timeout=5)


def test_moodles_configuration_has_what_the_recorded_one_has(lms: PracticeLms) -> None:
    recorded = json.loads((FIXTURES / "openid-configuration.json").read_text())
    ours = told(lms).json()
    assert set(ours) == set(recorded)
    assert set(ours[PLATFORM]) == set(recorded[PLATFORM])
    assert set(ours[PLATFORM]["variables"]) <= set(recorded[PLATFORM]["variables"])
    assert ours[PLATFORM]["messages_supported"] == recorded[PLATFORM]["messages_supported"]
    same = ("response_types_supported", "claims_supported", "token_endpoint_auth_methods_supported")
    assert {name: ours[name] for name in same} == {name: recorded[name] for name in same}


def test_registration_is_answered_as_moodle_did(lms: PracticeLms) -> None:
    answer = post(lms, SENT)
    recorded = RECORDED["answer"]
    assert answer.status_code == recorded["status"] == 200
    ours, theirs = answer.json(), copy.deepcopy(recorded["body"])
    assert len(ours["client_id"]) == len(theirs["client_id"])
    assert ours[CONFIGURATION]["deployment_id"] == "2"
    for body in (ours, theirs):
        del body["client_id"], body[CONFIGURATION]["deployment_id"]
        body["scope"] = set(body["scope"].split())
    assert ours == theirs


def test_registered_tool_waits_until_it_is_activated(lms: PracticeLms) -> None:
    client_id = post(lms, SENT).json()["client_id"]
    tool = lms.client(client_id)
    assert tool is not None
    assert lms.is_pending(tool)
    with pytest.raises(ToolPending):
        lms.login_parameters("karin-lindqvist", "enhetschefer", tool=tool)
    tool = lms.activate(client_id)
    login = lms.login_parameters("karin-lindqvist", "enhetschefer", tool=tool)
    assert (login["client_id"], login["lti_deployment_id"]) == (client_id, "2")
    claims = lms.claims("karin-lindqvist", "enhetschefer", tool=tool, nonce="n")
    custom = claims[f"{LTI}/custom"]
    assert (custom["Mixed_Case-Key"], custom["mixed_case_key"]) == ("Värde med = tecken",) * 2, (
        "launches carry it whole"
    )
    assert (custom["unknown"], custom["role"], custom["empty"]) == ("$Some.Unknown.Variable", "Learner", "")
    assert claims["name"] == "Karin Lindqvist"
    choose = lms.login_parameters("amira-haddad", "2", tool=tool, message_type="LtiDeepLinkingRequest")
    assert choose["target_link_uri"] == "http://127.0.0.1:5055/deeplink"


def changed(case: dict[str, Any]) -> dict[str, Any]:
    """The recorded registration with what was wrong in it."""
    body = copy.deepcopy(SENT)
    for name in case["without"]:
        where = body[CONFIGURATION] if name.startswith(f"{CONFIGURATION}/") else body
        del where[name.removeprefix(f"{CONFIGURATION}/")]
    body[CONFIGURATION] |= case["with_in_configuration"]
    return {**body, **case["with"]}


@pytest.mark.parametrize("name", [name for name, case in RECORDED["refusals"].items() if "with" in case])
def test_wrong_registration_is_refused_in_moodles_words(lms: PracticeLms, name: str) -> None:
    case = RECORDED["refusals"][name]
    answer = post(lms, changed(case))
    assert (answer.status_code, answer.text) == (case["status"], case["text"])
    assert answer.headers["Content-Type"].startswith("text/html")
    assert lms.tools == (TOOL,)


def test_token_is_needed_good_for_once_and_for_an_hour(lms: PracticeLms) -> None:
    token = lms.registration_token()
    assert post(lms, SENT, token).status_code == 200
    for given, case in ((token, "token_reuse"), ("", "no_token")):
        expected = RECORDED["refusals"][case]
        answer = post(lms, SENT, given)
        assert (answer.status_code, answer.text) == (expected["status"], expected["text"])
    assert post(lms, SENT, "abc").status_code == 404
    old = lms.registration_token()
    lms.clock_offset = 3601
    assert post(lms, SENT, old).status_code == 404
    assert len(lms.tools) == 2


def test_update_keeps_client_deployment_and_activity(lms: PracticeLms) -> None:
    first = post(lms, SENT).json()
    tool = lms.activate(first["client_id"])
    token = lms.registration_token(tool)
    shown = requests.get(f"{lms.base_url}/register", headers={"Authorization": f"Bearer {token}"}, timeout=5)
    assert shown.json() == first
    second = post(lms, {**SENT, "client_name": "Nytt namn", "scope": SCOPE_MEMBERS}, token)
    assert second.status_code == 200
    assert (second.json()["client_id"], second.json()["scope"]) == (first["client_id"], SCOPE_MEMBERS)
    assert second.json()[CONFIGURATION]["deployment_id"] == "2"
    assert len(lms.tools) == 2
    now = lms.activate(first["client_id"])
    assert (now.name, lms.is_pending(now)) == ("Nytt namn", False)
    claims = lms.claims("karin-lindqvist", "enhetschefer", tool=now, nonce="n")
    assert (AGS_ENDPOINT in claims, NRPS_SERVICE in claims) == (False, True)


def test_registration_address_has_configuration_and_token(lms: PracticeLms) -> None:
    url = lms.registration_url("http://127.0.0.1:9/lti/register/abc?x=1")
    asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
    assert asked["x"] == "1"
    assert asked["openid_configuration"] == f"{lms.base_url}/.well-known/openid-configuration"
    assert lms.token_claims(asked["registration_token"]) is not None


def test_canvas_shows_its_configuration_to_who_has_the_token(canvas: PracticeLms) -> None:
    assert told(canvas).status_code == 401
    assert told(canvas, Authorization="Bearer abc").status_code == 401
    ours = told(canvas, Authorization=f"Bearer {canvas.registration_token()}").json()
    assert SCOPE_NOTICES in ours["scopes_supported"]
    assert ours[PLATFORM]["https://canvas.instructure.com/lti/account_name"] == "Lärplattform"
    assert "LtiContextCopyNotice" in ours[PLATFORM]["notice_types_supported"]
    assert all(
        m["placements"][0].startswith("https://canvas.")
        for m in ours[PLATFORM]["messages_supported"]
        if "placements" in m
    )


def test_canvas_grants_less_than_was_asked_and_tells_no_deployment(canvas: PracticeLms) -> None:
    canvas.grants, canvas.granted_placements = (SCOPE_MEMBERS,), ("link_selection",)
    answer = post(canvas, OF_CANVAS)
    assert answer.status_code == 201
    body = answer.json()
    assert body["scope"] == SCOPE_MEMBERS
    assert "deployment_id" not in body[CONFIGURATION]
    assert [message["type"] for message in body[CONFIGURATION]["messages"]] == ["LtiDeepLinkingRequest"]
    tool = canvas.activate(body["client_id"])
    claims = canvas.claims("karin-lindqvist", "enhetschefer", tool=tool, nonce="n")
    assert ":" in claims[f"{LTI}/deployment_id"]
    assert not {AGS_ENDPOINT, NOTICE_SERVICE, "email"} & set(claims)
    assert claims["name"] == "Karin Lindqvist", "privacy level name_only"
    assert claims[f"{LTI}/custom"]["Mixed_Case-Key"] == "Värde med = tecken"


@pytest.mark.parametrize(
    "body",
    [
        {**OF_CANVAS, "scope": f"{SCOPE_MEMBERS} https://example.org/all"},
        {**OF_CANVAS, CONFIGURATION: {**OF_CANVAS[CONFIGURATION], "custom_parameters": {"a": 1}}},
        {
            **OF_CANVAS,
            CONFIGURATION: {name: value for name, value in OF_CANVAS[CONFIGURATION].items() if name != "claims"},
        },
        {
            **OF_CANVAS,
            CONFIGURATION: {
                **OF_CANVAS[CONFIGURATION],
                "messages": [{"type": "LtiDeepLinkingRequest", "placements": ["x"]}],
            },
        },
    ],
)
def test_canvas_refuses_what_it_does_not_know(canvas: PracticeLms, body: dict[str, Any]) -> None:
    answer = post(canvas, body)
    assert (answer.status_code, list(answer.json())) == (422, ["errors"])
    assert canvas.tools == ()


def test_configuration_and_registration_can_be_broken(lms: PracticeLms) -> None:
    for fault in (Fault(body="<!DOCTYPE html>"), Fault(status=401, body="nej", content_type="text/plain")):
        lms.faults.configuration = lms.faults.registration = fault
        status = fault.status or 200
        assert (told(lms).status_code, post(lms, SENT).status_code) == (status, status)
        assert told(lms).text == post(lms, SENT).text == fault.body
    lms.faults.registration = Fault(reset=True)
    with pytest.raises(requests.ConnectionError):
        post(lms, SENT)
    assert lms.tools == (TOOL,)
