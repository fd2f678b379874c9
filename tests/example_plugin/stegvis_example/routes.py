"""The member's pages."""

import uuid

from flask import Blueprint, redirect, request, url_for
from werkzeug import Response

from service.contract import audit_view, current_launch, day, gettext, page, pdf, plugin_url, requires
from stegvis_example import operations
from stegvis_example.forms import NoteForm

pages = Blueprint("example", __name__, template_folder="templates")


@pages.get("/")
@requires("example.write")
def notes() -> tuple[str, int]:
    """Shows the member's notes and the form for the next."""
    return page("example/notes.html", notes=operations.of_member(current_launch().member), form=NoteForm())


@pages.post("/")
@requires("example.write")
def write() -> Response | tuple[str, int]:
    """Keeps a note."""
    here = current_launch()
    form = NoteForm(request.form)
    if not form.validate():
        return page("example/notes.html", status=422, notes=operations.of_member(here.member), form=form)
    operations.write(here.cohort, here.member, form.body.data or "")
    return redirect(plugin_url("example.notes"), 303)


@pages.get("/notes.pdf")
@requires("example.write")
def printed() -> Response:
    """Gives the member's notes as a PDF."""
    here = current_launch()
    notes = [{"day": day(note.written_on), "text": note.body} for note in operations.of_member(here.member)]
    data = {"notes": notes, "readers": gettext("Only you.")}
    made = pdf("example/notes.typ", data, locale=here.locale, title=gettext("Notes"))
    as_file = {"Content-Disposition": 'attachment; filename="notes.pdf"'}
    return Response(made, mimetype="application/pdf", headers=as_file)


@pages.get("/note/<uuid:note>")
@requires("example.write")
def one(note: uuid.UUID) -> tuple[str, int]:
    """Shows one note."""
    return page("example/note.html", note=operations.get(current_launch().member, note))


@pages.get("/of/<uuid:member>/newest")
@requires("example.read_newest")
def newest(member: uuid.UUID) -> tuple[str, int]:
    """Shows a coach on which day a manager of the course wrote last."""
    whose, note = operations.newest(current_launch().cohort, member)
    audit_view("example.view_newest", "note", str(note.id), whose)
    return page("example/newest.html", name=whose.person.display_name, note=note)


@pages.post("/note/<uuid:note>/remove")
@requires("example.write")
def remove(note: uuid.UUID) -> Response:
    """Removes one note."""
    operations.remove(current_launch().member, note)
    return redirect(plugin_url("example.notes"), 303)


@pages.post("/clear")
@requires("example.write")
def clear() -> Response:
    """Has all notes removed."""
    here = current_launch()
    operations.ask_to_clear(here.cohort, here.member)
    return redirect(plugin_url("example.notes"), 303)


@pages.post("/days")
@requires("example.write")
def share_days() -> tuple[str, int]:
    """Shows the secret address of the days once."""
    here = current_launch()
    return page("example/invited.html", link=operations.share_days(here.cohort, here.member))


@pages.post("/days/end")
@requires("example.write")
def stop_sharing_days() -> Response:
    """Ends the secret address."""
    here = current_launch()
    operations.stop_sharing_days(here.cohort, here.member)
    return redirect(plugin_url("example.notes"), 303)


@pages.post("/invite")
@requires("example.write")
def invite() -> tuple[str, int]:
    """Shows a guest link once."""
    here = current_launch()
    word = operations.invite(here.cohort, here.member)
    return page("example/invited.html", link=url_for("g.example.greeting", guest_pass=word, _external=True))
