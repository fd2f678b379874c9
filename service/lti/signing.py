"""Messages that we sign: deep-linking answers and assertions for access tokens."""

from collections.abc import Mapping
from typing import Any

from joserfc import jwt

from service.core import core
from service.crypto import Keyring
from service.lti import toolkeys


def sign(claims: Mapping[str, Any], keyring: Keyring | None = None) -> str:
    """Returns a compact JWT (RS256) of the claims, signed with the key that signs now, in the current unit.

    In a writing unit it makes the first key when there is none. `keyring` is the application's, or has to be given.
    """
    key = toolkeys.signing_key(keyring or core().units.keyring)
    return jwt.encode({"typ": "JWT", "alg": "RS256", "kid": key.kid}, dict(claims), key)
