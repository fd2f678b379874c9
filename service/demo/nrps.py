"""The roster (Names and Role Provisioning Services 2.0) as Moodle gives it: short roles, pages only when asked for."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, request

from service.demo.bearer import accepts, answer, course_or_404, need, whole
from service.demo.claims import SCOPE_MEMBERS, members_url
from service.demo.people import Person
from service.demo.practice import current_lms
from service.demo.school import ACTIVE

blueprint = Blueprint("nrps", __name__)

MEDIA_TYPE = "application/vnd.ims.lti-nrps.v2.membershipcontainer+json"


@blueprint.get("/courses/<course_id>/members")
def members(course_id: str) -> Response:
    """The people enrolled in a course. A ``Link`` with ``rel="next"`` follows when ``limit`` cut the list."""
    lms = current_lms()
    accepts(MEDIA_TYPE)
    need(SCOPE_MEMBERS)
    course = course_or_404(course_id)
    role = request.args.get("role", "").rpartition("#")[2]
    enrolled = [line.person for line in lms.roster(course) if line.status == ACTIVE]
    chosen = [person for person in enrolled if not role or role in _short_roles(person)]
    limit, start = whole("limit") or len(chosen) or 1, whole("from") or 0
    url = members_url(lms.config, course)
    body = {
        "id": url,
        "context": {"id": course.id, "label": course.label, "title": course.title},
        "members": [_member(person) for person in chosen[start : start + limit]],
    }
    response = answer(body, MEDIA_TYPE)
    if start + limit < len(chosen):
        # Moodle forgets the role filter in this address; so does this one.
        response.headers["Link"] = f'<{url}?limit={limit}&from={start + limit}>; rel="next"'
    return response


def _member(person: Person) -> dict[str, Any]:
    named = {
        "name": person.name,
        "given_name": person.given,
        "family_name": person.family,
        "email": person.email,
    }
    return {
        "status": "Active",
        "roles": _short_roles(person),
        "user_id": person.id,
        "lis_person_sourcedid": f"ID-{person.id}",
        **(named if person.shares_name else {}),
        "ext_user_username": person.key,
    }


def _short_roles(person: Person) -> list[str]:
    return [role.rpartition("#")[2] for role in person.roles]
