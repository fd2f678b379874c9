"""Whose engagements a file is made of, and what is said of them."""

from collections.abc import Sequence
from uuid import UUID

from plugins.handledning.operations import Access, Party
from plugins.handledning.operations.scope import reach_all
from service.contract import Actor, Cohort, ExportScope, Role, day, local_date, session
from service.contract import gettext as _


def party(scope: ExportScope) -> Party:
    """Returns who asks for a file."""
    return Party.of(session().get_one(Cohort, scope.cohort_id), scope.person_id, scope.role)


def reached(scope: ExportScope) -> Sequence[Access]:
    """Returns every engagement that goes into a file. Before any of it is opened, note who looks (`looked_at`)."""
    return reach_all(party(scope))


def looked_at(scope: ExportScope, every: Sequence[Access]) -> tuple[str, Sequence[tuple[str, UUID | None]], Actor]:
    """Returns what a coach looks at when a file is made, whose each is and who looks, as the trail has it."""
    seen = [(str(one.engagement.id), one.engagement.manager_id) for one in every]
    return "engagement", seen, party(scope).actor


def zone(access: Access) -> str:
    """Returns the time zone of whoever reads."""
    its = access.engagement
    me = its.manager if access.is_managers else its.coach
    return (me.zone if me else "") or access.party.cohort.zone


def name_of(access: Access) -> str:
    """Returns what an engagement's part of a file is called: with whom, and since when."""
    its = access.engagement
    other = its.coach if access.is_managers else its.manager
    name = other.display_name if other else _("Erased person")
    since = day(local_date(its.started_at, zone(access)), year=True)
    return str(_("Coaching with %(name)s, since %(day)s", name=name, day=since))


def nothing(scope: ExportScope) -> str:
    """Returns what a file says that has no engagement to tell of."""
    if scope.role is Role.COACH:
        return str(_("No manager of this course has chosen you as coach now."))
    return str(_("You have not had a coach in this course."))
