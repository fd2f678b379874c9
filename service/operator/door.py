"""The operator's door: `/operator/…`. A one-time address from the command line opens it for one browser.

Whoever has no visit finds nothing here (404), as at any address that does not exist; whose visit is over is told so (401).
The cookie is this door's own: `SameSite=Strict`, because no platform frames these pages and no other site leads to them.
"""

from dataclasses import dataclass

from flask import Blueprint, Response, current_app, g, make_response, redirect, render_template, request, url_for
from flask.blueprints import BlueprintSetupState

from service import browser
from service.access import public
from service.audit import Actor
from service.core import open_unit
from service.errors import CsrfRefused, NotFound
from service.lti.limits import Limit
from service.operator import frame, pages, visits
from service.operator.models import OperatorVisit
from service.web import language

COOKIE = "__Host-stegvis-operator"
EXTENSION = "stegvis.operator"
# Strange words and strange browsers that one address may come with in a minute.
PER_MINUTE, DEFAULT_PER_MINUTE = "OPERATOR_STRANGE_PER_MINUTE", 60
ENTERING = frozenset({"operator.enter", "operator.open_visit"})


@dataclass(frozen=True)
class Here:
    """The operator's current visit and the secret of the browser."""

    visit: OperatorVisit
    secret: bytes


def build_operator_door() -> Blueprint:
    """Returns the door with the operator's pages behind it."""
    door = Blueprint("operator", __name__, url_prefix="/operator")
    door.before_request(_enter)
    door.record(_make_limit)
    door.add_url_rule("/enter/<word>", "enter", _ask, methods=["GET"])
    door.add_url_rule("/enter/<word>", "open_visit", _open, methods=["POST"])
    door.add_url_rule("/leave", "leave", _leave, methods=["POST"])
    pages.add_pages(door)
    return door


def _make_limit(state: BlueprintSetupState) -> None:
    state.app.config.setdefault(PER_MINUTE, DEFAULT_PER_MINUTE)
    store = state.app.extensions["stegvis"].settings.rate_limit_storage
    state.app.extensions[EXTENSION] = Limit("operator", store, reason="operator_rate")


def _enter() -> None:
    """Lets the operator's browser in. Looked for while reading, so that strangers hold up nobody who writes."""
    open_unit(writing=False)
    try:
        if request.endpoint in ENTERING:
            visits.waiting(str((request.view_args or {})["word"]))
            return
        secret = _secret()
        visit = visits.find(secret)
    except NotFound:
        current_app.extensions[EXTENSION].take(request.remote_addr or "", current_app.config[PER_MINUTE])
        raise
    g.operator = Here(visit, secret or b"")
    browser.check_form_token(secret, visit.id, Actor())
    if request.method not in browser.SAFE:
        open_unit(writing=True)
        g.operator = Here(visits.find(secret), secret or b"")
    g.frame = lambda: frame.shell(browser.form_token(g.operator.secret, g.operator.visit.id))


def _secret() -> bytes | None:
    try:
        raw = bytes.fromhex(request.cookies.get(COOKIE, ""))
    except ValueError:
        return None
    return raw if len(raw) == browser.SECRET_BYTES else None


@public("the word in the address is the credential: single use, ten minutes; looking at it does not use it up")
def _ask(word: str) -> str:
    """Asks whether this is the browser: a robot that follows links must not use the address up."""
    return render_template("operator/enter.html", word=word, lang=language())


@public("the word in the address is the credential: single use, ten minutes")
def _open(word: str) -> Response:
    """Uses the address up and lets this browser in."""
    try:
        browser.check_origin()
    except CsrfRefused as error:
        # Nobody is verified here yet: counted, not audited, so that a stranger cannot fill the trail.
        raise CsrfRefused(error.reason) from error
    open_unit(writing=True)
    secret = browser.new_secret()
    visits.open_here(word, secret)
    response = make_response(redirect(url_for("operator.queue"), 303))
    response.set_cookie(
        COOKIE, secret.hex(), path="/", secure=True, httponly=True, samesite="Strict",
        max_age=int(visits.LIFETIME.total_seconds()),
    )  # fmt: skip
    return response


@public("the operator's own door has let her in, by a cookie that only her browser has")
def _leave() -> Response:
    """Ends the visit."""
    visits.end(g.operator.visit)
    g.frame = None
    response = make_response(render_template("operator/left.html", lang=language()))
    response.delete_cookie(COOKIE, path="/", secure=True, httponly=True, samesite="Strict")
    return response
