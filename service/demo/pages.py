"""The practice LMS's pages. Who somebody is stands in the address, so that two tabs can be two people."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, render_template, request, url_for

from service.demo.messages import RESOURCE_LINK
from service.demo.people import LEARNER, Course, Link, Person
from service.demo.practice import PracticeLms, current_lms

blueprint = Blueprint("pages", __name__)

LOCALES = {"sv": "Svenska", "en": "English", "lv": "Latviešu"}
OVERVIEW = "stegvis"
MOST_PEOPLE = 40
"""So many people stand on a page; a crowd is for measuring, not for choosing from."""


@blueprint.get("/")
def front() -> str:
    """The courses, with a button for each person who can open them."""
    lms = current_lms()
    rooms = [(course, [person for person in lms.people if course.key in person.courses]) for course in lms.courses]
    return render_template("lms/front.html", lms=lms, rooms=rooms, most=MOST_PEOPLE)


@blueprint.get("/courses/<course>/as/<person>")
@blueprint.get("/courses/<course>/as/<person>/<link>")
def course(course: str, person: str, link: str | None = None) -> str:
    """A course as one person sees it, with the chosen activity in a frame."""
    place, somebody, activity = found(course, person, link)
    if link is None and LEARNER not in somebody.roles:
        # Who does not take the course herself begins at its overview.
        activity = next((one for one in place.links if one.key == OVERVIEW), place.links[-1])
    return render_template(
        "lms/course.html",
        lms=current_lms(),
        course=place,
        person=somebody,
        link=activity,
        locale=locale_of(somebody),
        locales=LOCALES,
        added=request.args.get("added", type=int),
    )


@blueprint.get("/start")
@blueprint.get("/start/<course>")
@blueprint.get("/start/<course>/<link>")
def start(course: str | None = None, link: str | None = None) -> str:
    """The form that begins a launch by posting a login initiation to the tool (LTI 1.3 core, 5.1.1)."""
    lms = current_lms()
    place, somebody, activity = (
        found(course, request.args.get("as", ""), link) if course else (None, _somebody(lms), None)
    )
    tool = next((tool for tool in lms.tools if tool.client_id == request.args.get("client_id")), None)
    if tool is None and activity is not None:
        tool = lms.client(activity.client_id)
    tool = tool or lms.tools[0]
    fields = lms.login_parameters(
        somebody,
        place,
        link=activity if link else None,
        tool=tool,
        locale=locale_of(somebody),
        document_target="window" if request.args.get("target") == "window" else "iframe",
        message_type=request.args.get("message_type", RESOURCE_LINK),
        for_user=request.args.get("for_user"),
    )
    return render_template("lms/post.html", lms=lms, action=tool.login_url, fields=fields)


@blueprint.get("/return")
def come_back() -> str:
    """Where a tool sends people when they are done, with a message for them if it has one."""
    place, somebody, _ = found(request.args.get("course", ""), request.args.get("as", ""), None)
    return render_template(
        "lms/return.html",
        lms=current_lms(),
        course=place,
        person=somebody,
        message=request.args.get("lti_msg", ""),
        error=request.args.get("lti_errormsg", ""),
    )


def start_url(person: Person, **about: str | None) -> str:
    """The address that begins a launch as somebody; what is None is left out."""
    values: dict[str, Any] = {"as": person.key, **about}
    return url_for("pages.start", **values)


def locale_of(person: Person) -> str:
    """The language of a launch: the address's, or else the person's own."""
    asked = request.args.get("locale", "")
    return asked if asked in LOCALES else person.locale


def found(course: str, person: str, link: str | None) -> tuple[Course, Person, Link]:
    """Whom and what an address names; 404 for what is not there."""
    lms = current_lms()
    try:
        place = lms.course(course)
        return place, lms.person(person), lms.link(place, link)
    except KeyError:
        abort(404)


def _somebody(lms: PracticeLms) -> Person:
    try:
        return lms.person(request.args.get("as", ""))
    except KeyError:
        abort(404)


def not_activated(error: Exception) -> tuple[str, int]:
    """The page for opening a tool that nobody has activated."""
    return render_template("lms/error.html", lms=current_lms(), reason=str(error)), 403
