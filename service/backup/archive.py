"""The file of a backup: a zip with a manifest that tells what is in it, and the hash of each part.

Two kinds. `sqlite` holds the database file as SQLite's own backup function copies it, while others go on writing.
`postgresql` holds one part per table, as COPY writes it, all seen by one REPEATABLE READ transaction; it needs no program
of PostgreSQL's on the machine. Neither holds a master key: the manifest names those that the copy needs.
"""

import hashlib
import json
import os
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import IO, Any

FORMAT = 1
MANIFEST = "manifest.json"
# A database's hash is computed in pieces; what a manifest may hold is bounded.
PIECE = 1 << 20
MANIFEST_BYTES = 4 << 20


class Unusable(Exception):
    """A file that is no backup, or not whole. The message is one sentence."""


@dataclass(frozen=True)
class Part:
    """One part of the archive: a table, or a whole database. `rows` and `columns` are a table's."""

    sha256: str
    size: int
    rows: int = 0
    columns: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Manifest:
    """What a backup is.

    `revisions` are the schema's, by version table; `masters` says how many keys each master key wraps, by its name.
    """

    kind: str
    made_at: str
    version: str
    revisions: Mapping[str, list[str]]
    masters: Mapping[str, int]
    parts: Mapping[str, Part]
    format: int = FORMAT

    @property
    def moment(self) -> datetime:
        """When the copy was taken."""
        return datetime.fromisoformat(self.made_at)

    def text(self) -> str:
        """The manifest as it stands in the archive."""
        return json.dumps(asdict(self), indent=1, sort_keys=True)


class Writer:
    """Writes the parts of an archive, one after the other."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self.parts: dict[str, Part] = {}

    @contextmanager
    def part(self, name: str, columns: list[str] | None = None) -> Iterator["PartWriter"]:
        """Writes one part; its hash is kept when the block ends."""
        with self._archive.open(name, "w", force_zip64=True) as file:
            writer = PartWriter(file)
            yield writer
        self.parts[name] = Part(writer.digest.hexdigest(), writer.size, writer.rows, columns or [])

    def finish(self, manifest: Manifest) -> None:
        """Writes the manifest: without it a file is no backup."""
        self._archive.writestr(MANIFEST, manifest.text())


class PartWriter:
    """The open end of a part."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.digest = hashlib.sha256()
        self.size = 0
        self.rows = 0

    def write(self, piece: bytes) -> None:
        """Adds a piece."""
        self._file.write(piece)
        self.digest.update(piece)
        self.size += len(piece)


@contextmanager
def creating(target: Path) -> Iterator[Writer]:
    """A new archive, readable by its owner alone, that is there whole or not at all. Raises FileExistsError."""
    if target.exists():
        raise FileExistsError(target)
    beside = target.with_name(f".{target.name}.{os.getpid()}.part")
    handle = os.open(beside, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600)
    try:
        with os.fdopen(handle, "w+b") as file:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
                yield Writer(archive)
            file.flush()
            os.fsync(file.fileno())
        # Not over a file that somebody else made meanwhile.
        os.link(beside, target)
    finally:
        beside.unlink(missing_ok=True)


class Reader:
    """An archive whose every part is as its manifest says."""

    def __init__(self, archive: zipfile.ZipFile, manifest: Manifest) -> None:
        self._archive, self.manifest = archive, manifest

    def open(self, name: str) -> IO[bytes]:
        """Opens a part."""
        return self._archive.open(name)

    def verify(self) -> None:
        """Reads every part and compares. Raises Unusable."""
        for name, part in self.manifest.parts.items():
            digest, size = hashlib.sha256(), 0
            try:
                with self._archive.open(name) as file:
                    while piece := file.read(PIECE):
                        digest.update(piece)
                        size += len(piece)
            except (KeyError, zipfile.BadZipFile, OSError, EOFError, ValueError) as error:
                raise Unusable(f"the part {name} is missing or damaged") from error
            if (digest.hexdigest(), size) != (part.sha256, part.size):
                raise Unusable(f"the part {name} is not what the backup's manifest says")


@contextmanager
def reading(source: Path) -> Iterator[Reader]:
    """Opens an archive. Raises Unusable for anything else; its parts are not looked at yet."""
    try:
        archive = zipfile.ZipFile(source)
    except (OSError, zipfile.BadZipFile, ValueError) as error:
        raise Unusable(f"{source} is no backup, or not all of one") from error
    with archive:
        yield Reader(archive, _manifest(archive, source))


def _manifest(archive: zipfile.ZipFile, source: Path) -> Manifest:
    try:
        with archive.open(MANIFEST) as file:
            found: dict[str, Any] = json.loads(file.read(MANIFEST_BYTES))
        parts = {name: Part(**part) for name, part in found.pop("parts").items()}
        manifest = Manifest(**found, parts=parts)
        whole = manifest.moment.tzinfo is not None
    except (KeyError, TypeError, ValueError, AttributeError, OSError, zipfile.BadZipFile) as error:
        raise Unusable(f"{source} has no manifest that can be read: it is no backup of Stegvis") from error
    if manifest.format != FORMAT or not whole:
        raise Unusable(f"{source} has the format {manifest.format}, and this program reads {FORMAT}")
    return manifest
