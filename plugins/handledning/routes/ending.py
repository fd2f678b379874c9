"""The end of a term: what it gave, how she goes on, what the programme hears, and closing."""

import uuid
from collections.abc import Sequence
from typing import Any

from flask import request

from plugins.handledning.calculations import OPEN
from plugins.handledning.forms import Difference
from plugins.handledning.forms.compare import differ
from plugins.handledning.forms.ending import OutcomesForm, ProgrammeForm, labels_of
from plugins.handledning.forms.fields import stripped
from plugins.handledning.models import ActivityState, Outcome
from plugins.handledning.operations import Access
from plugins.handledning.operations.development import plan_of
from plugins.handledning.operations.ending import (
    NotFinished,
    OutcomesDraft,
    feedback,
    finish,
    give_feedback,
    outcomes,
    write_outcomes,
)
from plugins.handledning.operations.evaluation import versions
from plugins.handledning.routes.base import Answer, enter, pages, posted, to
from service.contract import Conflict, current_launch, page, requires


def _saved(access: Access) -> OutcomesForm:
    row = outcomes(access)
    return OutcomesForm(data={**vars(OutcomesDraft.of(row)), "version": str(row.version if row else 0)})


@pages.route("/engagements/<uuid:engagement_id>/term", methods=["GET", "POST"])
@requires("handledning.take_part")
def term(engagement_id: uuid.UUID) -> Answer:
    """What the term gave: the manager writes, her coach reads."""
    access = enter(engagement_id)
    if request.method == "GET":
        return _page(access, _saved(access))
    access.only_manager("write_outcomes")
    form = OutcomesForm(posted())
    if not form.validate():
        return _page(access, form, status=422)
    try:
        write_outcomes(access, form.seen, form.draft())
    except Conflict:
        access.open()
        saved = _saved(access)
        form.version.data = saved.version.data
        return _page(access, form, status=409, differing=differ([("", saved)], [("", form)]))
    return to(".term", engagement_id=engagement_id, saved=1)


def _page(
    access: Access, form: OutcomesForm, *, status: int = 200, differing: Sequence[Difference] = (), **more: Any
) -> Answer:
    plan = plan_of(access)
    mine = access.is_managers
    if "programme" not in more:
        more["programme"] = _programme(access, None)
    shown = {
        "its": access.engagement,
        "mine": mine,
        "open": access.engagement.status in OPEN,
        "form": form,
        "row": plan.outcomes,
        "goes_on": [row for one in plan.goals for row in one.activities if row.state is ActivityState.OPEN],
        "homework": [row for row in plan.homework if row.state is Outcome.OPEN],
        "differ": differing,
        "lacks": (),
        "given": feedback(access) if mine else None,
        "saved": "saved" in request.args and request.method == "GET",
        "thanks": "thanks" in request.args and request.method == "GET",
    }
    return page("handledning/term.html", status=status, **{**shown, **more})


def _programme(access: Access, values: Any) -> ProgrammeForm:
    """The form with the statements it was shown with, or those that are asked now."""
    there = versions(access.engagement.cohort_id)
    form = ProgrammeForm(values, data={"version": str(there[0].version)})
    shown = next((one for one in there if one.version == form.seen), there[0])
    form.version.data = str(shown.version)
    return form.asking([words for _language, words in labels_of(shown, current_launch().locale)])


@pages.post("/engagements/<uuid:engagement_id>/term/programme")
@requires("handledning.own")
def programme(engagement_id: uuid.UUID) -> Answer:
    """Keeps what she tells the programme, once."""
    access = enter(engagement_id)
    access.only_manager("give_feedback")
    form = _programme(access, posted())
    if not form.validate():
        return _page(access, _saved(access), status=422, programme=form)
    try:
        give_feedback(access, form.answers(), stripped(form.text.data), form.seen)
    except Conflict:
        access.open()
        return _page(access, _saved(access), status=409, already=True)
    return to(".term", engagement_id=engagement_id, thanks=1)


@pages.post("/engagements/<uuid:engagement_id>/term/finish")
@requires("handledning.own")
def finish_term(engagement_id: uuid.UUID) -> Answer:
    """Closes the term, or says what is lacking. Pressed twice, it is closed."""
    access = enter(engagement_id)
    access.only_manager("finish")
    if access.engagement.status in OPEN:
        try:
            finish(access)
        except NotFinished as refused:
            return _page(access, _saved(access), status=422, lacks=refused.missing)
    return to(".engagement", engagement_id=engagement_id)
