"""Where a new window comes in: outside the door, because its browser may know nothing of us yet."""

import uuid

from flask import Blueprint, Response, current_app, make_response, redirect, request, url_for
from werkzeug.exceptions import HTTPException

from service import browser
from service.access import public
from service.cohorts import tickets
from service.core import open_unit
from service.errors import CsrfRefused
from service.lti.storage_pages import cookie_page

windows = Blueprint("windows", __name__)


@windows.post("/window")
@public("the ticket is the credential: single use, one minute")
def open_window() -> Response:
    """Consumes a ticket and goes on to the launch that it opened in this browser."""
    try:
        browser.check_origin()
    except CsrfRefused as error:
        # Nobody is verified here yet: counted, not audited, so that a stranger cannot fill the trail.
        raise CsrfRefused(error.reason) from error
    open_unit(writing=True)
    secret = browser.secret() or browser.new_secret()
    launch = tickets.redeem(request.form.get("ticket", ""), secret)
    path = request.form.get("path")
    onward = url_for("l.home", launch=launch.id) if path is None else url_for(".arrive", launch=launch.id, path=path)
    response = make_response(redirect(onward, 303))
    browser.set_cookie(response, secret)
    return response


@windows.get("/window/<uuid:launch>")
@public("looks whether the cookie came along and goes on; the door decides everything else")
def arrive(launch: uuid.UUID) -> Response:
    """Goes on to the page that the launch leads to, or says that this browser keeps no cookies anywhere."""
    if browser.secret() is None:
        return cookie_page("", {}, button=False)
    return make_response(redirect(_inside(launch, request.args.get("path", "")), 303))


def _inside(launch: uuid.UUID, path: str) -> str:
    """Returns the launch's page at `path`, its first page where the address map knows no such page of it."""
    try:
        endpoint, values = current_app.create_url_adapter(request).match(f"/l/{launch}{path}", method="GET")  # type: ignore[union-attr]  # in a request there is one
    except HTTPException:
        return url_for("l.home", launch=launch)
    return url_for(endpoint, **values) if values.get("launch") == launch else url_for("l.home", launch=launch)
