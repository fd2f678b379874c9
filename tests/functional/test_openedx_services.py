"""What Open edX accepts of a tool, by its own code: tokens, line items, scores, the roster, and chosen content.

Everything here is signed with the service's own key and checked by Open edX against the key set that the service publishes.
"""

import time
import uuid
from typing import Any

import pytest
import requests
from joserfc.jwk import RSAKey

from tests.live import TIMEOUT
from tests.openedx.running import CLIENT, OpenEdx, claims_of

pytestmark = [pytest.mark.process, pytest.mark.timeout(900)]
AGS = "https://purl.imsglobal.org/spec/lti-ags"
NRPS = "https://purl.imsglobal.org/spec/lti-nrps"
DL = "https://purl.imsglobal.org/spec/lti-dl/claim"
LTI = "https://purl.imsglobal.org/spec/lti/claim"
LINE_ITEM, LINE_ITEM_READ, SCORE, RESULT = (
    f"{AGS}/scope/{name}" for name in ("lineitem", "lineitem.readonly", "score", "result.readonly")
)
ROSTER = f"{NRPS}/scope/contextmembership.readonly"
LINE_ITEMS = "application/vnd.ims.lis.v2.lineitemcontainer+json"
ONE_LINE_ITEM = "application/vnd.ims.lis.v2.lineitem+json"
SCORES = "application/vnd.ims.lis.v1.score+json"
MEMBERS = "application/vnd.ims.lti-nrps.v2.membershipcontainer+json"
LEARNER = "0b9c3c1e-8a68-4a3c-9b0f-6f4f3f1a7c01"


def ask_token(openedx: OpenEdx, *scopes: str, key: RSAKey | None = None, **changes: Any) -> requests.Response:
    """Asks for a token as RFC 7523 and the 1EdTech Security Framework 1.1 §4.1 say."""
    now = int(time.time())
    claims = {
        "iss": CLIENT,
        "sub": CLIENT,
        "aud": f"{openedx.issuer}/token",
        "iat": now,
        "exp": now + 60,
        "jti": uuid.uuid4().hex,
    }
    fields = {
        "grant_type": "client_credentials", "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": openedx.signed(claims | changes.pop("claims", {}), key), "scope": " ".join(scopes),
    }  # fmt: skip
    fields = {name: value for name, value in (fields | changes).items() if value is not None}
    return requests.post(f"{openedx.issuer}/token", fields, timeout=TIMEOUT)


def bearer(openedx: OpenEdx, *scopes: str, **more: str) -> dict[str, str]:
    """The headers of a request with a token for these scopes."""
    return {"Authorization": f"Bearer {ask_token(openedx, *scopes).json()['access_token']}", **more}


def endpoint(openedx: OpenEdx) -> dict[str, Any]:
    """What a launch says about line items and scores."""
    return claims_of(openedx.start("learner").answer)[f"{AGS}/claim/endpoint"]


def score(user: str = LEARNER, at: str = "2026-11-22T12:00:00Z", **changes: Any) -> dict[str, Any]:
    """Completion, and nothing else."""
    return {
        "userId": user, "timestamp": at, "scoreGiven": 1, "scoreMaximum": 1, "activityProgress": "Completed",
        "gradingProgress": "FullyGraded", **changes,
    }  # fmt: skip


def send(openedx: OpenEdx, line_item: str, what: dict[str, Any]) -> requests.Response:
    headers = bearer(openedx, SCORE, **{"Content-Type": SCORES})
    return requests.post(f"{line_item}/scores", json=what, headers=headers, timeout=TIMEOUT)


def test_openedx_gives_a_token_for_what_it_knows(openedx: OpenEdx) -> None:
    answer = ask_token(openedx, SCORE, ROSTER, "https://example.org/scope/unknown")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/json"
    said = answer.json()
    assert (said["token_type"], said["expires_in"]) == ("bearer", 3600)
    assert set(said["scope"].split()) == {SCORE, ROSTER}


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"grant_type": "authorization_code"}, "unsupported_grant_type"),
        ({"scope": None}, "invalid_request"),
        ({"client_assertion": None}, "invalid_request"),
        ({"client_assertion": "x.y.z"}, "invalid_grant"),
    ],
)
def test_openedx_refuses_a_token_request_that_is_not_right(
    openedx: OpenEdx, changes: dict[str, Any], error: str
) -> None:
    answer = ask_token(openedx, SCORE, **changes)
    assert (answer.status_code, answer.json()) == (400, {"error": error})


def test_openedx_refuses_an_assertion_that_has_expired(openedx: OpenEdx) -> None:
    answer = ask_token(openedx, SCORE, claims={"exp": int(time.time()) - 1})
    # It tries every key of the set, and tells why the last of them did not fit.
    assert (answer.status_code, answer.json()["error"] in ("invalid_client", "unidentified_error")) == (400, True)


