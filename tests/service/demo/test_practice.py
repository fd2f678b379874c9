"""What tests of the tool rely on: forging, rotating, breaking and recording; and that nobody else can reach it."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
import time
from typing import Any

import pytest
import requests
from cryptography.hazmat.primitives.asymmetric import ec
from joserfc import jws
from joserfc.errors import BadSignatureError
from joserfc.jwk import ECKey, KeySet, OctKey

from service.demo.claims import LTI
from service.demo.faults import Fault
from service.demo.lms import create_lms, running, serve
from service.demo.practice import PracticeLms
from service.demo.tokens import REMOVE, SigningKey, peek
from tests.service.demo.conftest import lms_config


def claims(lms: PracticeLms, **overrides: Any) -> dict[str, object]:
    return lms.claims("karin-lindqvist", "enhetschefer", nonce="n", **overrides)


def published(lms: PracticeLms) -> KeySet:
    return KeySet.import_key_set(requests.get(f"{lms.base_url}/jwks", timeout=5).json())


def test_claims_can_be_replaced_removed_and_null(lms: PracticeLms) -> None:
    made = claims(lms, roles=["x"], aud=["a", "b"], azp="a", exp=REMOVE, context=None)
    assert (made[f"{LTI}/roles"], made["aud"], made["azp"], made[f"{LTI}/context"]) == (["x"], ["a", "b"], "a", None)
    assert "exp" not in made


def test_clock_offset_moves_the_times(lms: PracticeLms) -> None:
    lms.clock_offset = -7200
    made = claims(lms)
    assert abs(int(str(made["iat"])) - (time.time() - 7200)) < 5
    assert int(str(made["exp"])) - int(str(made["iat"])) == 60


def test_anything_can_be_signed(lms: PracticeLms) -> None:
    keys = published(lms)
    raw = b'{"sub":"1","sub":"2","exp":NaN}'
    assert jws.deserialize_compact(lms.sign(raw), keys, algorithms=["RS256"]).payload == raw
    for algorithm in ("RS512", "PS256"):
        signed = lms.sign(raw, header_overrides={"alg": algorithm})
        # The published key is for RS256 alone; its numbers verify the others too.
        bare = KeySet.import_key_set({"keys": [{k: v for k, v in keys.as_dict()["keys"][0].items() if k != "alg"}]})
        assert jws.deserialize_compact(signed, bare, algorithms=[algorithm]).payload == raw
    curve = ec.generate_private_key(ec.SECP256R1())
    signed = lms.sign(raw, header_overrides={"alg": "ES256"}, key=curve)
    assert jws.deserialize_compact(signed, ECKey.import_key(curve), algorithms=["ES256"]).payload == raw
    secret = b"a secret of thirty-two bytes or so"
    signed = lms.sign(raw, header_overrides={"alg": "HS256"}, key=secret)
    assert jws.deserialize_compact(signed, OctKey.import_key(secret), algorithms=["HS256"]).payload == raw
    assert lms.sign(raw, header_overrides={"alg": "none"}).endswith(".")
    header, _ = peek(lms.sign(claims(lms), header_overrides={"kid": REMOVE, "typ": "at+jwt"}))
    assert header == {"typ": "at+jwt", "alg": "RS256"}
    with pytest.raises(BadSignatureError):
        jws.deserialize_compact(lms.sign(raw, key=SigningKey()), keys, algorithms=["RS256"])


def test_rotation_keeps_or_drops_the_old_key(lms: PracticeLms) -> None:
    old = lms.keys.current.kid
    middle = lms.rotate_keys().kid
    assert [key.kid for key in published(lms).keys] == [old, middle]
    assert peek(lms.sign(claims(lms)))[0]["kid"] == middle
    newest = lms.rotate_keys(keep_old=False).kid
    assert [key.kid for key in published(lms).keys] == [newest]
    assert published(lms).keys[0].thumbprint() == newest


def test_faults_break_one_endpoint_as_often_as_asked(lms: PracticeLms) -> None:
    url = f"{lms.base_url}/jwks"
    lms.faults.jwks = Fault(status=503, body='{"error":"down"}', content_type="application/json", times=1)
    assert (requests.get(url, timeout=5).status_code, requests.get(url, timeout=5).status_code) == (503, 200)
    lms.faults.jwks = Fault(body="not json")
    assert requests.get(url, timeout=5).text == "not json"
    lms.faults.jwks = Fault(status=302, headers={"Location": "http://127.0.0.1:9/"})
    assert requests.get(url, timeout=5, allow_redirects=False).headers["Location"] == "http://127.0.0.1:9/"
    lms.faults.jwks = Fault(reset=True)
    with pytest.raises(requests.ConnectionError):
        requests.get(url, timeout=5)
    lms.faults.jwks = Fault(delay=5)
    with pytest.raises(requests.ReadTimeout):
        requests.get(url, timeout=0.2)
    assert requests.get(f"{lms.base_url}/.well-known/openid-configuration", timeout=5).status_code == 200
    lms.faults.clear()
    assert requests.get(url, timeout=5).status_code == 200


def test_recorder_has_what_was_sent(lms: PracticeLms) -> None:
    requests.post(f"{lms.base_url}/token?q=1", data={"scope": "åäö"}, headers={"X-Who": "me"}, timeout=5)
    (seen,) = lms.recorder.to("/token")
    assert (seen.method, seen.query, seen.form, seen.headers["X-Who"]) == ("POST", {"q": "1"}, {"scope": "åäö"}, "me")
    assert seen.body == b"scope=%C3%A5%C3%A4%C3%B6"


def test_pages_show_the_person_of_the_address(lms: PracticeLms) -> None:
    front = requests.get(f"{lms.base_url}/", timeout=5).text
    assert "Öppna som Karin Lindqvist (chef)" in front
    assert "påhittade" in front
    for person, name in (("karin-lindqvist", "Karin Lindqvist"), ("amira-haddad", "Amira Haddad")):
        page = requests.get(f"{lms.base_url}/courses/enhetschefer/as/{person}/gruppen", timeout=5)
        assert f"<span>{name}</span>" in page.text
        assert f"/start/enhetschefer/gruppen?as={person}&amp;locale=sv" in page.text
        assert 'title="Stegvis: Gruppen"' in page.text
        assert "påhittade" in page.text
        assert "Set-Cookie" not in page.headers
    for wrong in (
        "/courses/nope/as/karin-lindqvist",
        "/courses/enhetschefer/as/nobody",
        "/start/enhetschefer/ledarsteg",
    ):
        assert requests.get(lms.base_url + wrong, timeout=5).status_code == 404


def test_only_this_computer_is_served() -> None:
    config = lms_config()
    for host in ("0.0.0.0", "192.0.2.1", "", "::"):
        with pytest.raises(ValueError, match="only listen on this computer"):
            serve(config, host)
    with pytest.raises(ValueError, match="lives at http://localhost"):
        dataclasses.replace(config, base_url="http://lms.example.org:8071")
    client = create_lms(config).test_client()
    assert client.get("/", base_url="http://localhost").status_code == 200
    assert client.get("/", base_url="http://localhost", environ_base={"REMOTE_ADDR": "192.0.2.1"}).status_code == 403
    assert client.get("/", base_url="http://lms.example.org").status_code == 400


def test_two_platforms_run_side_by_side() -> None:
    with running(lms_config()) as one, running(lms_config()) as other:
        assert one.base_url != other.base_url
        assert published(one).keys[0].kid != published(other).keys[0].kid


def loaded_with(module: str) -> set[str]:
    """The project's modules in a fresh interpreter that imported one."""
    code = f"import sys, {module}; print(*(name for name in sys.modules if name.startswith('service.')))"
    return set(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split())


def test_the_practice_lms_shares_no_code_with_the_service() -> None:
    modules = loaded_with("service.demo.lms")
    assert "service.demo.lms" in modules
    assert {name for name in modules if not name.startswith("service.demo")} == set()


def test_the_service_never_loads_the_practice_lms() -> None:
    modules = loaded_with("service.app")
    assert "service.app" in modules
    assert {name for name in modules if name.startswith("service.demo")} == set()
