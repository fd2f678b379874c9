"""Writing rows as a workbook, in constant memory: a stream of XML into a ZIP, with texts, numbers and dates and no more.

Texts stand in their cells ("inline strings") and are marked as texts where they begin like a formula; nothing here can
write a formula, a link or a macro. Each sheet has a bold row of headings that stays in view. See ECMA-376, part 1, 18.3
(worksheets) and 18.8 (styles). The same rows give the same file. XlsxWriter takes five times as long.
"""

import re
import zipfile
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from datetime import date, datetime
from itertools import chain, repeat
from math import isfinite
from pathlib import Path
from types import NoneType, TracebackType
from typing import IO, Any, Self
from xml.sax.saxutils import escape

from service.exports import xlsx_parts as parts
from service.exports.cells import CONTROLS, TooManyRows, Value, clean, like_formula

MAX_ROWS = 1_048_576
MAX_TEXT = 32_767
MAX_SHEET_TITLE = 31
# Bytes of XML that are packed at once, by a thread beside the one that makes them: zlib lets go of the interpreter.
ENOUGH = 1 << 18
_TO_ESCAPE = re.compile(f"[&<>\\r{CONTROLS}]|_x[0-9A-Fa-f]{{4}}_")
# Excel reads `_x0041_` as the character of that number.
_NUMBERED = re.compile("_(x[0-9A-Fa-f]{4}_)")
_NO_TITLE = re.compile(r"[\[\]:*?/\\]")
EPOCH = date(1899, 12, 30).toordinal()
# Before this day spreadsheets disagree on what a number of days means.
FIRST_DAY = date(1900, 3, 1)
DAY_SECONDS = 86_400
EMPTY = "<c/>"


class XlsxWriter:
    """A workbook. Rows go to the sheet that was begun last; leaving the block completes the file."""

    def __init__(self, path: Path, title: str, headers: Sequence[str], kinds: Sequence[str], made_at: datetime) -> None:
        self._path, self._first, self._made_at = path, (title, headers, kinds), made_at
        self._titles: list[str] = []
        self._sheet: IO[bytes] | None = None
        self._packer = ThreadPoolExecutor(1, "xlsx")
        self._packed: Future[Any] | None = None

    def __enter__(self) -> Self:
        self._zip = zipfile.ZipFile(self._path, "w", zipfile.ZIP_DEFLATED, compresslevel=1)
        self.sheet(*self._first)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self._complete()
        finally:
            self._packer.shutdown()
            for part in (self._sheet, self._zip):
                # What is thrown away may well be incomplete; what went wrong first is what is told.
                with suppress(OSError, ValueError):
                    if part is not None:
                        part.close()

    def _complete(self) -> None:
        self._end_sheet()
        for name, content in parts.around(self._titles, self._first[0], self._made_at):
            with self._zip.open(self._entry(name), "w") as part:
                part.write(content.encode())
        self._zip.close()

    def sheet(self, title: str, headers: Sequence[str], kinds: Sequence[str]) -> bool:
        """Begins a further sheet. Returns True: the format holds several."""
        self._end_sheet()
        self._titles.append(self._free_title(title))
        entry = self._entry(f"xl/worksheets/sheet{len(self._titles)}.xml")
        self._sheet = self._zip.open(entry, "w", force_zip64=True)
        self._pending: list[str] = []
        self._size, self._row = 0, 1
        self._headers: Sequence[str] | None = headers
        self._styles = [parts.KIND_STYLES.get(kind, "") for kind in kinds]
        return True

    def _begin(self, batch: Sequence[Sequence[Value]]) -> None:
        """Begins the sheet with its headings; columns are as wide as the longest there and in the first rows."""
        if self._headers is None:
            return
        columns = zip(self._headers, *batch, strict=False)
        lengths = [max(len(str(value)) for value in column if value is not None) for column in columns]
        heads = "".join([_text(header, parts.BOLD) for header in self._headers])
        self._pending += [parts.sheet_begin(lengths, first=len(self._titles) == 1), f'<row r="1">{heads}</row>']
        self._headers = None

    def rows(self, batch: Sequence[Sequence[Value]]) -> None:
        """Writes rows. Raises TooManyRows where the format ends."""
        if self._row + len(batch) > MAX_ROWS:
            raise TooManyRows
        self._begin(batch)
        columns = [
            _column(column, style)
            for column, style in zip(zip(*batch, strict=True), chain(self._styles, repeat("")), strict=False)
        ]
        self._row += len(batch)
        self._put("<row>" + "</row><row>".join(map("".join, zip(*columns, strict=True))) + "</row>")

    def _put(self, text: str) -> None:
        self._pending.append(text)
        self._size += len(text)
        if self._size >= ENOUGH:
            self._pack()

    def _pack(self) -> None:
        """Hands over what has been made, once what was handed over before is packed: never more than twice in memory."""
        made, self._pending, self._size = "".join(self._pending), [], 0
        if self._packed is not None:
            self._packed.result()
        sheet = self._sheet
        self._packed = self._packer.submit(lambda: sheet and sheet.write(made.encode()))

    def _end_sheet(self) -> None:
        if self._sheet is None:
            return
        self._begin([])
        self._pending.append(parts.SHEET_END)
        self._pack()
        if self._packed is not None:
            self._packed.result()
        self._packed = None
        self._sheet.close()
        self._sheet = None

    def _entry(self, name: str) -> zipfile.ZipInfo:
        # The moment it was asked for, not written: so that a repeated attempt gives the same file.
        entry = zipfile.ZipInfo(name, self._made_at.timetuple()[:6])
        entry.compress_type = zipfile.ZIP_DEFLATED
        entry._compresslevel = 1  # type: ignore[attr-defined]  # noqa: SLF001 - without a public name before Python 3.13
        return entry

    def _free_title(self, title: str) -> str:
        """Returns a title that a sheet may have and no other sheet has."""
        plain = " ".join(_NO_TITLE.sub(" ", clean(title)).split()).strip("'")[:MAX_SHEET_TITLE] or "1"
        taken = {known.casefold() for known in self._titles}
        number, free = 2, plain
        while free.casefold() in taken:
            free = f"{plain[: MAX_SHEET_TITLE - 3]} {number}"
            number += 1
        return free


