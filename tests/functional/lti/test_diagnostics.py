"""Notes of launches: what is kept and what never is, judged again offline, and one number for page, log, note and audit."""

import json
import os
import re
import time
import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result
from cryptography.hazmat.primitives.asymmetric import ec
from flask import Flask
from joserfc import jws
from joserfc.jwk import ECKey, RSAKey

from service.access import Role
from service.audit import AuditEvent
from service.browser import COOKIE
from service.cohorts.models import Launch, Member
from service.lti import evidence, notes, revalidation
from service.lti.keys import read_key_set
from service.lti.models import Deployment, DeploymentState, Platform, PlatformKeys, PlatformState
from service.lti.note_models import LaunchNote
from service.lti.notes import Attempt, Notes, skew_among
from service.lti.platform_cli import platform as platform_command
from service.lti.revalidation import CHECKS, Line, Present, Verdict
from service.lti.routes import EXTENSION
from service.lti.state import LoginState
from service.lti.watching import return_address, with_error
from service.settings import Settings
from tests.functional.lti.support import TOOL, Lti, accepted
from tests.service.lti import tokens
from tests.support import BASE, OffsetClock, World, parts

CLAIM = "https://purl.imsglobal.org/spec/lti/claim/"
LEEWAY = timedelta(seconds=60)
CANARIES = ("kanariefågel", "canary@example.org")
PERSONAL: dict[str, Any] = {
    "name": "Kanariefågel Ett kanariefågel", "given_name": "kanariefågel", "family_name": "kanariefågel", "email": "canary@example.org",
    "picture": "https://x/kanariefågel", "sub": "kanariefågel-sub", "locale": "sv",
    "custom": {"user": "kanariefågel", "level": "$User.unknown"}, "lis": {"person_sourcedid": "kanariefågel"},
    "context": {"id": "2", "title": "kanariefågel", "label": "kanariefågel"}, "ext": {"user_username": "kanariefågel"},
}  # fmt: skip


def kept(lti: Lti) -> list[LaunchNote]:
    """The notes by now, oldest first."""
    lti.app.extensions[EXTENSION].notes.flush()
    return sorted(lti.all(LaunchNote), key=lambda note: note.at)


def only(lti: Lti) -> LaunchNote:
    (note,) = kept(lti)
    return note


def incident_on(answer: Any) -> str:
    found = re.search(r'class="sv-id">([0-9A-F]{8})<', answer.get_data(as_text=True))
    assert found is not None
    return found[1]


def again(lti: Lti, note: LaunchNote) -> dict[str, Line]:
    with parts(lti.app).units.reading() as unit:
        today = revalidation.present(unit.session.get_one(Platform, note.platform_id))
    return {line.check: line for line in revalidation.revalidate(note, today, LEEWAY)}


# what is kept


def test_an_accepted_launch_is_noted_with_all_checks_passed(lti: Lti) -> None:
    accepted(lti.launch())
    note = only(lti)
    assert (note.outcome, note.incident, note.binding, note.deployment) == ("accepted", "", "cookie", "1")
    assert note.message == "LtiResourceLinkRequest"
    assert note.platform_id == lti.platform_id
    assert note.skew is not None
    assert abs(note.skew) < 5
    claims = note.evidence["claims"]
    assert claims["iss"] == lti.lms.base_url
    assert claims["aud"] == TOOL.client_id
    assert claims["target"].startswith("/")
    assert claims["problems"] == []
    assert claims["present"]["context . id"] == "text"
    assert note.evidence["header"]["alg"] == "RS256"
    lines = again(lti, note)
    assert {line.then for line in lines.values()} == {Verdict.PASS}
    assert {line.now for line in lines.values()} == {Verdict.PASS}
    assert not any(line.changed for line in lines.values())


@pytest.mark.parametrize(
    "wrong", [{}, {"deployment_id": "9"}, {"version": "1.1"}, {"roles": "kanariefågel"}, {"exp": 1}]
)
def test_nothing_about_a_person_is_ever_kept(lti: Lti, wrong: dict[str, Any]) -> None:
    lti.forged(**{**PERSONAL, **wrong})
    note = only(lti)
    stored = json.dumps({column.name: str(getattr(note, column.name)) for column in LaunchNote.__table__.columns})
    whole = stored + json.dumps(note.evidence, ensure_ascii=False)
    for canary in CANARIES:
        assert canary not in whole
    assert note.evidence["claims"]["present"]["sub"] == "text"
    assert note.evidence["claims"]["unresolved"] == ["level"]


