"""Open edX's process and the service registered at it, for tests."""

import base64
import json
import os
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from flask import Flask
from joserfc import jwt
from joserfc.jwk import RSAKey
from sqlalchemy import func, select

from service.app import keyring
from service.lti import toolkeys
from tests.live import TIMEOUT, Answer, Visitor
from tests.openedx import environment
from tests.support import parts

COURSE = "course-v1:Stegvis+CH1+2026"
TITLE = "Chefer som coachar"
CLIENT = "stegvis-at-openedx"


def interpreter() -> Path:
    """The interpreter with Open edX's code. Where it cannot be made the tests are skipped, except where CI must have it."""
    try:
        return environment.python()
    except environment.CannotMake as error:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(f"Open edX's environment cannot be made here: {error}")


class Platform:
    """Open edX's process; it ends when its standard input closes."""

    def __init__(self, python: Path, tool: str) -> None:
        config = {
            "login_url": f"{tool}/lti/login", "launch_url": f"{tool}/lti/launch", "keyset_url": f"{tool}/lti/jwks",
            "client_id": CLIENT, "context_id": COURSE, "context_title": TITLE,
        }  # fmt: skip
        script = Path(environment.__file__).with_name("platform_process.py")
        self.command = [str(python), str(script), json.dumps(config)]

    def __enter__(self) -> str:
        self.errors = tempfile.TemporaryFile()
        self.process = subprocess.Popen(
            self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.errors, text=True
        )
        address = self.process.stdout.readline().strip()
        if not address:
            self.process.wait(TIMEOUT)
            self.errors.seek(0)
            raise AssertionError(self.errors.read().decode())
        return address

    def __exit__(self, *_error: object) -> None:
        self.process.communicate(timeout=TIMEOUT)
        self.errors.close()


@dataclass
class OpenEdx:
    """The service with Open edX registered at it."""

    app: Flask
    base_url: str
    issuer: str

    def start(self, who: str, what: str = "launch", visitor: Visitor | None = None) -> Visitor:
        """A visitor who opened the activity in Open edX, up to Open edX's page that carries the token to the tool.

        `what` is `launch` for what is placed, `choose` for an author who chooses content.
        """
        visitor = visitor or Visitor()
        visitor.get(f"{self.issuer}/start?who={who}&what={what}")
        return visitor

    def launch(self, who: str, what: str = "launch", visitor: Visitor | None = None) -> Visitor:
        """A visitor who opened the activity and came to the service."""
        visitor = self.start(who, what, visitor)
        visitor.follow_forms()
        return visitor

    def anew(self, *, ags_mode: str = "declarative", names: bool = True) -> None:
        """Forgets at Open edX what a tool has left, and sets how grades are handed in and whether names are shared."""
        fields = {"ags_mode": ags_mode, "names": "yes" if names else "no"}
        requests.post(f"{self.issuer}/anew", fields, timeout=TIMEOUT).raise_for_status()

    def left(self) -> dict[str, Any]:
        """What the tool has left at Open edX: chosen content, scores, and what of them reached the gradebook."""
        return requests.get(f"{self.issuer}/left", timeout=TIMEOUT).json()

    def key(self) -> RSAKey:
        """The service's own private key, whose public half it publishes."""
        with parts(self.app).units.writing():
            return toolkeys.signing_key(keyring(parts(self.app).settings))

    def signed(self, claims: dict[str, Any], key: RSAKey | None = None) -> str:
        """A token as the tool would sign it, or as somebody else would with a key of his own."""
        key = key or self.key()
        return jwt.encode({"alg": "RS256", "kid": key.kid}, claims, key)

    def count(self, model: type) -> int:
        with parts(self.app).units.reading() as unit:
            return unit.session.scalar(select(func.count()).select_from(model)) or 0

    def the(self, model: type):
        """The only row of a table."""
        with parts(self.app).units.reading() as unit:
            return unit.session.scalars(select(model)).one()


def claims_of(answer: Answer | str) -> dict[str, Any]:
    """What a token says, unverified."""
    token = answer if isinstance(answer, str) else answer.text.split('name="id_token" value="')[1].split('"')[0]
    part = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def path_of(url: str) -> str:
    """The path of an address."""
    return urlsplit(url).path
