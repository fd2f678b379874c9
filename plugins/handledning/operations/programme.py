"""What the training department learns of the programme as a whole: means over whole groups of five managers.

What managers say of it, how much they trust their coaches, and how far they came with their professional goals. A group is
counted once, when five more have come, and kept as sums: a sixth number shows nothing of itself, and when somebody is
erased nothing is counted again, so that two means never differ by one person. Trust and goals are those of terms that were
closed, where nobody can change them any more; everybody counts once.
"""

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from plugins.handledning.calculations import EndReason, change
from plugins.handledning.calculations.groups import GROUP, means_of_groups, sums, whole_groups
from plugins.handledning.models import (
    Engagement,
    Figure,
    GasRating,
    GasScale,
    Goal,
    ProgrammeFeedback,
    ProgrammeGroup,
    Scope,
    TrustPulse,
)
from plugins.handledning.operations.scope import Party
from service.contract import CannotOpen, Cohort, Person, now, session, unit

# Words are shown from so many answers on.
WORDS_FROM = 10


@dataclass(frozen=True)
class Heard:
    """Over how many managers, and the means; of what they say also words, without a name and in no order."""

    number: int
    means: Sequence[float]
    words: Sequence[str] = ()


@dataclass(frozen=True)
class _One:
    """One manager's numbers, and her place in the order in which they came."""

    at: datetime
    ref: uuid.UUID
    values: Sequence[float]


@dataclass(frozen=True)
class _Due:
    """Groups of one figure that are to be counted, after those that were."""

    figure: Figure
    version: int
    counted: int
    groups: Sequence[Sequence[_One]]


# --- shown ------------------------------------------------------------------------------------------------------------


def heard(party: Party, figure: Figure, version: int = 0) -> Heard | None:
    """Returns what has been counted of a figure in a cohort; None before there is one group."""
    groups = _counted(party.cohort.id, figure, version)
    if not groups:
        return None
    words = _words(party, groups[-1], version) if figure is Figure.FEEDBACK else ()
    return Heard(len(groups) * GROUP, means_of_groups([one.sums for one in groups]), words)


def _counted(cohort_id: uuid.UUID, figure: Figure, version: int) -> Sequence[ProgrammeGroup]:
    query = sa.select(ProgrammeGroup).where(
        ProgrammeGroup.cohort_id == cohort_id, ProgrammeGroup.figure == figure, ProgrammeGroup.version == version
    )
    return session().scalars(query.order_by(ProgrammeGroup.number)).all()


def _words(party: Party, last: ProgrammeGroup, version: int) -> Sequence[str]:
    """Returns what was written by those who are counted, once there are enough of them."""
    row = ProgrammeFeedback
    at_once = sa.and_(row.given_at == last.until_at, row.id <= last.until_id)
    query = _told(party.cohort.id, version).where(sa.or_(row.given_at < last.until_at, at_once))
    found = session().scalars(query).all()
    if len(found) < WORDS_FROM:
        return ()
    unit().vault.fetch({row.manager_id for row in found})
    return sorted(row.text for row in found if row.text)


# --- counted ----------------------------------------------------------------------------------------------------------


def cohorts() -> Sequence[uuid.UUID]:
    """Returns the cohorts in which a group is to be counted."""
    some = sa.select(Engagement.cohort_id).where(
        sa.or_(
            Engagement.end_reason == EndReason.FINISHED,
            Engagement.id.in_(sa.select(ProgrammeFeedback.engagement_id)),
        )
    )
    query = some.group_by(Engagement.cohort_id).having(sa.func.count() >= GROUP)
    return [one for one in session().scalars(query.order_by(Engagement.cohort_id)) if _due(one)]


def count(cohort_id: uuid.UUID) -> int:
    """Counts every whole group of a cohort that has come since, and returns how many groups that were."""
    # Two workers that count at once wait for each other here.
    session().execute(sa.select(Cohort.id).where(Cohort.id == cohort_id).with_for_update())
    due = _due(cohort_id)
    for one in due:
        for number, group in enumerate(one.groups, start=one.counted):
            session().add(
                ProgrammeGroup(
                    cohort_id=cohort_id, figure=one.figure, version=one.version, number=number,
                    sums=sums([person.values for person in group]), until_at=group[-1].at, until_id=group[-1].ref,
                    counted_at=now(),
                )
            )  # fmt: skip
    session().flush()
    return sum(len(one.groups) for one in due)


def _due(cohort_id: uuid.UUID) -> Sequence[_Due]:
    """Returns what is to be counted of each figure: a set of questions is a figure of its own."""
    told = sa.select(ProgrammeFeedback.evaluation).join(
        Engagement, Engagement.id == ProgrammeFeedback.engagement_id
    ).where(Engagement.cohort_id == cohort_id)  # fmt: skip
    figures = [(Figure.FEEDBACK, version) for version in sorted(set(session().scalars(told)))]
    found = []
    for figure, version in [*figures, (Figure.TRUST, 0), (Figure.GOALS, 0)]:
        counted = _counted(cohort_id, figure, version)
        people = _people(cohort_id, figure, version, counted[-1] if counted else None)
        if groups := whole_groups(people):
            found.append(_Due(figure, version, len(counted), groups))
    return found


