"""Where finished files lie: a local folder, outside everything that is served as it is.

A file gets its final name when it is complete and on the disk, in one step; nothing half-written ever has one.
"""

import hashlib
import os
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_KEY = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\.(csv|xlsx|zip)")
_PART = ".part"
CHUNK = 1024 * 1024


class LocalStore:
    """Files by key. A key is a UUID that this service made, with the format as its ending; nothing else is a key."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path(self, key: str) -> Path:
        """Returns where the file of a key lies. Raises ValueError for what is no key."""
        if not _KEY.fullmatch(key):
            raise ValueError("not a key of an export file")
        return self._folder / key

    @contextmanager
    def writing(self, key: str) -> Iterator[Path]:
        """Gives a path in a folder of its own to write to; whatever is left of it at the end is removed."""
        workplace = self.path(key).with_name(key + _PART)
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        workplace.mkdir(mode=0o700)
        try:
            yield workplace / key
        finally:
            shutil.rmtree(workplace, ignore_errors=True)

    def publish(self, key: str, written: Path) -> tuple[str, int]:
        """Brings a written file to the disk and gives it its name. Returns its SHA-256 in hex and its size in bytes."""
        digest = hashlib.sha256()
        with written.open("rb") as file:
            while chunk := file.read(CHUNK):
                digest.update(chunk)
            size = file.tell()
            os.fsync(file.fileno())
        written.rename(self.path(key))
        folder = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
        return digest.hexdigest(), size

    def delete(self, key: str) -> None:
        """Removes a file; an absent one is removed already."""
        self.path(key).unlink(missing_ok=True)

    def leftovers(self, older_than: float) -> Iterator[Path]:
        """Yields what nobody has touched for `older_than` seconds: workplaces of killed workers, and finished files."""
        if not self._folder.is_dir():
            return
        limit = time.time() - older_than
        for found in self._folder.iterdir():
            if found.name.endswith(_PART):
                inside = [entry.stat().st_mtime for entry in found.iterdir()]
                if max([found.stat().st_mtime, *inside]) < limit:
                    yield found
            elif _KEY.fullmatch(found.name) and found.stat().st_mtime < limit:
                yield found

    def remove(self, leftover: Path) -> None:
        """Removes one of `leftovers()`."""
        if leftover.is_dir():
            shutil.rmtree(leftover, ignore_errors=True)
        else:
            leftover.unlink(missing_ok=True)
