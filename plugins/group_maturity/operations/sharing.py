"""Sharing a report with a coach: only its manager does it, and only she ends it. It rests while she is not in the course."""

import uuid
from collections.abc import Sequence

import sqlalchemy as sa

from plugins.group_maturity.models import Measurement, Share
from plugins.group_maturity.operations.measurements import ENDED
from service.contract import Cohort, Conflict, Member, NotFound, Person, Role, members_as, now, session


def share(measurement: Measurement, cohort: Cohort, coach_id: uuid.UUID, *, with_own: bool) -> Share:
    """Shows a coach of the cohort the report of an ended measurement. Doing it again changes `with_own`.

    Raises NotFound for somebody who is no coach here, Conflict before the measurement has ended.
    """
    if coach_id not in {member.person_id for member in members_as(cohort, Role.COACH)}:
        raise NotFound("coach")
    if measurement.state not in ENDED:
        raise Conflict("measurement_not_ended")
    found = session().scalars(_going_on(measurement).where(Share.coach_id == coach_id)).one_or_none()
    if found is None:
        found = Share(measurement_id=measurement.id, coach_id=coach_id, shared_at=now(), with_own=with_own)
        session().add(found)
    found.with_own = with_own
    session().flush()
    return found


def stop(measurement: Measurement, coach_id: uuid.UUID) -> None:
    """Ends the sharing with a coach; ending what does not go on changes nothing."""
    query = sa.update(Share).where(Share.measurement_id == measurement.id, Share.coach_id == coach_id)
    session().execute(query.where(Share.ended_at.is_(None)).values(ended_at=now()))


def shares(measurement: Measurement) -> Sequence[Share]:
    """Returns with whom a report is shared now."""
    return session().scalars(_going_on(measurement).order_by(Share.shared_at, Share.id)).all()


def _going_on(measurement: Measurement) -> sa.Select[Share]:
    return sa.select(Share).where(Share.measurement_id == measurement.id, Share.ended_at.is_(None))


def shared_with(cohort: Cohort, coach_id: uuid.UUID, measurement_id: uuid.UUID) -> tuple[Measurement, Share]:
    """Returns a measurement of this cohort that is shared with a coach, and how. Raises NotFound for any other."""
    row = session().execute(_for_coach(cohort, coach_id).where(Measurement.id == measurement_id)).one_or_none()
    if row is None:
        raise NotFound("measurement")
    return row[0], row[1]


def all_shared_with(
    cohort: Cohort, coach_id: uuid.UUID, only: Sequence[uuid.UUID] | None = None
) -> list[tuple[Measurement, Share]]:
    """Returns everything in this cohort that is shared with a coach, or of some measurements, the latest first."""
    query = _for_coach(cohort, coach_id)
    if only is not None:
        query = query.where(Measurement.id.in_(only))
    rows = session().execute(query.order_by(Measurement.closed_on.desc(), Measurement.id))
    return [(row[0], row[1]) for row in rows]


def managers_of(measurements: Sequence[Measurement]) -> dict[uuid.UUID, Person]:
    """Returns the manager of each of some measurements, by the measurement's id, in one statement."""
    query = (
        sa.select(Measurement.id, Person)
        .join(Person, Person.id == Measurement.manager_id)
        .where(Measurement.id.in_([one.id for one in measurements]))
    )
    return {row[0]: row[1] for row in session().execute(query)}


def _for_coach(cohort: Cohort, coach_id: uuid.UUID) -> sa.Select[Measurement, Share]:
    return (
        sa.select(Measurement, Share)
        .join(Share, Share.measurement_id == Measurement.id)
        .where(Measurement.cohort_id == cohort.id, Measurement.manager_id.is_not(None))
        .where(Share.coach_id == coach_id, Share.ended_at.is_(None), manager_is_here())
    )


def manager_is_here() -> sa.ColumnElement[bool]:
    """Says of a measurement that its manager takes part in the course now: who has left cannot stop sharing."""
    its = Measurement
    here = sa.and_(Member.cohort_id == its.cohort_id, Member.person_id == its.manager_id, Member.active)
    return sa.select(Member.id).where(here).correlate(its).exists()
