"""The application for a WSGI server: `service.wsgi:app()`."""

from flask import Flask

from service.app import create_app
from service.rotation import check_masters
from service.settings import load


def app() -> Flask:
    """Returns the application of this process's settings. Raises StartRefused."""
    settings = load()
    check_masters(settings)
    return create_app(settings)
