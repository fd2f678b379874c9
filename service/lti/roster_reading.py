"""Reading a roster (Names and Role Provisioning Services 2.0): its pages, the way to the next one, and its lines.

A roster is a platform's word, not the person's: what does not have the right type is left out and counted, an e-mail
address is never looked at, and no line gives a role that opens more than a course.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urljoin, urlsplit

from service.access import Role
from service.lti.claims import LANGUAGES, NAME_LIMIT
from service.lti.registrations import origin_of
from service.lti.roles import meaning_of
from service.lti.strict import NotStrict, is_whole_text, read_object, tidy
from service.lti.token_answers import ServiceFailed, ServiceRefused
from service.outbound import Answer

MEDIA_TYPE = "application/vnd.ims.lti-nrps.v2.membershipcontainer+json"
SCOPE = "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly"
PAGE_SIZE = 100
SUB_LIMIT = 255
_QUOTES = "“”„‟″"
# What a line may say of an enrolment (NRPS 2.0 §2.2); without a word it is active.
_STATUSES = {"Active": True, "Inactive": False, "Deleted": False}


class Line(NamedTuple):
    """One person of a roster, as far as we keep it."""

    sub: str
    name: str
    locale: str
    role: Role
    is_test: bool
    active: bool


@dataclass(frozen=True)
class Page:
    """A page: each person once, and how many lines could not be read."""

    lines: list[Line]
    skipped: int


def first_url(memberships_url: str) -> str:
    """Returns the address of the first page: Moodle cuts pages only where they are asked for."""
    address, _, _fragment = memberships_url.partition("#")
    query = urlsplit(address).query
    if any(name == "limit" for name, _value in parse_qsl(query, keep_blank_values=True)):
        return address
    joint = "" if address.endswith(("?", "&")) else "&" if query else "?"
    return f"{address}{joint}limit={PAGE_SIZE}"


def digest(url: str) -> str:
    """Returns a short digest of an address, to see whether it has been visited."""
    return hashlib.sha256(url.encode()).hexdigest()[:16]


def read_page(answer: Answer) -> Page:
    """Returns the page that was answered. Raises ServiceFailed when it is no roster: a page for people, half a page."""
    try:
        members = read_object(answer.body).get("members")
    except NotStrict as error:
        raise ServiceFailed("not_json") from error
    if not isinstance(members, list):
        raise ServiceFailed("not_a_roster")
    lines: dict[str, Line] = {}
    skipped = 0
    for member in members:
        line = read_line(member)
        if line is None:
            skipped += 1
        else:
            lines[line.sub] = line
    return Page(list(lines.values()), skipped)


def read_line(member: Any) -> Line | None:
    """Returns what a roster's line says; None when it does not have the right types."""
    if not isinstance(member, dict):
        return None
    sub, roles, status = member.get("user_id"), member.get("roles"), member.get("status", "Active")
    if not isinstance(sub, str) or not 0 < len(sub) <= SUB_LIMIT or not is_whole_text(sub):
        return None
    if not isinstance(roles, list) or not all(isinstance(role, str) for role in roles):
        return None
    if not isinstance(status, str) or status not in _STATUSES:
        return None
    role, is_test = _meaning(tuple(roles))
    return Line(sub, _name(member), _language(member.get("locale")), role, is_test, _STATUSES[status])


@lru_cache(maxsize=256)
def _meaning(roles: tuple[str, ...]) -> tuple[Role, bool]:
    """What a line's roles come to. Rosters repeat the same few; each is understood once."""
    meaning = meaning_of(roles)
    # Who runs the platform proves it by a launch; the roster gives roles of the course alone.
    return meaning.role if meaning.role in {Role.COACH, Role.MANAGER} else Role.NONE, meaning.is_test


def _name(member: Mapping[str, Any]) -> str:
    whole = _text(member.get("name"))
    if not whole:
        whole = f"{_text(member.get('given_name'))} {_text(member.get('family_name'))}"
    return tidy(whole, NAME_LIMIT)


def _language(tag: Any) -> str:
    if not isinstance(tag, str):
        return ""
    primary = tag.replace("_", "-").split("-")[0].lower()
    return primary if primary in LANGUAGES else ""


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def next_url(link: str, url: str) -> str:
    """Returns the address of the page after `url` from a Link header (RFC 8288), its capitals kept; empty at the end.

    Raises ServiceRefused for a header that cannot be read, or that leads to another origin: the access token would go there.
    """
    target = next(
        (target for target, parameters in links(link) if "next" in parameters.get("rel", "").lower().split()), ""
    )
    if not target:
        return ""
    found = urljoin(url, target)
    if origin_of(found) != origin_of(url) or not origin_of(url):
        raise ServiceRefused("next_origin")
    return found


def links(header: str) -> list[tuple[str, dict[str, str]]]:
    """Returns the links of a Link header with their parameters, names in small letters (RFC 8288 §3, appendix B.2).

    Raises ServiceRefused: `link_header` for one that is not such a header, curly quotes for instance.
    """
    if any(quote in header for quote in _QUOTES) or "\u00e2\u0080" in header:
        raise ServiceRefused("link_header")
    found = []
    rest = header.strip(" \t,")
    while rest:
        if not rest.startswith("<") or ">" not in rest:
            raise ServiceRefused("link_header")
        target, rest = rest[1:].split(">", 1)
        parameters, rest = _parameters(rest)
        found.append((target.strip(), parameters))
        rest = rest.strip(" \t,")
    return found


def _parameters(rest: str) -> tuple[dict[str, str], str]:
    """Returns the parameters of one link, the first of each name, and what follows the link."""
    parameters: dict[str, str] = {}
    rest = rest.lstrip()
    while rest.startswith(";"):
        name, rest = _until(rest[1:].lstrip(), "=;,")
        value = ""
        if rest.startswith("="):
            value, rest = _value(rest[1:].lstrip())
        if name.strip():
            parameters.setdefault(name.strip().lower(), value)
        rest = rest.lstrip()
    if rest and not rest.startswith(","):
        raise ServiceRefused("link_header")
    return parameters, rest


def _value(rest: str) -> tuple[str, str]:
    if not rest.startswith('"'):
        value, rest = _until(rest, ";,")
        return value.strip(), rest
    value, end, position = "", False, 1
    while position < len(rest) and not end:
        sign = rest[position]
        if sign == "\\" and position + 1 < len(rest):
            position += 1
            value += rest[position]
        elif sign == '"':
            end = True
        else:
            value += sign
        position += 1
    if not end:
        raise ServiceRefused("link_header")
    return value, rest[position:]


def _until(text: str, signs: str) -> tuple[str, str]:
    end = next((position for position, sign in enumerate(text) if sign in signs), len(text))
    return text[:end], text[end:]
