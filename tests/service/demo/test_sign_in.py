"""The authorization endpoint, driven as a browser and a tool would drive it."""

from __future__ import annotations

import json

import pytest
import requests
from joserfc import jwt
from joserfc.jwk import KeySet

from service.demo.claims import AGS_ENDPOINT, LTI, NRPS_SERVICE
from service.demo.people import INSTRUCTOR, LEARNER, UNENROLLED_ADMINISTRATOR
from service.demo.practice import PracticeLms
from tests.service.demo.conftest import OTHER_TOOL, SECOND_DEPLOYMENT, TOOL, Form, read_form


def request_for(login: dict[str, str], **changes: str | None) -> dict[str, str]:
    """A tool's authentication request in answer to a login initiation, with parameters changed or (None) left out."""
    asked: dict[str, str | None] = {
        "scope": "openid",
        "response_type": "id_token",
        "response_mode": "form_post",
        "prompt": "none",
        "client_id": login["client_id"],
        "redirect_uri": TOOL.launch_url,
        "login_hint": login["login_hint"],
        "lti_message_hint": login["lti_message_hint"],
        "nonce": "n1",
        "state": "s1",
        **changes,
    }
    return {name: value for name, value in asked.items() if value is not None}


def posted(lms: PracticeLms, asked: dict[str, str]) -> Form:
    answer = requests.get(f"{lms.base_url}/auth", params=asked, timeout=5)
    assert answer.status_code == 200
    return read_form(answer.text)


def verified(lms: PracticeLms, id_token: str) -> dict[str, object]:
    keys = KeySet.import_key_set(requests.get(f"{lms.base_url}/jwks", timeout=5).json())
    return jwt.decode(id_token, keys, algorithms=["RS256"]).claims


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_launch_from_the_course_page_to_a_verified_id_token(lms: PracticeLms, method: str) -> None:
    start = requests.get(f"{lms.base_url}/start/enhetschefer/ledarsteg?as=karin-lindqvist", timeout=5)
    login = read_form(start.text)
    assert (login.action, login.method, login.has_button) == (TOOL.login_url, "post", True)
    assert login.fields["iss"] == lms.base_url
    assert login.fields["target_link_uri"] == "http://127.0.0.1:9/to/ledarsteg"
    assert login.fields["lti_deployment_id"] == "1"
    assert set(json.loads(login.fields["lti_message_hint"])) == {"cmid", "launchid"}

    asked = request_for(login.fields)
    where = {"params": asked} if method == "GET" else {"data": asked}
    answer = requests.request(method, f"{lms.base_url}/auth", timeout=5, **where)  # type: ignore[arg-type]
    back = read_form(answer.text)
    assert (back.action, back.method, back.has_button) == (TOOL.launch_url, "post", True)
    assert set(back.fields) == {"id_token", "state"}
    assert back.fields["state"] == "s1"

    claims = verified(lms, back.fields["id_token"])
    assert claims["iss"] == lms.base_url
    assert claims["aud"] == "ovning"
    assert "azp" not in claims
    assert claims["nonce"] == "n1"
    assert claims["sub"] == "101"
    assert claims["name"] == "Karin Lindqvist"
    assert int(str(claims["exp"])) - int(str(claims["iat"])) == 60
    assert claims[f"{LTI}/roles"] == [LEARNER]
    assert claims[f"{LTI}/deployment_id"] == "1"
    assert claims[f"{LTI}/target_link_uri"] == login.fields["target_link_uri"]
    assert claims[f"{LTI}/context"] == {
        "id": "2",
        "label": "ECH26",
        "title": "Enhetschefer 2026",
        "type": ["CourseSection"],
    }


def test_claims_carry_the_oddities_of_moodle(lms: PracticeLms) -> None:
    claims = lms.claims("karin-lindqvist", "enhetschefer", nonce="n", document_target="window", locale="lv")
    custom = claims[f"{LTI}/custom"]
    assert (custom["unknown"], custom["nothing"], custom["context_history"]) == ("$Some.Unknown", None, "")
    presentation = claims[f"{LTI}/launch_presentation"]
    assert (presentation["locale"], presentation["document_target"]) == ("lv", "window")
    assert claims[NRPS_SERVICE]["context_memberships_url"] == f"{lms.base_url}/courses/2/members"
    assert "?type_id=1" in claims[AGS_ENDPOINT]["lineitems"]
    assert "?type_id=1" in claims[AGS_ENDPOINT]["lineitem"]
    without_item = lms.claims("karin-lindqvist", "enhetschefer", link="stegvis", nonce="n")
    assert "lineitem" not in without_item[AGS_ENDPOINT]


