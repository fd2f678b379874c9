"""The undo: the button in the notice after a change, and what it does."""

import uuid

from flask import redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from service.access import Role, requires
from service.cohorts import kept_changes
from service.cohorts.current import stay
from service.cohorts.undo import KINDS
from service.cohorts.undo import undo as bring_back
from service.errors import Conflict, Invalid, NotFound
from service.unit import current
from service.web import page

Answer = Response | tuple[str, int]


@requires("core.switch_plugins")
def undo(change: uuid.UUID) -> Answer:
    """Brings back what was before. When somebody has changed it since, nothing is done and both are shown."""
    here = stay()
    found = kept_changes.find(here.launch.organisation_id, change)
    kind = KINDS[found.kind]
    try:
        made = bring_back(found, here.actor)
    except (Conflict, Invalid) as refused:
        current().session.expire_all()
        return page(
            "cohorts/undo.html", status=409 if isinstance(refused, Conflict) else 422, title=kind.title(found),
            changed=isinstance(refused, Conflict), before=kind.told(found, found.before),
            after=kind.told(found, kind.now(found)), back=kind.page(found), organisation=here.organisation_name,
        )  # fmt: skip
    return redirect(kind.page(found, undone=1, change=made), 303)


def offer() -> dict[str, str] | None:
    """Returns the button that undoes the change of the address, for a notice; None where there is nothing to undo."""
    change = request.args.get("change", type=uuid.UUID)
    if change is None or stay().role is not Role.TRAINING:
        return None
    try:
        found = kept_changes.find(stay().launch.organisation_id, change)
    except NotFound:
        return None
    return {"title": _("Undo"), "url": url_for("l.undo", change=found.id)}
