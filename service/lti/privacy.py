"""Data privacy launch: what is kept about a person, and erasing her (1EdTech LTI Data Privacy Launch 1.0)."""

import uuid
from typing import cast
from urllib.parse import urlencode

import sqlalchemy as sa
from flask import redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from service import audit
from service.access import MEMBERS, Role, requires
from service.cohorts import erasure, people
from service.cohorts.current import InCohort, stay
from service.cohorts.models import Person
from service.core import core
from service.errors import Denial, Forbidden, Invalid, NotFound
from service.exports.own import asking as copies
from service.lti.arrival import Arrival
from service.lti.claims import PrivacyLaunch
from service.retention import rules
from service.unit import session
from service.web import page

OWN, EVERYBODY, NOBODY = "/data", "/privacy", "/privacy/nobody"


def land(arrival: Arrival) -> str:
    """Returns her own page for whoever asks about herself, and for the training department the page asked for.

    Somebody whom the platform calls its administrator proves first that she is of the training department. Raises
    Forbidden for everybody else.
    """
    place, message = arrival.place, cast("PrivacyLaunch", arrival.message)
    about = message.for_user.user_id if message.for_user is not None else None
    if about is not None and about == message.sub:
        return OWN
    role = people.role_in_force(place.organisation_id, place.cohort_id, place.person_id, arrival.role)
    if role not in (Role.TRAINING, Role.CANDIDATE):
        raise Forbidden("privacy_role", denial=Denial("privacy", "role"))
    path = _path(arrival, about)
    return path if role is Role.TRAINING else f"/?{urlencode({'next': path})}"


def _path(arrival: Arrival, about: str | None) -> str:
    if about is None:
        return EVERYBODY
    found = erasure.find_sub(arrival.place.organisation_id, arrival.registration.id, about)
    return f"{EVERYBODY}/{found.id}" if found is not None else NOBODY


@requires("core.any")
def own() -> tuple[str, int]:
    """Shows a person what is kept about herself: kinds and numbers, how long, and whom to ask."""
    here = stay()
    return page(
        "lti/data.html", holders=erasure.kept(core().host, here.person),
        times=rules.lines(here.launch.organisation_id), organisation=here.organisation_name,
        left_out=copies.left_out(here.person), late=copies.has_late(here.person),
        can_ask=here.cohort is not None and here.role in MEMBERS,
    )  # fmt: skip


@requires("core.exports")
def copy() -> Response:
    """Asks for a copy of everything, or with `late` of what was given out afterwards; it lies among her files."""
    here = stay()
    if not isinstance(here, InCohort):
        raise NotFound("no_course")
    copies.ask(here, late="late" in request.form)
    return redirect(url_for("l.exports"), 303)


@requires("core.privacy")
def everybody() -> tuple[str, int]:
    """Shows the training department what kinds are kept about people, and for how long."""
    here = stay()
    query = sa.select(sa.func.count()).where(Person.organisation_id == here.launch.organisation_id)
    return page(
        "lti/privacy.html", organisation=here.organisation_name,
        times=rules.lines(here.launch.organisation_id), total=session().scalar(query), days=core().settings.export_days,
    )  # fmt: skip


@requires("core.privacy")
def nobody() -> tuple[str, int]:
    """Says that nothing is kept about whom the platform asks."""
    return page("lti/privacy_nobody.html", organisation=stay().organisation_name)


@requires("core.privacy")
def about(person: uuid.UUID) -> tuple[str, int]:
    """Shows the training department what is kept about one person: kinds and numbers, never what is in them."""
    found = _find(person)
    # Looking at another's data leaves a trace before anything of hers is counted.
    audit.append_now(
        core().units, stay().actor, "privacy.view", object_type="person", object_ref=str(person), subject_id=person,
        once=True,
    )  # fmt: skip
    return _ask(found)


@requires("core.privacy")
def erase(person: uuid.UUID) -> tuple[str, int]:
    """Erases a person once the word has been typed, and says what was erased and what stays."""
    found, here = _find(person), stay()
    if request.form.get("word", "").strip().casefold() != word():
        return _ask(found, _("Type the word %(word)s. Nothing was erased.", word=word()), 422)
    try:
        result = erasure.erase(core().host, found, here.actor)
    except Invalid:
        return _ask(
            found, _("This is the last member of the training department. Give somebody else the role first."), 422
        )
    return page("lti/privacy_erased.html", holders=result, own=found.id == here.person.id)


def _find(person_id: uuid.UUID) -> Person:
    launch = stay().launch
    return erasure.find(launch.organisation_id, launch.platform_id, person_id)


def word() -> str:
    """Returns the word that has to be typed, in the language of the page."""
    return str(_("erase")).casefold()


def _ask(found: Person, error: str = "", status: int = 200) -> tuple[str, int]:
    return page(
        "lti/privacy_person.html", status=status, person=found, holders=erasure.kept(core().host, found), word=word(),
        error=error, days=core().settings.export_days,
    )  # fmt: skip
