"""Taking a change of configuration back: one way for settings, new cohorts' settings, terms, own words and retention.

What was before comes back through the very operation that changed it, which checks it, refuses it when somebody has changed
it since, and leaves its line in the trail. So an undo is a change like any other, and can itself be undone.
"""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from pydantic import ValidationError

from service.audit import Actor
from service.cohorts import glossary, plugin_settings, settings_forms, switches, terms
from service.cohorts.completion import progress_changed
from service.cohorts.programme import LANGUAGES
from service.cohorts.programme_models import KeptChange
from service.cohorts.terms import Term
from service.core import core
from service.errors import Conflict, Invalid, NotFound
from service.formats import day
from service.host import Plugin
from service.retention import rules

Value = Mapping[str, Any]
Lines = list[tuple[str, str]]
NOTHING = "–"  # noqa: RUF001 - the dash that stands for nothing on every page


@dataclass(frozen=True)
class Kind:
    """How one kind of thing comes back.

    `restore(change, actor)` raises Conflict when it stands otherwise than the change left it, Invalid when what was before
    cannot be any more, NotFound when the thing is gone; it returns the change it made, None where nothing was to do.
    `now(change)` is how the thing stands, `told(change, value)` a value in words, `page(change)` where it is kept.
    """

    title: Callable[[KeptChange], str]
    restore: Callable[[KeptChange, Actor], uuid.UUID | None]
    now: Callable[[KeptChange], Value]
    told: Callable[[KeptChange, Value], Lines]
    page: Callable[..., str]


def undo(change: KeptChange, actor: Actor) -> uuid.UUID | None:
    """Brings back what was before a change. Raises what `Kind.restore` does."""
    try:
        return KINDS[change.kind].restore(change, actor)
    except ValidationError as error:
        raise Invalid(before="unusable") from error


# --- a part's settings, in a cohort and in new ones -------------------------------------------------------------------


def _plugin(change: KeptChange) -> Plugin:
    key = change.ref.rpartition("/")[2]
    if key not in core().host:
        raise NotFound("no_plugin")
    return core().host[key]


def _cohort_id(change: KeptChange) -> uuid.UUID:
    return uuid.UUID(change.ref.partition("/")[0])


def _settings_back(change: KeptChange, actor: Actor) -> uuid.UUID | None:
    plugin = _plugin(change)
    cohort = switches.cohort_in(change.organisation_id, _cohort_id(change))
    before, after = (
        plugin.manifest.settings.model_validate(one, strict=False) for one in (change.before, change.after)
    )
    made = plugin_settings.save_settings(cohort, plugin.key, before, seen=after, actor=actor)
    if made is not None:
        progress_changed(cohort, plugin.key)
    return made


def _settings_now(change: KeptChange) -> Value:
    return switches.enabled(_cohort_id(change)).get(_plugin(change).key, {})


def _defaults_back(change: KeptChange, actor: Actor) -> uuid.UUID | None:
    plugin = _plugin(change)
    before, after = (
        plugin.manifest.settings.model_validate(one, strict=False) for one in (change.before, change.after)
    )
    return plugin_settings.save_default_settings(change.organisation_id, plugin, before, seen=after, actor=actor)


def _settings_told(change: KeptChange, value: Value) -> Lines:
    manifest = _plugin(change).manifest
    try:
        return settings_forms.told(manifest, manifest.settings.model_validate(value, strict=False))
    except ValidationError:
        return []


# --- terms ------------------------------------------------------------------------------------------------------------


def _half(change: KeptChange) -> tuple[int, bool]:
    year, _dash, half = change.ref.partition("-")
    return int(year), half == "2"


def _term_title(change: KeptChange) -> str:
    year, autumn = _half(change)
    return str(_("Autumn %(year)s", year=year) if autumn else _("Spring %(year)s", year=year))


def _term_back(change: KeptChange, actor: Actor) -> uuid.UUID | None:
    first, last = (date.fromisoformat(change.before[name]) for name in ("first", "last"))
    return terms.change(change.organisation_id, Term(*_half(change), first, last, last, change.after["version"]), actor)


def _term_now(change: KeptChange) -> Value:
    year, autumn = _half(change)
    found = terms.terms_of(change.organisation_id).of(year, autumn=autumn)
    return {"first": found.first.isoformat(), "last": found.last.isoformat()}


def _term_told(_change: KeptChange, value: Value) -> Lines:
    days = [day(date.fromisoformat(value[name]), year=True) for name in ("first", "last")]
    return list(zip((str(_("First day")), str(_("Last day"))), days, strict=True))


# --- own words --------------------------------------------------------------------------------------------------------


def _words_back(change: KeptChange, actor: Actor) -> uuid.UUID | None:
    return glossary.change(change.organisation_id, change.before, seen=glossary.written(change.after), actor=actor)


def _words_told(_change: KeptChange, value: Value) -> Lines:
    return [(name, ", ".join(value.get(locale, {}).values()) or NOTHING) for locale, name in LANGUAGES.items()]


# --- how long things are kept -----------------------------------------------------------------------------------------


def _days_back(change: KeptChange, actor: Actor) -> uuid.UUID | None:
    rule, there = rules.find(change.ref), _days_now(change)
    if there not in (change.before, change.after):
        raise Conflict("days_changed")
    return rules.decide(rule, change.before["days"], actor)


def _days_now(change: KeptChange) -> Value:
    return {"days": rules.kept_days(change.ref, change.organisation_id)}


def _days_told(_change: KeptChange, value: Value) -> Lines:
    return [(str(_("Days")), str(value["days"]))]


KINDS: Mapping[str, Kind] = {
    "settings": Kind(
        lambda change: str(_plugin(change).manifest.title), _settings_back, _settings_now, _settings_told,
        lambda kept, /, **more: url_for("l.settings", cohort=_cohort_id(kept), **more),
    ),
    "defaults": Kind(
        lambda change: str(_plugin(change).manifest.title), _defaults_back,
        lambda change: plugin_settings.default_settings(change.organisation_id, _plugin(change)).model_dump(mode="json"),
        _settings_told, lambda _kept, /, **more: url_for("l.settings", **more),
    ),
    "term": Kind(
        _term_title, _term_back, _term_now, _term_told, lambda _kept, /, **more: url_for("l.terms", **more)
    ),
    "words": Kind(
        lambda _change: str(_("Own words")), _words_back, lambda change: glossary.words_of(change.organisation_id),
        _words_told, lambda _kept, /, **more: url_for("l.words", **more),
    ),
    "days": Kind(
        lambda change: str(rules.find(change.ref).declared.what), _days_back, _days_now, _days_told,
        lambda kept, /, **more: url_for("l.retention", changed=kept.ref, **more),
    ),
}  # fmt: skip
