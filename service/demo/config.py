"""What a practice LMS is started with: its own address, the tools registered with it, its courses and people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin, urlsplit

from service.demo.people import COURSES, PEOPLE, Course, Link, Person

LOOPBACK_HOSTS = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True)
class ToolConfig:
    """A tool as an administrator would register it. One client may have several deployments: one ``ToolConfig`` each.

    ``custom`` are the tool's own parameters, None for a set with what is odd in a real platform; ``scopes`` are what it was
    granted, None for all; ``deep_link_url`` is the target of choosing content; ``shared_claims`` is what it is told about
    people, None for all; ``metadata`` is what it registered itself with.
    """

    login_url: str
    launch_url: str
    target_link_uri: str
    jwks_url: str
    client_id: str
    deployment_id: str = "1"
    more_redirect_uris: tuple[str, ...] = ()
    name: str = "Stegvis"
    custom: Mapping[str, str | None] | None = field(default=None, hash=False)
    scopes: tuple[str, ...] | None = None
    deep_link_url: str = ""
    shared_claims: tuple[str, ...] | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict, hash=False)

    @property
    def shows_names(self) -> bool:
        """Whether the tool is told people's names."""
        return self.shared_claims is None or bool({"name", "given_name", "family_name"} & set(self.shared_claims))

    @property
    def shows_emails(self) -> bool:
        """Whether the tool is told people's addresses."""
        return self.shared_claims is None or "email" in self.shared_claims

    @property
    def origin(self) -> str:
        """Scheme, host and port of its pages, as browsers compare them."""
        parts = urlsplit(self.launch_url)
        return f"{parts.scheme}://{parts.netloc}"

    def may(self, scope: str) -> bool:
        """Whether it was granted a scope."""
        return self.scopes is None or scope in self.scopes

    @property
    def redirect_uris(self) -> tuple[str, ...]:
        """The addresses that an id_token may be posted to; compared as whole strings."""
        return (self.launch_url, *self.more_redirect_uris)

    def target_of(self, link: Link) -> str:
        """The ``target_link_uri`` of an activity at this tool."""
        if link.url:
            return link.url
        return urljoin(self.launch_url, link.path) if link.path else self.target_link_uri


def tool_at(base_url: str, client_id: str = "ovning", deployment_id: str = "1") -> ToolConfig:
    """A registration of the tool that answers at ``base_url``, with its usual addresses."""
    base = base_url.rstrip("/")
    return ToolConfig(
        login_url=f"{base}/lti/login",
        launch_url=f"{base}/lti/launch",
        target_link_uri=f"{base}/lti/launch",
        jwks_url=f"{base}/lti/jwks",
        client_id=client_id,
        deployment_id=deployment_id,
    )


@dataclass(frozen=True)
class LmsConfig:
    """A practice LMS. ``base_url`` is its address and its issuer, without a slash at the end.

    ``family`` is whose manners it has: "moodle" or "canvas".

    Raises ``ValueError`` when ``base_url`` is not on this computer: anybody may sign in as anybody here.
    """

    base_url: str
    tool: ToolConfig | None = None
    more_tools: tuple[ToolConfig, ...] = ()
    courses: tuple[Course, ...] = COURSES
    people: tuple[Person, ...] = PEOPLE
    name: str = "Lärplattform"
    family: str = "moodle"

    def __post_init__(self) -> None:
        parts = urlsplit(self.base_url)
        if parts.scheme != "http" or parts.hostname not in LOOPBACK_HOSTS or parts.path:
            raise ValueError(
                f"a practice LMS lives at http://localhost:PORT and nowhere else, not at {self.base_url!r}"
            )

    @property
    def tools(self) -> tuple[ToolConfig, ...]:
        """Every registration, the main one first."""
        return (*((self.tool,) if self.tool else ()), *self.more_tools)

    @property
    def is_canvas(self) -> bool:
        """Whether it has the manners of Canvas; otherwise it has Moodle's."""
        return self.family == "canvas"

    @property
    def port(self) -> int:
        """The port of ``base_url``."""
        return urlsplit(self.base_url).port or 80
