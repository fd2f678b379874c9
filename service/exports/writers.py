"""Writing rows as CSV or XLSX, one at a time, in constant memory, safe against formulas.

A spreadsheet takes a text that begins like a formula for one, whoever wrote it (CWE-1236). In CSV such a text gets an
apostrophe before it; in XLSX texts are written as texts and never as formulas or links. See OWASP ASVS 5.0, 1.2.10.
"""

import re
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

from service.exports.models import ExportFormat

Value = str | int | float | date | None

# Control characters, which XML cannot hold and spreadsheets act on (tab and line ends stay), and lone surrogates.
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff\ud800-\udfff]")
# What may stand before the sign and yet be read as a formula: spaces, quotes, invisible characters.
_LEAD = " \t\r\n\v\f\"'`\u00a0\u1680\u180e\u2000-\u200f\u2028-\u202f\u205f-\u2064\u3000\ufeff\u2018\u2019\u201c\u201d"
_FORMULA = re.compile(f"[{_LEAD}]*[=+\\-@\uff1d\uff0b\uff0d\uff20]|[\t\r\n]")
DECIMAL_COMMA = frozenset({"sv", "lv"})
MAX_XLSX_ROWS = 1_048_576
MAX_XLSX_TEXT = 32_767
WIDEST, NARROWEST = 40, 12
MIME = {
    ExportFormat.CSV: "text/csv; charset=utf-8",
    ExportFormat.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ExportFormat.ZIP: "application/zip",
}


class TooManyRows(Exception):
    """More rows than the format can hold."""


class Writer(Protocol):
    """Takes rows in order; leaving the block completes the file, an exception leaves it incomplete."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def row(self, values: Sequence[Value]) -> None:
        """Writes one row."""


def clean(text: str) -> str:
    """Returns a text without control characters and lone surrogates."""
    return _CONTROL.sub("", text)


def disarm(text: str) -> str:
    """Returns a text that no spreadsheet reads as a formula: an apostrophe before one that begins like it."""
    text = clean(text)
    return "'" + text if _FORMULA.match(text) else text


class CsvWriter:
    """UTF-8 with a byte order mark, which spreadsheets need; a semicolon where the comma is decimal."""

    def __init__(self, path: Path, locale: str, headers: Sequence[str]) -> None:
        self._comma = locale in DECIMAL_COMMA
        self._separator = ";" if self._comma else ","
        self._path, self._headers = path, headers

    def __enter__(self) -> Self:
        self._file = self._path.open("w", encoding="utf-8-sig", newline="")
        self.row(self._headers)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def row(self, values: Sequence[Value]) -> None:
        """Writes one row: every text in quotes, numbers and dates bare."""
        self._file.write(self._separator.join(map(self._cell, values)) + "\r\n")

    def _cell(self, value: Value) -> str:
        if value is None:
            return ""
        if isinstance(value, bool | str):
            return '"' + disarm(str(value)).replace('"', '""') + '"'
        if isinstance(value, float):
            text = f"{value:.10g}"
            return text.replace(".", ",") if self._comma else text
        return str(value)


class XlsxWriter:
    """A workbook with one sheet: bold headings that stay in view, dates as dates, texts as texts."""

    def __init__(self, path: Path, headers: Sequence[str], kinds: Sequence[str], made_at: datetime) -> None:
        from xlsxwriter import Workbook  # noqa: PLC0415 - the pages write no files

        options = {
            "constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False,
            "strings_to_numbers": False, "tmpdir": str(path.parent), "remove_timezone": True,
        }  # fmt: skip
        self._book = Workbook(str(path), options)
        # The moment it was asked for, not written: so that a repeated attempt gives the same file.
        self._book.set_properties({"created": made_at.replace(tzinfo=None, microsecond=0)})
        self._sheet = self._book.add_worksheet()
        self._formats = {
            "date": self._book.add_format({"num_format": "yyyy-mm-dd"}),
            "share": self._book.add_format({"num_format": "0%"}),
        }
        self._bold = self._book.add_format({"bold": True})
        self._headers, self._kinds, self._next = headers, kinds, 0

    def __enter__(self) -> Self:
        for column, title in enumerate(self._headers):
            self._sheet.set_column(column, column, min(WIDEST, max(NARROWEST, len(title) + 2)))
        self._sheet.freeze_panes(1, 0)
        for column, title in enumerate(self._headers):
            self._sheet.write_string(0, column, clean(title), self._bold)
        self._next = 1
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # Closing also removes the writer's own temporary files; what it wrote is thrown away after an exception.
        self._book.close()

    def row(self, values: Sequence[Value]) -> None:
        """Writes one row. Raises TooManyRows where the format ends."""
        if self._next >= MAX_XLSX_ROWS:
            raise TooManyRows
        for column, value in enumerate(values):
            self._cell(self._next, column, value)
        self._next += 1

    def _cell(self, row: int, column: int, value: Any) -> None:
        if value is None:
            return
        if isinstance(value, bool | str):
            self._sheet.write_string(row, column, clean(str(value))[:MAX_XLSX_TEXT])
        elif isinstance(value, date):
            moment = value if isinstance(value, datetime) else datetime(value.year, value.month, value.day)  # noqa: DTZ001
            self._sheet.write_datetime(row, column, moment, self._formats["date"])
        else:
            kind = self._kinds[column] if column < len(self._kinds) else ""
            self._sheet.write_number(row, column, value, self._formats.get(kind))


def open_writer(
    format_: ExportFormat, path: Path, *, locale: str, headers: Sequence[str], kinds: Sequence[str], made_at: datetime
) -> Writer:
    """Returns the writer for a format. `kinds` are the columns' (text, number, minutes, date, share), or fewer."""
    if format_ is ExportFormat.XLSX:
        return XlsxWriter(path, headers, kinds, made_at)
    return CsvWriter(path, locale, headers)
