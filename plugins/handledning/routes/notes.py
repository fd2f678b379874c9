"""Notes of three kinds, and answering what the coach suggests."""

import uuid
from typing import Any

from flask import request

from plugins.handledning.calculations import OPEN
from plugins.handledning.forms.compare import differ
from plugins.handledning.forms.notes import NoteForm, NoteTextForm
from plugins.handledning.models import CoachingSession, Note, NoteKind, NoteType, State, Suggestion
from plugins.handledning.operations import suggestions
from plugins.handledning.operations.notes import change_note, notes, remove_note, share_copy, write_note
from plugins.handledning.operations.reading import readable
from plugins.handledning.operations.scope import Access, reach_row, rows
from plugins.handledning.routes.base import Answer, enter, pages, party, posted, to, zone
from service.contract import Conflict, Forbidden, Invalid, audit_view, opened, page, requires
from service.contract import gettext as _


@pages.route("/engagements/<uuid:engagement_id>/notes", methods=["GET", "POST"])
@requires("handledning.take_part")
def all_notes(engagement_id: uuid.UUID) -> Answer:
    """The shared notes and one's own, and a form for a new one."""
    access = enter(engagement_id)
    form = NoteForm(posted()).offering(_sessions(access), feedback=not access.is_managers)
    if request.method == "GET":
        form.fresh()
        return _notes(access, form)
    access.open()
    if not form.validate():
        return _notes(access, form, status=422)
    write_note(access, form.row_id(engagement_id), form.draft())
    return to(".all_notes", engagement_id=engagement_id, saved=1)


def _notes(access: Access, form: NoteForm, *, status: int = 200) -> Answer:
    found = notes(access)
    return page(
        "handledning/notes.html",
        status=status,
        its=access.engagement,
        mine=access.is_managers,
        me=access.party.person_id,
        notes=[(one, "" if one.type is NoteType.REFERRAL else opened(one, "body")) for one in found],
        form=form,
        open=access.engagement.status in OPEN,
        numbers=dict(_sessions(access)),
        saved="saved" in request.args and request.method == "GET",
        zone=zone(),
    )


def _sessions(access: Access) -> list[tuple[uuid.UUID, str]]:
    found = rows(
        access, CoachingSession, CoachingSession.state != State.CANCELLED, order_by=CoachingSession.number.desc()
    )
    return [(one.id, str(_("Session %(number)d", number=one.number))) for one in found]


def _own_note(note_id: uuid.UUID) -> tuple[Note, Access]:
    """Returns a note that the reader may read: locked where something is written."""
    row, access = reach_row(party(), Note, note_id, lock=request.method == "POST")
    readable(access, row)
    return row, access


@pages.route("/notes/<uuid:note_id>", methods=["GET", "POST"])
@requires("handledning.take_part")
def note(note_id: uuid.UUID) -> Answer:
    """One's own note, to change its words. Who reads it stays as it is."""
    row, access = _own_note(note_id)
    if row.author_id != access.party.person_id:
        raise Forbidden("author_only", denial=access.denial("change_note", "author_only", "note", note_id))
    if request.method == "GET" and row.kind is NoteKind.SHARED and not access.is_managers:
        its = access.engagement
        audit_view("handledning.view_engagement", "engagement", str(its.id), its.manager_id)
    form = NoteTextForm(posted(), data={"body": row.body, "version": str(row.version)})
    if request.method == "GET":
        return _note(access, row, form)
    if not form.validate():
        return _note(access, row, form, status=422)
    try:
        change_note(access, note_id, form.seen, (form.body.data or "").strip())
    except Conflict:
        access.open()
        saved = NoteTextForm(data={"body": row.body, "version": str(row.version)})
        form.version.data = saved.version.data
        return _note(access, row, form, status=409, differ=differ([("", saved)], [("", form)]))
    except Invalid:
        # Nothing but a note that its manager has asked for: an empty one the form does not take.
        return _note(access, row, form, status=422, asked_for=True)
    return to(".all_notes", engagement_id=access.engagement.id, saved=1)


def _note(access: Access, row: Note, form: NoteTextForm, *, status: int = 200, **more: Any) -> Answer:
    return page(
        "handledning/note.html",
        status=status,
        its=access.engagement,
        mine=access.is_managers,
        note=row,
        form=form,
        open=access.engagement.status in OPEN,
        **more,
    )


@pages.post("/notes/<uuid:note_id>/share")
@requires("handledning.take_part")
def share_note(note_id: uuid.UUID) -> Answer:
    """Writes a shared note with the words of one's private one, which stays private."""
    row, access = _own_note(note_id)
    if row.kind is not NoteKind.SHARED:
        share_copy(access, note_id)
    return to(".all_notes", engagement_id=access.engagement.id, saved=1)


@pages.post("/notes/<uuid:note_id>/remove")
@requires("handledning.take_part")
def drop_note(note_id: uuid.UUID) -> Answer:
    """Takes one's own private note away for good."""
    row, access = _own_note(note_id)
    if row.kind is not NoteKind.SHARED:
        try:
            remove_note(access, note_id)
        except Invalid:
            form = NoteTextForm(data={"body": row.body, "version": str(row.version)})
            return _note(access, row, form, status=422, asked_for=True)
    return to(".all_notes", engagement_id=access.engagement.id)


@pages.post("/suggestions/<uuid:suggestion_id>/leave")
@requires("handledning.own")
def leave_suggestion(suggestion_id: uuid.UUID) -> Answer:
    """Leaves what the coach suggested, and goes back to where it stood."""
    row, access = reach_row(party(), Suggestion, suggestion_id, lock=True)
    suggestions.answer(access, suggestion_id)
    if row.session_id is not None:
        return to(".session", session_id=row.session_id)
    return to(".goal", goal_id=row.subject_id) if row.subject_id else to(".engagement", engagement_id=row.engagement_id)
