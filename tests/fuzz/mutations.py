"""Structure-aware changes of id_tokens, and an independent opinion on which of the results may be accepted.

Keys are on an elliptic curve where a token has to be signed anew, since that is thirty times as fast as RSA; RSA tokens
are signed beforehand and changed afterwards.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from joserfc.jwk import ECKey

from service.demo.tokens import SigningKey, sign_compact
from service.lti.acceptance import Expected
from service.lti.claims import CLAIM
from service.lti.keys import read_key_set

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
EPOCH = int(NOW.timestamp())
LEEWAY = timedelta(seconds=60)
NONCE = "n-1"
ISSUER, CLIENT = "https://lms.example.org", "klient"
EXPECTED = Expected(ISSUER, CLIENT, ["RS256", "ES256"], ["betrodd"])
CURVE, STRANGER = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
RSA = SigningKey()
JWKS = {"keys": [RSA.public_jwk, {**ECKey.import_key(CURVE).as_dict(private=False), "kid": "ec"}]}
KEYS = read_key_set(JWKS)
HEADER: dict[str, Any] = {"typ": "JWT", "alg": "ES256", "kid": "ec"}
LONG = (
    "version",
    "message_type",
    "deployment_id",
    "target_link_uri",
    "roles",
    "resource_link",
    "context",
    "launch_presentation",
    "custom",
)


def base_claims() -> dict[str, Any]:
    """What an honest platform says."""
    return {
        "iss": ISSUER, "aud": CLIENT, "sub": "3", "nonce": NONCE, "iat": EPOCH, "exp": EPOCH + 60, "name": "Åsa", "email": "asa@example.org", "locale": "sv",
        CLAIM + "version": "1.3.0", CLAIM + "message_type": "LtiResourceLinkRequest", CLAIM + "deployment_id": "1",
        CLAIM + "target_link_uri": "https://tool.example.org/to/ledarsteg", CLAIM + "roles": ["Learner"], CLAIM + "resource_link": {"id": "1", "title": "Steg"},
        CLAIM + "context": {"id": "2", "title": "Kurs", "type": ["CourseSection"]}, CLAIM + "launch_presentation": {"document_target": "iframe", "locale": "sv"},
        CLAIM + "custom": {"x": "$Some.Unknown", "y": None},
    }  # fmt: skip


RSA_TOKENS = [
    sign_compact(
        {"typ": "JWT", "alg": "RS256", "kid": RSA.kid},
        json.dumps({**base_claims(), "jti": str(n)}).encode(),
        RSA.private,
    )
    for n in range(20)
]


@dataclass(frozen=True)
class Case:
    """A token, whether an honest verifier may accept it, and whether it must."""

    token: str
    may: bool
    must: bool
    kind: str


def scalars(r: random.Random) -> Any:
    """A value that somebody might put where another belongs."""
    return r.choice([
        None, True, False, 0, 1, -1, 1.5, 10**40, EPOCH, EPOCH + 30, str(EPOCH), "", " ", "x", CLIENT, ISSUER, NONCE, "3", "x" * 255, "x" * 256, "x" * 9000, "a\x00b", "\ud800", "\r\n", "'--", "../..", [], {}, [[]],
        [CLIENT], [CLIENT, "annan"], [CLIENT, "betrodd"], ["betrodd"], {CLIENT: 1}, [None], ["Learner"], ["x"] * 101, {"id": "1"}, {"id": None}, {"id": 1}, {"id": "x" * 256}, "1.3.0", "LtiResourceLinkRequest", "LtiDeepLinkingRequest", ISSUER + "/", ISSUER.upper(),
    ])  # fmt: skip


def signed(payload: bytes, header: dict[str, Any] | None = None, key: Any = CURVE) -> str:
    return sign_compact(HEADER if header is None else header, payload, key)


def control(r: random.Random) -> Case:
    return Case(
        r.choice(RSA_TOKENS) if r.random() < 0.5 else signed(json.dumps(base_claims()).encode()),
        may=True,
        must=True,
        kind="control",
    )


def claim_changed(r: random.Random) -> Case:
    claims = base_claims()
    for _ in range(r.choice([1, 1, 1, 2, 3])):
        name = r.choice([*claims, "azp", "nbf", "given_name", "family_name", CLAIM + "lis", CLAIM + "tool_platform"])
        what = r.random()
        if what < 0.2:
            claims.pop(name, None)
        elif what < 0.35 and isinstance(claims.get(name), int):
            claims[name] += r.choice(
                [-86_400 * 3650, -700, -661, -660, -659, -121, -120, -61, -60, 59, 60, 61, 3540, 3541, 10**9]
            )
        elif what < 0.5 and isinstance(claims.get(name), dict):
            claims[name] = {
                **claims[name],
                r.choice(["id", "title", "type", "locale", "return_url", "document_target"]): scalars(r),
            }
        elif what < 0.6 and isinstance(claims.get(name), str):
            claims[name] = mangled(claims[name], r)
        else:
            claims[name] = scalars(r)
    return Case(signed(json.dumps(claims).encode()), may=legal(claims), must=False, kind="claim")


def mangled(text: str, r: random.Random) -> str:
    at = r.randrange(len(text) + 1)
    return r.choice(
        [text[:at], text[at:], text[:at] + r.choice("\x00\n \u202e/о") + text[at:], text.swapcase(), text * 2]
    )


def header_changed(r: random.Random) -> Case:
    header = dict(HEADER)
    name = r.choice(["alg", "kid", "typ", "crit", "cty", "jku", "jwk", "x5u", "x5c", "b64", "zip", "enc", "x"])
    if r.random() < 0.15:
        header.pop(name, None)
    else:
        value = scalars(r)
        header[name] = r.choice(
            [
                value,
                value,
                "none",
                "None",
                "HS256",
                "RS256",
                "PS256",
                "at+jwt",
                "JWT",
                "ec",
                RSA.kid,
                "https://evil.example/jwks",
                RSA.public_jwk,
                ["b64"],
            ]
        )
    sound = (
        header.get("alg") == "ES256"
        and header.get("kid") == "ec"
        and header.get("typ", "JWT") in ("JWT", "jwt")
        and not {"crit", "cty"} & header.keys()
    )
    if sound:
        return Case(signed(json.dumps(base_claims()).encode(), header), may=True, must=True, kind="header")
    return Case(_lying(header, r), may=False, must=False, kind="header")


def _lying(header: dict[str, Any], r: random.Random) -> str:
    key: Any = r.choice([CURVE, b"secret", json.dumps(RSA.public_jwk).encode(), None])
    return sign_compact(header, json.dumps(base_claims()).encode(), key)


def stranger(r: random.Random) -> Case:
    header = {**HEADER, r.choice(["jwk", "jku", "x5u", "x"]): r.choice([RSA.public_jwk, "https://evil.example/"])}
    return Case(signed(json.dumps(base_claims()).encode(), header, STRANGER), may=False, must=False, kind="stranger")


def compact_changed(r: random.Random) -> Case:
    token = r.choice(RSA_TOKENS)
    at = r.randrange(len(token))
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=+/ \n\x00é"
    changed = r.choice([
        lambda: token[:at] + r.choice(alphabet) + token[at + 1 :], lambda: token[:at] + token[at + 1 :], lambda: token[:at] + r.choice(alphabet) + token[at:], lambda: token[:at], lambda: token[at:],
        lambda: token + r.choice(["=", "==", ".", " ", "\n", "A", ".A", ".A.B"]), lambda: ".".join(r.sample(token.split("."), 3)), lambda: token.split(".")[0] + "." + r.choice(RSA_TOKENS).split(".")[1] + "." + r.choice(RSA_TOKENS).split(".")[2],
        lambda: "." * r.randrange(100_000), lambda: token * 40, lambda: json.dumps({"payload": token.split(".")[1], "signatures": []}), lambda: token[:-1] + r.choice(alphabet), lambda: token.upper(),
    ])()  # fmt: skip
    return Case(changed, may=changed in RSA_TOKENS, must=False, kind="compact")


def sloppy_json(r: random.Random) -> Case:
    text = json.dumps(base_claims())
    name = r.choice(["sub", "exp", "nonce", "iss", "x"])
    at = r.randrange(len(text))
    raw: bytes = r.choice([
        lambda: (text[:-1] + f', "{name}": 1, "{name}": 2}}').encode(), lambda: (text[:-1] + ', "x": NaN}').encode(), lambda: (text[:-1] + ', "x": -Infinity}').encode(), lambda: (text[:-1] + ', "x": 1e999}').encode(),
        lambda: b"\xef\xbb\xbf" + text.encode(), lambda: text.encode("utf-16"), lambda: text.encode("utf-32"), lambda: (text[:-1] + ', "x": "').encode() + b'\xff\xfe"}', lambda: f"[{text}]".encode(), lambda: (text + text).encode(),
        lambda: (text[:-1] + ', "x": ' + "[" * r.randrange(1100, 12_000) + "}").encode(), lambda: (text[:-1] + ', "x": ' + "9" * 4400 + "}").encode(), lambda: text[:at].encode(), lambda: b"\x00" + text.encode(), lambda: b"",
    ])()  # fmt: skip
    return Case(signed(raw), may=False, must=False, kind="json")


def legal(claims: dict[str, Any]) -> bool:
    """A second opinion on claims, written from the rules and not from the verifier; target and sub are looked at later."""

    def whole(value: Any) -> bool:
        return isinstance(value, int) and not isinstance(value, bool) and value >= 0

    if not whole(claims.get("exp")) or not whole(claims.get("iat")) or ("nbf" in claims and not whole(claims["nbf"])):
        return False
    exp, iat = claims["exp"], claims["iat"]
    if (
        exp <= EPOCH - 60
        or iat > EPOCH + 60
        or claims.get("nbf", 0) > EPOCH + 60
        or iat < EPOCH - 660
        or not 0 < exp - iat <= 3600
    ):
        return False
    aud = claims.get("aud")
    many = [aud] if isinstance(aud, str) else aud
    if claims.get("iss") != ISSUER or claims.get("nonce") != NONCE or not isinstance(many, list) or CLIENT not in many:
        return False
    if (
        any(one not in (CLIENT, "betrodd") for one in many)
        or (len(many) > 1 and "azp" not in claims)
        or claims.get("azp", CLIENT) != CLIENT
    ):
        return False
    return _legal_message(claims)


def _legal_message(claims: dict[str, Any]) -> bool:
    def named(value: Any) -> bool:
        return (
            isinstance(value, str)
            and 0 < len(value) <= 255
            and bool(value.strip())
            and not any(ord(c) < 32 or 0xD800 <= ord(c) < 0xE000 for c in value)
        )

    link, context, roles = (claims.get(CLAIM + name) for name in ("resource_link", "context", "roles"))
    return (
        claims.get(CLAIM + "version") == "1.3.0" and claims.get(CLAIM + "message_type") == "LtiResourceLinkRequest"
        and (claims.get("sub") is None or named(claims["sub"])) and named(claims.get(CLAIM + "deployment_id")) and isinstance(claims.get(CLAIM + "target_link_uri"), str)
        and isinstance(link, dict) and named(link.get("id")) and (context is None or (isinstance(context, dict) and named(context.get("id"))))
        and isinstance(roles, list) and len(roles) <= 100 and all(isinstance(role, str) for role in roles)
        and all(isinstance(claims.get(name), str | None) for name in ("name", "email", "locale", "given_name", "family_name"))
        and all(isinstance(claims.get(CLAIM + name), dict | None) for name in ("custom", "launch_presentation", "lis", "tool_platform"))
    )  # fmt: skip


MUTATIONS: list[tuple[Callable[[random.Random], Case], int]] = [
    (control, 2), (claim_changed, 50), (header_changed, 18), (stranger, 3), (compact_changed, 20), (sloppy_json, 7)
]  # fmt: skip
_FUNCTIONS, _WEIGHTS = [function for function, _ in MUTATIONS], [weight for _, weight in MUTATIONS]


def case(r: random.Random) -> Case:
    """One random case."""
    return r.choices(_FUNCTIONS, _WEIGHTS)[0](r)
