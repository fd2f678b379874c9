"""A bell that nobody answers: one short wait, then peace."""

import socket
import time
import uuid

from service.jobs.bell import BREAK_SECONDS, TIMEOUT, Bell


def test_a_silent_queue_costs_one_short_wait_and_is_then_left_alone():
    with socket.socket() as mute:
        mute.bind(("127.0.0.1", 0))
        mute.listen(8)
        now = [0.0]
        bell = Bell(f"redis://127.0.0.1:{mute.getsockname()[1]}", clock=lambda: now[0])
        began = time.monotonic()
        assert not bell.ring(uuid.uuid4())
        assert time.monotonic() - began < TIMEOUT * 4
        assert bell.is_silent
        began = time.monotonic()
        assert not any(bell.ring(uuid.uuid4()) for _ in range(50))
        assert time.monotonic() - began < TIMEOUT
        now[0] = BREAK_SECONDS + 0.1
        assert not bell.is_silent


def test_an_absent_queue_raises_nothing(tmp_path):
    assert not Bell(f"unix://{tmp_path}/nobody.sock").ring(uuid.uuid4())
    assert not Bell("redis://127.0.0.1:1").ring(uuid.uuid4())
