"""A coach looks at her own notes about a manager who has asked for them, and decides of each; also one who is coach no more."""

import uuid

from flask import request

from plugins.handledning.forms.reviews import ReviewForm
from plugins.handledning.models import Note, NoteReview
from plugins.handledning.operations import reviews as operations
from plugins.handledning.routes.base import Answer, pages, party, posted, to, zone
from service.contract import Conflict, Invalid, Person, local_date, opened, page, requires, session


@pages.get("/reviews")
@requires("handledning.take_part")
def reviews() -> Answer:
    """Her notes that are asked for, the most urgent first, and what she has decided."""
    me = party()
    found = operations.reviews_of(me)
    return page(
        "handledning/reviews.html",
        reviews=[(one, _name(one)) for one in found],
        elsewhere=operations.elsewhere(me, found),
        zone=zone(),
        local_date=local_date,
        saved="saved" in request.args,
    )


def _name(review: NoteReview) -> str:
    return session().get_one(Person, review.manager_id).display_name


@pages.route("/reviews/<uuid:review_id>", methods=["GET", "POST"])
@requires("handledning.take_part")
def review(review_id: uuid.UUID) -> Answer:
    """One note, to give it out whole, in part, or not."""
    me = party()
    found, note = operations.review_of(me, review_id, lock=request.method == "POST")
    form = ReviewForm(posted(), data={"text": _body(note)})
    if request.method == "GET":
        return _review(found, note, form)
    if not form.validate():
        return _review(found, note, form, status=422)
    try:
        operations.decide(me, review_id, form.choice())
    except Invalid as refused:
        return _review(found, note, form.refuse(refused.fields), status=422)
    except Conflict:
        return _review(found, note, form, status=409, conflict=True)
    return to(".reviews", saved=1)


def _body(note: Note | None) -> str:
    return (opened(note, "body") or "") if note is not None else ""


def _review(
    found: NoteReview, note: Note | None, form: ReviewForm, *, status: int = 200, conflict: bool = False
) -> Answer:
    return page(
        "handledning/review.html",
        status=status,
        its=found,
        name=_name(found),
        body=_body(note),
        gone=note is None,
        form=form,
        conflict=conflict,
        zone=zone(),
        local_date=local_date,
    )
