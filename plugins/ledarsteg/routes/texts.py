"""What the training department writes: the texts for the open places, the library of steps, and a course's settings."""

from typing import Any

from flask import redirect, request, url_for

from plugins.ledarsteg.cards import library as cards
from plugins.ledarsteg.forms.texts import SlotForm
from plugins.ledarsteg.models import Slot
from plugins.ledarsteg.operations import ChangedMeanwhile
from plugins.ledarsteg.operations import library as operations
from plugins.ledarsteg.routes.base import Answer, bp
from service.contract import (
    SERVICE_LOCALES,
    NotFound,
    current_launch,
    markdown,
    page,
    requires,
)


def _place(slot: str, locale: str) -> Slot:
    if slot not in set(Slot) or locale not in SERVICE_LOCALES:
        raise NotFound("slot")
    return Slot(slot)


@bp.get("/texts")
@requires("ledarsteg.texts")
def texts() -> Answer:
    """All places for texts and all steps, each with the languages it is there in."""
    return page("ledarsteg/texts.html", **cards.overview())


@bp.get("/texts/<slot>/<locale>")
@requires("ledarsteg.texts")
def text(slot: str, locale: str) -> Answer:
    """The form for one text in one language."""
    place = _place(slot, locale)
    found = operations.slot_text(cards.organisation_id(), place, locale)
    form = SlotForm(data={"body": found.body, "revision": found.revision}) if found else SlotForm()
    return _show_text(place, locale, form)


def _show_text(place: Slot, locale: str, form: SlotForm, *, status: int = 200, **more: Any) -> Answer:
    return page("ledarsteg/text.html", status=status, form=form, **cards.place(place, locale), **more)


@bp.post("/texts/<slot>/<locale>")
@requires("ledarsteg.texts")
def text_write(slot: str, locale: str) -> Answer:
    """Shows how a text will look, or saves it. When somebody else was first, both texts are shown and none is lost."""
    place = _place(slot, locale)
    form = SlotForm(request.form)
    if not form.validate():
        return _show_text(place, locale, form, status=422)
    if "preview" in request.form:
        return _show_text(place, locale, form, preview=markdown(form.body.data or ""))
    try:
        operations.write_slot(current_launch().actor, place, locale, form.body.data or "", form.revision.data)
    except ChangedMeanwhile:
        found = operations.slot_text(cards.organisation_id(), place, locale)
        form.revision.data = found.revision if found else 0
        return _show_text(place, locale, form, status=409, saved=found)
    return redirect(url_for(".texts", _anchor=place.value), 303)
