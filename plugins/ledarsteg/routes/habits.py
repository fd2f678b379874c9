"""The pages about habits: all of them, one, making and changing it, pausing, sharing and finishing it."""

from typing import Any
from uuid import UUID

from flask import redirect, request, url_for

from plugins.ledarsteg import operations
from plugins.ledarsteg.calculations import split_words
from plugins.ledarsteg.cards import habit as cards
from plugins.ledarsteg.forms import ChangeForm, NewHabitForm, PauseForm
from plugins.ledarsteg.operations import ChangedMeanwhile, With
from plugins.ledarsteg.routes.base import Answer, asked, bp, owner, refused, settings
from service.contract import Invalid, current_launch, page, requires
from service.contract import gettext as _


@bp.get("/")
@requires("ledarsteg.own")
def habits() -> Answer:
    """All habits of the person, the finished ones last."""
    return page("ledarsteg/habits.html", **cards.habit_list(owner()))


@bp.get("/new")
@requires("ledarsteg.own")
def new() -> Answer:
    """The form for a new habit.

    What is chosen away may come from a row of the time audit (`from_row`), the rest from a step of the library (`step`).
    """
    row, step_id = asked("from_row", UUID), asked("step", UUID)
    drop = operations.drop_words(owner(), row) if row else ""
    if step_id is None:
        return _new(NewHabitForm(drop=drop))
    step = operations.texts.step(owner(), step_id, current_launch().locale)
    form = NewHabitForm(
        title=step.title, cue=step.cue, action=step.action, minutes=step.minutes, drop=drop, step=step.id
    )
    return _new(form)


def _new(form: NewHabitForm, **more: Any) -> Answer:
    return page("ledarsteg/new.html", form=form, has_steps=operations.texts.has_steps(owner()), **more)


@bp.post("/new")
@requires("ledarsteg.own")
def create() -> Answer:
    """Makes a habit, or shows the form again with what to think of. A step of two things may become two steps."""
    form = NewHabitForm(request.form)
    if not form.validate():
        return _new(form, status=422)
    if form.is_large or form.is_several:
        return _new(form, large=form.is_large, several=form.is_several)
    first, rest = split_words(form.title.data or "") if form.split.data == "two" else ("", "")
    try:
        made = operations.make_habit(owner(), form.habit(first), max_first_month=settings().max_active_first_month)
    except Invalid as error:
        refused(form, error)
        return _new(form, status=422)
    if rest:
        return _new(NewHabitForm(title=rest), first=made)
    return redirect(url_for(".habit", habit_id=made.id), 303)


@bp.get("/<uuid:habit_id>")
@requires("ledarsteg.own")
def habit(habit_id: UUID) -> Answer:
    """One habit: the plan first, the numbers after."""
    return habit_page(habit_id)


def habit_page(habit_id: UUID, *, status: int = 200, **more: Any) -> Answer:
    """Shows a habit, after something that was refused with what was typed."""
    shown = cards.habit(owner(), habit_id, request.args.get("year", type=int))
    more.setdefault("pause_form", PauseForm())
    return page("ledarsteg/habit.html", status=status, **shown, **more)


@bp.get("/<uuid:habit_id>/change")
@requires("ledarsteg.own")
def change(habit_id: UUID) -> Answer:
    """The form with the habit as it is."""
    log = operations.one(owner(), habit_id)
    return page("ledarsteg/change.html", form=ChangeForm.of(log), log=log)


@bp.post("/<uuid:habit_id>/change")
@requires("ledarsteg.own")
def write_change(habit_id: UUID) -> Answer:
    """Changes the habit. When another tab was first, both versions are shown and nothing is lost."""
    form = ChangeForm(request.form)
    mine = owner()
    log = operations.one(mine, habit_id)
    form.kind.data = log.habit.kind.value
    if not form.validate():
        return page("ledarsteg/change.html", status=422, form=form, log=log)
    if form.is_large:
        return page("ledarsteg/change.html", form=form, log=log, large=True)
    try:
        operations.change_habit(mine, habit_id, form.change())
    except ChangedMeanwhile:
        form.revision.data = str(log.habit.revision)
        return page("ledarsteg/change.html", status=409, form=form, log=log, saved=ChangeForm.of(log))
    except Invalid as error:
        refused(form, error)
        return page("ledarsteg/change.html", status=422, form=form, log=log)
    return redirect(url_for(".habit", habit_id=habit_id), 303)


@bp.post("/<uuid:habit_id>/pause")
@requires("ledarsteg.own")
def pause(habit_id: UUID) -> Answer:
    """Lets the habit rest for some days."""
    form = PauseForm(request.form)
    if not form.validate() or form.first.data is None:
        return habit_page(habit_id, status=422, pause_form=form)
    try:
        operations.pause(owner(), habit_id, form.first.data, form.last.data)
    except Invalid as error:
        refused(form, error)
        return habit_page(habit_id, status=422, pause_form=form)
    return redirect(url_for(".habit", habit_id=habit_id, _anchor="pauses"), 303)


@bp.post("/<uuid:habit_id>/pause/<uuid:pause_id>/end")
@requires("ledarsteg.own")
def end_pause(habit_id: UUID, pause_id: UUID) -> Answer:
    """Takes the habit up again."""
    operations.end_pause(owner(), habit_id, pause_id)
    return redirect(url_for(".habit", habit_id=habit_id, _anchor="pauses"), 303)


@bp.post("/<uuid:habit_id>/share")
@requires("ledarsteg.own")
def share(habit_id: UUID) -> Answer:
    """Shares a habit with the coaches of the cohort or with the step-mate, or makes it private again."""
    whom = With.MATE if request.form.get("whom") == With.MATE else With.COACH
    operation = operations.share if request.form.get("shared") == "on" else operations.unshare
    try:
        operation(owner(), habit_id, whom)
    except Invalid as error:
        problem = next(iter(error.fields.values()))
        return habit_page(habit_id, status=422, problem=problem, problem_title=_("Nothing was changed."))
    return redirect(url_for(".habit", habit_id=habit_id, _anchor="sharing"), 303)


@bp.post("/<uuid:habit_id>/retire")
@requires("ledarsteg.own")
def retire(habit_id: UUID) -> Answer:
    """Finishes a habit."""
    operations.retire(owner(), habit_id)
    return redirect(url_for(".habit", habit_id=habit_id), 303)


@bp.post("/<uuid:habit_id>/resume")
@requires("ledarsteg.own")
def resume(habit_id: UUID) -> Answer:
    """Takes back that a habit was finished, on the same day."""
    try:
        operations.resume(owner(), habit_id)
    except Invalid as error:
        return habit_page(habit_id, status=422, problem=next(iter(error.fields.values())))
    return redirect(url_for(".habit", habit_id=habit_id), 303)


@bp.post("/<uuid:habit_id>/season")
@requires("ledarsteg.own")
def season(habit_id: UUID) -> Answer:
    """Takes a finished habit up again as a new season."""
    try:
        begun = operations.begin_season(owner(), habit_id)
    except Invalid as error:
        return habit_page(habit_id, status=422, problem=next(iter(error.fields.values())))
    return redirect(url_for(".habit", habit_id=begun.id), 303)
