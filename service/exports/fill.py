"""Making an export's file: what each format needs of a declaration, in order and in constant memory."""

import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any

import jsonschema
import sqlalchemy as sa

from service import pdf
from service.contract.records import Export, ExportScope
from service.exports import sql
from service.exports.catalogue import Offer
from service.exports.cells import TooManyRows, Value, scrub
from service.exports.csvfile import CsvWriter
from service.exports.models import ExportFile, ExportFormat
from service.exports.own import writing
from service.exports.writers import Writer, open_writer
from service.jobs.outbox import Refused
from service.unit import current

# Seconds between two reports of how far it is: the page asks every second.
REPORT_SECONDS = 0.5
Rows = Iterable[Sequence[Value]]


@dataclass
class Progress:
    """How far it is. `report` commits that, and raises when the work is no longer wanted."""

    report: Callable[[int, int], None]
    batch: int
    pause: float = 0
    total: int = 0
    done: int = 0
    _last: float = field(default=0.0)

    def expect(self, total: int) -> None:
        """Says how many rows there will be, before the first."""
        self.total = total
        self._tell()

    def step(self, rows: int) -> None:
        """Counts rows that were written. With a pause every batch is told, else a few times a second."""
        self.done += rows
        self.total = max(self.total, self.done)
        if self.pause or time.monotonic() - self._last >= REPORT_SECONDS:
            self._tell()
        if self.pause:
            time.sleep(self.pause)

    def _tell(self) -> None:
        self.report(self.done, self.total)
        self._last = time.monotonic()


def fill(offer: Offer, scope: ExportScope, row: ExportFile, path: Path, progress: Progress) -> None:
    """Writes the file. Raises Refused for more rows than the format holds, and whatever the plugin raises."""
    if row.format is ExportFormat.JSON:
        path.write_bytes(as_json(offer.export, scope))
    elif row.format is ExportFormat.PDF:
        path.write_bytes(_document(offer.export, scope))
    elif row.format is ExportFormat.ZIP:
        progress.done = writing.fill(row, path, progress.report)
    else:
        try:
            _tables(offer, scope, row, path, progress)
        except TooManyRows as error:
            raise Refused("too_many_rows") from error


def as_json(export: Export, scope: ExportScope) -> bytes:
    """Returns an export's tree as JSON, checked against its schema. Raises jsonschema's ValidationError, ValueError."""
    if export.tree is None or export.schema is None:
        raise ValueError("no tree or no schema")
    text = json.dumps(export.tree(scope), ensure_ascii=False, allow_nan=False, indent=1, default=_plain)
    kind = jsonschema.validators.validator_for(export.schema)
    kind(export.schema, format_checker=kind.FORMAT_CHECKER).validate(json.loads(text))
    return scrub(text.encode("utf-8", "surrogatepass"))


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, str) or not isinstance(value, Sequence):
        # Translated texts are of a class of their own.
        return str(value)
    return list(value)


def _document(export: Export, scope: ExportScope) -> bytes:
    if export.document is None:
        raise ValueError("no document")
    made = export.document(scope)
    return pdf.pdf(made.template, made.data, locale=scope.locale, title=made.title)


def _tables(offer: Offer, scope: ExportScope, row: ExportFile, path: Path, progress: Progress) -> None:
    export = offer.export
    if export.headers is None:
        raise ValueError("no headings")
    sheets = list(export.sheets(scope)) if export.sheets is not None and row.format is ExportFormat.XLSX else []
    progress.expect(_count(export, scope))
    writer = open_writer(
        row.format, path, locale=row.locale, title=str(export.title),
        headers=[str(title) for title in export.headers(scope)], kinds=offer.kinds(scope), made_at=row.created_at,
    )  # fmt: skip
    with writer:
        if not _by_database(export, scope, writer, progress):
            _write(writer, _rows(export, scope, progress.batch), progress)
        for sheet in sheets:
            if writer.sheet(str(sheet.title), [str(title) for title in sheet.headers], sheet.kinds):
                # What is counted is rows of the file's own table; a reader of "2,140 of 4,368" means those.
                for batch in _batches(sheet.rows(), progress.batch):
                    writer.rows(batch)
                    progress.step(0)


def _count(export: Export, scope: ExportScope) -> int:
    if export.count is not None:
        return export.count(scope)
    if export.select is None:
        return 0
    query = sa.select(sa.func.count()).select_from(export.select(scope).order_by(None).subquery())
    return current().session.scalar(query) or 0


def _by_database(export: Export, scope: ExportScope, writer: Writer, progress: Progress) -> bool:
    """Lets the database write the rows of a CSV. Returns False where it cannot."""
    if export.select is None or not isinstance(writer, CsvWriter):
        return False
    try:
        found = sql.chunks(current().connection, export.select(scope), comma=writer.separator == ";")
    except sql.NotByDatabase:
        return False
    for text, rows in found:
        writer.file.write(scrub(text))
        progress.step(rows)
    return True


def _rows(export: Export, scope: ExportScope, batch: int) -> Rows:
    if export.select is not None:
        options = {"yield_per": max(batch, sql.MANY)}
        return current().connection.execute(export.select(scope), execution_options=options)
    if export.rows is None:
        raise ValueError("no rows")
    return export.rows(scope)


def _write(writer: Writer, rows: Rows, progress: Progress) -> None:
    for batch in _batches(rows, progress.batch):
        writer.rows(batch)
        progress.step(len(batch))


def _batches(rows: Rows, size: int) -> Iterator[list[Sequence[Value]]]:
    following = iter(rows)
    while batch := list(islice(following, size)):
        yield batch