def test_people_differ_as_platforms_make_them(lms: PracticeLms) -> None:
    def of(person: str) -> dict[str, object]:
        return lms.claims(person, "enhetschefer", nonce="n")

    assert of("amira-haddad")[f"{LTI}/roles"] == [INSTRUCTOR]
    assert of("johan-ekstrom")[f"{LTI}/roles"] == list(UNENROLLED_ADMINISTRATOR)
    assert not {"name", "given_name", "family_name", "email"} & set(of("maja-forsgren"))
    assert len({person.id for person in lms.config.people}) == len(lms.config.people)


@pytest.mark.parametrize(
    "name", ["scope", "response_type", "client_id", "redirect_uri", "login_hint", "nonce", "state"]
)
def test_missing_parameter_gets_a_page_and_no_form(lms: PracticeLms, name: str) -> None:
    asked = request_for(lms.login_parameters("karin-lindqvist", "enhetschefer"), **{name: None})
    answer = requests.get(f"{lms.base_url}/auth", params=asked, timeout=5)
    assert answer.status_code == 400
    assert f"missing: {name}" in answer.text
    assert "<form" not in answer.text


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"redirect_uri": TOOL.launch_url + "?x=1"}, "redirect_uri"),
        ({"redirect_uri": TOOL.launch_url + "/"}, "redirect_uri"),
        ({"scope": "openid profile"}, "scope"),
        ({"lti_message_hint": '{"cmid":1,"launchid":"nope"}'}, "lti_message_hint"),
        ({"lti_message_hint": "[]"}, "lti_message_hint"),
        ({"lti_message_hint": '{"launchid":[]}'}, "lti_message_hint"),
        ({"lti_message_hint": None}, "lti_message_hint"),
    ],
)
def test_untrustworthy_request_gets_a_page_and_no_form(
    lms: PracticeLms, changes: dict[str, str | None], reason: str
) -> None:
    asked = request_for(lms.login_parameters("karin-lindqvist", "enhetschefer"), **changes)
    answer = requests.get(f"{lms.base_url}/auth", params=asked, timeout=5)
    assert (answer.status_code, reason in answer.text, "<form" in answer.text) == (400, True, False)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"response_type": "code"}, {"error": "unsupported_response_type"}),
        ({"client_id": "nope"}, {"error": "unauthorized_client"}),
        ({"client_id": OTHER_TOOL.client_id}, {"error": "unauthorized_client"}),
        ({"login_hint": "102"}, {"error": "access_denied"}),
        ({"response_mode": None}, {"error": "invalid_request", "error_description": "Invalid response_mode"}),
        ({"response_mode": "query"}, {"error": "invalid_request", "error_description": "Invalid response_mode"}),
        ({"prompt": "login"}, {"error": "invalid_request", "error_description": "Invalid prompt"}),
    ],
)
def test_error_is_posted_to_the_tool_without_id_token(
    lms: PracticeLms, changes: dict[str, str | None], error: dict[str, str]
) -> None:
    back = posted(lms, request_for(lms.login_parameters("karin-lindqvist", "enhetschefer"), **changes))
    assert back.action == TOOL.launch_url
    assert back.fields == {**error, "state": "s1"}


def test_message_hint_works_once(lms: PracticeLms) -> None:
    asked = request_for(lms.login_parameters("karin-lindqvist", "enhetschefer"))
    assert "id_token" in posted(lms, asked).fields
    assert requests.get(f"{lms.base_url}/auth", params=asked, timeout=5).status_code == 400


def test_two_clients_and_two_deployments_of_one_issuer_stay_apart(lms: PracticeLms) -> None:
    seen = []
    for tool in (TOOL, OTHER_TOOL, SECOND_DEPLOYMENT):
        login = lms.login_parameters("karin-lindqvist", "enhetschefer", tool=tool)
        claims = verified(lms, posted(lms, request_for(login)).fields["id_token"])
        seen.append((claims["aud"], claims[f"{LTI}/deployment_id"]))
    assert seen == [("ovning", "1"), ("annan", "7"), ("ovning", "2")]


def test_configuration_names_this_platform(lms: PracticeLms) -> None:
    told = requests.get(f"{lms.base_url}/.well-known/openid-configuration", timeout=5).json()
    assert told["issuer"] == lms.base_url
    assert {told["jwks_uri"], told["token_endpoint"]} == {f"{lms.base_url}/jwks", f"{lms.base_url}/token"}
