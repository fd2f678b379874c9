"""Pages of a manager's own rating: beginning, rating, and her profile."""

import uuid

from flask import redirect, request, url_for
from werkzeug.wrappers import Response
from wtforms import Field

from plugins.group_maturity import cards, operations
from plugins.group_maturity.forms import ContributionForm, RatingForm, answer_words, rating_form, unknown_fields
from plugins.group_maturity.instruments import LIBRARY, OWN, newest
from plugins.group_maturity.models import SelfRating, State, Status
from plugins.group_maturity.operations import measurements, own_change
from plugins.group_maturity.report import words
from plugins.group_maturity.routes.blueprint import Answer, bp
from plugins.group_maturity.routes.reports import keep_contribution
from service.contract import InCohort, Invalid, current_launch, page, requires
from service.contract import gettext as _


@bp.get("/")
@requires("group_maturity.own")
def start() -> Answer:
    """Shows what it is, what she has begun and what she has rated before."""
    launch = current_launch()
    ratings = operations.submitted(launch.cohort, launch.person.id)
    draft = operations.draft(launch.cohort, launch.person.id)
    instrument = operations.instrument_of(draft) if draft else newest(LIBRARY, OWN)
    every = measurements.of_manager(launch.cohort, launch.person.id)
    return page(
        "group_maturity/start.html", instrument=instrument, language=instrument.language(launch.locale),
        draft=draft, answered=len(operations.answers_of(draft)) if draft else 0,
        ratings=cards.dated(ratings, launch.zone), retest=cards.retest(ratings, launch.zone),
        going_on=[one for one in every if one.state in {State.DRAFT, State.OPEN, State.CLOSED}],
        ended=[one for one in every if one.state not in {State.DRAFT, State.OPEN, State.CLOSED}],
        steps=[
            (_("Your own picture is submitted"), bool(ratings)),
            (_("A measurement has ended"), any(one.state in measurements.ENDED for one in every)),
        ],
    )  # fmt: skip


@bp.post("/begin")
@requires("group_maturity.own")
def begin() -> Answer:
    """Opens her draft, a new one if she has none."""
    launch = current_launch()
    return _to("rate", operations.begin(launch.cohort, launch.person.id))


@bp.get("/ratings/<uuid:rating_id>")
@requires("group_maturity.own")
def rate(rating_id: uuid.UUID) -> Answer:
    """Shows the statements with what is answered so far; a submitted rating shows its profile instead."""
    launch = current_launch()
    rating = operations.get(launch.cohort, launch.person.id, rating_id)
    if rating.status is Status.SUBMITTED:
        return _to("profile", rating)
    kept = operations.answers_of(rating)
    return _rating_page(launch, rating, rating_form(operations.instrument_of(rating), launch.locale, kept=kept))


@bp.post("/ratings/<uuid:rating_id>")
@requires("group_maturity.own")
def send(rating_id: uuid.UUID) -> Answer:
    """Keeps the draft, or submits it. Sending twice what is submitted shows the profile and changes nothing."""
    launch = current_launch()
    rating = operations.get(launch.cohort, launch.person.id, rating_id, lock=True)
    if rating.status is Status.SUBMITTED:
        return _to("profile", rating)
    instrument = operations.instrument_of(rating)
    form = rating_form(instrument, launch.locale, sent=request.form)
    unknown = unknown_fields(instrument, request.form)
    if not form.validate() or unknown:
        return _rating_page(launch, rating, form, unknown=unknown, status=422)
    operations.save(rating, form.answers)
    if request.form.get("action") != "submit":
        return _after(rating, "draft")
    try:
        operations.submit(rating, form.answers)
    except Invalid as error:
        # What is answered is kept all the same, also when she leaves the page now.
        form.refuse(error.fields)
        return _rating_page(launch, rating, form, status=422)
    return _after(rating, "submit")


@bp.get("/ratings/<uuid:rating_id>/profile")
@requires("group_maturity.own")
def profile(rating_id: uuid.UUID) -> Answer:
    """Shows the profile of a submitted rating; a draft shows its statements instead."""
    launch = current_launch()
    rating = operations.get(launch.cohort, launch.person.id, rating_id)
    if rating.status is Status.DRAFT:
        return _to("rate", rating)
    return _profile_page(launch, rating, ContributionForm(data={"contribution": rating.contribution}))


@bp.post("/ratings/<uuid:rating_id>/contribution")
@requires("group_maturity.own")
def contribution(rating_id: uuid.UUID) -> Answer:
    """Keeps the one leader contribution of a submitted rating, and makes a habit of it when she asks for that."""
    launch = current_launch()
    rating = operations.get(launch.cohort, launch.person.id, rating_id, lock=True)
    if rating.status is Status.DRAFT:
        return _to("rate", rating)
    kept = keep_contribution(rating)
    if isinstance(kept, ContributionForm):
        return _profile_page(launch, rating, kept, status=422)
    if isinstance(kept, Response):
        return kept
    return redirect(url_for(".profile", rating_id=rating.id, saved=kept, _anchor="leader"), 303)


def _after(rating: SelfRating, done: str) -> Response:
    """Where a rating leads: to the measurement it is beside while that is open, else to its profile, or out of a draft."""
    if rating.measurement_id is not None and done == "draft":
        return redirect(url_for(".measurement", measurement_id=rating.measurement_id), 303)
    return _to("profile", rating) if done == "submit" else redirect(url_for(".start"), 303)


def _to(view: str, rating: SelfRating) -> Response:
    return redirect(url_for(f".{view}", rating_id=rating.id), 303)


def _rating_page(
    launch: InCohort, rating: SelfRating, form: RatingForm, *, unknown: list[str] | None = None, status: int = 200
) -> tuple[str, int]:
    instrument = operations.instrument_of(rating)
    return page(
        "group_maturity/rate.html", status=status, rating=rating, form=form, instrument=instrument,
        unknown=unknown or [], language=instrument.language(launch.locale),
        prefix=answer_words(instrument, launch.locale)[0], parts=_parts(instrument.forms["self"], form),
    )  # fmt: skip


def _parts(names: tuple[str, ...], form: RatingForm) -> list[tuple[str, list[tuple[int, Field]]]]:
    """The statements numbered through, those about the group before those about herself."""
    numbered = [(place, form[name]) for place, name in enumerate(names, start=1)]
    own = operations.CONTRIBUTION_SCALE
    group = [pair for pair in numbered if not pair[1].name.startswith(own)]
    return [("", group), (_("And you?"), [pair for pair in numbered if pair[1].name.startswith(own)])]


def _profile_page(
    launch: InCohort, rating: SelfRating, form: ContributionForm, *, status: int = 200
) -> tuple[str, int]:
    found = operations.profile(rating)
    ratings = operations.submitted(launch.cohort, launch.person.id)
    before = own_change.earlier(rating, ratings)
    return page(
        "group_maturity/profile.html", status=status, rating=rating, form=form,
        profile=found, instrument=found.instrument,
        language=found.instrument.language(launch.locale), saved=request.args.get("saved", ""),
        day=cards.day_of(rating, launch.zone), retest=cards.retest(ratings, launch.zone),
        others=[one for one in cards.dated(ratings, launch.zone) if one.id != rating.id],
        before=None if before is None else cards.day_of(before, launch.zone), words=words,
        changed=[] if before is None else own_change.since(launch.cohort, before, rating),
        **cards.pictures(found, operations.answers_of(rating), launch.locale),
    )  # fmt: skip
