"""Where tools register themselves (LTI Dynamic Registration 1.0), with the manners of Moodle 5.0 or of Canvas."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final
from urllib.parse import urlsplit

from flask import Blueprint, Response, jsonify, request

from service.demo.claims import DEEP_LINKING, scopes_of
from service.demo.config import ToolConfig
from service.demo.configuration import CANVAS, PLACEMENTS, bearer_value
from service.demo.practice import PracticeLms, current_lms
from service.demo.tools import NEW

blueprint = Blueprint("registration", __name__)

TOOL_CONFIGURATION = "https://purl.imsglobal.org/spec/lti-tool-configuration"
_KEPT_BY_MOODLE = ("DeepLinking", DEEP_LINKING)
_PRIVACY = {"anonymous": (), "name_only": ("name",), "email_only": ("email",), "public": ("name", "email")}

Body = Mapping[str, Any]


class RegistrationRefused(Exception):
    """No registration: plain text in Moodle's words, and JSON from Canvas."""

    def __init__(self, text: str, status: int = 400) -> None:
        super().__init__(text)
        self.text = text
        self.status = status


@blueprint.route("/register", methods=["GET", "POST"])
def registration() -> Response:
    """Take a registration, an update of one, or tell what is registered (GET with an update token)."""
    lms = current_lms()
    try:
        said, tool = _admitted(lms)
        if request.method == "GET":
            return jsonify(_told(lms, tool)) if tool is not None else Response("", 404)
        body = request.get_json(force=True, silent=True)
        if not isinstance(body, dict):
            body = {}
        made = _kept(lms, _read(lms, body), str(said["sub"]), tool)
    except RegistrationRefused as refusal:
        return _refusal(lms, refusal)
    # Moodle answers 200; OpenID Connect Dynamic Registration 1.0, section 3.2, says 201.
    response = jsonify(_told(lms, made))
    response.status_code = 201 if lms.is_canvas else 200
    return response


def _refusal(lms: PracticeLms, refusal: RegistrationRefused) -> Response:
    if lms.is_canvas:
        status = 422 if refusal.status == 400 else refusal.status  # noqa: PLR2004 - Canvas's word for a bad request
        return Response(json.dumps({"errors": [refusal.text]}), status, content_type="application/json")
    return Response(refusal.text, refusal.status, content_type="text/html; charset=utf-8")


def _admitted(lms: PracticeLms) -> tuple[Mapping[str, Any], ToolConfig | None]:
    """What the token says, and the tool that it allows to change, if any."""
    value = bearer_value()
    if not value:
        raise RegistrationRefused("missing_registration_token", 401)
    said = lms.token_claims(value)
    if said is None:
        raise RegistrationRefused("<!DOCTYPE html>\n<html><head><title>Error</title></head></html>", 404)
    tool = lms.client(str(said["sub"]))
    if said["scope"] == NEW and tool is not None:
        raise RegistrationRefused("token_already_used", 401)
    if said["scope"] != NEW and tool is None:
        raise RegistrationRefused("Unknown client")
    return said, tool


def _read(lms: PracticeLms, body: Body) -> ToolConfig:
    """The tool that a registration describes, without client and deployment."""
    for name in ("client_name", "initiate_login_uri", "redirect_uris", "jwks_uri", TOOL_CONFIGURATION):
        if not body.get(name):
            raise RegistrationRefused(f"missing required attribute {name}")
    checks: Final = (
        ("id_token" in body.get("response_types", ()), "invalid_response_types"),
        (isinstance(body["redirect_uris"], list), "invalid_redirect_uris"),
        (body.get("token_endpoint_auth_method") == "private_key_jwt", "invalid_token_endpoint_auth_method"),
        (body.get("application_type", "web") == "web", "invalid_application_type"),
    )
    for good, complaint in checks:
        if not good:
            raise RegistrationRefused(complaint)
    settings = body[TOOL_CONFIGURATION]
    domain = settings.get("domain") if isinstance(settings, dict) else None
    if not domain:
        raise RegistrationRefused("missing_domain")
    target = settings.get("target_link_uri") or f"https://{domain}"
    if urlsplit(target).netloc.removeprefix("www.") != domain:
        raise RegistrationRefused("domain_targetlinkuri_mismatch")
    if lms.is_canvas:
        _check_as_canvas(lms, body, settings)
    return ToolConfig(
        login_url=body["initiate_login_uri"], launch_url=body["redirect_uris"][0], target_link_uri=target,
        jwks_url=body["jwks_uri"], client_id="", more_redirect_uris=tuple(body["redirect_uris"][1:]),
        name=body["client_name"], custom=dict(settings.get("custom_parameters") or {}), scopes=_granted(lms, body),
        deep_link_url=_deep_link_url(settings), shared_claims=_shared(lms, settings), metadata=dict(body),
    )  # fmt: skip


