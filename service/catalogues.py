"""Whose translation holds: the core's on its own pages, and a plugin's own on its pages and in what it answers and draws.

English is the message id, and two parts may mean different things by one word. So there is one merged catalogue for the
core and one for each plugin; in each its own translation is the last word, and what it lacks it finds with the others.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any

from flask import Flask, current_app, has_app_context
from flask_babel import Babel, Domain, get_domain

EXTENSION = "stegvis.catalogues"
FOLDER = "translations"


def add(app: Flask, plugins: Mapping[str, str], locale_selector: Any) -> None:
    """Adds the languages. `plugins` maps the key of each to the folder that its code lies in."""
    core = f"{app.root_path}/{FOLDER}"
    folders = {key: f"{folder}/{FOLDER}" for key, folder in plugins.items()}
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = ";".join([*folders.values(), core])
    babel = Babel(app, default_locale="sv", locale_selector=locale_selector)
    babel.domain_instance = _domain((*folders.values(), core))
    app.extensions[EXTENSION] = {
        key: _domain((*(other for other in (core, *folders.values()) if other != own), own))
        for key, own in folders.items()
    }


@cache
def _domain(folders: tuple[str, ...]) -> Domain:
    """The catalogues of some folders, the last one's words before the others'. A process reads the files once."""
    return Domain(list(folders))


def speak(plugin: str) -> None:
    """Lets a plugin's own translations hold for the rest of the request."""
    current_app.extensions[EXTENSION][plugin].as_default()


@contextmanager
def speaking(plugin: str) -> Iterator[None]:
    """Lets a plugin's own translations hold in a block; the core's key changes nothing.

    Outside an application nothing is translated anyway.
    """
    own = current_app.extensions[EXTENSION].get(plugin) if has_app_context() else None
    if own is None:
        yield
        return
    before = get_domain()
    own.as_default()
    try:
        yield
    finally:
        before.as_default()
