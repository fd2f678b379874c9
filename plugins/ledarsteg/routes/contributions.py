"""The pages of leader contributions."""

import uuid
from datetime import date
from uuid import UUID

from flask import redirect, request, url_for

from plugins.ledarsteg.cards import contributions as cards
from plugins.ledarsteg.forms import contributions as forms
from plugins.ledarsteg.forms.contributions import ContributionForm
from plugins.ledarsteg.operations import ChangedMeanwhile
from plugins.ledarsteg.operations import contributions as operations
from plugins.ledarsteg.routes.base import Answer, asked, bp, owner
from service.contract import Invalid, page, plugin_url, requires


@bp.get("/contributions")
@requires("ledarsteg.own")
def contributions() -> Answer:
    """Noting contributions, how many and how good week by week, and what was noted.

    `habit` and `day` in the address fill the form in: a step of today that may have been a contribution.
    """
    mine = owner()
    habit_id, day = asked("habit", uuid.UUID), asked("day", date.fromisoformat)
    form = cards.new_form(mine, operations.habits_to_name(mine), habit_id, day)
    return page("ledarsteg/contributions.html", **cards.overview(mine, form))


@bp.post("/contributions")
@requires("ledarsteg.own")
def contribution_add() -> Answer:
    """Notes contributions."""
    mine = owner()
    form = ContributionForm(request.form, habits=operations.habits_to_name(mine))
    problem = ""
    if form.validate():
        try:
            operations.log_contribution(mine, form.given(), form.key.data or "")
        except Invalid as error:
            problem = form.refuse(error)
        else:
            return redirect(plugin_url("home") if form.origin.data == cards.HOME else url_for(".contributions"), 303)
    return page("ledarsteg/contributions.html", status=422, problem=problem, **cards.overview(mine, form))


@bp.get("/contributions/all")
@requires("ledarsteg.own")
def contributions_all() -> Answer:
    """Everything that was ever noted in this course."""
    return page("ledarsteg/contributions_all.html", **cards.everything(owner()))


@bp.get("/contributions/<uuid:contribution_id>")
@requires("ledarsteg.own")
def contribution(contribution_id: UUID) -> Answer:
    """The form of what was noted."""
    mine = owner()
    found = operations.get_contribution(mine, contribution_id)
    return page("ledarsteg/contribution.html", found=found, form=cards.edit_form(mine, found, **forms.of(found)))


@bp.post("/contributions/<uuid:contribution_id>")
@requires("ledarsteg.own")
def contribution_change(contribution_id: UUID) -> Answer:
    """Changes what was noted; where another tab came first, shows both versions."""
    mine = owner()
    found = operations.get_contribution(mine, contribution_id)
    form = cards.edit_form(mine, found, formdata=request.form)
    if not form.validate():
        return page("ledarsteg/contribution.html", status=422, found=found, form=form)
    try:
        operations.change_contribution(mine, contribution_id, form.given(), form.revision.data)
    except Invalid as error:
        form.refuse(error)
        return page("ledarsteg/contribution.html", status=422, found=found, form=form)
    except ChangedMeanwhile:
        form.revision.data = found.revision
        return page("ledarsteg/contribution.html", status=409, found=found, form=form, saved=cards.words(found))
    return redirect(url_for(".contributions", _anchor="noted"), 303)


@bp.post("/contributions/<uuid:contribution_id>/delete")
@requires("ledarsteg.own")
def contribution_delete(contribution_id: UUID) -> Answer:
    """Takes away what was noted."""
    operations.delete_contribution(owner(), contribution_id)
    return redirect(url_for(".contributions", _anchor="noted"), 303)
