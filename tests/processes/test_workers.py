"""Workers that are killed, frozen, fed poison and cut off from their queue: every export is finished, whole, once."""

import os
import signal
import time

import pytest
import sqlalchemy as sa

from service.audit import AuditEvent
from service.jobs.models import JobState
from tests.processes.conftest import EXPECTED, MANAGERS, Farm, alive, ask, children, fetch, until
from tests.support import parts

pytestmark = pytest.mark.process


def child_of(worker) -> int:
    return until(lambda: children(worker.pid))[0]


def kill(worker) -> None:
    """Kills the parent; the child must follow it."""
    pids = [worker.pid, *children(worker.pid)]
    worker.kill()
    worker.wait()
    until(lambda: not any(alive(pid) for pid in pids))


def test_a_killed_worker_s_export_is_finished_by_another_and_never_offered_half(farm: Farm, coach):
    farm.queue.start()
    first = farm.slow_worker()
    ask(coach)
    half = farm.under_way()
    assert fetch(coach, half.id).status_code == 410
    assert farm.files() == []
    kill(first)
    frozen = farm.export()
    assert (frozen.state, frozen.file_key) == ("running", "")
    farm.slow_worker(0.05)
    seen = set()
    while (row := farm.export()).state != "done":
        seen.add(row.rows_done)
        files = farm.files()
        # A finished name may be there a moment before its row says so; then it is whole already.
        assert all((farm.settings.export_dir / name).read_bytes() == EXPECTED for name in files)
        if row.state != "done":
            assert fetch(coach, row.id).status_code in {410, 200}
        assert len(seen) < 5000
        time.sleep(0.02)
    assert len(seen) >= 3
    assert farm.files() == [row.file_key]
    assert fetch(coach, row.id).data == EXPECTED
    assert [(job.state, job.tries) for job in farm.jobs()] == [(JobState.DONE, 2)]


def test_a_killed_child_is_started_again_and_goes_on(farm: Farm, coach):
    farm.queue.start()
    worker = farm.slow_worker(0.05)
    ask(coach)
    farm.under_way()
    old = child_of(worker)
    os.kill(old, signal.SIGKILL)
    assert farm.done().rows_done == MANAGERS
    assert child_of(worker) != old
    assert (farm.settings.export_dir / farm.export().file_key).read_bytes() == EXPECTED


def test_a_frozen_worker_s_late_writes_are_fenced_out(farm: Farm, coach):
    farm.queue.start()
    first = farm.slow_worker(0.2)
    ask(coach)
    farm.under_way()
    stopped = [first.pid, child_of(first)]
    farm.freeze(*stopped)
    farm.worker()
    row = farm.done()
    for pid in stopped:
        os.kill(pid, signal.SIGCONT)
    until(lambda: not list(farm.settings.export_dir.glob("*.part")))
    after = farm.export()
    assert (after.state, after.file_key, after.sha256, after.rows_done) == ("done", row.file_key, row.sha256, MANAGERS)
    assert farm.files() == [row.file_key]
    assert [(job.state, job.tries) for job in farm.jobs()] == [(JobState.DONE, 2)]


def test_a_worker_that_is_told_to_stop_finishes_what_it_holds(farm: Farm, coach):
    farm.queue.start()
    worker = farm.slow_worker(0.05)
    ask(coach)
    farm.under_way()
    worker.terminate()
    assert worker.wait(60) == 0
    assert farm.export().state == "done"
    assert [job.tries for job in farm.jobs()] == [1]


def test_a_queue_that_is_away_emptied_or_frozen_loses_nothing(farm: Farm, coach):
    worker = farm.worker()
    began = time.monotonic()
    ask(coach)
    assert time.monotonic() - began < 2
    assert "The queue does not answer just now" in coach.get("/exports").get_data(as_text=True)
    assert [job.state for job in farm.jobs()] == [JobState.QUEUED]
    farm.queue.start()
    farm.done()
    farm.at_rest()

    farm.freeze(child_of(worker))
    ask(coach, "xlsx")
    farm.redis().flushall()
    os.kill(child_of(worker), signal.SIGCONT)
    farm.done()

    from service.jobs import bell

    bell.bell_at.cache_clear()
    os.kill(farm.queue.pid, signal.SIGSTOP)
    began = time.monotonic()
    ask(coach)
    took = time.monotonic() - began
    os.kill(farm.queue.pid, signal.SIGCONT)
    assert took < 2
    farm.done()
    assert {job.state for job in farm.jobs()} == {JobState.DONE}
    assert [row.downloads_left for row in farm.exports()] == [3, 3, 3]


def test_poison_in_the_queue_runs_nothing_and_stops_nobody(farm: Farm, coach, tmp_path):
    import json
    import pickle
    import uuid
    import zlib

    (tmp_path / "poisoned.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\ndef strike(*a, **k): pass\n")
    farm.queue.start()
    worker = farm.start("worker", extra={"PYTHONPATH": str(tmp_path)})
    client = farm.redis()
    touch = f"touch {tmp_path / 'ran'}"
    ours = "service.jobs.work.run"

    class Bomb:
        def __reduce__(self):
            return os.system, (touch,)

    def payload(*call) -> bytes:
        return zlib.compress(json.dumps(call).encode())

    good = payload(ours, None, [str(uuid.uuid4())], {})
    poison = {
        "system": {"data": payload("os.system", None, [touch], {})},
        "module": {"data": payload("poisoned.strike", None, [], {})},
        "callback": {"data": good, "success_callback_name": "poisoned.strike"},
        "failing": {"data": payload("poisoned.strike", None, [], {}), "failure_callback_name": "poisoned.strike"},
        "stopped": {"data": good, "stopped_callback_name": "poisoned.strike"},
        "pickle": {"data": zlib.compress(pickle.dumps(("os.system", None, (touch,), {})))},
        "bomb": {"data": pickle.dumps(Bomb()), "meta": pickle.dumps(Bomb())},
        "more": {"data": payload(ours, None, [str(uuid.uuid4()), touch], {})},
        "named": {"data": payload(ours, None, [], {"job_id": str(uuid.uuid4())})},
        "text": {"data": payload(ours, None, [touch], {})},
        "webhook": {"data": good, "webhooks": json.dumps([{"url": "http://127.0.0.1:9/", "job_status": "finished"}])},
        "junk": {"data": b"\xff\xfe", "created_at": "never", "timeout": "x", "status": "?", "result_ttl": "y"},
        "empty": {"origin": "stegvis"},
    }
    for name, fields in poison.items():
        client.hset(f"rq:job:{name}", mapping={"origin": "stegvis", "status": "queued", **fields})
        client.rpush("rq:queue:stegvis", name)
    client.rpush("rq:queue:stegvis", "no such job", "a:b")
    client.set("rq:job:odd", "not a hash")
    client.rpush("rq:queue:stegvis", "odd")
    until(lambda: client.llen("rq:queue:stegvis") == 0)
    before = child_of(worker)
    ask(coach)
    farm.done()
    assert not (tmp_path / "ran").exists()
    assert child_of(worker) == before
    with parts(farm.app).units.reading() as unit:
        denied = unit.session.scalars(sa.select(AuditEvent.reason).where(AuditEvent.action == "job")).all()
    assert sorted(denied) == sorted(
        ["func_not_allowed"] * 2
        + ["callback_not_allowed"] * 5
        + ["payload_not_allowed"] * 2
        + ["argument_not_allowed"] * 3
    )
