"""The pages: parse, load, call one operation, render."""

import uuid
from typing import Any

from flask import Blueprint, redirect, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from plugins.handledning import operations
from plugins.handledning.calculations import balance, what_is_missing
from plugins.handledning.forms import FrameForm, Page, SpentForm, differences, frame_data
from plugins.handledning.models import State, Status
from plugins.handledning.operations import NotYet, Party, Sheet
from plugins.handledning.settings import frame_of
from plugins.handledning.terms import session_hints, term_hints, this_term
from service.contract import Conflict, NotFound, Role, audit_view, current_launch, local_date, now, page, requires

pages = Blueprint("handledning", __name__, template_folder="templates")
Answer = Response | tuple[str, int]


def party() -> Party:
    """Returns who acts in this request."""
    launch = current_launch()
    return Party(launch.cohort, launch.person.id, launch.actor)


def _zone() -> str:
    return current_launch().zone


def _to(endpoint: str, **values: Any) -> Response:
    return redirect(url_for(endpoint, **values), 303)


@pages.get("/")
@requires("handledning.take_part")
def start() -> Answer:
    """A coach's own managers; a manager's engagement, or the choice of a coach."""
    me = party()
    if current_launch().role is Role.COACH:
        today = local_date(now(), _zone())
        return page(
            "handledning/managers.html", standings=operations.own_managers(me, now()), today=today, zone=_zone()
        )
    its = operations.active_engagement(me)
    return _choice(me) if its is None else _engagement(me, its.id)


@pages.get("/coach")
@requires("handledning.own")
def coaches() -> Answer:
    """The choice of a coach."""
    return _choice(party())


def _choice(me: Party, *, status: int = 200, error: bool = False) -> Answer:
    present = operations.active_engagement(me)
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
    return _to(".engagement", engagement_id=its.id)


@pages.get("/engagements/<uuid:engagement_id>")
@requires("handledning.take_part")
def engagement(engagement_id: uuid.UUID) -> Answer:
    """One engagement: its sessions, the homework that waits, what comes next."""
    return _engagement(party(), engagement_id)


def _engagement(me: Party, engagement_id: uuid.UUID) -> Answer:
    found = operations.overview(me, engagement_id)
    mine = found.engagement.manager_id == me.person_id
    if not mine:
        audit_view("handledning.view_engagement", "engagement", str(engagement_id), found.engagement.manager_id)
    today = local_date(now(), _zone())
    term = this_term(found.sessions, today, _zone())
    return page(
        "handledning/engagement.html",
        found=found,
        mine=mine,
        next=found.next_session(now()),
        today=today,
        zone=_zone(),
        active=found.engagement.status is Status.ACTIVE,
        term=term,
        hints=term_hints(term, frame_of()),
        frame=frame_of(),
    )


@pages.route("/engagements/<uuid:engagement_id>/plan", methods=["GET", "POST"])
@requires("handledning.take_part")
def plan(engagement_id: uuid.UUID) -> Answer:
    """Books the next session."""
    its = operations.engagement(party(), engagement_id)
    form = FrameForm(request.form if request.method == "POST" else None)
    form.zone = _zone()
    mine = its.manager_id == party().person_id
    if request.method == "GET" or not form.validate():
        status = 200 if request.method == "GET" else 422
        return page("handledning/plan.html", status=status, engagement=its, form=form, mine=mine, frame=frame_of())
    planned = operations.plan_session(party(), engagement_id, form.meeting())
    return _to(".session", session_id=planned.id)


@pages.get("/sessions/<uuid:session_id>")
@requires("handledning.take_part")
def session(session_id: uuid.UUID) -> Answer:
    """One session: the manager writes in it, the coach reads it, and when it is closed both read."""
    found = operations.sheet(party(), session_id)
    if not found.is_managers:
        return _coach_page(found)
    if _settled(found):
        return _read(found)
    return _write(found, Page(found, _zone(), more="more" in request.args))


