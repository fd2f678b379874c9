"""The training department's page: the list of coaches, proposals, and what contracts let the employer know."""

import uuid

from flask import request

from plugins.handledning import operations
from plugins.handledning.forms.ending import statements
from plugins.handledning.forms.fields import version_of
from plugins.handledning.operations.ending import heard
from plugins.handledning.routes.base import Answer, pages, party, to
from service.contract import NotFound, now, page, requires

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
        heard=heard(me),
        statements=statements(),
    )


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
