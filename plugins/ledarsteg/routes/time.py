"""The pages of the time audit."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import redirect, request, url_for

from plugins.ledarsteg.cards import time as cards
from plugins.ledarsteg.forms.time import RowForm, StartForm
from plugins.ledarsteg.models import TimeRow
from plugins.ledarsteg.operations import ChangedMeanwhile
from plugins.ledarsteg.operations import time as operations
from plugins.ledarsteg.operations.rounds import Round, find_round, get_round, get_row, rounds
from plugins.ledarsteg.operations.sharing import share_round
from plugins.ledarsteg.routes.base import Answer, bp, owner
from service.contract import Invalid, page, partial, requires, wants_partial
from service.contract import gettext as _


@bp.get("/time")
@requires("ledarsteg.own")
def time() -> Answer:
    """The newest round; before the first one, what it is for."""
    return _newest()


def _newest(form: StartForm | None = None, status: int = 200) -> Answer:
    found = rounds(owner())
    if not found:
        return page("ledarsteg/time_first.html", status=status, start=form or cards.begin(owner()))
    return _round(found[0], found, status=status, **({"start": form} if form else {}))


def _round(found: Round, all_rounds: list[Round], *, status: int = 200, **more: Any) -> Answer:
    mine = owner()
    others = [one for one in all_rounds if one is not found]
    around = {"others": others, "span": cards.span, "leading": cards.leading_this_week(mine)}
    if found.is_open:
        shown = cards.noting(mine, found, more.pop("form", None))
        return page("ledarsteg/time_round.html", status=status, **{**shown, **around, **more})
    return page(
        "ledarsteg/time_result.html", status=status, **{**cards.result(mine, found, all_rounds), **around, **more}
    )


@bp.post("/time")
@requires("ledarsteg.own")
def time_start() -> Answer:
    """Begins a round."""
    form = StartForm(request.form)
    if not form.validate() or form.first_day.data is None:
        return _newest(form, 422)
    try:
        operations.start_round(owner(), form.first_day.data)
    except Invalid as error:
        form.refuse(error)
        return _newest(form, 422)
    return redirect(url_for(".time"), 303)


@bp.get("/time/<uuid:audit_id>")
@requires("ledarsteg.own")
def time_round(audit_id: UUID) -> Answer:
    """One round: noting while it is open, what came of it afterwards."""
    return _one(audit_id)


def _one(audit_id: UUID, *, status: int = 200, **more: Any) -> Answer:
    known = rounds(owner())
    return _round(find_round(known, audit_id), known, status=status, **more)


@bp.post("/time/<uuid:audit_id>/rows")
@requires("ledarsteg.own")
def time_row_add(audit_id: UUID) -> Answer:
    """Notes a stretch of time."""
    mine = owner()
    form = cards.row_form(mine, get_round(mine, audit_id), formdata=request.form)
    problem = ""
    if form.validate():
        try:
            row = operations.add_row(mine, audit_id, form.stretch(), form.key.data or "")
        except Invalid as error:
            problem = form.refuse(error)
        else:
            return _noted(audit_id, row)
    if wants_partial():
        shown = cards.noting(mine, get_round(mine, audit_id), form)
        return partial("ledarsteg/_time_round.html", status=422, problem=problem, **shown)
    return _one(audit_id, status=422, form=form, problem=problem)


def _noted(audit_id: UUID, row: TimeRow) -> Answer:
    """Answers htmx with the round, and a plain form with its page."""
    if wants_partial():
        mine = owner()
        made = {"id": row.id, "words": cards.row_words(row)}
        return partial("ledarsteg/_time_round.html", made=made, **cards.noting(mine, get_round(mine, audit_id)))
    return redirect(url_for(".time_round", audit_id=audit_id, _anchor="note"), 303)


@bp.get("/time/rows/<uuid:row_id>")
@requires("ledarsteg.own")
def time_row(row_id: UUID) -> Answer:
    """The form of one row."""
    mine = owner()
    found, row = get_row(mine, row_id)
    return page("ledarsteg/time_row.html", found=found, row=row, form=cards.row_form(mine, found, **cards.of(row)))


@bp.post("/time/rows/<uuid:row_id>")
@requires("ledarsteg.own")
def time_row_change(row_id: UUID) -> Answer:
    """Changes one row; where another tab came first, shows both versions."""
    mine = owner()
    found, row = get_row(mine, row_id)
    form = cards.row_form(mine, found, formdata=request.form)
    if not form.validate():
        return page("ledarsteg/time_row.html", status=422, found=found, row=row, form=form)
    try:
        operations.change_row(mine, row_id, form.stretch(), form.revision.data)
    except Invalid as error:
        problem = form.refuse(error)
        return page("ledarsteg/time_row.html", status=422, found=found, row=row, form=form, problem=problem)
    except ChangedMeanwhile:
        return _both(found, row, form)
    return redirect(url_for(".time_round", audit_id=found.audit.id, _anchor="noted"), 303)


def _both(found: Round, row: TimeRow, form: RowForm) -> Answer:
    form.revision.data = row.revision
    return page("ledarsteg/time_row.html", status=409, found=found, row=row, form=form, saved=cards.row_words(row))


@bp.post("/time/<uuid:audit_id>/rows/<uuid:row_id>/delete")
@requires("ledarsteg.own")
def time_row_delete(audit_id: UUID, row_id: UUID) -> Answer:
    """Takes a row away."""
    return _change(audit_id, lambda: operations.delete_row(owner(), audit_id, row_id))


@bp.post("/time/<uuid:audit_id>/finish")
@requires("ledarsteg.own")
def time_finish(audit_id: UUID) -> Answer:
    """Ends a round, or says what it needs first."""
    return _change(audit_id, lambda: operations.finish_round(owner(), audit_id), problem_title=_("Not finished yet."))


@bp.post("/time/<uuid:audit_id>/reopen")
@requires("ledarsteg.own")
def time_reopen(audit_id: UUID) -> Answer:
    """Takes back that a round was finished."""
    return _change(audit_id, lambda: operations.reopen_round(owner(), audit_id))


@bp.post("/time/<uuid:audit_id>/share")
@requires("ledarsteg.own")
def time_share(audit_id: UUID) -> Answer:
    """Shows what came of a round to the cohort's coaches, or to nobody again."""
    on = request.form.get("shared") == "on"
    return _change(audit_id, lambda: share_round(owner(), audit_id, on=on))


@bp.post("/time/<uuid:audit_id>/discard")
@requires("ledarsteg.own")
def time_discard(audit_id: UUID) -> Answer:
    """Takes an open round away."""
    return _change(
        audit_id, lambda: operations.discard_round(owner(), audit_id), lambda _id: redirect(url_for(".time"), 303)
    )


def _change(
    audit_id: UUID, work: Callable[[], None], then: Callable[[UUID], Answer] | None = None, **more: Any
) -> Answer:
    """Does one thing to a round, and shows its page; with what is in the way where something is."""
    try:
        work()
    except Invalid as error:
        return _one(audit_id, status=422, problem=next(iter(error.fields.values())), **more)
    return then(audit_id) if then else redirect(url_for(".time_round", audit_id=audit_id), 303)
