"""The addresses that platforms and browsers call without being inside: login, launch, and our public keys."""

from dataclasses import dataclass

from flask import Blueprint, Response, current_app, g, jsonify, make_response, redirect, render_template, request
from flask.blueprints import BlueprintSetupState
from flask_babel import gettext as _

from service import browser
from service.access import public
from service.core import core
from service.errors import Code, LaunchRefused, Malformed
from service.lti import launch, login, toolkeys
from service.lti.keysets import KeySets
from service.lti.limits import Limit
from service.lti.registrations import Registrations
from service.outbound import Outbound
from service.refusals import new_incident
from service.web import choose_locale, language

EXTENSION = "stegvis.lti"
# Logins and launches per client address and minute. A municipality may stand behind one address.
PER_MINUTE = "LTI_PER_MINUTE"
KEPT_SECONDS, DEFAULT_KEPT_SECONDS = "LTI_REGISTRATION_SECONDS", 2.0
DEFAULT_PER_MINUTE = 300

lti = Blueprint("lti", __name__, url_prefix="/lti")


@dataclass(frozen=True)
class Parts:
    """What launching keeps in this process: registrations for a moment, parsed platform keys, and two counters."""

    registrations: Registrations
    key_sets: KeySets
    logins: Limit
    launches: Limit


@lti.record
def _make_parts(state: BlueprintSetupState) -> None:
    app = state.app
    parts = app.extensions["stegvis"]
    app.config.setdefault(PER_MINUTE, DEFAULT_PER_MINUTE)
    app.config.setdefault(KEPT_SECONDS, DEFAULT_KEPT_SECONDS)
    store = parts.settings.rate_limit_storage
    registrations = Registrations(parts.units, app.config[KEPT_SECONDS])
    app.extensions[EXTENSION] = Parts(
        registrations,
        KeySets(parts.units, Outbound(parts.settings), registrations.forget),
        Limit("login", store),
        Limit("launch", store),
    )


def _parts() -> Parts:
    parts: Parts = current_app.extensions[EXTENSION]
    return parts


@lti.route("/login", methods=["GET", "POST"])
@lti.route("/login/<public_id>", methods=["GET", "POST"])
@public("a platform begins a launch; nothing is stored and the browser is sent back to that platform")
def begin(public_id: str = "") -> Response:
    """Answers a login initiation (OpenID Connect third-party initiated login)."""
    _parts().logins.take(request.remote_addr or "", current_app.config[PER_MINUTE])
    parameters = login.merged(request.args.to_dict(flat=False), request.form.to_dict(flat=False))
    registration = login.registration_for(_parts().registrations, parameters, public_id)
    secret = browser.secret()
    if secret is None:
        return _without_cookie(parameters)
    settings, now = core().settings, core().units.clock.now()
    address = login.way_back(
        registration, parameters, browser.digest(secret), settings.public_url, core().state_key, now
    )  # fmt: skip
    return _go(address)


def _without_cookie(parameters: dict[str, str]) -> Response:
    step = login.without_cookie(request.path, parameters)
    response = (
        make_response(redirect(step.bounce, 303)) if step.bounce else _cookie_page(parameters, button=step.button)
    )
    browser.set_cookie(response, browser.new_secret())
    return response


def _cookie_page(parameters: dict[str, str], *, button: bool) -> Response:
    core().metrics.refusals.labels(Code.COOKIE.value, "frame" if button else "window").inc()
    g.refused = True
    ways = [_("Your browser keeps no cookies for Stegvis inside the course page.")]
    if button:
        ways.append(_("Nothing is lost. Open Stegvis in a window of its own instead."))
    else:
        ways.append(_("Nothing is lost. Allow cookies for this address in your browser."))
        ways.append(_("Open the activity again from your course."))
    html = render_template(
        "stegvis/refusal_button.html" if button else "stegvis/refusal.html",
        heading=_("Your browser blocks cookies here"), paragraphs=ways, code=Code.COOKIE.value, incident=new_incident(),
        lang=language(), action=request.path, method="post", fields=login.unspent(parameters),
        button=_("Open in a new window"),
    )  # fmt: skip
    response = make_response(html)
    # The button's login is redirected to the platform, and from there to wherever people sign in to it.
    schemes = "https: http:" if core().settings.demo else "https:"
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'self'; font-src 'self'; base-uri 'none'; "
        f"form-action 'self' {schemes}; frame-ancestors *"
    )
    return response


@lti.post("/launch")
@public("a platform posts a launch; it proves itself by signature, state and nonce")
def receive() -> Response:
    """Answers a launch: 303 into the new launch, or one refusal for every cause."""
    _parts().launches.take(request.remote_addr or "", current_app.config[PER_MINUTE])
    if request.args:
        raise Malformed("query")
    if any(len(request.form.getlist(name)) > 1 for name in request.form):
        raise Malformed("duplicate_parameter")
    if "error" in request.form:
        raise LaunchRefused("platform_error")
    secret = browser.secret()
    message = launch.verified(
        core(), _parts().registrations, _parts().key_sets, request.form.get("id_token", ""), request.form.get("state", ""), secret
    )  # fmt: skip
    g.denied_actor = message.actor
    frame = request.headers.get("Sec-Fetch-Dest")
    visitor = launch.Visitor(choose_locale(), None if frame is None else frame != "document")
    return _go(launch.opened(core(), message, visitor).path)


def _go(address: str) -> Response:
    """Sends the browser on. Nobody reads a redirect, so it has no page of its own."""
    return Response(status=303, headers={"Location": address})


@lti.get("/jwks")
@public("platforms verify our messages with our public keys")
def keys() -> Response:
    """Answers with our public keys: those that sign, those that will, and those that did until lately."""
    with core().units.reading():
        found = toolkeys.public_jwks()
    if not found["keys"]:
        with core().units.writing():
            found = toolkeys.ensure(core().units.keyring)
    response = jsonify(found)
    response.headers["Cache-Control"] = "max-age=3600"
    response.add_etag()
    response.make_conditional(request)
    return response
