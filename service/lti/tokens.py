"""Access tokens for the platforms' services (1EdTech Security Framework 1.1 §4.1, RFC 7523), asked for seldom.

A token is kept in SQL, sealed, by registration and set of scopes, until a minute before it expires; and for a moment in
this process, so that a run of calls reads it once. Two registrations never share one, not even on one issuer.
"""

import hashlib
import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from service.crypto import CannotOpen
from service.lti.models import Platform, PlatformState
from service.lti.quirks import quirks_of
from service.lti.service_models import AccessToken
from service.lti.signing import sign
from service.lti.token_answers import Granted, ServiceRefused, understood
from service.outbound import Line, Outbound
from service.unit import Units

# A token is not used in its last minute: it would expire on the way, or by a clock that is ahead.
MARGIN = timedelta(seconds=60)
# How long this process uses a token without looking whether the platform may still be called.
KEPT = timedelta(seconds=10)
# Moodle refuses an assertion from two seconds ahead of its clock. Half a minute back is nobody's limit.
BACKDATED = timedelta(seconds=30)
ASSERTION_LIVES = timedelta(minutes=5)
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
TOKEN_BYTES = 64 * 1024
_TOKENS: Any = AccessToken.__table__
_PLATFORMS: Any = Platform.__table__


@dataclass(frozen=True)
class _Kept:
    row_id: uuid.UUID
    value: str
    until: datetime
    family: str


class AccessTokens:
    """The tokens of all platforms. For one thread of calls at a time."""

    def __init__(self, units: Units, outbound: Outbound | Line) -> None:
        self._units = units
        self._outbound = outbound
        self._kept: dict[tuple[uuid.UUID, bytes], _Kept] = {}

    def over(self, line: Line) -> "AccessTokens":
        """The same tokens, asked for over a line that is open."""
        tokens = AccessTokens(self._units, line)
        tokens._kept = self._kept
        return tokens

    def get(self, platform_id: uuid.UUID, scopes: Collection[str]) -> str:
        """Returns a token for exactly these scopes, from the platform when there is none that is good.

        Raises ServiceFailed for what may be tried again, ServiceRefused for what would not help.
        """
        hashed = _hash(scopes)
        kept = self._kept.get((platform_id, hashed))
        if kept is not None and kept.until > self._units.clock.now():
            return kept.value
        kept = self._stored(platform_id, hashed) or self._asked(platform_id, hashed, scopes)
        self._kept[platform_id, hashed] = kept
        return kept.value

    def drop(self, platform_id: uuid.UUID, scopes: Collection[str]) -> None:
        """Forgets the token got last, because the platform does not take it; one that came since then stays."""
        kept = self._kept.pop((platform_id, _hash(scopes)), None)
        if kept is not None:
            with self._units.writing() as unit:
                unit.session.execute(sa.delete(_TOKENS).where(_TOKENS.c.id == kept.row_id))

    def is_refused_by(self, platform_id: uuid.UUID, scopes: Collection[str], status: int) -> bool:
        """Tells whether this status may mean that the platform does not take the token got last."""
        kept = self._kept.get((platform_id, _hash(scopes)))
        return status in quirks_of(kept.family if kept else "").token_refused

    def _stored(self, platform_id: uuid.UUID, hashed: bytes) -> _Kept | None:
        now = self._units.clock.now()
        query = (
            sa.select(_TOKENS, _PLATFORMS.c.family)
            .join(_PLATFORMS, _PLATFORMS.c.id == _TOKENS.c.platform_id)
            .where(_TOKENS.c.platform_id == platform_id, _TOKENS.c.scopes_hash == hashed, _TOKENS.c.expires_at > now)
            .where(_PLATFORMS.c.state == PlatformState.ACTIVE)
        )
        with self._units.reading() as unit:
            row = unit.connection.execute(query).one_or_none()
        if row is None:
            return None
        try:
            value = self._units.keyring.unwrap(row.master, row.wrapped, row.id).decode()
        except CannotOpen:  # the master key it was sealed with is gone: there are more tokens where it came from
            return None
        return _Kept(row.id, value, min(row.expires_at, now + KEPT), row.family)

    def _asked(self, platform_id: uuid.UUID, hashed: bytes, scopes: Collection[str]) -> _Kept:
        now = self._units.clock.now()
        token_url, family, assertion = self._assertion(platform_id)
        form = {
            "grant_type": "client_credentials", "client_assertion_type": ASSERTION_TYPE, "client_assertion": assertion,
            "scope": " ".join(sorted(set(scopes))),
        }  # fmt: skip
        answer = self._outbound.send(
            "POST", token_url, limit=TOKEN_BYTES, headers={"Accept": "application/json"}, body=form
        )
        granted = understood(answer, scopes, family)
        return self._store(platform_id, hashed, granted, now + timedelta(seconds=granted.seconds) - MARGIN, family)

    def _assertion(self, platform_id: uuid.UUID) -> tuple[str, str, str]:
        """Returns where to ask, the platform's product, and our signed assertion. The network is not open yet."""
        with self._units.writing() as unit:
            row = unit.connection.execute(sa.select(_PLATFORMS).where(_PLATFORMS.c.id == platform_id)).one()
            if row.state is not PlatformState.ACTIVE:
                raise ServiceRefused("platform_not_active")
            issued = unit.now() - BACKDATED
            claims = {
                "iss": row.client_id, "sub": row.client_id, "aud": row.token_audience or row.token_url,
                "iat": int(issued.timestamp()), "exp": int((issued + BACKDATED + ASSERTION_LIVES).timestamp()),
                "jti": uuid.uuid4().hex,
            }  # fmt: skip
            return row.token_url, row.family, sign(claims, self._units.keyring)

    def _store(
        self, platform_id: uuid.UUID, hashed: bytes, granted: Granted, expires_at: datetime, family: str
    ) -> _Kept:
        row_id, keyring = uuid.uuid4(), self._units.keyring
        sealed = {
            "id": row_id, "master": keyring.present, "wrapped": keyring.wrap(granted.token.encode(), row_id),
            "expires_at": expires_at,
        }  # fmt: skip
        with self._units.writing() as unit:
            dialect = postgresql if unit.connection.dialect.name == "postgresql" else sqlite
            insert = dialect.insert(_TOKENS).values(platform_id=platform_id, scopes_hash=hashed, **sealed)
            unit.connection.execute(
                insert.on_conflict_do_update(index_elements=[_TOKENS.c.platform_id, _TOKENS.c.scopes_hash], set_=sealed)
            )
            return _Kept(row_id, granted.token, min(expires_at, unit.now() + KEPT), family)


def _hash(scopes: Collection[str]) -> bytes:
    return hashlib.sha256(" ".join(sorted(set(scopes))).encode()).digest()
