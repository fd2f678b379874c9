"""Calling the platform's services: tokens, one new try, the breaker, and what the platform's refusals mean."""

import ast
import json
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from service.audit import AuditEvent
from service.crypto import Keyring
from service.demo.claims import SCOPE_MEMBERS, SCOPE_SCORE
from service.demo.lms import Fault
from service.demo.nrps import MEDIA_TYPE
from service.lti import services
from service.lti.models import Platform, PlatformState
from service.lti.service_models import AccessToken, PlatformHealth
from service.lti.services import ServiceFailed, ServiceRefused
from service.lti.token_answers import retry_after
from service.outbound import Answer, Outbound
from service.settings import Settings
from tests.functional.lti.live import SCOPES, Linked, linked
from tests.support import OffsetClock

RECORDED: dict[str, dict[str, Any]] = json.loads(
    (Path(__file__).parents[2] / "fixtures" / "moodle" / "token-answers.json").read_text()
)


@pytest.fixture
def here(make_app: Callable[..., Flask], settings: Settings, clock: OffsetClock) -> Iterator[Linked]:
    with linked(make_app, settings, clock) as found:
        yield found


def read(here: Linked, through: services.Services | None = None) -> Answer:
    return (through or here.services).call(here.platform.id, SCOPES, "GET", here.members_url, accept=MEDIA_TYPE)


def tokens_kept(here: Linked) -> list[AccessToken]:
    with here.core.units.reading() as unit:
        return list(unit.session.scalars(sa.select(AccessToken)))


def test_one_token_serves_many_calls_and_other_processes(here: Linked, clock: OffsetClock) -> None:
    assert read(here).status == read(here).status == read(here, here.fresh()).status == 200
    clock.advance(timedelta(seconds=30))
    assert read(here).status == 200
    assert here.count("/token") == 1
    (asked,) = here.lms.recorder.to("/token")
    assert asked.form["scope"] == SCOPE_MEMBERS
    kept = tokens_kept(here)[0]
    assert here.lms.recorder.to("/token")[0].form["client_assertion"].encode() not in kept.wrapped
    assert len(kept.wrapped) > 32


def test_the_token_is_not_readable_in_the_database(here: Linked) -> None:
    read(here)
    sent = here.lms.recorder.to("/courses/2/members") or here.lms.recorder.all()
    bearer = next(
        one.headers["Authorization"].removeprefix("Bearer ") for one in sent if "Authorization" in one.headers
    )
    assert bearer.encode() not in tokens_kept(here)[0].wrapped


def test_g47_a_token_that_is_not_taken_is_asked_for_anew_once(here: Linked) -> None:
    read(here)
    here.lms.revoke_tokens()
    assert read(here).status == 200
    assert here.count("/token") == 2
    assert len(tokens_kept(here)) == 1


def test_g47_a_platform_that_takes_no_token_is_tried_twice_and_no_more(here: Linked) -> None:
    here.lms.faults.members = Fault(status=401)
    with pytest.raises(ServiceFailed) as failed:
        read(here)
    assert failed.value.reason == "unauthorized"
    assert here.count("/token") == 2
    assert len([one for one in here.lms.recorder.all() if one.path.endswith("/members")]) == 2
    assert tokens_kept(here) == []


def test_g47_a_token_that_somebody_else_renewed_is_not_thrown_away(here: Linked) -> None:
    slow = here.fresh()
    read(here, slow)
    here.lms.revoke_tokens()
    read(here)
    (renewed,) = tokens_kept(here)
    slow.tokens.drop(here.platform.id, SCOPES)
    slow.tokens.drop(here.platform.id, SCOPES)
    assert [row.id for row in tokens_kept(here)] == [renewed.id]


def test_g48_a_token_is_not_used_in_its_last_minute(here: Linked, clock: OffsetClock) -> None:
    read(here)
    clock.advance(timedelta(minutes=58, seconds=50))
    read(here)
    assert here.count("/token") == 1
    clock.advance(timedelta(seconds=15))
    read(here)
    assert here.count("/token") == 2


