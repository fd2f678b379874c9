"""Instruments as data: one YAML text per version, read with every check of its schema, refused with all that is wrong.

Those in this folder come with the plugin and are read at start. What a rating or measurement was made with is known by
key, version and the SHA-256 of the text's canonical JSON.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from plugins.group_maturity.instruments.fitting import problems
from plugins.group_maturity.instruments.lines import Lines, Problem, UniqueKeys, unreadable
from plugins.group_maturity.instruments.schema import Instrument
from plugins.group_maturity.instruments.words import in_words

OWN = "stegvis.gm24"
# Far more than 60 statements in three languages need; what is longer is not read at all.
MAX_BYTES = 200_000
# An instrument has parts within parts four deep. Reading thousands would take minutes.
MAX_DEPTH = 12


class InstrumentRefused(Exception):
    """An instrument that does not fit; `problems` says where and why, all of it."""

    def __init__(self, problems: Sequence[Problem], name: str = "") -> None:
        super().__init__("; ".join([*([f"instrument {name}"] if name else []), *map(str, problems)]))
        self.problems = tuple(problems)


def parse(source: str) -> Instrument:
    """Returns the instrument in a YAML text. Raises InstrumentRefused with every place and reason."""
    data, canonical, lines = _read(source)
    status = data.get("translation_status")
    languages = set(status) if isinstance(status, dict) else set()
    try:
        found = Instrument.model_validate_json(canonical, context={"languages": languages})
    except ValidationError as error:
        told = [lines.problem(tuple(one["loc"]), in_words(one)) for one in error.errors()]
        raise InstrumentRefused(sorted(told, key=lambda problem: problem.line)) from error
    wrong = [lines.problem(place, why) for place, why in problems(found)]
    if wrong:
        raise InstrumentRefused(sorted(wrong, key=lambda problem: problem.line))
    return found.model_copy(update={"sha256": hashlib.sha256(canonical).hexdigest()})


def _read(source: str) -> tuple[dict[str, Any], bytes, Lines]:
    try:
        data = _loaded(source)
        text = json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
        return data, text.encode(), Lines(source)
    except (yaml.YAMLError, TypeError, ValueError) as error:
        raise InstrumentRefused([unreadable(error)]) from error


def _loaded(source: str) -> dict[str, Any]:
    if len(source.encode()) > MAX_BYTES:
        raise ValueError(f"longer than {MAX_BYTES} bytes")
    _look_through(source)
    data = yaml.load(source, UniqueKeys)  # noqa: S506 - a SafeLoader
    if not isinstance(data, dict):
        raise TypeError("it holds no parts with names")
    return data


def _look_through(source: str) -> None:
    """Raises ValueError at the first thing that would make a small text a large one, or a slow one, before it is built."""
    depth = 0
    for event in yaml.parse(source, Loader=yaml.SafeLoader):
        if event.__class__ is yaml.AliasEvent:
            raise ValueError("it refers to another part of itself; write it out")
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH:
            raise ValueError(f"it has parts within parts more than {MAX_DEPTH} deep")


def read_folder(folder: Path) -> dict[tuple[str, str], Instrument]:
    """Reads every instrument in a folder, by key and version. Raises InstrumentRefused naming the file."""
    found: dict[tuple[str, str], Instrument] = {}
    for path in sorted(folder.glob("*.yaml")):
        try:
            instrument = parse(path.read_text(encoding="utf-8"))
        except InstrumentRefused as error:
            raise InstrumentRefused(error.problems, path.name) from error
        if path.name != f"{instrument.key}-{instrument.version}.yaml":
            wrong = Problem(1, "file", "the file is not named after its key and version")
            raise InstrumentRefused([wrong], path.name)
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