def test_names_that_are_none_are_not_repeated() -> None:
    claims = {
        "kanarie fågel": {"a": 1},
        CLAIM + "custom": {"kanarie fågel": "$x"},
        CLAIM + "roles": ["kanarie fågel", 3],
    }
    token = tokens.token(raw=json.dumps(claims).encode())
    found = evidence.evidence_of(token, None, BASE)
    assert "fågel" not in json.dumps(found, ensure_ascii=False)
    assert found["claims"]["roles"] == ["(other)", "(other)"]
    assert found["claims"]["unresolved"] == ["(other)"]


def test_a_token_that_is_none_leaves_a_note_all_the_same(lti: Lti) -> None:
    for text in ("", "a.b", "x" * 70_000, "é.é.é", "a.b.c", "e30.e30.!", tokens.raw_header(b"[]")):
        client = lti.browser()
        lti.post(client, {"id_token": text, "state": lti.begin(client).state})
    found = kept(lti)
    expected = ["format", "format", "format", "format", "format", "alg", "header"]
    assert [note.outcome for note in found] == expected
    assert {note.platform_id for note in found} == {lti.platform_id}
    assert {note.skew for note in found} == {None}
    for note in found:
        lines = again(lti, note)
        assert lines["signature"].now is not Verdict.PASS
        assert [(note.outcome, line) for line in lines.values() if line.changed] == []


def test_every_wrong_claim_is_listed_at_once_without_its_value(lti: Lti) -> None:
    lti.forged(context={"id": 7}, roles="kanariefågel", resource_link={"id": "x" * 256})
    note = only(lti)
    assert note.outcome == "claims"
    problems = note.evidence["claims"]["problems"]
    assert [problem.partition(":")[0] for problem in problems] == ["roles", "context.id", "resource_link.id"]
    assert "kanariefågel" not in " ".join(problems)
    assert again(lti, note)["claims"].now is Verdict.FAIL


def test_what_each_function_lacks_is_said(lti: Lti) -> None:
    bare = evidence.missing({})
    assert bare == ["person", "course", "names", "locale", "return", "roster", "completion"]
    assert evidence.missing({"sub": "1", "given_name": "A", CLAIM + "context": "2", CLAIM + "launch_presentation": {"locale": "sv"}}) == [
        "course", "return", "roster", "completion",
    ]  # fmt: skip
    ags = {
        "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint": {"scope": [evidence.SCORE], "lineitem": "https://x"}
    }
    assert "completion" not in evidence.missing(ags)
    accepted(lti.launch())
    assert "person" not in only(lti).evidence["claims"]["missing"]


# one number, whoever tells


@pytest.mark.parametrize(
    ("wrong", "outcome", "audited"),
    [({"deployment_id": "9"}, "deployment_pending", True), ({"version": "1.1"}, "version", True), ({"exp": 1}, "expired", False)],
)  # fmt: skip
def test_page_log_note_and_audit_have_one_number(
    lti: Lti, capsys: pytest.CaptureFixture[str], wrong: dict[str, Any], outcome: str, audited: bool
) -> None:
    answer = lti.forged(**wrong)
    number = incident_on(answer)
    note = only(lti)
    assert (note.outcome, note.incident) == (outcome, number)
    logged = [json.loads(line) for line in capsys.readouterr().err.splitlines() if line.startswith("{")]
    assert number in [line.get("incident") for line in logged]
    denials = [event.incident for event in lti.all(AuditEvent) if event.outcome == "deny"]
    assert denials == ([number] if audited else [])


