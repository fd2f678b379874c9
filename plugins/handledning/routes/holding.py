"""Holding a session: its parts and their minutes; after it pulses and feedback; cancelling and opening it again."""

import uuid
from typing import Any

from flask import request

from plugins.handledning.calculations import balance
from plugins.handledning.forms.compare import differ
from plugins.handledning.forms.term import PART_NAMES, CancelForm, FeedbackForm, PartsForm, PulseForm
from plugins.handledning.models import CancelReason, State
from plugins.handledning.operations import Sheet, overview, sheet
from plugins.handledning.operations.after import feedback, give_feedback, give_pulse, pulses
from plugins.handledning.operations.closing import make_habit
from plugins.handledning.operations.holding import drafted_parts, save_parts
from plugins.handledning.operations.overview import HELD
from plugins.handledning.operations.planning import cancel_session
from plugins.handledning.operations.preparing import preparation
from plugins.handledning.routes.base import Answer, pages, party, to, zone
from plugins.handledning.routes.sessions import settled
from plugins.handledning.terms import this_term
from service.contract import Conflict, Invalid, audit_view, local_date, page, requires


def _look(found: Sheet) -> None:
    if not found.is_managers and request.method in ("GET", "HEAD"):
        audit_view("handledning.view_session", "coaching_session", str(found.session.id), found.engagement.manager_id)


def _shown(found: Sheet) -> dict[str, Any]:
    return {
        "sheet": found,
        "row": found.session,
        "its": found.engagement,
        "mine": found.is_managers,
        "settled": settled(found),
        "zone": zone(),
    }


@pages.get("/sessions/<uuid:session_id>/hold")
@requires("handledning.take_part")
def hold(session_id: uuid.UUID) -> Answer:
    """A session's parts with their time boxes, and what is to be taken up."""
    found = sheet(party(), session_id)
    _look(found)
    return _hold(found, PartsForm(drafted_parts(found.access, found.session), found.session.version))


def _hold(found: Sheet, form: PartsForm, *, status: int = 200, **more: Any) -> Answer:
    row = found.session
    meetings = overview(party(), found.engagement.id).sessions
    return page(
        "handledning/hold.html",
        status=status,
        form=form,
        names=PART_NAMES,
        prepared=preparation(party(), row.id),
        balance=balance(row.process_minutes or 0, row.result_minutes or 0),
        term=this_term(meetings, local_date(row.planned_start, zone()), zone()),
        saved="saved" in request.args and request.method == "GET",
        **_shown(found),
        **more,
    )


@pages.post("/sessions/<uuid:session_id>/hold")
@requires("handledning.take_part")
def save_hold(session_id: uuid.UUID) -> Answer:
    """Keeps the parts, whichever of the two kept the time."""
    found = sheet(party(), session_id, lock=True)
    there = drafted_parts(found.access, found.session)
    form = PartsForm(there, found.session.version, request.form)
    if not form.validate():
        return _hold(found, form, status=422)
    try:
        save_parts(party(), session_id, form.head.seen, form.drafts())
    except Conflict:
        saved = PartsForm(there, found.session.version)
        form.head.version.data = saved.head.version.data
        return _hold(found, form, status=409, differ=differ(saved.forms(), form.forms()))
    return to(".hold", session_id=session_id, saved=1)


@pages.get("/sessions/<uuid:session_id>/after")
@requires("handledning.take_part")
def after(session_id: uuid.UUID) -> Answer:
    """What the two say of a session afterwards."""
    found = sheet(party(), session_id)
    _look(found)
    return _after(found)


def _after(found: Sheet, *, status: int = 200, **forms: Any) -> Answer:
    there, told = pulses(found.access, found.session.id), feedback(found.access, found.session.id)
    names = ("thinking", "session", "moved")
    data = {**dict(zip(names, told.answers, strict=False)), "text": told.text} if told else {}
    shown = {
        "pulses": there,
        "told": told,
        "held": found.session.state in HELD,
        "pulse": PulseForm(data={"value": str(there.own) if there.own else None}),
        "form": FeedbackForm(data=data),
        "saved": "saved" in request.args and request.method == "GET",
        **_shown(found),
        **forms,
    }
    return page("handledning/after.html", status=status, **shown)


@pages.post("/sessions/<uuid:session_id>/pulse")
@requires("handledning.take_part")
def pulse(session_id: uuid.UUID) -> Answer:
    """Keeps how much one trusts the other. Once both are shown, it stays as it is."""
    found = sheet(party(), session_id, lock=True)
    form = PulseForm(request.form)
    if not form.validate():
        return _after(found, status=422, pulse=form)
    try:
        give_pulse(party(), session_id, int(form.value.data))
    except Invalid:
        return _after(found, status=422, pulse=form)
    except Conflict:
        found.access.open()
        return _after(found, status=409, pulse=form, revealed=True)
    return to(".after", session_id=session_id, saved=1)


@pages.post("/sessions/<uuid:session_id>/feedback")
@requires("handledning.own")
def tell_coach(session_id: uuid.UUID) -> Answer:
    """Keeps what the manager tells her coach."""
    found = sheet(party(), session_id, lock=True)
    found.only_manager("give_feedback")
    form = FeedbackForm(request.form)
    if not form.validate():
        return _after(found, status=422, form=form)
    try:
        give_feedback(party(), session_id, form.answers(), (form.text.data or "").strip())
    except Invalid:
        return _after(found, status=422, form=form)
    return to(".after", session_id=session_id, saved=1)


@pages.route("/sessions/<uuid:session_id>/cancel", methods=["GET", "POST"])
@requires("handledning.take_part")
def cancel(session_id: uuid.UUID) -> Answer:
    """Cancels a session that is still to come."""
    found = sheet(party(), session_id, lock=request.method == "POST")
    if request.method == "GET":
        _look(found)
        return _cancel(found, CancelForm(data={"version": str(found.session.version)}))
    form = CancelForm(request.form)
    if not form.validate():
        return _cancel(found, form, status=422)
    try:
        note = (form.note.data or "").strip()
        cancel_session(party(), session_id, form.seen, CancelReason(form.reason.data), note)
    except Conflict:
        found.access.open()
        form.version.data = str(found.session.version)
        return _cancel(found, form, status=409, changed=True)
    return to(".session", session_id=session_id)


def _cancel(found: Sheet, form: CancelForm, *, status: int = 200, changed: bool = False) -> Answer:
    row = found.session
    return page(
        "handledning/cancel.html",
        status=status,
        form=form,
        changed=changed,
        coming=row.state in (State.PLANNED, State.PREPARED),
        **_shown(found),
    )


@pages.post("/sessions/<uuid:session_id>/habit/<uuid:homework_id>")
@requires("handledning.own")
def habit(session_id: uuid.UUID, homework_id: uuid.UUID) -> Answer:
    """Makes a habit of what is practised, where a plugin for habits is on."""
    found = sheet(party(), session_id, lock=True)
    found.only_manager("make_habit")
    adopted = make_habit(found, homework_id)
    return to(".session", session_id=session_id, habit="yes" if adopted else "unwanted")
