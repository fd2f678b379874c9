"""How well an instrument measures, from the sealed sums of many teams of an organisation. Nobody's answers are needed.

Counted again only when at least thirty more persons stand behind it, so that no two figures differ by one team.
"""

import uuid
from collections.abc import Iterator, Mapping, Sequence

import sqlalchemy as sa

from plugins.group_maturity.calculations import reliability
from plugins.group_maturity.calculations.reliability import PERSONS_FROM, TEAMS_FROM, Sums
from plugins.group_maturity.models import Measurement, Reliability, Report
from plugins.group_maturity.operations.figures import Moments
from service.contract import CannotOpen, Cohort, now, session, unit

Version = tuple[uuid.UUID, str, str]


def versions() -> Sequence[Version]:
    """Returns the instrument versions with reports, by organisation."""
    query = (
        sa.select(Cohort.organisation_id, Measurement.instrument_key, Measurement.instrument_version)
        .join(Measurement, Measurement.cohort_id == Cohort.id)
        .join(Report, Report.measurement_id == Measurement.id)
        .where(Report.moments_sealed.is_not(None))
        .distinct()
    )
    return [(row[0], row[1], row[2]) for row in session().execute(query)]


def count(version: Version) -> int:
    """Counts the reliability of an instrument version anew where enough persons are new. Returns how many scales."""
    teams = list(_teams(version))
    known = {row.scale: row for row in session().scalars(_rows(version))}
    counted = 0
    for scale in sorted({scale for team in teams for scale in team}):
        sums = [team[scale] for team in teams if scale in team]
        row = known.get(scale)
        if sum(one.persons for one in sums) >= PERSONS_FROM + (0 if row is None else row.persons):
            _keep(version, scale, sums, row)
            counted += 1
    session().flush()
    return counted


def _teams(version: Version) -> Iterator[Mapping[str, Sums]]:
    organisation, key, number = version
    query = (
        sa.select(Report)
        .join(Measurement, Measurement.id == Report.measurement_id)
        .join(Cohort, Cohort.id == Report.cohort_id)
        .where(Cohort.organisation_id == organisation, Report.moments_sealed.is_not(None))
        .where(Measurement.instrument_key == key, Measurement.instrument_version == number)
    )
    reports = session().scalars(query).all()
    unit().vault.fetch(report.manager_id for report in reports if report.manager_id is not None)
    for report in reports:
        try:
            yield Moments.of(report.moments).scales
        except CannotOpen:  # her key is destroyed: she is being erased
            continue


def _rows(version: Version) -> sa.Select[Reliability]:
    organisation, key, number = version
    return sa.select(Reliability).where(
        Reliability.organisation_id == organisation, Reliability.instrument_key == key,
        Reliability.instrument_version == number,
    )  # fmt: skip


def _keep(version: Version, scale: str, sums: Sequence[Sums], row: Reliability | None) -> None:
    together = reliability.pooled(sums)
    teams = [(one.scored, one.scores) for one in sums if one.scored]
    shares = reliability.icc(teams) if len(teams) >= TEAMS_FROM else None
    alpha = reliability.alpha(together)
    organisation, key, number = version
    found = row or Reliability(organisation_id=organisation, instrument_key=key, instrument_version=number, scale=scale)
    found.persons, found.teams, found.counted_on = together.persons, len(teams), now().date()
    found.deviation = reliability.variance(together.scored, together.scores) ** 0.5
    found.alpha = None if alpha is None else round(alpha, 2)
    found.icc1 = None if shares is None else round(max(shares.one, 0.0), 2)
    found.icc2 = None if shares is None else round(max(shares.two, 0.0), 2)
    session().add(found)
