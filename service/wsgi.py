"""The application for a WSGI server: `service.wsgi:app()`."""

from flask import Flask

from service.app import create_app
from service.settings import load


def app() -> Flask:
    """Returns the application of this process's settings. Raises StartRefused."""
    return create_app(load())