def test_openedx_refuses_a_key_that_the_tool_does_not_publish(openedx: OpenEdx) -> None:
    openedx.key()
    answer = ask_token(openedx, SCORE, key=RSAKey.generate_key(2048, {"kid": "not-published"}))
    assert answer.status_code == 400
    assert answer.json()["error"] in ("invalid_client", "unidentified_error")


def test_a_score_reaches_the_gradebook_of_openedx(openedx: OpenEdx) -> None:
    said = endpoint(openedx)
    assert set(said["scope"]) == {LINE_ITEM_READ, RESULT, SCORE}
    answer = send(openedx, said["lineitem"], score())
    assert answer.status_code == 201, answer.text
    left = openedx.left()
    assert left["gradebook"] == {LEARNER: [1.0, 1.0, None]}
    assert [(row["given"], row["maximum"], row["activity"], row["comment"]) for row in left["scores"]] == [
        (1.0, 1.0, "Completed", None)
    ]


@pytest.mark.parametrize("at", ["2026-11-22T12:00:00Z", "2026-11-22T11:59:59Z"])
def test_openedx_refuses_a_score_that_is_not_newer_with_400(openedx: OpenEdx, at: str) -> None:
    line_item = endpoint(openedx)["lineitem"]
    assert send(openedx, line_item, score()).status_code == 201
    answer = send(openedx, line_item, score(at=at))
    assert answer.status_code == 400
    assert "timestamp" in answer.json()
    assert send(openedx, line_item, score(at="2026-11-22T12:00:00.001Z")).status_code == 201


@pytest.mark.parametrize("path", ["scores", "results", ""])
def test_openedx_opens_nothing_without_the_scope(openedx: OpenEdx, path: str) -> None:
    line_item = endpoint(openedx)["lineitem"]
    ask = requests.post if path == "scores" else requests.get
    url = f"{line_item}/{path}".rstrip("/")
    accept = {"Accept": "*/*", "Content-Type": SCORES}
    assert ask(url, json=score(), headers=bearer(openedx, ROSTER) | accept, timeout=TIMEOUT).status_code == 403
    assert ask(url, json=score(), headers=accept, timeout=TIMEOUT).status_code == 403
    # Not 401: a tool cannot tell a token that is no longer taken from one that was never enough.
    worn = {"Authorization": "Bearer x.y.z", **accept}
    assert ask(url, json=score(), headers=worn, timeout=TIMEOUT).status_code == 403
    assert openedx.left()["scores"] == []


def test_a_declared_line_item_is_there_already(openedx: OpenEdx) -> None:
    said = endpoint(openedx)
    headers = bearer(openedx, LINE_ITEM_READ, Accept=LINE_ITEMS)
    answer = requests.get(said["lineitems"], headers=headers, timeout=TIMEOUT)
    assert answer.headers["Content-Type"] == LINE_ITEMS
    [row] = answer.json()
    assert (row["id"], row["scoreMaximum"], row["label"]) == (said["lineitem"], 1, "Stegvis")
    refused = requests.post(
        said["lineitems"], json={"label": "x", "scoreMaximum": 1, "resourceId": "x"}, timeout=TIMEOUT,
        headers=bearer(openedx, LINE_ITEM_READ) | {"Content-Type": ONE_LINE_ITEM, "Accept": ONE_LINE_ITEM},
    )  # fmt: skip
    assert refused.status_code == 403


def test_a_line_item_of_the_tools_own_making(openedx: OpenEdx) -> None:
    openedx.anew(ags_mode="programmatic")
    said = endpoint(openedx)
    # Open edX offers the writing scope alone, and no line item before the tool has made one.
    assert set(said["scope"]) == {LINE_ITEM, RESULT, SCORE}
    assert "lineitem" not in said
    link = claims_of(openedx.start("learner").answer)[f"{LTI}/resource_link"]["id"]
    wanted = {
        "label": "Små steg",
        "scoreMaximum": 1,
        "resourceId": "item-1",
        "tag": "completion",
        "resourceLinkId": link,
    }
    headers = bearer(openedx, LINE_ITEM) | {"Content-Type": ONE_LINE_ITEM, "Accept": ONE_LINE_ITEM}
    made = requests.post(said["lineitems"], json=wanted, headers=headers, timeout=TIMEOUT)
    assert made.status_code == 201, made.text
    assert made.json() | wanted == made.json()
    assert endpoint(openedx)["lineitem"] == made.json()["id"]
    assert send(openedx, made.json()["id"], score()).status_code == 201
    assert openedx.left()["gradebook"] == {LEARNER: [1.0, 1.0, None]}
    found = requests.get(
        said["lineitems"], {"tag": "completion"}, headers=bearer(openedx, LINE_ITEM, Accept=LINE_ITEMS), timeout=TIMEOUT
    )
    assert [row["resourceId"] for row in found.json()] == ["item-1"]


