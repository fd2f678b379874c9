"""Writing rows as CSV: UTF-8 with a byte order mark, which spreadsheets need; a semicolon where the comma is decimal.

Every text stands in quotes, numbers and dates are bare, nothing is nothing. `sql.py` lets the database write the same.
"""

from collections.abc import Sequence
from math import inf
from pathlib import Path
from types import TracebackType
from typing import Self

from service.exports.cells import DECIMAL_COMMA, Value, like_formula, scrub

BOM = b"\xef\xbb\xbf"
END = "\r\n"
# From here on programs disagree on the shortest digits (and a spreadsheet keeps fifteen).
HUGE = 1e15


class CsvWriter:
    """Takes rows in order; leaving the block completes the file."""

    def __init__(self, path: Path, locale: str, headers: Sequence[str]) -> None:
        self._comma = locale in DECIMAL_COMMA
        self.separator = ";" if self._comma else ","
        self._path, self._headers = path, headers

    def __enter__(self) -> Self:
        self.file = self._path.open("wb")
        self.file.write(BOM)
        self.rows([self._headers])
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.file.close()

    def sheet(self, title: str, headers: Sequence[str], kinds: Sequence[str]) -> bool:  # noqa: ARG002 - as a workbook's
        """Returns False: the format holds one table."""
        return False

    def rows(self, batch: Sequence[Sequence[Value]]) -> None:
        """Writes rows."""
        cell, separator = self._cell, self.separator
        text = "".join([separator.join(map(cell, values)) + END for values in batch])
        self.file.write(scrub(text.encode("utf-8", "surrogatepass")))

    def _cell(self, value: Value) -> str:
        kind = type(value)
        if kind is str:
            return quoted(value)  # type: ignore[arg-type]  # said by the line above
        if kind is int:
            return str(value)
        if value is None:
            return ""
        if kind is float:
            text = decimal(value)  # type: ignore[arg-type]  # as above
            return text.replace(".", ",") if self._comma else text
        # A truth or a member of an enumeration is a text; what is left are dates.
        return quoted(str(value)) if isinstance(value, bool | str) else str(value)


def quoted(text: str) -> str:
    """Returns a text as it stands in the file, but for control characters."""
    if '"' in text:
        inside = text.replace('"', '""')
        return f'"\'{inside}"' if like_formula(text) else f'"{inside}"'
    return f'"{text}"' if text[:1].isalnum() or not like_formula(text) else f'"\'{text}"'


def decimal(number: float) -> str:
    """Returns a number with as few digits as tell it from every other; a huge one with fifteen. There is one zero."""
    if HUGE <= abs(number) < inf:
        return f"{number:.14e}"
    text = repr(number)
    if text.endswith(".0"):
        return "0" if text == "-0.0" else text[:-2]
    return text
