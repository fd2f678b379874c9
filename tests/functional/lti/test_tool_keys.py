"""Our own keys: published before they sign and after, and who has fetched them."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
import requests
import sqlalchemy as sa
from click.testing import CliRunner
from flask import Flask, Response
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from service.cli import stegvis
from service.demo.claims import SCOPE_MEMBERS
from service.demo.config import LmsConfig, tool_at
from service.demo.lms import Fault, in_thread, running
from service.demo.practice import PracticeLms
from service.jobs import periodic
from service.lti import toolkeys
from service.lti.models import Platform, PlatformState, ToolKey, ToolKeyState
from service.lti.note_models import KeysFetched
from service.lti.services import ServiceFailed, Services
from service.lti.signing import sign
from service.outbound import Outbound
from service.settings import Settings
from tests import live
from tests.functional.lti.placed import PLUGINS
from tests.functional.lti.support import Lti, accepted, refused
from tests.support import BASE, OffsetClock, parts


def key_set(lti: Lti) -> KeySet:
    return KeySet.import_key_set(lti.browser().get("/lti/jwks", base_url=BASE).get_json())


def signed(lti: Lti) -> str:
    with parts(lti.app).units.writing():
        return sign({"sub": "x"}, parts(lti.app).units.keyring)


def rotate(lti: Lti, **kw: bool) -> None:
    with parts(lti.app).units.writing():
        toolkeys.rotate(parts(lti.app).units.keyring, **kw)


def states(lti: Lti) -> list[ToolKeyState]:
    return sorted(row.state for row in lti.all(ToolKey))


def opens(message: str, keys: KeySet) -> bool:
    try:
        jwt.decode(message, keys, algorithms=["RS256"])
    except JoseError:  # the key is not in the set
        return False
    return True


def test_g67_a_platform_that_kept_our_key_set_reads_what_we_sign_after_a_rotation(lti: Lti, clock: OffsetClock) -> None:
    kept, before = key_set(lti), signed(lti)
    assert opens(before, kept)
    clock.advance(timedelta(hours=25))
    rotate(lti)
    after = signed(lti)
    assert opens(after, kept), "the key that signs now was published a day before"
    assert opens(before, key_set(lti)), "what was signed a moment ago is read with the newest set"
    clock.advance(timedelta(days=6))
    assert opens(before, key_set(lti))


def test_g67_a_key_is_gone_after_its_week_and_not_before(lti: Lti, clock: OffsetClock) -> None:
    before = signed(lti)
    clock.advance(timedelta(hours=25))
    rotate(lti)
    clock.advance(timedelta(days=6, hours=23))
    assert periodic.forget_retired_keys(parts(lti.app).units) == 0
    assert opens(before, key_set(lti))
    clock.advance(timedelta(hours=2))
    assert periodic.forget_retired_keys(parts(lti.app).units) == 1
    assert not opens(before, key_set(lti))
    assert states(lti) == ["current", "next"]


def test_r14_the_next_key_does_not_sign_before_a_day_unless_the_present_one_leaked(
    lti: Lti, clock: OffsetClock
) -> None:
    signed(lti)
    clock.advance(timedelta(hours=23))
    with pytest.raises(toolkeys.TooEarly):
        rotate(lti)
    assert states(lti) == ["current", "next"]
    rotate(lti, at_once=True)
    assert states(lti) == ["current", "next", "retiring"]


def test_r14_the_names_of_keys_are_their_thumbprints(lti: Lti) -> None:
    for key in key_set(lti).keys:
        assert key.kid == key.thumbprint()
        assert key.as_dict().keys() == {"kty", "n", "e", "kid", "use", "alg"}


def test_signing_takes_no_lock_once_there_is_a_key(lti: Lti) -> None:
    signed(lti)
    with parts(lti.app).units.reading():
        assert sign({"a": 1}, parts(lti.app).units.keyring)
    with lti.app.app_context(), parts(lti.app).units.reading():
        assert sign({"a": 1})


# a platform that keeps our keys for a day


@contextmanager
def caching(base_url: str) -> Iterator[tuple[str, Callable[[], None]]]:
    """Something between a platform and us that keeps our key set until it is told that a day has passed."""
    kept: dict[str, Any] = {}
    app = Flask(__name__)

    def keys() -> Response:
        if not kept:
            kept.update(requests.get(f"{base_url}/lti/jwks/egen", timeout=5).json())
        return Response(json.dumps(kept), content_type="application/json")

    app.add_url_rule("/keys", "keys", keys)
    with in_thread(app) as base:
        yield f"{base}/keys", kept.clear


@contextmanager
def platform_with_cache(
    make_app: Callable[..., Flask], settings: Settings, clock: OffsetClock
) -> Iterator[tuple[Services, Platform, PracticeLms, live.Live, Callable[[], None]]]:
    with (
        live.running_service(partial(make_app, plugins=PLUGINS), settings) as server,
        caching(server.base_url) as (url, day_passes),
    ):
        config = LmsConfig("http://localhost:0", replace(tool_at(server.base_url), jwks_url=url))
        with running(config) as lms:
            lms.now = lambda: clock.now().timestamp()
            platform = live.register(server.app, lms.base_url)
            services = Services(server.core.units, Outbound(server.core.settings))
            yield services, platform, lms, server, day_passes


def test_g67_a_caching_platform_hands_out_tokens_through_a_rotation(
    make_app: Callable[..., Flask], settings: Settings, clock: OffsetClock
) -> None:
    with platform_with_cache(make_app, settings, clock) as (services, platform, _lms, server, day_passes):

        def token() -> str:
            clock.advance(timedelta(hours=2))
            return services.tokens.get(platform.id, [SCOPE_MEMBERS])

        seen = {token()}
        for _ in range(3):
            clock.advance(timedelta(hours=24))
            day_passes()
            seen.add(token())
            with server.core.units.writing():
                toolkeys.rotate(server.core.units.keyring)
            seen.add(token())
        assert len(seen) == 7


def test_g67_a_rotation_at_once_is_noticed_until_the_platform_fetches_anew(
    make_app: Callable[..., Flask], settings: Settings, clock: OffsetClock
) -> None:
    with platform_with_cache(make_app, settings, clock) as (services, platform, _lms, server, day_passes):
        services.tokens.get(platform.id, [SCOPE_MEMBERS])
        with server.core.units.writing():
            toolkeys.rotate(server.core.units.keyring, at_once=True)
            toolkeys.rotate(server.core.units.keyring, at_once=True)
        clock.advance(timedelta(hours=2))
        with pytest.raises(ServiceFailed) as failed:
            services.tokens.get(platform.id, [SCOPE_MEMBERS])
        assert failed.value.reason == "platform_lacks_our_key"
        day_passes()
        assert services.tokens.get(platform.id, [SCOPE_MEMBERS])


# the addresses


def test_a_registrations_own_address_has_the_same_keys_and_notes_who_fetched(lti: Lti, clock: OffsetClock) -> None:
    public_id = lti.only(Platform).public_id
    browser = lti.browser()
    own = browser.get(f"/lti/jwks/{public_id}", base_url=BASE, headers={"User-Agent": "MoodleBot/5.0\x7f " + "x" * 300})
    assert own.get_json() == browser.get("/lti/jwks", base_url=BASE).get_json()
    assert own.headers["Cache-Control"] == "max-age=3600"
    again = browser.get(f"/lti/jwks/{public_id}", base_url=BASE, headers={"If-None-Match": own.headers["ETag"]})
    assert (again.status_code, again.get_data()) == (304, b"")
    own.close()
    again.close()
    first = lti.only(KeysFetched)
    assert first.platform_id == lti.platform_id
    assert first.agent.startswith("MoodleBot/5.0 x")
    assert len(first.agent) == 200
    clock.advance(timedelta(seconds=30))
    browser.get(f"/lti/jwks/{public_id}", base_url=BASE).close()
    assert lti.only(KeysFetched).at == first.at
    clock.advance(timedelta(seconds=31))
    browser.get(f"/lti/jwks/{public_id}", base_url=BASE).close()
    assert lti.only(KeysFetched).at > first.at


def test_an_address_of_nobodys_has_the_keys_and_notes_nothing(lti: Lti) -> None:
    answer = lti.browser().get("/lti/jwks/ingen", base_url=BASE)
    assert answer.get_json() == lti.browser().get("/lti/jwks", base_url=BASE).get_json()
    answer.close()
    assert lti.all(KeysFetched) == []


def test_a_database_that_cannot_write_keeps_nobody_from_our_keys(lti: Lti) -> None:
    units = parts(lti.app).units
    lti.browser().get("/lti/jwks", base_url=BASE)
    with units.writing() as unit:
        unit.connection.execute(sa.text("DROP TABLE keys_fetched"))
    answer = lti.browser().get(f"/lti/jwks/{lti.only(Platform).public_id}", base_url=BASE)
    assert len(answer.get_json()["keys"]) == 2
    answer.close()


def test_first_fetches_at_once_make_one_pair_of_keys(lti: Lti) -> None:
    start, found = threading.Barrier(4), []

    def fetch() -> None:
        start.wait(10)
        found.append(lti.browser().get("/lti/jwks", base_url=BASE).get_json())

    threads = [threading.Thread(target=fetch) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(found) == 4
    assert all(one == found[0] for one in found)
    assert states(lti) == ["current", "next"]


# R13: the platform's keys


def test_r13_key_sets_that_are_away_for_six_hours_stop_no_launch(lti: Lti, clock: OffsetClock) -> None:
    accepted(lti.forged())
    for fault in (Fault(status=500), Fault(status=200, body="<html>"), Fault(reset=True), Fault(status=200, body="{}")):
        lti.lms.faults.jwks = fault
        clock.advance(timedelta(minutes=100))
        lti.lms.clock_offset = clock.offset.total_seconds()
        accepted(lti.forged())
    lti.lms.faults.jwks = Fault(status=503)
    clock.advance(timedelta(hours=18))
    lti.lms.clock_offset = clock.offset.total_seconds()
    refused(lti, lti.forged, "keys_unavailable")
    lti.lms.faults.jwks = None
    clock.advance(timedelta(seconds=61))
    lti.lms.clock_offset = clock.offset.total_seconds()
    accepted(lti.forged())


# the command line


def run(lti: Lti, *words: str) -> tuple[int, str]:
    settings = parts(lti.app).settings
    result = CliRunner().invoke(stegvis, ["keys", *words], obj=lambda: settings)
    return result.exit_code, result.output


def test_the_keys_are_listed_with_who_has_fetched_them(lti: Lti, clock: OffsetClock) -> None:
    assert run(lti, "list") == (
        0,
        f"{lti.only(Platform).public_id}  Lärplattform  has not fetched them at its own address\n",
    )
    lti.browser().get(f"/lti/jwks/{lti.only(Platform).public_id}", base_url=BASE).close()
    _, listed = run(lti, "list")
    lines = listed.splitlines()
    assert [line.split("  ")[1] for line in lines[:2]].count("next") == 1
    assert "signs since" in listed
    assert "fetched them" in lines[-1]
    rotate(lti, at_once=True)
    _, listed = run(lti, "list")
    assert "published until" in listed
    assert "before the next key was made" in listed
    lti.change(Platform, state=PlatformState.DISABLED)
    assert "Lärplattform" not in run(lti, "list")[1]


def test_without_keys_and_platforms_the_list_says_so(lti: Lti) -> None:
    lti.change(Platform, state=PlatformState.DISABLED)
    assert run(lti, "list") == (0, "There are no keys yet: the first ones are made when they are needed.\n")


def test_rotating_waits_for_platforms_to_know_the_next_key(lti: Lti) -> None:
    signed(lti)
    (present,) = [row.kid for row in lti.all(ToolKey) if row.state is ToolKeyState.CURRENT]
    status, said = run(lti, "rotate")
    assert status == 1
    assert "--at-once" in said
    status, said = run(lti, "rotate", "--at-once")
    assert status == 0
    assert f"{present}  retiring" in said
    assert states(lti) == ["current", "next", "retiring"]
