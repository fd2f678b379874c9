"""The pages of those who answer: they hold a link and have no account. Nothing here knows or asks who they are."""

import secrets
from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Blueprint, g, request
from flask_babel import force_locale
from werkzeug.datastructures import MultiDict

from plugins.group_maturity.forms import WORDS, RatingForm, answer_words, group_form
from plugins.group_maturity.forms.plan import LANGUAGE_NAMES
from plugins.group_maturity.models import Measurement
from plugins.group_maturity.operations import answering, measurements
from plugins.group_maturity.operations.answering import Answers
from plugins.group_maturity.report import shown as report_shown
from plugins.group_maturity.report import source, view
from plugins.group_maturity.report.source import Reader
from service.contract import SERVICE_LOCALES, Invalid, NotFound, current_guest, page, requires
from service.contract import gettext as _

bp = Blueprint("group_maturity", __name__, template_folder="templates")
CANNOT_JUDGE = "na"
# What the form was marked with when it was shown, so that sending it twice counts once.
FORM = "form"
Answer = tuple[str, int]


def spoken(view_function: Callable[[], Answer]) -> Callable[[], Answer]:
    """Lets a page speak the language that was asked for, among those of the measurement."""

    @wraps(view_function)
    def wrapped() -> Answer:
        guest = current_guest()
        languages = answering.languages(guest.cohort, guest.subject_id)
        wanted = request.args.get("lang", "")
        g.answer_language = (
            wanted if wanted in languages else request.accept_languages.best_match(languages, languages[0])
        )
        # A language that the service does not speak is the instrument's alone.
        if g.answer_language not in SERVICE_LOCALES:
            return view_function()
        with force_locale(g.answer_language):
            return view_function()

    return wrapped


@bp.get("/")
@requires("group_maturity.answer")
@spoken
def information() -> Answer:
    """Tells who asks, what is shown to whom, and that it is voluntary; once it has ended, shows the report if it may."""
    guest = current_guest()
    try:
        measurement = answering.open_to(guest.cohort, guest.subject_id, guest.pass_id)
    except NotFound:
        return _not_open()
    return page("group_maturity/guest_information.html", **_about(measurement))


def _not_open() -> Answer:
    """What stands there before it opens and, where the group may read it, once it has ended. Raises NotFound otherwise."""
    guest = current_guest()
    waits = answering.waiting(guest.cohort, guest.subject_id)
    if waits is not None:
        return page("group_maturity/guest_waits.html", **_about(waits))
    measurement = answering.readable_by_group(guest.cohort, guest.subject_id)
    whole = source.of(measurement, Reader.GROUP, guest.cohort.zone)
    if whole is None:
        return page("group_maturity/guest_hidden.html", **_about(measurement))
    report = view.build(whole, _language())
    return page("group_maturity/guest_report.html", **{**_about(measurement), **report_shown.parts(report)})


@bp.get("/answer")
@requires("group_maturity.answer")
@spoken
def answer() -> Answer:
    """Shows the statements."""
    guest = current_guest()
    measurement = answering.open_to(guest.cohort, guest.subject_id, guest.pass_id)
    return _form_page(measurement, _form(measurement), secrets.token_urlsafe(12))


@bp.post("/answer")
@requires("group_maturity.answer")
@spoken
def send() -> Answer:
    """Puts the answers into the box and says thank you. The same form again says thank you again."""
    guest = current_guest()
    mark = request.form.get(FORM, "")[:40] or secrets.token_urlsafe(12)
    try:
        answers, words = _answers(request.form), request.form.get(WORDS, "")
        answering.submit(guest.cohort, guest.subject_id, guest.pass_id, mark, answers, words)
    except Invalid as error:
        measurement = answering.open_to(guest.cohort, guest.subject_id, guest.pass_id)
        form = _form(measurement, request.form)
        form.validate()
        known = {name: why for name, why in error.fields.items() if name in form}
        form.refuse(known)
        others = [why for name, why in error.fields.items() if name not in form]
        return _form_page(measurement, form, mark, wrong=others, status=422)
    return page("group_maturity/guest_thanks.html", **_about(answering.answered(guest.cohort, guest.subject_id)))


def _form(measurement: Measurement, sent: MultiDict[str, str] | None = None) -> RatingForm:
    instrument = measurements.instrument_of(measurement)
    names = measurements.asked(measurement, instrument)
    return group_form(instrument, _language(), names, words=measurement.comments, sent=sent)


def _form_page(
    measurement: Measurement, form: RatingForm, mark: str, *, wrong: list[str] | None = None, status: int = 200
) -> Answer:
    about = _about(measurement)
    group = set(about["instrument"].forms["group"])
    numbered = [(place, form[name]) for place, name in enumerate(about["names"], start=1)]
    return page(
        "group_maturity/guest_answer.html", status=status, form=form, mark=mark, wrong=wrong or [],
        prefix=answer_words(about["instrument"], _language())[0],
        statements=[pair for pair in numbered if pair[1].name in group],
        about_manager=[pair for pair in numbered if pair[1].name not in group],
        words=form[WORDS] if measurement.comments else None, longest=measurements.WORDS_LENGTH, **about,
    )  # fmt: skip


def _language() -> str:
    return str(g.answer_language)


def _about(measurement: Measurement) -> dict[str, Any]:
    instrument, named = measurements.instrument_of(measurement), answering.asker(measurement)
    return {
        "measurement": measurement,
        "instrument": instrument,
        "language": instrument.language(_language()),
        "names": measurements.asked(measurement, instrument),
        "manager": named or _("your manager"),
        "named": bool(named),
        "organisation": current_guest().organisation_name,
        "others": [(code, LANGUAGE_NAMES.get(code, code)) for code in measurement.languages if code != _language()],
        "asked_in": _language(),
    }


def _answers(sent: MultiDict[str, str]) -> Answers:
    """What was sent, by statement; an answer that is no number stays outside every scale and is refused as such."""
    given = {name: value for name, value in sent.items() if name not in {FORM, WORDS} and value}
    return {name: None if value == CANNOT_JUDGE else _number(value) for name, value in given.items()}


def _number(value: str) -> int:
    return int(value) if value.isascii() and value.isdigit() and len(value) < 4 else -1  # noqa: PLR2004 - no scale is longer
