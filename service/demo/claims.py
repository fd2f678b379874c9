"""The claims of an id_token as Moodle 5.0 writes them, and as Canvas does (LTI 1.3 core, AGS 2.0, NRPS 2.0, Deep Linking 2.0)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from service.demo.config import LmsConfig, ToolConfig
from service.demo.people import Course, Person
from service.demo.variables import custom_parameters

if TYPE_CHECKING:
    from service.demo.messages import Opening

LTI = "https://purl.imsglobal.org/spec/lti/claim"
DL = "https://purl.imsglobal.org/spec/lti-dl/claim"
AGS_ENDPOINT = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"
NRPS_SERVICE = "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice"
NOTICE_SERVICE = f"{LTI}/platformnotificationservice"
DEEP_LINKING_SETTINGS = f"{DL}/deep_linking_settings"

RESOURCE_LINK = "LtiResourceLinkRequest"
DEEP_LINKING = "LtiDeepLinkingRequest"
SUBMISSION_REVIEW = "LtiSubmissionReviewRequest"
DATA_PRIVACY = "DataPrivacyLaunchRequest"

SCOPE_LINEITEM = "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem"
SCOPE_LINEITEM_READONLY = "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem.readonly"
SCOPE_RESULT = "https://purl.imsglobal.org/spec/lti-ags/scope/result.readonly"
SCOPE_SCORE = "https://purl.imsglobal.org/spec/lti-ags/scope/score"
SCOPE_MEMBERS = "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly"
SCOPE_NOTICES = "https://purl.imsglobal.org/spec/lti/scope/noticehandlers"
AGS_SCOPES = (SCOPE_LINEITEM, SCOPE_LINEITEM_READONLY, SCOPE_RESULT, SCOPE_SCORE)
SCOPES = (*AGS_SCOPES, SCOPE_MEMBERS)

COPY_NOTICE = "LtiContextCopyNotice"
NOTICE_TYPES = ("LtiHelloWorldNotice", COPY_NOTICE)

_CANVAS_USER = "http://purl.imsglobal.org/vocab/lis/v2/system/person#User"
_COURSE_OFFERING = "http://purl.imsglobal.org/vocab/lis/v2/course#CourseOffering"

SHORT_NAMES = (
    "deployment_id",
    "target_link_uri",
    "roles",
    "context",
    "resource_link",
    "message_type",
    "version",
    "custom",
    "launch_presentation",
    "tool_platform",
    "lis",
    "ext",
    "for_user",
)
"""LTI claims that may be named without their prefix when overriding."""


def full_name(name: str) -> str:
    """The name of a claim in the token, for one that may be given short."""
    if name == "deep_linking_settings":
        return DEEP_LINKING_SETTINGS
    return f"{LTI}/{name}" if name in SHORT_NAMES else name


def scopes_of(config: LmsConfig) -> tuple[str, ...]:
    """The scopes that a platform has to give."""
    return (*SCOPES, SCOPE_NOTICES) if config.is_canvas else SCOPES


def members_url(config: LmsConfig, course: Course) -> str:
    """The address of a course's roster."""
    return f"{config.base_url}/courses/{course.id}/members"


def lineitems_url(config: LmsConfig, course: Course, tool: ToolConfig) -> str:
    """The address of a course's line items; as in Moodle it already has a query."""
    return f"{config.base_url}/courses/{course.id}/lineitems?type_id={tool.deployment_id}"


