"""Telling tools what happens while nobody is there (LTI Platform Notification Service 1.0), as Canvas does."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import requests

from service.demo.claims import COPY_NOTICE, LTI, full_name
from service.demo.config import LmsConfig, ToolConfig
from service.demo.messages import Messages
from service.demo.people import Course
from service.demo.tokens import PrivateKey, SigningKey, with_overrides

NOTICE_SECONDS = 3600
SEND_SECONDS = 5


class Notices(Messages):
    """The handlers that tools asked to be told at: one for each kind of notice and deployment."""

    def __init__(self, config: LmsConfig) -> None:
        super().__init__(config)
        self.notice_handlers: dict[tuple[str, str], dict[str, str]] = {}

    def handlers_of(self, tool: ToolConfig) -> dict[str, str]:
        """The handlers' addresses of a deployment, by kind of notice."""
        return self.notice_handlers.setdefault((tool.client_id, tool.deployment_id), {})

    def send_copy_notice(
        self,
        tool: ToolConfig,
        course: str | Course,
        *,
        header_overrides: Mapping[str, Any] | None = None,
        key: PrivateKey | SigningKey | None = None,
        **overrides: Any,
    ) -> requests.Response | None:
        """Tell a tool that a course is a copy. None when it did not ask to be told; it is told once and never again.

        ``overrides`` replace claims as in :meth:`claims`, besides ``notice`` and ``origin_contexts``.
        """
        handler = self.handlers_of(tool).get(COPY_NOTICE)
        if not handler:
            return None
        claims = with_overrides(
            self.copy_notice(tool, course), {_full_name(name): value for name, value in overrides.items()}
        )
        signed = self.sign(claims, header_overrides=header_overrides, key=key)
        return requests.post(handler, json={"notices": [{"jwt": signed}]}, timeout=SEND_SECONDS)

    def copy_notice(self, tool: ToolConfig, course: str | Course) -> dict[str, Any]:
        """The claims of a notice that a course is a copy."""
        copied, issued = self.course(course), int(self.now())
        return {
            "nonce": uuid.uuid4().hex,
            "iat": issued,
            "exp": issued + NOTICE_SECONDS,
            "iss": self.base_url,
            "aud": tool.client_id,
            f"{LTI}/deployment_id": tool.deployment_id,
            f"{LTI}/version": "1.3.0",
            f"{LTI}/notice": {
                "id": str(uuid.uuid4()),
                "timestamp": datetime.fromtimestamp(issued, UTC).isoformat(),
                "type": COPY_NOTICE,
            },
            f"{LTI}/context": {"id": copied.id, "label": copied.label, "title": copied.title},
            f"{LTI}/origin_contexts": list(copied.history[:1]),
        }

    def notify_copy(self, course: str | Course) -> None:
        """Tell every tool that asked. One that cannot be reached is not told again."""
        for tool in self.tools:
            try:
                self.send_copy_notice(tool, course)
            except requests.RequestException:
                continue


def _full_name(name: str) -> str:
    return f"{LTI}/{name}" if name in ("notice", "origin_contexts") else full_name(name)
