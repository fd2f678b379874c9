"""How the roster is handed out: prepared once per change of a course, cut into pages, and broken on purpose where asked."""

from __future__ import annotations

import json
import re
import secrets
from dataclasses import dataclass, fields
from typing import Any
from urllib.parse import urlencode

from service.demo.claims import named
from service.demo.config import ToolConfig
from service.demo.people import INSTRUCTOR, MEMBERSHIP, TEST_USER, Course, Person
from service.demo.school import ACTIVE, School

_FIRST, _MORE = "WzEyM10AbC", "WzQ1Nl0XyZ"


@dataclass
class RosterKnobs:
    """How the roster misbehaves; all are harmless as they are.

    ``page_size``: the platform pages by itself, in pages of this many. ``upper_case_cursors``: pages are named by cursors with
    capitals instead of numbers. ``next_host``: the next page is said to be at another host, such as ``http://127.0.0.1:9``.
    ``endless``: every page names a next one. ``forget_next``: the first page is short and names no next one. ``curly_quotes``:
    the Link header cannot be parsed, as Moodle's for line items. ``hide_names``: nobody has a name. ``keep_suspended``: a
    suspended member is listed as Inactive; None for what the personality does. ``twice``: every page repeats the last member of
    the one before.
    """

    page_size: int | None = None
    upper_case_cursors: bool = False
    next_host: str = ""
    endless: bool = False
    forget_next: bool = False
    curly_quotes: bool = False
    hide_names: bool = False
    keep_suspended: bool | None = None
    twice: bool = False

    def clear(self) -> None:
        """Put all back."""
        for field in fields(self):
            setattr(self, field.name, field.default)


@dataclass(frozen=True)
class Page:
    """A page of a roster: the members as JSON texts, and the query of the next page, empty when there is none."""

    members: list[str]
    next_query: str


@dataclass
class _Prepared:
    stamp: tuple[object, ...]
    lines: list[tuple[str, str]]


class Rosters:
    """The rosters of a school's courses as the tool gets them."""

    def __init__(self, school: School) -> None:
        self.knobs = RosterKnobs()
        self._school = school
        self._prepared: dict[tuple[str, str], _Prepared] = {}
        self._cursors: dict[str, int] = {}
        self._filtered: dict[tuple[str, str, str], tuple[object, list[str]]] = {}

    def page(self, course: Course, tool: ToolConfig, role: str, limit: int | None, where: str) -> Page:
        """The page that a request asks for. ``where`` is a number or a cursor; one that nobody was given is the beginning."""
        lines = self._lines(course, tool, role)
        size = limit or self.knobs.page_size or len(lines) or 1
        if self.knobs.page_size:
            # A platform that pages by itself has a largest page, whatever is asked for.
            size = min(size, self.knobs.page_size)
        start = self._start(where)
        end = start + size
        shown = lines[max(start - int(self.knobs.twice), 0) : end]
        if self.knobs.forget_next and start == 0:
            return Page(shown, "")
        if self.knobs.endless:
            return Page(shown or lines[:size], self._query(size, end if end < len(lines) else 0))
        return Page(shown, self._query(size, end) if end < len(lines) else "")

    def _start(self, where: str) -> int:
        if where.isascii() and where.isdigit():
            return int(where)
        return self._cursors.get(where, 0)

    def _query(self, size: int, start: int) -> str:
        if not self.knobs.upper_case_cursors:
            return urlencode({"limit": size, "from": start})
        # Capitals and small letters both mean something: a reader who changes them gets the first page again.
        cursor = (
            f"bookmark:{_FIRST if start % 2 else _MORE}{start:x}{secrets.choice('QWERTY')}{secrets.choice('qwerty')}"
        )
        self._cursors[cursor] = start
        return urlencode({"page": cursor, "per_page": size}, safe=":")

    def _lines(self, course: Course, tool: ToolConfig, role: str) -> list[str]:
        everybody = self._everybody(course, tool)
        key = (course.id, tool.client_id, role)
        known = self._filtered.get(key)
        if known is not None and known[0] == everybody.stamp:
            return known[1]
        lines = [text for text, roles in everybody.lines if not role or role in roles.split(" ")]
        self._filtered[key] = (everybody.stamp, lines)
        return lines

    def _everybody(self, course: Course, tool: ToolConfig) -> _Prepared:
        school = self._school
        suspended = school.is_canvas if self.knobs.keep_suspended is None else self.knobs.keep_suspended
        shown = (tool.shows_names, tool.shows_emails) if not self.knobs.hide_names else ()
        stamp = (school.roster_version(course), suspended, shown)
        known = self._prepared.get((course.id, tool.client_id))
        if known is not None and known.stamp == stamp:
            return known
        lines = [
            (
                json.dumps(self._member(line.person, tool, line.status), ensure_ascii=False),
                " ".join(role.rpartition("#")[2] for role in line.person.roles),
            )
            for line in school.roster(course)
            if line.status == ACTIVE or suspended
        ]
        self._prepared[course.id, tool.client_id] = _Prepared(stamp, lines)
        return self._prepared[course.id, tool.client_id]

    def _member(self, person: Person, tool: ToolConfig, status: str) -> dict[str, Any]:
        canvas = self._school.is_canvas
        return {
            "status": status,
            "roles": _full_roles(person) if canvas else [role.rpartition("#")[2] for role in person.roles],
            "user_id": person.id,
            "lis_person_sourcedid": f"ID-{person.id}",
            **({} if self.knobs.hide_names else named(person, tool)),
            **({} if canvas else {"ext_user_username": person.key}),
        }


def _full_roles(person: Person) -> list[str]:
    """Roles as Canvas lists them: whole addresses, those of the course only, and the test account's."""
    assistant = [INSTRUCTOR] if any(re.search("/Instructor#", role) for role in person.roles) else []
    mine = [role for role in person.roles if role.startswith(MEMBERSHIP) or role == TEST_USER]
    return list(dict.fromkeys([*mine, *assistant]))