def message_claims(config: LmsConfig, opening: Opening, lineitem: str | None) -> dict[str, Any]:
    """Everything but nonce and times. ``lineitem`` is the address of the link's only line item, when it has just one."""
    tool, person, link = opening.tool, opening.person, opening.link
    claims: dict[str, Any] = {
        "iss": config.base_url,
        "aud": tool.client_id,
        **({"azp": tool.client_id, "locale": opening.locale} if config.is_canvas else {}),
        "sub": person.id,
        **named(person, tool),
        f"{LTI}/deployment_id": tool.deployment_id,
        f"{LTI}/target_link_uri": opening.target,
        f"{LTI}/message_type": opening.message_type,
        f"{LTI}/version": "1.3.0",
        f"{LTI}/roles": [*person.roles, *((_CANVAS_USER,) if config.is_canvas else ())],
        f"{LTI}/launch_presentation": _presentation(config, opening),
        f"{LTI}/tool_platform": _platform(config),
        f"{LTI}/custom": custom_parameters(config, opening),
        **({} if config.is_canvas else {f"{LTI}/ext": {"user_username": person.key, "lms": "moodle-2"}}),
    }
    if link is not None:
        claims[f"{LTI}/resource_link"] = {"title": link.title, "description": link.description, "id": link.id}
    if opening.for_user is not None:
        claims[f"{LTI}/for_user"] = opening.for_user
    if opening.settings is not None:
        claims[DEEP_LINKING_SETTINGS] = opening.settings
    if opening.course is not None:
        claims |= _course_claims(config, opening.course, opening, lineitem)
    return claims


def _course_claims(config: LmsConfig, course: Course, opening: Opening, lineitem: str | None) -> dict[str, Any]:
    custom = custom_parameters(config, opening)
    if not config.is_canvas:
        custom["context_memberships_url"] = members_url(config, course)
    kind = _COURSE_OFFERING if config.is_canvas else "CourseSection"
    return {
        f"{LTI}/context": {"id": course.id, "label": course.label, "title": course.title, "type": [kind]},
        f"{LTI}/lis": {"person_sourcedid": f"ID-{opening.person.id}", "course_section_sourcedid": course.label},
        f"{LTI}/custom": custom,
        **_service_claims(config, course, opening.tool, lineitem),
    }


def named(person: Person, tool: ToolConfig) -> dict[str, str]:
    """A person's name and address, as far as she and the tool's registration let the tool know them."""
    if not person.shares_name:
        return {}
    names = {"given_name": person.given, "family_name": person.family, "name": person.name}
    return {**(names if tool.shows_names else {}), **({"email": person.email} if tool.shows_emails else {})}


def _presentation(config: LmsConfig, opening: Opening) -> dict[str, str]:
    if opening.link is None or opening.course is None:
        return {"locale": opening.locale}
    return {
        "locale": opening.locale,
        "document_target": opening.document_target,
        "return_url": f"{config.base_url}/return?course={opening.course.key}&as={opening.person.key}",
    }


def _platform(config: LmsConfig) -> dict[str, str]:
    return {
        "product_family_code": config.family,
        "version": "cloud" if config.is_canvas else "2025041400",
        "guid": "3f0c3b1e6b5f4c0f9a4a0c5d7a3e1b20",
        "name": config.name,
        "description": "Övningsplattform med påhittade personer",
    }


def _service_claims(config: LmsConfig, course: Course, tool: ToolConfig, lineitem: str | None) -> dict[str, Any]:
    claims: dict[str, Any] = {}
    granted = [scope for scope in AGS_SCOPES if tool.may(scope)]
    if granted:
        claims[AGS_ENDPOINT] = {"scope": granted, "lineitems": lineitems_url(config, course, tool)}
        if lineitem is not None:
            claims[AGS_ENDPOINT]["lineitem"] = lineitem
    if tool.may(SCOPE_MEMBERS):
        claims[NRPS_SERVICE] = {
            "context_memberships_url": members_url(config, course),
            "service_versions": ["2.0"] if config.is_canvas else ["1.0", "2.0"],
        }
    if config.is_canvas and tool.may(SCOPE_NOTICES):
        claims[NOTICE_SERVICE] = {
            "service_versions": ["1.0"],
            "platform_notification_service_url": f"{config.base_url}/notice-handlers/{tool.deployment_id}",
            "scope": [SCOPE_NOTICES],
            "notice_types_supported": list(NOTICE_TYPES),
        }
    return claims