def _check_as_canvas(lms: PracticeLms, body: Body, settings: Body) -> None:
    for name in ("messages", "claims"):
        if name not in settings:
            raise RegistrationRefused(
                f"The property '#/{TOOL_CONFIGURATION}' did not contain a required property of '{name}'"
            )
    unknown = set(str(body.get("scope", "")).split()) - {*scopes_of(lms.config), "openid"}
    if unknown:
        raise RegistrationRefused(f"Invalid scope: {', '.join(sorted(unknown))}")
    for message in (settings, *settings["messages"]):
        values = (message.get("custom_parameters") or {}).values()
        if not all(isinstance(value, str) for value in values):
            raise RegistrationRefused("custom_parameters must be strings")
        for placement in message.get("placements", ()):
            if (
                message["type"] in PLACEMENTS
                and placement.removeprefix(f"{CANVAS}/") not in PLACEMENTS[message["type"]]
            ):
                raise RegistrationRefused(f"Invalid placement: {placement}")


def _granted(lms: PracticeLms, body: Body) -> tuple[str, ...]:
    asked = str(body.get("scope") or "").split()
    allowed = scopes_of(lms.config) if lms.grants is None else lms.grants
    return tuple(scope for scope in scopes_of(lms.config) if scope in asked and scope in allowed)


def _deep_link_url(settings: Body) -> str:
    targets = [m.get("target_link_uri") for m in settings.get("messages") or () if m.get("type") == DEEP_LINKING]
    return next((str(target) for target in targets if target), "")


def _shared(lms: PracticeLms, settings: Body) -> tuple[str, ...]:
    level = settings.get(f"{CANVAS}/privacy_level")
    if lms.is_canvas and level is not None:
        return _PRIVACY.get(level, ())
    return tuple(
        name for name in settings.get("claims") or () if name in ("name", "given_name", "family_name", "email")
    )


def _kept(lms: PracticeLms, tool: ToolConfig, client_id: str, known: ToolConfig | None) -> ToolConfig:
    if known is None:
        return lms.add_pending(replace(tool, client_id=client_id, deployment_id=lms.next_deployment_id()))
    values = {
        name: getattr(tool, name) for name in tool.__dataclass_fields__ if name not in ("client_id", "deployment_id")
    }
    return lms.replace_tool(client_id, **values)


def _told(lms: PracticeLms, tool: ToolConfig) -> dict[str, Any]:
    """The registration as the platform tells it, which is not all that was asked for."""
    body = tool.metadata
    asked = body.get(TOOL_CONFIGURATION, {})
    settings: dict[str, Any] = {
        "version": "1.3.0",
        # Canvas has no deployment before an administrator has installed the tool somewhere.
        **({} if lms.is_canvas else {"deployment_id": tool.deployment_id}),
        "target_link_uri": tool.target_link_uri,
        "domain": asked.get("domain", urlsplit(tool.target_link_uri).netloc),
        "description": asked.get("description", ""),
        "messages": _messages(lms, tool, asked),
        "custom_parameters": _custom(lms, tool),
        "claims": _claims(lms, asked),
    }
    return {
        "client_id": tool.client_id,
        "response_types": ["id_token"],
        "jwks_uri": tool.jwks_url,
        "initiate_login_uri": tool.login_url,
        "grant_types": ["client_credentials", "implicit"],
        "redirect_uris": list(tool.redirect_uris),
        "application_type": "web",
        "token_endpoint_auth_method": "private_key_jwt",
        "client_name": tool.name,
        "logo_uri": body.get("logo_uri", ""),
        "scope": " ".join(scopes_of(lms.config) if tool.scopes is None else tool.scopes),
        TOOL_CONFIGURATION: settings,
    }


def _custom(lms: PracticeLms, tool: ToolConfig) -> dict[str, str]:
    """The tool's own parameters. Moodle's answer cuts a value at its first equals sign; launches carry it whole."""
    given = {name: value or "" for name, value in (tool.custom or {}).items()}
    return given if lms.is_canvas else {name: value.partition("=")[0] for name, value in given.items()}


def _claims(lms: PracticeLms, asked: Body) -> list[str]:
    """What Moodle's answer says is shared, whatever was asked for."""
    return (
        list(asked.get("claims", ())) if lms.is_canvas else ["sub", "iss", "name", "family_name", "given_name", "email"]
    )


def _messages(lms: PracticeLms, tool: ToolConfig, asked: Body) -> list[dict[str, Any]]:
    """The messages that are admitted: Moodle drops all but one, Canvas those whose places an administrator does not allow."""
    if not lms.is_canvas:
        chosen = [message for message in asked.get("messages") or () if message.get("type") in _KEPT_BY_MOODLE]
        return [
            {"type": DEEP_LINKING, "target_link_uri": tool.deep_link_url or tool.target_link_uri} for _ in chosen[:1]
        ]
    allowed = lms.granted_placements
    kept = []
    for message in asked.get("messages") or ():
        placements = [
            name for name in message.get("placements", ["link_selection"])
            if allowed is None or name.removeprefix(f"{CANVAS}/") in allowed
        ]  # fmt: skip
        if placements:
            kept.append({**message, "placements": placements})
    return kept
