"""Key sets: one question per platform and minute, whoever asks, and other platforms are not held up."""

import threading
import time
from datetime import timedelta

from service.demo.lms import Fault
from service.lti.keysets import KeySets
from service.lti.models import PlatformKeys
from service.lti.registrations import Registrations
from service.outbound import Outbound
from tests.functional.lti.support import Lti, accepted
from tests.support import OffsetClock, parts


def sets(lti: Lti) -> KeySets:
    """What another process would have: nothing in its memory."""
    return KeySets(parts(lti.app).units, Outbound(parts(lti.app).settings))


def ask(lti: Lti, key_sets: KeySets) -> int:
    registration = Registrations(parts(lti.app).units, 0).by_id(lti.platform_id)
    assert registration is not None
    return len(key_sets.keys(registration))


def test_many_first_launches_ask_once(lti: Lti) -> None:
    lti.lms.faults.jwks = Fault(delay=0.3)
    start, found = threading.Barrier(6), []

    def first(key_sets: KeySets) -> None:
        start.wait(10)
        found.append(ask(lti, key_sets))

    shared = sets(lti)
    threads = [
        threading.Thread(target=first, args=(key_sets,))
        for key_sets in (shared, shared, shared, sets(lti), sets(lti), sets(lti))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert found == [1] * 6
    assert len(lti.lms.recorder.to("/jwks")) == 1


def test_keys_are_asked_for_again_after_an_hour_and_not_before(lti: Lti, clock: OffsetClock) -> None:
    key_sets = sets(lti)
    ask(lti, key_sets)
    clock.advance(timedelta(minutes=59))
    ask(lti, key_sets)
    assert len(lti.lms.recorder.to("/jwks")) == 1
    clock.advance(timedelta(minutes=2))
    ask(lti, key_sets)
    assert len(lti.lms.recorder.to("/jwks")) == 2


def test_a_key_that_was_withdrawn_stops_within_the_hour(lti: Lti, clock: OffsetClock) -> None:
    accepted(lti.forged())
    old = lti.lms.keys.current
    lti.lms.rotate_keys(keep_old=False)
    clock.advance(timedelta(minutes=61))
    lti.lms.clock_offset = 61 * 60
    assert lti.forged({"kid": old.kid}, old).status_code == 401
    accepted(lti.forged())


def test_a_slow_platform_does_not_hold_up_another(lti: Lti, other_lti: Lti, clock: OffsetClock) -> None:
    accepted(other_lti.forged())
    lti.lms.faults.jwks = Fault(delay=2, status=503)
    slow = threading.Thread(target=lti.forged)
    slow.start()
    began = time.monotonic()
    accepted(other_lti.forged())
    assert time.monotonic() - began < 1.5
    slow.join(20)
    errors = {row.platform_id: row.error for row in lti.all(PlatformKeys)}
    assert errors == {lti.platform_id: "status_503", other_lti.platform_id: ""}


def test_no_transaction_is_open_while_the_network_is(lti: Lti) -> None:
    """With the platform asleep, another connection can write at once."""
    lti.lms.faults.jwks = Fault(delay=2)
    client = lti.browser()
    begun = lti.begin(client)
    slow = threading.Thread(target=lambda: lti.post(client, lti.answered(begun)))
    slow.start()
    until = time.monotonic() + 5
    while not lti.lms.recorder.to("/jwks") and time.monotonic() < until:
        time.sleep(0.01)
    began = time.monotonic()
    lti.change(PlatformKeys, error="")
    assert time.monotonic() - began < 1.5
    slow.join(20)
