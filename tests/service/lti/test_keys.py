"""Which published keys are used."""

import base64
from typing import Any

import pytest

from service.lti.keys import KeySetRefused, read_key, read_key_set
from tests.service.lti.tokens import KEY

GOOD = {"kty": "RSA", "kid": "k", "n": KEY.public_jwk["n"], "e": "AQAB"}
EC = {
    "kty": "EC",
    "kid": "k",
    "crv": "P-256",
    "x": "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
    "y": "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM",
}


def number(value: int) -> str:
    return base64.urlsafe_b64encode(value.to_bytes((value.bit_length() + 7) // 8 or 1, "big")).rstrip(b"=").decode()


@pytest.mark.parametrize(
    "jwk",
    [
        GOOD,
        {**GOOD, "use": "sig"},
        {**GOOD, "alg": "RS512"},
        {**GOOD, "key_ops": ["verify", "sign"]},
        {**GOOD, "x5c": ["..."]},
        EC,
        {**EC, "alg": "ES256"},
    ],
)
def test_a_key_for_signatures_is_used(jwk: dict[str, Any]) -> None:
    assert read_key(jwk) is not None


@pytest.mark.parametrize(
    "change",
    [
        {"use": "enc"}, {"use": None}, {"key_ops": ["encrypt"]}, {"key_ops": []}, {"key_ops": "verify"}, {"kty": "oct", "k": "AAAA"}, {"kty": None}, {"kid": None},
        {"kid": 7}, {"alg": "HS256"}, {"alg": "ES256"}, {"alg": 5}, {"alg": "RSA-OAEP"}, {"n": None}, {"n": ""}, {"n": "!"}, {"n": 5}, {"e": None}, {"e": "AQ"},
        {"e": number(3)}, {"e": number(65536)}, {"e": number(65539 * 2)}, {"e": number(2**40 + 1)}, {"n": number(2**8192 + 1)}, {"n": number(2**2047)},
    ],
)  # fmt: skip
def test_a_key_that_is_weak_or_for_something_else_is_left_out(change: dict[str, Any]) -> None:
    assert read_key({**GOOD, **change}) is None


@pytest.mark.parametrize(
    "change", [{"crv": "P-384"}, {"crv": "secp256k1"}, {"x": None}, {"y": "AAAA"}, {"x": EC["y"]}, {"alg": "RS256"}]
)
def test_a_point_that_is_not_on_our_curve_is_left_out(change: dict[str, Any]) -> None:
    assert read_key({**EC, **change}) is None


@pytest.mark.parametrize("bits", [512, 1024, 2047])
def test_small_keys_are_left_out(bits: int) -> None:
    assert read_key({**GOOD, "n": number(2 ** (bits - 1) + 1)}) is None


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ({}, "no_keys"), ([], "no_keys"), (None, "no_keys"), ({"keys": None}, "no_keys"), ({"keys": {}}, "no_keys"), ({"keys": {"keys": [GOOD]}}, "no_keys"),
        ({"keys": []}, "no_usable_key"), ({"keys": [None, 1, "x", {}]}, "no_usable_key"), ({"keys": [GOOD] * 21}, "too_many_keys"),
    ],
)  # fmt: skip
def test_what_is_not_a_key_set(value: object, why: str) -> None:
    with pytest.raises(KeySetRefused, match=why):
        read_key_set(value)


def test_unusable_keys_do_not_spoil_the_others() -> None:
    (key,) = read_key_set({"keys": [{"kty": "oct"}, GOOD, {**GOOD, "use": "enc"}]})
    assert key.kid == "k"
