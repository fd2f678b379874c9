"""Our own keys: published before they sign, published after they have signed, private halves kept wrapped.

A platform may keep our key set for an hour or a day. So a key is `next` for a day at least, then `current`, then
`retiring` for a week, and only then gone.
"""

from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric import rsa
from joserfc.jwk import RSAKey

from service import audit
from service.audit import Actor
from service.crypto import Keyring
from service.lti.models import ToolKey, ToolKeyState
from service.unit import current

BITS = 2048
PUBLISHED_FIRST = timedelta(days=1)
RETIRING = timedelta(days=7)
# Any number of our own; it names the one lock that writers of keys take on PostgreSQL.
_LOCK = 0x57E6715


class TooEarly(Exception):
    """The next key has not been published long enough for every platform to know it."""


def public_jwks() -> dict[str, Any]:
    """Returns our JSON Web Key Set; empty before the first key was needed."""
    query = sa.select(ToolKey.public_jwk).order_by(ToolKey.created_at, ToolKey.kid)
    return {"keys": list(current().session.scalars(query))}


def ensure(keyring: Keyring) -> dict[str, Any]:
    """Makes the first keys if there are none, in a writing unit, and returns our key set."""
    _lock()
    if current().session.scalar(sa.select(sa.func.count()).select_from(ToolKey)) == 0:
        _make(keyring, ToolKeyState.CURRENT)
        _make(keyring, ToolKeyState.NEXT)
        audit.append(Actor(), "tool_keys_made", object_type="tool_key")
    return public_jwks()


def signing_key(keyring: Keyring) -> RSAKey:
    """Returns the private key that signs now, with its `kid`; makes the first one, which takes a writing unit."""
    signing = sa.select(ToolKey).where(ToolKey.state == ToolKeyState.CURRENT)
    row = current().session.scalars(signing).one_or_none()
    if row is None:
        ensure(keyring)
        row = current().session.scalars(signing).one()
    der = keyring.unwrap(row.master, row.wrapped, row.id)
    return RSAKey.import_key(der, {"kid": row.kid, "use": "sig", "alg": "RS256"})


def rotate(keyring: Keyring, *, at_once: bool = False) -> None:
    """Takes the next key into use, retires the present one, and makes a new next one. In a writing unit.

    Raises TooEarly when the next key is younger than a day; `at_once` does it all the same (a key has leaked).
    """
    ensure(keyring)
    now, session = current().now(), current().session
    rows = {row.state: row for row in session.scalars(sa.select(ToolKey).where(ToolKey.state != ToolKeyState.RETIRING))}
    present, following = rows[ToolKeyState.CURRENT], rows[ToolKeyState.NEXT]
    if now - following.created_at < PUBLISHED_FIRST and not at_once:
        ready = following.created_at + PUBLISHED_FIRST
        raise TooEarly(f"the next key is to be published until {ready:%Y-%m-%d %H:%M} UTC before it signs")
    present.state, present.retires_at = ToolKeyState.RETIRING, now + RETIRING
    following.state, following.signs_from = ToolKeyState.CURRENT, now
    forget_retired()
    _make(keyring, ToolKeyState.NEXT)
    audit.append(Actor(), "tool_keys_rotated", object_type="tool_key", object_ref=following.kid)


def forget_retired() -> int:
    """Deletes keys whose week is over; returns how many. In a writing unit."""
    gone = sa.delete(ToolKey).where(ToolKey.state == ToolKeyState.RETIRING, ToolKey.retires_at <= current().now())
    result: Any = current().session.execute(gone)
    return int(result.rowcount)


def _lock() -> None:
    session = current().session
    if session.get_bind().dialect.name == "postgresql":
        session.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))


def _make(keyring: Keyring, state: ToolKeyState) -> None:
    key = RSAKey.import_key(rsa.generate_private_key(public_exponent=65537, key_size=BITS))
    kid, now = key.thumbprint(), current().now()
    public = {"kty": "RSA", "use": "sig", "alg": "RS256", "kid": kid, **_numbers(key)}
    row = ToolKey(
        kid=kid, state=state, public_jwk=public, master=keyring.present, wrapped=b"", created_at=now,
        signs_from=now if state is ToolKeyState.CURRENT else None,
    )  # fmt: skip
    row.wrapped = keyring.wrap(key.as_der(private=True), row.id)
    current().session.add(row)
    current().session.flush()


def _numbers(key: RSAKey) -> dict[str, str]:
    public = key.as_dict(private=False)
    return {"n": str(public["n"]), "e": str(public["e"])}
