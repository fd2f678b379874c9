"""The verifier: what it takes, and for what reason it refuses the rest."""

import json
from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from joserfc.jwk import ECKey

from service.demo.tokens import encode
from service.errors import LaunchRefused
from service.lti.acceptance import MAX_TOKEN
from service.lti.keys import read_key_set
from tests.service.lti.tokens import CLAIMS, EPOCH, EXPECTED, KEY, KEYS, OTHER_KEY, REMOVE, check, raw_header, token


def reason(text: str, **kw: Any) -> str:
    with pytest.raises(LaunchRefused) as refused:
        check(text, **kw)
    assert refused.value.denial is None
    return refused.value.reason


def test_a_genuine_token_gives_its_claims() -> None:
    assert check(token()) == CLAIMS


@pytest.mark.parametrize(
    "claims",
    [
        {"exp": EPOCH - 59, "iat": EPOCH - 100},
        {"iat": EPOCH + 60, "exp": EPOCH + 120},
        {"nbf": EPOCH + 60},
        {"iat": EPOCH - 660},
        {"iat": EPOCH, "exp": EPOCH + 3600},
        {"aud": ["klient"]},
        {"aud": ["klient", "klient"], "azp": "klient"},
        {"azp": "klient"},
    ],
)
def test_claims_at_the_edge_are_taken(claims: dict[str, Any]) -> None:
    assert check(token(**claims))["sub"] == "3"


@pytest.mark.parametrize(
    "header", [{"typ": REMOVE}, {"typ": "jwt"}, {"jku": "https://evil.example/jwks"}, {"x-more": 1}]
)
def test_headers_that_change_nothing_are_taken(header: dict[str, Any]) -> None:
    assert check(token(header))["sub"] == "3"


@pytest.mark.parametrize(
    ("expected", "claims"),
    [
        ("expired", {"exp": EPOCH - 60, "iat": EPOCH - 100}),
        ("early", {"iat": EPOCH + 61, "exp": EPOCH + 121}),
        ("early", {"nbf": EPOCH + 61}),
        ("old", {"iat": EPOCH - 661}),
        ("lifetime", {"exp": EPOCH + 3601}),
        ("lifetime", {"exp": EPOCH, "iat": EPOCH}),
        ("lifetime", {"exp": EPOCH - 1, "iat": EPOCH}),
        *[("time", {name: value}) for name in ("exp", "iat") for value in (REMOVE, None, "1", 1.0, True, -1, [], {})],
        *[("time", {"nbf": value}) for value in (None, "1", 1.5, False, -1)],
        *[("iss", {"iss": value}) for value in (REMOVE, None, EXPECTED.issuer + "/", "https://LMS.example.org", [EXPECTED.issuer], 1)],
        *[("aud", {"aud": value}) for value in (REMOVE, None, "annan", [], {}, {"klient": 1}, ["annan"], ["klient", "annan"], [["klient"], "klient"], ["klient", None], 3)],
        ("azp", {"aud": ["klient", "klient"]}),
        *[("azp", {"azp": value}) for value in ("annan", None, ["klient"], "")],
        *[("nonce", {"nonce": value}) for value in (REMOVE, None, "n-2", "", {"n-1": 1}, ["n-1"], 1)],
    ],
)  # fmt: skip
def test_claims_that_are_wrong(expected: str, claims: dict[str, Any]) -> None:
    assert reason(token(**claims)) == expected


def test_an_audience_beside_us_must_be_trusted_and_must_say_whom_it_is_for() -> None:
    trusting = replace(EXPECTED, trusted_audiences=["annan"])
    both = {"aud": ["annan", "klient"]}
    assert check(token(**both, azp="klient"), expected=trusting)["sub"] == "3"
    assert reason(token(**both, azp="klient")) == "aud"
    assert reason(token(**both, azp="annan"), expected=trusting) == "azp"
    assert reason(token(**both), expected=trusting) == "azp"


@pytest.mark.parametrize(
    ("expected", "header"),
    [
        *[("alg", {"alg": value}) for value in (REMOVE, None, "none", "nOnE", "HS256", "ES256", "PS256", "RS384", ["RS256"], "rs256", "EdDSA")],
        *[("kid", {"kid": value}) for value in (REMOVE, None, "", 7, [KEY.kid], "k" * 513, "a\r\nb", "a\0b", "\ud800")],
        *[("kid_unknown", {"kid": value}) for value in ("annan", "../../etc/passwd", "' OR 1=1 --", KEY.kid + " ")],
        *[("header", {"crit": value}) for value in (["b64"], [], None)],
        *[("header", {"typ": value}) for value in ("at+jwt", "logout+jwt", None, 1, ["JWT"], "")],
        *[("header", {"cty": value}) for value in ("JWT", None)],
    ],
)  # fmt: skip
def test_headers_that_are_wrong(expected: str, header: dict[str, Any]) -> None:
    assert reason(token(header)) == expected


