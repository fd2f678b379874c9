"""The hidden frame that keeps values for tools (LTI postMessage Storage 1.0), and a stranger who answers in its place."""

from __future__ import annotations

from flask import Blueprint, abort, render_template

from service.demo.practice import current_lms

blueprint = Blueprint("frames", __name__)


@blueprint.get("/storage")
def storage() -> str:
    """The frame that tools' pages speak to by name."""
    lms = current_lms()
    if not lms.has_storage:
        abort(404)
    origins = sorted({tool.origin for tool in lms.tools})
    return render_template("lms/storage.html", lms=lms, origins=origins, stranger=_elsewhere(lms.base_url))


@blueprint.get("/stranger")
def stranger() -> str:
    """A page of another site on this computer that says whatever the storage frame hands to it."""
    lms = current_lms()
    return render_template("lms/stranger.html", lms=lms, master=lms.base_url)


def _elsewhere(base_url: str) -> str:
    """This server's address under another name, which for a browser is another site."""
    if "//localhost" in base_url:
        return base_url.replace("//localhost", "//127.0.0.1") + "/stranger"
    return base_url.replace("//127.0.0.1", "//localhost") + "/stranger"
