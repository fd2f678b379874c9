"""What a cell may hold: texts without control characters, and nothing that a spreadsheet takes for a formula.

A spreadsheet takes a text that begins like a formula for one, whoever wrote it (CWE-1236). In CSV such a text gets an
apostrophe before it; in a workbook it is written as text and marked so. See OWASP ASVS 5.0, 1.2.10.
"""

import re
from datetime import date

from service.exports.models import ExportFormat

Value = str | int | float | date | None

# Control characters, which XML cannot hold and spreadsheets act on (tab and line ends stay), and lone surrogates.
CONTROLS = "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff\ud800-\udfff"
# What may stand before the sign and yet be read as a formula: spaces, quotes, invisible characters.
LEADS = " \t\r\n\v\f\"'`\u00a0\u1680\u180e\u2000-\u200f\u2028-\u202f\u205f-\u2064\u3000\ufeff\u2018\u2019\u201c\u201d"
SIGNS = "=+\\-@\uff1d\uff0b\uff0d\uff20"
ENDS = "\t\r\n"

_CONTROL = re.compile(f"[{CONTROLS}]")
# Looks through control characters: they are taken out later, and must not hide a sign until then.
_FORMULA = re.compile(f"[{LEADS}{CONTROLS}]*[{SIGNS}]|[{CONTROLS}]*[{ENDS}]")
# The same control characters in UTF-8: those of one byte, and the longer ones.
_ONE_BYTE = bytes(sign for sign in (*range(0x20), 0x7F) if sign not in b"\t\r\n")
_LONGER = re.compile(b"\xc2[\x80-\x9f]|\xef\xbf[\xbe\xbf]|\xed[\xa0-\xbf][\x80-\xbf]")

DECIMAL_COMMA = frozenset({"sv", "lv"})
MIME = {
    ExportFormat.CSV: "text/csv; charset=utf-8",
    ExportFormat.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ExportFormat.JSON: "application/json",
    ExportFormat.PDF: "application/pdf",
    ExportFormat.ZIP: "application/zip",
}


class TooManyRows(Exception):
    """More rows than the format can hold."""


def clean(text: str) -> str:
    """Returns a text without control characters and lone surrogates."""
    return _CONTROL.sub("", text)


def like_formula(text: str) -> bool:
    """Tells whether a text, once it is clean, begins as a spreadsheet's formula may."""
    return not text[:1].isalnum() and _FORMULA.match(text) is not None


def disarm(text: str) -> str:
    """Returns a text that no spreadsheet reads as a formula: an apostrophe before one that begins like it."""
    return "'" + clean(text) if like_formula(text) else clean(text)


def scrub(written: bytes) -> bytes:
    """Returns what is written, in UTF-8 with lone surrogates let through, without control characters.

    For whole rows at once: many times quicker than each text by itself.
    """
    kept = written.translate(None, _ONE_BYTE)
    # Each begins one of the longer ones, and is rare in what people write.
    return _LONGER.sub(b"", kept) if b"\xc2" in kept or b"\xef" in kept or b"\xed" in kept else kept
