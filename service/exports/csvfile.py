"""Writing rows as CSV: UTF-8 with a byte order mark, which spreadsheets need; a semicolon where the comma is decimal.

Every text stands in quotes, numbers and dates are bare, nothing is nothing. `sql.py` lets the database write the same.
"""

from collections.abc import Sequence
from datetime import date
from math import inf
from pathlib import Path
from types import NoneType, TracebackType
from typing import Any, Self

from service.exports.cells import DECIMAL_COMMA, Value, like_formula, scrub

BOM = b"\xef\xbb\xbf"
END = "\r\n"
# From here on programs disagree on the shortest digits (and a spreadsheet keeps fifteen).
HUGE = 1e15


class _Days(dict[date | None, str]):
    """Dates as they stand in the file: the same few come again and again."""

    def __missing__(self, day: date) -> str:
        written = self[day] = str(day)
        return written


class CsvWriter:
    """Takes rows in order; leaving the block completes the file."""

    def __init__(self, path: Path, locale: str, headers: Sequence[str]) -> None:
        self._comma = locale in DECIMAL_COMMA
        self.separator = ";" if self._comma else ","
        self._path, self._headers = path, headers
        self._days = _Days({None: ""})

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
        columns = [self._column(column) for column in zip(*batch, strict=True)]
        text = END.join(map(self.separator.join, zip(*columns, strict=True)))
        self.file.write(scrub((text + END).encode("utf-8", "surrogatepass")))

    def _column(self, values: Sequence[Any]) -> Sequence[str]:
        """Returns a column of one batch as it stands in the file: what is of one type goes the quick way."""
        kinds = set(map(type, values))
        whole = NoneType not in kinds
        kinds.discard(NoneType)
        if kinds == {str}:
            return texts(values, whole=whole)
        if kinds == {float}:
            return decimals(values, comma=self._comma) if whole else list(map(self._cell, values))
        if kinds == {int} and whole:
            return [str(value) for value in values]
        if kinds == {date}:
            return [self._days[day] for day in values]
        return list(map(self._cell, values))

    def _cell(self, value: Value) -> str:
        if value is None:
            return ""
        if isinstance(value, float):
            text = decimal(value)
            return text.replace(".", ",") if self._comma else text
        # A truth or a member of an enumeration is a text; what is left are numbers and dates.
        return quoted(str(value)) if isinstance(value, bool | str) else str(value)


def texts(values: Sequence[str | None], *, whole: bool) -> Sequence[str]:
    """Returns texts as they stand in the file, but for control characters; `whole` when nothing is missing."""
    present: Sequence[Any] = values if whole else [text for text in values if text is not None]
    if '"' in "".join(present):
        written = [quoted(text) for text in present]
    else:
        written = [f'"{text}"' if text[:1].isalnum() else quoted(text) for text in present]
    if whole:
        return written
    following = iter(written)
    return ["" if text is None else next(following) for text in values]


def quoted(text: str) -> str:
    """Returns a text as it stands in the file, but for control characters."""
    if '"' in text:
        inside = text.replace('"', '""')
        return f'"\'{inside}"' if like_formula(text) else f'"{inside}"'
    return f'"{text}"' if text[:1].isalnum() or not like_formula(text) else f'"\'{text}"'


def decimals(numbers: Sequence[float], *, comma: bool) -> Sequence[str]:
    """Returns numbers as `decimal` writes them, many at once."""
    text = "\n".join(map(repr, numbers)) + "\n"
    # Where there is a zero below nothing or a huge number, each by itself.
    if "-0.0\n" in text or not -HUGE < min(numbers) <= max(numbers) < HUGE:
        text = "\n".join(map(decimal, numbers)) + "\n"
    else:
        text = text.replace(".0\n", "\n")
    return (text.replace(".", ",") if comma else text).split("\n")[:-1]


def decimal(number: float) -> str:
    """Returns a number with as few digits as tell it from every other; a huge one with fifteen. There is one zero."""
    if HUGE <= abs(number) < inf:
        return f"{number:.14e}"
    text = repr(number + 0.0)
    return text[:-2] if text[-2:] == ".0" else text