@pytest.mark.parametrize(
    "header",
    [
        b'{"alg":"RS256","alg":"RS256","kid":"x"}',
        b"\xef\xbb\xbf{}",
        b"[]",
        b"null",
        b"{",
        b'{"a":NaN}',
        b"\xff\xfe{\x00}\x00",
        b"[" * 20_000,
    ],
)
def test_a_header_that_is_not_one_object(header: bytes) -> None:
    assert reason(raw_header(header)) == "header"


@pytest.mark.parametrize(
    "payload",
    [
        b'{"sub":"3","sub":"4"}', b'{"a":{"b":1,"b":2}}', b'{"a":NaN}', b'{"a":-Infinity}', b'{"exp":1e400}', b'{"exp":-1e400}', b"\xef\xbb\xbf{}",
        "{}".encode("utf-16"), b"[]", b'"x"', b"{", b"{}{}", b'{"a":' + b"9" * 5000 + b"}", b'{"a":' + b"[" * 20_000,
    ],
)  # fmt: skip
def test_a_payload_that_is_not_one_object(payload: bytes) -> None:
    assert reason(token(raw=payload)) == "payload"


def test_the_signature_must_be_the_platforms() -> None:
    head, body, signature = token().split(".")
    assert reason(token(key=OTHER_KEY.private)) == "signature"
    assert reason(f"{head}.{body}.{signature[:-2]}") == "signature"
    assert reason(f"{head}.{body}.{'B' + signature[1:] if signature[0] == 'A' else 'A' + signature[1:]}") == "signature"
    assert reason(f"{head}.{encode(json.dumps({**CLAIMS, 'sub': '4'}).encode())}.{signature}") == "signature"


def test_a_token_has_one_spelling() -> None:
    head, body, signature = token().split(".")
    last = signature[-1]
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    # 256 bytes leave four bits of the last character unused: another character there means the same bytes.
    twin = alphabet[alphabet.index(last) | 1]
    assert twin != last
    for other in (
        signature + "==",
        signature + "=",
        signature[:-1] + twin,
        signature + "\n",
        " " + signature,
        signature.replace("_", "/") + "/",
        "",
    ):
        assert reason(f"{head}.{body}.{other}") == "format"
    assert reason(f"{head}=.{body}.{signature}") == "format"


@pytest.mark.parametrize(
    "text", ["", "a", "a.b", "a.b.c.d", "a.b.c.d.e", "." * 1_000_000, "..", "ä.ö.å", '{"payload":""}']
)
def test_what_is_not_three_parts(text: str) -> None:
    assert reason(text) in ("format", "header")


def test_the_size_has_a_limit() -> None:
    near = next(
        text for size in range(47_000, 49_152) if MAX_TOKEN - 1 <= len(text := token(pad="x" * size)) <= MAX_TOKEN
    )
    assert check(near)["sub"] == "3"
    over = token(pad="x" * (len(check(near)["pad"]) + 3))
    assert MAX_TOKEN < len(over) < MAX_TOKEN + 10
    assert reason(over) == "format"


def test_two_keys_with_one_name_are_both_tried() -> None:
    twin = {**OTHER_KEY.public_jwk, "kid": KEY.kid}
    assert check(token(), keys=read_key_set({"keys": [twin, KEY.public_jwk]}))["sub"] == "3"
    assert reason(token(), keys=read_key_set({"keys": [twin]})) == "signature"


def test_a_key_bound_to_another_algorithm_is_not_used() -> None:
    bound = {**KEY.public_jwk, "alg": "RS384"}
    assert reason(token(), keys=read_key_set({"keys": [bound]})) == "kid_unknown"


def test_elliptic_curves_when_the_registration_says_so() -> None:
    private = ec.generate_private_key(ec.SECP256R1())
    jwk = {**ECKey.import_key(private).as_dict(private=False), "kid": "ec"}
    keys = (*KEYS, *read_key_set({"keys": [jwk]}))
    text = token({"alg": "ES256", "kid": "ec"}, key=private)
    assert reason(text, keys=keys) == "alg"
    assert check(text, keys=keys, expected=replace(EXPECTED, algorithms=["ES256"]))["sub"] == "3"
    # An algorithm that nobody here can verify stays refused, whatever a registration says.
    assert reason(token({"alg": "HS256"}), expected=replace(EXPECTED, algorithms=["HS256"])) == "alg"
    # The name of a key of the wrong kind does not make it fit.
    assert reason(token({"alg": "ES256"}), expected=replace(EXPECTED, algorithms=["ES256"])) == "kid_unknown"
