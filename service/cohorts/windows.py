"""Where a new window comes in: outside the door, because its browser may know nothing of us yet."""

from flask import Blueprint, Response, make_response, redirect, request, url_for

from service import browser
from service.access import public
from service.cohorts import tickets
from service.core import open_unit
from service.errors import CsrfRefused

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
    response = make_response(redirect(url_for("l.home", launch=launch.id), 303))
    browser.set_cookie(response, secret)
    return response
