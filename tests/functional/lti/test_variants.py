"""Forty kinds of id_token, each as the running tool answers it. A row is one kind; its variants are parameters."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from joserfc.jwk import ECKey

from service.access import Role
from service.cohorts.models import Cohort, Launch, Member, Person
from service.demo.lms import Fault
from service.demo.practice import REMOVE
from service.demo.tokens import SigningKey, encode
from service.lti.models import Deployment, DeploymentState, Platform, PlatformState
from tests.functional.lti.support import Lti, accepted, refused
from tests.support import BASE, OffsetClock

pytestmark = pytest.mark.once


OTHER = SigningKey()
LTI = "https://purl.imsglobal.org/spec/lti/claim/"


def now(lti: Lti) -> int:
    return int(lti.lms.now())


def sent(lti: Lti, change: Any) -> Any:
    """A launch whose compact token went through `change`."""
    client = lti.browser()
    begun = lti.begin(client)
    return lti.post(client, {"id_token": change(lti.token(begun)), "state": begun.state})


def publish(lti: Lti, *keys: dict[str, Any]) -> None:
    lti.lms.faults.jwks = Fault(body=json.dumps({"keys": keys}), content_type="application/json")


def test_row_01_valid_control(lti: Lti) -> None:
    accepted(lti.launch())


@pytest.mark.parametrize("alg", ["none", "None", "nOnE", "NONE", "", REMOVE])
def test_row_02_unsigned(lti: Lti, alg: Any) -> None:
    refused(lti, lambda: lti.forged({"alg": alg}, raw=None), "alg")
    refused(
        lti,
        lambda: sent(
            lti,
            lambda token: ".".join(
                [
                    encode(json.dumps({"alg": str(alg), "kid": lti.lms.keys.current.kid}).encode()),
                    token.split(".")[1],
                    "",
                ]
            ),
        ),
        "alg",
    )


@pytest.mark.parametrize("form", ["pem", "der", "jwk"])
@pytest.mark.parametrize("alg", ["HS256", "HS384", "HS512"])
def test_row_03_public_key_as_shared_secret(lti: Lti, alg: str, form: str) -> None:
    public = lti.lms.keys.current.private.public_key()
    kind = serialization.PublicFormat.SubjectPublicKeyInfo
    secret = {
        "pem": public.public_bytes(serialization.Encoding.PEM, kind), "der": public.public_bytes(serialization.Encoding.DER, kind),
        "jwk": json.dumps(lti.lms.keys.current.public_jwk).encode(),
    }[form]  # fmt: skip
    refused(lti, lambda: lti.forged({"alg": alg}, secret), "alg")


@pytest.mark.parametrize("alg", ["ES256", "PS256", "EdDSA", "RS384", "RS512", "ES256K"])
def test_row_04_algorithm_that_is_not_registered(lti: Lti, alg: str) -> None:
    private = ec.generate_private_key(ec.SECP256R1())
    publish(lti, lti.lms.keys.current.public_jwk, {**ECKey.import_key(private).as_dict(private=False), "kid": "ec"})
    header, key = ({"alg": alg, "kid": "ec"}, private) if alg.startswith("ES") else ({"alg": alg}, None)
    refused(lti, lambda: lti.forged(header, key), "alg")


def test_row_05_wrong_key(lti: Lti) -> None:
    refused(lti, lambda: lti.forged(None, OTHER), "signature")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda token: token[:-2], "signature"), (lambda token: token[:-100] + ("A" if token[-100] != "A" else "B") + token[-99:], "signature"),
        (lambda token: token + "==", "format"), (lambda token: token + "=", "format"), (lambda token: token.replace(".", "=.", 1), "header"),
    ],
    ids=["truncated", "flipped", "padded", "half padded", "header padded"],
)  # fmt: skip
def test_row_05_signature_changed(lti: Lti, change: Any, reason: str) -> None:
    refused(lti, lambda: sent(lti, change), "format" if reason == "header" else reason)


@pytest.mark.parametrize(
    ("kid", "reason"),
    [
        (REMOVE, "kid"), ("", "kid"), (["a"], "kid"), (None, "kid"), (1, "kid"), ("k" * 10_000, "kid"), ("a\r\nSet-Cookie: x", "kid"), ("../../etc/passwd", "kid_unknown"),
        ("' OR '1'='1", "kid_unknown"), ("okand", "kid_unknown"), ("https://evil.example/jwks", "kid_unknown"),
    ],
)  # fmt: skip
def test_row_06_kid(lti: Lti, kid: Any, reason: str) -> None:
    refused(lti, lambda: lti.forged({"kid": kid}), reason)


@pytest.mark.parametrize("name", ["jku", "x5u", "jwk", "x5c"])
def test_row_07_header_that_brings_a_key(lti: Lti, name: str) -> None:
    value: Any = {"jwk": OTHER.public_jwk, "x5c": ["MII"]}.get(name, f"{lti.lms.base_url}/jwks?evil")
    refused(lti, lambda: lti.forged({name: value}, OTHER), "signature")
    refused(lti, lambda: lti.forged({name: value, "kid": OTHER.kid}, OTHER), "kid_unknown")
    assert not [asked for asked in lti.lms.recorder.to("/jwks") if asked.query]
    accepted(lti.forged({name: value}))


@pytest.mark.parametrize("header", [{"crit": ["exp"]}, {"crit": ["b64"], "b64": False}, {"crit": []}, {"crit": "x"}])
def test_row_08_critical_headers(lti: Lti, header: dict[str, Any]) -> None:
    refused(lti, lambda: lti.forged(header), "header")


@pytest.mark.parametrize(
    "header", [{"typ": "at+jwt"}, {"typ": "logout+jwt"}, {"typ": "secevent+jwt"}, {"cty": "JWT"}, {"typ": None}]
)
def test_row_09_another_kind_of_token(lti: Lti, header: dict[str, Any]) -> None:
    refused(lti, lambda: lti.forged(header), "header")


@pytest.mark.parametrize(
    "token",
    [
        "a.b.c.d.e",
        "a.b",
        "a.b.c.d",
        ".".join("a" * 30_000),
        '{"payload":"e30","protected":"e30","signature":"e30"}',
        "." * 500_000,
    ],
)
def test_row_10_not_a_compact_signature(lti: Lti, token: str) -> None:
    refused(lti, lambda: sent(lti, lambda _token: token), "format")


def twice(claims: dict[str, Any]) -> bytes:
    return json.dumps(claims)[:-1].encode() + b', "sub": "999"}'


@pytest.mark.parametrize(
    "raw",
    [
        twice, lambda claims: json.dumps({**claims, "x": float("nan")}).encode(), lambda claims: json.dumps({**claims, "x": float("inf")}).encode(),
        lambda claims: b"\xef\xbb\xbf" + json.dumps(claims).encode(), lambda claims: json.dumps(claims).encode("utf-16"), lambda claims: json.dumps([claims]).encode(),
        lambda _claims: b"[" * 30_000, lambda claims: json.dumps(claims).encode("latin-1", "replace") + b"\xff",
    ],
    ids=["duplicate", "nan", "infinity", "bom", "utf-16", "list", "deep", "latin-1"],
)  # fmt: skip
def test_row_11_sloppy_json(lti: Lti, raw: Any) -> None:
    refused(lti, lambda: lti.forged(raw=raw), "payload")


def test_row_12_no_exp(lti: Lti) -> None:
    refused(lti, lambda: lti.forged(exp=REMOVE), "time")


@pytest.mark.parametrize(("ago", "is_taken"), [(1, True), (55, True), (61, False), (3600, False)])
def test_row_13_expired(lti: Lti, ago: int, is_taken: bool) -> None:
    def attempt() -> Any:
        return lti.forged(iat=now(lti) - ago - 30, exp=now(lti) - ago)

    if is_taken:
        accepted(attempt())
    else:
        refused(lti, attempt, "expired")


@pytest.mark.parametrize("seconds", [3601, 86_400, 100 * 365 * 86_400, 10**30])
def test_row_14_lives_too_long(lti: Lti, seconds: int) -> None:
    refused(lti, lambda: lti.forged(exp=now(lti) + seconds + 1), "lifetime")


@pytest.mark.parametrize(("value", "reason"), [(REMOVE, "time"), (-662, "old"), (-10 * 365 * 86_400, "old")])
def test_row_15_issued_long_ago(lti: Lti, value: Any, reason: str) -> None:
    refused(lti, lambda: lti.forged(iat=value if value is REMOVE else now(lti) + value), reason)


@pytest.mark.parametrize("claim", ["iat", "nbf"])
@pytest.mark.parametrize(("ahead", "is_taken"), [(3, True), (59, True), (64, False)])
def test_row_16_from_the_future(lti: Lti, claim: str, ahead: int, is_taken: bool) -> None:
    def attempt() -> Any:
        return lti.forged(**{claim: now(lti) + ahead, "exp": now(lti) + ahead + 60})

    if is_taken:
        accepted(attempt())
    else:
        refused(lti, attempt, "early")


@pytest.mark.parametrize("claim", ["exp", "iat"])
@pytest.mark.parametrize("value", ["1795312222", 1795312222.5, True, None, -1, [1], {}])
def test_row_17_time_that_is_no_integer(lti: Lti, claim: str, value: Any) -> None:
    refused(lti, lambda: lti.forged(**{claim: value}), "time")


@pytest.mark.parametrize("claim", ["exp", "iat"])
def test_row_17_time_beyond_numbers(lti: Lti, claim: str) -> None:
    refused(
        lti,
        lambda: lti.forged(raw=lambda claims: json.dumps({**claims, claim: "@"}).replace('"@"', "1e400").encode()),
        "payload",
    )


@pytest.mark.parametrize(
    "change",
    [
        lambda iss: iss + "/",
        str.upper,
        lambda iss: iss.replace("http", "https"),
        lambda iss: iss.replace("o", "о"),
        lambda iss: [iss],
        lambda _iss: REMOVE,
        lambda iss: iss[:-1],
    ],
)
def test_row_18_issuer(lti: Lti, change: Any) -> None:
    refused(lti, lambda: lti.forged(iss=change(lti.lms.base_url)), "iss")


@pytest.mark.parametrize("value", ["annan", [], {}, REMOVE, None, ["annan"], "ovning2", "Ovning"])
def test_row_19_audience(lti: Lti, value: Any) -> None:
    refused(lti, lambda: lti.forged(aud=value), "aud")


def test_row_20_two_audiences_without_azp(lti: Lti) -> None:
    refused(lti, lambda: lti.forged(aud=["ovning", "annan"]), "aud")
    lti.change(Platform, trusted_audiences=["annan"])
    refused(lti, lambda: lti.forged(aud=["ovning", "annan"]), "azp")


def test_row_21_azp_of_another(lti: Lti) -> None:
    refused(lti, lambda: lti.forged(azp="annan"), "azp")
    lti.change(Platform, trusted_audiences=["annan"])
    refused(lti, lambda: lti.forged(aud=["ovning", "annan"], azp="annan"), "azp")


def test_row_22_two_audiences_with_our_azp(lti: Lti) -> None:
    refused(lti, lambda: lti.forged(aud=["annan", "ovning"], azp="ovning"), "aud")
    lti.change(Platform, trusted_audiences=["annan"])
    accepted(lti.forged(aud=["annan", "ovning"], azp="ovning"))


@pytest.mark.parametrize("value", [REMOVE, 1, "", "x" * 300, None, " ", "1\x00"])
def test_row_23_deployment_that_is_none(lti: Lti, value: Any) -> None:
    refused(lti, lambda: lti.forged(deployment_id=value), "claims", audited=True)


def test_row_23_deployment_of_another_tenant(lti: Lti, other_lti: Lti) -> None:
    refused(
        lti,
        lambda: lti.forged(deployment_id="okand"),
        "okand",
        code="E-PENDING",
        status=403,
        audited_as="deployment_pending",
    )
    rows = {(one.platform_id, one.deployment_id): one.state for one in lti.all(Deployment)}
    assert rows[lti.platform_id, "okand"] is DeploymentState.PENDING
    # Another registration's deployment of the same number stays what it was: it is not looked at.
    assert rows[other_lti.platform_id, "1"] is DeploymentState.ACTIVE


@pytest.mark.parametrize("value", [REMOVE, "okand", {}, 1, "", None, ["x"]])
def test_row_24_nonce(lti: Lti, value: Any) -> None:
    refused(lti, lambda: lti.forged(nonce=value), "nonce")


def test_row_25_nonce_replayed(lti: Lti) -> None:
    client = lti.browser()
    begun = lti.begin(client)
    form = {"id_token": lti.token(begun), "state": begun.state}
    accepted(lti.post(client, form))
    refused(lti, lambda: lti.post(client, form), "nonce_used", audited=True)
    other = {"id_token": lti.token(begun, sub="999"), "state": begun.state}
    refused(lti, lambda: lti.post(client, other), "nonce_used", audited=True)


def test_row_26_nonce_of_another_state_or_platform(lti: Lti, other_lti: Lti) -> None:
    client = lti.browser()
    first, second, theirs = lti.begin(client), lti.begin(client), other_lti.begin(client)
    refused(lti, lambda: lti.post(client, {"id_token": lti.token(first), "state": second.state}), "nonce")
    refused(lti, lambda: lti.post(client, {"id_token": lti.token(first), "state": theirs.state}), "aud")
    refused(lti, lambda: lti.post(client, {"id_token": other_lti.token(theirs), "state": first.state}), "aud")


def with_state(lti: Lti, change: Any) -> Any:
    client = lti.browser()
    begun = lti.begin(client)
    form = {"id_token": lti.token(begun), "state": change(begun)}
    return lti.post(client, {name: value for name, value in form.items() if value is not None})


@pytest.mark.parametrize(
    "change",
    [
        lambda _b: None,
        lambda _b: "",
        lambda b: b.state[:-1],
        lambda b: b.state + "x",
        lambda b: b.state.upper(),
        lambda b: b.nonce,
        lambda b: b.state.split(".")[0],
    ],
)
def test_row_27_state_missing_or_changed(lti: Lti, change: Any) -> None:
    refused(lti, lambda: with_state(lti, change), "state")


def test_row_27_state_of_another_browser_or_expired_or_reused(lti: Lti, clock: OffsetClock) -> None:
    client, other = lti.browser(), lti.browser()
    begun, late = lti.begin(client), lti.begin(client)
    lti.begin(other)
    form = {"id_token": lti.token(begun), "state": begun.state}
    refused(lti, lambda: lti.post(other, form), "state_binding")
    accepted(lti.post(client, form))
    refused(lti, lambda: lti.post(client, form), "nonce_used", audited=True)
    client.delete_cookie("__Host-stegvis", domain="127.0.0.1")
    refused(lti, lambda: lti.post(client, form), "state_binding")
    clock.advance(timedelta(minutes=11))
    refused(lti, lambda: lti.post(client, {"id_token": lti.token(late), "state": late.state}), "state_expired")


@pytest.mark.parametrize("value", ["1.3", "1.3.1", 1.3, None, ["1.3.0"], REMOVE, "1.1"])
def test_row_28_version(lti: Lti, value: Any) -> None:
    refused(lti, lambda: lti.forged(version=value), "version", audited=True)


@pytest.mark.parametrize(
    "value",
    [
        REMOVE,
        "x",
        ["LtiResourceLinkRequest"],
        "LtiStartProctoring",
        "LtiEndAssessment",
        "LtiDataPrivacyLaunchRequest",
        None,
    ],
)
def test_row_28_message_type(lti: Lti, value: Any) -> None:
    refused(lti, lambda: lti.forged(message_type=value), "message_type", audited=True)


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (REMOVE, "claims"),
        ("https://evil.example/", "target"),
        (f"{BASE}/", "target"),
        (f"{BASE}/to/handledning", "target"),
        ("x" * 2001, "claims"),
    ],
)
def test_row_29_target(lti: Lti, value: Any, reason: str) -> None:
    refused(lti, lambda: lti.forged(target_link_uri=value), reason, audited=True)


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (REMOVE, "sub"),
        (None, "sub"),
        ("", "claims"),
        ("x" * 256, "claims"),
        ("a\x00b", "claims"),
        ("a\nb", "claims"),
        (" \t ", "claims"),
        ("\ud800", "claims"),
        (3, "claims"),
    ],
)
def test_row_30_sub(lti: Lti, value: Any, reason: str) -> None:
    refused(lti, lambda: lti.forged(sub=value), reason, audited=True)


def test_row_30_sub_of_255_characters(lti: Lti) -> None:
    accepted(lti.forged(sub="å" * 255))


def test_row_30_missing_sub_where_the_registration_allows_it(lti: Lti) -> None:
    lti.change(Platform, allow_missing_sub=True)
    accepted(lti.forged(sub=REMOVE))
    accepted(lti.forged(sub=REMOVE))
    # Two who do not say who they are are never one person.
    assert len(lti.all(Person)) == 2


@pytest.mark.parametrize("value", [REMOVE, "Instructor", {"0": "Instructor"}, None, ["x"] * 101, [1], 10])
def test_row_31_roles(lti: Lti, value: Any) -> None:
    refused(lti, lambda: lti.forged(roles=value), "claims", audited=True)


def test_row_31_roles_that_are_many_or_none(lti: Lti) -> None:
    accepted(lti.forged(roles=["x"] * 100))
    accepted(lti.forged(roles=[]))
    assert {launch.role for launch in lti.all(Launch)} == {Role.NONE}


@pytest.mark.parametrize("value", [{"id": "x" * 256}, {"id": ""}, {"title": "utan id"}, {"id": "a\x00"}])
def test_row_32_context(lti: Lti, value: Any) -> None:
    refused(lti, lambda: lti.forged(context=value), "claims", audited=True)


def test_row_32_no_context_is_a_launch_without_a_course(lti: Lti) -> None:
    assert lti.forged(context=REMOVE).location == f"/l/{lti.only(Launch).id}/"
    assert (lti.all(Cohort), lti.all(Member)) == ([], [])


@pytest.mark.parametrize("value", [REMOVE, {}, {"id": ""}, "11", [], {"id": None}])
def test_row_33_resource_link(lti: Lti, value: Any) -> None:
    refused(lti, lambda: lti.forged(resource_link=value), "claims", audited=True)


def test_row_33_one_course_id_in_two_deployments_is_two_cohorts(lti: Lti) -> None:
    lti.change(Platform, auto_activate=True)
    accepted(lti.forged())
    accepted(lti.forged(deployment_id="2"))
    assert len({(cohort.deployment_id, cohort.context_id) for cohort in lti.all(Cohort)}) == 2
    assert len(lti.all(Person)) == 1


NUMBERS = OTHER.public_jwk


@pytest.mark.parametrize(
    "jwk",
    [
        {"n": encode((2**511 + 1).to_bytes(64, "big"))}, {"n": encode((2**1023 + 1).to_bytes(128, "big"))}, {"e": "AQ"}, {"e": "AQAA"}, {"e": "Aw"}, {"use": "enc"},
        {"key_ops": ["encrypt"]}, {"kty": "oct", "k": "AAAA"}, {"kty": "EC", "crv": "P-521", "x": "AA", "y": "AA"}, {"alg": "RSA-OAEP"}, {"n": None},
    ],
    ids=str,
)  # fmt: skip
def test_row_34_weak_or_unfit_key(lti: Lti, jwk: dict[str, Any]) -> None:
    publish(lti, lti.lms.keys.current.public_jwk, {**NUMBERS, **jwk})
    refused(lti, lambda: lti.forged({"kid": OTHER.kid}, OTHER), "kid_unknown")
    accepted(lti.forged())


def test_row_34_the_same_key_unspoilt(lti: Lti) -> None:
    publish(lti, lti.lms.keys.current.public_jwk, NUMBERS)
    accepted(lti.forged({"kid": OTHER.kid}, OTHER))


def test_row_35_two_keys_of_one_kid(lti: Lti) -> None:
    good = lti.lms.keys.current
    for order in (1, -1):
        publish(lti, *[{**OTHER.public_jwk, "kid": good.kid}, good.public_jwk][::order])
        accepted(lti.forged())


def test_row_36_key_without_alg(lti: Lti) -> None:
    publish(lti, {name: value for name, value in lti.lms.keys.current.public_jwk.items() if name not in ("alg", "use")})
    accepted(lti.forged())


def test_row_37_disabled_or_pending(lti: Lti) -> None:
    for state in (DeploymentState.DISABLED, DeploymentState.PENDING):
        lti.change(Deployment, state=state)
        if state is DeploymentState.DISABLED:
            refused(lti, lti.forged, "deployment_disabled", audited=True)
        else:
            refused(lti, lti.forged, "1", code="E-PENDING", status=403, audited_as="deployment_pending")
    client = lti.browser()
    begun = lti.begin(client)
    lti.change(Platform, state=PlatformState.DISABLED)
    refused(lti, lambda: lti.post(client, lti.answered(begun)), "platform_disabled")


def test_row_38_migration_claim_is_ignored(lti: Lti) -> None:
    accepted(
        lti.forged(**{f"{LTI}lti1p1": {"user_id": "999", "oauth_consumer_key": "x", "oauth_consumer_key_sign": "y"}})
    )
    assert lti.only(Person).sub == "101"


def test_row_39_claims_about_others_are_ignored(lti: Lti) -> None:
    accepted(lti.forged(**{f"{LTI}for_user": {"user_id": "202"}, f"{LTI}role_scope_mentor": ["101", "202"]}))
    assert lti.only(Person).sub == "101"
    assert lti.only(Launch).role is Role.MANAGER


def test_row_40_valid_token_by_another_way(lti: Lti) -> None:
    client = lti.browser()
    form = lti.answered(lti.begin(client))
    for method in ("GET", "HEAD", "PUT", "PATCH", "DELETE"):
        answer = client.open("/lti/launch", method=method, query_string=form, base_url=BASE)
        assert (answer.status_code, answer.headers.get("Location")) == (405, None)
    refused(
        lti,
        lambda: client.post("/lti/launch", query_string=form, base_url=BASE),
        "query",
        code="E-MALFORMED",
        status=400,
    )
    refused(lti, lambda: client.post("/lti/launch", json=form, base_url=BASE), "state")
    accepted(lti.post(client, form))


def test_all_refusals_before_and_after_verification_look_the_same(lti: Lti) -> None:
    """Nobody learns from the page or its headers which check said no, and the token makes us ask nobody.

    Only who brought a genuine message of the platform has a link back to it, and that tells nothing either.
    """
    accepted(lti.forged())
    lti.lms.recorder.clear()

    def replayed() -> Any:
        client = lti.browser()
        form = lti.answered(lti.begin(client))
        accepted(lti.post(client, form))
        lti.lms.recorder.clear()
        return lti.post(client, form)

    client = lti.browser()
    attempts = [
        lambda: lti.forged({"alg": "none"}), lambda: lti.forged({"kid": "okand"}), lambda: lti.forged(None, OTHER), lambda: lti.forged(aud="annan"),
        lambda: lti.forged(iss="https://annan.example"), lambda: lti.forged(exp=1), lambda: lti.forged(nonce="x"), lambda: lti.forged(version="2"), lambda: lti.forged(sub=REMOVE),
        lambda: lti.forged(message_type="x"), lambda: lti.forged(target_link_uri="https://evil.example"), lambda: lti.forged(roles="x"),
        lambda: lti.forged({"jku": f"{lti.lms.base_url}/jwks", "kid": "x"}, OTHER), lambda: lti.post(client, {}), lambda: lti.post(client, {"error": "access_denied", "state": "x"}),
        lambda: lti.post(client, {"id_token": "a.b.c", "state": "x"}), lambda: lti.login(client, {"iss": "https://x.example", "login_hint": "1"}), replayed,
    ]  # fmt: skip
    seen = set()
    for attempt in attempts:
        answer = attempt()
        body = answer.get_data(as_text=True)
        incident = body.split('<span class="sv-id">')[1][:8]
        headers = tuple(sorted((name, value) for name, value in answer.headers.items() if name != "Set-Cookie"))
        assert "Set-Cookie" not in answer.headers
        seen.add((answer.status_code, body.replace(incident, "--------"), headers))
    assert len(seen) == 2
    assert len({"lti_errormsg" in body for _status, body, _headers in seen}) == 2
    assert len({" ".join(re.sub(r"<p[^>]*><a .*?</a></p>", "", body).split()) for _status, body, _headers in seen}) == 1
    assert [asked.path for asked in lti.lms.recorder.all()] == []
