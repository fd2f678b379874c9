"""What the managers of a cohort share with its coaches beside their habits: insights, time audits, both-and."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from plugins.ledarsteg import calculations
from plugins.ledarsteg.models import Insight, Polarity, PolarityReading, TimeAudit, TimeRow
from plugins.ledarsteg.operations.participation import today_of
from plugins.ledarsteg.operations.polarities import TREND_WEEKS, PoleCard
from plugins.ledarsteg.operations.rounds import Round
from service.contract import Cohort, Member, Person, session, unit


@dataclass
class SharedBy:
    """What one person shares: insights and time audits, the newest first, and cards as she made them."""

    person: Person
    insights: list[Insight] = field(default_factory=list)
    rounds: list[Round] = field(default_factory=list)
    cards: list[PoleCard] = field(default_factory=list)


def shared_with_coaches(cohort: Cohort) -> list[SharedBy]:
    """Returns what is shared with a cohort's coaches, by person in the order of names. Six statements for any number.

    What people share who have left the course is left out.
    """
    found: dict[uuid.UUID, SharedBy] = {}

    def take(
        model: Any, order: tuple[Any, ...], also: sa.ColumnElement[bool], put: Callable[[SharedBy, Any], None]
    ) -> None:
        here = sa.and_(Member.person_id == model.person_id, Member.cohort_id == model.cohort_id, Member.active)
        query = sa.select(model, Person).join(Person, Person.id == model.person_id).join(Member, here)
        query = query.where(model.cohort_id == cohort.id, model.shared, also).order_by(*order)
        for row, person in session().execute(query):
            put(found.setdefault(person.id, SharedBy(person)), row)

    newest = (Insight.local_date.desc(), Insight.created_at.desc(), Insight.id)
    take(Insight, newest, sa.true(), lambda one, row: one.insights.append(row))
    finished = TimeAudit.finished_at.is_not(None)
    take(TimeAudit, (TimeAudit.number.desc(),), finished, lambda one, row: one.rounds.append(Round(row)))
    going_on = Polarity.ended_at.is_(None)
    order = (Polarity.created_at, Polarity.id)
    take(Polarity, order, going_on, lambda one, row: one.cards.append(PoleCard(row)))
    _fill(cohort, found)
    unit().vault.fetch(found)
    return sorted(found.values(), key=lambda one: one.person.display_name.casefold())


def _fill(cohort: Cohort, found: dict[uuid.UUID, SharedBy]) -> None:
    """Reads what the shares follow from, and the last twelve weeks of the cards. Two statements."""
    rounds = {each.audit.id: each for one in found.values() for each in one.rounds}
    rows = sa.select(TimeRow).where(TimeRow.audit_id.in_(rounds))
    for row in session().scalars(rows.order_by(TimeRow.local_date, TimeRow.created_at, TimeRow.id)):
        rounds[row.audit_id].rows.append(row)
    cards = {each.polarity.id: each for one in found.values() for each in one.cards}
    first = calculations.last_mondays(today_of(cohort), TREND_WEEKS)[0]
    readings = sa.select(PolarityReading).where(PolarityReading.polarity_id.in_(cards), PolarityReading.monday >= first)
    for reading in session().scalars(readings):
        cards[reading.polarity_id].readings[reading.monday] = reading.value
