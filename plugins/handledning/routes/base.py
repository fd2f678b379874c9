"""The one blueprint that all pages of the plugin share, and what each of them needs."""

import uuid
from typing import Any

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from plugins.handledning.operations import Access, Party, reach
from service.contract import audit_view, current_launch

# Named for the package, so that its templates lie beside the package and not beside this file.
pages = Blueprint("handledning", "plugins.handledning", template_folder="templates")
Answer = Response | tuple[str, int]


def party() -> Party:
    """Returns who acts in this request."""
    launch = current_launch()
    return Party(launch.cohort, launch.person.id, launch.actor, launch.role)


def zone() -> str:
    """Returns the reader's time zone."""
    return current_launch().zone


def posted() -> Any:
    """Returns what was posted; None while a page is only read."""
    return request.form if request.method == "POST" else None


def to(endpoint: str, **values: Any) -> Response:
    """Sends the browser on after a post."""
    return redirect(url_for(endpoint, **values), 303)


def enter(engagement_id: uuid.UUID) -> Access:
    """Returns the engagement of this request: locked where something is written, noted where somebody else reads."""
    writing = request.method not in ("GET", "HEAD")
    access = reach(party(), engagement_id, lock=writing)
    if not writing and not access.is_managers:
        audit_view("handledning.view_engagement", "engagement", str(engagement_id), access.engagement.manager_id)
    return access
