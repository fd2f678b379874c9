"""Taking over habits from another tracker: the file, what is in it and what is not understood, and then the habits."""

from typing import Any

from flask import redirect, request, url_for
from werkzeug.datastructures import MultiDict

from plugins.ledarsteg.calculations import State
from plugins.ledarsteg.calculations.imports import Contents, Trouble, read_checkmarks
from plugins.ledarsteg.forms.imports import FileForm, chosen, title_of
from plugins.ledarsteg.operations.imports import take_over
from plugins.ledarsteg.routes.base import Answer, bp, owner, settings
from service.contract import Invalid, lazy, page, requires
from service.contract import gettext as _

WHY = {
    Trouble.DATE: lazy("does not begin with a date"),
    Trouble.FUTURE: lazy("a day that has not come yet"),
    Trouble.AGAIN: lazy("the same day once more"),
    Trouble.VALUE: lazy("a value that is not known"),
    Trouble.TOO_MANY: lazy("this line and those after it are too many for one file"),
}
MOST_SHOWN = 50


@bp.get("/import")
@requires("ledarsteg.own")
def file() -> Answer:
    """The form for a file."""
    return page("ledarsteg/import.html", form=FileForm())


@bp.post("/import")
@requires("ledarsteg.own")
def preview() -> Answer:
    """Shows what is in a file and what of it was not understood. Nothing is kept yet."""
    form = FileForm(request.form)
    text = form.read(request.files)
    if text is None:
        return page("ledarsteg/import.html", status=422, form=form)
    contents = read_checkmarks(text, owner().today())
    if not contents.is_known or not contents.habits:
        return page("ledarsteg/import.html", status=422, form=form, contents=contents, why=WHY, most=MOST_SHOWN)
    return _preview(contents, text)


@bp.post("/import/take")
@requires("ledarsteg.own")
def take() -> Answer:
    """Takes over what she chose."""
    text = request.form.get("text", "").replace("\r\n", "\n")
    contents = read_checkmarks(text, owner().today())
    wanted, problems = chosen(contents, text, request.form)
    if not wanted and not problems:
        problems = {-1: str(_("Choose at least one habit."))}
    if problems:
        return _preview(contents, text, request.form, problems=problems)
    try:
        made = take_over(owner(), wanted, max_first_month=settings().max_active_first_month)
    except Invalid as error:
        return _preview(contents, text, request.form, problems={-1: next(iter(error.fields.values()))})
    return redirect(url_for(".habit", habit_id=made[0].id) if len(made) == 1 else url_for(".habits"), 303)


def _preview(contents: Contents, text: str, sent: MultiDict[str, Any] | None = None, **more: Any) -> Answer:
    rows = [
        {
            "index": index, "habit": habit, "title": title_of(habit, sent, index),
            "taken": sent is None or sent.get(f"take-{index}") == "on",
            "done": habit.count(State.DONE), "missed": habit.count(State.MISSED), "skipped": habit.count(State.SKIP),
        }
        for index, habit in enumerate(contents.habits)
    ]  # fmt: skip
    return page(
        "ledarsteg/import_preview.html", status=422 if more else 200, rows=rows, left=contents.left[:MOST_SHOWN],
        left_out=len(contents.left), why=WHY, text=text.replace("\r\n", "\n"), **more,
    )  # fmt: skip