@pytest.mark.parametrize("said", [5, 0, -1])
def test_g48_a_token_that_lives_shorter_than_the_margin_is_used_once(here: Linked, said: int) -> None:
    issued = here.lms.issue_token("ovning", frozenset(SCOPES)).value
    here.lms.faults.token = Fault(status=200, body=json.dumps({"access_token": issued, "expires_in": said}))
    read(here)
    read(here)
    assert here.count("/token") == 2


def test_g49_two_registrations_on_one_issuer_never_share_a_token(here: Linked) -> None:
    with here.core.units.writing() as unit:
        first = here.platform
        other = Platform(
            public_id="annan", name="Samma utgivare", issuer=first.issuer, client_id="annan", auth_login_url=first.auth_login_url,
            token_url=first.token_url, jwks_url=first.jwks_url, organisation_id=first.organisation_id, created_at=unit.now(),
        )  # fmt: skip
        unit.session.add(other)
    mine = here.services.tokens.get(here.platform.id, SCOPES)
    here.lms.faults.token = Fault(status=200, body=json.dumps({"access_token": "theirs", "expires_in": 3600}))
    assert here.services.tokens.get(other.id, SCOPES) == "theirs"
    assert here.services.tokens.get(here.platform.id, SCOPES) == mine != "theirs"
    assert here.fresh().tokens.get(here.platform.id, SCOPES) == mine
    here.services.tokens.drop(other.id, SCOPES)
    assert [row.platform_id for row in tokens_kept(here)] == [here.platform.id]


def test_other_scopes_have_another_token_in_any_order(here: Linked) -> None:
    both = here.services.tokens.get(here.platform.id, [SCOPE_SCORE, SCOPE_MEMBERS])
    assert here.services.tokens.get(here.platform.id, [SCOPE_MEMBERS, SCOPE_SCORE, SCOPE_MEMBERS]) == both
    assert here.services.tokens.get(here.platform.id, SCOPES) != both
    assert here.count("/token") == 2


def test_a_platform_that_was_disabled_is_not_called_any_more(here: Linked, clock: OffsetClock) -> None:
    read(here)
    with here.core.units.writing() as unit:
        unit.session.execute(sa.update(Platform).values(state=PlatformState.DISABLED))
    clock.advance(timedelta(seconds=11))
    asked = len(here.lms.recorder.all())
    with pytest.raises(ServiceRefused) as refused:
        read(here)
    assert refused.value.reason == "platform_not_active"
    assert len(here.lms.recorder.all()) == asked


def test_a_token_under_a_master_key_that_is_gone_is_asked_for_anew(here: Linked) -> None:
    read(here)
    here.core.units.keyring = Keyring(b"another key of thirty-two bytes!", [])  # what an operator might do
    with pytest.raises(Exception, match="not among the settings"):  # our own key was sealed with the old one as well
        read(here, here.fresh())
    assert here.count("/token") == 1


@pytest.mark.parametrize(
    ("name", "kind", "reason"),
    [
        ("bad-client", ServiceRefused, "token_invalid_client"), ("bad-scope", ServiceRefused, "scope_not_granted"),
        ("bad-grant", ServiceRefused, "token_refused"), ("expired", ServiceFailed, "clocks_differ"),
        ("iat_plus2s", ServiceFailed, "clocks_differ"), ("unknown-kid", ServiceFailed, "platform_lacks_our_key"),
        ("jwks-down", ServiceFailed, "platform_cannot_fetch_keys"),
    ],
)  # fmt: skip
def test_what_moodle_says_instead_of_a_token(here: Linked, name: str, kind: type[Exception], reason: str) -> None:
    recorded = RECORDED[name]
    here.lms.faults.token = Fault(recorded["status"], recorded["body"], recorded["content_type"])
    with pytest.raises(kind) as problem:
        read(here)
    assert problem.value.reason == reason


