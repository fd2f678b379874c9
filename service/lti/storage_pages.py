"""What a browser without our cookie is shown: the ways on, and the pages that ask the platform's storage."""

from collections.abc import Mapping

from flask import Response, g, make_response, render_template, request, url_for
from flask_babel import gettext as _

from service.cohorts import tickets
from service.cohorts.models import Launch
from service.core import core
from service.errors import Code, LaunchRefused
from service.lti import launch, login, storage
from service.lti.registrations import Registration
from service.lti.state import LoginState
from service.refusals import new_incident
from service.web import language


def _schemes() -> str:
    # The button's login is redirected to the platform, and from there to wherever people sign in to it.
    return "https: http:" if core().settings.demo else "https:"


def cookie_page(action: str, fields: Mapping[str, str], *, button: bool) -> Response:
    """Says that cookies are blocked: with a button that opens the login in a window of its own, or that it ends here."""
    core().metrics.refused(Code.COOKIE.value, "frame" if button else "window")
    g.refused = True
    html = render_template(
        "stegvis/refusal_button.html" if button else "stegvis/refusal.html",
        heading=_("Your browser blocks cookies here"), paragraphs=_ways(button=button), code=Code.COOKIE.value,
        incident=new_incident(), lang=language(), action=action, method="post", fields=fields,
        button=_("Open in a new window"),
    )  # fmt: skip
    response = make_response(html)
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'self'; font-src 'self'; base-uri 'none'; "
        f"form-action 'self' {_schemes()}; frame-ancestors *"
    )
    return response


def _ways(*, button: bool) -> list[str]:
    kept = _("Your browser keeps no cookies for Stegvis inside the course page.")
    if button:
        return [kept, _("Nothing is lost. Open Stegvis in a window of its own instead.")]
    allow = _("Nothing is lost. Allow cookies for this address in your browser.")
    return [kept, allow, _("Open the activity again from your course.")]


def at_login(registration: Registration, parameters: Mapping[str, str]) -> Response:
    """Stores a secret with the platform and goes on to it; where that fails the button opens a window, as ever."""
    settings, now = core().settings, core().units.clock.now()
    attempt = storage.begin(registration, parameters, settings.public_url, core().state_key, now)
    g.form_origins = _schemes()
    return _page(
        registration, attempt.place, step="put", secret=attempt.secret, onward=attempt.onward,
        heading=_("Your browser blocks cookies here"), paragraphs=_ways(button=True), code=Code.COOKIE.value,
        action=request.path, fields=login.unspent(parameters),
    )  # fmt: skip


def at_launch(registration: Registration | None, begun: LoginState, fields: Mapping[str, str]) -> Response:
    """Asks the platform for the secret of this launch's login and posts it with the launch. Raises LaunchRefused."""
    if registration is None or not registration.is_active:
        raise LaunchRefused("platform_disabled")
    paragraphs = [
        _("Your learning platform did not confirm that it was this browser that opened the activity."),
        _("Nothing is lost. Open the activity again from your course, in a new window if the course offers one."),
    ]
    return _page(
        registration, storage.place_of(registration, begun), step="get", heading=_("This link could not be verified"),
        paragraphs=paragraphs, code=Code.LAUNCH.value, action=url_for("lti.confirm"), fields=fields,
    )  # fmt: skip


def _page(registration: Registration, place: storage.Place, **shown: object) -> Response:
    g.frame_origins = storage.frame_ancestors(registration, place.frame)
    return make_response(render_template("lti/storage.html", place=place, incident=new_incident(), **shown))


def came_from_us() -> None:
    """Raises LaunchRefused unless the browser says that one of our own pages sent this.

    Whoever began the login knows its secret; a stranger's page that posts it must not bring anybody into his launch.
    """
    origin, site = request.headers.get("Origin"), request.headers.get("Sec-Fetch-Site")
    if origin in (None, core().settings.public_url) and site in (None, "same-origin") and (origin or site):
        return
    raise LaunchRefused("confirm_origin")


def window_offered(opened: launch.Opened) -> Response:
    """Shows one button that opens the launch in a window of its own: this frame keeps no cookie that could hold it."""
    with core().units.writing() as unit:
        row = unit.session.get_one(Launch, opened.launch_id)
        ticket, g.frame_origins = tickets.issue(row), row.frame_origins
    path = opened.path.removeprefix(f"/l/{opened.launch_id}")
    seconds = int(tickets.LIFETIME.total_seconds())
    html = render_template("lti/storage_window.html", ticket=ticket, path=path, seconds=seconds)
    return make_response(html)
