"""The addresses that platforms and browsers call without being inside: login, launch, and our public keys."""

from dataclasses import dataclass

from flask import Blueprint, Response, current_app, g, jsonify, make_response, redirect, request
from flask.blueprints import BlueprintSetupState

from service import browser
from service.access import public
from service.core import core
from service.errors import LaunchRefused, Malformed
from service.lti import launch, login, manual, notices, registration_pages, state, storage, storage_pages
from service.lti.keysets import KeySets
from service.lti.limits import Limit
from service.lti.notes import Attempt, Notes
from service.lti.published import Published
from service.lti.registrations import Registration, Registrations
from service.lti.state import Binding, LoginState
from service.lti.watching import Watch
from service.outbound import Outbound
from service.web import choose_locale

EXTENSION = "stegvis.lti"
# Logins and launches per client address and minute. A municipality may stand behind one address.
PER_MINUTE = "LTI_PER_MINUTE"
KEPT_SECONDS, DEFAULT_KEPT_SECONDS = "LTI_REGISTRATION_SECONDS", 2.0
DEFAULT_PER_MINUTE = 300

lti = Blueprint("lti", __name__, url_prefix="/lti")
registration_pages.add_pages(lti)
manual.add_pages(lti)


@dataclass(frozen=True)
class Parts:
    """What launching keeps in this process: registrations for a moment, parsed platform keys, notes, and two counters."""

    registrations: Registrations
    key_sets: KeySets
    notes: Notes
    logins: Limit
    launches: Limit
    published: Published


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
        Notes(parts.units, parts.state_key, parts.settings.public_url),
        Limit("login", store),
        Limit("launch", store),
        Published(parts.units),
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
        return _without_cookie(registration, parameters)
    settings, now = core().settings, core().units.clock.now()
    proof = state.Proof(browser.digest(secret), Binding.WINDOW if login.WINDOW in parameters else Binding.COOKIE)
    return _go(login.way_back(registration, parameters, proof, settings.public_url, core().state_key, now))


def _without_cookie(registration: Registration, parameters: dict[str, str]) -> Response:
    step = login.without_cookie(request.path, parameters)
    if step.bounce:
        response = make_response(redirect(step.bounce, 303))
    elif storage.offered(registration, parameters):
        response = storage_pages.at_login(registration, parameters)
    else:
        response = storage_pages.cookie_page(request.path, login.unspent(parameters), button=step.button)
    browser.set_cookie(response, browser.new_secret())
    return response


@lti.post("/launch")
@public("a platform posts a launch; it proves itself by signature, state and nonce")
def receive() -> Response:
    """Answers a launch: 303 into the new launch, or one refusal for every cause."""
    token, begun = _posted()
    if begun.binding is Binding.STORAGE:
        fields = {"id_token": token, "state": request.form["state"]}
        return storage_pages.at_launch(_parts().registrations.by_id(begun.platform_id), begun, fields)
    return _go(_opened(token, begun, browser.secret()).path)


@lti.post("/launch/confirm")
@public("our own page in a frame posts the launch again with what the platform's storage kept")
def confirm() -> Response:
    """Answers a launch whose browser proved itself by the platform's storage: a button that opens it in a window."""
    storage_pages.came_from_us()
    token, begun = _posted()
    if begun.binding is not Binding.STORAGE:
        raise LaunchRefused("state_binding")
    return storage_pages.window_offered(_opened(token, begun, storage.read_secret(request.form.get("value", ""))))


def _posted() -> tuple[str, LoginState]:
    """Returns the token that was posted and the login it answers."""
    _parts().launches.take(request.remote_addr or "", current_app.config[PER_MINUTE])
    form = request.form
    attempt = Attempt(core().units.clock.now(), form.get("id_token", ""), form.get("state", ""), form.get("error", ""))
    g.watch = Watch(_parts().notes, attempt)
    if request.args:
        raise Malformed("query")
    if any(len(request.form.getlist(name)) > 1 for name in request.form):
        raise Malformed("duplicate_parameter")
    if "error" in request.form:
        raise LaunchRefused("platform_error")
    attempt.login = launch.login_of(core(), attempt.state)
    return attempt.token, attempt.login


def _opened(token: str, begun: LoginState, secret: bytes | None) -> launch.Opened:
    message = launch.verified(core(), _parts().registrations, _parts().key_sets, token, begun, secret)
    g.denied_actor = message.actor
    watch: Watch = g.watch
    watch.proved(message)
    frame = request.headers.get("Sec-Fetch-Dest")
    visitor = launch.Visitor(choose_locale(), None if frame is None else frame != "document")
    opened = launch.opened(core(), message, visitor)
    watch.accepted()
    return opened


def _go(address: str) -> Response:
    """Sends the browser on. Nobody reads a redirect, so it has no page of its own."""
    return Response(status=303, headers={"Location": address})


@lti.get("/jwks")
@lti.get("/jwks/<public_id>")
@public("platforms verify our messages with our public keys")
def keys(public_id: str = "") -> Response:
    """Answers with our public keys: those that sign, those that will, and those that did until lately.

    Each registration has an address of its own for the same keys, so that it can be told who has fetched them.
    """
    published = _parts().published
    response = jsonify(published.key_set())
    response.headers["Cache-Control"] = "max-age=3600"
    response.add_etag()
    response.make_conditional(request)
    registration = _parts().registrations.by_public_id(public_id) if public_id else None
    if registration is not None:
        platform_id, agent = registration.id, request.headers.get("User-Agent", "")
        # Written when the answer has left: a busy database keeps no platform waiting for keys.
        response.call_on_close(lambda: published.note(platform_id, agent))
    return response


lti.add_url_rule("/notices/<public_id>", "notices", notices.receive, methods=["POST"])
