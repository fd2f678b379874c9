"""The application for campaigns: one platform is registered, its keys are known, and every post follows a real login."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import structlog

from service.app import create_app
from service.clock import SetClock
from service.cohorts.models import Organisation
from service.db import Base, make_engine
from service.lti.models import Platform, PlatformKeys
from service.lti.routes import PER_MINUTE
from service.settings import load
from tests.fuzz.mutations import CLIENT, ISSUER, JWKS, NOW
from tests.support import BASE, KEY, OTHER_KEY


@contextmanager
def running_app(folder: Path) -> Iterator[Callable[[str], int]]:
    """Gives a function that posts a token after a login and tells the status."""
    settings = load(public_url=BASE, demo=True, master_key=KEY, secret_key=OTHER_KEY, data_dir=folder)
    engine = make_engine(settings)
    Base.metadata.create_all(engine)
    engine.dispose()
    app = create_app(settings, plugins={}, clock=SetClock(NOW))
    app.config[PER_MINUTE] = 10**9
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    units = app.extensions["stegvis"].units
    with units.writing() as unit:
        organisation = Organisation(name="Provning", created_at=NOW)
        unit.session.add(organisation)
        unit.session.flush()
        platform = Platform(
            public_id="p", name="Provning", issuer=ISSUER, client_id=CLIENT, auth_login_url=f"{ISSUER}/auth", token_url=f"{ISSUER}/token", jwks_url=f"{ISSUER}/jwks",
            organisation_id=organisation.id, created_at=NOW, algorithms=["RS256", "ES256"], trusted_audiences=["betrodd"],
        )  # fmt: skip
        unit.session.add(platform)
        unit.session.flush()
        # Asked this very minute, so that an unknown kid does not go out to a host that is made up.
        unit.session.add(PlatformKeys(platform_id=platform.id, jwks=JWKS, fetched_at=NOW, tried_at=NOW))
    client = app.test_client()
    fields = {"iss": ISSUER, "client_id": CLIENT, "login_hint": "3", "target_link_uri": f"{BASE}/to/ledarsteg"}

    def post(token: str) -> int:
        answer = client.get("/lti/login", query_string=fields, base_url=BASE)
        if answer.location.startswith("/lti/login"):
            answer = client.get(answer.location, base_url=BASE)
        state = parse_qs(urlsplit(answer.location).query)["state"][0]
        return client.post(
            "/lti/launch", data={"id_token": token.encode("utf-8", "replace").decode(), "state": state}, base_url=BASE
        ).status_code

    yield post
    units.engine.dispose()
