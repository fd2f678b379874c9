"""Pages of a measurement once it is open: how far it is, handing out the ways in, the own picture, ending it."""

import uuid
from collections.abc import Callable

from flask import redirect, request, url_for

from plugins.group_maturity.forms import QUESTION, languages_in_words
from plugins.group_maturity.models import Measurement, State
from plugins.group_maturity.operations import closing, measurements, ratings
from plugins.group_maturity.report.invitations import invitation
from plugins.group_maturity.routes.blueprint import (
    Answer,
    asks,
    bp,
    mine,
    own_picture,
    promised,
    to_measurement,
)
from plugins.group_maturity.routes.planning import draft_page
from plugins.group_maturity.routes.reports import hidden_page, report_page
from service.contract import Conflict, Invalid, NotFound, current_launch, page, requires


@bp.get("/measurements/<uuid:measurement_id>")
@requires("group_maturity.own")
def measurement(measurement_id: uuid.UUID) -> Answer:
    """Shows a measurement as far as it has come: its plan, that it is open, or what it said."""
    found = mine(measurement_id)
    shown: dict[State, Callable[[Measurement], Answer]] = {
        State.DRAFT: draft_page, State.OPEN: open_page, State.REPORTED: report_page, State.SUPPRESSED: hidden_page,
    }  # fmt: skip
    return shown.get(found.state, _ended_page)(found)


def open_page(found: Measurement, *, status: int = 200) -> tuple[str, int]:
    """Shows an open measurement: whether enough have answered, and nothing else of what came in."""
    launch = current_launch()
    instrument = measurements.instrument_of(found)
    return page(
        "group_maturity/open.html", status=status, measurement=found, instrument=instrument,
        language=instrument.language(launch.locale), today=measurements.today(launch.cohort),
        promised=promised(found), own=own_picture(found), asks=asks(found), question=QUESTION,
        languages=languages_in_words(found.languages),
        own_elsewhere=request.args.get("own") == "elsewhere",
    )  # fmt: skip


def _ended_page(found: Measurement) -> tuple[str, int]:
    """Shows that the answers are being counted, or that the measurement was given up."""
    return page("group_maturity/between.html", measurement=found, said=request.args.get("said", ""))


@bp.get("/measurements/<uuid:measurement_id>/codes")
@requires("group_maturity.own")
def codes(measurement_id: uuid.UUID) -> Answer:
    """Shows the ways in, to print or paste, and a reminder. Once it has closed there are none any more."""
    found = mine(measurement_id)
    if found.state is not State.OPEN:
        return to_measurement(found)
    handed = invitation(found, promised(found).minimum)
    return page("group_maturity/codes.html", measurement=found, invitation=handed)


@bp.post("/measurements/<uuid:measurement_id>/own")
@requires("group_maturity.own")
def own(measurement_id: uuid.UUID) -> Answer:
    """Opens the manager's own picture beside a measurement, or takes one she has made already."""
    launch = current_launch()
    found = mine(measurement_id, lock=True)
    try:
        if request.form.get("take"):
            ratings.put_beside(ratings.get(launch.cohort, launch.person.id, _taken(request.form["take"])), found)
            return to_measurement(found)
        return redirect(url_for(".rate", rating_id=ratings.begin(launch.cohort, launch.person.id, found).id), 303)
    except Conflict:
        return to_measurement(found, own="elsewhere")


def _taken(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        raise NotFound("rating") from None


@bp.get("/measurements/<uuid:measurement_id>/end")
@requires("group_maturity.own")
def end(measurement_id: uuid.UUID) -> Answer:
    """Tells what closing early and giving up mean, before either is done."""
    found = mine(measurement_id)
    if found.state is not State.OPEN:
        return to_measurement(found)
    return page("group_maturity/end.html", measurement=found, wrong="")


@bp.post("/measurements/<uuid:measurement_id>/close")
@requires("group_maturity.own")
def close(measurement_id: uuid.UUID) -> Answer:
    """Closes an open measurement before its day, if enough have answered."""
    found = mine(measurement_id, lock=True)
    try:
        closing.close_now(found, current_launch().cohort)
    except Conflict:
        return to_measurement(found)
    except Invalid as error:
        return page("group_maturity/end.html", status=422, measurement=found, wrong=error.fields["close"])
    return to_measurement(found)
