"""Where a tool says what it wants to be told, and where (LTI Platform Notification Service 1.0). Only Canvas has it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Response, request

from service.demo.bearer import ServiceRefused, answer, need
from service.demo.claims import NOTICE_TYPES, SCOPE_NOTICES
from service.demo.config import ToolConfig
from service.demo.practice import current_lms

blueprint = Blueprint("notices", __name__)

JSON = "application/json"


@blueprint.route("/notice-handlers/<deployment_id>", methods=["GET", "PUT"])
def notice_handlers(deployment_id: str) -> Response:
    """List a deployment's handlers, or set one: a kind of notice has one handler, and an empty address removes it."""
    lms = current_lms()
    if not lms.is_canvas:
        raise ServiceRefused(404)
    token = need(SCOPE_NOTICES)
    tool = next((tool for tool in lms.tools if tool.deployment_id == deployment_id), None)
    if tool is None or tool.client_id != token.client_id:
        raise ServiceRefused(404)
    if request.method == "GET":
        handlers = [{"notice_type": kind, "handler": lms.handlers_of(tool).get(kind, "")} for kind in NOTICE_TYPES]
        about = {"client_id": tool.client_id, "deployment_id": tool.deployment_id, "notice_handlers": handlers}
        return answer(about, JSON)
    return answer(_set(tool, request.get_json(force=True, silent=True)), JSON)


def _set(tool: ToolConfig, body: Any) -> dict[str, str]:
    kind, handler = (body.get("notice_type"), body.get("handler")) if isinstance(body, dict) else (None, None)
    if kind not in NOTICE_TYPES or not isinstance(handler, str):
        raise ServiceRefused(400, "unknown notice_type, or no handler")
    if handler and urlsplit(handler).netloc != urlsplit(tool.target_link_uri).netloc:
        raise ServiceRefused(400, "handler url should match tool's domain")
    handlers = current_lms().handlers_of(tool)
    handlers.pop(kind, None)
    if handler:
        handlers[kind] = handler
    return {"notice_type": kind, "handler": handler}
