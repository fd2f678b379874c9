"""Where finished files lie: a local folder, or an object store (S3-compatible, GCS, Azure) through obstore.

A file is always written in a workplace of its own on the local disk. It gets its name when it is complete, in one step:
a rename, or an upload that the store shows whole or not at all. Nothing half-written ever has a name, and nothing is
served from here but by `Store.read`: no address of the store is given to anybody.
"""

import hashlib
import os
import re
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

from service.settings import Settings

_KEY = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\.(csv|xlsx|json|pdf|zip)")
_PART = ".part"
CHUNK = 1024 * 1024


def _checked(key: str) -> str:
    """Returns a key. Raises ValueError for what is none: a key is a UUID that this service made and a format."""
    if not _KEY.fullmatch(key):
        raise ValueError("not a key of an export file")
    return key


@dataclass(frozen=True)
class Opened:
    """A file in pieces, to be closed by whoever opened it."""

    pieces: Iterator[bytes]
    close: Callable[[], None]


class Store(Protocol):
    """Files by key."""

    @contextmanager
    def writing(self, key: str) -> Iterator[Path]:
        """Gives a path in a folder of its own to write to; whatever is left of it at the end is removed."""

    def publish(self, key: str, written: Path) -> tuple[str, int]:
        """Keeps a written file under its name. Returns its SHA-256 in hex and its size in bytes."""

    def read(self, key: str) -> Opened:
        """Opens a file. Raises FileNotFoundError at once when there is none, Away when nobody can tell."""

    def delete(self, key: str) -> None:
        """Removes a file; an absent one is removed already."""

    def leftovers(self, older_than: float) -> Iterator[str]:
        """Yields names of what nobody has touched for `older_than` seconds: workplaces of killed workers, and files."""

    def remove(self, leftover: str) -> None:
        """Removes one of `leftovers()`."""


class LocalStore:
    """A folder, outside everything that is served as it is."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path(self, key: str) -> Path:
        """Returns where the file of a key lies. Raises ValueError for what is no key."""
        return self._folder / _checked(key)

    @contextmanager
    def writing(self, key: str) -> Iterator[Path]:
        """As `Store.writing`: a folder beside the finished files, so that they are one rename apart."""
        workplace = self.path(key).with_name(key + _PART)
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        workplace.mkdir(mode=0o700)
        try:
            yield workplace / key
        finally:
            shutil.rmtree(workplace, ignore_errors=True)

    def publish(self, key: str, written: Path) -> tuple[str, int]:
        """As `Store.publish`, once it is on the disk."""
        digest, size = _digest(written)
        written.rename(self.path(key))
        folder = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
        return digest, size

    def read(self, key: str) -> Opened:
        """As `Store.read`."""
        file = self.path(key).open("rb")
        return Opened(_pieces(file), file.close)

    def delete(self, key: str) -> None:
        """As `Store.delete`."""
        self.path(key).unlink(missing_ok=True)

    def leftovers(self, older_than: float) -> Iterator[str]:
        """As `Store.leftovers`."""
        if not self._folder.is_dir():
            return
        limit = time.time() - older_than
        for found in self._folder.iterdir():
            if found.name.endswith(_PART):
                inside = [entry.stat().st_mtime for entry in found.iterdir()]
                if max([found.stat().st_mtime, *inside]) < limit:
                    yield found.name
            elif _KEY.fullmatch(found.name) and found.stat().st_mtime < limit:
                yield found.name

    def remove(self, leftover: str) -> None:
        """As `Store.remove`."""
        path = self._folder / leftover
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


class ObjectStore:
    """An object store by address: `s3://bucket/prefix`, `gs://…`, `az://…`. Workplaces are in the local folder.

    Where the store does not answer a job fails and is tried again, and a fetch is answered with 503 (Away).
    """

    def __init__(self, settings: Settings) -> None:
        from obstore.store import from_url  # noqa: PLC0415 - a large library, and only where there is such a store

        self._local = LocalStore(settings.export_dir)
        options: Any = {
            "config": settings.export_store_config,
            "client_options": {"allow_http": settings.export_store_is_local, "timeout": "60s", "connect_timeout": "5s"},
            "retry_config": {"max_retries": 2, "retry_timeout": timedelta(seconds=20)},
        }
        self._store: Any = from_url(settings.export_store, **options)

    def writing(self, key: str) -> Any:
        """As `Store.writing`."""
        return self._local.writing(key)

    def publish(self, key: str, written: Path) -> tuple[str, int]:
        """As `Store.publish`: an upload, in parts where it is large, that is seen when it is complete."""
        import obstore  # noqa: PLC0415 - as above

        digest, size = _digest(written)
        obstore.put(self._store, _checked(key), written)
        return digest, size

    def read(self, key: str) -> Opened:
        """As `Store.read`."""
        import obstore  # noqa: PLC0415 - as above

        try:
            found = obstore.get(self._store, _checked(key))
        except obstore.exceptions.NotFoundError as error:
            raise FileNotFoundError(key) from error
        except obstore.exceptions.BaseError as error:
            raise Away from error
        return Opened((bytes(piece) for piece in found.stream(min_chunk_size=CHUNK)), lambda: None)

    def delete(self, key: str) -> None:
        """As `Store.delete`."""
        import obstore  # noqa: PLC0415 - as above

        try:
            obstore.delete(self._store, _checked(key))
        except (obstore.exceptions.NotFoundError, FileNotFoundError):
            return

    def leftovers(self, older_than: float) -> Iterator[str]:
        """As `Store.leftovers`."""
        import obstore  # noqa: PLC0415 - as above

        yield from self._local.leftovers(older_than)
        limit = datetime.now(UTC) - timedelta(seconds=older_than)
        for some in obstore.list(self._store):
            for found in some:
                if _KEY.fullmatch(found["path"]) and found["last_modified"] < limit:
                    yield found["path"]

    def remove(self, leftover: str) -> None:
        """As `Store.remove`."""
        self._local.remove(leftover)
        if _KEY.fullmatch(leftover):
            self.delete(leftover)


def open_store(settings: Settings) -> Store:
    """Returns the store that the operator chose."""
    return ObjectStore(settings) if settings.export_store else LocalStore(settings.export_dir)


def verified(pieces: Iterator[bytes], size: int, sha256: str) -> Iterator[bytes]:
    """Yields a file's pieces, the last only when the whole is what was written.

    Raises Damaged instead: the answer then ends before the length it announced, and no program takes it for whole.
    """
    digest, held, seen = hashlib.sha256(), b"", 0
    for piece in pieces:
        digest.update(piece)
        seen += len(piece)
        if held:
            yield held
        held = piece
    if seen != size or digest.hexdigest() != sha256:
        raise Damaged
    yield held


class Away(Exception):
    """The object store does not answer."""


class Damaged(Exception):
    """A kept file is not what was written."""


def _digest(path: Path) -> tuple[str, int]:
    """Brings a file to the disk. Returns its SHA-256 in hex and its size."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
        size = file.tell()
        os.fsync(file.fileno())
    return digest.hexdigest(), size


def _pieces(file: Any) -> Iterator[bytes]:
    with file:
        while chunk := file.read(CHUNK):
            yield chunk
