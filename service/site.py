"""Addresses outside the doors: health, the operator's texts, and the placed items that a platform looks at."""

from flask import Blueprint, Response, jsonify, make_response
from sqlalchemy import text

from service.access import public
from service.core import core, open_unit
from service.errors import SessionEnded
from service.texts_pages import add_pages

site = Blueprint("site", __name__)
add_pages(site)


@site.get("/")
@site.get("/to/<path:item>")
@public("a platform fetches the address of a placed item without a token; it gets the way back and nothing else")
def outside(item: str = "") -> Response:  # noqa: ARG001 - which item was asked for makes no difference
    """Answers somebody who comes without a launch, such as the robot of a platform that saves an activity."""
    raise SessionEnded("outside")


@site.get("/healthz")
@public("a load balancer asks whether the process answers")
def health() -> Response:
    """Tells that the process is alive."""
    return jsonify(status="ok")


@site.get("/readyz")
@public("a load balancer asks whether the database answers")
def ready() -> Response:
    """Tells whether requests can be served: the database answers."""
    unit = open_unit(writing=False)
    unit.session.execute(text("SELECT 1"))
    return make_response(jsonify(status="ready", plugins=len(list(core().host))))
