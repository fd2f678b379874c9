"""The export page: what is being written, one's own files, and asking for a new one."""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from flask import Blueprint, Response, make_response, redirect, request, url_for
from flask_babel import gettext as _

from service.access import requires
from service.clock import local_date
from service.cohorts.current import InCohort, stay
from service.core import core
from service.errors import Busy, Gone, NotFound, Refusal
from service.exports import catalogue, names, operations, tickets
from service.exports.catalogue import Offer
from service.exports.cells import MIME
from service.exports.forms import FORMATS, NewExport
from service.exports.models import ExportFile, ExportFormat
from service.exports.operations import OPEN
from service.exports.own import offer as own
from service.exports.store import Away, Damaged, open_store, verified
from service.jobs import bell
from service.web import page, partial

PERMISSION = "core.exports"
log = structlog.get_logger("stegvis.exports")


@dataclass(frozen=True)
class Line:
    """An export as the page shows it."""

    row: ExportFile
    title: Any
    contains: Any
    format: str

    @property
    def is_open(self) -> bool:
        """True while it waits or is written."""
        return self.row.state in OPEN

    @property
    def has_rows(self) -> bool:
        """True for a file of rows, of which one can say how many are done."""
        return self.row.format in {ExportFormat.CSV, ExportFormat.XLSX, ExportFormat.ZIP}

    @property
    def can_fetch(self) -> bool:
        """True while there is a file that may be fetched once more."""
        return operations.can_fetch(self.row)

    @property
    def failed_because(self) -> str:
        """Why it was not written, in a sentence."""
        known = {
            "disk": _("The disk was full or could not be written. Nothing has been lost."),
            "role": _("Your role changed in the meantime."),
            "plugin_off": _("This part was switched off in the meantime."),
            "not_offered": _("This part was switched off in the meantime."),
            "too_many_rows": _("There are more rows than Excel can hold. Choose CSV."),
            "asked": _("You stopped it."),
        }
        return str(known.get(self.row.reason) or _("Something went wrong with us. Nothing has been lost."))


def _here() -> InCohort:
    """Returns the current launch in its course; without a course there is nothing to export."""
    here = stay()
    if not isinstance(here, InCohort):
        raise NotFound("no_course")
    return here


def _lines(rows: Sequence[ExportFile], offers: Sequence[Offer]) -> list[Line]:
    known = {offer.code: offer.export for offer in offers} | {code: own.export(code) for code in own.CODES}
    lines = []
    for row in rows:
        export = known.get(f"{row.plugin}.{row.kind}")
        title = export.title if export else row.kind
        lines.append(Line(row, title, export.contains if export else "", FORMATS[row.format]))
    return lines


def _offers() -> list[Offer]:
    here = _here()
    return catalogue.offers(here.cohort, here.plugins, here.role)


def _show(form: NewExport, offers: Sequence[Offer], status: int = 200) -> tuple[str, int]:
    here = _here()
    lines = _lines(operations.mine(here), offers)
    found = bell.here()
    return page(
        "exports/exports.html", status=status, form=form, offers=offers,
        running=[line for line in lines if line.is_open], files=[line for line in lines if not line.is_open],
        subs={offer.code: offer.export.contains for offer in offers},
        silent=found is not None and found.is_silent, zone=here.zone, local_date=local_date,
        days=core().settings.export_days, times=core().settings.export_downloads,
    )  # fmt: skip


@requires(PERMISSION)
def exports() -> tuple[str, int]:
    """Shows the page."""
    offers = _offers()
    form = NewExport()
    form.offer(offers)
    return _show(form, offers)


@requires(PERMISSION)
def choice() -> Any:
    """Shows the formats of one file and who may read it: what the page fetches when something else is chosen."""
    form = NewExport()
    form.offer(_offers(), request.args.get("what", ""))
    return partial("exports/_choice.html", form=form)


@requires(PERMISSION)
def new_export() -> Any:
    """Takes a new request; 422 with the page again when it is not complete.

    Without JavaScript a button of its own asks for the formats of what is chosen: nothing is begun then.
    """
    offers = _offers()
    form = NewExport(request.form)
    form.offer(offers)
    if "choose" in request.form and form.chosen is not None:
        form.show_formats()
        return _show(form, offers)
    if not form.validate():
        if form.chosen is not None and form.format.errors:
            form.show_formats()
            form.format.errors = [
                _(
                    "%(file)s comes as %(formats)s. Choose one.",
                    file=form.chosen.export.title,
                    formats=form.format_names,
                )
            ]
        return _show(form, offers, 422)
    operations.request(_here(), form.what.data, form.format.data)
    return redirect(url_for(".exports"), 303)


