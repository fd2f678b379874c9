"""The Friday review."""

from datetime import date
from typing import Any

from flask import redirect, request, url_for

from plugins.ledarsteg.cards import journal as cards
from plugins.ledarsteg.forms.journal import ReviewForm, of_look
from plugins.ledarsteg.models import Review
from plugins.ledarsteg.operations import ChangedMeanwhile
from plugins.ledarsteg.operations import reviews as operations
from plugins.ledarsteg.operations.reviews import Look
from plugins.ledarsteg.routes.base import Answer, bp, owner, settings
from service.contract import Invalid, NotFound, page, requires


@bp.get("/reviews")
@requires("ledarsteg.own")
def reviews() -> Answer:
    """All reviews, the latest week first."""
    return page("ledarsteg/reviews.html", **cards.reviews(owner(), settings()))


def _monday(year: int, week: int) -> date:
    try:
        return date.fromisocalendar(year, week, 1)
    except ValueError as error:
        raise NotFound("week") from error


@bp.get("/reviews/<int:year>/<int:week>")
@requires("ledarsteg.own")
def review(year: int, week: int) -> Answer:
    """The review of a week (ISO 8601), to write or to change."""
    monday, mine = _monday(year, week), owner()
    found = operations.review_of(mine, monday)
    form = ReviewForm(data=of_look(Look.of(found), found.revision)) if found else ReviewForm()
    return _show(monday, found, form, closed="" if found else operations.why_closed(mine, monday))


@bp.post("/reviews/<int:year>/<int:week>")
@requires("ledarsteg.own")
def review_write(year: int, week: int) -> Answer:
    """Writes the review. When another tab was first, both versions are shown and nothing is lost."""
    monday, mine = _monday(year, week), owner()
    form = ReviewForm(request.form)
    if not form.validate():
        return _show(monday, operations.review_of(mine, monday), form, status=422)
    try:
        operations.write_review(mine, monday, form.look(), form.revision.data)
    except ChangedMeanwhile:
        found = operations.review_of(mine, monday)
        form.revision.data = found.revision if found else 0
        saved = cards.said(Look.of(found)) if found else ()
        return _show(monday, found, form, status=409, saved=saved)
    except Invalid as error:
        problem = form.refuse(error)
        return _show(monday, operations.review_of(mine, monday), form, status=422, problem=problem)
    return redirect(url_for(".reviews"), 303)


def _show(monday: date, found: Review | None, form: ReviewForm, *, status: int = 200, **more: Any) -> Answer:
    shown = cards.how_far(owner(), settings())
    return page("ledarsteg/review.html", status=status, monday=monday, found=found, form=form, **shown, **more)
