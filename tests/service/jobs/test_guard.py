"""The queue's guard, on a real server: what is not ours is neither imported nor called, and what is ours is done."""

import json
import pickle
import shutil
import sys
import tempfile
import uuid
import zlib
from pathlib import Path

import pytest

from service.errors import StartRefused
from service.jobs import bell, guard, queue
from service.jobs.child import OurJob, OurWorker
from service.jobs.embedded import EmbeddedQueue
from tests.conftest import settings_for

JOB = str(uuid.uuid4())
GOOD = [guard.FUNCTION, None, [JOB], {}]


def packed(call) -> bytes:
    return zlib.compress(json.dumps(call).encode())


@pytest.fixture(scope="module")
def address():
    folder = Path(tempfile.mkdtemp(prefix="sv"))
    server = EmbeddedQueue(settings_for(folder))
    server.start()
    yield settings_for(folder).queue
    server.stop()
    shutil.rmtree(folder)


@pytest.fixture
def client(address):
    client = queue.connect(address, timeout=5)
    client.flushall()
    yield client
    client.close()


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"data": packed(GOOD)}, ""),
        ({"data": json.dumps(GOOD).encode()}, ""),
        ({"data": packed(GOOD), "meta": b""}, ""),
        ({"data": packed(["os.system", None, ["id"], {}])}, "func_not_allowed"),
        ({"data": packed([guard.FUNCTION + " ", None, [JOB], {}])}, "func_not_allowed"),
        ({"data": packed({"func": guard.FUNCTION})}, "func_not_allowed"),
        ({"data": packed([guard.FUNCTION, "os", [JOB], {}])}, "argument_not_allowed"),
        ({"data": packed([guard.FUNCTION, None, [JOB, JOB], {}])}, "argument_not_allowed"),
        ({"data": packed([guard.FUNCTION, None, [], {"job_id": JOB}])}, "argument_not_allowed"),
        ({"data": packed([guard.FUNCTION, None, ["../etc"], {}])}, "argument_not_allowed"),
        ({"data": packed([guard.FUNCTION, None, [JOB.replace("-", "")], {}])}, "argument_not_allowed"),
        ({"data": packed([guard.FUNCTION, None, [1], {}])}, "argument_not_allowed"),
        ({"data": packed([guard.FUNCTION])}, "argument_not_allowed"),
        ({"data": pickle.dumps(GOOD)}, "payload_not_allowed"),
        ({"data": zlib.compress(b"[" * 100_000)}, "payload_not_allowed"),
        ({"data": b"[" * 4000}, "payload_not_allowed"),
        *(({"data": packed(GOOD), name: b"x"}, "callback_not_allowed") for name in guard.FORBIDDEN),
    ],
)
def test_only_ours_passes(fields, reason):
    assert guard.inspect(fields) == (reason, "" if reason else JOB)


class Harmless(OurJob):
    """Our job, with a function that only notes that it was called."""

    called: list[str] = []  # noqa: RUF012 - the tests read it
    target = staticmethod(called.append)


def work_off(client) -> None:
    worker = OurWorker([queue.open_queue(client, Harmless)], connection=client, job_class=Harmless, serializer="json")
    worker._install_signal_handlers = lambda: None
    worker.work(burst=True, logging_level="CRITICAL")


def test_ours_is_done_once_however_often_it_is_rung_for(client, address):
    Harmless.called.clear()
    ringing = bell.Bell(address, timeout=5)
    job_id = uuid.uuid4()
    assert ringing.ring(job_id)
    assert ringing.ring(job_id, once=True)
    assert client.llen("rq:queue:stegvis") == 1
    work_off(client)
    assert Harmless.called == [str(job_id)]
    assert client.exists(f"rq:job:{job_id}") == 0


def test_poison_imports_nothing_and_the_worker_goes_on(client, address, tmp_path, monkeypatch):
    Harmless.called.clear()
    (tmp_path / "poisoned.py").write_text("def strike(*a, **k): raise SystemExit\n")
    monkeypatch.syspath_prepend(tmp_path)
    seen = []
    watching = [True]

    def watch(event, arguments):
        if watching[0] and event in {"import", "os.system", "subprocess.Popen", "pickle.find_class", "exec"}:
            seen.append((event, str(arguments[0])))

    poison = {
        "a": {"data": packed(["poisoned.strike", None, [], {}])},
        "b": {"data": packed(["os.system", None, ["true"], {}])},
        "c": {"data": packed(GOOD), "success_callback_name": "poisoned.strike"},
        "d": {"data": packed(["x.y", None, [], {}]), "failure_callback_name": "poisoned.strike"},
        "e": {"data": pickle.dumps(("os.system", None, ("true",), {})), "meta": pickle.dumps({})},
    }
    for name, fields in poison.items():
        client.hset(f"rq:job:{name}", mapping={"origin": "stegvis", **fields})
        client.rpush("rq:queue:stegvis", name)
    ours = uuid.uuid4()
    bell.Bell(address, timeout=5).ring(ours)
    sys.addaudithook(watch)
    try:
        work_off(client)
    finally:
        watching[0] = False
    assert Harmless.called == [str(ours)]
    assert "poisoned" not in sys.modules
    assert not [found for found in seen if found[0] != "import" and found[0] != "exec"]
    assert not [found for found in seen if found[1].startswith(("poisoned", "x"))]


def test_what_cannot_be_read_is_passed_over(client):
    client.set("rq:job:odd", "not a hash")
    client.hset("rq:job:empty", mapping={"origin": "stegvis"})
    client.rpush("rq:queue:stegvis", "odd", "no such job", "empty", "a b!")
    work_off(client)
    assert client.llen("rq:queue:stegvis") == 0


def test_a_data_folder_too_deep_for_a_socket_is_named(tmp_path):
    with pytest.raises(StartRefused, match="STEGVIS_DATA_DIR"):
        EmbeddedQueue(settings_for(tmp_path / ("x" * 100)))
