"""The start of the plugin, the choice of a coach, and an engagement's own page."""

import uuid

from flask import request

from plugins.handledning import operations
from plugins.handledning.calculations import OPEN
from plugins.handledning.forms import FrameForm
from plugins.handledning.operations import Party
from plugins.handledning.routes.base import Answer, pages, party, to, zone
from plugins.handledning.settings import frame_of
from plugins.handledning.terms import term_hints, this_term
from service.contract import Role, audit_view, current_launch, local_date, now, page, requires


@pages.get("/")
@requires("handledning.take_part")
def start() -> Answer:
    """A coach's own managers; a manager's engagement, or the choice of a coach."""
    me = party()
    if current_launch().role is Role.COACH:
        today = local_date(now(), zone())
        return page("handledning/managers.html", standings=operations.own_managers(me, now()), today=today, zone=zone())
    its = operations.open_engagement(me)
    return _choice(me) if its is None else _engagement(me, its.id)


@pages.get("/coach")
@requires("handledning.own")
def coaches() -> Answer:
    """The choice of a coach."""
    return _choice(party())


def _choice(me: Party, *, status: int = 200, error: bool = False) -> Answer:
    present = operations.open_engagement(me)
    return page("handledning/choose.html", status=status, coaches=operations.coaches(me), present=present, error=error)


@pages.post("/coach")
@requires("handledning.own")
def choose() -> Answer:
    """Accepts a coach."""
    try:
        chosen = uuid.UUID(request.form.get("coach", ""))
    except ValueError:
        return _choice(party(), status=422, error=True)
    its = operations.choose_coach(party(), chosen)
    return to(".engagement", engagement_id=its.id)


@pages.get("/engagements/<uuid:engagement_id>")
@requires("handledning.take_part")
def engagement(engagement_id: uuid.UUID) -> Answer:
    """One engagement: its sessions, the homework that waits, what comes next."""
    return _engagement(party(), engagement_id)


def _engagement(me: Party, engagement_id: uuid.UUID) -> Answer:
    found = operations.overview(me, engagement_id)
    mine = found.engagement.manager_id == me.person_id
    if not mine:
        audit_view("handledning.view_engagement", "engagement", str(engagement_id))
    today = local_date(now(), zone())
    term = this_term(found.sessions, today, zone())
    return page(
        "handledning/engagement.html",
        found=found,
        mine=mine,
        next=found.next_session(now()),
        today=today,
        zone=zone(),
        active=found.engagement.status in OPEN,
        term=term,
        hints=term_hints(term, frame_of()),
        frame=frame_of(),
    )


@pages.route("/engagements/<uuid:engagement_id>/plan", methods=["GET", "POST"])
@requires("handledning.take_part")
def plan(engagement_id: uuid.UUID) -> Answer:
    """Books the next session."""
    its = operations.reach(party(), engagement_id).engagement
    form = FrameForm(request.form if request.method == "POST" else None)
    form.zone = zone()
    mine = its.manager_id == party().person_id
    if request.method == "GET" or not form.validate():
        status = 200 if request.method == "GET" else 422
        return page("handledning/plan.html", status=status, engagement=its, form=form, mine=mine, frame=frame_of())
    planned = operations.plan_session(party(), engagement_id, form.meeting())
    return to(".session", session_id=planned.id)
