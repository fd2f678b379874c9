"""Tokens and keys for tests of the pure verifier; keys are made once, since making one takes longer than a test."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from service.demo.tokens import REMOVE, SigningKey, encode, sign_compact, with_overrides
from service.lti.acceptance import Expected, verify
from service.lti.claims import CLAIM
from service.lti.keys import PlatformKey, read_key_set

KEY, OTHER_KEY = SigningKey(), SigningKey()
KEYS: tuple[PlatformKey, ...] = read_key_set({"keys": [KEY.public_jwk]})
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
EPOCH = int(NOW.timestamp())
LEEWAY = timedelta(seconds=60)
EXPECTED = Expected("https://lms.example.org", "klient")
NONCE = "n-1"
HEADER = {"typ": "JWT", "alg": "RS256", "kid": KEY.kid}
CLAIMS: dict[str, Any] = {
    "iss": EXPECTED.issuer, "aud": "klient", "sub": "3", "nonce": NONCE, "iat": EPOCH, "exp": EPOCH + 60, "name": "Åsa Öhrström",
    CLAIM + "deployment_id": "1", CLAIM + "version": "1.3.0", CLAIM + "message_type": "LtiResourceLinkRequest",
    CLAIM + "target_link_uri": "https://tool.example.org/to/ledarsteg", CLAIM + "roles": ["Learner"],
    CLAIM + "resource_link": {"id": "1", "title": "Mina steg"}, CLAIM + "context": {"id": "2", "title": "Kurs"},
}  # fmt: skip


def token(header: dict[str, Any] | None = None, key: Any = KEY.private, raw: bytes | None = None, **claims: Any) -> str:
    """A signed token, with claims changed or (REMOVE) left out; `raw` replaces the whole payload."""
    payload = raw if raw is not None else json.dumps(with_overrides(CLAIMS, claims)).encode()
    return sign_compact(with_overrides(HEADER, header or {}), payload, key)


def raw_header(header: bytes, key: Any = KEY.private) -> str:
    """A signed token whose header is these bytes."""
    whole = f"{encode(header)}.{encode(json.dumps(CLAIMS).encode())}"
    good = sign_compact(HEADER, json.dumps(CLAIMS).encode(), key).split(".")[2]
    return f"{whole}.{good}"


def check(text: str, keys: Any = KEYS, expected: Expected = EXPECTED, nonce: str = NONCE) -> dict[str, Any]:
    """Verifies at NOW with the usual leeway."""
    return verify(text, expected, keys, NOW, LEEWAY, nonce=nonce)


__all__ = [
    "CLAIMS",
    "EPOCH",
    "EXPECTED",
    "HEADER",
    "KEY",
    "KEYS",
    "LEEWAY",
    "NONCE",
    "NOW",
    "OTHER_KEY",
    "REMOVE",
    "check",
    "raw_header",
    "token",
]