@requires(PERMISSION)
def progress(export_id: uuid.UUID) -> Any:
    """Shows how far one export is, for the page to fetch every second. When it has ended the page is to reload."""
    here = _here()
    row = operations.get(here, export_id)
    line = _lines([row], _offers())[0]
    found = bell.here()
    silent = found is not None and found.is_silent
    response = make_response(partial("exports/_progress.html", line=line, silent=silent))
    if not line.is_open:
        response.headers["HX-Refresh"] = "true"
    return response


@requires(PERMISSION)
def cancel_export(export_id: uuid.UUID) -> Any:
    """Calls an export off."""
    operations.cancel(_here(), export_id)
    return redirect(url_for(".exports"), 303)


@requires(PERMISSION)
def retry_export(export_id: uuid.UUID) -> Any:
    """Makes an export once more."""
    operations.retry(_here(), export_id)
    return redirect(url_for(".exports"), 303)


@requires(PERMISSION)
def export_file(export_id: uuid.UUID) -> Any:
    """Makes a ticket for one download and leads to it. By POST: nothing that merely looks at addresses makes one."""
    token = tickets.issue(_here(), export_id)
    return redirect(url_for(".export_download", ticket=token), 303)


@requires(PERMISSION)
def download(ticket: str) -> Response:
    """Hands a file out against its ticket. Looking (HEAD) and fetching ahead use nothing up."""
    here = _here()
    _ticket, row = tickets.look(here, ticket)
    if request.method == "HEAD":
        return _headed(Response(), row)
    if "prefetch" in (request.headers.get("Sec-Purpose", "") + request.headers.get("Purpose", "")).lower():
        raise Busy("prefetch")
    try:
        opened = open_store(core().settings).read(row.file_key)
    except FileNotFoundError:
        log.error("export_file_missing", export=str(row.id))  # noqa: TRY400 - the trace says nothing more
        raise Gone("export_lost", denial=tickets.denial("lost", row.id)) from None
    except Away:
        raise Busy("export_store") from None
    try:
        with core().units.writing():
            row = tickets.take(here, ticket)
    except Refusal:
        opened.close()
        raise
    response = Response(_whole(row, opened.pieces))
    response.call_on_close(opened.close)
    return _headed(response, row)


def _whole(row: ExportFile, pieces: Iterator[bytes]) -> Iterator[bytes]:
    try:
        yield from verified(pieces, row.size, row.sha256)
    except Damaged:
        log.error("export_file_damaged", export=str(row.id))  # noqa: TRY400 - as above
        raise


def _headed(response: Response, row: ExportFile) -> Response:
    response.content_type = MIME[row.format]
    response.content_length = row.size
    # Plain letters alone (`names.plain`), so that RFC 6266's two ways of writing a name are one.
    name = row.name or f"{names.plain(f'{row.plugin}-{row.kind}')}.{row.format.value}"
    response.headers.set("Content-Disposition", "attachment", filename=name)
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["Cache-Control"] = "no-store"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def add_pages(door: Blueprint) -> None:
    """Adds the pages to the launch door."""
    one = "/exports/<uuid:export_id>"
    door.add_url_rule("/exports", "exports", exports, methods=["GET"])
    door.add_url_rule("/exports", "new_export", new_export, methods=["POST"])
    door.add_url_rule("/exports/choice", "export_choice", choice, methods=["GET"])
    door.add_url_rule("/exports/fetch/<string(maxlength=64):ticket>", "export_download", download, methods=["GET"])
    door.add_url_rule(f"{one}/progress", "export_progress", progress, methods=["GET"])
    door.add_url_rule(f"{one}/cancel", "cancel_export", cancel_export, methods=["POST"])
    door.add_url_rule(f"{one}/retry", "retry_export", retry_export, methods=["POST"])
    door.add_url_rule(f"{one}/file", "export_file", export_file, methods=["POST"])
