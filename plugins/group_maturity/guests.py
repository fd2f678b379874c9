"""The pages of those who answer: they hold a link and have no account. Nothing here knows or asks who they are."""

import secrets
from typing import Any

from flask import Blueprint, request
from werkzeug.datastructures import MultiDict

from plugins.group_maturity.models import Measurement
from plugins.group_maturity.operations import answering, measurements
from plugins.group_maturity.operations.answering import Answers
from service.contract import Invalid, current_guest, now, page, requires

bp = Blueprint("group_maturity", __name__, template_folder="templates")
CANNOT_JUDGE = "na"
# What the form was marked with when it was shown, so that sending it twice counts once.
FORM = "form"


@bp.get("/")
@requires("group_maturity.answer")
def information() -> tuple[str, int]:
    """Tells who asks, what is shown to whom, and that it is voluntary; once it has ended, shows the report if it may."""
    guest = current_guest()
    measurement = answering.open_to(guest.cohort, guest.subject_id, guest.pass_id)
    return page("group_maturity/guest_information.html", **_about(measurement))


@bp.get("/answer")
@requires("group_maturity.answer")
def answer() -> tuple[str, int]:
    """Shows the statements."""
    guest = current_guest()
    measurement = answering.open_to(guest.cohort, guest.subject_id, guest.pass_id)
    return page(
        "group_maturity/guest_answer.html", form=secrets.token_urlsafe(12), wrong={}, sent={}, **_about(measurement)
    )


@bp.post("/answer")
@requires("group_maturity.answer")
def send() -> tuple[str, int]:
    """Puts the answers into the box and says thank you. The same form again says thank you again."""
    guest = current_guest()
    form = request.form.get(FORM, "")[:40] or secrets.token_urlsafe(12)
    try:
        answering.submit(guest.cohort, guest.subject_id, guest.pass_id, form, _answers(request.form))
    except Invalid as error:
        measurement = answering.open_to(guest.cohort, guest.subject_id, guest.pass_id)
        return page(
            "group_maturity/guest_answer.html", status=422, form=form, wrong=error.fields, sent=request.form,
            **_about(measurement),
        )  # fmt: skip
    return page("group_maturity/guest_thanks.html")


def _about(measurement: Measurement) -> dict[str, Any]:
    instrument = measurements.instrument_of(measurement)
    return {
        "measurement": measurement,
        "instrument": instrument,
        "names": measurements.asked(measurement, instrument),
        "today": now(),
    }


def _answers(sent: MultiDict[str, str]) -> Answers:
    """What was sent, by statement; an answer that is no number stays outside every scale and is refused as such."""
    given = {name: value for name, value in sent.items() if name != FORM and value}
    return {name: None if value == CANNOT_JUDGE else _number(value) for name, value in given.items()}


def _number(value: str) -> int:
    return int(value) if value.isascii() and value.isdigit() and len(value) < 4 else -1  # noqa: PLR2004 - no scale is longer