def _settled(found: Sheet) -> bool:
    return found.session.state is State.CLOSED or found.engagement.status is not Status.ACTIVE


@pages.post("/sessions/<uuid:session_id>")
@requires("handledning.own")
def save(session_id: uuid.UUID) -> Answer:
    """Saves the manager's page, and closes the session where she asked for that."""
    found = operations.sheet(party(), session_id, lock=True)
    if not found.is_managers:
        raise NotFound("not_managers")
    typed = Page(found, _zone(), request.form)
    if not typed.validate():
        return _write(found, typed, status=422)
    try:
        operations.save_session(party(), session_id, typed.main.seen, typed.draft())
    except Conflict:
        return _outrun(found, typed)
    action = request.form.get("action", "")
    if action != "close":
        return _to(".session", session_id=session_id, **({"more": 1} if action == "more" else {"saved": 1}))
    return _close(session_id)


def _close(session_id: uuid.UUID) -> Answer:
    try:
        operations.close_session(party(), session_id)
    except NotYet as refusal:
        found = operations.sheet(party(), session_id)
        forms = Page(found, _zone())
        forms.mark(refusal.missing)
        return _write(found, forms, status=422, refused=True)
    return _to(".session", session_id=session_id)


def _outrun(found: Sheet, typed: Page) -> Answer:
    """Somebody saved in between. The same thing twice is no conflict; else both texts are shown and none is lost."""
    saved = Page(found, _zone())
    differ = differences(saved, typed)
    if not differ:
        return _to(".session", session_id=found.session.id)
    typed.admit_saved(saved)
    typed.main.version.data = str(found.session.version)
    return _write(found, typed, status=409, differ=differ)


def _write(found: Sheet, forms: Page, *, status: int = 200, refused: bool = False, differ: Any = ()) -> Answer:
    missing = what_is_missing(operations.facts(found))
    return page(
        "handledning/session.html",
        status=status,
        **_seen(found),
        forms=forms,
        missing=missing,
        refused=refused,
        differ=differ,
        settled=_settled(found),
        saved="saved" in request.args and request.method == "GET",
    )


def _read(found: Sheet, *, form: SpentForm | None = None, status: int = 200, differ: bool = False) -> Answer:
    return page(
        "handledning/read.html", status=status, **_seen(found), form=form, differ=differ, settled=_settled(found)
    )


def _seen(found: Sheet) -> dict[str, Any]:
    row = found.session
    return {
        "sheet": found,
        "row": row,
        "engagement": found.engagement,
        "mine": found.is_managers,
        "zone": _zone(),
        "balance": balance(row.process_minutes or 0, row.result_minutes or 0),
        "hints": session_hints(row, frame_of(), now()),
        "frame": frame_of(),
    }


def _coach_page(found: Sheet, *, form: SpentForm | None = None, status: int = 200, differ: bool = False) -> Answer:
    audit_view("handledning.view_session", "coaching_session", str(found.session.id), found.engagement.manager_id)
    if form is None and not _settled(found):
        form = SpentForm(data=frame_data(found, _zone()))
    return _read(found, form=form, status=status, differ=differ)


@pages.post("/sessions/<uuid:session_id>/frame")
@requires("handledning.coach")
def save_frame(session_id: uuid.UUID) -> Answer:
    """Saves the time and the minutes, which the coach may write."""
    found = operations.sheet(party(), session_id, lock=True)
    form = SpentForm(request.form)
    form.zone = _zone()
    if not form.validate():
        return _coach_page(found, form=form, status=422)
    try:
        operations.save_frame(party(), session_id, form.seen, form.meeting())
    except Conflict:
        form = SpentForm(MultiDict({**request.form.to_dict(), "version": str(found.session.version)}))
        return _coach_page(found, form=form, status=409, differ=True)
    return _to(".session", session_id=session_id)