def test_json_that_is_called_html_is_read(here: Linked) -> None:
    recorded = RECORDED["ok-nrps"]
    here.lms.faults.token = Fault(recorded["status"], recorded["body"], recorded["content_type"])
    assert here.services.tokens.get(here.platform.id, SCOPES) == json.loads(recorded["body"])["access_token"]


def test_a_scope_set_that_was_silently_narrowed_is_noticed(here: Linked) -> None:
    recorded = RECORDED["partial-scope"]
    here.lms.faults.token = Fault(recorded["status"], recorded["body"], recorded["content_type"])
    granted = json.loads(recorded["body"])["scope"].split()
    assert here.services.tokens.get(here.platform.id, granted)
    with pytest.raises(ServiceRefused) as refused:
        here.services.tokens.get(here.platform.id, [*granted, "https://example.org/scope/more"])
    assert refused.value.reason == "scope_not_granted"


@pytest.mark.parametrize(
    ("fault", "kind", "reason"),
    [
        (Fault(status=503), ServiceFailed, "token_status_503"), (Fault(status=429), ServiceFailed, "token_status_429"),
        (Fault(status=200, body="<html>underhåll</html>"), ServiceFailed, "token_not_json"),
        (Fault(status=200, body="{}"), ServiceFailed, "token_missing"),
        (Fault(status=200, body='{"access_token": 7}'), ServiceFailed, "token_missing"),
        (Fault(status=200, body='{"access_token": ""}'), ServiceFailed, "token_missing"),
        (Fault(status=200, body='{"access_token": "a b"}'), ServiceFailed, "token_missing"),
        (Fault(status=200, body='{"access_token": "a\\r\\nX: y"}'), ServiceFailed, "token_missing"),
        (Fault(status=200, body='{"access_token": "å"}'), ServiceFailed, "token_missing"),
        (Fault(status=200, body='{"access_token": "a", "token_type": "mac"}'), ServiceFailed, "token_missing"),
        (Fault(status=200, body='{"access_token": "a", "token_type": 1}'), ServiceFailed, "token_missing"),
        (Fault(status=400, body="<html>"), ServiceRefused, "token_refused"),
        (Fault(reset=True), ServiceFailed, "connection"),
        (Fault(status=302, headers={"Location": "http://127.0.0.1:9/"}), ServiceRefused, "redirect"),
    ],
)  # fmt: skip
def test_token_endpoints_that_are_ill(here: Linked, fault: Fault, kind: type[Exception], reason: str) -> None:
    here.lms.faults.token = fault
    with pytest.raises(kind) as problem:
        read(here)
    assert problem.value.reason == reason


def test_a_page_instead_of_a_token_means_another_thing_where_the_product_is_another(here: Linked) -> None:
    with here.core.units.writing() as unit:
        unit.session.execute(sa.update(Platform).values(family="canvas"))
    here.lms.faults.token = Fault(status=404, body="<html>")
    with pytest.raises(ServiceRefused) as refused:
        read(here)
    assert refused.value.reason == "token_address"


@pytest.mark.parametrize("said", [None, True, "3600", 3600.5, 10**12])
def test_how_long_a_token_lives_is_believed_within_limits(here: Linked, said: object) -> None:
    here.lms.faults.token = Fault(status=200, body=json.dumps({"access_token": "a", "expires_in": said}))
    here.services.tokens.get(here.platform.id, SCOPES)
    lives = (tokens_kept(here)[0].expires_at - here.core.units.clock.now()).total_seconds() + 60
    expected = {3600.5: 3600.5, 10**12: 86_400}.get(said, 300) if not isinstance(said, bool | str) else 300
    assert lives == pytest.approx(expected, abs=5)


