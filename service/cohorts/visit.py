"""Pages about the visit itself: who sees what, another language, a window of one's own, what is off, and leaving."""

from urllib.parse import urlsplit

from flask import current_app, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from service import browser
from service.access import Role, requires
from service.cohorts import claims, completion_pages, tickets
from service.cohorts.current import stay
from service.cohorts.home import where_to
from service.cohorts.switchboard import known
from service.errors import Malformed
from service.unit import now
from service.web import SERVICE_LOCALES, language, page

Answer = Response | tuple[str, int]


@requires("core.any")
def who() -> Answer:
    """Says in plain words who sees what, with each plugin that is on."""
    here = stay()
    return page(
        "cohorts/who.html", plugins=list(here.plugins), told=completion_pages.told_here(here),
        chosen=completion_pages.may_choose(here),
        training=here.role is Role.TRAINING,
        changes=here.role in (Role.COACH, Role.TRAINING) and here.cohort is not None,
    )  # fmt: skip


@requires("core.any")
def off(plugin: str) -> Answer:
    """Says that a plugin is not on in this course and whom to turn to; where it is on, goes to it.

    A coach or the training department, for whom the plugin has no page, reads that it is the managers'.
    """
    here = stay()
    found = known(plugin)
    if here.cohort is None:
        return page("cohorts/no_course.html")
    if found.key in here.plugins:
        ours = any(here.role in item.roles for item in found.manifest.nav)
        if not ours and here.role in (Role.COACH, Role.TRAINING):
            return page("cohorts/for_managers.html", plugin=found, training=here.role is Role.TRAINING)
        return redirect(where_to(here, found), 303)
    return page(
        "cohorts/off.html", plugin=found, organisation=here.organisation_name, training=here.role is Role.TRAINING
    )


@requires("core.any")
def window() -> Answer:
    """Gives a one-time ticket, and the button that opens a window of its own with it."""
    return page(
        "cohorts/window.html", ticket=tickets.issue(stay().launch), seconds=int(tickets.LIFETIME.total_seconds())
    )


@requires("core.any")
def leave() -> Answer:
    """Ends all launches of this browser. The goodbye is as static as a refusal: nothing on it leads back in."""
    here = stay()
    tickets.leave(here.launch, here.actor)
    g.refused = True
    paragraphs = [
        _("What you saved is kept. Everything that was open here, in other tabs too, has ended."),
        _("Open the activity from your course when you want to come back."),
    ]
    heading = _("You have left Stegvis on this computer")
    html = render_template("stegvis/refusal.html", heading=heading, paragraphs=paragraphs, lang=language())
    response = current_app.make_response(html)
    browser.clear_cookie(response)
    return response


@requires("core.any")
def change_language() -> Answer:
    """Changes the language of this launch and goes back to the page it was asked from."""
    code = request.form.get("locale", "")
    if code not in SERVICE_LOCALES:
        raise Malformed("locale")
    stay().launch.locale = code
    return redirect(_back(), 303)


def _back() -> str:
    """The page of this launch that the visitor comes from, her first page where that cannot be told.

    Only what the address map itself takes for a page of this launch is followed, so that no address can lead elsewhere.
    """
    return _inside(request.form.get("next", "") or request.referrer or "")


def _inside(address: str) -> str:
    home = url_for("l.home")
    adapter = current_app.create_url_adapter(request)
    try:
        path = urlsplit(address).path
        rule, values = adapter.match(path, method="GET", return_rule=True)  # type: ignore[union-attr]  # in a request there is one
    except (HTTPException, ValueError):
        return home
    if not rule.endpoint.startswith("l.") or values.get("launch") != stay().id:
        return home
    return url_for(rule.endpoint, **{key: value for key, value in values.items() if key != "launch"})


@requires("core.claim_training")
def claim() -> Answer:
    """Takes the one-time code of the registration from somebody whom the platform calls its administrator."""
    here = stay()
    tries: claims.Tries = current_app.extensions.setdefault("stegvis.claim_tries", claims.Tries())
    onward = request.form.get("next", "")
    if tries.used_up(here.person.id, now()):
        error = _("That was ten wrong codes. Wait an hour and try again.")
        return page("cohorts/claim.html", status=429, error=error, onward=onward)
    if claims.claim(here.launch, request.form.get("code", ""), here.actor):
        return redirect(_inside(f"/l/{here.id}{onward}"), 303)
    tries.wrong(here.person.id, now())
    error = _("That is not the code, or it has been used. Check it with whoever registered the platform.")
    return page("cohorts/claim.html", status=422, error=error, onward=onward)
