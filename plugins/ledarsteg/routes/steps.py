"""The training department's library of steps."""

from typing import Any
from uuid import UUID

from flask import redirect, request, url_for

from plugins.ledarsteg.cards import library as cards
from plugins.ledarsteg.cards.slots import language
from plugins.ledarsteg.forms.texts import StepForm
from plugins.ledarsteg.operations import ChangedMeanwhile
from plugins.ledarsteg.operations import library as operations
from plugins.ledarsteg.operations.library import Kept
from plugins.ledarsteg.routes.base import Answer, bp
from service.contract import SERVICE_LOCALES, Invalid, NotFound, current_launch, markdown, page, requires


def _known(locale: str) -> str:
    if locale not in SERVICE_LOCALES:
        raise NotFound("locale")
    return locale


@bp.get("/texts/steps/new")
@requires("ledarsteg.texts")
def step_new() -> Answer:
    """The form for a new step, in the language of the page."""
    return _show(None, current_launch().locale, StepForm())


@bp.post("/texts/steps/new/<locale>")
@requires("ledarsteg.texts")
def step_create(locale: str) -> Answer:
    """Puts a step into the library."""
    form = StepForm(request.form)
    early = _not_yet(None, _known(locale), form)
    if early is not None:
        return early
    try:
        made = operations.new_step(current_launch().actor, form.key.data or "", locale, form.draft())
    except Invalid as error:
        form.refuse(error)
        return _show(None, locale, form, status=422)
    return redirect(url_for(".texts", _anchor=f"step-{made}"), 303)


@bp.get("/texts/steps/<uuid:step_id>/<locale>")
@requires("ledarsteg.texts")
def step(step_id: UUID, locale: str) -> Answer:
    """A step in one language, to change."""
    kept = operations.kept_step(cards.organisation_id(), step_id)
    return _show(kept, _known(locale), _of(kept, locale))


def _of(kept: Kept, locale: str) -> StepForm:
    text = kept.texts.get(locale)
    values = {name: getattr(text, name) for name in ("title", "cue", "action", "body")} if text else {}
    return StepForm(data={**values, "minutes": kept.step.minutes, "revision": kept.step.revision})


@bp.post("/texts/steps/<uuid:step_id>/<locale>")
@requires("ledarsteg.texts")
def step_write(step_id: UUID, locale: str) -> Answer:
    """Changes a step. When somebody else was first, both versions are shown and none is lost."""
    kept = operations.kept_step(cards.organisation_id(), step_id)
    form = StepForm(request.form)
    early = _not_yet(kept, _known(locale), form)
    if early is not None:
        return early
    try:
        operations.write_step(current_launch().actor, step_id, locale, form.draft(), form.revision.data)
    except ChangedMeanwhile:
        kept = operations.kept_step(cards.organisation_id(), step_id)
        form.revision.data = kept.step.revision
        return _show(kept, locale, form, status=409, saved=_of(kept, locale))
    except Invalid as error:
        form.refuse(error)
        return _show(kept, locale, form, status=422)
    return redirect(url_for(".texts", _anchor=f"step-{step_id}"), 303)


def _not_yet(kept: Kept | None, locale: str, form: StepForm) -> Answer | None:
    """Returns the page again where something is wrong or only a look was asked for."""
    if not form.validate():
        return _show(kept, locale, form, status=422)
    if "preview" in request.form:
        return _show(kept, locale, form, preview=markdown(form.body.data or ""))
    return None


@bp.post("/texts/steps/<uuid:step_id>/withdraw")
@requires("ledarsteg.texts")
def step_withdraw(step_id: UUID) -> Answer:
    """Offers a step no more, or again."""
    operations.withdraw(current_launch().actor, step_id, on=request.form.get("withdrawn") == "on")
    return redirect(url_for(".texts", _anchor=f"step-{step_id}"), 303)


def _show(kept: Kept | None, locale: str, form: StepForm, *, status: int = 200, **more: Any) -> Answer:
    others = cards.languages(set(kept.texts)) if kept else []
    return page(
        "ledarsteg/step.html", status=status, kept=kept, locale=locale, language=language(locale), others=others, form=form,
        **more,
    )  # fmt: skip
