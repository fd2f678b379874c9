"""Opening the tool: login initiations, what is remembered until the tool comes to ask, and the claims it then gets."""

from __future__ import annotations

import json
import secrets
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from service.demo.claims import DATA_PRIVACY, DEEP_LINKING, RESOURCE_LINK, SUBMISSION_REVIEW, full_name, message_claims
from service.demo.config import LmsConfig, ToolConfig
from service.demo.knobs import FrameKnobs
from service.demo.people import Course, Link, Person
from service.demo.tokens import with_overrides
from service.demo.tools import Tools

ID_TOKEN_SECONDS = 60
STORAGE_TARGET = "post_message_forwarding"
_KEPT = 10_000
_WITHOUT_LINK = (DEEP_LINKING, DATA_PRIVACY)


@dataclass(frozen=True)
class Opening:
    """Somebody is opening the tool: what a message hint stands for until the tool comes to ask.

    ``course`` and ``link`` are None where the message has none, ``target`` is the target_link_uri, ``for_user`` whom the message
    is about, ``settings`` what choosing content is told.
    """

    tool: ToolConfig
    person: Person
    course: Course | None
    link: Link | None
    locale: str
    document_target: str
    message_type: str = RESOURCE_LINK
    target: str = ""
    for_user: Mapping[str, Any] | None = None
    settings: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Question:
    """Somebody is choosing content: what the deep linking return address stands for."""

    course_id: str
    tool: ToolConfig
    person: Person
    settings: Mapping[str, Any]


