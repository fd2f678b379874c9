"""Custom parameters and their substitution variables, as Moodle and Canvas fill them in (LTI 1.3 core, appendix D)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from service.demo.people import INSTRUCTOR, LEARNER

if TYPE_CHECKING:
    from service.demo.config import LmsConfig
    from service.demo.messages import Opening

Custom = dict[str, str | None]

USUAL: Mapping[str, str | None] = {
    "context_history": "$Context.id.history",
    "course_start": "$CourseSection.timeFrame.begin",
    "course_end": "$CourseSection.timeFrame.end",
    "rl_title": "$ResourceLink.title",
    "username": "$User.username",
    "tz": "$Person.address.timezone",
    "unknown": "$Some.Unknown",
    "nothing": None,
    "Mixed_Case": "Värde med = tecken",
}
"""The parameters of a tool that was registered by hand, with what is odd in a real Moodle: an unknown variable, a null."""

MOODLE_VARIABLES = (
    "Context.id", "Context.title", "Context.label", "Context.id.history", "CourseSection.timeFrame.begin",
    "CourseSection.timeFrame.end", "ResourceLink.id", "ResourceLink.title", "ResourceLink.description", "User.id",
    "User.username", "Person.name.full", "Person.name.given", "Person.name.family", "Person.email.primary",
    "Person.sourcedId", "Person.address.timezone", "Membership.role", "Moodle.Person.userGroupIds",
)  # fmt: skip
CANVAS_VARIABLES = (
    "Context.id", "Context.title", "Context.id.history", "ResourceLink.id", "ResourceLink.id.history", "ResourceLink.title",
    "ResourceLink.description", "User.id", "User.username", "Person.name.full", "Person.name.given", "Person.name.family",
    "Person.email.primary", "Person.sourcedId", "Person.address.timezone", "Membership.role", "Canvas.api.domain",
    "Canvas.course.id", "com.instructure.PostMessageToken", "com.instructure.membership.roles",
)  # fmt: skip


def supported(config: LmsConfig) -> tuple[str, ...]:
    """The variables that the platform's configuration names."""
    return CANVAS_VARIABLES if config.is_canvas else MOODLE_VARIABLES


def custom_parameters(config: LmsConfig, opening: Opening) -> Custom:
    """The custom claim: the activity's own parameters, then the tool's, with variables filled in.

    Moodle gives every parameter whose name has capitals or punctuation a second time under a name without, and takes the
    length of a name in bytes where it means letters: with å in it, the equals sign and what follows come out shifted.
    """
    known = _values(config, opening)
    asked = {
        **(opening.link.custom if opening.link else {}),
        **(USUAL if opening.tool.custom is None else opening.tool.custom),
    }
    filled: Custom = {}
    for name, value in asked.items():
        result = _filled(value, known)
        if config.is_canvas or result is None:
            filled[name] = result
            continue
        line, letters = f"{name}={result}", len(name.encode())
        plain = re.sub(rb"[^a-z0-9]", b"_", line[:letters].lower().encode()).decode()
        filled |= dict.fromkeys((plain, line[:letters]), line[letters + 1 :])
    return filled


def _filled(value: str | None, known: Custom) -> str | None:
    if value is None or not value.startswith("$"):
        return value
    # What a platform cannot fill in it sends as it stands.
    return known.get(value[1:], value)


def _values(config: LmsConfig, opening: Opening) -> Custom:
    person, course, link = opening.person, opening.course, opening.link
    names, mail = (person.shares_name and shown for shown in (opening.tool.shows_names, opening.tool.shows_emails))
    values: Custom = {
        "User.id": person.id,
        "User.username": person.key,
        "Person.name.full": person.name if names else None,
        "Person.name.given": person.given if names else None,
        "Person.name.family": person.family if names else None,
        "Person.email.primary": person.email if mail else None,
        "Person.sourcedId": f"ID-{person.id}",
        "Person.address.timezone": "Europe/Stockholm" if config.is_canvas else "99",
        "Membership.role": ",".join(role.rpartition("#")[2] for role in person.roles),
        "Moodle.Person.userGroupIds": "",
        "Canvas.api.domain": config.base_url.partition("//")[2],
        "com.instructure.PostMessageToken": f"pm-{person.id}",
        "com.instructure.membership.roles": _canvas_roles(person.roles),
        "ResourceLink.id": link.id if link else None,
        "ResourceLink.title": link.title if link else None,
        "ResourceLink.description": link.description if link else None,
        "ResourceLink.id.history": ",".join(link.history) if link else None,
    }
    if course is not None:
        values |= {
            "Context.id": course.id,
            "Context.title": course.title,
            "Context.label": course.label,
            "Context.id.history": ",".join(course.history),
            "CourseSection.timeFrame.begin": "2026-08-31T22:00:00+00:00",
            "CourseSection.timeFrame.end": "2027-06-14T22:00:00+00:00",
            "Canvas.course.id": course.id,
        }
    return {name: value for name, value in values.items() if name in supported(config)}


def _canvas_roles(roles: tuple[str, ...]) -> str:
    names = {INSTRUCTOR: "TeacherEnrollment", LEARNER: "StudentEnrollment"}
    return ",".join(names[role] for role in roles if role in names)
