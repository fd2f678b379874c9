"""The pages of leader time."""

from typing import Any
from uuid import UUID

from flask import redirect, request, url_for

from plugins.ledarsteg.cards import leader_time as cards
from plugins.ledarsteg.forms.time import BlockEditForm, BlockForm, KeepForm
from plugins.ledarsteg.operations import ChangedMeanwhile
from plugins.ledarsteg.operations import leader_time as operations
from plugins.ledarsteg.routes.base import Answer, bp, owner
from service.contract import Invalid, page, requires


@bp.get("/time/leader")
@requires("ledarsteg.own")
def leader_time() -> Answer:
    """What is set aside, what was kept, and setting aside more."""
    return _plan()


def _plan(form: BlockForm | None = None, *, status: int = 200, **more: Any) -> Answer:
    return page("ledarsteg/leader_time.html", status=status, **cards.plan(owner(), form), **more)


@bp.post("/time/leader")
@requires("ledarsteg.own")
def leader_plan() -> Answer:
    """Sets time aside."""
    form = BlockForm(request.form)
    if not form.validate():
        return _plan(form, status=422)
    try:
        operations.plan_block(owner(), form.block(), form.key.data or "")
    except Invalid as error:
        form.refuse(error)
        return _plan(form, status=422)
    return redirect(url_for(".leader_time"), 303)


@bp.post("/time/leader/<uuid:block_id>/keep")
@requires("ledarsteg.own")
def leader_keep(block_id: UUID) -> Answer:
    """Notes how much of a block was kept."""
    block = operations.get_block(owner(), block_id)
    form = KeepForm(request.form)
    if not form.validate():
        return _plan(status=422, keep_form=form, kept_block=block.id)
    try:
        operations.keep(owner(), block_id, form.minutes.data)
    except Invalid as error:
        form.minutes.errors = list(error.fields.values())
        return _plan(status=422, keep_form=form, kept_block=block.id)
    return redirect(url_for(".leader_time"), 303)


@bp.get("/time/leader/<uuid:block_id>")
@requires("ledarsteg.own")
def leader_block(block_id: UUID) -> Answer:
    """The form of one block."""
    block = operations.get_block(owner(), block_id)
    form = BlockEditForm(
        day=block.local_date, minutes=block.planned_minutes, kept=block.kept_minutes, revision=block.revision
    )
    return page("ledarsteg/leader_block.html", block=block, form=form)


@bp.post("/time/leader/<uuid:block_id>")
@requires("ledarsteg.own")
def leader_change(block_id: UUID) -> Answer:
    """Changes one block; where another tab came first, shows both versions."""
    block = operations.get_block(owner(), block_id)
    form = BlockEditForm(request.form)
    if not form.validate():
        return page("ledarsteg/leader_block.html", status=422, block=block, form=form)
    try:
        operations.change_block(owner(), block_id, form.block(), form.revision.data)
    except Invalid as error:
        form.refuse(error)
        return page("ledarsteg/leader_block.html", status=422, block=block, form=form)
    except ChangedMeanwhile:
        form.revision.data = block.revision
        return page("ledarsteg/leader_block.html", status=409, block=block, form=form, saved=cards.block_words(block))
    return redirect(url_for(".leader_time"), 303)


@bp.post("/time/leader/<uuid:block_id>/delete")
@requires("ledarsteg.own")
def leader_delete(block_id: UUID) -> Answer:
    """Takes a block away."""
    operations.delete_block(owner(), block_id)
    return redirect(url_for(".leader_time"), 303)