class Messages(Tools):
    """Everything that a launch is made of."""

    def __init__(self, config: LmsConfig) -> None:
        super().__init__(config)
        self.frame_knobs = FrameKnobs()
        self._openings: OrderedDict[str, Opening] = OrderedDict()
        self._questions: OrderedDict[str, Question] = OrderedDict()

    @property
    def has_storage(self) -> bool:
        """Whether the tool may keep values with the platform (LTI postMessage Storage 1.0)."""
        return self.is_canvas if self.frame_knobs.storage is None else self.frame_knobs.storage

    @property
    def resizes_frames(self) -> bool:
        """Whether the tool's frame may ask for another height."""
        return self.is_canvas if self.frame_knobs.resize is None else self.frame_knobs.resize

    def login_parameters(
        self,
        person: str | Person,
        course: str | Course | None = None,
        *,
        tool: ToolConfig | None = None,
        **about: Any,
    ) -> dict[str, str]:
        """The fields of a login initiation, for a launch that really can follow. The hint in them works once.

        ``about``: link, locale, document_target, message_type, for_user, deep_linking, data and target as in :meth:`opening`.
        Raises :class:`ToolPending` for a tool that is not activated.
        """
        opening = self.opening(person, course, tool=tool, **about)
        self.demand_active(opening.tool)
        return {
            "iss": self.base_url,
            "target_link_uri": opening.target,
            "login_hint": opening.person.id,
            "lti_message_hint": self._remember(opening),
            "client_id": opening.tool.client_id,
            "lti_deployment_id": opening.tool.deployment_id,
            **({"lti_storage_target": STORAGE_TARGET} if self.has_storage else {}),
        }

    def opening(
        self,
        person: str | Person,
        course: str | Course | None = None,
        *,
        link: str | Link | None = None,
        tool: ToolConfig | None = None,
        locale: str | None = None,
        document_target: str = "iframe",
        message_type: str = RESOURCE_LINK,
        for_user: str | Person | Mapping[str, Any] | None = None,
        deep_linking: Mapping[str, Any] | None = None,
        data: str | None = None,
        target: str | None = None,
    ) -> Opening:
        """What somebody is about to open.

        ``tool`` is the one that placed the activity, or the main one, unless named. ``link`` is the course's first activity
        unless named; choosing content and privacy launches have none. ``for_user`` is whom a submission review or a privacy
        launch is about. ``deep_linking`` replaces deep linking settings, by name, and ``data`` is what must come back
        unchanged. ``target`` replaces the target_link_uri.
        """
        found = self.person(person)
        place = None if course is None or message_type == DATA_PRIVACY else self.course(course)
        activity = None if place is None or message_type in _WITHOUT_LINK else self.link(place, link)
        placed_by = self.client(activity.client_id) if activity and activity.client_id else None
        chosen = tool or placed_by or self.tools[0]
        opening = Opening(
            chosen, found, place, activity, locale or found.locale, document_target, message_type,
            target or self._target(chosen, activity, message_type), self._about(for_user),
        )  # fmt: skip
        if message_type == DEEP_LINKING and place is not None:
            return replace(opening, settings=self._ask(opening, place, deep_linking or {}, data))
        return opening

    @staticmethod
    def _target(tool: ToolConfig, link: Link | None, message_type: str) -> str:
        if message_type == DEEP_LINKING and tool.deep_link_url:
            return tool.deep_link_url
        return tool.target_of(link) if link else tool.target_link_uri

    def _about(self, for_user: str | Person | Mapping[str, Any] | None) -> Mapping[str, Any] | None:
        if for_user is None or isinstance(for_user, Mapping):
            return for_user
        person = self.person(for_user)
        named = {"name": person.name, "given_name": person.given, "family_name": person.family, "email": person.email}
        return {"user_id": person.id, **(named if self.is_canvas and person.shares_name else {})}

    def _ask(self, opening: Opening, course: Course, changes: Mapping[str, Any], data: str | None) -> Mapping[str, Any]:
        key = secrets.token_hex(8)
        query = f"id={opening.tool.deployment_id}&sesskey={key}"
        usual = {
            "accept_types": ["ltiResourceLink"],
            "accept_presentation_document_targets": ["iframe", "window"]
            if self.is_canvas
            else ["frame", "iframe", "window"],
            "accept_multiple": True,
            "accept_lineitem": True,
            "accept_copy_advice": False,
            "accept_unsigned": False,
            "auto_create": False,
            "can_confirm": False,
            "deep_link_return_url": f"{self.base_url}/courses/{course.id}/deep_links?{query}",
            "title": opening.tool.name,
            "text": "",
            **({} if data is None else {"data": data}),
        }
        if not self.is_canvas:
            # Moodle does not say whether it takes line items; it does.
            del usual["accept_lineitem"]
        settings = with_overrides(usual, changes)
        with self._lock:
            self._questions[key] = Question(course.id, opening.tool, opening.person, settings)
            while len(self._questions) > _KEPT:
                self._questions.popitem(last=False)
        return settings

    def question(self, key: str) -> Question | None:
        """What a deep linking return address stands for."""
        with self._lock:
            return self._questions.get(key)

    def _remember(self, opening: Opening) -> str:
        kind = "_ContentItemSelectionRequest" if opening.message_type == DEEP_LINKING else ""
        link_id = opening.link.id if opening.link else ""
        launch_id = f"ltilaunch{link_id}{kind}_{secrets.randbelow(10**12)}"
        with self._lock:
            self._openings[launch_id] = opening
            while len(self._openings) > _KEPT:
                self._openings.popitem(last=False)
        hint = {**({"cmid": int(link_id)} if link_id else {}), "launchid": launch_id}
        return json.dumps(hint, separators=(",", ":"))

    def take_opening(self, message_hint: str) -> Opening | None:
        """What a message hint stands for; it is spent by asking, as in Moodle."""
        try:
            launch_id = json.loads(message_hint)["launchid"]
        except (ValueError, KeyError, TypeError):
            return None
        with self._lock:
            return self._openings.pop(launch_id, None) if isinstance(launch_id, str) else None

    def claims(
        self, person: str | Person, course: str | Course | None = None, *, nonce: str, **about: Any
    ) -> dict[str, Any]:
        """The claims of an id_token, issued now.

        Besides what :meth:`opening` takes, ``about`` replaces claims, by full name or by a short one such as ``roles``;
        :data:`REMOVE` as a value leaves the claim out.
        """
        named = {name: about.pop(name) for name in _OPENING_ARGUMENTS if name in about}
        if isinstance(about.get("for_user"), str | Person):
            named["for_user"] = about.pop("for_user")
        return self.claims_of(self.opening(person, course, **named), nonce, **about)

    def claims_of(self, opening: Opening, nonce: str, **overrides: Any) -> dict[str, Any]:
        """The claims that answer an opening."""
        issued = int(self.now())
        lineitem = None
        if opening.course is not None and opening.link is not None:
            lineitem = self.gradebook.only_lineitem_url(self.base_url, opening.course, opening.link, opening.tool)
        times = {"nonce": nonce, "iat": issued, "exp": issued + ID_TOKEN_SECONDS}
        base = times | message_claims(self.config, opening, lineitem)
        return with_overrides(base, {full_name(name): value for name, value in overrides.items()})


_OPENING_ARGUMENTS = ("link", "tool", "locale", "document_target", "message_type", "deep_linking", "data", "target")

__all__ = ["DATA_PRIVACY", "DEEP_LINKING", "RESOURCE_LINK", "SUBMISSION_REVIEW", "Messages", "Opening", "Question"]
