"""create_app: the one place where the parts are put together."""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from typing import Any

from flask import Flask, Response, g
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix

from service import catalogues, checks, formats, headers, logs, refusals, shell
from service.clock import Clock, SystemClock
from service.cohorts.door import build_door
from service.cohorts.pages import add_pages as add_cohort_pages
from service.cohorts.undo_pages import offer as undo_offer
from service.cohorts.windows import windows
from service.core import Core, close_unit
from service.crypto import CannotOpen, Keyring
from service.db import make_engine
from service.errors import Refusal
from service.exports.pages import add_pages as add_export_pages
from service.guests.door import build_guest_door
from service.host import Host, discover
from service.lti.routes import lti
from service.mail.door import mail_links
from service.metrics import Metrics, watch
from service.operator.door import build_operator_door
from service.settings import Settings
from service.site import site
from service.tokens.door import tokens
from service.unit import Units
from service.web import choose_locale

MAX_BODY = 1024 * 1024
MAX_FORM_MEMORY = 512 * 1024
MAX_FORM_PARTS = 300


class Service(Flask):
    """The Flask application. A request's unit of work is committed after its view and before its answer leaves."""

    def dispatch_request(self) -> Response:
        """Runs the view, makes the response, and commits; an exception on the way leaves nothing behind."""
        response = self.make_response(super().dispatch_request())
        unit = g.get("unit")
        if unit is not None and unit.writing:
            unit.commit()
        return response


def create_app(settings: Settings, *, plugins: Mapping[str, Any] | None = None, clock: Clock | None = None) -> Flask:
    """Returns the application. `plugins` replaces the installed ones (tests); `clock` the machine's.

    Raises StartRefused with one sentence when a plugin, a route or the database does not fit.
    """
    app = Service("service")
    app.config.update(
        TRUSTED_HOSTS=[settings.host.rsplit(":", 1)[0] if ":" in settings.host else settings.host],
        MAX_CONTENT_LENGTH=MAX_BODY, MAX_FORM_MEMORY_SIZE=MAX_FORM_MEMORY, MAX_FORM_PARTS=MAX_FORM_PARTS,
        SEND_FILE_MAX_AGE_DEFAULT=31_536_000, PREFERRED_URL_SCHEME=settings.public_url.split(":", 1)[0],
        TEMPLATES_AUTO_RELOAD=False,
    )  # fmt: skip
    logs.configure()
    host = Host(discover() if plugins is None else plugins)
    units = Units(make_engine(settings), keyring(settings), clock or SystemClock())
    metrics = Metrics(counting=settings.metrics_token is not None)
    app.extensions["stegvis"] = Core(
        settings, units, host, form_key=_derive(settings, b"form token"), state_key=_derive(settings, b"login state"),
        metrics=metrics,
    )  # fmt: skip
    watch(app, metrics)
    _add_languages(app, host)
    door = build_door(host)
    add_cohort_pages(door)
    add_export_pages(door)
    for blueprint in (door, build_guest_door(host), lti, site, tokens, mail_links, windows, build_operator_door()):
        app.register_blueprint(blueprint)
    _add_edges(app)
    checks.check(app, host)
    if settings.proxy_hops:
        hops = settings.proxy_hops
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops)  # type: ignore[method-assign]  # Flask's own way
    return app


def keyring(settings: Settings) -> Keyring:
    """Returns the operator's master keys."""
    return Keyring.from_settings(settings.master_key, settings.previous_master_keys)


def _derive(settings: Settings, purpose: bytes) -> bytes:
    secret = base64.b64decode(settings.secret_key.get_secret_value())
    return hmac.new(secret, b"stegvis " + purpose, hashlib.sha256).digest()


def _add_languages(app: Flask, host: Host) -> None:
    catalogues.add(app, {plugin.key: _folder(plugin.module) for plugin in host}, choose_locale)
    app.jinja_env.add_extension("jinja2.ext.do")
    for name in ("day", "short_day", "clock_time", "day_and_time", "share", "minutes"):
        app.jinja_env.filters[name] = getattr(formats, name)
    app.context_processor(shell.context)
    app.context_processor(lambda: {"undo_offer": undo_offer})


def _folder(module: Any) -> str:
    return str(module.__file__).rsplit("/", 1)[0]


def _add_edges(app: Flask) -> None:
    app.after_request(headers.secure)
    app.teardown_request(lambda _error: close_unit())
    app.register_error_handler(Refusal, refusals.refuse)
    app.register_error_handler(HTTPException, refusals.from_http)
    app.register_error_handler(CannotOpen, refusals.from_sealed)
    app.register_error_handler(DBAPIError, refusals.from_database)
    app.register_error_handler(PoolTimeout, refusals.from_database)
    app.register_error_handler(Exception, refusals.from_anything)
