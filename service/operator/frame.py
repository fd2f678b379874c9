"""What the base template draws around the operator's pages."""

from flask import request, url_for
from flask_babel import gettext as _

from service import headers
from service.shell import Link, Shell
from service.web import language


def shell(csrf: str) -> Shell:
    """Returns the frame of the current page: its tabs, and how to leave."""
    tabs = [
        Link(title, url_for(f"operator.{endpoint}"), request.endpoint == f"operator.{endpoint}")
        for endpoint, title in (
            ("queue", _("Queue")), ("stopped", _("Stopped jobs")), ("platforms", _("Rosters and gradebooks")),
            ("installation", _("Installation")),
        )
    ]  # fmt: skip
    leave = Link(_("Leave"), url_for("operator.leave"), method="post")
    return Shell(
        locale=language(), tabs=tabs, place=_("Whoever runs this installation"), in_frame=False, around="", csrf=csrf,
        nonce=headers.nonce(), foot=[leave], languages=[],
    )  # fmt: skip