def roster(openedx: OpenEdx, **query: int) -> requests.Response:
    service = claims_of(openedx.start("instructor").answer)[f"{NRPS}/claim/namesroleservice"]
    headers = bearer(openedx, ROSTER, Accept=MEMBERS)
    return requests.get(service["context_memberships_url"], query, headers=headers, timeout=TIMEOUT)


def test_the_roster_of_openedx(openedx: OpenEdx) -> None:
    answer = roster(openedx)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"] == MEMBERS
    members = {row["user_id"][-1]: row for row in answer.json()["members"]}
    assert {last: row.get("name") for last, row in members.items()} == {"1": "Astrid Lind", "2": "Björn Ek", "3": None}
    assert {row["status"] for row in members.values()} == {"Active"}
    assert members["1"]["roles"] == ["http://purl.imsglobal.org/vocab/lis/v2/membership#Learner"]
    assert members["1"]["user_id"] == claims_of(openedx.start("learner").answer)["sub"]


def test_the_roster_of_openedx_comes_in_pages_when_a_limit_is_asked_for(openedx: OpenEdx) -> None:
    first = roster(openedx, limit=2)
    assert len(first.json()["members"]) == 2
    following = first.links["next"]["url"]
    last = requests.get(following, headers=bearer(openedx, ROSTER, Accept=MEMBERS), timeout=TIMEOUT)
    assert len(last.json()["members"]) == 1
    assert "next" not in last.links


def test_the_roster_of_a_course_that_shares_no_names(openedx: OpenEdx) -> None:
    openedx.anew(names=False)
    assert [row.get("name") for row in roster(openedx).json()["members"]] == [None, None, None]


def test_openedx_refuses_the_roster_without_its_scope(openedx: OpenEdx) -> None:
    url = f"{openedx.issuer}/api/lti_consumer/v1/lti/1/memberships"
    assert requests.get(url, headers=bearer(openedx, SCORE), timeout=TIMEOUT).status_code == 403


def chosen(openedx: OpenEdx, *items: dict[str, Any], **changes: Any) -> str:
    """A deep linking response as LTI Deep Linking 2.0 §2.3 says."""
    now = int(time.time())
    return openedx.signed({
        "iss": CLIENT, "aud": openedx.issuer, "iat": now, "exp": now + 60, "nonce": uuid.uuid4().hex,
        f"{LTI}/deployment_id": "1", f"{LTI}/message_type": "LtiDeepLinkingResponse", f"{LTI}/version": "1.3.0",
        f"{DL}/content_items": list(items), **changes,
    })  # fmt: skip


def item(openedx: OpenEdx, **changes: Any) -> dict[str, Any]:
    return {
        "type": "ltiResourceLink", "title": "Mina små steg", "url": f"{openedx.base_url}/to/ledarsteg",
        "custom": {"item": "opaque"}, **changes,
    }  # fmt: skip


def test_an_author_of_openedx_is_sent_to_choose(openedx: OpenEdx) -> None:
    said = claims_of(openedx.start("instructor", "choose").answer)
    assert said[f"{LTI}/message_type"] == "LtiDeepLinkingRequest"
    assert f"{LTI}/resource_link" not in said
    asked = said[f"{DL}/deep_linking_settings"]
    assert asked["deep_link_return_url"].startswith(f"{openedx.issuer}/api/")
    assert "ltiResourceLink" in asked["accept_types"]
    assert (asked["accept_multiple"], "data" in asked) == (True, False)


def test_a_learner_of_openedx_is_not_sent_to_choose(openedx: OpenEdx) -> None:
    visitor = openedx.start("learner", "choose")
    assert visitor.answer.status_code == 403
    assert not visitor.carries_a_token()


def place_items(openedx: OpenEdx, who: str, token: str) -> int:
    visitor = openedx.start(who, "choose")
    return visitor.post(f"{openedx.issuer}/api/lti_consumer/v1/lti/1/lti-dl/response", {"JWT": token}).status_code


def test_openedx_keeps_what_was_chosen(openedx: OpenEdx) -> None:
    line_item = {"label": "Små steg", "scoreMaximum": 1.0, "resourceId": "item-1", "tag": "completion"}
    assert place_items(openedx, "instructor", chosen(openedx, item(openedx, lineItem=line_item))) == 200
    assert openedx.left()["content"] == [item(openedx, lineItem=line_item)]
    assert place_items(openedx, "instructor", chosen(openedx)) == 200
    assert openedx.left()["content"] == []


def test_openedx_keeps_nothing_of_what_is_not_an_authors_choice(openedx: OpenEdx) -> None:
    good = chosen(openedx, item(openedx))
    assert place_items(openedx, "learner", good) == 403
    assert place_items(openedx, "instructor", chosen(openedx, item(openedx), **{f"{LTI}/message_type": "x"})) == 403
    assert place_items(openedx, "instructor", chosen(openedx, {"type": "file", "url": openedx.base_url})) == 400
    assert place_items(openedx, "instructor", "x.y.z") == 403
    assert openedx.left()["content"] == []
