"""How many managers need their coach: a number for her weekly mail, from what her dashboard would show her."""

import sqlalchemy as sa

from service import audit
from service.access import Role
from service.audit import Actor
from service.cohorts import people, switches
from service.cohorts.models import Cohort, Member, Person
from service.core import core
from service.host import Unavailable
from service.unit import current


def needing(coach: Person) -> int:
    """Returns how many managers need this person, over all courses in which she is the coach.

    Counting looks at their data, so it leaves a trace, as opening the dashboard does, in a transaction of its own: call it
    while reading, as it takes as long as the dashboards do, and nobody is to wait for it to write.
    """
    query = (
        sa.select(Member, Cohort)
        .join(Cohort, Cohort.id == Member.cohort_id)
        .where(Member.person_id == coach.id, Member.active, Cohort.archived_at.is_(None))
    )
    return sum(_here(coach, member, cohort) for member, cohort in current().session.execute(query).all())


def _here(coach: Person, member: Member, cohort: Cohort) -> int:
    role = people.role_in_force(cohort.organisation_id, cohort.id, coach.id, member.role)
    if role is not Role.COACH:
        return 0
    actor = Actor(cohort.organisation_id, coach.id, role.value, cohort.id)
    audit.append_now(core().units, actor, "cohort.digest", object_type="cohort", object_ref=str(cohort.id), once=True)
    managers = people.managers(cohort)
    part = core().host.for_cohort(switches.enabled(cohort.id))
    found: set[object] = set()
    for _plugin, report in part.cohort_report(cohort, managers, Role.COACH, coach.id):
        if not isinstance(report, Unavailable):
            found |= {reason.member_id for reason in report.attention}
    return len(found & {one.id for one in managers})
