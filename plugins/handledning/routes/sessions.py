"""A coaching session's pages: the manager writes in it, the coach reads it and notes times and minutes."""

import uuid
from typing import Any

from flask import request
from werkzeug.datastructures import MultiDict

from plugins.handledning import operations
from plugins.handledning.calculations import Status, balance, what_is_missing
from plugins.handledning.forms import Page, SpentForm, differences, frame_data
from plugins.handledning.models import State
from plugins.handledning.operations import NotYet, Sheet
from plugins.handledning.routes.base import Answer, pages, party, to, zone
from plugins.handledning.settings import frame_of
from plugins.handledning.terms import session_hints
from service.contract import Conflict, NotFound, audit_view, now, page, requires


@pages.get("/sessions/<uuid:session_id>")
@requires("handledning.take_part")
def session(session_id: uuid.UUID) -> Answer:
    """One session: the manager writes in it, the coach reads it, and when it is closed both read."""
    found = operations.sheet(party(), session_id)
    if not found.is_managers:
        return _coach_page(found)
    if _settled(found):
        return _read(found)
    return _write(found, Page(found, zone(), more="more" in request.args))


def _settled(found: Sheet) -> bool:
    return found.session.state is State.CLOSED or found.engagement.status not in (
        Status.DRAFT,
        Status.READY,
        Status.ACTIVE,
    )


@pages.post("/sessions/<uuid:session_id>")
@requires("handledning.own")
def save(session_id: uuid.UUID) -> Answer:
    """Saves the manager's page, and closes the session where she asked for that."""
    found = operations.sheet(party(), session_id, lock=True)
    if not found.is_managers:
        raise NotFound("not_managers")
    typed = Page(found, zone(), request.form)
    if not typed.validate():
        return _write(found, typed, status=422)
    try:
        operations.save_session(party(), session_id, typed.main.seen, typed.draft())
    except Conflict:
        return _outrun(found, typed)
    action = request.form.get("action", "")
    if action != "close":
        return to(".session", session_id=session_id, **({"more": 1} if action == "more" else {"saved": 1}))
    return _close(session_id)


def _close(session_id: uuid.UUID) -> Answer:
    try:
        operations.close_session(party(), session_id)
    except NotYet as refusal:
        found = operations.sheet(party(), session_id)
        forms = Page(found, zone())
        forms.mark(refusal.missing)
        return _write(found, forms, status=422, refused=True)
    return to(".session", session_id=session_id)


def _outrun(found: Sheet, typed: Page) -> Answer:
    """Somebody saved in between. The same thing twice is no conflict; else both texts are shown and none is lost."""
    saved = Page(found, zone())
    differ = differences(saved, typed)
    if not differ:
        return to(".session", session_id=found.session.id)
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
        "zone": zone(),
        "balance": balance(row.process_minutes or 0, row.result_minutes or 0),
        "hints": session_hints(row, frame_of(), now()),
        "frame": frame_of(),
    }


def _coach_page(found: Sheet, *, form: SpentForm | None = None, status: int = 200, differ: bool = False) -> Answer:
    audit_view("handledning.view_session", "coaching_session", str(found.session.id))
    if form is None and not _settled(found):
        form = SpentForm(data=frame_data(found, zone()))
    return _read(found, form=form, status=status, differ=differ)


@pages.post("/sessions/<uuid:session_id>/frame")
@requires("handledning.coach")
def save_frame(session_id: uuid.UUID) -> Answer:
    """Saves the time and the minutes, which the coach may write."""
    found = operations.sheet(party(), session_id, lock=True)
    form = SpentForm(request.form)
    form.zone = zone()
    if not form.validate():
        return _coach_page(found, form=form, status=422)
    try:
        operations.save_frame(party(), session_id, form.seen, form.meeting())
    except Conflict:
        form = SpentForm(MultiDict({**request.form.to_dict(), "version": str(found.session.version)}))
        return _coach_page(found, form=form, status=409, differ=True)
    return to(".session", session_id=session_id)
