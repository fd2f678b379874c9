"""The files of a copy, written as the rows come: one pass over them fills JSON and HTML, and what of them the PDF shows."""

import hashlib
import html
import json
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum
from typing import IO, Any
from uuid import UUID
from zipfile import ZipFile
from zoneinfo import ZoneInfo

from flask_babel import format_decimal, get_locale
from flask_babel import gettext as _

from service.contract.records import LeftOut, PersonalData
from service.exports.own import codes
from service.exports.own.words import column, is_for_people

# Of each kind the PDF shows this many rows; beyond them it says that the others stand in the two other files.
IN_PDF = 200
LONGEST_IN_PDF = 4000


class Entry:
    """One file of the archive: what is written to it is counted and hashed on the way."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._digest = hashlib.sha256()
        self.size = 0

    def write(self, text: str | bytes) -> None:
        """Writes a piece."""
        raw = text.encode() if isinstance(text, str) else text
        self._file.write(raw)
        self._digest.update(raw)
        self.size += len(raw)

    @property
    def told(self) -> Mapping[str, Any]:
        """What the manifest says of it."""
        return {"sha256": self._digest.hexdigest(), "size": self.size}


@dataclass
class Archive:
    """The ZIP while it is written, and what its manifest is to say."""

    zip: ZipFile
    files: dict[str, Mapping[str, Any]] = field(default_factory=dict)

    @contextmanager
    def entry(self, name: str) -> Iterator[Entry]:
        """Opens one file of it. One at a time: that is how a ZIP is written."""
        with self.zip.open(name, "w", force_zip64=True) as file:
            entry = Entry(file)
            yield entry
        self.files[name] = entry.told

    def add(self, name: str, body: bytes) -> None:
        """Adds a whole file."""
        with self.entry(name) as entry:
            entry.write(body)


def plain(value: Any) -> Any:
    """Returns a value as JSON can say it."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, bytes):
        return None
    return value if value is None or isinstance(value, (str, int, float, bool, list, dict)) else str(value)


def clean(row: Mapping[str, Any]) -> dict[str, Any]:
    """Returns a row as JSON can say it."""
    return {name: plain(value) for name, value in row.items()}


def as_json(row: Mapping[str, Any]) -> str:
    """Returns a row in one line of JSON."""
    return json.dumps(clean(row), ensure_ascii=False, default=plain)


def words(row: Mapping[str, Any], zone: str, coded: AbstractSet[str]) -> list[tuple[str, str]]:
    """Returns a row as people read it: each filled column by its name, in the language of the copy.

    `coded` are the columns whose values are words of ours (`codes.coded`).
    """
    locale = str(get_locale())
    return [
        (column(name), text)
        for name, value in row.items()
        if is_for_people(name, locale) and (text := _said(name, value, zone, coded))
    ]


def _said(name: str, value: Any, zone: str, coded: AbstractSet[str]) -> str:
    if name == "starts_at" and isinstance(value, int):  # minutes after midnight
        return f"{value // 60:02d}:{value % 60:02d}"
    text = _text(value, zone)
    return codes.words(name, text) if name in coded and isinstance(value, (str, Enum)) else text


def _text(value: Any, zone: str) -> str:
    if value is None or value == "" or isinstance(value, bytes):
        return ""
    if isinstance(value, (Mapping, list, tuple)):
        return _lines(value, zone)
    if isinstance(value, bool):
        return str(_("yes") if value else _("no"))
    if isinstance(value, datetime):
        return value.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M")
    if isinstance(value, float):
        return str(format_decimal(value, "#,##0.##"))
    return str(plain(value))


def _lines(value: Mapping[str, Any] | Sequence[Any], zone: str) -> str:
    if isinstance(value, Mapping):
        return "\n".join(_entry(name, one, zone) for name, one in value.items())
    return "\n".join(_text(one, zone) for one in value)


def _entry(name: Any, value: Any, zone: str) -> str:
    """One line of a mapping: a statement with its answer, else a name with its value."""
    if isinstance(value, Mapping):
        return ": ".join(_text(one, zone) for one in value.values())
    return f"{name}: {_text(value, zone)}"


def html_head(title: str, locale: str) -> str:
    """Returns the beginning of a page that needs nothing but itself."""
    return (
        f'<!doctype html>\n<html lang="{locale}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f"<title>{html.escape(title)}</title><style>"
        "body{font:1rem/1.5 sans-serif;max-width:48rem;margin:2rem auto;padding:0 1rem}"
        "dt{color:#4c5956;font-size:.9rem}dd{margin:0 0 .25rem;white-space:pre-wrap;overflow-wrap:anywhere}"
        "dl{border-top:1px solid #d6dedb;padding-top:.5rem;margin:.5rem 0}"
        "@media(min-width:36rem){dl{display:grid;grid-template-columns:12rem minmax(0,1fr);gap:0 1rem}}</style></head>"
        f"<body><main><h1>{html.escape(title)}</h1>\n"
    )


HTML_END = "</main></body></html>\n"


def html_row(told: Sequence[tuple[str, str]]) -> str:
    """Returns a row as a list of names and values."""
    return "<dl>" + "".join(f"<dt>{html.escape(k)}</dt><dd>{html.escape(v)}</dd>" for k, v in told) + "</dl>\n"


def heading(level: int, text: str) -> str:
    """Returns a heading."""
    return f"<h{level}>{html.escape(text)}</h{level}>\n"


def left_out_lines(found: Sequence[LeftOut]) -> list[dict[str, Any]]:
    """Returns what is left out, as words."""
    return [
        {"what": str(one.title), "number": one.number or None, "why": str(one.why), "state": str(one.state)}
        for one in found
    ]


def title_of(kind: PersonalData) -> str:
    """Returns what people call a kind of row."""
    return str(kind.title or kind.name.replace("_", " "))
