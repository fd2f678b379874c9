"""Writing rows in a format that holds tables, in constant memory, safe against formulas."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from service.exports.cells import MIME, TooManyRows, Value, clean, disarm
from service.exports.csvfile import CsvWriter
from service.exports.models import ExportFormat
from service.exports.xlsx import XlsxWriter

__all__ = ["MIME", "TooManyRows", "Value", "Writer", "clean", "disarm", "open_writer"]


class Writer(Protocol):
    """Takes rows in order; leaving the block completes the file, an exception leaves it incomplete."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def rows(self, batch: Sequence[Sequence[Value]]) -> None:
        """Writes rows. Raises TooManyRows where the format ends."""

    def sheet(self, title: str, headers: Sequence[str], kinds: Sequence[str]) -> bool:
        """Begins a further table. Returns False, and does nothing, where the format holds one."""


def open_writer(
    format_: ExportFormat, path: Path, *, locale: str, title: str, headers: Sequence[str], kinds: Sequence[str],
    made_at: datetime,
) -> Writer:  # fmt: skip
    """Returns the writer for a format. `kinds` are the columns' (text, number, minutes, date, share), or fewer."""
    if format_ is ExportFormat.XLSX:
        return XlsxWriter(path, title, headers, kinds, made_at)
    return CsvWriter(path, locale, headers)
