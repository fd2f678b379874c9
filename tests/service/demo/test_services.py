"""Token endpoint, roster and gradebook, asked over HTTP by a tool with a key of its own."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import Any

import pytest
import requests
from flask import Flask
from joserfc import jwt
from joserfc.jwk import RSAKey

from service.demo.ags import LINEITEM, LINEITEMS, RESULTS, SCORE
from service.demo.claims import SCOPE_LINEITEM, SCOPE_MEMBERS, SCOPE_RESULT, SCOPE_SCORE
from service.demo.config import LmsConfig, tool_at
from service.demo.lms import in_thread, running
from service.demo.nrps import MEDIA_TYPE
from service.demo.practice import PracticeLms
from service.demo.token_endpoint import ASSERTION_TYPE
from service.demo.tokens import SigningKey

KEY = SigningKey()
STRANGERS_KEY = SigningKey()


@pytest.fixture(scope="module")
def shared() -> Iterator[PracticeLms]:
    """A platform whose two tools publish their keys from a tiny server."""
    tool_app = Flask(__name__)
    tool_app.add_url_rule("/lti/jwks", "jwks", lambda: {"keys": [KEY.public_jwk]})
    with ExitStack() as stack:
        base = stack.enter_context(in_thread(tool_app))
        config = LmsConfig("http://localhost:0", tool_at(base), (tool_at(base, "annan", "7"),))
        yield stack.enter_context(running(config))


def assertion(lms: PracticeLms, key: SigningKey = KEY, kid: str | None = None, **changes: Any) -> str:
    now = int(time.time())
    claims = {
        "iss": "ovning",
        "sub": "ovning",
        "aud": f"{lms.base_url}/token",
        "iat": now - 5,
        "exp": now + 60,
        "jti": "j1",
        **changes,
    }
    return jwt.encode({"alg": "RS256", "kid": kid or key.kid}, claims, RSAKey.import_key(key.private))


def ask(lms: PracticeLms, signed: str, scope: str | None = SCOPE_MEMBERS, **changes: str) -> requests.Response:
    form = {
        "grant_type": "client_credentials",
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": signed,
        **({"scope": scope} if scope else {}),
        **changes,
    }
    return requests.post(f"{lms.base_url}/token", data=form, timeout=5)


def bearer(lms: PracticeLms, *scopes: str, client_id: str = "ovning", **headers: str) -> dict[str, str]:
    signed = assertion(lms, iss=client_id, sub=client_id)
    return {"Authorization": f"Bearer {ask(lms, signed, ' '.join(scopes)).json()['access_token']}", **headers}


def test_token_for_a_signed_assertion_is_narrowed_to_what_is_permitted(lms: PracticeLms) -> None:
    answer = ask(lms, assertion(lms), f"{SCOPE_SCORE} https://example.org/all")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/html")
    told = answer.json()
    assert (told["token_type"], told["expires_in"], told["scope"]) == ("Bearer", 3600, SCOPE_SCORE)


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"sub": "nobody", "iss": "nobody"}, "invalid_client"),
        ({"iss": "somebody"}, "invalid_client"),
        ({"aud": "http://localhost:1/token"}, "invalid_client"),
        ({"exp": 1}, "Expired token"),
        ({"exp": "soon"}, "Expired token"),
        ({"iat": int(time.time()) + 86_400}, "Cannot handle token with iat prior to now"),
        ({"jti": ""}, "invalid_client"),
    ],
)
def test_assertion_with_wrong_claims_gets_no_token(lms: PracticeLms, change: dict[str, Any], error: str) -> None:
    answer = ask(lms, assertion(lms, **change))
    assert (answer.status_code, answer.json()) == (400, {"error": error})


def test_assertion_by_another_key_gets_no_token(lms: PracticeLms) -> None:
    answer = ask(lms, assertion(lms, STRANGERS_KEY, kid=KEY.kid))
    assert (answer.status_code, answer.json()) == (400, {"error": "invalid_client"})
    unknown = ask(lms, assertion(lms, STRANGERS_KEY))
    assert unknown.status_code == 400
    with pytest.raises(requests.JSONDecodeError):
        unknown.json()


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"scope": ""}, "invalid_request"),
        ({"scope": "openid"}, "invalid_scope"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"client_assertion_type": "x"}, "invalid_request"),
        ({"client_assertion": "a.b"}, "invalid_request"),
    ],
)
def test_malformed_token_request_is_refused(lms: PracticeLms, change: dict[str, str], error: str) -> None:
    answer = ask(lms, assertion(lms), **change)
    assert (answer.status_code, answer.json()) == (400, {"error": error})


def test_tool_without_reachable_keys_gets_an_error_page(lms: PracticeLms) -> None:
    lms.register(tool_at("http://127.0.0.1:9", "nycklar-saknas"))
    answer = ask(lms, assertion(lms, iss="nycklar-saknas", sub="nycklar-saknas"))
    assert (answer.status_code, "json" in answer.headers["Content-Type"]) == (404, False)


def test_members_come_in_pages_only_when_asked(lms: PracticeLms) -> None:
    url, headers = f"{lms.base_url}/courses/2/members", bearer(lms, SCOPE_MEMBERS)
    everybody = requests.get(url, headers=headers, timeout=5)
    assert everybody.headers["Content-Type"].startswith(MEDIA_TYPE)
    assert "Link" not in everybody.headers
    paged, pages, following = [], 0, f"{url}?limit=6"
    while following:
        page = requests.get(following, headers=headers, timeout=5)
        paged += page.json()["members"]
        pages += 1
        following = page.links.get("next", {}).get("url", "")
    assert pages == 3
    assert paged == everybody.json()["members"]


def test_members_are_shown_as_moodle_shows_them(lms: PracticeLms) -> None:
    answer = requests.get(f"{lms.base_url}/courses/2/members", headers=bearer(lms, SCOPE_MEMBERS), timeout=5)
    members = {member["user_id"]: member for member in answer.json()["members"]}
    assert members["101"]["roles"] == ["Learner"]
    assert members["101"]["name"] == "Karin Lindqvist"
    assert members["201"]["roles"] == ["Instructor"]
    assert "name" not in members["109"]
    assert "301" not in members, "an administrator who is not enrolled"
    assert "901" not in members, "a test account"


def test_services_refuse_wrong_tokens_scopes_and_media_types(lms: PracticeLms) -> None:
    url = f"{lms.base_url}/courses/2/members"

    def status(headers: dict[str, str]) -> int:
        return requests.get(url, headers=headers, timeout=5).status_code

    good = bearer(lms, SCOPE_MEMBERS)
    assert status({}) == 401
    assert status({"Authorization": "Bearer abc"}) == 401
    assert status(bearer(lms, SCOPE_SCORE)) == 401
    assert status({**good, "Accept": "application/json"}) == 400
    assert status(good) == 200
    lms.clock_offset = 3601
    assert status(good) == 401
    lms.clock_offset = 0
    lms.revoke_tokens()
    assert status(good) == 401


def test_line_items_are_created_changed_and_removed(lms: PracticeLms) -> None:
    headers = bearer(lms, SCOPE_LINEITEM, **{"Content-Type": LINEITEM})
    url = f"{lms.base_url}/courses/3/lineitems?type_id=1"
    new = {"label": "Självskattning", "scoreMaximum": 10, "resourceId": "sjalv-1", "resourceLinkId": "32"}
    made = [requests.post(url, json=new, headers=headers, timeout=5) for _ in range(2)]
    assert [answer.status_code for answer in made] == [201, 201]
    first, second = (answer.json()["id"] for answer in made)
    assert first != second, "the same resource id twice gives two line items"
    listed = requests.get(f"{url}&resource_id=sjalv-1", headers={**headers, "Accept": LINEITEMS}, timeout=5).json()
    assert [item["id"] for item in listed] == [first, second]
    changed = requests.put(first, json={"label": "Ny", "scoreMaximum": 20}, headers=headers, timeout=5)
    assert (changed.json()["label"], changed.json()["scoreMaximum"]) == ("Ny", 20)
    assert requests.delete(first, headers=headers, timeout=5).status_code == 204
    assert requests.get(first, headers={**headers, "Accept": LINEITEM}, timeout=5).status_code == 404
    bad: list[tuple[dict[str, Any], int]] = [({"label": "X"}, 400), ({**new, "resourceLinkId": "99"}, 403)]
    for body, status in bad:
        assert requests.post(url, json=body, headers=headers, timeout=5).status_code == status
    as_json = {**headers, "Content-Type": "application/json"}
    assert requests.post(url, data=json.dumps(new), headers=as_json, timeout=5).status_code == 400
    stranger = bearer(lms, SCOPE_LINEITEM, client_id="annan", Accept=LINEITEM)
    assert requests.get(second, headers=stranger, timeout=5).status_code == 401


@pytest.fixture
def score(lms: PracticeLms) -> Callable[..., int]:
    """Posts a score to the first course's bound line item and gives the status."""
    item = lms.gradebook.items("2", "ovning")[0]
    headers = bearer(lms, SCOPE_SCORE, **{"Content-Type": SCORE})

    def post(user: str, at: float, **changes: Any) -> int:
        body = {
            "userId": user,
            "scoreGiven": 8,
            "scoreMaximum": 10,
            "timestamp": datetime.fromtimestamp(at, UTC).isoformat(),
            "activityProgress": "Completed",
            "gradingProgress": "FullyGraded",
            **changes,
        }
        sent = {name: value for name, value in body.items() if value is not None}
        url = f"{lms.base_url}/lineitems/{item.id}/scores?type_id=1"
        answer = requests.post(url, json=sent, headers=headers, timeout=5)
        assert answer.text == ("" if answer.status_code == 200 else "[]")
        return answer.status_code

    return post


