"""Which of the keys that a platform publishes we verify with (RFC 7517, RFC 7518; sizes by NIST SP 800-131A)."""

from dataclasses import dataclass
from typing import Any

from joserfc.jwk import ECKey, RSAKey

from service.lti.strict import NotStrict, decode_part

MAX_KEYS = 20
MIN_BITS = 2048
# A verification with a larger modulus costs more than a launch is worth; a larger exponent is a known way to burn time.
MAX_BITS = 8192
MAX_EXPONENT = 2**32
MIN_EXPONENT = 65537
KEY_TYPE = {"RS256": "RSA", "RS384": "RSA", "RS512": "RSA", "ES256": "EC"}
"""The signature algorithms that a registration may allow, and the kind of key each needs."""


class KeySetRefused(Exception):
    """A key set that is not one; the message is a short word for the operator."""


@dataclass(frozen=True)
class PlatformKey:
    """A platform's public key, ready to verify with. `algorithm` is empty where the platform did not bind one."""

    kid: str
    kind: str
    algorithm: str
    key: RSAKey | ECKey

    def fits(self, kid: str, algorithm: str) -> bool:
        """Tells whether a token with this header may be verified with this key."""
        return self.kid == kid and self.kind == KEY_TYPE[algorithm] and self.algorithm in ("", algorithm)


def read_key_set(value: object) -> tuple[PlatformKey, ...]:
    """Returns the usable keys of a JSON Web Key Set; unusable ones are left out. Raises KeySetRefused."""
    keys = value.get("keys") if isinstance(value, dict) else None
    if not isinstance(keys, list):
        raise KeySetRefused("no_keys")
    if len(keys) > MAX_KEYS:
        raise KeySetRefused("too_many_keys")
    usable = tuple(key for key in map(read_key, keys) if key is not None)
    if not usable:
        raise KeySetRefused("no_usable_key")
    return usable


def read_key(jwk: object) -> PlatformKey | None:
    """Returns a key that may verify signatures, or None: another kind, too small, or meant for something else."""
    if not isinstance(jwk, dict) or not _may_verify(jwk):
        return None
    kid, algorithm = jwk.get("kid"), jwk.get("alg", "")
    if not isinstance(kid, str) or not isinstance(algorithm, str):
        return None
    kind = "RSA" if _is_strong_rsa(jwk) else "EC" if _is_p256(jwk) else ""
    if not kind or (algorithm and KEY_TYPE.get(algorithm) != kind):
        return None
    try:
        key = RSAKey.import_key(_only(jwk, "kty n e")) if kind == "RSA" else ECKey.import_key(_only(jwk, "kty crv x y"))
        # Importing is lazy: asking for the public half once shows whether the numbers are a key at all.
        key.public_key  # noqa: B018
    except Exception:  # noqa: BLE001 - whatever a library makes of a stranger's numbers: not a key
        return None
    return PlatformKey(kid, kind, algorithm, key)


def _only(jwk: dict[str, Any], names: str) -> dict[str, Any]:
    return {name: jwk[name] for name in names.split()}


def _may_verify(jwk: dict[str, Any]) -> bool:
    operations = jwk.get("key_ops", ["verify"])
    return jwk.get("use", "sig") == "sig" and isinstance(operations, list) and "verify" in operations


def _is_strong_rsa(jwk: dict[str, Any]) -> bool:
    if jwk.get("kty") != "RSA":
        return False
    modulus, exponent = _number(jwk.get("n")), _number(jwk.get("e"))
    sound = MIN_EXPONENT <= exponent < MAX_EXPONENT and exponent % 2 == 1 and modulus % 2 == 1
    return sound and MIN_BITS <= modulus.bit_length() <= MAX_BITS


def _is_p256(jwk: dict[str, Any]) -> bool:
    return jwk.get("kty") == "EC" and jwk.get("crv") == "P-256" and all(_number(jwk.get(name)) for name in "xy")


def _number(value: object) -> int:
    try:
        return int.from_bytes(decode_part(value), "big") if isinstance(value, str) else 0
    except NotStrict:
        return 0
