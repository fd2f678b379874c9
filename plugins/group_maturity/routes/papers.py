"""Papers: the report, the slips with codes, and the conversation cards, as tagged PDF files."""

import uuid

from werkzeug.wrappers import Response

from plugins.group_maturity.instruments.schema import Instrument
from plugins.group_maturity.models import Mode, State
from plugins.group_maturity.operations import instruments, measurements
from plugins.group_maturity.report import invitations, paper
from plugins.group_maturity.routes.blueprint import Answer, bp, mine, to_measurement
from plugins.group_maturity.routes.reports import as_file, manager_report
from plugins.group_maturity.routes.shared import coach_report, manager_name, opened
from service.contract import NotFound, current_launch, pdf, requires
from service.contract import gettext as _


@bp.get("/measurements/<uuid:measurement_id>/report.pdf")
@requires("group_maturity.own")
def report_pdf(measurement_id: uuid.UUID) -> Answer:
    """Gives a report as a PDF."""
    report = manager_report(mine(measurement_id), file=True)
    locale = current_launch().locale
    made = pdf(paper.TEMPLATE, paper.data(report), locale=locale, title=paper.title(report))
    return as_file(made, "application/pdf", "gruppmatning.pdf")


@bp.get("/shared/<uuid:measurement_id>/report.pdf")
@requires("group_maturity.shared")
def shared_pdf(measurement_id: uuid.UUID) -> Answer:
    """Gives a shared report as a PDF. What a coach has saved stays with her when the manager stops sharing."""
    found, share = opened(measurement_id)
    report = coach_report(found, share, file=True)
    if report is None:
        raise NotFound("report")
    data = paper.data(report, manager_name(found))
    made = pdf(paper.TEMPLATE, data, locale=current_launch().locale, title=paper.title(report))
    return as_file(made, "application/pdf", "gruppmatning.pdf")


@bp.get("/measurements/<uuid:measurement_id>/codes.pdf")
@requires("group_maturity.own")
def slips(measurement_id: uuid.UUID) -> Answer:
    """Gives the codes of an open measurement as slips to cut apart. With one link for all there are none."""
    found = mine(measurement_id)
    if found.state is not State.OPEN or found.mode is not Mode.CODES:
        return to_measurement(found)
    locale = current_launch().locale
    data = invitations.slips(found, measurements.instrument_of(found), locale)
    return as_file(
        pdf("group_maturity/slips.typ", data, locale=locale, title=data["title"]), "application/pdf", "codes.pdf"
    )


@bp.get("/conversation.pdf")
@requires("group_maturity.own")
def conversation() -> Answer:
    """Gives the conversation cards of what a measurement would ask: for a group that is too small to be measured."""
    return _cards(instruments.usable(current_launch().cohort.organisation_id)[0])


@bp.get("/measurements/<uuid:measurement_id>/conversation.pdf")
@requires("group_maturity.own")
def conversation_of(measurement_id: uuid.UUID) -> Answer:
    """Gives the conversation cards of the instrument of a measurement."""
    return _cards(measurements.instrument_of(mine(measurement_id)))


def _cards(instrument: Instrument) -> Response:
    locale = current_launch().locale
    data = invitations.cards(instrument, locale)
    name = ". ".join([_("Conversation cards"), data["title"]])
    return as_file(pdf("group_maturity/cards.typ", data, locale=locale, title=name), "application/pdf", "cards.pdf")
