"""What we ask of a platform that registers us, and what it granted (LTI Dynamic Registration 1.0 §3.5-3.6).

No more than the functions need: names, because people here work with each other; never an e-mail address or a picture.
"""

from dataclasses import asdict, dataclass, field
from typing import Any
from urllib.parse import urlsplit

from service.lti.claims import DEEP_LINKING, PRIVACY, RESOURCE_LINK, REVIEW
from service.lti.models import Platform
from service.lti.offers import Configuration
from service.lti.quirks import quirks_of

NAME, DESCRIPTION, TOOL_ID = "Stegvis", "Habits, coaching plans and group maturity", "stegvis"
TOOL = "https://purl.imsglobal.org/spec/lti-tool-configuration"
CANVAS = "https://canvas.instructure.com/lti/"
ROSTER = "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly"
LINE_ITEM = "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem"
LINE_ITEM_READ = "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem.readonly"
RESULT = "https://purl.imsglobal.org/spec/lti-ags/scope/result.readonly"
SCORE = "https://purl.imsglobal.org/spec/lti-ags/scope/score"
NOTICE_HANDLERS = "https://purl.imsglobal.org/spec/lti/scope/noticehandlers"
# Reading line items is part of managing them; platforms that list it apart want it asked for apart.
SCOPES = (ROSTER, LINE_ITEM, LINE_ITEM_READ, RESULT, SCORE, NOTICE_HANDLERS)
CLAIMS = ("iss", "sub", "name", "given_name", "family_name", "locale")
# Whose granting says something about a person.
PERSONAL = ("name", "given_name", "family_name")
CANVAS_PLACEMENTS = {
    RESOURCE_LINK: ("course_navigation",),
    DEEP_LINKING: ("assignment_selection", "link_selection"),
}
OTHER_PLACEMENTS = {DEEP_LINKING: ("ContentArea",)}
# Substituted by the platform at each launch (LTI 1.3 core, appendix B). Where a platform knows one not, it sends it as
# it stands, and the reader of claims knows that.
CUSTOM = {
    "context_id_history": "$Context.id.history",
    "link_id_history": "$ResourceLink.id.history",
    "timezone": "$Person.address.timezone",
}
MOODLE_CUSTOM = {"course_start": "$CourseSection.timeFrame.begin", "course_end": "$CourseSection.timeFrame.end"}
CANVAS_CUSTOM = {
    "canvas_api_domain": "$Canvas.api.domain",
    "canvas_course_id": "$Canvas.course.id",
    "canvas_term_name": "$Canvas.term.name",
    "pm_token": "$com.instructure.PostMessageToken",
}


@dataclass(frozen=True)
class Asked:
    """What a registration asks for; the same shape tells what was granted, None for what the answer left open."""

    scopes: list[str] | None = field(default_factory=list)
    claims: list[str] | None = field(default_factory=list)
    messages: list[str] | None = field(default_factory=list)
    placements: list[str] | None = field(default_factory=list)

    def kept(self) -> dict[str, Any]:
        """What is kept of it in the platform's row."""
        return {name: value for name, value in asdict(self).items() if value is not None}


@dataclass(frozen=True)
class Difference:
    """One thing that was asked and not granted, or (`more`) granted and not asked. `kind`: scopes, claims, placements."""

    kind: str
    name: str
    more: bool = False


def is_canvas(family: str) -> bool:
    """Tells whether a platform wants Canvas's own keys."""
    return family == "canvas"


def wanted(configuration: Configuration) -> Asked:
    """Returns what we ask of this platform: of what we use, the part that it says it has."""
    placed = _placed(configuration)
    own = () if is_canvas(configuration.family) else (REVIEW, PRIVACY)
    return Asked(
        scopes=_scopes(configuration),
        claims=list(CLAIMS),
        messages=[*placed, *(kind for kind in own if kind in configuration.message_types)],
        placements=[place for places in placed.values() for place in places],
    )


def _scopes(configuration: Configuration) -> list[str]:
    asked = [scope for scope in SCOPES if scope in configuration.scopes_supported]
    # Canvas reads line items with the scope that manages them.
    if is_canvas(configuration.family) and LINE_ITEM in asked and LINE_ITEM_READ in asked:
        asked.remove(LINE_ITEM_READ)
    return asked