def test_a_failure_of_our_own_is_noted_with_its_number(lti: Lti, monkeypatch: pytest.MonkeyPatch) -> None:
    client = lti.browser()
    form = lti.answered(lti.begin(client))
    monkeypatch.setattr("service.lti.launch.landing", lambda _arrival: 1 // 0)
    answer = lti.post(client, form)
    assert answer.status_code == 500
    note = only(lti)
    assert (note.outcome, note.incident) == ("exception", incident_on(answer))
    assert {line.then for line in again(lti, note).values()} == {Verdict.UNKNOWN}


def test_what_the_platform_answers_instead_of_a_launch_is_kept_as_its_word(lti: Lti) -> None:
    client = lti.browser()
    for word in ("login_required", "Kanariefågel kom hit"):
        lti.post(client, {"error": word, "state": lti.begin(client).state})
    assert [note.evidence["platform_error"] for note in kept(lti)] == ["login_required", "(other)"]
    assert {note.platform_id for note in kept(lti)} == {lti.platform_id}
    assert {note.binding for note in kept(lti)} == {""}


def test_a_launch_of_nobodys_is_kept_apart(lti: Lti) -> None:
    lti.post(lti.browser(), {"id_token": "a.b.c", "state": "uppfunnen"})
    note = only(lti)
    assert (note.platform_id, note.outcome, note.binding) == (None, "state", "")


def test_how_the_browser_was_bound_is_noted(lti: Lti) -> None:
    client = lti.browser()
    begun = lti.begin(client)
    form = lti.answered(begun)
    assert lti.post(lti.browser(), form).status_code == 401
    assert lti.post(client, form).status_code == 303
    assert [(note.outcome, note.binding) for note in kept(lti)] == [("state_binding", ""), ("accepted", "cookie")]


# judged again


def test_a_deployment_that_was_activated_since_would_pass_now(lti: Lti) -> None:
    lti.forged(deployment_id="9")
    note = only(lti)
    before = again(lti, note)["deployment"]
    assert (before.then, before.now, before.reason) == (Verdict.FAIL, Verdict.FAIL, "deployment_pending")
    lti.change(Deployment, state=DeploymentState.ACTIVE)
    after = again(lti, note)["deployment"]
    assert (after.then, after.now, after.changed) == (Verdict.FAIL, Verdict.PASS, True)
    lti.change(Deployment, state=DeploymentState.DISABLED)
    assert again(lti, note)["deployment"].reason == "deployment_disabled"


def test_a_deployment_nobody_has_seen_yet(lti: Lti) -> None:
    accepted(lti.launch())
    note = only(lti)
    with parts(lti.app).units.reading() as unit:
        today = revalidation.present(unit.session.get_one(Platform, lti.platform_id))
    unseen = replace(today, deployments={})
    verdicts = {
        automatic: revalidation.revalidate(note, replace(unseen, auto_activate=automatic), LEEWAY) for automatic in (True, False)
    }  # fmt: skip
    assert {automatic: next(line.reason for line in lines if line.check == "deployment") for automatic, lines in verdicts.items()} == {
        True: "", False: "deployment_pending",
    }  # fmt: skip


def test_a_key_that_is_known_since_verifies_offline(lti: Lti) -> None:
    accepted(lti.launch())
    lti.lms.rotate_keys()
    # Asked a moment ago, the platform is not asked again: its new key is unknown for now.
    assert lti.forged().status_code == 401
    note = kept(lti)[-1]
    assert note.outcome == "kid_unknown"
    lines = again(lti, note)
    assert (lines["key"].now, lines["signature"].now) == (Verdict.FAIL, Verdict.UNKNOWN)
    lti.change(PlatformKeys, jwks=lti.lms.keys.as_jwks())
    lines = again(lti, note)
    assert lines["key"].changed
    assert lines["signature"].now is Verdict.PASS
    assert lines["time"].now is Verdict.PASS


def test_a_forged_signature_fails_offline_too(lti: Lti) -> None:
    accepted(lti.launch())
    kid = lti.lms.keys.current.kid
    lti.forged({"kid": kid}, tokens.OTHER_KEY.private)
    note = kept(lti)[-1]
    assert note.outcome == "signature"
    assert again(lti, note)["signature"].now is Verdict.FAIL


@pytest.mark.parametrize(
    ("state", "reason"), [(PlatformState.DISABLED, "platform_disabled"), (PlatformState.PENDING, "platform_pending")]
)
def test_a_platform_that_was_stopped_since_would_refuse_now(lti: Lti, state: PlatformState, reason: str) -> None:
    accepted(lti.launch())
    note = only(lti)
    lti.change(Platform, state=state)
    line = again(lti, note)["platform"]
    assert (line.now, line.reason, line.changed) == (Verdict.FAIL, reason, True)


def test_without_keys_nothing_can_be_verified(lti: Lti) -> None:
    accepted(lti.launch())
    note = only(lti)
    with parts(lti.app).units.writing() as unit:
        unit.session.execute(sa.delete(PlatformKeys))
    lines = again(lti, note)
    assert (lines["keys"].reason, lines["key"].reason, lines["signature"].now) == (
        "keys_unavailable", "kid_unknown", Verdict.UNKNOWN,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("wrong", "check", "reason"),
    [
        ({"iss": "https://annan.example"}, "issuer", "iss"), ({"aud": "annan"}, "audience", "aud"), ({"aud": [TOOL.client_id, "annan"]}, "audience", "aud"),
        ({"azp": "annan"}, "audience", "azp"), ({"iat": "x"}, "time", "time"), ({"iat": 1}, "time", "old"), ({"exp": 10**11}, "time", "lifetime"),
        ({"nonce": "annan"}, "nonce", "nonce"), ({"message_type": "Annat"}, "message", "message_type"), ({"version": "1.1"}, "message", "version"),
        ({"target_link_uri": "https://annan.example/x"}, "target", "target"), ({"target_link_uri": f"{BASE}/annat"}, "target", "target"),
        ({"roles": 7}, "claims", "claims"), ({"sub": tokens.REMOVE}, "claims", "sub"),
    ],
)  # fmt: skip
def test_each_check_of_the_contents_is_made_again(lti: Lti, wrong: dict[str, Any], check: str, reason: str) -> None:
    lti.forged(**wrong)
    note = only(lti)
    line = again(lti, note)[check]
    assert line.now is Verdict.FAIL
    assert revalidation.check_of(note.outcome) == check
    assert revalidation.check_of(line.reason) == check
    assert line.reason == reason
    assert [one.check for one in again(lti, note).values() if one.changed] == []


def envelope(header: dict[str, Any] | None = None, **changes: Any) -> LaunchNote:
    """A note of a token that this test makes, as it would have been kept."""
    found = evidence.evidence_of(changes.pop("token", None) or tokens.token(header), None, BASE)
    return LaunchNote(id=uuid.uuid4(), at=tokens.NOW, outcome=changes.pop("outcome", "accepted"), evidence={**found, **changes})  # fmt: skip


def today(keys: Any = tokens.KEYS, algorithms: tuple[str, ...] = ("RS256",)) -> Present:
    return Present(
        replace(tokens.EXPECTED, algorithms=algorithms),
        keys,
        PlatformState.ACTIVE,
        False,
        {"1": DeploymentState.ACTIVE},
    )


def judged(note: LaunchNote, present: Present) -> dict[str, Line]:
    return {line.check: line for line in revalidation.revalidate(note, present, LEEWAY)}


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ({"crit": ["exp"]}, "header"), ({"cty": "JWT"}, "header"), ({"typ": "annat"}, "header"), ({"alg": "HS256"}, "alg"), ({"alg": "none"}, "alg"),
        ({"kid": tokens.REMOVE}, "kid"), ({"kid": ""}, "kid"),
    ],
)  # fmt: skip
def test_each_check_of_the_header_is_made_again(header: dict[str, Any], reason: str) -> None:
    lines = judged(envelope(header), today())
    assert lines["header"].reason == reason
    # What hangs on a header that is not one cannot be made.
    assert (lines["key"].now, lines["signature"].now) == (Verdict.UNKNOWN,) * 2
    assert lines["once"].now is Verdict.PASS


