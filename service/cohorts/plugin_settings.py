"""A plugin's settings in one cohort, as the training department sets them on the plugin's own page."""

from pydantic import BaseModel

from service import audit
from service.audit import Actor
from service.cohorts.models import Cohort, CohortPlugin
from service.errors import Conflict, NotFound
from service.unit import current


def save_settings(cohort: Cohort, key: str, settings: BaseModel, *, seen: BaseModel, actor: Actor) -> bool:
    """Saves a plugin's settings for a cohort. Returns whether that changed anything.

    `seen` is how they stood when the form was opened. Raises Conflict when somebody has set them otherwise since, and
    NotFound where the plugin is not on. The trail says that they were set, not to what.
    """
    session = current().session
    # What is known of the row may be as old as the form: it is read again, and locked.
    row = session.get(CohortPlugin, (cohort.id, key), with_for_update=True, populate_existing=True)
    if row is None or not row.enabled:
        raise NotFound("plugin_off")
    now_set = type(seen).model_validate(dict(row.settings), strict=False)
    if now_set == settings:
        return False
    if now_set != seen:
        raise Conflict("settings_changed")
    row.settings, row.changed_at = settings.model_dump(mode="json"), current().now()
    session.flush()
    audit.append(actor, "plugin.settings", object_type="cohort_plugin", object_ref=f"{cohort.id}/{key}")
    return True