def _people(cohort_id: uuid.UUID, figure: Figure, version: int, last: ProgrammeGroup | None) -> Sequence[_One]:
    """Returns who has come after the last one counted and has something to count, in order, everybody once."""
    came = _came_told(cohort_id, version) if figure is Figure.FEEDBACK else _came_closed(cohort_id)
    first: dict[uuid.UUID, tuple[datetime, uuid.UUID]] = {}
    for manager_id, at, ref in came:
        first.setdefault(manager_id, (at, ref))
    after = (last.until_at, last.until_id) if last is not None else None
    new = {ref: (at, manager_id) for manager_id, (at, ref) in first.items() if after is None or (at, ref) > after}
    if len(new) < GROUP:
        return []
    unit().vault.fetch({manager_id for _at, manager_id in new.values()})
    values = {Figure.FEEDBACK: _ratings, Figure.TRUST: _trust, Figure.GOALS: _goals}[figure](list(new))
    return [_One(at, ref, values[ref]) for ref, (at, _manager) in new.items() if ref in values]


def _told(cohort_id: uuid.UUID, version: int) -> sa.Select[ProgrammeFeedback]:
    query = sa.select(ProgrammeFeedback).join(Engagement, Engagement.id == ProgrammeFeedback.engagement_id)
    return query.where(Engagement.cohort_id == cohort_id, ProgrammeFeedback.evaluation == version)


def _came_told(cohort_id: uuid.UUID, version: int) -> Sequence[Any]:
    row = ProgrammeFeedback
    query = _told(cohort_id, version).with_only_columns(row.manager_id, row.given_at, row.id)
    return session().execute(query.order_by(row.given_at, row.id)).all()


def _came_closed(cohort_id: uuid.UUID) -> Sequence[Any]:
    its = Engagement
    query = (
        sa.select(its.manager_id, its.ended_at, its.id)
        .join(Person, Person.id == its.manager_id)
        .where(its.cohort_id == cohort_id, its.end_reason == EndReason.FINISHED, Person.is_test.is_(False))
        .order_by(its.ended_at, its.id)
    )
    return session().execute(query).all()


Values = Mapping[uuid.UUID, Sequence[float]]


def _ratings(refs: Sequence[uuid.UUID]) -> Values:
    found: dict[uuid.UUID, Sequence[float]] = {}
    for row in session().scalars(sa.select(ProgrammeFeedback).where(ProgrammeFeedback.id.in_(refs))):
        try:
            found[row.id] = [float(digit) for digit in row.answers]
        except CannotOpen:  # her key is destroyed, or the text lies where it was not written
            continue
    return found


def _trust(refs: Sequence[uuid.UUID]) -> Values:
    """How much each manager trusted her coach, over the sessions that she said it of."""
    query = (
        sa.select(TrustPulse)
        .join(Engagement, Engagement.id == TrustPulse.engagement_id)
        .where(Engagement.id.in_(refs), TrustPulse.person_id == Engagement.manager_id)
    )
    given: dict[uuid.UUID, list[int]] = defaultdict(list)
    for row in session().scalars(query):
        try:
            value = int(row.value)
        except CannotOpen:  # as above
            continue
        given[row.engagement_id].append(value)
    return {ref: [sum(pulses) / len(pulses)] for ref, pulses in given.items()}


def _goals(refs: Sequence[uuid.UUID]) -> Values:
    """T where each manager's professional goals began, and where they were when she closed the term."""
    scales = sa.select(
        GasScale.goal_id, GasScale.id, GasScale.baseline, Goal.engagement_id, Goal.importance * Goal.difficulty
    ).join(Goal, Goal.id == GasScale.goal_id)
    scales = scales.where(
        Goal.engagement_id.in_(refs), Goal.scope == Scope.PROFESSIONAL, GasScale.baseline.is_not(None)
    )
    newest = {row[0]: row for row in session().execute(scales.order_by(GasScale.version))}
    rated = sa.select(GasRating.scale_id, GasRating.level).where(
        GasRating.scale_id.in_([row[1] for row in newest.values()])
    )
    rows = session().execute(rated.order_by(GasRating.rated_at, GasRating.id.desc()))
    level: dict[uuid.UUID, int] = {row[0]: row[1] for row in rows}
    sheets: dict[uuid.UUID, list[tuple[Any, Any, Any]]] = defaultdict(list)
    for _goal, scale_id, baseline, engagement_id, weight in newest.values():
        sheets[engagement_id].append((weight, baseline, level.get(scale_id, baseline)))
    found = {}
    for ref, goals in sheets.items():
        t = change(*(list(column) for column in zip(*goals, strict=True)))
        if t is not None:  # pragma: no branch - there is a goal
            found[ref] = [t.baseline, t.now]
    return found
