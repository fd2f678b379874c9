"""Instruments of an organisation: the bundled one and what its training department uploaded."""

import uuid
from collections.abc import Sequence
from functools import lru_cache

import sqlalchemy as sa

from plugins.group_maturity.instruments import LIBRARY, InstrumentRefused, parse
from plugins.group_maturity.instruments.lines import Problem
from plugins.group_maturity.instruments.schema import OPEN_LICENCES, Instrument
from plugins.group_maturity.models import InstrumentVersion, Measurement, SelfRating
from service.contract import Cohort, Conflict, Invalid, NotFound, gettext, now, session

BUNDLED_KEYS = frozenset(key for key, _version in LIBRARY)
LICENCE_LENGTH = 300
_parsed = lru_cache(maxsize=64)(parse)


def find(organisation_id: uuid.UUID, key: str, version: str) -> Instrument:
    """Returns the very version that something was made with, retired or not. Raises NotFound."""
    bundled = LIBRARY.get((key, version))
    if bundled is not None:
        return bundled
    query = _of(organisation_id).where(InstrumentVersion.key == key, InstrumentVersion.version == version)
    row = session().scalars(query).one_or_none()
    if row is None:
        raise NotFound("instrument")
    return instrument_in(row)


def instrument_in(row: InstrumentVersion) -> Instrument:
    """Returns the instrument of an uploaded version."""
    return _parsed(row.source)


def uploaded(organisation_id: uuid.UUID) -> Sequence[InstrumentVersion]:
    """Returns what an organisation uploaded, by key, the latest upload first."""
    return (
        session()
        .scalars(_of(organisation_id).order_by(InstrumentVersion.key, InstrumentVersion.uploaded_at.desc()))
        .all()
    )


def get(organisation_id: uuid.UUID, version_id: uuid.UUID, *, lock: bool = False) -> InstrumentVersion:
    """Returns one of an organisation's uploaded versions. Raises NotFound for any other."""
    query = _of(organisation_id).where(InstrumentVersion.id == version_id)
    row = session().scalars(query.with_for_update() if lock else query).one_or_none()
    if row is None:
        raise NotFound("instrument")
    return row


def usable(organisation_id: uuid.UUID) -> list[Instrument]:
    """Returns what a measurement may be made with, the newest of each key: bundled first, none retired or undeclared."""
    newest: dict[str, Instrument] = {}
    own = [instrument_in(row) for row in uploaded(organisation_id) if row.retired_at is None and declared(row)]
    for instrument in [*LIBRARY.values(), *own]:
        known = newest.get(instrument.key)
        if known is None or known.precedence < instrument.precedence:
            newest[instrument.key] = instrument
    return list(newest.values())


def declared(row: InstrumentVersion) -> bool:
    """Tells whether the organisation has said that it may use the texts; with an open licence nobody has to."""
    return instrument_in(row).licence.id in OPEN_LICENCES or row.declared_at is not None


def upload(organisation_id: uuid.UUID, person_id: uuid.UUID, source: str) -> InstrumentVersion:
    """Keeps a new version. Raises InstrumentRefused with all that is wrong.

    The same version again replaces it while nothing was made with it; once used it stays as it is.
    """
    instrument = parse(source)
    if instrument.key in BUNDLED_KEYS:
        raise _refused("key", gettext("This key belongs to an instrument that comes with the service. Choose another."))
    query = _of(organisation_id).where(InstrumentVersion.key == instrument.key)
    row = (
        session().scalars(query.where(InstrumentVersion.version == instrument.version).with_for_update()).one_or_none()
    )
    if row is None:
        row = InstrumentVersion(organisation_id=organisation_id, key=instrument.key, version=instrument.version)
        session().add(row)
    elif row.sha256 == instrument.sha256:
        return row
    elif used(row):
        why = gettext(
            "Version %(version)s has been used and stays as it is. Give the file a new version.", version=row.version
        )
        raise _refused("version", why)
    row.sha256, row.source = instrument.sha256, source
    row.uploaded_by, row.uploaded_at = person_id, now()
    row.licence_ref, row.declared_by, row.declared_at, row.retired_at = "", None, None, None
    session().flush()
    return row


def _refused(part: str, why: str) -> InstrumentRefused:
    return InstrumentRefused([Problem(1, part, why)])


def declare(row: InstrumentVersion, person_id: uuid.UUID, reference: str) -> None:
    """Keeps that the organisation may use the texts, and where that is written down. Raises Invalid without it."""
    reference = " ".join(reference.split())
    if not reference:
        raise Invalid(reference=gettext("Write where the permission is kept, such as a contract's number."))
    if len(reference) > LICENCE_LENGTH:
        raise Invalid(reference=gettext("Write at most %(max)d characters.", max=LICENCE_LENGTH))
    row.licence_ref, row.declared_by, row.declared_at = reference, person_id, now()
    session().flush()


def retire(row: InstrumentVersion) -> None:
    """Takes a version out of use: no new measurement is made with it; what was made stays readable."""
    row.retired_at = row.retired_at or now()
    session().flush()


def restore(row: InstrumentVersion) -> None:
    """Takes a retired version into use again."""
    row.retired_at = None
    session().flush()


def delete(row: InstrumentVersion) -> None:
    """Deletes a version with which nothing was made. Raises Conflict for one that was used."""
    if used(row):
        raise Conflict("instrument_used")
    session().delete(row)
    session().flush()


def used(row: InstrumentVersion) -> bool:
    """Tells whether a measurement or an own rating was made with a version."""
    return any(session().scalar(_made_with(model, row)) for model in (Measurement, SelfRating))


def _made_with(model: type[Measurement] | type[SelfRating], row: InstrumentVersion) -> sa.Select[bool]:
    rows = (
        sa.select(model.id)
        .join(Cohort, Cohort.id == model.cohort_id)
        .where(model.instrument_key == row.key, model.instrument_version == row.version)
        .where(Cohort.organisation_id == row.organisation_id)
    )
    return sa.select(rows.exists())


def _of(organisation_id: uuid.UUID) -> sa.Select[InstrumentVersion]:
    return sa.select(InstrumentVersion).where(InstrumentVersion.organisation_id == organisation_id)
