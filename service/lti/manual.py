"""Connecting a platform by hand: Canvas's developer key as JSON, and a page with every value that Moodle's form asks for.

Both are public: they hold our own addresses and nothing else. With a registration's own id in the path they name the
addresses of that registration.
"""

from typing import Any
from urllib.parse import urlsplit

import sqlalchemy as sa
from flask import Blueprint, Response, jsonify, make_response, request
from flask_babel import force_locale
from flask_babel import gettext as _

from service.access import public
from service.core import core
from service.errors import NotFound
from service.lti import asking
from service.lti.claims import RESOURCE_LINK
from service.lti.models import Platform
from service.unit import current
from service.web import SERVICE_LOCALES, choose_locale, page

LANGUAGE_NAMES = {"sv": "Svenska", "en": "English", "lv": "Latviešu"}
# The order of the form "External tool configuration" in Moodle 5.0.
Value = tuple[str, str, str]


def add_pages(blueprint: Blueprint) -> None:
    """Adds the configurations to the blueprint of everything that speaks LTI: `manual_canvas` and `manual_moodle`."""
    for name, view, path in (("manual_canvas", canvas, "canvas.json"), ("manual_moodle", moodle, "moodle")):
        blueprint.add_url_rule(f"/config/{path}", name, view)
        blueprint.add_url_rule(f"/config/<public_id>/{path}", name, view)


@public(
    "an administrator of Canvas pastes this address or its content into a developer key; it holds our addresses only"
)
def canvas(public_id: str = "") -> Response:
    """Answers with the configuration of a developer key (Canvas, doc/api/lti_dev_key_config.md)."""
    response = jsonify(developer_key(core().settings.public_url, _own(public_id)))
    response.headers["Cache-Control"] = "max-age=300"
    return response


@public("an administrator of Moodle copies these values into its form; they are our addresses only")
def moodle(public_id: str = "") -> Response:
    """Shows every value of Moodle's form, to be copied one by one."""
    asked = request.args.get("lang", "")
    locale = asked if asked in SERVICE_LOCALES else choose_locale()
    own, base = _own(public_id), core().settings.public_url
    with force_locale("en"):
        as_moodle_says, chosen, switched = values(base, own), choices(), services()
    with force_locale(locale):
        return make_response(page(
            "lti/manual_moodle.html", values=list(zip(values(base, own), as_moodle_says, strict=True)),
            choices=list(zip(choices(), chosen, strict=True)), services=list(zip(services(), switched, strict=True)),
            canvas=f"{base}/lti/config{own}/canvas.json",
            others=[(code, LANGUAGE_NAMES[code]) for code in SERVICE_LOCALES if code != locale],
        ))  # fmt: skip


def _own(public_id: str) -> str:
    """The end of the addresses of one registration, nothing for those that serve them all."""
    if not public_id:
        return ""
    with core().units.reading():
        known = current().session.scalar(sa.select(Platform.id).where(Platform.public_id == public_id))
    if known is None:
        raise NotFound("no_platform")
    return f"/{public_id}"


def developer_key(base: str, own: str = "") -> dict[str, Any]:
    """Returns the JSON of a Canvas developer key for this installation."""
    target = f"{base}/lti/launch"
    return {
        "title": asking.NAME,
        "description": asking.DESCRIPTION,
        "oidc_initiation_url": f"{base}/lti/login{own}",
        "target_link_uri": target,
        "public_jwk_url": f"{base}/lti/jwks{own}",
        "scopes": [asking.ROSTER, asking.LINE_ITEM, asking.RESULT, asking.SCORE],
        "custom_fields": asking.custom_for("canvas"),
        "extensions": [{
            "platform": "canvas.instructure.com",
            "domain": urlsplit(base).netloc,
            "tool_id": asking.TOOL_ID,
            "privacy_level": "name_only",
            "settings": {
                "text": asking.NAME,
                "icon_url": f"{base}/static/favicon.svg",
                "selection_width": 800,
                "selection_height": 700,
                "placements": [_placement(kind, place, target)
                               for kind, places in asking.CANVAS_PLACEMENTS.items() for place in places],
            },
        }],
    }  # fmt: skip


def _placement(kind: str, place: str, target: str) -> dict[str, Any]:
    placement: dict[str, Any] = {"placement": place, "message_type": kind, "target_link_uri": target}
    if kind == RESOURCE_LINK:
        placement |= {
            "text": asking.NAME, "default": "disabled", "visibility": "members",
            "display_type": "full_width_in_context", "custom_fields": {"placement": place},
        }  # fmt: skip
    return placement


def values(base: str, own: str = "") -> list[Value]:
    """Returns what is to be copied into Moodle: an id for the field, the word that Moodle has for it, and the value."""
    target = f"{base}/lti/launch"
    custom = "\n".join(f"{name}={value}" for name, value in asking.custom_for("moodle").items())
    return [
        ("name", _("Tool name"), asking.NAME),
        ("url", _("Tool URL"), target),
        ("description", _("Tool description"), asking.DESCRIPTION),
        ("keys", _("Public keyset (a URL)"), f"{base}/lti/jwks{own}"),
        ("login", _("Initiate login URL"), f"{base}/lti/login{own}"),
        ("redirect", _("Redirection URI(s)"), target),
        ("custom", _("Custom parameters"), custom),
        ("content", _("Content Selection URL"), target),
        ("icon", _("Icon URL"), f"{base}/static/favicon.svg"),
    ]


def choices() -> list[tuple[str, str]]:
    """Returns what is to be chosen in Moodle's form: its word, and the choice."""
    return [
        (_("LTI version"), "LTI 1.3"),
        (_("Public key type"), _("Keyset URL")),
        (_("Tool configuration usage"), _("Show in activity chooser and as a preconfigured tool")),
        (_("Default launch container"), _("Embed, without blocks, or New window")),
        (_("Supports Deep Linking (Content-Item Message)"), _("ticked")),
        (_("Share launcher's name with tool"), _("Always")),
        (_("Share launcher's email with tool"), _("Never")),
        (_("Accept grades from the tool"), _("Delegate to teacher")),
    ]


def services() -> list[tuple[str, str, str]]:
    """Returns the services to switch on in Moodle's form: its word, the choice, and what it is for."""
    return [
        (_("IMS LTI Assignment and Grade Services"), _("Use this service for grade sync and column management"),
         _("Completion, 1 of 1, goes to the gradebook where the training department has switched it on.")),
        (_("IMS LTI Names and Role Provisioning"), _("Use this service to retrieve members' information as per privacy settings"),
         _("A coach finds her whole group from the first day.")),
        (_("Tool Settings"), _("Do not use this service"), _("Stegvis keeps its settings itself.")),
    ]  # fmt: skip
