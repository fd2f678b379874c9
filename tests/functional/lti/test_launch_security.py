"""Launch cases beyond certification (G01 to G38): time, nonce, state, keys, parties, claims and addresses."""

import threading
from datetime import timedelta
from typing import Any

import pytest

from service.cohorts.models import Launch, Person
from service.demo.practice import REMOVE
from service.demo.tokens import SigningKey
from service.lti.models import Deployment, DeploymentState, Platform, PlatformKeys, PlatformState, UsedNonce
from tests.functional.lti.support import Lti, accepted, refused
from tests.support import BASE, OffsetClock, parts

pytestmark = pytest.mark.once


def now(lti: Lti) -> int:
    return int(lti.lms.now())


def test_g01_expired_beyond_the_leeway(lti: Lti) -> None:
    refused(lti, lambda: lti.forged(iat=now(lti) - 121, exp=now(lti) - 61), "expired")
    accepted(lti.forged(iat=now(lti) - 110, exp=now(lti) - 50))


def test_g02_issued_in_the_future(lti: Lti) -> None:
    accepted(lti.forged(iat=now(lti) + 50, exp=now(lti) + 110))
    refused(lti, lambda: lti.forged(iat=now(lti) + 70, exp=now(lti) + 130), "early")


def test_g03_no_expiry(lti: Lti) -> None:
    refused(lti, lambda: lti.forged(exp=REMOVE), "time")


def test_g04_no_time_of_issue(lti: Lti) -> None:
    refused(lti, lambda: lti.forged(iat=REMOVE), "time")


def test_g05_issued_too_long_ago(lti: Lti) -> None:
    refused(lti, lambda: lti.forged(iat=now(lti) - 661, exp=now(lti) + 60), "old")
    accepted(lti.forged(iat=now(lti) - 640, exp=now(lti) + 60))


def test_g06_no_nonce(lti: Lti) -> None:
    refused(lti, lambda: lti.forged(nonce=REMOVE), "nonce")


def test_g07_nonce_reused_in_the_same_token(lti: Lti) -> None:
    client = lti.browser()
    form = lti.answered(lti.begin(client))
    accepted(lti.post(client, form))
    refused(lti, lambda: lti.post(client, form), "nonce_used", audited=True)


def test_g08_nonce_reused_in_a_new_token(lti: Lti) -> None:
    client = lti.browser()
    begun = lti.begin(client)
    accepted(lti.post(client, lti.answered(begun)))
    again = {"id_token": lti.token(begun, person="sara-holmgren"), "state": begun.state}
    refused(lti, lambda: lti.post(client, again), "nonce_used", audited=True)


def test_g09_nonce_of_another_login(lti: Lti) -> None:
    client = lti.browser()
    first, second = lti.begin(client), lti.begin(client)
    refused(lti, lambda: lti.post(client, {"id_token": lti.token(first), "state": second.state}), "nonce")


def test_g10_nonce_of_another_tenant(lti: Lti, other_lti: Lti) -> None:
    client = lti.browser()
    ours, theirs = lti.begin(client), other_lti.begin(client)
    refused(lti, lambda: lti.post(client, {"id_token": lti.token(theirs), "state": ours.state}), "nonce")
    # A token for the other client, with our nonce: the state says which registration it must be for.
    refused(lti, lambda: lti.post(client, {"id_token": other_lti.token(ours), "state": ours.state}), "aud")


def test_g11_no_state(lti: Lti) -> None:
    client = lti.browser()
    token = lti.token(lti.begin(client))
    refused(lti, lambda: lti.post(client, {"id_token": token}), "state")


@pytest.mark.parametrize("state", ["x", "state-x", "state-", "a.b", "\x00", "å" * 100, "s" * 9000])
def test_g12_unknown_state(lti: Lti, state: str) -> None:
    client = lti.browser()
    token = lti.token(lti.begin(client))
    refused(lti, lambda: lti.post(client, {"id_token": token, "state": state}), "state")


def test_g12_state_that_was_changed(lti: Lti) -> None:
    client = lti.browser()
    begun = lti.begin(client)
    changed = begun.state[:20] + ("A" if begun.state[20] != "A" else "B") + begun.state[21:]
    refused(lti, lambda: lti.post(client, {"id_token": lti.token(begun), "state": changed}), "state")