def test_the_audience_is_the_one_that_was_registered(here: Linked) -> None:
    with here.core.units.writing() as unit:
        unit.session.execute(sa.update(Platform).values(token_audience=here.lms.base_url))
    read(here)
    from service.demo.tokens import peek

    header, claims = peek(here.lms.recorder.to("/token")[0].form["client_assertion"])
    assert claims["aud"] == here.lms.base_url
    assert (claims["iss"], claims["sub"], claims["exp"] - claims["iat"]) == ("ovning", "ovning", 330)
    assert claims["iat"] < time.time() - 5
    assert header["alg"] == "RS256"


def test_any_status_but_401_is_an_answer(here: Linked) -> None:
    for status in (204, 400, 403, 404, 409, 422, 429, 500, 503):
        here.lms.faults.members = Fault(status=status)
        assert read(here).status == status
    assert here.count("/token") == 1


def test_g47_openedx_says_403_of_a_token_that_it_does_not_take(here: Linked) -> None:
    with here.core.units.writing() as unit:
        unit.session.execute(sa.update(Platform).values(family="openedx"))
    here.lms.faults.members = Fault(status=403, times=1)
    assert read(here).status == 200
    assert here.count("/token") == 2
    here.lms.faults.members = Fault(status=403)
    assert read(here).status == 403, "with a token of this moment it means what it says"
    assert here.count("/token") == 3


def test_what_is_sent_is_what_was_asked(here: Linked) -> None:
    here.services.call(
        here.platform.id, SCOPES, "POST", here.members_url, accept="a/b", content_type="c/d", body=b"{}", limit=10_000
    )
    sent = here.lms.recorder.all()[-1]
    assert (sent.method, sent.headers["Accept"], sent.headers["Content-Type"], sent.body) == (
        "POST",
        "a/b",
        "c/d",
        b"{}",
    )


def test_s23_an_address_inside_is_refused_and_audited(here: Linked) -> None:
    with pytest.raises(ServiceRefused) as refused:
        here.services.call(here.platform.id, SCOPES, "GET", "https://10.0.0.1/members")
    assert refused.value.reason == "private_address"
    with here.core.units.reading() as unit:
        event = unit.session.scalars(sa.select(AuditEvent).where(AuditEvent.action == "egress")).one()
    assert (event.outcome, event.reason, event.object_ref) == ("deny", "private_address", str(here.platform.id))
    assert event.chain == here.platform.organisation_id


def test_a_line_keeps_its_connection_for_a_run_of_calls(here: Linked, monkeypatch: pytest.MonkeyPatch) -> None:
    import socket

    made: list[Any] = []
    real = socket.create_connection
    monkeypatch.setattr(socket, "create_connection", lambda *a, **kw: made.append(a) or real(*a, **kw))
    with here.services.line() as line:
        assert {read(here, line).status for _ in range(5)} == {200}
        assert line.health is here.services.health
    assert here.services.tokens.get(here.platform.id, SCOPES)
    assert here.count("/token") == 1
    # The practice LMS speaks HTTP/1.0: it closes after each answer, and each call had to connect anew.
    assert len(made) == 6


def test_the_application_has_one_of_them(here: Linked) -> None:
    with here.app.app_context():
        assert services.of_app() is services.of_app()


@pytest.mark.parametrize(("said", "seconds"), [("", None), ("120", 120), ("999999999", 86_400), ("Wed, 21 Oct", None), ("-1", None), ("²", None)])  # fmt: skip
def test_how_long_to_wait(said: str, seconds: float | None) -> None:
    assert retry_after(Answer(503, {"retry-after": said}, b"")) == seconds


# the breaker


def health(here: Linked) -> PlatformHealth:
    with here.core.units.reading() as unit:
        return unit.session.scalars(sa.select(PlatformHealth)).one()


