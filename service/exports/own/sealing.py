"""The manifest of a copy and its signature: who has the copy can have it checked by whoever runs the service.

The signature is Ed25519 (RFC 8032) by a key that follows from the master key, so that there is no further secret to keep,
and earlier master keys still verify what they signed.
"""

import base64
import hashlib
import hmac
import json
import zipfile
import zlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from service.settings import Settings

# What Python's reader raises for a file that is cut, damaged, encrypted or packed in a way of its own.
_UNREADABLE = (zipfile.BadZipFile, OSError, EOFError, zlib.error, NotImplementedError, RuntimeError)
MANIFEST, SIGNATURE = "manifest.json", "manifest.sig"
CHUNK = 1 << 16
# A manifest names a handful of files; a larger one is not ours.
LARGEST_MANIFEST = 1 << 20


def _key(master: str) -> Ed25519PrivateKey:
    seed = hmac.new(base64.b64decode(master), b"stegvis own data signature", hashlib.sha256).digest()
    return Ed25519PrivateKey.from_private_bytes(seed)


def _name(key: Ed25519PublicKey) -> str:
    return hashlib.sha256(key.public_bytes_raw()).hexdigest()[:16]


def manifest(
    settings: Settings, files: Mapping[str, Mapping[str, Any]], about: Mapping[str, Any]
) -> tuple[bytes, bytes]:
    """Returns the manifest with each file's SHA-256 and size, and its signature in base64."""
    key = _key(settings.master_key.get_secret_value())
    told = {
        "format": "stegvis.own_data.manifest/1", **about, "files": dict(files),
        "signature": {
            "file": SIGNATURE, "algorithm": "Ed25519", "of": MANIFEST, "key": _name(key.public_key()),
            "verify": "stegvis verify-export FILE, by whoever runs this installation",
        },
    }  # fmt: skip
    body = json.dumps(told, indent=2, ensure_ascii=False).encode()
    return body, base64.b64encode(key.sign(body)) + b"\n"


def problems(settings: Settings, path: Path) -> list[str]:
    """Returns what is wrong with a copy, a sentence each: nothing where it is as this installation made it."""
    try:
        with zipfile.ZipFile(path) as archive:
            return list(_problems(settings, archive))
    except _UNREADABLE as error:
        return [f"not a readable ZIP file: {error}"]


def _problems(settings: Settings, archive: zipfile.ZipFile) -> Iterable[str]:
    names = archive.namelist()
    missing = {MANIFEST, SIGNATURE} - set(names)
    if missing:
        return [f"{name} is missing" for name in sorted(missing)]
    if archive.getinfo(MANIFEST).file_size > LARGEST_MANIFEST or archive.getinfo(SIGNATURE).file_size > CHUNK:
        return [f"{MANIFEST} or {SIGNATURE} is not one of ours"]
    body = archive.read(MANIFEST)
    if not _is_signed(settings, body, archive.read(SIGNATURE)):
        return [f"{MANIFEST} was not signed by this installation, or was changed"]
    files = json.loads(body)["files"]
    found = [f"{name} is twice in the file" for name in sorted({name for name in names if names.count(name) > 1})]
    found += [f"{name} is missing" for name in sorted(files.keys() - set(names))]
    found += [f"{name} does not belong" for name in sorted(set(names) - files.keys() - {MANIFEST, SIGNATURE})]
    found += [
        f"{name} was changed"
        for name in sorted(files.keys() & set(names))
        if _digest(archive, name, files[name]["size"]) != files[name]["sha256"]
    ]
    return found


def _is_signed(settings: Settings, body: bytes, signature: bytes) -> bool:
    try:
        raw = base64.b64decode(signature.strip(), validate=True)
    except ValueError:
        return False
    for master in (settings.master_key, *settings.previous_master_keys):
        try:
            _key(master.get_secret_value()).public_key().verify(raw, body)
        except InvalidSignature:
            continue
        return True
    return False


def _digest(archive: zipfile.ZipFile, name: str, size: int) -> str:
    """The hash of a file that has the size it should; nothing is read of one that has another."""
    if archive.getinfo(name).file_size != size:
        return ""
    digest = hashlib.sha256()
    with archive.open(name) as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
