"""The operator's pages: four lists of sections, and what can be done about a stopped job."""

import uuid

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _

from service.access import public
from service.core import open_unit
from service.errors import Conflict
from service.operator import (
    installation_sections,
    job_sections,
    keeping_sections,
    letters,
    platform_sections,
    queue_sections,
)
from service.operator.sections import Part

_LET_IN = "the operator's own door has let her in, by a cookie that only her browser has"


def add_pages(door: Blueprint) -> None:
    """Adds the pages to the door."""
    door.add_url_rule("/", "queue", queue)
    door.add_url_rule("/jobs", "stopped", stopped)
    door.add_url_rule("/jobs/<uuid:job_id>/retry", "retry", retry, methods=["POST"])
    door.add_url_rule("/jobs/<uuid:job_id>/discard", "discard", discard, methods=["POST"])
    door.add_url_rule("/platforms", "platforms", platforms)
    door.add_url_rule("/installation", "installation", installation)


def _show(title: str, parts: list[Part], *, status: int = 200, told: str = "", problem: str = "") -> Response:
    sections = [part() for part in parts]
    html = render_template("operator/page.html", title=title, sections=sections, told=told, problem=problem)
    return make_response(html, status)


@public(_LET_IN)
def queue() -> Response:
    """Shows how much waits and who works."""
    return _show(_("Queue"), queue_sections.PARTS)


@public(_LET_IN)
def stopped() -> Response:
    """Shows the jobs that stopped."""
    return _stopped()


def _stopped(status: int = 200, problem: str = "") -> Response:
    told = {"retried": _("The job waits again."), "discarded": _("The job has been put away.")}
    done = told.get(request.args.get("done", ""), "")
    return _show(_("Stopped jobs"), job_sections.PARTS, status=status, told=done, problem=problem)


@public(_LET_IN)
def retry(job_id: uuid.UUID) -> Response:
    """Gives a dead job its tries back; 409 with the page again when it is not dead any more."""
    try:
        letters.retry(job_id)
    except Conflict:
        open_unit(writing=False)
        return _stopped(409, _("It is not stopped any more, or its work has been asked for again meanwhile."))
    return make_response(redirect(url_for("operator.stopped", done="retried"), 303))


@public(_LET_IN)
def discard(job_id: uuid.UUID) -> Response:
    """Puts a dead job away; 409 with the page again when it is not dead any more."""
    try:
        letters.discard(job_id)
    except Conflict:
        open_unit(writing=False)
        return _stopped(409, _("It is not stopped any more."))
    return make_response(redirect(url_for("operator.stopped", done="discarded"), 303))


@public(_LET_IN)
def platforms() -> Response:
    """Shows rosters and completions of every organisation, in numbers."""
    return _show(_("Rosters and gradebooks"), platform_sections.PARTS)


@public(_LET_IN)
def installation() -> Response:
    """Shows what is installed and whether it fits together."""
    return _show(_("Installation"), [*installation_sections.PARTS, *keeping_sections.PARTS])