def _placed(configuration: Configuration) -> dict[str, list[str]]:
    """The messages with the placements to ask for. In Canvas a message without any would get one by itself."""
    if not is_canvas(configuration.family):
        return {kind: _offered(configuration, kind, OTHER_PLACEMENTS.get(kind, ()), unsaid=False)
                for kind in (RESOURCE_LINK, DEEP_LINKING)}  # fmt: skip
    found = {kind: _offered(configuration, kind, places, unsaid=True) for kind, places in CANVAS_PLACEMENTS.items()}
    return {kind: places for kind, places in found.items() if places}


def _offered(configuration: Configuration, kind: str, places: tuple[str, ...], *, unsaid: bool) -> list[str]:
    if quirks_of(configuration.family).answers_little:
        return []
    offered = configuration.placements(kind)
    if not offered:
        return list(places) if unsaid else []
    return [place for place in places if place in offered]


def payload(configuration: Configuration, asked: Asked, base: str, public_id: str) -> dict[str, Any]:
    """Returns the registration request. `base` is our public address, `public_id` names this registration's own."""
    target = f"{base}/lti/launch"
    return {
        "application_type": "web",
        "grant_types": ["client_credentials", "implicit"],
        "response_types": ["id_token"],
        "client_name": NAME,
        "client_uri": base,
        "logo_uri": f"{base}/static/favicon.svg",
        "tos_uri": f"{base}/terms",
        "policy_uri": f"{base}/privacy",
        "initiate_login_uri": f"{base}/lti/login/{public_id}",
        "redirect_uris": [target],
        "jwks_uri": f"{base}/lti/jwks/{public_id}",
        "token_endpoint_auth_method": "private_key_jwt",
        "scope": " ".join(asked.scopes or []),
        TOOL: {
            "domain": urlsplit(base).netloc,
            "description": DESCRIPTION,
            "target_link_uri": target,
            "claims": asked.claims,
            "custom_parameters": custom_for(configuration.family),
            **(_canvas_part(configuration, target) if is_canvas(configuration.family) else
               {"messages": _messages(configuration, asked, target)}),
        },
    }  # fmt: skip


def custom_for(family: str) -> dict[str, str]:
    """Returns the parameters that a platform is to send along with every launch."""
    own = {"canvas": CANVAS_CUSTOM, "moodle": MOODLE_CUSTOM}
    return {**CUSTOM, **own.get(family, {})}


def _messages(configuration: Configuration, asked: Asked, target: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = [{"type": kind} for kind in asked.messages or [] if kind != DEEP_LINKING]
    linking: dict[str, Any] = {"type": DEEP_LINKING, "target_link_uri": target, "label": f"{NAME} activity"}
    placements = _placed(configuration)[DEEP_LINKING]
    return [*found, {**linking, "placements": placements} if placements else linking]


def _canvas_part(configuration: Configuration, target: str) -> dict[str, Any]:
    placed = _placed(configuration)
    messages = [canvas_message(kind, place, target) for kind, places in placed.items() for place in places]
    return {"messages": messages, f"{CANVAS}privacy_level": "name_only", f"{CANVAS}tool_id": TOOL_ID}


def canvas_message(kind: str, place: str, target: str) -> dict[str, Any]:
    """One message in one of Canvas's placements. In the course's menu it is off until a course wants it."""
    message: dict[str, Any] = {"type": kind, "target_link_uri": target, "placements": [place]}
    if kind == RESOURCE_LINK:
        return {
            **message, "label": NAME, "custom_parameters": {"placement": place},
            f"{CANVAS}{place}/default_enabled": False, f"{CANVAS}visibility": "members",
            f"{CANVAS}display_type": "full_width_in_context",
        }  # fmt: skip
    if place == "assignment_selection":
        message |= {f"{CANVAS}launch_width": 800, f"{CANVAS}launch_height": 700}
    return {**message, "label": f"{NAME} activity"}


def differences(platform: Platform) -> list[Difference]:
    """Returns what the platform did not grant although we asked, and what it grants about people although we did not.

    What its answer left open is no difference. A registration by hand asked for nothing and has none.
    """
    asked, granted = platform.asked, platform.granted
    kinds = ["scopes"] if quirks_of(platform.family).answers_little else ["scopes", "claims", "placements"]
    found = [
        Difference(kind, name)
        for kind in kinds
        if kind in granted
        for name in asked.get(kind, [])
        if name not in granted[kind] and (kind != "claims" or name in PERSONAL)
    ]
    more = ("email", "picture") if "claims" in kinds and asked else ()
    return [*found, *(Difference("claims", name, more=True) for name in more if name in granted.get("claims", []))]
