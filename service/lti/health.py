"""The breaker: a platform that fails again and again is left alone for a while, and holds nobody else up."""

import uuid
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from service.lti.service_models import PlatformHealth
from service.unit import Units, current

# Failures in a row before a platform is left alone; then for a minute, doubled with each failure more.
TRIPS_AT = 3
SHORTEST, LONGEST = timedelta(minutes=1), timedelta(minutes=15)
# That all is well is written down this seldom, so that a run of calls that succeed costs no statements.
NOTED_EVERY = timedelta(minutes=1)
_HEALTH: Any = PlatformHealth.__table__


class PlatformsHealth:
    """How the platforms' services answer. Each method is one short transaction of its own."""

    def __init__(self, units: Units) -> None:
        self._units = units
        self._noted: dict[uuid.UUID, datetime] = {}

    def closed_until(self, platform_id: uuid.UUID) -> datetime | None:
        """Returns until when a platform is to be left alone; None when it may be called now."""
        query = sa.select(_HEALTH.c.closed_until).where(_HEALTH.c.platform_id == platform_id)
        with self._units.reading() as unit:
            until: datetime | None = unit.connection.execute(query).scalar()
            return until if until is not None and until > unit.now() else None

    def ok(self, platform_id: uuid.UUID) -> None:
        """Notes that a platform answered."""
        now = self._units.clock.now()
        noted = self._noted.get(platform_id)
        if noted is None or not timedelta() <= now - noted < NOTED_EVERY:
            well = {"failures": 0, "closed_until": None, "last_ok_at": now, "reason": ""}
            with self._units.writing():
                self._upsert(platform_id, well, well)
            self._noted[platform_id] = now

    def failed(self, platform_id: uuid.UUID, reason: str) -> None:
        """Notes that a platform did not answer, or with a failure of its own; `reason` is a short stable word."""
        self._noted.pop(platform_id, None)
        now = self._units.clock.now()
        ill = {"last_failed_at": now, "reason": reason}
        with self._units.writing() as unit:
            failures = self._upsert(platform_id, {"failures": 1, **ill}, {"failures": _HEALTH.c.failures + 1, **ill})
            if failures >= TRIPS_AT:
                rest = min(SHORTEST * 2 ** min(failures - TRIPS_AT, 10), LONGEST)
                mine = _HEALTH.c.platform_id == platform_id
                unit.connection.execute(sa.update(_HEALTH).where(mine).values(closed_until=now + rest))

    def _upsert(self, platform_id: uuid.UUID, first: dict[str, Any], then: dict[str, Any]) -> int:
        connection = current().connection
        dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
        insert = dialect.insert(_HEALTH).values(platform_id=platform_id, **first)
        statement = insert.on_conflict_do_update(index_elements=[_HEALTH.c.platform_id], set_=then)
        return int(connection.execute(statement.returning(_HEALTH.c.failures)).scalar_one())
