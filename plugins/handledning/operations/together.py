"""Many cohorts together, for the training department: what coaches carry, and means over whole groups of managers."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from plugins.handledning.calculations import OPEN
from plugins.handledning.calculations.groups import GROUP, means_of_groups
from plugins.handledning.models import Engagement, Figure, ProgrammeGroup
from plugins.handledning.operations.programme import Heard
from service.contract import Cohort, Person, publishable, session


@dataclass(frozen=True)
class Load:
    """A coach and how many managers she works with now at least, in whole groups; None for fewer than one group."""

    name: str
    engagements: int | None


def coach_load(organisation_id: uuid.UUID) -> Sequence[Load]:
    """Returns the coaches of an organisation with engagements that go on, by name. Two statements.

    Over all its cohorts and in whole groups: a coach's number in one small cohort would tell whom a manager has chosen.
    """
    count = sa.func.count()
    query = (
        sa.select(Engagement.coach_id, count)
        .join(Cohort, Cohort.id == Engagement.cohort_id)
        .where(Cohort.organisation_id == organisation_id, Engagement.status.in_(OPEN), Engagement.coach_id.is_not(None))
        .group_by(Engagement.coach_id)
    )
    numbers = {row[0]: row[1] for row in session().execute(query)}
    coaches = session().scalars(sa.select(Person).where(Person.id.in_(numbers)))
    found = [Load(coach.display_name, _groups(numbers[coach.id])) for coach in coaches]
    return sorted(found, key=lambda one: one.name.casefold())


def _groups(number: int) -> int | None:
    # Out of so many more: there are always managers whom she does not coach.
    return publishable(number, number + 2 * GROUP)


def heard_in(cohort_ids: Sequence[uuid.UUID], figure: Figure) -> Heard | None:
    """Returns the means of a figure over all groups of these cohorts; of statements, those of the product alone.

    What is added here are whole groups that each cohort shows by itself, so that no choice of cohorts tells more.
    """
    query = sa.select(ProgrammeGroup.sums).where(
        ProgrammeGroup.cohort_id.in_(cohort_ids), ProgrammeGroup.figure == figure, ProgrammeGroup.version == 0
    )
    groups = session().scalars(query).all()
    return Heard(len(groups) * GROUP, means_of_groups(groups)) if groups else None
