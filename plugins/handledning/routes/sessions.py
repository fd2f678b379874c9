"""A coaching session's pages: the manager writes in it, the coach reads it and notes times and minutes."""

import uuid
from collections.abc import Sequence
from typing import Any

from flask import request
from werkzeug.datastructures import MultiDict

from plugins.handledning import operations
from plugins.handledning.calculations import Status, balance, what_is_missing
from plugins.handledning.forms import Page, SpentForm, differences, frame_data
from plugins.handledning.forms.fields import FOCUSES, HOMEWORK_KINDS, MODES
from plugins.handledning.forms.notes import SuggestForm
from plugins.handledning.models import State, Suggestion
from plugins.handledning.operations import NotYet, Sheet, suggestions
from plugins.handledning.operations.closing import may_reopen, offer_habits, reopen_session
from plugins.handledning.operations.preparing import preparation
from plugins.handledning.operations.sessions import parts_noted
from plugins.handledning.routes.base import Answer, pages, party, to, zone
from plugins.handledning.settings import frame_of
from plugins.handledning.terms import session_hints
from service.contract import Conflict, NotFound, audit_view, current_launch, now, page, requires

# The plugin that keeps habits, where it is on. What is offered goes through the core to whoever takes it.
HABITS = "ledarsteg"
WORDS = {
    name: {one.value: one.label for one in choices}
    for name, choices in (("modes", MODES), ("focuses", FOCUSES), ("homework", HOMEWORK_KINDS))
}


@pages.get("/sessions/<uuid:session_id>")
@requires("handledning.take_part")
def session(session_id: uuid.UUID) -> Answer:
    """One session: the manager writes in it, the coach reads it, and when it is closed both read."""
    found = operations.sheet(party(), session_id)
    if not found.is_managers:
        return _coach_page(found)
    if settled(found):
        return _read(found)
    return _write(found, Page(found, zone(), more="more" in request.args))


def settled(found: Sheet) -> bool:
    """Tells whether a session is only there to read: over, or its engagement rests or ended."""
    over = found.session.state in (State.CLOSED, State.CANCELLED)
    return over or found.engagement.status not in (Status.DRAFT, Status.READY, Status.ACTIVE)


@pages.post("/sessions/<uuid:session_id>")
@requires("handledning.own")
def save(session_id: uuid.UUID) -> Answer:
    """Saves the manager's page, and closes the session where she asked for that."""
    found = operations.sheet(party(), session_id, lock=True)
    if not found.is_managers:
        raise NotFound("not_managers")
    typed = Page(found, zone(), request.form)
    action = request.form.get("action", "")
    answered = _answered(found, action)
    if answered is not None and action.startswith("take-"):
        typed.take(answered)
    if not typed.validate():
        return _write(found, typed, status=422)
    try:
        operations.save_session(party(), session_id, typed.main.seen, typed.draft())
    except Conflict:
        return _outrun(found, typed)
    if answered is not None:
        suggestions.answer(found.access, answered.id)
    if action != "close":
        return to(".session", session_id=session_id, **({"more": 1} if action == "more" else {"saved": 1}))
    return _close(session_id)


def _answered(found: Sheet, action: str) -> Suggestion | None:
    """What the coach suggested and the manager takes up, or leaves, with this very save of her own page."""
    verb, _dash, ref = action.partition("-")
    return next((one for one in _suggested(found) if verb in ("take", "leave") and str(one.id) == ref), None)


def _suggested(found: Sheet) -> Sequence[Suggestion]:
    return suggestions.waiting(found.access, Suggestion.session_id == found.session.id)


def _close(session_id: uuid.UUID) -> Answer:
    try:
        closed = operations.close_session(party(), session_id)
    except NotYet as refusal:
        found = operations.sheet(party(), session_id)
        forms = Page(found, zone())
        forms.mark(refusal.missing)
        return _write(found, forms, status=422, refused=True)
    made = offer_habits(closed)
    told = {"habit": "yes" if all(made) else "unwanted"} if made else {}
    return to(".session", session_id=session_id, **told)


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
        settled=settled(found),
        saved="saved" in request.args and request.method == "GET",
    )


def _read(found: Sheet, *, form: SpentForm | None = None, status: int = 200, **more: Any) -> Answer:
    cancelled = found.session.state is State.CANCELLED
    text = preparation(party(), found.session.id).text if cancelled else None
    return page(
        "handledning/read.html",
        status=status,
        **_seen(found),
        form=form,
        settled=settled(found),
        why=text.cancel_note if text else "",
        reopens=found.is_managers and may_reopen(found),
        told=request.args.get("habit", ""),
        **more,
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
        "noted": parts_noted(found),
        "waiting": _suggested(found),
        "has_habits": HABITS in current_launch().plugins,
        "words": WORDS,
    }


def _coach_page(
    found: Sheet,
    *,
    form: SpentForm | None = None,
    suggest: SuggestForm | None = None,
    status: int = 200,
    differ: bool = False,
) -> Answer:
    audit_view("handledning.view_session", "coaching_session", str(found.session.id), found.engagement.manager_id)
    if form is None and not settled(found):
        form = SpentForm(data=frame_data(found, zone()))
    if suggest is None:
        suggest = SuggestForm().offering(found.follow_up)
        suggest.fresh()
    return _read(found, form=form, suggest=suggest, status=status, differ=differ)


@pages.post("/sessions/<uuid:session_id>/suggest")
@requires("handledning.coach")
def suggest_session(session_id: uuid.UUID) -> Answer:
    """Keeps what the coach suggests. It writes nothing of what it is about."""
    found = operations.sheet(party(), session_id, lock=True)
    form = SuggestForm(request.form).offering(found.follow_up)
    if not form.validate():
        return _coach_page(found, suggest=form, status=422)
    kind, subject = form.kind()
    text = (form.text.data or "").strip()
    suggestions.suggest(
        found.access, form.row_id(session_id), kind, text, session_id=session_id, subject_id=subject
    )  # fmt: skip
    return to(".session", session_id=session_id, _anchor="suggestions")


@pages.post("/sessions/<uuid:session_id>/reopen")
@requires("handledning.own")
def reopen(session_id: uuid.UUID) -> Answer:
    """Opens the newest closed session again. Pressed twice, it is open."""
    found = operations.sheet(party(), session_id, lock=True)
    found.only_manager("reopen_session")
    if found.session.state is State.CLOSED:
        try:
            reopen_session(party(), session_id)
        except Conflict:
            return _read(found, status=409, stays_closed=True)
    return to(".session", session_id=session_id)


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
