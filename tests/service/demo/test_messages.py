"""What the platform tells the tool for each kind of message, in both personalities."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from service.demo.claims import AGS_ENDPOINT, DEEP_LINKING_SETTINGS, LTI, NOTICE_SERVICE, NRPS_SERVICE
from service.demo.config import LmsConfig
from service.demo.lms import running
from service.demo.practice import REMOVE, PracticeLms
from service.demo.tokens import peek
from tests.service.demo.conftest import TOOL, read_form
from tests.service.demo.test_sign_in import request_for


@pytest.fixture(scope="module")
def canvas() -> Iterator[PracticeLms]:
    with running(LmsConfig("http://localhost:0", TOOL, family="canvas")) as lms:
        yield lms


def launched(lms: PracticeLms, login: dict[str, str]) -> dict[str, object]:
    """The claims that really arrive for a login initiation."""
    answer = requests.get(f"{lms.base_url}/auth", params=request_for(login), timeout=5)
    return peek(read_form(answer.text).fields["id_token"])[1]


def test_deep_linking_request_is_moodles(lms: PracticeLms) -> None:
    login = lms.login_parameters("amira-haddad", "enhetschefer", message_type="LtiDeepLinkingRequest")
    assert login["target_link_uri"] == TOOL.target_link_uri
    assert "cmid" not in login["lti_message_hint"]
    claims = launched(lms, login)
    assert claims[f"{LTI}/message_type"] == "LtiDeepLinkingRequest"
    assert claims[f"{LTI}/launch_presentation"] == {"locale": "sv"}
    assert f"{LTI}/resource_link" not in claims
    settings = claims[DEEP_LINKING_SETTINGS]
    assert isinstance(settings, dict)
    assert settings["accept_types"] == ["ltiResourceLink"]
    assert settings["accept_multiple"] is True
    assert settings["deep_link_return_url"].startswith(f"{lms.base_url}/courses/2/deep_links?id=1&sesskey=")
    assert not {"data", "accept_lineitem"} & set(settings)


def test_deep_linking_settings_can_be_changed(lms: PracticeLms) -> None:
    changes = {"accept_multiple": False, "accept_types": ["link"], "auto_create": REMOVE, "accept_lineitem": "true"}
    claims = lms.claims(
        "amira-haddad", "enhetschefer", nonce="n", message_type="LtiDeepLinkingRequest", deep_linking=changes, data="åter"
    )  # fmt: skip
    settings = claims[DEEP_LINKING_SETTINGS]
    assert (settings["accept_multiple"], settings["accept_types"], settings["data"]) == (False, ["link"], "åter")
    assert settings["accept_lineitem"] == "true"
    assert "auto_create" not in settings
    bare = lms.claims(
        "amira-haddad", "2", nonce="n", message_type="LtiDeepLinkingRequest", target_link_uri=REMOVE, deep_linking_settings={}
    )  # fmt: skip
    assert (bare[DEEP_LINKING_SETTINGS], f"{LTI}/target_link_uri" in bare) == ({}, False)


def test_submission_review_is_about_one_learner(lms: PracticeLms, canvas: PracticeLms) -> None:
    about: dict[str, Any] = {"message_type": "LtiSubmissionReviewRequest", "for_user": "karin-lindqvist"}
    claims = launched(lms, lms.login_parameters("amira-haddad", "enhetschefer", link="ledarsteg", **about))
    assert claims[f"{LTI}/message_type"] == "LtiSubmissionReviewRequest"
    assert claims[f"{LTI}/for_user"] == {"user_id": "101"}, "Moodle says nothing more"
    assert claims[f"{LTI}/resource_link"] == {
        "title": "Mina ledarsteg",
        "description": "Små steg i vardagen – ETT i taget.",
        "id": "21",
    }
    assert "lineitem" in claims[AGS_ENDPOINT]  # type: ignore[operator]
    elsewhere = canvas.claims("amira-haddad", "enhetschefer", nonce="n", **about)
    assert elsewhere[f"{LTI}/for_user"]["name"] == "Karin Lindqvist"
    forged = lms.claims("amira-haddad", "enhetschefer", nonce="n", **about | {"for_user": {"user_id": 7}})
    assert forged[f"{LTI}/for_user"] == {"user_id": 7}


def test_privacy_launch_has_no_course(lms: PracticeLms) -> None:
    claims = launched(
        lms, lms.login_parameters("johan-ekstrom", message_type="DataPrivacyLaunchRequest", for_user="101")
    )
    assert (claims[f"{LTI}/message_type"], claims[f"{LTI}/for_user"]) == (
        "DataPrivacyLaunchRequest",
        {"user_id": "101"},
    )
    assert not {f"{LTI}/context", f"{LTI}/resource_link", AGS_ENDPOINT, NRPS_SERVICE} & set(claims)
    of_all = lms.claims("johan-ekstrom", "enhetschefer", nonce="n", message_type="DataPrivacyLaunchRequest")
    assert not {f"{LTI}/context", f"{LTI}/for_user"} & set(of_all)


def test_canvas_says_some_things_its_own_way(canvas: PracticeLms) -> None:
    login = canvas.login_parameters("karin-lindqvist", "enhetschefer", locale="lv")
    assert login["lti_storage_target"] == "post_message_forwarding"
    claims = launched(canvas, login)
    assert (claims["azp"], claims["locale"]) == ("ovning", "lv")
    assert claims[f"{LTI}/context"]["type"] == ["http://purl.imsglobal.org/vocab/lis/v2/course#CourseOffering"]  # type: ignore[index]
    assert f"{LTI}/ext" not in claims
    assert "mixed_case" not in claims[f"{LTI}/custom"]  # type: ignore[operator]
    service = claims[NOTICE_SERVICE]
    assert isinstance(service, dict)
    assert "LtiContextCopyNotice" in service["notice_types_supported"]


def test_moodle_has_neither_storage_nor_notices(lms: PracticeLms) -> None:
    login = lms.login_parameters("karin-lindqvist", "enhetschefer")
    assert "lti_storage_target" not in login
    assert NOTICE_SERVICE not in launched(lms, login)
