"""The instrument editor: what may be asked, uploading a version, seeing it as it will be read, and taking it out of use."""

import uuid

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from plugins.group_maturity.forms import answer_words, group_form
from plugins.group_maturity.forms.instruments import LicenceForm, UploadForm
from plugins.group_maturity.forms.plan import LANGUAGE_NAMES
from plugins.group_maturity.instruments import LIBRARY, OWN, InstrumentRefused, newest
from plugins.group_maturity.instruments.schema import OPEN_LICENCES, Instrument
from plugins.group_maturity.models import InstrumentVersion
from plugins.group_maturity.operations import instruments as library
from plugins.group_maturity.operations import measurements, overview
from plugins.group_maturity.report import shown as report_shown
from plugins.group_maturity.report import source, view
from plugins.group_maturity.routes.blueprint import Answer, bp
from service.contract import Conflict, Invalid, audit, current_launch, page, requires


@bp.get("/instruments")
@requires("group_maturity.instruments")
def instruments() -> Answer:
    """Lists what measurements can be made with, and what cannot be used yet or any more."""
    launch = current_launch()
    rows = library.uploaded(launch.cohort.organisation_id)
    return page(
        "group_maturity/instruments.html", bundled=newest(LIBRARY, OWN),
        versions=[(row, library.instrument_in(row), library.declared(row)) for row in rows],
    )  # fmt: skip


@bp.get("/instruments/upload")
@requires("group_maturity.instruments")
def new_instrument() -> Answer:
    """The form for a new version."""
    return _upload_page(UploadForm())


@bp.post("/instruments/upload")
@requires("group_maturity.instruments")
def upload() -> Answer:
    """Keeps a new version, or tells line by line what does not fit."""
    launch = current_launch()
    form = UploadForm.of(request.form, request.files.get("file"))
    if not form.validate():
        return _upload_page(form, status=422)
    try:
        row = library.upload(launch.cohort.organisation_id, launch.person.id, form.text)
    except InstrumentRefused as refused:
        return _upload_page(form, refused, status=422)
    _note("instrument_uploaded", row)
    return _to(row)


def _upload_page(form: UploadForm, refused: InstrumentRefused | None = None, *, status: int = 200) -> Answer:
    problems = refused.problems if refused else ()
    return page("group_maturity/upload.html", status=status, form=form, problems=problems, example=newest(LIBRARY, OWN))


@bp.get("/instruments/<uuid:version_id>")
@requires("group_maturity.instruments")
def instrument(version_id: uuid.UUID) -> Answer:
    """Shows an uploaded version: whether it can be used, and what can be done with it."""
    return _page(_version(version_id), LicenceForm())


def _page(row: InstrumentVersion, form: LicenceForm, *, status: int = 200) -> Answer:
    launch = current_launch()
    found = library.instrument_in(row)
    return page(
        "group_maturity/instrument.html", status=status, row=row, instrument=found, language=found.language(launch.locale),
        form=form, declared=library.declared(row), used=library.used(row), is_open=found.licence.id in OPEN_LICENCES,
        names=LANGUAGE_NAMES, reliability=overview.reliability_of(launch.cohort, found),
    )  # fmt: skip


@bp.post("/instruments/<uuid:version_id>/licence")
@requires("group_maturity.instruments")
def declare(version_id: uuid.UUID) -> Answer:
    """Keeps that the organisation may use the texts, and where that is written down. The trail says who declared it."""
    row = _version(version_id, lock=True)
    form = LicenceForm(request.form)
    if not form.validate():
        return _page(row, form, status=422)
    try:
        library.declare(row, current_launch().person.id, form.reference.data or "")
    except Invalid as error:
        form.reference.errors = [error.fields["reference"]]
        return _page(row, form, status=422)
    _note("licence_declared", row)
    return _to(row)


@bp.post("/instruments/<uuid:version_id>/retire")
@requires("group_maturity.instruments")
def retire(version_id: uuid.UUID) -> Answer:
    """Takes a version out of use; what was made with it stays readable."""
    row = _version(version_id, lock=True)
    library.retire(row)
    _note("instrument_retired", row)
    return _to(row)


@bp.post("/instruments/<uuid:version_id>/restore")
@requires("group_maturity.instruments")
def restore(version_id: uuid.UUID) -> Answer:
    """Takes a retired version into use again."""
    row = _version(version_id, lock=True)
    library.restore(row)
    _note("instrument_restored", row)
    return _to(row)


@bp.post("/instruments/<uuid:version_id>/delete")
@requires("group_maturity.instruments")
def delete_instrument(version_id: uuid.UUID) -> Answer:
    """Deletes a version with which nothing was made. One that was used stays, and its page says so."""
    row = _version(version_id, lock=True)
    try:
        library.delete(row)
    except Conflict:
        return _to(row)
    _note("instrument_deleted", row)
    return redirect(url_for(".instruments"), 303)


@bp.get("/instruments/<key>/<version>/answer")
@requires("group_maturity.instruments")
def preview_answer(key: str, version: str) -> Answer:
    """Shows a version as those who answer will see it."""
    found = library.find(current_launch().cohort.organisation_id, key, version)
    spoken = _spoken(found)
    names = (*found.forms["group"], *found.forms.get("group_about_manager", ()))
    form = group_form(found, spoken, names)
    return page(
        "group_maturity/preview_answer.html", instrument=found, language=spoken, back=_back(found), names=LANGUAGE_NAMES,
        fields=[(place, form[name]) for place, name in enumerate(names, start=1)], prefix=answer_words(found, spoken)[0],
    )  # fmt: skip


@bp.get("/instruments/<key>/<version>/report")
@requires("group_maturity.instruments")
def preview_report(key: str, version: str) -> Answer:
    """Shows a version as a report, with made-up numbers, and every text that a report may hold."""
    launch = current_launch()
    found = library.find(launch.cohort.organisation_id, key, version)
    report = view.build(source.preview(found, measurements.today(launch.cohort)), _spoken(found))
    return page(
        "group_maturity/preview_report.html", back=_back(found), languages=LANGUAGE_NAMES, **report_shown.parts(report)
    )


def _spoken(found: Instrument) -> str:
    return found.language(request.args.get("lang") or current_launch().locale)


def _back(found: Instrument) -> str:
    rows = library.uploaded(current_launch().cohort.organisation_id)
    for row in rows:
        if (row.key, row.version) == (found.key, found.version):
            return url_for(".instrument", version_id=row.id)
    return url_for(".instruments")


def _version(version_id: uuid.UUID, *, lock: bool = False) -> InstrumentVersion:
    return library.get(current_launch().cohort.organisation_id, version_id, lock=lock)


def _to(row: InstrumentVersion) -> Response:
    return redirect(url_for(".instrument", version_id=row.id), 303)


def _note(what: str, row: InstrumentVersion) -> None:
    audit(
        current_launch().actor, f"group_maturity.{what}", reason=f"{row.key} {row.version}",
        object_type="instrument", object_ref=str(row.id),
    )  # fmt: skip
