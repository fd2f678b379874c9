"""The waves of one group: which came before a measurement, and which followed."""

import sqlalchemy as sa

from plugins.group_maturity.models import Measurement
from plugins.group_maturity.operations import measurements
from service.contract import session


def after(measurement: Measurement) -> Measurement | None:
    """Returns the wave that followed, if one was begun."""
    query = sa.select(Measurement).where(Measurement.previous_id == measurement.id)
    return session().scalars(query).one_or_none()


def earlier(measurement: Measurement) -> list[Measurement]:
    """Returns the waves before, the first first."""
    found: list[Measurement] = []
    wave = measurements.before(measurement)
    while wave is not None:
        found.insert(0, wave)
        wave = measurements.before(wave)
    return found
