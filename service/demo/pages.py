"""The practice LMS's pages. Who somebody is stands in the address, so that two tabs can be two people."""

from __future__ import annotations

from flask import Blueprint, abort, render_template, request

from service.demo.people import LEARNER, Course, Link, Person
from service.demo.practice import current_lms

blueprint = Blueprint("pages", __name__)

LOCALES = {"sv": "Svenska", "en": "English", "lv": "Latviešu"}


@blueprint.get("/")
def front() -> str:
    """The courses, with a button for each person who can open them."""
    lms = current_lms()
    rooms = [(course, [person for person in lms.people if course.key in person.courses]) for course in lms.courses]
    return render_template("lms/front.html", lms=lms, rooms=rooms)


@blueprint.get("/courses/<course>/as/<person>")
@blueprint.get("/courses/<course>/as/<person>/<link>")
def course(course: str, person: str, link: str | None = None) -> str:
    """A course as one person sees it, with the chosen activity in a frame."""
    place, somebody, activity = _found(course, person, link)
    if link is None and LEARNER not in somebody.roles:
        # Who does not take the course herself begins at its overview, which is the last activity.
        activity = place.links[-1]
    return render_template(
        "lms/course.html",
        lms=current_lms(),
        course=place,
        person=somebody,
        link=activity,
        locale=_locale(somebody),
        locales=LOCALES,
    )


@blueprint.get("/start/<course>/<link>")
def start(course: str, link: str) -> str:
    """The form that begins a launch by posting a login initiation to the tool (LTI 1.3 core, 5.1.1)."""
    lms = current_lms()
    place, somebody, activity = _found(course, request.args.get("as", ""), link)
    tool = next((tool for tool in lms.tools if tool.client_id == request.args.get("client_id")), lms.tools[0])
    target = "window" if request.args.get("target") == "window" else "iframe"
    fields = lms.login_parameters(
        somebody, place, link=activity, tool=tool, locale=_locale(somebody), document_target=target
    )
    return render_template("lms/post.html", lms=lms, action=tool.login_url, fields=fields)


@blueprint.get("/return")
def come_back() -> str:
    """Where a tool sends people when they are done, with a message for them if it has one."""
    place, somebody, _ = _found(request.args.get("course", ""), request.args.get("as", ""), None)
    return render_template(
        "lms/return.html",
        lms=current_lms(),
        course=place,
        person=somebody,
        message=request.args.get("lti_msg", ""),
        error=request.args.get("lti_errormsg", ""),
    )


def _locale(person: Person) -> str:
    asked = request.args.get("locale", "")
    return asked if asked in LOCALES else person.locale


def _found(course: str, person: str, link: str | None) -> tuple[Course, Person, Link]:
    lms = current_lms()
    try:
        place = lms.course(course)
        return place, lms.person(person), lms.link(place, link)
    except KeyError:
        abort(404)
