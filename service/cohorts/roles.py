"""Which role a person has in a cohort, once her LMS roles have been read and the grants looked up."""

from collections.abc import Collection

from service.access import Role


def effective_role(from_launch: Role, grants: Collection[Role]) -> Role:
    """Returns the role in force: a grant outranks what the LMS said.

    Training (a grant for the whole organisation) outranks coach and coach outranks manager, so that nobody who keeps
    the switches can lock herself out by becoming something else as well.
    """
    for role in (Role.TRAINING, Role.COACH, Role.MANAGER):
        if role in grants:
            return role
    return from_launch
