"""Reading a whole cohort for its coach: who has rated, how far measurements are, what is shared with her.

Four statements, however many managers. No answer is read here, and of reports the index alone.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from plugins.group_maturity.models import Measurement, Report, SelfRating, Share, State, Status
from plugins.group_maturity.operations.sharing import all_shared_with
from service.contract import Cohort, Lines, Prepared, session, unit


@dataclass(frozen=True, slots=True)
class Asked:
    """A manager's measurement: how far it is, and the day on which it closed or is to close."""

    state: State
    at: date


class Overview:
    """By manager: when she last rated, her measurements, and the report that she shared with the coach last.

    What is not asked for stays as the driver gave it.
    """

    def __init__(self, rated: Lines, asked: Lines, shared: Lines) -> None:
        """Takes what was found."""
        self._rated, self._asked = rated, asked
        self._when = dict(zip(rated.column("person_id"), rated.found, strict=True))
        self._how_far: dict[uuid.UUID, list[Any]] = {}
        # Whose group is answering, and who has rated or planned anything.
        self.open: set[uuid.UUID] = set()
        for manager_id, state, line in zip(asked.column("manager_id"), asked.column("state"), asked.found, strict=True):
            self._how_far.setdefault(manager_id, []).append(line)
            if state == State.OPEN:
                self.open.add(manager_id)
        self.begun = set(self._when) | set(self._how_far)
        # The latest comes last and stays.
        self.shared = dict(zip(shared.column("manager_id"), shared.column("id"), strict=True))

    def rated(self, person_id: uuid.UUID) -> datetime | None:
        """When she rated her group last."""
        line = self._when.get(person_id)
        return None if line is None else self._rated.value(line, "at")

    def asked(self, person_id: uuid.UUID) -> list[Asked]:
        """Her measurements."""
        read = self._asked.value
        return [Asked(State(read(line, "state")), read(line, "at")) for line in self._how_far.get(person_id, ())]


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
    return Overview(rated, asked, shared)


@dataclass(frozen=True, slots=True)
class Moved:
    """How a group's index moved from one wave to the next, as its manager's report shows it: 0 to 100, rounded to 5."""

    manager_id: uuid.UUID
    instrument_key: str
    instrument_version: str
    instrument_major: int
    before: int
    now: int


def moved(cohort: Cohort, coach_id: uuid.UUID) -> list[Moved]:
    """Returns by manager how the index moved in the newest report that she shares with a coach, in one statement.

    Only where both waves are shown in numbers and can be compared: what the report tells of the wave before it.
    """
    now, before = aliased(Report), aliased(Report)
    its = (Measurement.manager_id, Measurement.instrument_key, Measurement.instrument_version)
    query = (
        sa.select(*its, now.instrument_major, before.figures["index"].as_integer(), now.figures["index"].as_integer())
        .join(Share, Share.measurement_id == Measurement.id)
        .join(now, now.measurement_id == Measurement.id)
        .join(before, before.measurement_id == Measurement.previous_id)
        .where(Measurement.cohort_id == cohort.id, Measurement.manager_id.is_not(None))
        .where(Share.coach_id == coach_id, Share.ended_at.is_(None))
        .where(now.instrument_key == before.instrument_key, now.instrument_major == before.instrument_major)
        .order_by(Measurement.closed_on, Measurement.id)
    )
    shown = [Moved(*row) for row in session().execute(query) if row[4] is not None and row[5] is not None]
    return list({one.manager_id: one for one in shown}.values())


def shared_reports(cohort: Cohort, coach_id: uuid.UUID, wanted: Sequence[uuid.UUID]) -> list[tuple[Measurement, Share]]:
    """Returns those of some measurements that are shared with a coach, the latest first."""
    return all_shared_with(cohort, coach_id, wanted) if wanted else []
