"""Who is in a cohort as what, grants included."""

from collections.abc import Sequence

from service.access import Role
from service.cohorts import people
from service.cohorts.models import Cohort, Member


def members_as(cohort: Cohort, role: Role) -> Sequence[Member]:
    """Returns the cohort's active members whose role in force is `role`, by name, persons loaded; no test users."""
    return [
        line.member
        for line in people.everyone(cohort)
        if line.role is role and line.member.active and not line.member.person.is_test
    ]