def test_g13_state_of_another_browser(lti: Lti) -> None:
    victim, attacker = lti.browser(), lti.browser()
    accepted(lti.launch(victim))
    form = lti.answered(lti.begin(attacker))
    refused(lti, lambda: lti.post(victim, form), "state_binding")
    refused(lti, lambda: lti.post(lti.browser(), form), "state_binding")
    accepted(lti.post(attacker, form))


def test_g14_state_expired(lti: Lti, clock: OffsetClock) -> None:
    client = lti.browser()
    begun = lti.begin(client)
    clock.advance(timedelta(minutes=10, seconds=1))
    lti.lms.clock_offset = 601
    refused(lti, lambda: lti.post(client, {"id_token": lti.token(begun), "state": begun.state}), "state_expired")


def test_g15_replay_at_the_same_moment(lti: Lti) -> None:
    client = lti.browser()
    accepted(lti.launch(client))
    form = lti.answered(lti.begin(client))
    cookie = client.get_cookie("__Host-stegvis", domain="127.0.0.1")
    assert cookie is not None
    start = threading.Barrier(8)
    statuses: list[int] = []

    def replay() -> None:
        twin = lti.browser()
        twin.set_cookie("__Host-stegvis", cookie.value, domain="127.0.0.1", secure=True)
        start.wait(10)
        statuses.append(lti.post(twin, form).status_code)

    threads = [threading.Thread(target=replay) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(statuses) == [303] + [401] * 7
    assert lti.counts() == {"launch": 2, "person": 1, "cohort": 1, "member": 1, "used_nonce": 2}
    assert lti.denials() == ["nonce_used"] * 7


def test_g16_alg_none(lti: Lti) -> None:
    refused(lti, lambda: lti.forged({"alg": "none"}), "alg")


def test_g17_public_key_as_a_shared_secret(lti: Lti) -> None:
    jwk = str(lti.lms.keys.current.public_jwk).encode()
    refused(lti, lambda: lti.forged({"alg": "HS256"}, jwk), "alg")


def publish(lti: Lti, *keys: dict[str, Any]) -> None:
    """The platform publishes these keys instead of its own."""
    import json

    from service.demo.lms import Fault

    lti.lms.faults.jwks = Fault(body=json.dumps({"keys": keys}), content_type="application/json")


def test_g18_shared_secret_in_the_key_set(lti: Lti) -> None:
    publish(lti, {"kty": "oct", "kid": "o", "k": "c2VjcmV0", "alg": "HS256"})
    refused(lti, lambda: lti.forged({"alg": "HS256", "kid": "o"}, b"secret"), "keys_unavailable")


def test_g19_small_key(lti: Lti) -> None:
    small = SigningKey.__new__(SigningKey)
    from cryptography.hazmat.primitives.asymmetric import rsa

    small.private = rsa.generate_private_key(public_exponent=65537, key_size=1024)
    from service.demo.tokens import _number

    small.kid = "small"
    publish(
        lti,
        lti.lms.keys.current.public_jwk,
        {"kty": "RSA", "kid": "small", "e": "AQAB", "n": _number(small.private.public_key().public_numbers().n)},
    )
    accepted(lti.forged())
    refused(lti, lambda: lti.forged({"kid": "small"}, small.private), "kid_unknown")


def test_g20_key_of_another_tenant_on_the_same_issuer(lti: Lti, other_lti: Lti) -> None:
    theirs = SigningKey()
    lti.lms.keys._keys.append(theirs)
    other_lti.change(PlatformKeys, tried_at=None)
    accepted(other_lti.forged())
    lti.lms.keys._keys.remove(theirs)
    refused(lti, lambda: lti.forged({"kid": theirs.kid}, theirs), "kid_unknown")


def test_g21_kid_rotated(lti: Lti, clock: OffsetClock) -> None:
    accepted(lti.forged())
    clock.advance(timedelta(seconds=61))
    lti.lms.clock_offset = 61
    lti.lms.rotate_keys(keep_old=False)
    lti.lms.recorder.clear()
    accepted(lti.forged())
    accepted(lti.forged())
    assert len(lti.lms.recorder.to("/jwks")) == 1


def test_g22_flood_of_unknown_kids(lti: Lti, clock: OffsetClock) -> None:
    accepted(lti.forged())
    clock.advance(timedelta(seconds=61))
    lti.lms.clock_offset = 61
    lti.lms.recorder.clear()
    for number in range(20):
        refused(lti, lambda kid=f"k{number}": lti.forged({"kid": kid}), "kid_unknown")  # type: ignore[misc]
    assert len(lti.lms.recorder.to("/jwks")) == 1
    accepted(lti.forged())


BROKEN_KEY_SETS = [
    {"status": 500}, {"body": "<html>", "status": 200}, {"body": "{}", "content_type": "application/json"}, {"reset": True},
    {"body": '{"keys": null}'}, {"body": '{"keys": []}'}, {"status": 302, "headers": {"Location": "/elsewhere"}}, {"body": "x" * 70_000},
]  # fmt: skip


@pytest.mark.parametrize("fault", BROKEN_KEY_SETS, ids=str)
def test_g23_key_set_broken_and_none_known(lti: Lti, fault: dict[str, Any]) -> None:
    from service.demo.lms import Fault

    lti.lms.faults.jwks = Fault(**fault)
    refused(lti, lti.forged, "keys_unavailable")
    assert lti.only(PlatformKeys).error
    # Not asked again within the minute, then healed by itself.
    refused(lti, lti.forged, "keys_unavailable")
    assert len(lti.lms.recorder.to("/jwks")) == 1


@pytest.mark.parametrize("fault", BROKEN_KEY_SETS, ids=str)
def test_g23_key_set_broken_and_stale_keys_known(lti: Lti, clock: OffsetClock, fault: dict[str, Any]) -> None:
    from service.demo.lms import Fault

    accepted(lti.forged())
    lti.lms.faults.jwks = Fault(**fault)
    for hours in (2, 23):
        clock.offset = timedelta(hours=hours)
        lti.lms.clock_offset = hours * 3600
        accepted(lti.forged())
    clock.offset, lti.lms.clock_offset = timedelta(hours=25), 25 * 3600
    refused(lti, lti.forged, "keys_unavailable")
    lti.lms.faults.clear()
    clock.advance(timedelta(seconds=61))
    lti.lms.clock_offset += 61
    accepted(lti.forged())


def test_g23_key_set_that_never_comes(lti: Lti, clock: OffsetClock) -> None:
    from service.demo.lms import Fault

    lti.lms.faults.jwks = Fault(delay=8)
    refused(lti, lti.forged, "keys_unavailable")
    assert lti.only(PlatformKeys).error in ("timeout", "connection")


def test_g24_list_of_audiences(lti: Lti) -> None:
    both = ["annan", "ovning"]
    refused(lti, lambda: lti.forged(aud=both, azp="ovning"), "aud")
    lti.change(Platform, trusted_audiences=["annan"])
    refused(lti, lambda: lti.forged(aud=both), "azp")
    refused(lti, lambda: lti.forged(aud=both, azp="annan"), "azp")
    accepted(lti.forged(aud=both, azp="ovning"))


def test_g25_unknown_issuer(lti: Lti) -> None:
    refused(lti, lambda: lti.login(lti.browser(), {**lti.fields(), "iss": "https://annan.example"}), "unknown_issuer")


def test_g26_unknown_client(lti: Lti) -> None:
    refused(lti, lambda: lti.login(lti.browser(), {**lti.fields(), "client_id": "okand"}), "unknown_client")


def test_g27_registration_disabled(lti: Lti) -> None:
    client = lti.browser()
    begun = lti.begin(client)
    lti.change(Platform, state=PlatformState.DISABLED)
    refused(lti, lambda: lti.login(client), "platform_disabled")
    refused(lti, lambda: lti.post(client, {"id_token": lti.token(begun), "state": begun.state}), "platform_disabled")


def test_g28_deployment_unknown(lti: Lti) -> None:
    answer = refused(
        lti, lambda: lti.forged(deployment_id="77"), "77", code="E-PENDING", status=403, audited_as="deployment_pending"
    )  # fmt: skip
    assert "77" in answer.get_data(as_text=True)
    states = {one.deployment_id: one.state for one in lti.all(Deployment)}
    assert states == {"1": DeploymentState.ACTIVE, "77": DeploymentState.PENDING}
    refused(
        lti, lambda: lti.forged(deployment_id="77"), "77", code="E-PENDING", status=403, audited_as="deployment_pending"
    )
    assert len(lti.all(Deployment)) == 2
    lti.change(Deployment, state=DeploymentState.ACTIVE)
    accepted(lti.forged(deployment_id="77"))


def test_g28_deployment_that_activates_by_itself(lti: Lti) -> None:
    lti.change(Platform, auto_activate=True)
    accepted(lti.forged(deployment_id="77"))


def test_g29_deployment_disabled(lti: Lti) -> None:
    lti.change(Deployment, state=DeploymentState.DISABLED)
    refused(lti, lti.forged, "deployment_disabled", audited=True)


WRONG: dict[str, list[Any]] = {
    "sub": [1, True, [], {}], "name": [1, [], {}, True], "given_name": [1, {}], "family_name": [[], False], "email": [1, {}], "locale": [1, []],
    "deployment_id": [1, None, [], {}, ""], "target_link_uri": [1, None, []], "roles": ["x", None, {}, [1], [None], 1, [["Learner"]]],
    "resource_link": ["x", None, [], {"id": 1}, {"id": None}, {"id": "1", "title": 1}], "context": ["x", [], 1, {"id": 2}, {}, {"id": "2", "title": []}, {"id": "2", "type": "x"}],
    "launch_presentation": ["x", [], {"document_target": 1}, {"return_url": 1}, {"locale": []}], "custom": ["x", [], 1], "tool_platform": ["x", [1]], "lis": [1],
    "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint": ["x", []], "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice": [1],
}  # fmt: skip


@pytest.mark.parametrize(
    ("claim", "value"), [(claim, value) for claim, values in WRONG.items() for value in values], ids=str
)
def test_g30_claim_of_the_wrong_type(lti: Lti, claim: str, value: Any) -> None:
    refused(lti, lambda: lti.forged(**{claim: value}), "claims", audited=True)


@pytest.mark.parametrize(
    "value", ["Unknown", "LtiStartProctoring", ["LtiResourceLinkRequest"], 1, None, "ltiresourcelinkrequest"]
)
def test_g31_unknown_message_type(lti: Lti, value: Any) -> None:
    refused(lti, lambda: lti.forged(message_type=value), "message_type", audited=True)


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/to/ledarsteg",
        f"{BASE}/to/handledning",
        f"{BASE}@evil.example/",
        f"{BASE}.evil.example/",
        "//evil.example",
        f"{BASE}\\@evil.example",
        "",
    ],
)
def test_g32_target_that_is_not_the_logins(lti: Lti, target: str) -> None:
    refused(lti, lambda: lti.forged(target_link_uri=target), "target", audited=True)


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/to/ledarsteg",
        f"{BASE}@evil.example/",
        f"{BASE}.evil.example/",
        "//evil.example/",
        "http://127.0.0.1:5056/",
        "javascript:alert(1)",
        "x",
    ],
)
def test_g32_target_elsewhere_in_login_and_token(lti: Lti, target: str) -> None:
    client = lti.browser()
    begun = lti.begin(client, {**lti.fields(), "target_link_uri": target})
    form = {"id_token": lti.token(begun, target_link_uri=target), "state": begun.state}
    refused(lti, lambda: lti.post(client, form), "target", audited=True)


