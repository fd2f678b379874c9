"""The tool's own key set, and what a token signed with it says. The platform asks for the keys every time, as Moodle does."""

from __future__ import annotations

from typing import Any

import requests
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from service.demo.config import ToolConfig
from service.demo.tokens import peek

FETCH_SECONDS = 5


class KeysUnreachable(Exception):
    """The tool's key set could not be fetched or read."""


class TokenUnverified(Exception):
    """The token is not one that the tool signed; the text says why."""


class KeyUnknown(TokenUnverified):
    """The token names a key that the tool does not publish, or none."""


def fetch_keys(tool: ToolConfig) -> KeySet:
    """The tool's keys. Raises :class:`KeysUnreachable`."""
    try:
        answer = requests.get(tool.jwks_url, timeout=FETCH_SECONDS, headers={"User-Agent": "MoodleBot/5.0 (practice)"})
        answer.raise_for_status()
        return KeySet.import_key_set(answer.json())
    except (requests.RequestException, JoseError, ValueError, KeyError, TypeError) as error:
        raise KeysUnreachable(str(error)) from None


def verified(tool: ToolConfig, token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and claims of a token, once its signature is found good. No claim is looked at.

    Raises :class:`KeysUnreachable`, :class:`KeyUnknown` or :class:`TokenUnverified`.
    """
    try:
        header, _ = peek(token)
    except ValueError:
        raise TokenUnverified("not a token") from None
    keys = fetch_keys(tool)
    if header.get("kid") not in [key.kid for key in keys.keys]:
        raise KeyUnknown("kid must be provided in JWT header." if "kid" not in header else "unknown kid")
    try:
        return header, jwt.decode(token, keys, algorithms=["RS256"]).claims
    except JoseError:
        raise TokenUnverified("Signature verification failed") from None


def times_complaint(claims: dict[str, Any], now: float) -> str:
    """What is wrong with a token's times, in Moodle's words; empty when nothing is. A moment ahead is too much."""
    issued, expires = claims.get("iat"), claims.get("exp")
    if not isinstance(expires, int | float) or expires <= now:
        return "Expired token"
    if not isinstance(issued, int | float) or issued > now:
        return "Cannot handle token with iat prior to now"
    return ""
