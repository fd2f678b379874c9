"""Her reminders, and the secret address by which her calendar fetches them."""

from typing import Any
from uuid import UUID

from babel.dates import get_timezone_location
from flask import redirect, request, url_for
from flask_babel import get_locale

from plugins.ledarsteg.forms.calendar import ReminderForm
from plugins.ledarsteg.operations import calendar as operations
from plugins.ledarsteg.operations import get
from plugins.ledarsteg.routes.base import Answer, bp, owner, refused
from service.contract import Invalid, current_launch, issue_token, live_tokens, page, requires, revoke_token

PURPOSE = "reminders"


@bp.get("/calendar")
@requires("ledarsteg.own")
def calendar() -> Answer:
    """When she is reminded of which habit, and whether there is an address."""
    return _show()


def _show(*, status: int = 200, wrong: ReminderForm | None = None, habit_id: UUID | None = None, **more: Any) -> Answer:
    here = current_launch()
    rows = [
        (log.habit, reminder, wrong if wrong is not None and log.habit.id == habit_id else ReminderForm.of(reminder))
        for log, reminder in operations.reminders(owner())
    ]
    links = live_tokens(here.cohort, here.member, "ledarsteg", PURPOSE)
    return page("ledarsteg/calendar.html", status=status, rows=rows, links=links, place=_place(here.zone), **more)


def _place(zone: str) -> str:
    """Names a time zone by its city, in the language of the page."""
    return str(get_timezone_location(zone, get_locale(), return_city=True))


@bp.post("/calendar/<uuid:habit_id>")
@requires("ledarsteg.own")
def remind(habit_id: UUID) -> Answer:
    """Sets when she is reminded of a habit, or that she is not."""
    mine = owner()
    get(mine, habit_id)
    if request.form.get("off"):
        operations.forget(mine, habit_id)
        return redirect(url_for(".calendar"), 303)
    form = ReminderForm(request.form)
    if not form.validate():
        return _show(status=422, wrong=form, habit_id=habit_id)
    try:
        operations.remind(mine, habit_id, form.minute, form.title.data or "")
    except Invalid as error:
        refused(form, error)
        return _show(status=422, wrong=form, habit_id=habit_id)
    return redirect(url_for(".calendar"), 303)


@bp.post("/calendar/link")
@requires("ledarsteg.own")
def calendar_link() -> Answer:
    """Makes the address, in the place of the one before, and shows it this once."""
    here = current_launch()
    _revoke()
    _id, address = issue_token(here.cohort, here.member, "ledarsteg", PURPOSE)
    return _show(address=address)


@bp.post("/calendar/link/end")
@requires("ledarsteg.own")
def calendar_end() -> Answer:
    """Ends the address at once."""
    _revoke()
    return redirect(url_for(".calendar"), 303)


def _revoke() -> None:
    here = current_launch()
    for link in live_tokens(here.cohort, here.member, "ledarsteg", PURPOSE):
        revoke_token(link.id)
