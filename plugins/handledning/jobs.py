"""What a worker does about once an hour: end what a coach has left behind, and count what the programme hears."""

from collections.abc import Callable, Sequence
from uuid import UUID

from plugins.handledning.operations import leaving, programme
from plugins.handledning.settings import KEY
from service.contract import Periodic, reading_unit, writing_unit


def leave() -> int:
    """Follows coaches who have left or come back."""
    return _each(leaving.cohorts, leaving.follow)


def count() -> int:
    """Counts the groups that are whole."""
    return _each(programme.cohorts, programme.count)


def _each(cohorts: Callable[[], Sequence[UUID]], work: Callable[[UUID], int]) -> int:
    """Does the work of each cohort that has any, in a unit of its own, so that nobody waits long for it."""
    with reading_unit():
        found = cohorts()
    touched = 0
    for cohort_id in found:
        with writing_unit():
            touched += work(cohort_id)
    return touched


PERIODIC = (Periodic(f"{KEY}.leave", leave), Periodic(f"{KEY}.count", count))
