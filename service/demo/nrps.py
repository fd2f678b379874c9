"""The roster (Names and Role Provisioning Services 2.0), in pages that are cut by :mod:`service.demo.roster`."""

from __future__ import annotations

import json

from flask import Blueprint, Response, request

from service.demo.bearer import accepts, course_or_404, need, whole
from service.demo.claims import SCOPE_MEMBERS, members_url
from service.demo.practice import current_lms

blueprint = Blueprint("nrps", __name__)

MEDIA_TYPE = "application/vnd.ims.lti-nrps.v2.membershipcontainer+json"


@blueprint.get("/courses/<course_id>/members")
def members(course_id: str) -> Response:
    """The people enrolled in a course. A ``Link`` with ``rel="next"`` follows when there is a next page."""
    lms = current_lms()
    accepts(MEDIA_TYPE)
    token = need(SCOPE_MEMBERS)
    course = course_or_404(course_id)
    role = request.args.get("role", "").rpartition("#")[2]
    where = request.args.get("page") or str(whole("from") or 0)
    tool = lms.client(token.client_id) or lms.tools[0]
    page = lms.rosters.page(course, tool, role, whole("limit") or whole("per_page"), where)
    url = members_url(lms.config, course)
    context = json.dumps({"id": course.id, "label": course.label, "title": course.title}, ensure_ascii=False)
    body = f'{{"id": {json.dumps(url)}, "context": {context}, "members": [{", ".join(page.members)}]}}'
    response = Response(body, content_type=f"{MEDIA_TYPE}; charset=utf-8")
    if page.next_query:
        # Moodle forgets the role filter in this address; so does this one.
        response.headers["Link"] = _link(url, page.next_query)
    return response


def _link(url: str, query: str) -> str:
    knobs = current_lms().rosters.knobs
    if knobs.next_host:
        url = knobs.next_host + url.removeprefix(current_lms().base_url)
    if knobs.curly_quotes:
        return f"<{url}?{query.replace('&', '&amp;')}>; rel=\u201cnext\u201d".encode().decode("latin-1")
    return f'<{url}?{query}>; rel="next"'
