"""The practice LMS without its web pages: what it knows, and what a test may ask of it or make it do."""

from __future__ import annotations

import json
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from flask import Flask, current_app

from service.demo.claims import full_name, message_claims
from service.demo.config import LmsConfig, ToolConfig
from service.demo.faults import Faults, Recorder
from service.demo.gradebook import Gradebook
from service.demo.people import Course, Link, Person
from service.demo.tokens import REMOVE, KeyRing, PrivateKey, SigningKey, sign_compact, with_overrides

EXTENSION = "practice_lms"
ID_TOKEN_SECONDS = 60
ACCESS_TOKEN_SECONDS = 3600
_KEPT = 10_000

Thing = TypeVar("Thing", Person, Course, Link)


@dataclass(frozen=True)
class Opening:
    """Somebody is opening an activity: what a message hint stands for until the tool comes to ask."""

    tool: ToolConfig
    person: Person
    course: Course
    link: Link
    locale: str
    document_target: str


@dataclass(frozen=True)
class AccessToken:
    """An access token that was handed out. ``expires`` is in seconds since 1970."""

    value: str
    client_id: str
    scopes: frozenset[str]
    expires: float


class PracticeLms:
    """One practice LMS. Everything it keeps is in memory and gone when it stops.

    ``clock_offset`` is how many seconds its clock is ahead; ``faults`` breaks endpoints on purpose; ``recorder`` has seen
    every request; ``gradebook`` holds the line items and the results.
    """

    def __init__(self, config: LmsConfig) -> None:
        self.config = config
        self.clock_offset = 0.0
        self.faults = Faults()
        self.recorder = Recorder()
        self.gradebook = Gradebook()
        self.keys = KeyRing()
        self.closing = threading.Event()
        self._lock = threading.Lock()
        self._tools: list[ToolConfig] = []
        self._openings: OrderedDict[str, Opening] = OrderedDict()
        self._tokens: OrderedDict[str, AccessToken] = OrderedDict()
        for tool in config.tools:
            self.register(tool)

    # what it knows

    @property
    def base_url(self) -> str:
        """Its address and issuer."""
        return self.config.base_url

    @property
    def tools(self) -> tuple[ToolConfig, ...]:
        """The registered tools, the main one first."""
        return tuple(self._tools)

    def register(self, tool: ToolConfig) -> ToolConfig:
        """Add a tool, or another deployment of one, as an administrator would by hand."""
        with self._lock:
            known = any(tool.client_id == other.client_id for other in self._tools)
            self._tools.append(tool)
        if not known:
            for course in self.config.courses:
                self.gradebook.bind(course, course.links[0], tool)
        return tool

    def client(self, client_id: str) -> ToolConfig | None:
        """The first registration with this client id."""
        return next((tool for tool in self._tools if tool.client_id == client_id), None)

    def person(self, person: str | Person) -> Person:
        """A person by key or id. Raises ``KeyError`` for nobody of ours."""
        if isinstance(person, Person):
            return person
        return _find(self.config.people, person)

    def course(self, course: str | Course) -> Course:
        """A course by key or id. Raises ``KeyError`` for no course of ours."""
        if isinstance(course, Course):
            return course
        return _find(self.config.courses, course)

    def link(self, course: str | Course, link: str | Link | None = None) -> Link:
        """An activity of a course by key or id, the first one for None. Raises ``KeyError`` when the course lacks it."""
        if isinstance(link, Link):
            return link
        links = self.course(course).links
        return links[0] if link is None else _find(links, link)

    def now(self) -> float:
        """Seconds since 1970 by the LMS's own clock, which may be wrong on purpose."""
        return time.time() + self.clock_offset

    # launching

    def login_parameters(
        self,
        person: str | Person,
        course: str | Course,
        *,
        link: str | Link | None = None,
        tool: ToolConfig | None = None,
        locale: str | None = None,
        document_target: str = "iframe",
    ) -> dict[str, str]:
        """The fields of a login initiation, for a launch that really can follow. The hint in them works once."""
        found, chosen = self.person(person), tool or self.tools[0]
        activity = self.link(course, link)
        opening = Opening(chosen, found, self.course(course), activity, locale or found.locale, document_target)
        return {
            "iss": self.base_url,
            "target_link_uri": chosen.target_of(activity),
            "login_hint": found.id,
            "lti_message_hint": self._remember(opening),
            "client_id": chosen.client_id,
            "lti_deployment_id": chosen.deployment_id,
        }

    def _remember(self, opening: Opening) -> str:
        launch_id = f"ltilaunch{opening.link.id}_{secrets.randbelow(10**12)}"
        with self._lock:
            self._openings[launch_id] = opening
            while len(self._openings) > _KEPT:
                self._openings.popitem(last=False)
        return json.dumps({"cmid": int(opening.link.id), "launchid": launch_id}, separators=(",", ":"))

    def take_opening(self, message_hint: str) -> Opening | None:
        """What a message hint stands for; it is spent by asking, as in Moodle."""
        try:
            launch_id = json.loads(message_hint)["launchid"]
        except (ValueError, KeyError, TypeError):
            return None
        with self._lock:
            return self._openings.pop(launch_id, None) if isinstance(launch_id, str) else None

    def claims(
        self,
        person: str | Person,
        course: str | Course,
        *,
        nonce: str,
        link: str | Link | None = None,
        tool: ToolConfig | None = None,
        locale: str | None = None,
        document_target: str = "iframe",
        **overrides: Any,
    ) -> dict[str, Any]:
        """The claims of an id_token, issued now.

        ``overrides`` replace claims, by full name or by a short one such as ``roles``; :data:`REMOVE` as a value
        leaves the claim out.
        """
        found, place, chosen = self.person(person), self.course(course), tool or self.tools[0]
        activity = self.link(place, link)
        issued = int(self.now())
        base = {"nonce": nonce, "iat": issued, "exp": issued + ID_TOKEN_SECONDS} | message_claims(
            self.config,
            chosen,
            found,
            place,
            activity,
            locale=locale or found.locale,
            document_target=document_target,
            lineitem=self.gradebook.only_lineitem_url(self.base_url, place, activity, chosen),
        )
        return with_overrides(base, {full_name(name): value for name, value in overrides.items()})

    def sign(
        self,
        claims: Mapping[str, Any] | bytes,
        *,
        header_overrides: Mapping[str, Any] | None = None,
        key: PrivateKey | SigningKey | None = None,
    ) -> str:
        """An id_token of anything: claims, or raw bytes for what no honest JSON writer would write.

        ``key`` defaults to the platform's current one; with ``alg`` overridden to ``none`` and no key, nothing signs.
        """
        header = with_overrides(
            {"typ": "JWT", "alg": "RS256", "kid": self.keys.current.kid}, dict(header_overrides or {})
        )
        private = key.private if isinstance(key, SigningKey) else key
        if private is None and str(header.get("alg")).lower() != "none":
            private = self.keys.current.private
        return sign_compact(header, claims if isinstance(claims, bytes) else json.dumps(claims).encode(), private)

    def rotate_keys(self, *, keep_old: bool = True) -> SigningKey:
        """Sign with a new key from now on; without ``keep_old`` only the new one is published."""
        return self.keys.rotate(keep_old=keep_old)

    # access tokens

    def issue_token(self, client_id: str, scopes: frozenset[str]) -> AccessToken:
        """Hand out an access token for an hour."""
        token = AccessToken(secrets.token_hex(16), client_id, scopes, self.now() + ACCESS_TOKEN_SECONDS)
        with self._lock:
            self._tokens[token.value] = token
            while len(self._tokens) > _KEPT:
                self._tokens.popitem(last=False)
        return token

    def access_token(self, value: str) -> AccessToken | None:
        """A token that was handed out and is still good."""
        with self._lock:
            token = self._tokens.get(value)
        return token if token is not None and token.expires > self.now() else None

    def revoke_tokens(self) -> None:
        """Make every access token invalid at once, so that tools must fetch new ones."""
        with self._lock:
            self._tokens.clear()


def _find(things: tuple[Thing, ...], name: str) -> Thing:
    for thing in things:
        if name in (thing.key, thing.id):
            return thing
    raise KeyError(name)


def lms_of(app: Flask) -> PracticeLms:
    """The practice LMS behind an app made by ``create_lms``."""
    return cast("PracticeLms", app.extensions[EXTENSION])


def current_lms() -> PracticeLms:
    """The practice LMS that serves the current request."""
    return lms_of(current_app)


__all__ = ["REMOVE", "AccessToken", "Opening", "PracticeLms", "current_lms", "lms_of"]
