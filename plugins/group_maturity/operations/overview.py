"""What the training department sees: how many measurements, and means over at least five teams; never one team."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from plugins.group_maturity.calculations import reliability, suppression
from plugins.group_maturity.calculations.suppression import Level, Rules
from plugins.group_maturity.instruments.schema import Instrument
from plugins.group_maturity.models import Measurement, Reliability, Report, ReportedScale, State
from plugins.group_maturity.operations import instruments
from plugins.group_maturity.operations.releasing import TEAMS
from service.contract import Cohort, Prepared, publishable, session, unit

_RULES = Rules(TEAMS)
_SCALES, _REPORTS = ReportedScale.__table__, Report.__table__


@lru_cache(maxsize=32)
def _means(courses: int) -> Prepared:
    """Returns the statement over so many courses.

    Put together once: doing it each time took a fifth of what the database needs for a thousand teams.
    """
    course = _REPORTS.c.cohort_id
    statement = (
        sa.select(_SCALES.c.scale, sa.func.count(), sa.func.avg(_SCALES.c.value))
        .join_from(_SCALES, _REPORTS, _REPORTS.c.id == _SCALES.c.report_id)
        .where(course.in_([sa.bindparam(f"course{number}", type_=course.type) for number in range(courses)]))
        .where(_REPORTS.c.release.is_not(None), _REPORTS.c.wave == sa.bindparam("wave"))
        .where(_REPORTS.c.instrument_key == sa.bindparam("key"), _REPORTS.c.instrument_major == sa.bindparam("major"))
        .group_by(_SCALES.c.scale)
    )
    return Prepared(lambda _dialect: statement)


@dataclass(frozen=True)
class Aggregate:
    """Means over teams per scale, from 0 to 100, rounded; `scales` is empty below five teams. `teams` behind them."""

    teams: int
    scales: Mapping[str, int]


def aggregate(cohort_ids: Sequence[uuid.UUID], instrument_key: str, major: int, wave: int = 1) -> Aggregate:
    """Returns the mean profile of the released teams of some cohorts in a wave, in one statement.

    Teams come in releases of at least five, so that any two such means differ by none or by at least five teams.
    """
    values: dict[str, Any] = {f"course{number}": cohort_id for number, cohort_id in enumerate(cohort_ids)}
    values |= {"key": instrument_key, "major": major, "wave": wave}
    rows = _means(len(cohort_ids)).lines(unit().connection, values).found
    figures = {scale: suppression.shown(Level.TEAMS, number, float(mean), _RULES).value for scale, number, mean in rows}
    scales = {scale: value for scale, value in sorted(figures.items()) if value is not None}
    return Aggregate(max(number for _scale, number, _mean in rows) if scales else 0, scales)


@dataclass(frozen=True)
class Tested:
    """An instrument with which a cohort was measured: the newest version of a major that can be put together."""

    instrument: Instrument
    major: int


def tested(cohort: Cohort) -> list[Tested]:
    """Returns the instruments with which measurements of a cohort were made that have a report, by key and major."""
    return tested_in(cohort.organisation_id, [cohort.id])


def tested_in(organisation_id: uuid.UUID, cohort_ids: Sequence[uuid.UUID]) -> list[Tested]:
    """Returns the same for some cohorts of an organisation."""
    query = (
        sa.select(Measurement.instrument_key, Measurement.instrument_version)
        .join(Report, Report.measurement_id == Measurement.id)
        .where(Measurement.cohort_id.in_(cohort_ids))
        .distinct()
    )
    used = [instruments.find(organisation_id, key, version) for key, version in session().execute(query)]
    # Of one major version the newest speaks.
    used.sort(key=lambda instrument: instrument.precedence)
    found = {(instrument.key, instrument.precedence[0]): instrument for instrument in used}
    return [Tested(instrument, major) for (_key, major), instrument in sorted(found.items(), key=lambda pair: pair[0])]


def cohorts_of(cohort: Cohort) -> Sequence[uuid.UUID]:
    """Returns the cohorts of the same organisation, this one too."""
    return session().scalars(sa.select(Cohort.id).where(Cohort.organisation_id == cohort.organisation_id)).all()


# What a later wave says of change, as one word per team.
BEYOND, WITHIN, UNKNOWN = "beyond", "within", "unknown"


def answered(cohort: Cohort, person_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, tuple[str, str | None]]:
    """Returns the newest report of each of these managers: how many answered, as a band, and what it says of change.

    The band is empty where too few had answered; change is None for a first wave. One statement.
    """
    query = sa.select(Report.manager_id, Report.figures).where(
        Report.cohort_id == cohort.id, Report.manager_id.in_(person_ids)
    )
    found: dict[uuid.UUID, tuple[str, str | None]] = {}
    for manager_id, kept in session().execute(query.order_by(Report.frozen_on, Report.wave)):
        beyond = [pair[1] for pair in kept.get("changes", {}).values()]
        moved = BEYOND if True in beyond else WITHIN if False in beyond else UNKNOWN
        found[manager_id] = (kept.get("band", ""), moved if beyond else None)
    return found


def in_groups(number: int) -> int | None:
    """Returns how many measurements there are at least, in whole groups; None for fewer than one group.

    A measurement is one manager's, and these numbers move at once: an exact one would tell what she has just done.
    """
    # Out of so many more: how many there could have been is nobody's to know.
    return publishable(number, number + 2 * TEAMS, TEAMS)


def reliability_of(cohort: Cohort, instrument: Instrument) -> Sequence[Reliability]:
    """Returns how well an instrument version measures in the organisation, per scale, where enough persons stand behind."""
    query = sa.select(Reliability).where(
        Reliability.organisation_id == cohort.organisation_id, Reliability.instrument_key == instrument.key,
        Reliability.instrument_version == instrument.version, Reliability.persons >= reliability.PERSONS_FROM,
    )  # fmt: skip
    return session().scalars(query.order_by(Reliability.scale)).all()


def counts(cohort: Cohort) -> dict[State, int]:
    """Returns how many measurements of a cohort are in each state."""
    query = sa.select(Measurement.state, sa.func.count()).where(Measurement.cohort_id == cohort.id)
    return {row[0]: row[1] for row in session().execute(query.group_by(Measurement.state))}


def states(cohort: Cohort, person_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, set[State]]:
    """Returns the states of each of these managers' measurements, in one statement."""
    query = sa.select(Measurement.manager_id, Measurement.state).where(
        Measurement.cohort_id == cohort.id, Measurement.manager_id.in_(person_ids)
    )
    found: dict[uuid.UUID, set[State]] = {}
    for manager_id, state in session().execute(query.distinct()):
        found.setdefault(manager_id, set()).add(state)  # type: ignore[arg-type]  # one of those asked for, never None
    return found