@pytest.mark.parametrize(("algorithm", "curve"), [("RS384", False), ("RS512", False), ("ES256", True)])
def test_other_signatures_verify_offline(algorithm: str, curve: bool) -> None:
    key: Any = (
        ECKey.import_key(ec.generate_private_key(ec.SECP256R1()), {"kid": "k", "use": "sig"})
        if curve
        else RSAKey.import_key(tokens.KEY.private, {"kid": "k", "use": "sig"})
    )
    payload = json.dumps(tokens.CLAIMS).encode()
    text = jws.serialize_compact({"alg": algorithm, "kid": "k", "typ": "JWT"}, payload, key, algorithms=[algorithm])
    keys = read_key_set({"keys": [key.as_dict(private=False)]})
    lines = judged(envelope(token=text), today(keys, (algorithm,)))
    assert lines["signature"].now is Verdict.PASS
    (
        head,
        body,
        _,
    ) = text.split(".")
    other = json.dumps({**tokens.CLAIMS, "sub": "4"}).encode()
    swapped = jws.serialize_compact({"alg": algorithm, "kid": "k", "typ": "JWT"}, other, key, algorithms=[algorithm])
    assert (
        judged(envelope(token=f"{head}.{body}.{swapped.split('.')[2]}"), today(keys, (algorithm,)))["signature"].reason
        == "signature"
    )


def test_a_payload_that_cannot_be_read_is_no_contents() -> None:
    lines = judged(envelope(token=tokens.token(raw=b"[1]"), outcome="payload"), today())
    assert (lines["payload"].then, lines["payload"].now) == (Verdict.FAIL, Verdict.FAIL)
    assert (lines["time"].then, lines["time"].now) == (Verdict.NOT_REACHED, Verdict.UNKNOWN)
    assert lines["signature"].now is Verdict.PASS


def test_a_header_that_cannot_be_read_stops_what_hangs_on_it() -> None:
    lines = judged(envelope(token=tokens.raw_header(b'{"a":1,"a":2}'), outcome="header"), today())
    assert lines["header"].reason == "header"
    assert lines["key"].now is Verdict.UNKNOWN


def test_a_note_of_no_token_has_its_record_alone() -> None:
    lines = judged(envelope(token="x", outcome="format"), today())
    assert (lines["format"].now, lines["signature"].now) == (Verdict.FAIL, Verdict.UNKNOWN)
    assert judged(envelope(token="x", outcome="query"), today())["request"].now is Verdict.FAIL
    assert judged(envelope(broken="format", outcome="format"), today())["format"].now is Verdict.FAIL


