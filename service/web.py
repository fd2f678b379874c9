"""Pages: how a view shows something, and which languages there are."""

from typing import Any

from flask import g, has_request_context, render_template, request, url_for
from flask_babel import get_locale

SERVICE_LOCALES = ("sv", "en", "lv")


def choose_locale() -> str:
    """Returns the language of this request: the launch's, the guest's, else the browser's best match.

    Swedish where nobody asks: in a worker, and for a browser that wants none of ours.
    """
    stay = g.get("stay")
    if stay is not None:
        return str(stay.locale)
    guest = g.get("guest")
    if guest is not None and guest.locale:
        return str(guest.locale)
    if not has_request_context():
        return "sv"
    return request.accept_languages.best_match(SERVICE_LOCALES) or "sv"


def language() -> str:
    """Returns the language code of the current page."""
    locale = get_locale()
    return locale.language if locale else "sv"


def page(template: str, *, status: int = 200, **context: Any) -> tuple[str, int]:
    """Renders a whole page. 422 for a form that is shown again with its errors, 409 for a conflict."""
    return render_template(template, **context), status


def partial(template: str, *, status: int = 200, **context: Any) -> tuple[str, int]:
    """Renders a part of a page, for htmx."""
    return render_template(template, **context), status


def wants_partial() -> bool:
    """Tells whether htmx asks for a part only."""
    return request.headers.get("HX-Request") == "true"


def plugin_url(endpoint: str, **values: Any) -> str:
    """Returns the address of a plugin's page within the current launch: `plugin_url("ledarsteg.today")`."""
    return url_for(f"l.{endpoint}", **values)


def data_address() -> str:
    """Returns the address of the page where a person reads what is kept about her, and gets a copy of it."""
    return url_for("l.data")
