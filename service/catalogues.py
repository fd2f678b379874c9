"""Whose translation holds: the core's on its own pages, and a plugin's own on its pages and in what it answers and draws.

English is the message id, and two parts may mean different things by one word. So there is one merged catalogue for the
core and one for each plugin; in each its own translation is the last word, and what it lacks it finds with the others.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any

from flask import Flask, current_app, g, has_app_context
from flask_babel import Babel, Domain, get_domain, get_locale

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


class _Own:
    """A catalogue in which an organisation's own words stand before the product's, label by label."""

    def __init__(self, catalogue: Any, words: Mapping[str, str]) -> None:
        self._catalogue, self._words = catalogue, words

    def ugettext(self, message: str) -> str:
        """Returns the organisation's word, else the product's."""
        return self._words.get(message) or str(self._catalogue.ugettext(message))

    gettext = ugettext

    def __getattr__(self, name: str) -> Any:
        return getattr(self._catalogue, name)


class _Spoken(Domain):  # type: ignore[misc]  # flask_babel has no types
    """A domain that lets the organisation of the current launch have its own words (`service.cohorts.glossary`)."""

    def get_translations(self) -> Any:
        """Returns the catalogue of the current language."""
        catalogue = super().get_translations()
        own = g.get("own_words") if has_app_context() else None
        words = own.get(str(get_locale())) if own else None
        return _Own(catalogue, words) if words else catalogue


@cache
def _domain(folders: tuple[str, ...]) -> Domain:
    """The catalogues of some folders, the last one's words before the others'. A process reads the files once."""
    return _Spoken(list(folders))


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
