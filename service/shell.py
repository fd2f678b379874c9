"""The frame of every page: tabs, who is where, and the foot."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from flask import g, request, url_for
from flask_babel import gettext as _
from markupsafe import Markup

from service import browser, headers
from service.access import Role
from service.cohorts.current import Stay
from service.cohorts.door import plugin_of
from service.core import core
from service.web import SERVICE_LOCALES, language

LANGUAGE_NAMES = {"sv": "Svenska", "en": "English", "lv": "Latviešu"}


@dataclass(frozen=True)
class Link:
    """A link, or a button where `method` is post."""

    title: Any
    url: str
    current: bool = False
    method: str = "get"
    code: str = ""
    target: str = ""


@dataclass(frozen=True)
class Shell:
    """What the base template draws around a page."""

    locale: str
    tabs: Sequence[Link]
    place: str
    in_frame: bool
    # The origins that may be the page around us, with spaces between; empty in a window of its own.
    around: str
    csrf: str
    nonce: str
    foot: Sequence[Link]
    languages: Sequence[Link]
    # The course was put away, and this is somebody who would otherwise wonder why roster and gradebook stand still.
    archived: bool = False


def context() -> dict[str, Any]:
    """Gives templates the shell; None outside a launch. The operator's door has a frame of its own."""
    stay, frame = g.get("stay"), g.get("frame")
    if frame is not None and not g.get("refused"):
        drawn = frame()
        return {"shell": drawn, "csp_nonce": drawn.nonce, "locale": drawn.locale}
    if stay is None or g.get("refused"):
        spoken = language()
        nonce = "" if g.get("refused") else headers.nonce()
        return {"shell": None, "csp_nonce": nonce, "locale": spoken, "lang": spoken}
    shell = Shell(
        locale=stay.locale, tabs=list(_tabs(stay)), place=_place(stay), in_frame=stay.launch.in_frame,
        around=stay.launch.frame_origins if stay.launch.in_frame else "",
        csrf=browser.form_token(browser.secret() or b"", stay.id), nonce=headers.nonce(),
        foot=list(_foot(stay)), languages=[_language_link(code, stay.locale) for code in SERVICE_LOCALES],
        archived=bool(stay.cohort and stay.cohort.archived_at) and stay.role in (Role.COACH, Role.TRAINING),
    )  # fmt: skip
    return {"shell": shell, "csp_nonce": shell.nonce, "locale": stay.locale}


def _language_link(code: str, current: str) -> Link:
    return Link(LANGUAGE_NAMES[code], url_for("l.language"), code == current, "post", code)


def _tabs(stay: Stay) -> Iterator[Link]:
    if stay.cohort is None:
        return
    for endpoint, title, roles in (
        ("l.home", _("Today"), {Role.MANAGER}),
        ("l.cohort", _("My managers"), {Role.COACH}),
        ("l.programme", _("Programme"), {Role.TRAINING}),
        ("l.cohort", _("Overview"), {Role.TRAINING}),
        ("l.switches", _("What is on"), {Role.TRAINING}),
        ("l.members", _("People"), {Role.TRAINING}),
        ("l.connections", _("Connections"), {Role.TRAINING}),
    ):
        if stay.role in roles:
            yield _tab(endpoint, title)
    items = [(item, p.key) for p in stay.plugins for item in p.manifest.nav if stay.role in item.roles]
    for item, key in sorted(items, key=lambda pair: pair[0].order):
        yield _tab(f"l.{key}.{item.endpoint}", item.title)
    if stay.role in (Role.COACH, Role.TRAINING):
        yield _tab("l.exports", _("Exports"))


def _tab(endpoint: str, title: Any) -> Link:
    here = request.endpoint or ""
    below = here.startswith(endpoint + "_") or (plugin_of(endpoint) is not None and _same_plugin(endpoint))
    current = here == endpoint or below
    return Link(title, url_for(endpoint), current)


def _same_plugin(endpoint: str) -> bool:
    here = request.endpoint or ""
    return here.rsplit(".", 1)[0] == endpoint.rsplit(".", 1)[0]


def _place(stay: Stay) -> str:
    name = Markup("<bdi>{}</bdi>").format(stay.person.display_name)
    if stay.cohort is None:
        return name
    sentences = {
        Role.MANAGER: _("%(name)s, manager in %(cohort)s"),
        Role.COACH: _("%(name)s, coach in %(cohort)s"),
        Role.TRAINING: _("%(name)s, training department, %(cohort)s"),
    }
    sentence = sentences.get(stay.role) or _("%(name)s in %(cohort)s")
    return Markup(sentence) % {"name": name, "cohort": stay.cohort.title}  # noqa: S704 - our own sentence; what goes in is escaped


def _foot(stay: Stay) -> Iterator[Link]:
    yield Link(_("Who sees what"), url_for("l.who"), request.endpoint == "l.who")
    if stay.role is Role.MANAGER and stay.cohort is not None:
        yield Link(_("Your files"), url_for("l.exports"), request.endpoint == "l.exports")
    yield Link(_("Time zone"), url_for("l.zone"), request.endpoint == "l.zone")
    if core().settings.sends_mail and stay.member is not None:
        yield Link(_("Mail"), url_for("l.mail"), request.endpoint == "l.mail")
    # Public pages, which no platform may frame: they open beside.
    yield Link(_("Privacy"), "/privacy", target="_blank")
    yield Link(_("Accessibility"), "/accessibility", target="_blank")
    yield Link(_("Open in its own window"), url_for("l.window"), method="post")
    yield Link(_("Leave"), url_for("l.leave"), method="post")
