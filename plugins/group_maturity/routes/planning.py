"""Pages of a measurement before it opens: planning it, changing the plan, the next wave, opening, giving it up."""

import uuid
from datetime import date
from http import HTTPStatus

from flask import redirect, request, url_for

from plugins.group_maturity.forms import QUESTION, PlanForm, as_data, beginning, languages_in_words
from plugins.group_maturity.models import Measurement, State
from plugins.group_maturity.operations import instruments, measurements, waves
from plugins.group_maturity.operations.measurements import LABEL_LENGTH, MAX_SIZE, Plan
from plugins.group_maturity.routes.blueprint import (
    Answer,
    asks,
    bp,
    mine,
    own_picture,
    promised,
    settings,
    to_measurement,
)
from service.contract import Conflict, Invalid, current_launch, page, requires


@bp.get("/measurements/new")
@requires("group_maturity.own")
def plan() -> Answer:
    """The form for measuring a group for the first time."""
    return _page(_form(None))


@bp.post("/measurements/new")
@requires("group_maturity.own")
def create() -> Answer:
    """Begins a draft."""
    launch = current_launch()
    form = _sent()
    if not form.validate():
        return _page(form, status=422)
    twice = _sent_twice(form.plan)
    if twice is not None:
        return to_measurement(twice)
    try:
        made = measurements.create(launch.cohort, launch.person.id, form.plan, settings())
    except Invalid as error:
        form.refuse(error.fields)
        return _page(form, status=422)
    return to_measurement(made)


@bp.get("/measurements/<uuid:measurement_id>/again")
@requires("group_maturity.own")
def plan_again(measurement_id: uuid.UUID) -> Answer:
    """The form for measuring the same group again."""
    before = mine(measurement_id)
    if _followed(before):
        return to_measurement(before)
    return _page(_form(before), before=before)


@bp.post("/measurements/<uuid:measurement_id>/again")
@requires("group_maturity.own")
def create_again(measurement_id: uuid.UUID) -> Answer:
    """Begins the next wave; the one there is already is shown instead of a second."""
    before = mine(measurement_id, lock=True)
    if _followed(before):
        return to_measurement(before)
    form = _sent()
    if not form.validate():
        return _page(form, status=422, before=before)
    try:
        made = measurements.again(before, current_launch().cohort, form.plan, settings())
    except Invalid as error:
        form.refuse(error.fields)
        return _page(form, status=422, before=before)
    return to_measurement(made)


@bp.get("/measurements/<uuid:measurement_id>/change")
@requires("group_maturity.own")
def change(measurement_id: uuid.UUID) -> Answer:
    """The form with a draft as it is."""
    draft = mine(measurement_id)
    if draft.state is not State.DRAFT:
        return to_measurement(draft)
    before = measurements.before(draft)
    return _page(PlanForm(data=as_data(draft, before)), draft=draft, before=before)


@bp.post("/measurements/<uuid:measurement_id>/change")
@requires("group_maturity.own")
def write_change(measurement_id: uuid.UUID) -> Answer:
    """Changes a draft. When another tab was first, both versions are shown and nothing is lost."""
    draft = mine(measurement_id, lock=True)
    if draft.state is not State.DRAFT:
        return to_measurement(draft)
    before = measurements.before(draft)
    form = _sent()
    if not form.validate():
        return _page(form, status=422, draft=draft, before=before)
    try:
        measurements.edit(draft, current_launch().cohort, form.plan, settings(), form.seen)
    except Conflict:
        form.version.data = str(draft.version)
        return _page(form, status=409, draft=draft, before=before, saved=draft)
    except Invalid as error:
        form.refuse(error.fields)
        return _page(form, status=422, draft=draft, before=before)
    return to_measurement(draft)


@bp.post("/measurements/<uuid:measurement_id>/open")
@requires("group_maturity.own")
def open_up(measurement_id: uuid.UUID) -> Answer:
    """Opens a draft. What stands in its way is told on its page; one that is open already is shown."""
    draft = mine(measurement_id, lock=True)
    if draft.state is not State.DRAFT:
        return to_measurement(draft)
    unreviewed = request.form.get("draft_languages") == "yes"
    try:
        measurements.open_up(draft, current_launch().cohort, settings(), draft_languages=unreviewed)
    except Invalid:
        return draft_page(draft, status=422, draft_languages=unreviewed)
    return redirect(url_for(".codes", measurement_id=draft.id), 303)