def test_what_was_not_reached_is_found_out() -> None:
    good = judged(envelope(outcome="keys_unavailable"), today())
    assert (good["format"].now, good["payload"].now, good["signature"].now) == (Verdict.PASS,) * 3
    whole = tokens.token().split(".")
    for text in (f"{whole[0]}.{whole[1]}.!", f"{whole[0]}.!.{whole[2]}"):
        assert judged(envelope(token=text, outcome="keys_unavailable"), today())["format"].reason == "format"
    unread = judged(envelope(token=tokens.token(raw=b"[1]"), outcome="keys_unavailable"), today())
    assert (unread["payload"].reason, unread["format"].now) == ("payload", Verdict.PASS)


def test_every_reason_belongs_to_one_check() -> None:
    reasons = [reason for reasons in CHECKS.values() for reason in reasons]
    assert len(reasons) == len(set(reasons))
    assert revalidation.check_of("annat") == ""


# clocks


def test_r15_a_platform_whose_clock_is_off_is_measured(lti: Lti) -> None:
    for offset in (40, 41, 42):
        lti.lms.clock_offset = offset
        accepted(lti.launch())
    found = list(reversed(kept(lti)))
    skew = skew_among(found, 60)
    assert skew is not None
    assert 38 <= skew.seconds <= 41
    assert (skew.breaks_at, skew.warns) == (60, True)
    lti.lms.clock_offset = 75
    assert lti.launch().status_code == 401
    refused = kept(lti)[-1]
    assert refused.outcome == "early"
    assert refused.skew is not None
    assert refused.skew > 70
    # One launch does not move the median.
    again_measured = skew_among(reversed(kept(lti)), 60)
    assert again_measured is not None
    assert again_measured.seconds < 60


@pytest.mark.parametrize(
    ("seconds", "claims", "breaks_at", "warns"),
    [
        (-20.0, {"iat": 1, "exp": 61}, 120, False), (-31.0, {"iat": 1, "exp": 61}, 120, True), (-31.0, {"iat": "x"}, 660, True),
        (-31.0, {"iat": 5, "exp": 1}, 660, True), (29.0, {}, 60, False), (30.0, {}, 60, True),
    ],
)  # fmt: skip
def test_where_a_clock_breaks(seconds: float, claims: dict[str, Any], breaks_at: int, warns: bool) -> None:
    found = skew_among([LaunchNote(skew=None, evidence={}), LaunchNote(skew=seconds, evidence={"claims": claims})], 60)
    assert found is not None
    assert (found.seconds, found.breaks_at, found.warns) == (seconds, breaks_at, warns)


def test_without_launches_a_clock_is_not_judged() -> None:
    assert skew_among([LaunchNote(skew=None, evidence={})], 60) is None
    assert evidence.skew_of({}, tokens.NOW) is None
    assert evidence.skew_of({"claims": {"iat": "number"}}, tokens.NOW) is None


# beside the request


def attempt(lti: Lti, **values: Any) -> Attempt:
    return Attempt(**{"at": parts(lti.app).units.clock.now(), "token": "a.b.c", "state": "", "outcome": "state", **values})  # fmt: skip


def from_platform(lti: Lti, platform_id: uuid.UUID | None = None, **values: Any) -> Attempt:
    now = parts(lti.app).units.clock.now()
    login = LoginState(platform_id or lti.platform_id, "n", b"", BASE, now)
    return attempt(lti, login=login, **{"proved": True, "outcome": "accepted", **values})


def test_the_latest_two_hundred_of_each_platform_are_kept(lti: Lti, other_lti: Lti) -> None:
    store: Notes = lti.app.extensions[EXTENSION].notes
    now = parts(lti.app).units.clock.now()
    store.hand(from_platform(other_lti, at=now - timedelta(hours=1)))
    for number in range(250):
        store.hand(from_platform(lti, at=now + timedelta(seconds=number)))
    found = kept(lti)
    mine = [note for note in found if note.platform_id == lti.platform_id]
    assert len(mine) == notes.KEPT
    assert mine[0].at == now + timedelta(seconds=50)
    assert len(found) == notes.KEPT + 1
    with parts(lti.app).units.reading():
        assert [note.id for note in notes.latest([lti.platform_id], 2)] == [mine[-1].id, mine[-2].id]
        assert notes.latest([]) == []
        assert notes.latest([None]) == []