def _column(values: Sequence[Any], style: str) -> Sequence[str]:
    """Returns a column of one batch as cells: what is of one type goes the quick way."""
    kinds = set(map(type, values)) - {NoneType}
    if kinds == {str}:
        known = [text for text in values if text is not None]
        if not _TO_ESCAPE.search("\n".join(known)) and max(map(len, known)) <= MAX_TEXT:
            return [EMPTY if text is None else _plain(text) for text in values]
        return [EMPTY if text is None else _text(text) for text in values]
    if kinds == {int}:
        return [EMPTY if value is None else f"<c{style}><v>{value}</v></c>" for value in values]
    return [_cell(value, style) for value in values]


def _cell(value: Value, style: str) -> str:
    if value is None:
        return EMPTY
    if isinstance(value, bool | str):
        return _text(str(value))
    if isinstance(value, int | float):
        return f"<c{style}><v>{value!r}</v></c>" if isfinite(value) else _text(str(value))
    return _date(value)


def _plain(text: str) -> str:
    """Returns a cell of a text in which nothing has to be escaped."""
    if text[:1].isalnum() and not text[-1:].isspace():
        return f'<c t="inlineStr"><is><t>{text}</t></is></c>'
    style = parts.AS_TEXT if like_formula(text) else ""
    return f'<c{style} t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'


def _text(text: str, style: str = "") -> str:
    """Returns a cell of any text."""
    if _TO_ESCAPE.search(text) or len(text) > MAX_TEXT:
        text = clean(text.replace("\r\n", "\n").replace("\r", "\n"))[:MAX_TEXT]
    style = parts.AS_TEXT if not style and like_formula(text) else style
    inside = escape(_NUMBERED.sub(r"_x005F_\1", text))
    return f'<c{style} t="inlineStr"><is><t xml:space="preserve">{inside}</t></is></c>'


def _date(value: date) -> str:
    day = value.date() if isinstance(value, datetime) else value
    if day < FIRST_DAY:
        return _text(value.isoformat())
    if not isinstance(value, datetime):
        return f"<c{parts.DATE}><v>{value.toordinal() - EPOCH}</v></c>"
    seconds = (value.replace(tzinfo=None) - datetime.combine(day, datetime.min.time())).total_seconds()
    return f"<c{parts.MOMENT}><v>{day.toordinal() - EPOCH + seconds / DAY_SECONDS!r}</v></c>"