def test_g32_target_missing(lti: Lti) -> None:
    refused(lti, lambda: lti.forged(target_link_uri=REMOVE), "claims", audited=True)
    refused(lti, lambda: lti.login(lti.browser(), {**lti.fields(), "target_link_uri": ""}), "target")


def test_g33_resource_link_id_too_long(lti: Lti) -> None:
    refused(lti, lambda: lti.forged(resource_link={"id": "x" * 256}), "claims", audited=True)
    accepted(lti.forged(resource_link={"id": "x" * 255}))


@pytest.mark.parametrize(
    "token", ["", "a", "a.b", "a.b.c.d", "a.b.c.d.e", "." * 70_000, '{"payload":"e30","signatures":[]}']
)
def test_g34_token_of_another_shape(lti: Lti, token: str) -> None:
    client = lti.browser()
    begun = lti.begin(client)
    refused(lti, lambda: lti.post(client, {"id_token": token, "state": begun.state}), "format")


def test_g34_token_of_a_megabyte(lti: Lti) -> None:
    client = lti.browser()
    begun = lti.begin(client)
    refused(lti, lambda: lti.post(client, {"id_token": "A" * 1_000_000, "state": begun.state}), "format")
    big = {"id_token": "A" * 1_100_000, "state": begun.state}
    refused(lti, lambda: lti.post(client, big), "http_413", code="E-LARGE", status=413)


