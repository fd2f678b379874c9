"""Whether an id_token is one: a pure function from token, registration, keys and time to claims, or a refusal.

The rules are those of OpenID Connect Core 1.0 §3.1.3.7 and the 1EdTech Security Framework 1.1 §5.1.3, read strictly:
what they let a receiver decide is decided for refusing. Nothing here asks the network, a database or a clock.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from joserfc.jws import JWSRegistry

from service.errors import LaunchRefused
from service.lti.keys import KEY_TYPE, PlatformKey
from service.lti.strict import NotStrict, decode_part, is_whole_text, read_object

MAX_TOKEN = 64 * 1024
MAX_KID = 512
# Three parts: neither encryption (five, RFC 7516) nor the JSON form is taken.
DOTS = 2
MAX_LIFETIME = 3600
MAX_AGE = 600
_ALGORITHMS = {name: JWSRegistry(algorithms=[name]).get_alg(name) for name in KEY_TYPE}


@dataclass(frozen=True)
class Expected:
    """What a token of one registration must say. Seconds are whole seconds since 1970 where times are compared."""

    issuer: str
    client_id: str
    algorithms: Sequence[str] = ("RS256",)
    trusted_audiences: Sequence[str] = ()


def verify(
    token: str, expected: Expected, keys: Sequence[PlatformKey], now: datetime, leeway: timedelta, *, nonce: str | None
) -> dict[str, Any]:
    """Returns the claims of a token that is genuine, for us, of now, and the answer to our login with `nonce`.

    A notice answers no login: with None the nonce is not looked at.

    Raises LaunchRefused, whose reason is `format`, `header`, `alg`, `kid`, `kid_unknown`, `signature`, `payload`,
    `time`, `expired`, `early`, `old`, `lifetime`, `iss`, `aud`, `azp` or `nonce`.
    """
    header_part, payload_part, signature_part = _split(token)
    algorithm, kid = _read_header(header_part, expected.algorithms)
    candidates = [key for key in keys if key.fits(kid, algorithm)]
    if not candidates:
        raise LaunchRefused("kid_unknown")
    signature = _decoded(signature_part)
    signed = token[: len(header_part) + 1 + len(payload_part)].encode()
    if not any(_ALGORITHMS[algorithm].verify(signed, signature, key.key) for key in candidates):
        raise LaunchRefused("signature")
    claims = _object(payload_part, "payload")
    check_times(claims, int(now.timestamp()), int(leeway.total_seconds()))
    check_parties(claims, expected)
    if nonce is not None and (not isinstance(claims.get("nonce"), str) or claims["nonce"] != nonce):
        raise LaunchRefused("nonce")
    return claims


def _split(token: str) -> tuple[str, str, str]:
    # The length is looked at first, so that a megabyte of dots is not taken apart.
    if len(token) > MAX_TOKEN or token.count(".") != DOTS:
        raise LaunchRefused("format")
    header, payload, signature = token.split(".")
    return header, payload, signature


def _decoded(part: str) -> bytes:
    try:
        return decode_part(part)
    except NotStrict as error:
        raise LaunchRefused("format") from error


def _object(part: str, reason: str) -> dict[str, Any]:
    try:
        return read_object(_decoded(part))
    except NotStrict as error:
        raise LaunchRefused(reason) from error


def _read_header(part: str, allowed: Sequence[str]) -> tuple[str, str]:
    """Returns algorithm and key id. Headers that bring a key or an address of one are not even looked at."""
    header = _object(part, "header")
    if "crit" in header or "cty" in header or header.get("typ", "JWT") not in ("JWT", "jwt"):
        raise LaunchRefused("header")
    algorithm, kid = header.get("alg"), header.get("kid")
    if not isinstance(algorithm, str) or algorithm not in allowed or algorithm not in _ALGORITHMS:
        raise LaunchRefused("alg")
    if not isinstance(kid, str) or not 0 < len(kid) <= MAX_KID or not is_whole_text(kid):
        raise LaunchRefused("kid")
    return algorithm, kid


def _seconds(claims: dict[str, Any], name: str) -> int:
    value = claims.get(name)
    # A bool is an int to Python, and not a time to anybody.
    if type(value) is not int or value < 0:
        raise LaunchRefused("time")
    return value


def check_times(claims: dict[str, Any], now: int, leeway: int) -> None:
    """Raises LaunchRefused for claims that are not of now: `time`, `expired`, `early`, `old` or `lifetime`."""
    expires, issued = _seconds(claims, "exp"), _seconds(claims, "iat")
    if expires + leeway <= now:
        raise LaunchRefused("expired")
    begins = _seconds(claims, "nbf") if "nbf" in claims else issued
    if issued > now + leeway or begins > now + leeway:
        raise LaunchRefused("early")
    if issued < now - MAX_AGE - leeway:
        raise LaunchRefused("old")
    if expires - issued > MAX_LIFETIME or expires <= issued:
        raise LaunchRefused("lifetime")


def check_parties(claims: dict[str, Any], expected: Expected) -> None:
    """Raises LaunchRefused for claims that are not from the platform and for us: `iss`, `aud` or `azp`."""
    if claims.get("iss") != expected.issuer:
        raise LaunchRefused("iss")
    audience = claims.get("aud")
    named = [audience] if isinstance(audience, str) else audience
    if not isinstance(named, list) or expected.client_id not in named:
        raise LaunchRefused("aud")
    if not all(name == expected.client_id or name in expected.trusted_audiences for name in named):
        raise LaunchRefused("aud")
    if ("azp" in claims or len(named) > 1) and claims.get("azp") != expected.client_id:
        raise LaunchRefused("azp")
