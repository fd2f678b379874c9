"""What every part of the practice LMS stands on: its configuration, its tools, its clock and its keys."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Mapping
from typing import Any

from service.demo.config import LmsConfig, ToolConfig
from service.demo.tokens import KeyRing, PrivateKey, SigningKey, sign_compact, with_overrides


class Platform:
    """An issuer. ``clock_offset`` is how many seconds its clock is ahead."""

    def __init__(self, config: LmsConfig) -> None:
        self.config = config
        self.clock_offset = 0.0
        self.keys = KeyRing()
        self._lock = threading.RLock()
        self._tools: list[ToolConfig] = []

    @property
    def base_url(self) -> str:
        """Its address and issuer."""
        return self.config.base_url

    @property
    def is_canvas(self) -> bool:
        """Whether it has the manners of Canvas; otherwise it has Moodle's."""
        return self.config.is_canvas

    @property
    def tools(self) -> tuple[ToolConfig, ...]:
        """The registered tools, the main one first."""
        return tuple(self._tools)

    def client(self, client_id: str) -> ToolConfig | None:
        """The first registration with this client id."""
        return next((tool for tool in self._tools if tool.client_id == client_id), None)

    def now(self) -> float:
        """Seconds since 1970 by the LMS's own clock, which may be wrong on purpose."""
        return time.time() + self.clock_offset

    def sign(
        self,
        claims: Mapping[str, Any] | bytes,
        *,
        header_overrides: Mapping[str, Any] | None = None,
        key: PrivateKey | SigningKey | None = None,
    ) -> str:
        """A token of anything: claims, or raw bytes for what no honest JSON writer would write.

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
