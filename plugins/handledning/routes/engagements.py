"""The start of the plugin, the choice of a coach, and an engagement's own page."""

import uuid

from flask import request

from plugins.handledning import operations
from plugins.handledning.calculations import OPEN, Asked, EndReason
from plugins.handledning.forms import FrameForm
from plugins.handledning.models import Phase
from plugins.handledning.operations import Access, Party
from plugins.handledning.operations.reminding import erased_lately, gone_now
from plugins.handledning.operations.reviews import reviews_of
from plugins.handledning.routes.base import Answer, enter, pages, party, to, zone
from plugins.handledning.routes.rooms import rooms
from plugins.handledning.settings import frame_of
from plugins.handledning.terms import term_hints, this_term
from service.contract import Conflict, Role, current_launch, local_date, now, page, requires


@pages.get("/")
@requires("handledning.take_part")
def start() -> Answer:
    """A coach's own managers; a manager's engagement, or the choice of a coach."""
    me = party()
    if current_launch().role is Role.COACH:
        profile = operations.own_profile(me)
        return page(
            "handledning/managers.html",
            rows=operations.coach_rows(me, now()),
            zone=zone(),
            frame=frame_of(),
            asked=[one for one in reviews_of(me) if one.decided_at is None],
            local_date=local_date,
            erased=erased_lately(me),
            gone=gone_now(me),
            ethics=profile is not None and profile.ethics is not None,
        )
    its = operations.open_engagement(me)
    return _choice(me) if its is None else _engagement(operations.reach(me, its.id))


@pages.get("/coach")
@requires("handledning.own")
def coaches() -> Answer:
    """The choice of a coach."""
    return _choice(party())


def _choice(me: Party, *, status: int = 200, error: bool = False) -> Answer:
    present = operations.open_engagement(me)
    former = operations.former(me)
    before = present or next(iter(former), None)
    return page(
        "handledning/choose.html",
        status=status,
        coaches=operations.coaches(me),
        proposed=operations.proposed_coach(me),
        present=present,
        left=present is not None and operations.coach_has_left(present, me),
        has_map=before is not None and not operations.map_of(operations.reach(me, before.id)).empty,
        former=former,
        zone=zone(),
        error=error,
    )


@pages.post("/coach")
@requires("handledning.own")
def choose() -> Answer:
    """Chooses a coach, and takes the map along where she asked for that."""
    me = party()
    try:
        chosen = uuid.UUID(request.form.get("coach", ""))
    except ValueError:
        return _choice(me, status=422, error=True)
    before = operations.open_engagement(me) or next(iter(operations.former(me)), None)
    its = operations.choose_coach(me, chosen)
    if before is not None and before.id != its.id and request.form.get("map"):
        operations.carry_map(operations.reach(me, before.id), operations.reach(me, its.id))
    return to(".engagement", engagement_id=its.id)


@pages.get("/engagements/<uuid:engagement_id>")
@requires("handledning.take_part")
def engagement(engagement_id: uuid.UUID) -> Answer:
    """One engagement: what it waits for, its sessions, the homework that waits, what comes next."""
    return _engagement(enter(engagement_id))


def _engagement(access: Access) -> Answer:
    me, its = access.party, access.engagement
    found = operations.overview(me, its.id)
    today = local_date(now(), zone())
    term = this_term(found.sessions, today, zone())
    return page(
        "handledning/engagement.html",
        found=found,
        mine=access.is_managers,
        next=found.next_session(now()),
        today=today,
        zone=zone(),
        active=its.status in OPEN,
        term=term,
        hints=term_hints(term, frame_of()),
        frame=frame_of(),
        steps=_steps(access) if its.activated_at is None and its.status in OPEN else (),
        left=access.is_managers and operations.coach_has_left(its, me),
        rooms=rooms(access),
        former=[one for one in operations.former(me) if one.id != its.id] if access.is_managers else (),
        phases=list(Phase),
        contract=operations.contract(access),
        passed=found.past(now()),
    )