def results_of(lms: PracticeLms, user: str) -> list[dict[str, Any]]:
    item = lms.gradebook.items("2", "ovning")[0]
    url = f"{lms.base_url}/lineitems/{item.id}/results?type_id=1&user_id={user}"
    answer = requests.get(url, headers=bearer(lms, SCOPE_RESULT, Accept=RESULTS), timeout=5)
    found: list[dict[str, Any]] = answer.json()
    return found


def test_score_must_be_later_than_the_stored_second(lms: PracticeLms, score: Callable[..., int]) -> None:
    assert score("101", lms.now()) == 200
    stored = lms.gradebook.results(lms.gradebook.items("2", "ovning")[0], "101")[0].stored
    assert score("101", stored + 0.999, scoreGiven=1) == 409
    assert score("101", stored - 3600, scoreGiven=1) == 409
    assert results_of(lms, "101")[0]["resultScore"] == 80
    assert score("101", stored + 1, scoreGiven=5) == 200
    assert results_of(lms, "101")[0]["resultScore"] == 50


def test_stored_second_is_the_platforms_own(lms: PracticeLms, score: Callable[..., int]) -> None:
    """As recorded: a score dated an hour ahead does not block the next one, one dated in the past does."""
    assert score("102", lms.now() + 3600) == 200
    lms.clock_offset = 2
    assert score("102", lms.now()) == 200
    assert score("103", lms.now() - 20) == 200
    assert score("103", lms.now() - 19) == 409


