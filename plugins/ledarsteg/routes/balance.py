"""The page about both-and."""

from collections.abc import Callable
from datetime import date
from uuid import UUID

from flask import redirect, request, url_for

from plugins.ledarsteg.cards import balance as cards
from plugins.ledarsteg.forms.balance import CardForm
from plugins.ledarsteg.operations import polarities as operations
from plugins.ledarsteg.operations.sharing import share_card
from plugins.ledarsteg.routes.base import Answer, bp, owner
from service.contract import Invalid, page, requires


@bp.get("/balance")
@requires("ledarsteg.own")
def balance() -> Answer:
    """The two sides of the contributions, and a reading a week of each card."""
    return page("ledarsteg/balance.html", **cards.page(owner()))


@bp.post("/balance/<uuid:polarity_id>")
@requires("ledarsteg.own")
def balance_read(polarity_id: UUID) -> Answer:
    """Notes where a week lay."""
    mine = owner()
    operations.get_polarity(mine, polarity_id)
    form = cards.reading_form(mine, formdata=request.form)
    reading = form.reading()
    problem = ""
    if form.validate() and reading is not None:
        try:
            operations.read_week(mine, polarity_id, date.fromisoformat(form.monday.data or ""), reading)
        except Invalid as error:
            problem = form.refuse(error)
        else:
            return redirect(url_for(".balance", _anchor=f"card-{polarity_id}"), 303)
    shown = cards.page(mine, reading=(polarity_id, form))
    return page("ledarsteg/balance.html", status=422, problem=problem, **shown)


@bp.post("/balance")
@requires("ledarsteg.own")
def balance_card() -> Answer:
    """Makes a card of her own."""
    form = CardForm(request.form)
    if not form.validate():
        return page("ledarsteg/balance.html", status=422, **cards.page(owner(), form=form))
    operations.make_card(owner(), form.left.data or "", form.right.data or "", form.key.data or "")
    return redirect(url_for(".balance", _anchor="cards"), 303)


@bp.post("/balance/<uuid:polarity_id>/end")
@requires("ledarsteg.own")
def balance_end(polarity_id: UUID) -> Answer:
    """Ends a card."""
    return _change(lambda: operations.end_card(owner(), polarity_id))


@bp.post("/balance/<uuid:polarity_id>/share")
@requires("ledarsteg.own")
def balance_share(polarity_id: UUID) -> Answer:
    """Shows a card to the cohort's coaches, or to nobody again."""
    on = request.form.get("shared") == "on"
    return _change(lambda: share_card(owner(), polarity_id, on=on))


@bp.post("/balance/<uuid:polarity_id>/resume")
@requires("ledarsteg.own")
def balance_resume(polarity_id: UUID) -> Answer:
    """Takes a card up again."""
    return _change(lambda: operations.resume_card(owner(), polarity_id))


def _change(work: Callable[[], None]) -> Answer:
    try:
        work()
    except Invalid as error:
        problem = next(iter(error.fields.values()))
        return page("ledarsteg/balance.html", status=422, problem=problem, **cards.page(owner()))
    return redirect(url_for(".balance", _anchor="cards"), 303)
