"""Line items, scores and results (Assignment and Grade Services 2.0), with Moodle's manners."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, request

from service.demo.bearer import ServiceRefused, accepts, answer, course_or_404, need, sent, whole
from service.demo.claims import SCOPE_LINEITEM, SCOPE_LINEITEM_READONLY, SCOPE_RESULT, SCOPE_SCORE
from service.demo.gradebook import LineItem, Result, ScoreRefused
from service.demo.practice import AccessToken, current_lms

blueprint = Blueprint("ags", __name__)

LINEITEM = "application/vnd.ims.lis.v2.lineitem+json"
LINEITEMS = "application/vnd.ims.lis.v2.lineitemcontainer+json"
SCORE = "application/vnd.ims.lis.v1.score+json"
JSON = "application/json"
RESULTS = "application/vnd.ims.lis.v2.resultcontainer+json"


@blueprint.route("/courses/<course_id>/lineitems", methods=["GET", "POST"])
def lineitems(course_id: str) -> Response:
    """List a course's line items, or add one."""
    return _create(course_id) if request.method == "POST" else _list(course_id)


@blueprint.route("/lineitems/<item_id>", methods=["GET", "PUT", "DELETE"])
def lineitem(item_id: str) -> Response:
    """Read, change or remove one line item."""
    if request.method == "GET":
        accepts(LINEITEM)
        item = _own(item_id, need(SCOPE_LINEITEM, SCOPE_LINEITEM_READONLY))
    else:
        item = _own(item_id, need(SCOPE_LINEITEM))
    gradebook = current_lms().gradebook
    if request.method == "DELETE":
        gradebook.delete(item)
        return Response(status=204)
    if request.method == "PUT":
        item = gradebook.change(item, **_values(sent(LINEITEM)))
    return answer(item.as_json(current_lms().base_url), LINEITEM)


@blueprint.post("/lineitems/<item_id>/scores")
def scores(item_id: str) -> Response:
    """Take a score: 200 with an empty body, 400 for somebody who is no learner, 409 when it comes too early.

    Canvas answers with the result's address, and 422 for somebody who is no learner, its test account among them.
    """
    lms = current_lms()
    score = sent(SCORE)
    item = _own(item_id, need(SCOPE_SCORE))
    if not lms.is_gradable(item.course_id, str(score.get("userId"))):
        if lms.is_canvas:
            return answer(
                {"errors": {"type": "unprocessable_entity", "message": "User not found in course or is not a student"}},
                JSON,
                422,
            )
        return answer([], SCORE, 400)
    try:
        lms.gradebook.record(item, score, int(lms.now()))
    except ScoreRefused as refusal:
        return answer([], SCORE, refusal.status)
    if lms.is_canvas:
        return answer({"resultUrl": f"{item.url(lms.base_url)}&user_id={score['userId']}"}, JSON)
    return Response(status=200, content_type=f"{SCORE}; charset=utf-8")


@blueprint.get("/lineitems/<item_id>/results")
def results(item_id: str) -> Response:
    """The results of a line item. With ``limit`` it fails, as Moodle 5.0 does."""
    accepts(RESULTS)
    item = _own(item_id, need(SCOPE_RESULT))
    if "limit" in request.args:
        return Response("<!DOCTYPE html><title>Error</title>", 404, content_type="text/html; charset=utf-8")
    found = current_lms().gradebook.results(item, request.args.get("user_id"))
    return answer([_result(item, result) for result in found], RESULTS)


def _list(course_id: str) -> Response:
    lms = current_lms()
    accepts(LINEITEMS)
    token = need(SCOPE_LINEITEM, SCOPE_LINEITEM_READONLY)
    items = [item for item in lms.gradebook.items(course_or_404(course_id).id, token.client_id) if _wanted(item)]
    limit, start = whole("limit") or len(items) or 1, whole("from") or 0
    response = answer([item.as_json(lms.base_url) for item in items[start : start + limit]], LINEITEMS)
    if start + limit < len(items):
        # Curly quotes and an escaped ampersand: Moodle's header for line items cannot be followed.
        url = f"{lms.base_url}{request.path}?type_id={request.args.get('type_id', '')}"
        link = f"<{url}&amp;limit={limit}&amp;from={start + limit}>; rel=\u201cnext\u201d"
        response.headers["Link"] = link.encode().decode("latin-1")
    return response


def _wanted(item: LineItem) -> bool:
    asked = request.args
    return (
        asked.get("resource_id", item.resource_id) == item.resource_id
        and asked.get("tag", item.tag) == item.tag
        and asked.get("resource_link_id", item.link_id) == item.link_id
    )


def _create(course_id: str) -> Response:
    lms = current_lms()
    body = sent(LINEITEM)
    token = need(SCOPE_LINEITEM)
    course = course_or_404(course_id)
    values = _values(body)
    link_id = str(body.get("resourceLinkId", ""))
    if link_id and link_id not in [link.id for link in course.links]:
        raise ServiceRefused(403)
    tool = lms.client(token.client_id) or lms.tools[0]
    item = lms.gradebook.create(course.id, token.client_id, tool.deployment_id, link_id=link_id, **values)
    return answer(item.as_json(lms.base_url), LINEITEM, 201)


def _values(body: dict[str, Any]) -> dict[str, Any]:
    label, maximum = body.get("label"), body.get("scoreMaximum")
    if not isinstance(label, str) or not label or not isinstance(maximum, int | float) or maximum <= 0:
        raise ServiceRefused(400, "No label or Score Maximum")
    return {
        "label": label,
        "maximum": maximum,
        "resource_id": str(body.get("resourceId", "")),
        "tag": str(body.get("tag", "")),
        "dates": {name: str(body[name]) for name in ("startDateTime", "endDateTime") if body.get(name)},
    }


def _own(item_id: str, token: AccessToken) -> LineItem:
    """A line item of the token's tool: 404 for none, 401 for another tool's."""
    item = current_lms().gradebook.item(item_id)
    if item is None:
        raise ServiceRefused(404, f"Not Found: Grade item {item_id} doesn't exist")
    if item.client_id != token.client_id:
        raise ServiceRefused(401)
    return item


def _result(item: LineItem, result: Result) -> dict[str, Any]:
    base = current_lms().base_url
    query = f"?type_id={item.type_id}"
    numbers = {} if result.score is None else {"resultScore": result.score, "resultMaximum": item.maximum}
    return {
        "id": f"{base}/lineitems/{item.id}/results{query}&user_id={result.user_id}",
        "userId": result.user_id,
        **numbers,
        **({"comment": result.comment} if result.comment else {}),
        "scoreOf": item.url(base),
        "timestamp": datetime.fromtimestamp(result.stored, UTC).isoformat(),
    }