def test_score_is_for_learners_with_timestamp_and_scale(lms: PracticeLms, score: Callable[..., int]) -> None:
    now = lms.now()
    assert score("201", now) == 400
    assert score("301", now) == 400
    assert score("9999", now) == 400
    assert score("108", now) == 400, "enrolled in the other course only"
    assert score("104", now, timestamp=None) == 400
    assert score("104", now, timestamp="22/11/2026") == 400
    assert score("104", now, scoreMaximum=None) == 400
    assert results_of(lms, "104") == []


def test_score_is_clamped_and_an_unfinished_one_leaves_only_its_comment(
    lms: PracticeLms, score: Callable[..., int]
) -> None:
    now = lms.now()
    assert score("105", now, scoreGiven=15) == 200
    assert results_of(lms, "105")[0]["resultScore"] == 100
    assert score("106", now, scoreGiven=-1) == 200
    assert results_of(lms, "106")[0]["resultScore"] == 0
    assert score("107", now, gradingProgress="Pending", comment="Väntar") == 200
    pending = results_of(lms, "107")[0]
    assert (pending["comment"], "resultScore" in pending) == ("Väntar", False)


def test_each_client_has_its_own_bound_line_item(lms: PracticeLms) -> None:
    mine = lms.gradebook.only_lineitem_url(lms.base_url, lms.course("2"), lms.link("2"), lms.tools[0])
    other = lms.gradebook.only_lineitem_url(lms.base_url, lms.course("2"), lms.link("2"), lms.tools[1])
    assert mine is not None
    assert other is not None
    assert mine != other
