"""The waves of one group: which came before a measurement, and which followed."""

import uuid
from collections.abc import Mapping, Sequence

import sqlalchemy as sa

from plugins.group_maturity.models import Measurement
from service.contract import session


def after(measurement: Measurement) -> Measurement | None:
    """Returns the wave that followed, if one was begun."""
    query = sa.select(Measurement).where(Measurement.previous_id == measurement.id)
    return session().scalars(query).one_or_none()


def earlier(measurement: Measurement) -> list[Measurement]:
    """Returns the waves before, the first first."""
    return chains([measurement])[measurement.id]


def chains(some: Sequence[Measurement]) -> dict[uuid.UUID, list[Measurement]]:
    """Returns the waves before each of some measurements, the first first: a statement a wave, however many there are."""
    known = {one.id: one for one in some}
    while wanted := {one.previous_id for one in known.values() if one.previous_id} - known.keys():
        found = session().scalars(sa.select(Measurement).where(Measurement.id.in_(wanted))).all()
        known.update((one.id, one) for one in found)
    return {one.id: _before(one, known) for one in some}


def _before(one: Measurement, known: Mapping[uuid.UUID, Measurement]) -> list[Measurement]:
    found: list[Measurement] = []
    while one.previous_id is not None:
        one = known[one.previous_id]
        found.insert(0, one)
    return found
