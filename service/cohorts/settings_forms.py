"""A form out of a plugin's settings: a field for each that the manifest has words for, by its declared type.

What is typed is checked by the settings' own model; what it refuses is said beside the field, in words of the house.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

from flask_babel import gettext as _
from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from service.contract.manifest import Manifest, SettingWords
from service.contract.records import PluginSettings
from service.web import SERVICE_LOCALES

# A text of a setting is a label or a sentence, never an essay.
MAX_TEXT = 500


@dataclass
class Field:
    """One control. `kind`: switch, number, date, choice, text, or words (a text per language, `lang` says which)."""

    name: str
    kind: str
    title: str
    hint: str = ""
    value: str = ""
    options: Sequence[tuple[str, str]] = ()
    lang: str = ""
    error: str = ""


@dataclass
class SettingsForm:
    """The fields, how the settings stood when the form was opened, and what is wrong with all of them together."""

    fields: list[Field]
    seen: str
    error: str = ""
    errors: dict[str, str] = field(default_factory=dict)


def showing(manifest: Manifest, settings: BaseModel) -> SettingsForm:
    """Returns the form of some settings as they are."""
    words = {
        name: manifest.settings_words[name]
        for name in manifest.settings.model_fields
        if name in manifest.settings_words
    }
    fields = [
        one
        for name, said in words.items()
        for one in _fields(name, said, manifest.settings.model_fields[name], getattr(settings, name))
    ]
    return SettingsForm(fields, settings.model_dump_json())


def read(
    manifest: Manifest, typed: Mapping[str, str], before: PluginSettings
) -> tuple[SettingsForm, PluginSettings | None]:
    """Returns the form as it was typed, and the settings; None where something is refused, which the form then says.

    What the form has no words for stays as it was `before`.
    """
    form = showing(manifest, before)
    form.seen = typed.get("seen", "")
    wanted = before.model_dump(mode="json")
    for one in form.fields:
        one.value = typed.get(_control(one), "").strip()[:MAX_TEXT]
        if one.kind == "words":
            wanted[one.name] = {**(wanted[one.name] or {}), one.lang: one.value}
        else:
            wanted[one.name] = _value(one, manifest.settings.model_fields[one.name])
    try:
        return form, manifest.settings.model_validate(wanted, strict=False)
    except ValidationError as refused:
        _say(form, refused)
        return form, None


def before_in(manifest: Manifest, seen: str) -> PluginSettings | None:
    """Returns how the settings stood when a form was opened; None where that cannot be read."""
    try:
        return manifest.settings.model_validate_json(seen)
    except ValidationError:
        return None


def told(manifest: Manifest, settings: BaseModel) -> list[tuple[str, str]]:
    """Returns the settings in words, as a page lists them."""
    return [(one.title, _said(one)) for one in showing(manifest, settings).fields]


def _said(one: Field) -> str:
    if one.kind == "switch":
        return str(_("On") if one.value else _("Off"))
    if one.kind == "choice":
        return dict(one.options).get(one.value, one.value)
    return one.value or "–"  # noqa: RUF001 - the dash that stands for nothing on every page


def _fields(name: str, said: SettingWords, info: FieldInfo, value: Any) -> list[Field]:
    kind = _kind(info.annotation)
    title, hint = str(said.title), str(said.hint)
    if kind == "words":
        return [
            Field(name, kind, f"{title} ({locale})", hint, str((value or {}).get(locale, "")), lang=locale)
            for locale in SERVICE_LOCALES
        ]
    options = [(one, str(said.options.get(one, one))) for one in _options(info.annotation)]
    return [Field(name, kind, title, hint, _typed(value), options)]


def _control(one: Field) -> str:
    return f"{one.name}-{one.lang}" if one.lang else one.name


def _typed(value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else ""
    return "" if value is None else str(value)


def _value(one: Field, info: FieldInfo) -> Any:
    if one.kind == "switch":
        return one.value == "on"
    if not one.value and NoneType in get_args(info.annotation):
        return None
    return one.value


def _plain(annotation: Any) -> Any:
    """The type without `None`."""
    if get_origin(annotation) in (Union, UnionType):
        return next(one for one in get_args(annotation) if one is not NoneType)
    return annotation


def _kind(annotation: Any) -> str:
    plain = _plain(annotation)
    if get_origin(plain) is Literal or (isinstance(plain, type) and issubclass(plain, StrEnum)):
        return "choice"
    if get_origin(plain) is not None:
        return "words"
    return {bool: "switch", int: "number", date: "date"}.get(plain, "text")


def _options(annotation: Any) -> list[str]:
    plain = _plain(annotation)
    if get_origin(plain) is Literal:
        return [str(one) for one in get_args(plain)]
    return [str(one.value) for one in plain] if _kind(plain) == "choice" else []


def _say(form: SettingsForm, refused: ValidationError) -> None:
    for error in refused.errors():
        name = str(error["loc"][0]) if error["loc"] else ""
        wrong = [one for one in form.fields if one.name == name]
        for one in wrong:
            one.error = _why(one, error)
        if not wrong:
            form.error = _("These do not fit each other.")


def _why(one: Field, error: Any) -> str:
    bound = error.get("ctx", {})
    if "ge" in bound:
        return str(_("Write at least %(least)s.", least=bound["ge"]))
    if "le" in bound:
        return str(_("Write at most %(most)s.", most=bound["le"]))
    sentences = {
        "number": _("Write a whole number."), "date": _("Write a day as year-month-day."), "choice": _("Choose one of them."),
    }  # fmt: skip
    return str(sentences.get(one.kind, _("This cannot be used.")))
