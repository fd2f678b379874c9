"""Our key set as platforms fetch it, and when each did so last."""

import uuid
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError

from service.lti import toolkeys
from service.lti.note_models import KeysFetched
from service.lti.strict import tidy
from service.unit import Units

# A platform that fetches our keys at every launch is written down this seldom.
NOTED_EVERY = timedelta(minutes=1)
AGENT_LIMIT = 200
_FETCHED: Any = KeysFetched.__table__
log = structlog.get_logger("stegvis.lti")


class Published:
    """What this process hands out, and to whom lately."""

    def __init__(self, units: Units) -> None:
        self._units = units
        self._noted: dict[uuid.UUID, datetime] = {}

    def key_set(self) -> dict[str, Any]:
        """Returns our public keys; makes the first ones when there are none."""
        with self._units.reading():
            found = toolkeys.public_jwks()
        if not found["keys"]:
            with self._units.writing():
                found = toolkeys.ensure(self._units.keyring)
        return found

    def note(self, platform_id: uuid.UUID, agent: str) -> None:
        """Writes down that a platform fetched our keys just now, once a minute at most. Never raises."""
        now = self._units.clock.now()
        before = self._noted.get(platform_id)
        if before is not None and timedelta() <= now - before < NOTED_EVERY:
            return
        self._noted[platform_id] = now
        told = {"at": now, "agent": tidy(agent, AGENT_LIMIT)}
        try:
            with self._units.writing() as unit:
                dialect = postgresql if unit.connection.dialect.name == "postgresql" else sqlite
                insert = dialect.insert(_FETCHED).values(platform_id=platform_id, **told)
                unit.connection.execute(
                    insert.on_conflict_do_update(index_elements=[_FETCHED.c.platform_id], set_=told)
                )
        except SQLAlchemyError as error:
            log.warning("keys_fetched_not_noted", error=type(error).__name__)
