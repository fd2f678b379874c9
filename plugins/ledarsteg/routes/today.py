"""Noting days: on the member's own page, on the page of a day gone by, and on the page of a habit."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from uuid import UUID

from flask import redirect, request, url_for

from plugins.ledarsteg import operations
from plugins.ledarsteg.cards import today as cards
from plugins.ledarsteg.forms import DayForm, MarkForm
from plugins.ledarsteg.operations import BACKFILL_DAYS, HabitLog
from plugins.ledarsteg.routes.base import Answer, asked, bp, owner
from plugins.ledarsteg.routes.habits import habit_page
from service.contract import Invalid, page, partial, plugin_url, requires, wants_partial
from service.contract import gettext as _


@bp.get("/day")
@requires("ledarsteg.own")
def day() -> Answer:
    """A day of the last two weeks, to note afterwards. Any other day leads to the nearest that can be noted."""
    mine = owner()
    today = mine.today()
    wanted = asked("on", date.fromisoformat) or today - timedelta(1)
    on = min(max(wanted, today - timedelta(BACKFILL_DAYS)), today)
    return page("ledarsteg/day.html", **cards.one_day(mine, on))


@bp.post("/<uuid:habit_id>/mark")
@requires("ledarsteg.own")
def mark(habit_id: UUID) -> Answer:
    """Notes a day: done, partly, not done or skipped."""
    form = MarkForm(request.form)

    def noting() -> Sequence[HabitLog]:
        if not form.validate() or form.day.data is None:
            raise Invalid(day=_problem(form))
        return operations.mark(owner(), habit_id, form.day.data, form.read())

    return _noted(habit_id, form.day.data, noting)


def _problem(form: MarkForm) -> str:
    """Returns the sentence of a number or note that cannot be kept; days and answers come from our own buttons."""
    for field in (form.value, form.chip, form.note):
        if field.errors:
            return str(field.errors[0])
    return str(_("That day or answer could not be read. Choose again."))


@bp.post("/<uuid:habit_id>/unmark")
@requires("ledarsteg.own")
def unmark(habit_id: UUID) -> Answer:
    """Takes back what was noted for a day."""
    form = DayForm(request.form)

    def taking_back() -> Sequence[HabitLog]:
        if not form.validate() or form.day.data is None:
            raise Invalid(day=_("That day or answer could not be read. Choose again."))
        return operations.unmark(owner(), habit_id, form.day.data)

    return _noted(habit_id, form.day.data, taking_back)


def _noted(habit_id: UUID, on: date | None, work: Callable[[], Sequence[HabitLog]]) -> Answer:
    """Answers htmx with the day's steps, and a plain form with the page it came from."""
    origin = request.form.get("from", "")
    try:
        logs = work()
    except Invalid as error:
        problem = next(iter(error.fields.values()))
        if wants_partial():
            return _steps(origin, on, None, None, status=422, problem=problem, failed=habit_id, typed=request.form)
        return habit_page(habit_id, status=422, problem=problem, typed=request.form)
    if wants_partial():
        return _steps(origin, on, logs, habit_id)
    if origin == "home":
        return redirect(plugin_url("home"), 303)
    if origin == "day":
        return redirect(url_for(".day", on=on), 303)
    return redirect(url_for(".habit", habit_id=habit_id), 303)


def _steps(
    origin: str, on: date | None, logs: Sequence[HabitLog] | None, changed: UUID | None, *, status: int = 200, **more: object
) -> Answer:  # fmt: skip
    mine = owner()
    if origin == "day" and on is not None:
        return partial("ledarsteg/_steps.html", status=status, **cards.one_day(mine, on, logs, changed), **more)
    return partial("ledarsteg/noted.html", status=status, **cards.home(mine, logs, changed), **more)