def test_a_flood_of_nobodys_is_cut_and_hides_no_platform(lti: Lti, clock: OffsetClock) -> None:
    store: Notes = lti.app.extensions[EXTENSION].notes
    at = clock.now().replace(second=0)
    for _ in range(500):
        store.hand(attempt(lti, at=at))
    store.hand(from_platform(lti, at=at, proved=False, outcome="signature"))
    found = kept(lti)
    assert len([note for note in found if note.platform_id is None]) == notes.STRANGERS_PER_MINUTE
    assert len(found) == notes.STRANGERS_PER_MINUTE + 1
    store.hand(attempt(lti, at=at + timedelta(minutes=1)))
    assert len(kept(lti)) == notes.STRANGERS_PER_MINUTE + 2


def test_more_than_can_wait_costs_the_oldest(lti: Lti) -> None:
    store: Notes = lti.app.extensions[EXTENSION].notes
    for _ in range(notes.WAITING + 100):
        store.hand(from_platform(lti))
    assert len(store._queue) <= notes.WAITING


def test_the_thread_writes_by_itself(lti: Lti) -> None:
    accepted(lti.launch())
    until = time.monotonic() + 10
    while not lti.all(LaunchNote):
        assert time.monotonic() < until
        time.sleep(0.02)


def test_a_database_that_fails_touches_no_launch_and_the_thread_goes_on(lti: Lti) -> None:
    units = parts(lti.app).units
    with units.writing() as unit:
        unit.session.execute(sa.text("ALTER TABLE launch_note RENAME TO launch_note_away"))
    accepted(lti.launch())
    store: Notes = lti.app.extensions[EXTENSION].notes
    store.flush()
    with units.writing() as unit:
        unit.session.execute(sa.text("ALTER TABLE launch_note_away RENAME TO launch_note"))
    accepted(lti.launch())
    assert len(kept(lti)) == 1


def test_one_token_that_cannot_be_noted_costs_no_other(lti: Lti) -> None:
    store: Notes = lti.app.extensions[EXTENSION].notes
    broken = from_platform(lti)
    broken.outcome = None  # type: ignore[assignment]  # as a mistake of ours would leave it
    store.hand(broken)
    store.flush()
    store.hand(broken)
    store.hand(from_platform(lti))
    assert len(kept(lti)) == 1


def test_a_thread_that_cannot_start_touches_no_launch(lti: Lti, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_thread: Any) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patched:
        patched.setattr("threading.Thread.start", refuse)
        store: Notes = lti.app.extensions[EXTENSION].notes
        store.hand(from_platform(lti))
    accepted(lti.launch())
    assert [note.outcome for note in kept(lti)] == ["accepted"]


def test_closing_ends_the_thread_and_a_later_launch_starts_another(lti: Lti) -> None:
    store: Notes = lti.app.extensions[EXTENSION].notes
    store.hand(from_platform(lti))
    first = store._thread
    assert first is not None
    parts(lti.app).units.engine.dispose()
    assert not first.is_alive()
    store.close()
    assert lti.all(LaunchNote) == []
    store.hand(from_platform(lti))
    assert store._thread is not first
    assert len(kept(lti)) == 1


def test_two_first_launches_start_one_thread(lti: Lti) -> None:
    store: Notes = lti.app.extensions[EXTENSION].notes
    store._start()
    first = store._thread
    store._start()
    assert store._thread is first


def test_a_forked_worker_has_a_thread_of_its_own(lti: Lti) -> None:
    store: Notes = lti.app.extensions[EXTENSION].notes
    store.hand(from_platform(lti, incident="PARENT"))
    child = os.fork()
    if child == 0:  # what is measured is in the parent: the child ends without a word
        try:
            parts(lti.app).units.engine.dispose(close=False)
            store.hand(from_platform(lti, incident="CHILD"))
            store.flush()
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    assert sorted(note.incident for note in kept(lti)) == ["CHILD", "PARENT"]


# the way back


def link_on(answer: Any) -> str:
    found = re.search(r'href="([^"]*lti_errormsg[^"]*)"', answer.get_data(as_text=True))
    return found[1].replace("&amp;", "&") if found else ""


def presentation(url: Any) -> dict[str, Any]:
    return {"launch_presentation": {"return_url": url, "document_target": "iframe"}}


