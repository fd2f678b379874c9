"""Submission review: a coach looks at one manager from the gradebook (LTI Submission Review 1.0).

She sees what her own page of the course tells her of that manager, and whether the gradebook has been told that she is
complete. What a gradebook calls a submission is not kept here: there is nothing to mark.
"""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

import sqlalchemy as sa

from service import audit
from service.access import Role, requires
from service.cohorts import coach_page, people
from service.cohorts.current import InCohort, stay
from service.cohorts.home import where_to
from service.cohorts.models import CohortPlugin, Member, Person
from service.core import core
from service.errors import Denial, Forbidden, NotFound
from service.host import Plugin, Unavailable
from service.lti.arrival import Arrival
from service.lti.claims import ReviewLaunch
from service.unit import current
from service.web import page

NOBODY = "/review"


def land(arrival: Arrival) -> str:
    """Returns the page of the person that the message is about; her own for whoever is that person.

    Raises Forbidden for anybody but a coach of the course. A person who has not been here yet has an empty page.
    """
    place, message = arrival.place, cast("ReviewLaunch", arrival.message)
    if message.for_user.user_id == message.sub:
        return "/"
    role = people.role_in_force(place.organisation_id, place.cohort_id, place.person_id, arrival.role)
    if role is not Role.COACH:
        raise Forbidden("review_role", denial=Denial("review", "role"))
    if place.cohort_id is None:
        return "/"
    member_id = arrival.unit.session.scalar(
        sa.select(Member.id)
        .join(Person, Person.id == Member.person_id)
        .where(
            Member.cohort_id == place.cohort_id, Person.organisation_id == place.organisation_id,
            Person.platform_id == arrival.registration.id, Person.sub == message.for_user.user_id,
        )
    )  # fmt: skip
    return f"{NOBODY}/{member_id}" if member_id is not None else NOBODY


@requires("core.review")
def nobody() -> tuple[str, int]:
    """Says that whom the gradebook means is not to be found here."""
    return page("lti/review_nobody.html")


@requires("core.review")
def review(member: uuid.UUID) -> tuple[str, int]:
    """Shows a coach what she may see of one manager of her course. Raises NotFound for anybody else's member."""
    here = stay()
    if not isinstance(here, InCohort):
        raise NotFound("no_course")
    line = people.find(here.cohort, member)
    if line.role is not Role.MANAGER or not line.member.active or line.member.person.is_test:
        return nobody()
    # Looking at another's data leaves a trace before anything of hers is read.
    audit.append_now(
        core().units, here.actor, "review.view", object_type="member", object_ref=str(member),
        subject_id=line.member.person_id, once=True,
    )  # fmt: skip
    board = coach_page.about(here, line.member)
    return page(
        "lti/review.html", member=line.member, row=board.rows[0], columns=board.columns, failed=board.failed,
        told=list(_told(here, line.member)), ways=list(_ways(here)),
    )  # fmt: skip


@dataclass(frozen=True)
class Told:
    """A part of which the gradebook is told completion: whether she is complete, None where that cannot be said."""

    plugin: Plugin
    complete: bool | None


def _told(here: InCohort, member: Member) -> Iterator[Told]:
    """What the gradebook is told of her. Where it is told nothing, her coach is told nothing by this page either."""
    switched_on = set(
        current().session.scalars(
            sa.select(CohortPlugin.plugin).where(CohortPlugin.cohort_id == here.cohort.id, CohortPlugin.completion)
        )
    )
    for plugin, answered in here.plugins.progress(here.cohort, [member]):
        if plugin.key not in switched_on:
            continue
        progress = None if isinstance(answered, Unavailable) else answered.get(member.id)
        yield Told(plugin, None if isinstance(answered, Unavailable) else bool(progress and progress.complete))


@dataclass(frozen=True)
class Way:
    """A plugin's own page that a coach may open."""

    title: Any
    url: str


def _ways(here: InCohort) -> Iterator[Way]:
    for plugin in here.plugins:
        if any(here.role in item.roles for item in plugin.manifest.nav):
            yield Way(plugin.manifest.title, where_to(here, plugin))
