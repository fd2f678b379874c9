"""What a tool may know of this platform before it registers (OpenID Connect Discovery 1.0, LTI Dynamic Registration 1.0)."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, request

from service.demo.claims import DATA_PRIVACY, DEEP_LINKING, NOTICE_TYPES, RESOURCE_LINK, scopes_of
from service.demo.practice import PracticeLms, current_lms
from service.demo.variables import supported

blueprint = Blueprint("configuration", __name__)

PLATFORM = "https://purl.imsglobal.org/spec/lti-platform-configuration"
CANVAS = "https://canvas.instructure.com/lti"
PLACEMENTS = {
    RESOURCE_LINK: ("course_navigation", "account_navigation", "link_selection", "assignment_selection"),
    DEEP_LINKING: ("link_selection", "assignment_selection", "editor_button"),
}
"""The places in Canvas where a tool may be opened, by message type; in answers they carry Canvas's prefix."""


@blueprint.get("/.well-known/openid-configuration")
def configuration() -> tuple[Response, int]:
    """The platform's configuration. Canvas gives it only to who shows the registration token."""
    lms = current_lms()
    if lms.is_canvas and lms.token_claims(bearer_value()) is None:
        return jsonify({"errors": ["a registration token is needed"]}), 401
    return jsonify(document(lms)), 200


def bearer_value() -> str:
    """What stands after ``Bearer`` in the request, an empty string for nothing."""
    kind, _, value = request.headers.get("Authorization", "").partition(" ")
    return value.strip() if kind.lower() == "bearer" else ""


def document(lms: PracticeLms) -> dict[str, Any]:
    """The configuration of a platform with the manners of its family."""
    base = lms.base_url
    return {
        "issuer": base,
        "token_endpoint": f"{base}/token",
        "token_endpoint_auth_methods_supported": ["private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": ["RS256"],
        "jwks_uri": f"{base}/jwks",
        "authorization_endpoint": f"{base}/auth",
        "registration_endpoint": f"{base}/register",
        "scopes_supported": ["openid", *scopes_of(lms.config)] if lms.is_canvas else [*scopes_of(lms.config), "openid"],
        "response_types_supported": ["id_token"],
        "subject_types_supported": ["public"] if lms.is_canvas else ["public", "pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "claims_supported": [
            "sub",
            "iss",
            "name",
            "given_name",
            "family_name",
            "email",
            *(["locale"] if lms.is_canvas else []),
        ],
        **({"authorization_server": base.partition("//")[2]} if lms.is_canvas else {}),
        PLATFORM: _canvas(lms) if lms.is_canvas else _moodle(lms),
    }


def _moodle(lms: PracticeLms) -> dict[str, Any]:
    return {
        "product_family_code": "moodle",
        "version": "5.0 (Build: 20250414)",
        "messages_supported": [{"type": RESOURCE_LINK}, {"type": DEEP_LINKING, "placements": ["ContentArea"]}],
        "variables": list(supported(lms.config)),
    }


def _canvas(lms: PracticeLms) -> dict[str, Any]:
    return {
        "product_family_code": "canvas",
        "version": "vCloud",
        "messages_supported": [
            *(
                {"type": kind, "placements": [f"{CANVAS}/{name}" for name in names]}
                for kind, names in PLACEMENTS.items()
            ),
            {"type": DATA_PRIVACY},
        ],
        "notice_types_supported": list(NOTICE_TYPES),
        "variables": list(supported(lms.config)),
        f"{CANVAS}/account_name": lms.config.name,
        f"{CANVAS}/account_lti_guid": "3f0c3b1e6b5f4c0f9a4a0c5d7a3e1b20.canvas-lms",
    }
