"""The end of a term: what becomes of each habit."""

from typing import Any
from uuid import UUID

from flask import redirect, request, url_for

from plugins.ledarsteg.cards import words
from plugins.ledarsteg.forms.journal import CHOICE_TITLES, ChoiceForm
from plugins.ledarsteg.models import Choice
from plugins.ledarsteg.operations import ChangedMeanwhile
from plugins.ledarsteg.operations import term as operations
from plugins.ledarsteg.routes.base import Answer, bp, owner, settings
from service.contract import Invalid, page, requires
from service.contract import gettext as _


@bp.get("/term")
@requires("ledarsteg.own")
def term() -> Answer:
    """Each habit with what can become of it."""
    return _show()


def _show(
    *, status: int = 200, typed: tuple[UUID, ChoiceForm] | None = None, problem: str = "", saved: str = ""
) -> Answer:
    shown: dict[str, Any] = {
        "closing": operations.closing(owner()), "ends_on": settings().term_ends_on, "titles": CHOICE_TITLES,
        "choices": list(Choice), "often": words.often, "strength_text": words.strength_text,
    }  # fmt: skip
    habit_id, form = typed or (None, None)
    return page(
        "ledarsteg/term.html", status=status, typed_id=habit_id, form=form, blank=ChoiceForm(), problem=problem, saved=saved,
        **shown,
    )  # fmt: skip


@bp.post("/term/<uuid:habit_id>")
@requires("ledarsteg.own")
def term_decide(habit_id: UUID) -> Answer:
    """Decides about one habit; raising it leads to where it is changed."""
    form = ChoiceForm(request.form)
    mine = owner()
    if not form.validate():
        operations.choice_of(mine, habit_id)
        unreadable = _("That answer could not be read. Choose again.") if form.choice.errors else ""
        return _show(status=422, typed=(habit_id, form), problem=unreadable)
    choice = Choice(form.choice.data)
    try:
        operations.decide(mine, habit_id, choice, form.why.data or "", form.revision.data)
    except ChangedMeanwhile:
        stands = operations.choice_of(mine, habit_id)
        saved = ": ".join(part for part in (str(CHOICE_TITLES[stands.choice]), stands.why) if part) if stands else ""
        return _show(status=409, typed=(habit_id, form), saved=saved)
    except Invalid as error:
        return _show(status=422, typed=(habit_id, form), problem=next(iter(error.fields.values())))
    if choice is Choice.RAISE:
        return redirect(url_for(".change", habit_id=habit_id), 303)
    return redirect(url_for(".term", _anchor=f"habit-{habit_id}"), 303)


@bp.post("/term/<uuid:habit_id>/undo")
@requires("ledarsteg.own")
def term_undo(habit_id: UUID) -> Answer:
    """Takes a decision back."""
    try:
        operations.undo_decision(owner(), habit_id)
    except Invalid as error:
        return _show(status=422, problem=next(iter(error.fields.values())))
    return redirect(url_for(".term", _anchor=f"habit-{habit_id}"), 303)
