"""The login state: everything that must come back, signed, so that a login stores nothing and a flood costs nothing.

It binds the registration, the nonce, the browser and the target. The clock is the caller's, not the machine's.
"""

import base64
import hashlib
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from itsdangerous import BadData, URLSafeSerializer

from service.errors import LaunchRefused

LIFETIME = timedelta(minutes=10)
MAX_STATE = 8 * 1024


@dataclass(frozen=True)
class LoginState:
    """What a login began. `browser_hash` is the hash of the secret in the browser's cookie."""

    platform_id: uuid.UUID
    nonce: str
    browser_hash: bytes
    target_link_uri: str
    expires_at: datetime


@lru_cache(maxsize=4)
def _serializer(key: bytes) -> URLSafeSerializer:
    return URLSafeSerializer(
        key, salt="stegvis.lti.login", signer_kwargs={"digest_method": hashlib.sha256, "key_derivation": "hmac"}
    )  # fmt: skip


def write(key: bytes, platform_id: uuid.UUID, nonce: str, browser_hash: bytes, target: str, now: datetime) -> str:
    """Returns the signed state of a login that begins now."""
    browser, until = base64.b64encode(browser_hash).decode(), int((now + LIFETIME).timestamp())
    return str(_serializer(key).dumps([platform_id.hex, nonce, browser, target, until]))


def read(key: bytes, text: str, now: datetime) -> LoginState:
    """Returns the login that a state belongs to. Raises LaunchRefused: `state` or `state_expired`."""
    if len(text) > MAX_STATE:
        raise LaunchRefused("state")
    try:
        platform, nonce, browser, target, until = _serializer(key).loads(text)
    except BadData as error:
        raise LaunchRefused("state") from error
    if until <= now.timestamp():
        raise LaunchRefused("state_expired")
    expires_at = datetime.fromtimestamp(until, now.tzinfo)
    return LoginState(uuid.UUID(platform), nonce, base64.b64decode(browser), target, expires_at)
