"""The organisation's own words, language by language."""

from collections.abc import Mapping

from flask import g, redirect, request, url_for
from flask_babel import force_locale, gettext
from werkzeug.wrappers import Response

from service.access import requires
from service.cohorts import glossary
from service.cohorts.current import Stay, stay
from service.cohorts.glossary import LABELS, Words
from service.errors import Conflict, Invalid
from service.web import SERVICE_LOCALES, page

Answer = Response | tuple[str, int]


@requires("core.switch_plugins")
def overview() -> Answer:
    """Shows each label in each language, with the organisation's own word beside it."""
    here = stay()
    words = glossary.words_of(here.launch.organisation_id)
    return _show(here, words, seen=glossary.written(words))


@requires("core.switch_plugins")
def write() -> Answer:
    """Keeps the words. When somebody else was first, both are shown."""
    here, form = stay(), request.form
    organisation_id, seen = here.launch.organisation_id, form.get("seen", "")
    typed = {locale: {key: form.get(f"{locale}-{key}", "") for key in LABELS} for locale in SERVICE_LOCALES}
    try:
        made = glossary.change(organisation_id, typed, seen=seen, actor=here.actor)
    except Invalid as refused:
        return _show(here, typed, seen=seen, errors=refused.fields, status=422)
    except Conflict:
        there = glossary.words_of(organisation_id)
        return _show(here, typed, seen=glossary.written(there), there=there, status=409)
    return redirect(url_for("l.words", saved=1, change=made), 303)


def _show(
    here: Stay, words: Words, *, seen: str, errors: Mapping[str, object] | None = None, there: Words | None = None,
    status: int = 200,
) -> tuple[str, int]:  # fmt: skip
    return page(
        "cohorts/words.html", status=status, words=words, products=_products(), labels=LABELS, seen=seen,
        errors=errors or {}, there=there, saved="saved" in request.args and request.method == "GET",
        organisation=here.organisation_name, longest=glossary.LONGEST,
    )  # fmt: skip


def _products() -> dict[str, dict[str, str]]:
    """What the product itself says, in each language."""
    own, g.own_words = g.get("own_words"), {}
    try:
        found = {}
        for locale in SERVICE_LOCALES:
            with force_locale(locale):
                found[locale] = glossary.defaults(gettext)
        return found
    finally:
        g.own_words = own
