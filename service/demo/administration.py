"""The administrator's pages: letting a tool register itself, activating it, and asking it for a person's data."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from flask import Blueprint, abort, redirect, render_template, request, url_for

from service.demo.config import ToolConfig
from service.demo.messages import DATA_PRIVACY
from service.demo.pages import MOST_PEOPLE, start_url
from service.demo.practice import current_lms

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

blueprint = Blueprint("administration", __name__, url_prefix="/admin")


@blueprint.get("")
def admin() -> str:
    """The tools with their numbers, those waiting first; and ways to add one."""
    lms = current_lms()
    tools = sorted(((tool, lms.is_pending(tool)) for tool in lms.tools), key=lambda pair: not pair[1])
    return render_template(
        "lms/admin.html", lms=lms, tools=tools, address=request.args.get("address", ""), done="done" in request.args,
        people=lms.people[:MOST_PEOPLE], administrators=[person for person in lms.people if person.is_administrator],
    )  # fmt: skip


@blueprint.get("/register")
def register() -> str | Response:
    """A tool's registration page in a frame (Dynamic Registration 1.0, section 3.1)."""
    lms = current_lms()
    address = request.args.get("address", "").strip()
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        return redirect(url_for("administration.admin", address=address), 303)
    update = lms.client(request.args.get("update", ""))
    return render_template(
        "lms/register.html", lms=lms, source=lms.registration_url(address, update),
        origin=f"{parts.scheme}://{parts.netloc}", update=update,
    )  # fmt: skip


@blueprint.post("/tools/<client_id>/activate")
def activate(client_id: str) -> Response:
    """Let a tool be opened from courses."""
    try:
        current_lms().activate(client_id)
    except KeyError:
        abort(404)
    return redirect(url_for("administration.admin"), 303)


@blueprint.get("/privacy")
def privacy() -> str:
    """A tool's privacy page about somebody, in a frame (Data Privacy Launch 1.0)."""
    lms = current_lms()
    try:
        person, tool = lms.person(request.args.get("as", "")), _tool(request.args.get("client_id", ""))
        about = lms.person(request.args["about"]) if request.args.get("about") else None
    except KeyError:
        abort(404)
    source = start_url(
        person, client_id=tool.client_id, message_type=DATA_PRIVACY, for_user=about.id if about else None
    )
    heading = f"Personuppgifter: {about.name if about else 'alla'}"
    return render_template(
        "lms/framed.html", lms=lms, person=person, heading=heading, title=f"{tool.name}: {heading}", source=source
    )


def _tool(client_id: str) -> ToolConfig:
    tool = current_lms().client(client_id)
    if tool is None:
        raise KeyError(client_id)
    return tool
