"""The application for a WSGI server: `service.wsgi:app()`."""

from flask import Flask

from service import metrics
from service.app import create_app
from service.masters import check_masters
from service.settings import load


def app() -> Flask:
    """Returns the application of this process's settings. Raises StartRefused."""
    settings = load()
    if settings.metrics_token is not None:
        metrics.share()
    check_masters(settings)
    return create_app(settings)
