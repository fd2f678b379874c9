"""The token endpoint: client credentials with a signed assertion (1EdTech Security Framework 1.1 §4.1, RFC 7523)."""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint, Response, current_app, request

from service.demo.claims import scopes_of
from service.demo.config import ToolConfig
from service.demo.practice import ACCESS_TOKEN_SECONDS, PracticeLms, current_lms
from service.demo.tokens import peek
from service.demo.tool_keys import KeysUnreachable, KeyUnknown, TokenUnverified, times_complaint, verified

blueprint = Blueprint("token_endpoint", __name__)

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


class TokenRefused(Exception):
    """No token; the answer says so in Moodle's way."""

    def __init__(self, body: str, status: int = 400) -> None:
        super().__init__(body)
        self.body = body
        self.status = status


def refused(error: str) -> TokenRefused:
    """An OAuth error as JSON."""
    return TokenRefused(json.dumps({"error": error}))


@blueprint.post("/token")
def token() -> Response:
    """Hand out an access token for those of the asked scopes that a tool may have; Moodle calls its JSON text/html."""
    lms = current_lms()
    form = request.form.to_dict()
    try:
        if not form.get("client_assertion") or not form.get("scope"):
            raise refused("invalid_request")
        if form.get("grant_type") != "client_credentials":
            raise refused("unsupported_grant_type")
        if form.get("client_assertion_type") != ASSERTION_TYPE:
            raise refused("invalid_request")
        tool = _authenticate(lms, form["client_assertion"])
        granted = [scope for scope in form["scope"].split() if scope in scopes_of(lms.config) and tool.may(scope)]
        if not granted:
            raise refused("invalid_scope")
    except TokenRefused as refusal:
        current_app.logger.info("token refused: %s", refusal.body)
        return Response(refusal.body, refusal.status, content_type="text/html; charset=utf-8")
    issued = lms.issue_token(tool.client_id, frozenset(granted))
    body = {
        "access_token": issued.value,
        "token_type": "Bearer",
        "expires_in": ACCESS_TOKEN_SECONDS,
        "scope": " ".join(granted),
    }
    return Response(json.dumps(body), content_type="text/html; charset=utf-8")


def _authenticate(lms: PracticeLms, assertion: str) -> ToolConfig:
    """The tool that signed the assertion."""
    try:
        claims = peek(assertion)[1]
    except ValueError:
        raise refused("invalid_request") from None
    tool = lms.client(str(claims.get("sub")))
    if tool is None or claims.get("iss") != tool.client_id:
        raise refused("invalid_client")
    try:
        _check_claims(lms, verified(tool, assertion)[1])
    except KeysUnreachable:
        # Without the tool's keys Moodle shows its error page.
        raise TokenRefused("<!DOCTYPE html><title>Error</title>", 404) from None
    except KeyUnknown:
        # Not JSON: this is what Moodle sends, and a tool has to bear it.
        raise TokenRefused('{\n  "error" : ""kid" invalid, unable to lookup correct key"\n}') from None
    except TokenUnverified:
        raise refused("invalid_client") from None
    return tool


def _check_claims(lms: PracticeLms, claims: dict[str, Any]) -> None:
    complaint = times_complaint(claims, lms.now())
    if complaint:
        raise refused(complaint)
    audience = claims.get("aud")
    audiences = audience if isinstance(audience, list) else [audience]
    if not {f"{lms.base_url}/token", lms.base_url} & set(audiences):
        raise refused("invalid_client")
    if not claims.get("jti"):
        raise refused("invalid_client")
