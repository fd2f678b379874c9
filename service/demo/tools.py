"""The tools that are registered with the practice LMS, and which of them are waiting to be activated."""

from __future__ import annotations

import secrets
import string
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, RSAKey

from service.demo.config import LmsConfig, ToolConfig
from service.demo.school import School

NEW, UPDATE = "reg", "reg-update"
TOKEN_SECONDS = 3600


class ToolPending(RuntimeError):
    """The tool is registered but nobody has activated it yet."""


class Tools(School):
    """The registrations, the main one first.

    ``grants`` are the scopes that an administrator lets a tool have that registers itself, None for all it asks for;
    ``granted_placements`` likewise.
    """

    def __init__(self, config: LmsConfig) -> None:
        super().__init__(config)
        self._pending: set[str] = set()
        self.grants: tuple[str, ...] | None = None
        self.granted_placements: tuple[str, ...] | None = None
        for tool in config.tools:
            self.register(tool)

    def register(self, tool: ToolConfig) -> ToolConfig:
        """Add a tool, or another deployment of one, as an administrator would by hand."""
        with self._lock:
            known = any(tool.client_id == other.client_id for other in self._tools)
            self._tools.append(tool)
        if not known:
            for course in self.config.courses:
                self.gradebook.bind(course, course.links[0], tool)
        return tool

    def replace_tool(self, client_id: str, **values: object) -> ToolConfig:
        """Change values of every deployment of a client. Raises ``KeyError`` for no client of ours."""
        with self._lock:
            self._tools = [
                replace(tool, **values) if tool.client_id == client_id else tool  # type: ignore[arg-type]
                for tool in self._tools
            ]
        found = self.client(client_id)
        if found is None:
            raise KeyError(client_id)
        return found

    def is_pending(self, tool: ToolConfig) -> bool:
        """Whether a tool is waiting to be activated."""
        return tool.client_id in self._pending

    def activate(self, tool: ToolConfig | str) -> ToolConfig:
        """Let a registered tool be opened, as an administrator does after looking at it. Gives the tool as it is now."""
        client_id = tool if isinstance(tool, str) else tool.client_id
        self._pending.discard(client_id)
        found = self.client(client_id)
        if found is None:
            raise KeyError(client_id)
        return found

    def demand_active(self, tool: ToolConfig) -> ToolConfig:
        """The tool itself. Raises :class:`ToolPending` when nobody has activated it."""
        if self.is_pending(tool):
            raise ToolPending(f"{tool.name} ({tool.client_id}) is registered but not activated")
        return tool

    # registering itself

    def registration_token(self, update: ToolConfig | None = None, *, lifetime: float = TOKEN_SECONDS) -> str:
        """A token for one registration, or for changing what ``update`` registered. It lives for an hour."""
        now = int(self.now())
        subject = self._new_client_id() if update is None else update.client_id
        scope = NEW if update is None else UPDATE
        return self.sign({"sub": subject, "scope": scope, "iat": now, "exp": int(now + lifetime)})

    def registration_url(self, address: str, update: ToolConfig | None = None) -> str:
        """A tool's registration address as the platform opens it in a frame (Dynamic Registration 1.0, section 3.1)."""
        query = urlencode({
            "openid_configuration": f"{self.base_url}/.well-known/openid-configuration",
            "registration_token": self.registration_token(update),
        })  # fmt: skip
        return f"{address}{'&' if '?' in address else '?'}{query}"

    def token_claims(self, token: str) -> Mapping[str, Any] | None:
        """What a registration token says, None when it is not ours or has run out."""
        try:
            claims = jwt.decode(token, self._own_keys(), algorithms=["RS256"]).claims
        except (JoseError, ValueError):
            return None
        return claims if claims.get("exp", 0) > self.now() and claims.get("scope") in (NEW, UPDATE) else None

    def _own_keys(self) -> KeySet:
        return KeySet([RSAKey.import_key(key) for key in self.keys.as_jwks()["keys"]])

    def add_pending(self, tool: ToolConfig) -> ToolConfig:
        """Add a tool that registered itself: known, but not to be opened before :meth:`activate`."""
        with self._lock:
            self._tools.append(tool)
            self._pending.add(tool.client_id)
        return tool

    def next_deployment_id(self) -> str:
        """A deployment id that is not taken; Canvas's are longer than Moodle's."""
        number = 1 + max(
            (int(head) for tool in self._tools if (head := tool.deployment_id.split(":")[0]).isdigit()), default=0
        )
        return f"{number}:{secrets.token_hex(20)}" if self.is_canvas else str(number)

    def _new_client_id(self) -> str:
        if self.is_canvas:
            return f"1000000000{secrets.randbelow(10**4):04d}"
        return "".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(15))
