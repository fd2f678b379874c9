"""Instruments as data: one YAML file per version in this folder, read at start and refused when anything does not fit.

What a rating was made with is known by key, version and the SHA-256 of the file's canonical JSON.
"""

import hashlib
import json
from collections.abc import Hashable, Mapping
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from plugins.group_maturity.instruments.schema import Instrument

OWN = "stegvis.gm24"


class InstrumentRefused(Exception):
    """An instrument file that does not fit; the message says where and why."""


class _UniqueKeys(yaml.SafeLoader):
    """Plain YAML without tags that make objects, and without the silent last-one-wins of doubled keys."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:  # noqa: FBT001, FBT002 - as its base
        """Builds a mapping; refuses a key that stands twice or is not text."""
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        for key in keys:
            if not isinstance(key, str) or keys.count(key) > 1:
                raise InstrumentRefused(f"line {node.start_mark.line + 1}: the key {key!r} is not text or stands twice")
        return super().construct_mapping(node, deep=deep)


def parse(source: str) -> Instrument:
    """Returns the instrument in a YAML text. Raises InstrumentRefused with the place and the reason."""
    try:
        data = yaml.load(source, _UniqueKeys)  # noqa: S506 - a SafeLoader
        text = json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
        canonical = text.encode()
    except (yaml.YAMLError, TypeError, ValueError) as error:
        raise InstrumentRefused(f"not readable: {error}") from error
    status = data.get("translation_status") if isinstance(data, dict) else None
    languages = set(status) if isinstance(status, dict) else set()
    try:
        found = Instrument.model_validate_json(canonical, context={"languages": languages})
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "the whole"
        raise InstrumentRefused(f"{place}: {first['msg']}") from error
    if found.sha256:
        raise InstrumentRefused("sha256: is computed, never written")
    return found.model_copy(update={"sha256": hashlib.sha256(canonical).hexdigest()})


def read_folder(folder: Path) -> dict[tuple[str, str], Instrument]:
    """Reads every instrument in a folder, by key and version. Raises InstrumentRefused naming the file."""
    found: dict[tuple[str, str], Instrument] = {}
    for path in sorted(folder.glob("*.yaml")):
        try:
            instrument = parse(path.read_text(encoding="utf-8"))
        except InstrumentRefused as error:
            raise InstrumentRefused(f"instrument {path.name}: {error}") from error
        if path.name != f"{instrument.key}-{instrument.version}.yaml":
            raise InstrumentRefused(f"instrument {path.name}: the file is not named after its key and version")
        found[instrument.key, instrument.version] = instrument
    return found


def newest(library: Mapping[tuple[str, str], Instrument], key: str) -> Instrument:
    """Returns the highest version of an instrument. Raises LookupError when there is none."""
    versions = [instrument for instrument in library.values() if instrument.key == key]
    if not versions:
        raise LookupError(f"there is no instrument {key}")
    return max(versions, key=lambda instrument: instrument.precedence)


# Read with the plugin, so that a file that does not fit stops the start.
LIBRARY = read_folder(Path(__file__).parent)
