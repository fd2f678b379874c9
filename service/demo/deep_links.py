"""Where a tool returns what was chosen (Deep Linking 2.0, section 4), as strict as the specification and in Moodle's words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, abort, render_template, request

from service.demo.claims import DL, LTI
from service.demo.messages import Question
from service.demo.people import Link
from service.demo.practice import PracticeLms, current_lms
from service.demo.tokens import peek
from service.demo.tool_keys import KeysUnreachable, TokenUnverified, times_complaint, verified

blueprint = Blueprint("deep_links", __name__)

RESOURCE_LINK_ITEM = "ltiResourceLink"


@dataclass(frozen=True)
class DeepLinkResponse:
    """What a tool returned and was believed; ``links`` are the activities that were made of it."""

    course_id: str
    header: dict[str, Any]
    claims: dict[str, Any]
    links: tuple[Link, ...]

    @property
    def items(self) -> list[dict[str, Any]]:
        """The content items, also those of kinds that a course has no place for."""
        return list(self.claims.get(f"{DL}/content_items", []))


class NotBelieved(Exception):
    """The response is not taken; the text says why."""


@blueprint.post("/courses/<course_id>/deep_links")
def deep_links(course_id: str) -> tuple[str, int]:
    """Place what a tool returned in the course, or show Moodle's error page, which is a 404 whatever is wrong."""
    lms = current_lms()
    question = lms.question(request.args.get("sesskey", ""))
    if question is None or question.course_id != course_id:
        lms.deep_link_refusals.append("session")
        return render_template("lms/error.html", lms=lms, reason="Your session has most likely timed out."), 404
    try:
        response = _taken(lms, question, request.form.get("JWT", ""))
    except NotBelieved as refusal:
        lms.deep_link_refusals.append(str(refusal))
        return render_template("lms/error.html", lms=lms, reason=str(refusal)), 404
    lms.deep_link_responses.append(response)
    course = lms.course(course_id)
    # Moodle shows nothing of what the tool says; Canvas shows both texts.
    said = [str(response.claims.get(f"{DL}/{name}") or "") for name in ("msg", "errormsg")] if lms.is_canvas else []
    return render_template(
        "lms/placed.html", lms=lms, course=course, person=question.person, links=response.links, said=list(filter(None, said))
    ), 200  # fmt: skip


def _taken(lms: PracticeLms, question: Question, token: str) -> DeepLinkResponse:
    header, claims = _believed(lms, question, token)
    items = claims.get(f"{DL}/content_items", [])
    if not isinstance(items, list) or not all(isinstance(item, Mapping) for item in items):
        raise NotBelieved("content_items must be a list of items")
    for item in items:
        _check_item(item)
    if len(items) > 1 and question.settings.get("accept_multiple") in (False, "false"):
        raise NotBelieved("only one item was asked for")
    wanted = [item for item in items if item.get("type") == RESOURCE_LINK_ITEM]
    if wanted and RESOURCE_LINK_ITEM not in question.settings.get("accept_types", ()):
        raise NotBelieved("ltiResourceLink was not asked for")
    try:
        links = lms.add_links(question.course_id, wanted, tool=question.tool)
    except KeyError:
        abort(404)
    return DeepLinkResponse(question.course_id, header, claims, links)


def _check_item(item: Mapping[str, Any]) -> None:
    """Refuse an item that no course could hold (Deep Linking 2.0, section 3)."""
    custom, column = item.get("custom", {}), item.get("lineItem", {})
    if not isinstance(custom, Mapping) or not all(isinstance(value, str) for value in custom.values()):
        raise NotBelieved("custom must hold strings")
    if not isinstance(column, Mapping) or not isinstance(column.get("scoreMaximum", 1), int | float):
        raise NotBelieved("scoreMaximum must be a number")


def _believed(lms: PracticeLms, question: Question, token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    try:
        # Moodle looks at the issuer before it fetches any key.
        if peek(token)[1].get("iss") != question.tool.client_id:
            raise NotBelieved("Consumer key is incorrect.")
        header, claims = verified(question.tool, token)
    except (ValueError, TokenUnverified, KeysUnreachable) as error:
        raise NotBelieved(str(error) or "not a token") from None
    complaint = times_complaint(claims, lms.now()) or _complaint(lms, question, claims)
    if complaint:
        raise NotBelieved(complaint)
    return header, claims


def _complaint(lms: PracticeLms, question: Question, claims: dict[str, Any]) -> str:
    """What the specification demands and is not so; empty when all is well."""
    audience = claims.get("aud")
    if lms.base_url not in (audience if isinstance(audience, list) else [audience]):
        return "aud is not this platform"
    if not claims.get("nonce"):
        return "no nonce"
    expected = {
        "deployment_id": question.tool.deployment_id,
        "version": "1.3.0",
        "message_type": "LtiDeepLinkingResponse",
    }
    for name, value in expected.items():
        if claims.get(f"{LTI}/{name}") != value:
            return f"wrong {name}"
    sent = question.settings.get("data")
    if f"{DL}/data" in claims and sent is None:
        return "data was not sent"
    if claims.get(f"{DL}/data") != sent:
        return "data is not what was sent"
    return ""
