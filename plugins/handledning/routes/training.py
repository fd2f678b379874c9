"""The training department's page: the list of coaches, proposals, and what contracts let the employer know."""

import uuid

from flask import request

from plugins.handledning import operations
from plugins.handledning.forms.compare import differ
from plugins.handledning.forms.ending import StatementsForm, labels_of
from plugins.handledning.forms.fields import version_of
from plugins.handledning.models import Figure
from plugins.handledning.operations import Party
from plugins.handledning.operations.evaluation import asked, versions, write_statements
from plugins.handledning.operations.programme import Heard, heard
from plugins.handledning.operations.reviews import overdue_in
from plugins.handledning.routes.base import Answer, pages, party, posted, to
from service.contract import Conflict, Invalid, NotFound, current_launch, now, page, requires

POSITION_MAX = 99


@pages.get("/training")
@requires("handledning.training")
def training() -> Answer:
    """The list of coaches and what is told, manager by manager and in all."""
    me = party()
    return page(
        "handledning/training.html",
        coaches=operations.coach_list(me),
        found=operations.told(me, now()),
        proposals=operations.proposals(me),
        heard=_heard(me),
        trust=heard(me, Figure.TRUST),
        goals=heard(me, Figure.GOALS),
        overdue=overdue_in(me.cohort.id),
    )


def _heard(me: Party) -> list[tuple[list[tuple[str, str]], Heard | None]]:
    """What managers say, by the statements they were asked: the newest, and earlier ones that were answered."""
    found = [
        (labels_of(one, current_launch().locale), heard(me, Figure.FEEDBACK, one.version))
        for one in versions(me.cohort.id)
    ]
    return [one for place, one in enumerate(found) if place == 0 or one[1] is not None]


@pages.route("/training/programme", methods=["GET", "POST"])
@requires("handledning.training")
def programme_statements() -> Answer:
    """What managers are asked at the end of a term: a change is a new version, and the answers stay with theirs."""
    me = party()
    there = asked(me.cohort.id)
    if request.method == "GET":
        return page("handledning/statements.html", form=StatementsForm.showing(there))
    form = StatementsForm(posted())
    if not form.validate():
        return page("handledning/statements.html", form=form, status=422)
    try:
        write_statements(me, form.seen, form.words())
    except Invalid as refused:
        return page("handledning/statements.html", form=form.refuse(refused.fields), status=422)
    except Conflict:
        saved = StatementsForm.showing(there)
        form.version.data = saved.version.data
        differing = differ([("", saved)], [("", form)])
        return page("handledning/statements.html", form=form, status=409, differ=differing)
    return to(".training", _anchor="heard")


def _id(name: str) -> uuid.UUID:
    try:
        return uuid.UUID(request.form.get(name, ""))
    except ValueError as error:
        raise NotFound("no_such_person") from error


@pages.post("/training/coaches")
@requires("handledning.training")
def curate() -> Answer:
    """Puts a coach on the list, or takes her off it."""
    position = min(max(version_of(request.form.get("position")), 0), POSITION_MAX)
    operations.curate(party(), _id("coach"), listed=request.form.get("listed") == "on", position=position)
    return to(".training", _anchor="coaches")


@pages.post("/training/proposals")
@requires("handledning.training")
def propose_coach() -> Answer:
    """Proposes a coach to a manager, or takes the proposal back."""
    coach = _id("coach") if request.form.get("coach") else None
    operations.propose_coach(party(), _id("manager"), coach)
    return to(".training", _anchor="proposals")
