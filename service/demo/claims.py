"""The claims of an id_token as Moodle 5.0 writes them (LTI 1.3 core, AGS 2.0, NRPS 2.0)."""

from __future__ import annotations

from typing import Any

from service.demo.config import LmsConfig, ToolConfig
from service.demo.people import Course, Link, Person

LTI = "https://purl.imsglobal.org/spec/lti/claim"
AGS_ENDPOINT = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"
NRPS_SERVICE = "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice"

SCOPE_LINEITEM = "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem"
SCOPE_LINEITEM_READONLY = "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem.readonly"
SCOPE_RESULT = "https://purl.imsglobal.org/spec/lti-ags/scope/result.readonly"
SCOPE_SCORE = "https://purl.imsglobal.org/spec/lti-ags/scope/score"
SCOPE_MEMBERS = "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly"
AGS_SCOPES = (SCOPE_LINEITEM, SCOPE_LINEITEM_READONLY, SCOPE_RESULT, SCOPE_SCORE)
SCOPES = (*AGS_SCOPES, SCOPE_MEMBERS)

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
)
"""LTI claims that may be named without their prefix when overriding."""


def full_name(name: str) -> str:
    """The name of a claim in the token, for one that may be given short."""
    return f"{LTI}/{name}" if name in SHORT_NAMES else name


def members_url(config: LmsConfig, course: Course) -> str:
    """The address of a course's roster."""
    return f"{config.base_url}/courses/{course.id}/members"


def lineitems_url(config: LmsConfig, course: Course, tool: ToolConfig) -> str:
    """The address of a course's line items; as in Moodle it already has a query."""
    return f"{config.base_url}/courses/{course.id}/lineitems?type_id={tool.deployment_id}"


def message_claims(
    config: LmsConfig,
    tool: ToolConfig,
    person: Person,
    course: Course,
    link: Link,
    *,
    locale: str,
    document_target: str,
    lineitem: str | None,
) -> dict[str, Any]:
    """Everything but nonce and times. ``lineitem`` is the address of the link's only line item, when it has just one."""
    return {
        "iss": config.base_url,
        "aud": tool.client_id,
        "sub": person.id,
        **_person_claims(person),
        f"{LTI}/deployment_id": tool.deployment_id,
        f"{LTI}/target_link_uri": tool.target_of(link),
        f"{LTI}/message_type": "LtiResourceLinkRequest",
        f"{LTI}/version": "1.3.0",
        f"{LTI}/roles": list(person.roles),
        f"{LTI}/context": {"id": course.id, "label": course.label, "title": course.title, "type": ["CourseSection"]},
        f"{LTI}/resource_link": {"title": link.title, "description": link.description, "id": link.id},
        f"{LTI}/lis": {"person_sourcedid": f"ID-{person.id}", "course_section_sourcedid": course.label},
        f"{LTI}/launch_presentation": {
            "locale": locale,
            "document_target": document_target,
            "return_url": f"{config.base_url}/return?course={course.key}&as={person.key}",
        },
        f"{LTI}/tool_platform": _platform(config),
        f"{LTI}/custom": _custom(config, person, course, link),
        f"{LTI}/ext": {"user_username": person.key, "lms": "moodle-2"},
        **_service_claims(config, course, tool, lineitem),
    }


def _person_claims(person: Person) -> dict[str, str]:
    if not person.shares_name:
        return {}
    return {
        "given_name": person.given,
        "family_name": person.family,
        "name": person.name,
        "email": person.email,
    }


def _platform(config: LmsConfig) -> dict[str, str]:
    return {
        "product_family_code": config.family,
        "version": "2025041400",
        "guid": "3f0c3b1e6b5f4c0f9a4a0c5d7a3e1b20",
        "name": config.name,
        "description": "Övningsplattform med påhittade personer",
    }


def _custom(config: LmsConfig, person: Person, course: Course, link: Link) -> dict[str, str | None]:
    """Custom parameters with what is odd in a real Moodle: an unknown variable left as it is, a null, an empty string."""
    return {
        "context_history": "",
        "course_start": "2026-08-31T22:00:00+00:00",
        "course_end": "2027-06-14T22:00:00+00:00",
        "rl_title": link.title,
        "username": person.key,
        "tz": "99",
        "unknown": "$Some.Unknown",
        "nothing": None,
        "Mixed_Case": "Värde med = tecken",
        "mixed_case": "Värde med = tecken",
        "context_memberships_url": members_url(config, course),
    }


def _service_claims(config: LmsConfig, course: Course, tool: ToolConfig, lineitem: str | None) -> dict[str, Any]:
    endpoint: dict[str, Any] = {"scope": list(AGS_SCOPES), "lineitems": lineitems_url(config, course, tool)}
    if lineitem is not None:
        endpoint["lineitem"] = lineitem
    return {
        AGS_ENDPOINT: endpoint,
        NRPS_SERVICE: {
            "context_memberships_url": members_url(config, course),
            "service_versions": ["1.0", "2.0"],
        },
    }
