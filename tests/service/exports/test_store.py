"""The folder of files: whole or not there."""

import hashlib
import os
import time
import uuid

import pytest

from service.exports.store import LocalStore


@pytest.fixture
def store(tmp_path) -> LocalStore:
    return LocalStore(tmp_path / "exports")


def key() -> str:
    return f"{uuid.uuid4()}.csv"


A_KEY = uuid.UUID("3b0f2c64-6f5e-4a55-9a43-0d5c2f1e7a10")


@pytest.mark.parametrize(
    "name",
    [
        "",
        "../x.csv",
        "a.csv",
        f"{A_KEY}.exe",
        f"{A_KEY}.csv\n",
        f"/{A_KEY}.csv",
        f"{A_KEY}.csv\x00",
    ],
)
def test_only_its_own_keys_are_paths(store, name):
    with pytest.raises(ValueError, match="not a key"):
        store.path(name)


def test_a_file_appears_whole_and_leaves_no_workplace(store, tmp_path):
    wanted = key()
    with store.writing(wanted) as path:
        path.write_bytes(b"half")
        assert not store.path(wanted).exists()
        path.write_bytes(b"whole")
        digest, size = store.publish(wanted, path)
    assert (store.path(wanted).read_bytes(), size) == (b"whole", 5)
    assert digest == hashlib.sha256(b"whole").hexdigest()
    assert [found.name for found in (tmp_path / "exports").iterdir()] == [wanted]


def test_an_interrupted_file_leaves_nothing(store, tmp_path):
    with pytest.raises(FileNotFoundError), store.writing(key()) as path:
        path.with_name("b").write_bytes(path.write_bytes(b"half") and path.with_name("absent").read_bytes())
    assert list((tmp_path / "exports").iterdir()) == []


def test_leftovers_are_what_nobody_touched_for_long(store, tmp_path):
    folder = tmp_path / "exports"
    folder.mkdir()
    old, young, foreign = folder / f"{key()}.part", folder / f"{key()}.part", folder / "notes.txt"
    for made in (old, young):
        made.mkdir()
        (made / "x").write_bytes(b"x")
    foreign.write_text("x")
    past = time.time() - 7200
    for made in (old / "x", old, foreign):
        os.utime(made, (past, past))
    assert list(store.leftovers(3600)) == [old.name]
    store.remove(old.name)
    assert not old.exists()
