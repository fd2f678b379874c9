"""The login state: everything that must come back, signed, so that a login stores nothing and a flood costs nothing.

It binds the registration, the nonce, the browser and the target. The clock is the caller's, not the machine's.
"""

import base64
import hashlib
import hmac
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Any

from itsdangerous import BadData, Serializer, URLSafeSerializer
from itsdangerous.encoding import base64_encode

from service.errors import LaunchRefused

LIFETIME = timedelta(minutes=10)
MAX_STATE = 8 * 1024


class Binding(StrEnum):
    """Where the browser keeps the secret that proves it is the one that began the login.

    Its own cookie, in the platform's frame or in a window of its own; or the platform's storage (LTI Client Side
    postMessages 1.0), for a frame that keeps no cookies.
    """

    COOKIE = "cookie"
    WINDOW = "window"
    STORAGE = "storage"


@dataclass(frozen=True)
class LoginState:
    """What a login began. `browser_hash` is the hash of the browser's secret, `frame` where the platform stores it."""

    platform_id: uuid.UUID
    nonce: str
    browser_hash: bytes
    target_link_uri: str
    expires_at: datetime
    binding: Binding = Binding.COOKIE
    frame: str = ""

    def is_proved_by(self, secret: bytes | None) -> bool:
        """Tells whether this secret is the one that the login was bound to."""
        return secret is not None and hmac.compare_digest(digest(self.binding, secret), self.browser_hash)


def digest(binding: Binding, secret: bytes) -> bytes:
    """Returns the hash of a secret as its state keeps it. One from the platform's storage never passes as a cookie."""
    return hashlib.sha256(b"platform storage\0" + secret if binding is Binding.STORAGE else secret).digest()


class _Plain(URLSafeSerializer):
    """Without the library's compression, which costs a login more time than the bytes it saves are worth."""

    def dump_payload(self, obj: Any) -> bytes:
        return base64_encode(Serializer.dump_payload(self, obj))


@lru_cache(maxsize=4)
def _serializer(key: bytes) -> _Plain:
    return _Plain(
        key, salt="stegvis.lti.login.2", signer_kwargs={"digest_method": hashlib.sha256, "key_derivation": "hmac"}
    )  # fmt: skip


@dataclass(frozen=True)
class Proof:
    """How the browser that begins a login will prove itself: the hash of its secret, and where it keeps that."""

    browser_hash: bytes
    binding: Binding = Binding.COOKIE
    frame: str = ""


def write(key: bytes, platform_id: uuid.UUID, nonce: str, proof: Proof, target: str, now: datetime) -> str:
    """Returns the signed state of a login that begins now."""
    browser, until = base64.b64encode(proof.browser_hash).decode(), int((now + LIFETIME).timestamp())
    said = [platform_id.hex, nonce, browser, target, until, proof.binding.value, proof.frame]
    return str(_serializer(key).dumps(said))


def read(key: bytes, text: str, now: datetime) -> LoginState:
    """Returns the login that a state belongs to. Raises LaunchRefused: `state` or `state_expired`."""
    if len(text) > MAX_STATE:
        raise LaunchRefused("state")
    try:
        platform, nonce, browser, target, until, binding, frame = _serializer(key).loads(text)
    except BadData as error:
        raise LaunchRefused("state") from error
    if until <= now.timestamp():
        raise LaunchRefused("state_expired")
    expires_at = datetime.fromtimestamp(until, now.tzinfo)
    return LoginState(
        uuid.UUID(platform), nonce, base64.b64decode(browser), target, expires_at, Binding(binding), frame
    )
