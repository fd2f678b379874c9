"""A tiny tool with a key of its own, for tests that need somebody to sign and to be called."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import requests
from flask import Flask, Response, request

from service.demo.config import ToolConfig, tool_at
from service.demo.lms import in_thread
from service.demo.practice import PracticeLms
from service.demo.token_endpoint import ASSERTION_TYPE
from service.demo.tokens import SigningKey, sign_compact, with_overrides

DL = "https://purl.imsglobal.org/spec/lti-dl/claim"
LTI = "https://purl.imsglobal.org/spec/lti/claim"


@dataclass
class Tool:
    """A tool that publishes its key and remembers what was posted to it."""

    base_url: str = ""
    key: SigningKey = field(default_factory=SigningKey)
    received: list[dict[str, Any]] = field(default_factory=list)
    answer_with: int = 200

    def config(self, client_id: str = "ovning", deployment_id: str = "1") -> ToolConfig:
        return tool_at(self.base_url, client_id, deployment_id)

    def sign(self, claims: dict[str, Any], header: dict[str, Any] | None = None, key: SigningKey | None = None) -> str:
        import json

        full = with_overrides({"typ": "JWT", "alg": "RS256", "kid": self.key.kid}, header or {})
        return sign_compact(full, json.dumps(claims).encode(), (key or self.key).private)

    def token(self, lms: PracticeLms, *scopes: str, client_id: str = "ovning") -> str:
        """An access token, asked for as a tool does."""
        now = int(time.time())
        assertion = self.sign(
            {
                "iss": client_id,
                "sub": client_id,
                "aud": f"{lms.base_url}/token",
                "iat": now - 5,
                "exp": now + 60,
                "jti": "j",
            }
        )
        form = {
            "grant_type": "client_credentials", "client_assertion_type": ASSERTION_TYPE, "client_assertion": assertion,
            "scope": " ".join(scopes),
        }  # fmt: skip
        return str(requests.post(f"{lms.base_url}/token", data=form, timeout=5).json()["access_token"])

    def response(self, lms: PracticeLms, items: list[dict[str, Any]], **changes: Any) -> dict[str, Any]:
        """The claims of a deep linking response."""
        now = int(time.time())
        base = {
            "iss": "ovning", "aud": [lms.base_url], "iat": now - 5, "exp": now + 300, "nonce": "n1",
            f"{LTI}/deployment_id": "1", f"{LTI}/message_type": "LtiDeepLinkingResponse", f"{LTI}/version": "1.3.0",
            f"{DL}/content_items": items,
        }  # fmt: skip
        return with_overrides(base, changes)


@contextmanager
def running_tool() -> Iterator[Tool]:
    """A tool that listens."""
    tool = Tool()
    app = Flask("tool")

    def take() -> Response:
        tool.received.append({"json": request.get_json(silent=True), "headers": dict(request.headers)})
        return Response("", tool.answer_with)

    app.add_url_rule("/lti/jwks", "jwks", lambda: {"keys": [tool.key.public_jwk]})
    app.add_url_rule("/notices", "notices", take, methods=["POST"])
    with in_thread(app) as base:
        tool.base_url = base
        yield tool
