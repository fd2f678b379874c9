"""What an operator does by hand: registering platforms, and our own keys."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from click.testing import CliRunner, Result
from flask import Flask

from service.audit import AuditEvent
from service.cohorts.claims import digest
from service.cohorts.models import Organisation
from service.demo.lms import Fault
from service.demo.practice import PracticeLms
from service.lti import toolkeys
from service.lti.cli import platform
from service.lti.models import Deployment, DeploymentState, Platform, PlatformState, ToolKey, ToolKeyState
from service.settings import Settings
from tests.functional.lti.support import Lti, accepted
from tests.support import BASE, OffsetClock, parts


@pytest.fixture
def run(settings: Settings) -> Callable[..., Result]:
    def invoke(*arguments: str) -> Result:
        return CliRunner().invoke(platform, list(arguments), obj=lambda: settings)

    return invoke


def entry(lms: PracticeLms, **changes: str | None) -> list[str]:
    base = lms.base_url
    values: dict[str, str | None] = {
        "--name": "Lärplattform", "--issuer": base, "--client-id": "ovning", "--auth-url": f"{base}/auth", "--token-url": f"{base}/token",
        "--jwks-url": f"{base}/jwks", "--organisation": "Vård och omsorg", **{"--" + name.replace("_", "-"): value for name, value in changes.items()},
    }  # fmt: skip
    return ["add", *[part for option, value in values.items() if value is not None for part in (option, value)]]


def test_a_platform_registered_by_hand_launches(run: Callable[..., Result], app: Flask, lms: PracticeLms) -> None:
    result = run(*entry(lms), "--deployment", "1")
    assert result.exit_code == 0, result.output
    lti = Lti(app, lms)
    row = lti.only(Platform)
    assert f"{BASE}/lti/login/{row.public_id}" in result.output
    assert f"{BASE}/lti/launch" in result.output
    assert f"{BASE}/lti/jwks" in result.output
    code = result.output.split()[-1]
    assert re.fullmatch(r"([0-9a-f]{4}-){5}[0-9a-f]{4}", code)
    assert row.training_code_hash == digest(code)
    assert lti.only(Organisation).name == "Vård och omsorg"
    accepted(lti.launch())
    assert lti.lms.base_url in run("list").output


def wrong(result: Result, *words: str) -> None:
    assert result.exit_code == 2
    assert "Traceback" not in result.output
    for word in words:
        assert word in result.output


@pytest.mark.parametrize(
    ("changes", "option", "why"),
    [
        ({"issuer": "http://lms.example.org"}, "--issuer", "https://"), ({"auth_url": "x"}, "--auth-url", "web address"), ({"token_url": "ftp://x"}, "--token-url", "web address"),
        ({"token_url": "https://a:x"}, "--token-url", "web address"), ({"issuer": "https://a b"}, "--issuer", "web address"), ({"client_id": " "}, "--client-id", "characters"),
        ({"name": "a\nb"}, "--name", "characters"), ({"jwks_url": "http://localhost:1/jwks"}, "--jwks-url", "nothing answers"), ({"jwks_url": "https://10.0.0.1/jwks"}, "--jwks-url", "private"),
    ],
)  # fmt: skip
def test_a_wrong_entry_is_one_sentence(
    run: Callable[..., Result], app: Flask, lms: PracticeLms, changes: dict[str, Any], option: str, why: str
) -> None:
    wrong(run(*entry(lms, **changes)), option, why)
    assert Lti(app, lms).all(Platform) == []


@pytest.mark.parametrize(
    ("fault", "why"),
    [
        (Fault(status=404), "status 404"),
        (Fault(body="<html>"), "not a JSON Web Key Set"),
        (Fault(body="{}"), "not a JSON Web Key Set"),
        (Fault(body='{"keys": []}'), "no RSA key"),
        (Fault(status=302), "another address"),
    ],
)
def test_a_wrong_key_address_is_found_out(run: Callable[..., Result], lms: PracticeLms, fault: Fault, why: str) -> None:
    lms.faults.jwks = fault
    wrong(run(*entry(lms)), "--jwks-url", why)
    assert run(*entry(lms), "--unchecked").exit_code == 0


def test_the_same_twice(run: Callable[..., Result], lms: PracticeLms) -> None:
    assert run(*entry(lms)).exit_code == 0
    wrong(run(*entry(lms)), "--client-id", "already registered")


def test_disable_enable_and_activate(run: Callable[..., Result], lti: Lti) -> None:
    public_id = lti.only(Platform).public_id
    assert run("disable", public_id).exit_code == 0
    assert lti.only(Platform).state is PlatformState.DISABLED
    lti.forget()
    assert lti.login(lti.browser()).status_code == 401
    assert run("enable", public_id).exit_code == 0
    lti.forget()
    assert lti.forged(deployment_id="9").status_code == 403
    assert run("activate", "9").exit_code == 0
    assert {row.state for row in lti.all(Deployment)} == {DeploymentState.ACTIVE}
    accepted(lti.forged(deployment_id="9"))
    wrong(run("disable", "okand"), "none of that name")
    wrong(run("activate", "okand"), "none of that name")
    # The trail says the same of a change whoever made it, here or on the page of connections.
    changes = [(event.action, event.reason) for event in lti.all(AuditEvent) if event.reason.startswith("was_")]
    assert set(changes) == {
        ("platform.disabled", "was_active"), ("platform.active", "was_disabled"), ("deployment.active", "was_pending"),
    }  # fmt: skip


def test_activating_where_two_platforms_have_the_number(run: Callable[..., Result], lti: Lti, other_lti: Lti) -> None:
    wrong(run("activate", "1"), "--platform")
    assert run("activate", "1", "--platform", f"p{other_lti.platform_id.hex[:12]}").exit_code == 0


def states(lti: Lti) -> list[ToolKeyState]:
    return sorted(row.state for row in lti.all(ToolKey))


def test_our_keys_are_published_before_and_after_they_sign(lti: Lti, clock: OffsetClock) -> None:
    units = parts(lti.app).units
    with units.writing():
        first = toolkeys.signing_key(units.keyring)
    assert states(lti) == [ToolKeyState.CURRENT, ToolKeyState.NEXT]
    with units.writing(), pytest.raises(toolkeys.TooEarly):
        toolkeys.rotate(units.keyring)
    clock.advance(timedelta(days=1, minutes=1))
    with units.writing():
        toolkeys.rotate(units.keyring)
        second = toolkeys.signing_key(units.keyring)
    assert first.kid != second.kid
    assert states(lti) == [ToolKeyState.CURRENT, ToolKeyState.NEXT, ToolKeyState.RETIRING]
    with units.reading():
        published = {key["kid"] for key in toolkeys.public_jwks()["keys"]}
    assert {first.kid, second.kid} < published
    assert all("d" not in row.public_jwk for row in lti.all(ToolKey))
    clock.advance(timedelta(days=8))
    with units.writing():
        toolkeys.rotate(units.keyring)
    assert first.kid not in {row.kid for row in lti.all(ToolKey)}
    with units.writing():
        toolkeys.rotate(units.keyring, at_once=True)
    assert states(lti).count(ToolKeyState.CURRENT) == 1


def test_our_key_signs_what_our_published_key_verifies(lti: Lti) -> None:
    from joserfc import jwt
    from joserfc.jwk import KeySet

    units = parts(lti.app).units
    with units.writing():
        key = toolkeys.signing_key(units.keyring)
    token = jwt.encode({"alg": "RS256", "kid": key.kid}, {"iss": "ovning"}, key)
    published = lti.browser().get("/lti/jwks", base_url=BASE).get_json()
    assert jwt.decode(token, KeySet.import_key_set(published)).claims == {"iss": "ovning"}
