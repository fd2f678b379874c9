"""Reading a whole cohort for its coach: who has rated, how far measurements are, what is shared with her.

Three statements, however many managers; no answer and no report is read here.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from plugins.group_maturity.models import Measurement, SelfRating, Share, State, Status
from plugins.group_maturity.operations.sharing import all_shared_with
from service.contract import Cohort, Prepared, unit


@dataclass(frozen=True, slots=True)
class Asked:
    """A manager's measurement: how far it is, and the day on which it closed or is to close."""

    manager_id: uuid.UUID
    state: State
    at: date


@dataclass(frozen=True)
class Overview:
    """By manager: when she last rated, her measurements, and the report that she shared with the coach last."""

    rated: Mapping[uuid.UUID, datetime]
    asked: Mapping[uuid.UUID, Sequence[Asked]]
    shared: Mapping[uuid.UUID, uuid.UUID]


_RATED = (
    sa.select(SelfRating.person_id, sa.func.max(SelfRating.submitted_at).label("at"))
    .where(SelfRating.cohort_id == sa.bindparam("cohort_id"), SelfRating.status == Status.SUBMITTED)
    .group_by(SelfRating.person_id)
)
_ASKED = sa.select(
    Measurement.manager_id, Measurement.state, sa.func.coalesce(Measurement.closed_on, Measurement.closes_on).label("at")
).where(
    Measurement.cohort_id == sa.bindparam("cohort_id"), Measurement.manager_id.is_not(None),
    Measurement.state != State.DISCARDED,
)  # fmt: skip
_SHARED = (
    sa.select(Measurement.manager_id, Measurement.id)
    .join(Share, Share.measurement_id == Measurement.id)
    .where(Measurement.cohort_id == sa.bindparam("cohort_id"), Measurement.manager_id.is_not(None))
    .where(Share.coach_id == sa.bindparam("coach_id"), Share.ended_at.is_(None))
    .order_by(Measurement.closed_on, Measurement.id)
)
RATED, ASKED, SHARED = (
    Prepared(lambda _dialect, query=query: query)  # type: ignore[misc]  # each has its own
    for query in (_RATED, _ASKED, _SHARED)
)


def overview(cohort: Cohort, coach_id: uuid.UUID) -> Overview:
    """Returns what a coach may see of the measurements of a cohort."""
    of: dict[str, Any] = {"cohort_id": cohort.id}
    connection = unit().connection
    rated = RATED.lines(connection, of)
    asked = ASKED.lines(connection, of)
    shared = SHARED.lines(connection, {**of, "coach_id": coach_id})
    found: dict[uuid.UUID, list[Asked]] = {}
    for line in asked.found:
        one = Asked(*(asked.value(line, name) for name in ("manager_id", "state", "at")))
        found.setdefault(one.manager_id, []).append(one)
    return Overview(
        {rated.value(line, "person_id"): rated.value(line, "at") for line in rated.found},
        found,
        # The latest comes last and stays.
        {shared.value(line, "manager_id"): shared.value(line, "id") for line in shared.found},
    )


def shared_reports(cohort: Cohort, coach_id: uuid.UUID, wanted: Sequence[uuid.UUID]) -> list[tuple[Measurement, Share]]:
    """Returns those of some measurements that are shared with a coach, the latest first."""
    return [pair for pair in all_shared_with(cohort, coach_id) if pair[0].id in wanted] if wanted else []
