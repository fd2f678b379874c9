"""The pages about habits."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import redirect, request, url_for

from plugins.ledarsteg import operations
from plugins.ledarsteg.cards import pages
from plugins.ledarsteg.forms import DayForm, HabitForm, MarkForm, PlanForm
from plugins.ledarsteg.routes.base import Answer, bp, owner, settings
from service.contract import Invalid, page, partial, plugin_url, requires, wants_partial
from service.contract import gettext as _


@bp.get("/")
@requires("ledarsteg.own")
def habits() -> Answer:
    """All habits of the person, the finished ones last."""
    return page("ledarsteg/habits.html", **pages.habit_list(owner()))


@bp.get("/new")
@requires("ledarsteg.own")
def new() -> Answer:
    """The form for a new habit."""
    return page("ledarsteg/new.html", form=HabitForm())


@bp.post("/new")
@requires("ledarsteg.own")
def create() -> Answer:
    """Makes a habit, or shows the form again with what to think of."""
    form = HabitForm(request.form)
    if not form.validate():
        return page("ledarsteg/new.html", status=422, form=form)
    if form.is_large:
        return page("ledarsteg/new.html", form=form, split=True)
    try:
        made = operations.make_habit(owner(), form.habit(), max_first_month=settings().max_active_first_month)
    except Invalid as error:
        for name, sentence in error.fields.items():
            form[name].errors = [sentence]
        return page("ledarsteg/new.html", status=422, form=form)
    return redirect(url_for(".habit", habit_id=made.id), 303)


@bp.get("/<uuid:habit_id>")
@requires("ledarsteg.own")
def habit(habit_id: UUID) -> Answer:
    """One habit: the plan first, the numbers after."""
    return _habit_page(habit_id)


def _habit_page(habit_id: UUID, *, status: int = 200, **more: Any) -> Answer:
    return page("ledarsteg/habit.html", status=status, **pages.habit(owner(), habit_id), **more)


@bp.get("/<uuid:habit_id>/plan")
@requires("ledarsteg.own")
def plan(habit_id: UUID) -> Answer:
    """The form for a habit's plan."""
    log = operations.one(owner(), habit_id)
    return page("ledarsteg/plan.html", form=PlanForm(obj=log.plan), habit=log.habit)


@bp.post("/<uuid:habit_id>/plan")
@requires("ledarsteg.own")
def write_plan(habit_id: UUID) -> Answer:
    """Writes the plan in the place of the one before."""
    form = PlanForm(request.form)
    mine = owner()
    habit = operations.get(mine, habit_id, lock=True)
    if not form.validate():
        return page("ledarsteg/plan.html", status=422, form=form, habit=habit)
    operations.write_plan(habit, form.plan())
    return redirect(url_for(".habit", habit_id=habit_id), 303)


@bp.post("/<uuid:habit_id>/mark")
@requires("ledarsteg.own")
def mark(habit_id: UUID) -> Answer:
    """Notes a day: done, not done or skipped."""
    form = MarkForm(request.form)

    def noting() -> None:
        if not form.validate() or form.day.data is None:
            raise Invalid(day=_("That day or answer could not be read. Choose again."))
        note = operations.Note(form.state.data, form.value.data, form.reason.data)
        operations.mark(owner(), habit_id, form.day.data, note)

    return _noted(habit_id, noting)


@bp.post("/<uuid:habit_id>/unmark")
@requires("ledarsteg.own")
def unmark(habit_id: UUID) -> Answer:
    """Takes back what was noted for a day."""
    form = DayForm(request.form)

    def take_back() -> None:
        if not form.validate() or form.day.data is None:
            raise Invalid(day=_("That day or answer could not be read. Choose again."))
        operations.unmark(owner(), habit_id, form.day.data)

    return _noted(habit_id, take_back)


def _noted(habit_id: UUID, work: Callable[[], None]) -> Answer:
    """Answers htmx with the day's steps, and a plain form with the page it came from."""
    try:
        work()
    except Invalid as error:
        problem = next(iter(error.fields.values()))
        if wants_partial():
            return partial("ledarsteg/noted.html", status=422, **pages.home(owner()), problem=problem)
        return _habit_page(habit_id, status=422, problem=problem)
    if wants_partial():
        return partial("ledarsteg/noted.html", **pages.home(owner(), changed=habit_id))
    from_home = request.form.get("from") == "home"
    return redirect(plugin_url("home") if from_home else url_for(".habit", habit_id=habit_id), 303)


@bp.post("/<uuid:habit_id>/share")
@requires("ledarsteg.own")
def share(habit_id: UUID) -> Answer:
    """Shares a habit with the coaches of the cohort, or makes it private again."""
    operation = operations.share if request.form.get("shared") == "on" else operations.unshare
    operation(owner(), habit_id)
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
        return _habit_page(habit_id, status=422, problem=next(iter(error.fields.values())))
    return redirect(url_for(".habit", habit_id=habit_id), 303)