@bp.post("/measurements/<uuid:measurement_id>/discard")
@requires("group_maturity.own")
def discard(measurement_id: uuid.UUID) -> Answer:
    """Gives a measurement up. One that has closed stays, and its page says so."""
    found = mine(measurement_id, lock=True)
    was_draft = found.state is State.DRAFT
    try:
        measurements.give_up(found)
    except Conflict:
        return to_measurement(found, said="closed")
    return redirect(url_for(".start"), 303) if was_draft else to_measurement(found)


def draft_page(draft: Measurement, *, status: int = 200, draft_languages: bool = False) -> tuple[str, int]:
    """Shows a draft: what it will be, what the group is promised, and what stands in its way."""
    launch = current_launch()
    instrument = measurements.instrument_of(draft)
    standing = measurements.obstacles(draft, launch.cohort, settings(), draft_languages=draft_languages)
    confirm = [one for one in draft.languages if instrument.translation_status[one] == "draft"]
    before = measurements.before(draft)
    return page(
        "group_maturity/draft.html", status=status, draft=draft, instrument=instrument,
        language=instrument.language(launch.locale), obstacles=standing, confirm=languages_in_words(confirm),
        blocked=[one for one in standing if one.kind != "draft_language"], refused=status != HTTPStatus.OK,
        languages=languages_in_words(draft.languages), before=before,
        earliest=None if before is None else measurements.retest_from(before, settings()),
        promised=promised(draft), own=own_picture(draft), asks=asks(draft), question=QUESTION,
    )  # fmt: skip


def _sent_twice(plan: Plan) -> Measurement | None:
    """The draft that this very form has made already, when its button was pressed twice."""
    launch = current_launch()
    wanted = (
        plan.label.casefold(), plan.size, plan.mode, plan.opens_on, plan.closes_on, list(plan.languages), plan.instrument
    )  # fmt: skip
    for one in measurements.of_manager(launch.cohort, launch.person.id):
        made = (
            one.label.casefold(), one.size, one.mode, one.opens_on, one.closes_on, one.languages,
            (one.instrument_key, one.instrument_version),
        )  # fmt: skip
        if one.state is State.DRAFT and made == wanted:
            return one
    return None


def _followed(before: Measurement) -> bool:
    return before.state not in measurements.ENDED or waves.after(before) is not None


def _form(before: Measurement | None) -> PlanForm:
    launch = current_launch()
    known = instruments.usable(launch.cohort.organisation_id)
    earliest: date | None = None if before is None else measurements.retest_from(before, settings())
    data = beginning(known, launch.locale, measurements.today(launch.cohort), earliest)
    if before is not None:
        data |= {
            "label": before.label,
            "size": before.size,
            "languages": list(before.languages),
            "mode": before.mode.value,
        }
        if any(one.key == before.instrument_key for one in known):
            same = next(one for one in known if one.key == before.instrument_key)
            data["instrument"] = f"{same.key} {same.version}"
    return PlanForm(data=data)


def _sent() -> PlanForm:
    launch = current_launch()
    form = PlanForm(request.form)
    return form.offer(instruments.usable(launch.cohort.organisation_id), launch.locale)


def _page(
    form: PlanForm, *, status: int = 200, draft: Measurement | None = None, before: Measurement | None = None,
    saved: Measurement | None = None,
) -> tuple[str, int]:  # fmt: skip
    launch = current_launch()
    known = instruments.usable(launch.cohort.organisation_id)
    form.offer(known, launch.locale)
    floor = max(settings().min_respondents, *(one.reporting.min_respondents_floor for one in known))
    return page(
        "group_maturity/plan.html", status=status, form=form, draft=draft, before=before, saved=saved,
        several=len(known) > 1, least=floor, longest=LABEL_LENGTH, largest=MAX_SIZE,
    )  # fmt: skip
