"""Registered platforms as login and launch see them: one plain row, read by one statement."""

import re
import time
import uuid
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

import sqlalchemy as sa

from service.lti.acceptance import Expected
from service.lti.models import Platform, PlatformKeys, PlatformState
from service.unit import Units


@dataclass(frozen=True)
class Registration:
    """A platform's registration. `keys_fetched_at` tells which edition of its keys is the latest."""

    id: uuid.UUID
    issuer: str
    client_id: str
    auth_login_url: str
    jwks_url: str
    algorithms: list[Any]
    trusted_audiences: list[Any]
    state: PlatformState
    organisation_id: uuid.UUID
    auto_activate: bool
    allow_missing_sub: bool
    family: str
    keys_fetched_at: datetime | None

    @property
    def expected(self) -> Expected:
        """What its tokens must say."""
        return Expected(self.issuer, self.client_id, self.algorithms, self.trusted_audiences)

    @property
    def is_active(self) -> bool:
        """Whether it may launch."""
        return self.state is PlatformState.ACTIVE

    @cached_property
    def origins(self) -> tuple[str, ...]:
        """The origins that the registration itself names, without repetition."""
        found = (origin_of(self.issuer), origin_of(self.auth_login_url))
        return tuple(dict.fromkeys(origin for origin in found if origin))


_HOST = re.compile(r"[a-z0-9.-]+")
_TABLE, _KEYS = Platform.__table__, PlatformKeys.__table__
_SELECT = sa.select(
    *(_TABLE.c[name] for name in Registration.__dataclass_fields__ if name != "keys_fetched_at"),
    _KEYS.c.fetched_at.label("keys_fetched_at"),
).outerjoin(_KEYS, _KEYS.c.platform_id == _TABLE.c.id)
_BY_ID = _SELECT.where(_TABLE.c.id == sa.bindparam("value"))
_BY_PUBLIC_ID = _SELECT.where(_TABLE.c.public_id == sa.bindparam("value"))
_BY_ISSUER = _SELECT.where(_TABLE.c.issuer == sa.bindparam("value"))


class Registrations:
    """Registrations as this process read them a moment ago.

    Login and launch each need one; reading it anew for `seconds` at most keeps a course that opens at once from asking
    the same again. What must hold at once, whether the platform may launch, is asked again in the launch's own
    transaction. A platform that is not there is never remembered as missing, and one that waits for its approval not as
    waiting: it may launch the moment somebody approves it, in whatever process that is.
    """

    def __init__(self, units: Units, seconds: float) -> None:
        self._units = units
        self._seconds = seconds
        self._kept: dict[tuple[str, object], tuple[float, list[Registration]]] = {}

    def by_id(self, platform_id: uuid.UUID) -> Registration | None:
        """Returns the registration with this id."""
        return next(iter(self._read("id", _BY_ID, platform_id)), None)

    def by_public_id(self, public_id: str) -> Registration | None:
        """Returns the registration whose own login address has this id."""
        return next(iter(self._read("public_id", _BY_PUBLIC_ID, public_id)), None)

    def by_issuer(self, issuer: str) -> list[Registration]:
        """Returns all registrations of an issuer: hosted platforms share one between their customers."""
        return self._read("issuer", _BY_ISSUER, issuer)

    def forget(self) -> None:
        """Reads everything anew from here on: for who changes a registration in this process."""
        self._kept.clear()

    def _read(self, by: str, statement: sa.Select[Any], value: object) -> list[Registration]:
        now = time.monotonic()
        until, kept = self._kept.get((by, value), (0.0, []))
        if until > now:
            return kept
        with self._units.reading() as unit:
            found = [Registration(*row) for row in unit.connection.execute(statement, {"value": value})]
        if found and not any(one.state is PlatformState.PENDING for one in found):
            self._kept[by, value] = (now + self._seconds, found)
        return found


def origin_of(url: str) -> str:
    """Returns scheme, host and port of a web address as a browser writes an origin; empty when it has none."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return ""
    host = parts.hostname or ""
    if parts.scheme not in ("https", "http") or not _HOST.fullmatch(host):
        return ""
    usual = {"https": 443, "http": 80}[parts.scheme]
    return f"{parts.scheme}://{host}" + (f":{port}" if port not in (None, usual) else "")
