"""The page of a cohort's people and their roles: given and taken back inside the tool, and undone as easily."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass

from flask import redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from service.access import GRANTABLE, Role, requires
from service.audit import Actor
from service.cohorts import people
from service.cohorts.current import InCohort, stay
from service.cohorts.models import Cohort
from service.cohorts.words import ROLES
from service.errors import Invalid, NotFound
from service.lti import roster_pages
from service.unit import current
from service.web import page

Answer = Response | tuple[str, int]
Change = Callable[[Cohort, uuid.UUID, Role, Actor], people.Line]


@dataclass(frozen=True)
class Changed:
    """Whose role was changed last, and whether she has it now."""

    line: people.Line
    role: Role
    has: bool


@requires("core.manage_members")
def members() -> Answer:
    """Shows everybody in the cohort: what the platform says of them, and what they have been given here."""
    here = _here()
    return _show(here, changed=_changed(here))


@requires("core.manage_members")
def grant(member: uuid.UUID) -> Answer:
    """Gives a member of this cohort a role."""
    return _change(member, people.give)


@requires("core.manage_members")
def revoke(member: uuid.UUID) -> Answer:
    """Takes a role back from a member of this cohort."""
    return _change(member, people.revoke)


def _here() -> InCohort:
    here = stay()
    if not isinstance(here, InCohort):
        raise NotFound("no_course")
    return here


def _change(member_id: uuid.UUID, change: Change) -> Answer:
    here = _here()
    role = _role(request.form.get("role", ""))
    try:
        line = change(here.cohort, member_id, role or Role.NONE, here.actor)
    except Invalid as error:
        return _show(here, problem=_problem(error), status=422)
    if line.member.id == here.member.id and line.role is not Role.TRAINING:
        return redirect(url_for("l.home"), 303)
    return redirect(url_for("l.members", member=member_id, role=role), 303)


def _role(word: str) -> Role | None:
    return next((role for role in GRANTABLE if role.value == word), None)


def _problem(error: Invalid) -> str:
    if error.fields["role"] == people.LAST_TRAINING:
        return str(
            _("Nobody else has the training role. Give it to somebody else first, or nobody could give it any more.")
        )
    return str(_("Choose a role from the list. Nothing was changed."))


def _show(here: InCohort, *, changed: Changed | None = None, problem: str = "", status: int = 200) -> tuple[str, int]:
    seen = roster_pages.shown(here) if current().writing else roster_pages.look(here)
    lines = people.everyone(here.cohort)
    givers = people.names([grant.granted_by for line in lines for grant in line.grants if grant.granted_by])
    return page(
        "cohorts/members.html", status=status, lines=lines, givers=givers, roles=ROLES, grantable=GRANTABLE,
        changed=changed, problem=problem, own=here.member.id, course=here.cohort.title, roster=seen,
    )  # fmt: skip


def _changed(here: InCohort) -> Changed | None:
    """Whom the address says it was about, as she stands now: the notice is true whoever made the address."""
    member_id, role = request.args.get("member", type=uuid.UUID), _role(request.args.get("role", ""))
    if member_id is None or role is None:
        return None
    line = people.find(here.cohort, member_id)
    return Changed(line, role, role in [grant.role for grant in line.grants])