@pytest.mark.parametrize(
    "wrong",
    [{"deployment_id": "9"}, {"version": "1.1"}, {"roles": 7}, {"message_type": "Annat"}, {"sub": tokens.REMOVE}],
)
def test_a_verified_message_that_is_refused_has_a_way_back(lti: Lti, wrong: dict[str, Any]) -> None:
    answer = lti.forged(**wrong, **presentation("https://lms.example.org/back?course=2#x"))
    parts_of = urlsplit(link_on(answer))
    assert (parts_of.netloc, parts_of.path, parts_of.fragment) == ("lms.example.org", "/back", "x")
    query = parse_qs(parts_of.query)
    code = "E-PENDING" if "deployment_id" in wrong else "E-LAUNCH"
    assert query["course"] == ["2"]
    assert query["lti_errorlog"] == [f"{code} {incident_on(answer)}"]
    assert len(query["lti_errormsg"][0]) > 20


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "http://annan.example/x", "//lms.example.org/x", "", 7, None, "https://x/\n", "https://x/" + "y" * 2000]
)  # fmt: skip
def test_no_way_leads_to_an_address_that_is_none_of_the_platforms(lti: Lti, url: Any) -> None:
    answer = lti.forged(deployment_id="9", **presentation(url))
    assert "lti_error" not in answer.get_data(as_text=True)
    assert answer.status_code in (401, 403)


def test_the_platforms_own_origin_is_known_even_without_https(lti: Lti) -> None:
    answer = lti.forged(deployment_id="9", **presentation(lti.lms.base_url + "/kurs"))
    assert link_on(answer).startswith(lti.lms.base_url + "/kurs?lti_errormsg=")


def test_before_verification_there_is_no_way_back_and_all_are_alike(lti: Lti) -> None:
    shown = set()
    for wrong in ({"exp": 1}, {"aud": "annan"}, {"nonce": "annan"}, {"iss": "https://annan.example"}):
        answer = lti.forged(**wrong, **presentation("https://lms.example.org/back"))
        text = answer.get_data(as_text=True)
        assert "lms.example.org" not in text
        shown.add(text.replace(incident_on(answer), "#"))
    assert len(shown) == 1


def test_a_person_without_a_role_has_a_way_back_from_the_door(world: World, app: Flask) -> None:
    inside = world.enter(world.course(), Role.NONE)
    with parts(app).units.writing() as unit:
        unit.session.execute(sa.update(Launch).values(return_url="https://lms.example.org/back"))
    answer = inside.get("/")
    assert answer.status_code == 403
    assert "E-NOROLE" in link_on(answer)


def test_a_person_who_left_is_told_so_in_words(world: World, app: Flask) -> None:
    inside = world.enter(world.course())
    with parts(app).units.writing() as unit:
        unit.session.execute(sa.update(Launch).values(return_url="https://lms.example.org/back"))
        unit.session.execute(sa.update(Member).values(active=False))
    answer = inside.get("/", headers={"Accept-Language": "en"})
    assert answer.status_code == 401
    assert "The course says that you are no longer in it." in answer.text
    assert link_on(answer).startswith("https://lms.example.org/back?")


def test_s16_a_disabled_platform_ends_open_visits_with_the_next_request(lti: Lti) -> None:
    client = lti.browser()
    launch = accepted(lti.launch(client))
    assert client.get(f"/l/{launch}/who", base_url=BASE).status_code == 200
    # Not noticed: nothing is read anew, and it ends all the same.
    lti.change(Platform, noticed=False, state=PlatformState.DISABLED)
    answer = client.get(f"/l/{launch}/who", base_url=BASE, headers={"Accept-Language": "en"})
    assert answer.status_code == 401
    assert "switched off for this learning platform" in answer.text


def test_json_clients_get_the_number_and_no_link(lti: Lti) -> None:
    client = lti.browser()
    begun = lti.begin(client)
    token = lti.token(begun, deployment_id="9")
    answer = lti.post(client, {"id_token": token, "state": begun.state}, headers={"Accept": "application/problem+json"})
    assert answer.json["incident"] == only(lti).incident
    assert "lti_error" not in answer.get_data(as_text=True)


def test_an_address_without_a_query_gets_one() -> None:
    assert with_error("https://a/b", "x y", "E 1") == "https://a/b?lti_errormsg=x+y&lti_errorlog=E+1"
    registration: Any = type("R", (), {"origins": ("http://localhost:1",)})()
    assert return_address(registration, {CLAIM + "launch_presentation": {"return_url": "http://localhost:1/x"}})
    assert return_address(registration, {CLAIM + "launch_presentation": "x"}) == ""


# cases by name


def test_g63_frame_ancestors_are_each_platforms_own(world: World) -> None:
    first, second = world.course("Ett"), world.course("Två")
    policies = [world.enter(course).get("/who").headers["Content-Security-Policy"] for course in (first, second)]
    for policy, own, foreign in zip(policies, (first, second), (second, first), strict=True):
        assert f"frame-ancestors 'self' {own.platform.issuer}" in policy
        assert foreign.platform.issuer not in policy