def test_the_breaker_opens_after_three_failures_and_closes_with_the_first_answer(
    here: Linked, clock: OffsetClock
) -> None:
    breaker, platform = here.services.health, here.platform.id
    assert breaker.closed_until(platform) is None
    breaker.ok(platform)
    breaker.failed(platform, "timeout")
    breaker.failed(platform, "timeout")
    assert breaker.closed_until(platform) is None
    breaker.failed(platform, "connection")
    until = breaker.closed_until(platform)
    assert until is not None
    assert timedelta(seconds=55) < until - clock.now() <= timedelta(seconds=60)
    assert here.fresh().health.closed_until(platform) == until
    assert (health(here).failures, health(here).reason) == (3, "connection")
    clock.advance(timedelta(seconds=61))
    assert breaker.closed_until(platform) is None
    breaker.failed(platform, "connection")
    again = breaker.closed_until(platform)
    assert again is not None
    assert again - clock.now() > timedelta(seconds=110)
    breaker.ok(platform)
    assert breaker.closed_until(platform) is None
    assert (health(here).failures, health(here).reason) == (0, "")


def test_the_breaker_never_waits_longer_than_a_quarter_of_an_hour(here: Linked, clock: OffsetClock) -> None:
    for _ in range(40):
        here.services.health.failed(here.platform.id, "timeout")
    until = here.services.health.closed_until(here.platform.id)
    assert until is not None
    assert until - clock.now() <= timedelta(minutes=15)


def test_that_all_is_well_is_written_once_a_minute(here: Linked, clock: OffsetClock) -> None:
    breaker = here.services.health
    breaker.ok(here.platform.id)
    first = health(here).last_ok_at
    clock.advance(timedelta(seconds=30))
    breaker.ok(here.platform.id)
    assert health(here).last_ok_at == first
    clock.advance(timedelta(seconds=31))
    breaker.ok(here.platform.id)
    assert health(here).last_ok_at != first


# every way out of this service

SERVICE = Path(services.__file__).parents[1]
CLIENTS = {"requests", "urllib.request", "urllib3", "http.client", "socket", "httpx", "aiohttp"}
# Who may use them: the client itself, and the one that speaks to the operator's mail server; what listens and what talks to
# our own processes; the outside world's stand-in.
ALLOWED = {"outbound.py", "wire.py", "mail/smtp.py"}
OURS = {"jobs/embedded.py", "jobs/queue.py", "jobs/family.py", "cli_run.py"}


def modules_imported(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def test_g69_every_call_goes_through_the_one_client() -> None:
    callers = {
        str(path.relative_to(SERVICE))
        for path in SERVICE.rglob("*.py")
        if "demo" not in path.parts and modules_imported(path) & CLIENTS
    }
    assert callers - OURS == ALLOWED


def test_g69_every_caller_says_who_we_are(here: Linked) -> None:
    from service.lti.keysets import KeySets
    from service.lti.platforms import check_keys
    from service.lti.registrations import Registrations

    outbound = Outbound(here.core.settings)
    check_keys(outbound, here.platform.jwks_url)
    registration = Registrations(here.core.units, 0).by_id(here.platform.id)
    assert registration is not None
    assert KeySets(here.core.units, outbound).keys(registration)
    read(here)
    with here.services.line() as line:
        line.call(here.platform.id, SCOPES, "GET", here.members_url, accept=MEDIA_TYPE)
    said = {one.headers["User-Agent"] for one in here.lms.recorder.all()}
    assert said == {f"Stegvis/0.1 (+{here.core.settings.public_url})"}
    assert {one.path for one in here.lms.recorder.all()} >= {"/jwks", "/token"}


@pytest.mark.parametrize("endpoint", ["token", "members"])
def test_g69_no_call_waits_for_ever(here: Linked, endpoint: str) -> None:
    setattr(here.lms.faults, endpoint, Fault(delay=30, times=1))
    began = time.monotonic()
    with pytest.raises(ServiceFailed) as failed:
        read(here)
    assert failed.value.reason == "timeout"
    assert time.monotonic() - began < 6
