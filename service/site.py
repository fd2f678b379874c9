"""Addresses outside the doors: health, the operator's texts, and the placed items that a platform looks at."""

import hmac
from dataclasses import asdict
from http import HTTPStatus

from flask import Blueprint, Response, jsonify, make_response, request

from service import figures, health
from service.access import public
from service.core import core
from service.errors import NotFound, SessionEnded
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
def alive() -> Response:
    """Tells that the process is alive."""
    return jsonify(status="ok")


@site.get("/readyz")
@public("a load balancer asks whether requests can be served")
def ready() -> Response:
    """Tells what works, one word for each part: 503 when requests would fail, 200 when at most work waits."""
    found = health.look(core())
    status = HTTPStatus.SERVICE_UNAVAILABLE if found.status == "unready" else HTTPStatus.OK
    return make_response(jsonify(status=found.status, **asdict(found)), status)


@site.get("/metrics")
@public("the operator's Prometheus, which has the token; for anybody else there is nothing here")
def metrics() -> Response:
    """Figures in Prometheus' text format."""
    token = core().settings.metrics_token
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    wanted = token.get_secret_value() if token is not None else ""
    right = hmac.compare_digest(given.strip().encode(), wanted.encode())
    if not wanted or scheme.lower() != "bearer" or not right:
        raise NotFound("metrics")
    response = make_response(core().metrics.text() + figures.text(core()))
    response.headers["Content-Type"] = "text/plain; version=0.0.4; charset=utf-8"
    return response
