"""What the training department sets for measurements in a course."""

from flask import redirect, request, url_for

from plugins.group_maturity.forms.settings import SettingsForm
from plugins.group_maturity.routes.blueprint import Answer, bp
from plugins.group_maturity.routes.blueprint import settings as as_set
from plugins.group_maturity.settings import GroupSettings
from service.contract import Conflict, current_launch, page, requires, save_settings


@bp.get("/settings")
@requires("group_maturity.instruments")
def settings() -> Answer:
    """The settings as they are."""
    return _show(_of(as_set()), saved_now="saved" in request.args)


@bp.post("/settings")
@requires("group_maturity.instruments")
def settings_write() -> Answer:
    """Saves the settings. When somebody else was first, both are shown and none is lost."""
    form = SettingsForm(request.form)
    wanted = form.settings() if form.validate() else None
    if wanted is None:
        return _show(form, status=422)
    here, before = current_launch(), form.before()
    try:
        if before is None:
            raise Conflict("settings_unseen")  # noqa: TRY301 - as if somebody had been first: what is set is shown
        made = save_settings(here.cohort, bp.name, wanted, seen=before, actor=here.actor)
    except Conflict:
        form.seen.data = as_set().model_dump_json()
        return _show(form, status=409, meanwhile=as_set())
    return redirect(url_for(".settings", saved=1, change=made), 303)


def _of(found: GroupSettings) -> SettingsForm:
    return SettingsForm(data={**found.model_dump(), "seen": found.model_dump_json()})


def _show(
    form: SettingsForm, *, status: int = 200, saved_now: bool = False, meanwhile: GroupSettings | None = None
) -> tuple[str, int]:
    title = current_launch().cohort.title
    return page(
        "group_maturity/settings.html", status=status, form=form, course=title, saved_now=saved_now, meanwhile=meanwhile
    )