def test_g35_launch_by_get(lti: Lti) -> None:
    client = lti.browser()
    form = lti.answered(lti.begin(client))
    refused(
        lti,
        lambda: client.get("/lti/launch", query_string=form, base_url=BASE),
        "http_405",
        code="E-METHOD",
        status=405,
    )
    refused(
        lti,
        lambda: client.post("/lti/launch", query_string=form, base_url=BASE),
        "query",
        code="E-MALFORMED",
        status=400,
    )
    refused(
        lti,
        lambda: client.post("/lti/launch", query_string={"state": "x"}, data=form, base_url=BASE),
        "query",
        code="E-MALFORMED",
        status=400,
    )
    accepted(lti.post(client, form))


@pytest.mark.parametrize("split", [0, 2, 6])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_g36_login_by_get_and_post_with_query_and_form(lti: Lti, method: str, split: int) -> None:
    client = lti.browser()
    accepted(lti.launch(client))
    fields = list(lti.fields().items())
    query, form = (fields, []) if method == "GET" else (fields[:split], fields[split:])
    answer = client.open("/lti/login", method=method, query_string=dict(query), data=dict(form) or None, base_url=BASE)
    assert answer.status_code == 303
    assert answer.location.startswith(f"{lti.lms.base_url}/auth?")


def test_g36_parameter_given_twice(lti: Lti) -> None:
    client, fields = lti.browser(), lti.fields()

    def twice(value: str) -> Any:
        return client.post("/lti/login", query_string={"iss": value}, data=fields, base_url=BASE)

    assert twice(fields["iss"]).status_code == 303
    refused(lti, lambda: twice("https://annan.example"), "duplicate_parameter", code="E-MALFORMED", status=400)
    body = "iss=a&iss=b&login_hint=3"
    form = "application/x-www-form-urlencoded"
    refused(
        lti,
        lambda: client.post("/lti/login", data=body, content_type=form, base_url=BASE),
        "duplicate_parameter",
        code="E-MALFORMED",
        status=400,
    )
    launch = "id_token=a&id_token=a&state=b"
    refused(
        lti,
        lambda: client.post("/lti/launch", data=launch, content_type=form, base_url=BASE),
        "duplicate_parameter",
        code="E-MALFORMED",
        status=400,
    )


