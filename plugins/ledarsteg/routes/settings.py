"""What the training department sets for a course."""

from typing import Any

from flask import redirect, request, url_for

from plugins.ledarsteg.forms.texts import SettingsForm
from plugins.ledarsteg.routes.base import Answer, bp
from plugins.ledarsteg.routes.base import settings as as_set
from plugins.ledarsteg.settings import LedarstegSettings
from service.contract import Conflict, current_launch, page, progress_changed, requires, save_settings


@bp.get("/settings")
@requires("ledarsteg.texts")
def settings() -> Answer:
    """The settings as they are."""
    return _show(_of(as_set()), saved_now="saved" in request.args)


def _of(found: LedarstegSettings) -> SettingsForm:
    return SettingsForm(data={**found.model_dump(), "seen": found.model_dump_json()})


def _show(form: SettingsForm, *, status: int = 200, **more: Any) -> Answer:
    here = current_launch()
    return page("ledarsteg/settings.html", status=status, form=form, course=here.cohort.title, **more)


@bp.post("/settings")
@requires("ledarsteg.texts")
def settings_write() -> Answer:
    """Saves the settings. When somebody else was first, both are shown and none is lost."""
    form = SettingsForm(request.form)
    if not form.validate():
        return _show(form, status=422)
    here, before = current_launch(), form.before()
    try:
        if before is None:
            raise Conflict("settings_unseen")  # noqa: TRY301 - as if somebody had been first: what is set is shown
        changed = save_settings(here.cohort, "ledarsteg", form.settings(), seen=before, actor=here.actor)
    except Conflict:
        now_set = as_set()
        form.seen.data = now_set.model_dump_json()
        return _show(form, status=409, saved=_of(now_set))
    if changed:
        progress_changed(here.cohort, "ledarsteg")
    return redirect(url_for(".settings", saved=1, change=changed), 303)