def _steps(access: Access) -> list[tuple[Asked, bool, bool]]:
    """What is asked for before it is active: what, whether it is there, and whether it waits for the reader."""
    its = access.engagement
    there = operations.met(its)
    agreement, contract = operations.agreement(access).newest, operations.contract(access).newest
    own = f"{access.seat.value}_accepted_at"
    waits = {
        Asked.READINESS: access.is_managers,
        Asked.COACH: not access.is_managers,
        Asked.ETHICS: not access.is_managers,
        Asked.AGREEMENT: getattr(agreement, own) is None,
        Asked.CONTRACT: getattr(contract, own) is None,
    }
    return [(asked, getattr(there, asked.value), waits[asked]) for asked in Asked]


@pages.post("/engagements/<uuid:engagement_id>/accept")
@requires("handledning.coach")
def accept(engagement_id: uuid.UUID) -> Answer:
    """The coach says yes."""
    operations.accept_manager(enter(engagement_id))
    return to(".engagement", engagement_id=engagement_id)


@pages.get("/engagements/<uuid:engagement_id>/ways-out")
@requires("handledning.take_part")
def ways_out(engagement_id: uuid.UUID) -> Answer:
    """Pausing, changing coach, ending; for a coach: declining or leaving."""
    access = enter(engagement_id)
    return page("handledning/ways_out.html", its=access.engagement, mine=access.is_managers)


@pages.post("/engagements/<uuid:engagement_id>/pause")
@requires("handledning.own")
def pause(engagement_id: uuid.UUID) -> Answer:
    """Lets it rest. Pressed twice, it rests."""
    return _move(engagement_id, operations.pause)


@pages.post("/engagements/<uuid:engagement_id>/resume")
@requires("handledning.own")
def resume(engagement_id: uuid.UUID) -> Answer:
    """Goes on."""
    return _move(engagement_id, operations.resume)


@pages.post("/engagements/<uuid:engagement_id>/end")
@requires("handledning.own")
def end(engagement_id: uuid.UUID) -> Answer:
    """Ends it. No reason is asked for."""
    access = enter(engagement_id)
    access.only_manager("end")
    if access.engagement.status in OPEN:
        operations.end(access, EndReason.CHANGED)
    return to(".start")


@pages.post("/engagements/<uuid:engagement_id>/leave")
@requires("handledning.coach")
def leave(engagement_id: uuid.UUID) -> Answer:
    """The coach declines or leaves."""
    operations.leave(enter(engagement_id))
    return to(".start")


@pages.post("/engagements/<uuid:engagement_id>/phase")
@requires("handledning.own")
def phase(engagement_id: uuid.UUID) -> Answer:
    """Says how far trust has come."""
    access = enter(engagement_id)
    if request.form.get("phase") in list(Phase):
        operations.set_phase(access, Phase(request.form["phase"]))
    return to(".engagement", engagement_id=engagement_id)


def _move(engagement_id: uuid.UUID, step: "operations.Step") -> Answer:
    """Takes a step of the manager's. One that was taken already, in another window or by a second press, is no fault."""
    access = enter(engagement_id)
    try:
        step(access)
    except Conflict:
        if access.engagement.status not in OPEN:
            raise
    return to(".engagement", engagement_id=engagement_id)


@pages.route("/engagements/<uuid:engagement_id>/plan", methods=["GET", "POST"])
@requires("handledning.take_part")
def plan(engagement_id: uuid.UUID) -> Answer:
    """Books the next session."""
    access = enter(engagement_id)
    form = FrameForm(request.form if request.method == "POST" else None)
    form.zone = zone()
    if request.method == "GET" or not form.validate():
        status = 200 if request.method == "GET" else 422
        return page(
            "handledning/plan.html",
            status=status,
            engagement=access.engagement,
            form=form,
            mine=access.is_managers,
            frame=frame_of(),
            term=this_term(operations.overview(party(), engagement_id).sessions, local_date(now(), zone()), zone()),
        )
    planned = operations.plan_session(party(), engagement_id, form.meeting())
    return to(".session", session_id=planned.id)