def without(fields: dict[str, str], *names: str) -> dict[str, str]:
    return {name: value for name, value in fields.items() if name not in names}


def test_g37_login_without_client_and_one_registration(lti: Lti) -> None:
    accepted(lti.launch(fields=without(lti.fields(), "client_id")))


def test_g37_login_without_client_and_two_registrations(lti: Lti, other_lti: Lti) -> None:
    fields = without(lti.fields(), "client_id")
    refused(lti, lambda: lti.login(lti.browser(), fields), "several_clients")
    # The registration's own address says which one it is; a client that is not its own does not.
    path = f"/lti/login/p{lti.platform_id.hex[:12]}"
    client = lti.browser()
    answer = lti.login(client, fields, path)
    assert (answer.status_code, "client_id=ovning" in answer.location) == (303, True)
    refused(lti, lambda: lti.login(client, other_lti.fields(), path), "unknown_client")
    refused(lti, lambda: lti.login(client, fields, "/lti/login/okand"), "unknown_issuer")
    refused(lti, lambda: lti.login(client, {**fields, "iss": "https://annan.example"}, path), "unknown_issuer")


def test_g38_login_of_an_unknown_issuer_says_nothing_about_it(lti: Lti) -> None:
    fields = {**lti.fields(), "iss": "https://hemlig.example", "client_id": "hemlig"}
    answer = refused(lti, lambda: lti.login(lti.browser(), fields), "unknown_issuer")
    assert "hemlig" not in answer.get_data(as_text=True)
    refused(lti, lambda: lti.login(lti.browser(), without(lti.fields(), "iss")), "login_parameters")
    refused(lti, lambda: lti.login(lti.browser(), without(lti.fields(), "login_hint")), "login_parameters")


def test_the_same_sub_of_two_registrations_is_two_persons(lti: Lti, other_lti: Lti) -> None:
    accepted(lti.launch())
    accepted(other_lti.launch())
    assert len({person.id for person in lti.all(Person)}) == 2
    assert {launch.organisation_id for launch in lti.all(Launch)} == {lti.organisation_id, other_lti.organisation_id}


def test_a_nonce_is_remembered_longer_than_its_token_could_live(lti: Lti) -> None:
    accepted(lti.forged(exp=now(lti) + 3500))
    kept = lti.only(UsedNonce).expires_at
    assert kept - parts(lti.app).units.clock.now() > timedelta(seconds=3500 + 60)
