"""The export page: what is being written, one's own files, and asking for a new one."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, make_response, redirect, request, send_file, url_for
from flask_babel import gettext as _

from service.access import requires
from service.clock import local_date
from service.cohorts.current import InCohort, stay
from service.core import core
from service.errors import NotFound
from service.exports import catalogue, operations
from service.exports.catalogue import Offer
from service.exports.forms import FORMATS, NewExport
from service.exports.models import ExportFile, ExportFormat
from service.exports.operations import OPEN
from service.exports.own import offer as own
from service.exports.writers import MIME
from service.jobs import bell
from service.web import page, partial

PERMISSION = "core.exports"


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
    formats = {**dict(FORMATS), ExportFormat.ZIP.value: "ZIP"}
    lines = []
    for row in rows:
        export = known.get(f"{row.plugin}.{row.kind}")
        title = export.title if export else row.kind
        lines.append(Line(row, title, export.contains if export else "", formats[row.format.value]))
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
        subs={offer.code: offer.export.contains for offer in offers}, readers=_readers(offers),
        silent=found is not None and found.is_silent, zone=here.zone, local_date=local_date,
        days=core().settings.export_days, times=core().settings.export_downloads,
    )  # fmt: skip


def _readers(offers: Sequence[Offer]) -> str:
    """Who will see what the files hold: each distinct sentence once."""
    return " ".join(dict.fromkeys(str(offer.export.readers) for offer in offers))


@requires(PERMISSION)
def exports() -> tuple[str, int]:
    """Shows the page."""
    offers = _offers()
    form = NewExport()
    form.offer(offers)
    return _show(form, offers)


@requires(PERMISSION)
def new_export() -> Any:
    """Takes a new request; 422 with the page again when it is not complete."""
    offers = _offers()
    form = NewExport(request.form)
    form.offer(offers)
    if not form.validate():
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
def export_file(export_id: uuid.UUID) -> Response:
    """Hands a file out. By POST, so that nothing that merely looks at addresses uses up a download."""
    here = _here()
    fetched = operations.fetch(here, export_id)
    row = fetched.row
    title = _lines([row], _offers())[0].title
    name = f"{title} {local_date(row.created_at, here.zone).isoformat()}.{row.format.value}"
    response = send_file(
        fetched.path, mimetype=MIME[row.format], as_attachment=True, download_name=_file_name(name), conditional=False,
        etag=False, max_age=None,
    )  # fmt: skip
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["Cache-Control"] = "no-store"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    return response


def _file_name(name: str) -> str:
    """Returns a name that every file system takes; only letters, digits and a few signs are left of it."""
    kept = "".join(sign if sign.isalnum() or sign in " .-_" else " " for sign in name)
    return " ".join(kept.split())[:120]


def add_pages(door: Blueprint) -> None:
    """Adds the pages to the launch door."""
    one = "/exports/<uuid:export_id>"
    door.add_url_rule("/exports", "exports", exports, methods=["GET"])
    door.add_url_rule("/exports", "new_export", new_export, methods=["POST"])
    door.add_url_rule(f"{one}/progress", "export_progress", progress, methods=["GET"])
    door.add_url_rule(f"{one}/cancel", "cancel_export", cancel_export, methods=["POST"])
    door.add_url_rule(f"{one}/retry", "retry_export", retry_export, methods=["POST"])
    door.add_url_rule(f"{one}/file", "export_file", export_file, methods=["POST"])
