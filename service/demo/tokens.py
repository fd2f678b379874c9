"""Keys and signatures of the practice LMS. ``sign_compact`` signs anything at all, so that tests can forge any token."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Mapping
from typing import Any, Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from joserfc.jwk import RSAKey


class _Remove:
    def __repr__(self) -> str:
        return "REMOVE"


REMOVE: Final = _Remove()
"""As an override: leave the claim or header parameter out. (None is a value of its own: JSON null.)"""

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | bytes
"""What a token can be signed with; bytes are a secret shared by HMAC."""

_HASHES: dict[str, type[hashes.HashAlgorithm]] = {"256": hashes.SHA256, "384": hashes.SHA384, "512": hashes.SHA512}


class SigningKey:
    """An RSA key pair; ``kid`` is the public key's thumbprint (RFC 7638)."""

    def __init__(self, bits: int = 2048) -> None:
        self.private = rsa.generate_private_key(public_exponent=65537, key_size=bits)
        numbers = self.private.public_key().public_numbers()
        public = {"kty": "RSA", "n": _number(numbers.n), "e": _number(numbers.e)}
        self.kid = RSAKey.import_key(self.private).thumbprint()
        self.public_jwk: dict[str, str] = {**public, "kid": self.kid, "alg": "RS256", "use": "sig"}


class KeyRing:
    """The platform's keys: the last one signs, all are published."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._keys = [SigningKey()]

    @property
    def current(self) -> SigningKey:
        """The key that signs now."""
        return self._keys[-1]

    def rotate(self, *, keep_old: bool = True) -> SigningKey:
        """Make a new key and sign with it from now on; without ``keep_old`` the earlier ones are no longer published."""
        fresh = SigningKey()
        with self._lock:
            self._keys = [*self._keys, fresh] if keep_old else [fresh]
        return fresh

    def as_jwks(self) -> dict[str, Any]:
        """The public key set (RFC 7517)."""
        return {"keys": [key.public_jwk for key in self._keys]}


def with_overrides(base: Mapping[str, Any], overrides: Mapping[str, Any]) -> dict[str, Any]:
    """``base`` with values replaced, added, or taken out by :data:`REMOVE`."""
    return {name: value for name, value in {**base, **overrides}.items() if value is not REMOVE}


def sign_compact(header: Mapping[str, Any], payload: bytes, key: PrivateKey | None) -> str:
    """A compact JWS (RFC 7515) with the header as given and a signature by ``key``; without a key the signature is empty.

    Nothing is checked: an algorithm that does not fit the key gives a token whose header lies.
    """
    signing_input = f"{encode(json.dumps(header).encode())}.{encode(payload)}"
    signature = b"" if key is None else _signature(str(header.get("alg")), signing_input.encode(), key)
    return f"{signing_input}.{encode(signature)}"


def peek(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and claims of a token, unverified. Raises ``ValueError`` when it is not a token at all."""
    header, payload, _ = token.split(".")
    parts = [json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))) for part in (header, payload)]
    if not all(isinstance(part, dict) for part in parts):
        raise ValueError("header and claims of a token are JSON objects")
    return parts[0], parts[1]


def encode(data: bytes) -> str:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _number(value: int) -> str:
    return encode(value.to_bytes((value.bit_length() + 7) // 8, "big"))


def _signature(algorithm: str, data: bytes, key: PrivateKey) -> bytes:
    digits = algorithm[-3:]
    chosen = _HASHES.get(digits, hashes.SHA256)()
    if isinstance(key, bytes):
        return hmac.new(key, data, getattr(hashlib, f"sha{digits}", hashlib.sha256)).digest()
    if isinstance(key, ec.EllipticCurvePrivateKey):
        size = (key.curve.key_size + 7) // 8
        r, s = decode_dss_signature(key.sign(data, ec.ECDSA(chosen)))
        return r.to_bytes(size, "big") + s.to_bytes(size, "big")
    if algorithm.startswith("PS"):
        return key.sign(data, padding.PSS(padding.MGF1(chosen), chosen.digest_size), chosen)
    return key.sign(data, padding.PKCS1v15(), chosen)