def test_g63_frame_ancestors_of_a_real_launch_are_the_platforms_and_its_way_back(lti: Lti) -> None:
    client = lti.browser()
    begun = lti.begin(client)
    token = lti.token(begun, **presentation("https://kurs.example.org/x"))
    launch = accepted(lti.post(client, {"id_token": token, "state": begun.state}))
    policy = client.get(f"/l/{launch}/who", base_url=BASE).headers["Content-Security-Policy"]
    ancestors = re.search(r"frame-ancestors ([^;]*)", policy)
    assert ancestors is not None
    assert ancestors[1].split() == ["'self'", lti.lms.base_url, "https://kurs.example.org"]
    assert "X-Frame-Options" not in client.get(f"/l/{launch}/who", base_url=BASE).headers


def test_g64_set_cookie_flags(lti: Lti) -> None:
    answer = lti.browser().post("/lti/login", data=lti.fields(), base_url=BASE)
    (cookie,) = answer.headers.getlist("Set-Cookie")
    flags = {part.strip().partition("=")[0].lower() for part in cookie.split(";")[1:]}
    assert cookie.startswith(f"{COOKIE}=")
    assert COOKIE.startswith("__Host-")
    assert {"secure", "httponly", "partitioned", "path", "samesite"} <= flags
    assert "SameSite=None" in cookie
    assert "Path=/" in cookie
    assert "domain" not in flags
    # A launch that is refused or accepted sets no other.
    assert lti.forged(exp=1).headers.getlist("Set-Cookie") == []
    assert lti.launch().headers.getlist("Set-Cookie") == []


@pytest.mark.parametrize(
    "wrong",
    [
        {}, {"exp": 1}, {"aud": "kanariefågel"}, {"iss": "kanariefågel"}, {"version": "kanariefågel"}, {"roles": "kanariefågel"}, {"message_type": "kanariefågel"},
        {"deployment_id": "9"}, {"target_link_uri": "https://kanariefågel.example/"}, {"context": "kanariefågel"}, {"nonce": "kanariefågel"},
    ],
)  # fmt: skip
def test_g68_error_pages_carry_no_claims(lti: Lti, wrong: dict[str, Any]) -> None:
    if not wrong:
        lti.change(Deployment, state=DeploymentState.DISABLED)
    answer = lti.forged(**{**PERSONAL, **wrong})
    assert answer.status_code in (401, 403)
    whole = answer.get_data(as_text=True) + str(answer.headers)
    for canary in (*CANARIES, "kanarief%C3%A5gel"):
        assert canary not in whole


# the command


@pytest.fixture
def run(settings: Settings) -> Callable[..., Result]:
    def invoke(*arguments: str) -> Result:
        return CliRunner().invoke(platform_command, ["diagnose", *arguments], obj=lambda: settings)

    return invoke


def test_diagnose_lists_each_platforms_latest_launches(run: Callable[..., Result], lti: Lti, other_lti: Lti) -> None:
    lti.lms.clock_offset = 45
    accepted(lti.launch())
    lti.post(lti.browser(), {"id_token": "x", "state": "uppfunnen"})
    kept(lti)
    whole = run().output
    assert "SET ITS CLOCK" in whole
    assert "no launch yet" in whole
    assert "launches that named no platform" in whole
    mine = run(f"p{other_lti.platform_id.hex[:12]}").output
    assert "accepted" not in mine
    assert "named no platform" not in mine
    assert "none of that name" in run("okand").output
    lti.lms.clock_offset = 0
    for _ in range(3):
        accepted(lti.launch())
    kept(lti)
    assert "SET ITS CLOCK" not in run().output


def test_diagnose_judges_the_one_with_the_number_again(run: Callable[..., Result], lti: Lti) -> None:
    number = incident_on(lti.forged(deployment_id="9", **PERSONAL))
    kept(lti)
    lti.change(Deployment, state=DeploymentState.ACTIVE)
    result = run("--incident", number.lower())
    assert result.exit_code == 0, result.output
    assert re.search(r"deployment\s+then fail\s+now pass\s+CHANGED", result.output)
    assert "unresolved: level" in result.output
    for canary in CANARIES:
        assert canary not in result.output
    assert number in run(f"p{lti.platform_id.hex[:12]}", "--incident", number).output


def test_diagnose_of_numbers_that_tell_little(run: Callable[..., Result], lti: Lti) -> None:
    assert "no launch with that case number" in run("--incident", "FFFFFFFF").output
    number = incident_on(lti.post(lti.browser(), {"id_token": "x", "state": "uppfunnen"}))
    kept(lti)
    assert "It named no platform" in run("--incident", number).output
    assert "no launch with that case number" in run(f"p{lti.platform_id.hex[:12]}", "--incident", number).output
