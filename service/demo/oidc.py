"""Sign-in at the practice LMS: keys, and an authorization endpoint as strict as Moodle's.

Source of the rules: the recordings of Moodle 5.0's ``mod/lti/auth.php`` and the 1EdTech Security Framework 1.1 §5.1.1.
"""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, render_template, request

from service.demo.practice import Opening, current_lms

blueprint = Blueprint("oidc", __name__)


@blueprint.get("/jwks")
def jwks() -> Response:
    """The public keys."""
    return jsonify(current_lms().keys.as_jwks())


@blueprint.route("/auth", methods=["GET", "POST"])
def auth() -> tuple[str, int]:
    """Answer a tool's authentication request with a form that carries the id_token back to it.

    A request whose return address cannot be trusted gets a page; any other fault is posted to the tool, as Moodle does.
    """
    lms = current_lms()
    asked = {**request.args.to_dict(), **request.form.to_dict()}
    opening = lms.take_opening(asked.get("lti_message_hint", ""))
    complaint = _untrustworthy(asked, opening)
    if complaint or opening is None:
        return render_template("lms/error.html", lms=lms, reason=complaint), 400
    answer = _refusal(asked, opening) or {"id_token": lms.sign(lms.claims_of(opening, asked["nonce"]))}
    fields = {**answer, "state": asked["state"]}
    return render_template("lms/post.html", lms=lms, action=asked["redirect_uri"], fields=fields), 200


def _untrustworthy(asked: dict[str, str], opening: Opening | None) -> str:
    """Why nothing may be posted anywhere, or an empty string."""
    needed = ("scope", "response_type", "client_id", "redirect_uri", "login_hint", "nonce", "state", "lti_message_hint")
    missing = [name for name in needed if not asked.get(name)]
    if missing:
        return f"missing: {', '.join(missing)}"
    if opening is None:
        return "unknown or already used lti_message_hint"
    if asked["redirect_uri"] not in opening.tool.redirect_uris:
        return "redirect_uri is not registered"
    if asked["scope"] != "openid":
        return "scope must be openid and nothing else"
    return ""


def _refusal(asked: dict[str, str], opening: Opening) -> dict[str, str]:
    """The error that is posted to the tool, empty when there is none."""
    if asked["response_type"] != "id_token":
        return {"error": "unsupported_response_type"}
    if asked["client_id"] != opening.tool.client_id:
        return {"error": "unauthorized_client"}
    if asked["login_hint"] != opening.person.id:
        return {"error": "access_denied"}
    if asked.get("response_mode") != "form_post":
        return {"error": "invalid_request", "error_description": "Invalid response_mode"}
    if asked.get("prompt", "none") not in ("", "none"):
        return {"error": "invalid_request", "error_description": "Invalid prompt"}
    return {}
