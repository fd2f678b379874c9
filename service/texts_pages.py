"""The operator's texts: privacy, terms, accessibility. Templates ship; a folder of the operator's replaces them.

A learning platform links to them when the tool is registered (`policy_uri` and `tos_uri` of OpenID Connect Dynamic
Client Registration 1.0), so they open for everybody, without a launch.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import structlog
from flask import Blueprint, Response, make_response, render_template, request
from flask_babel import force_locale
from flask_babel import gettext as _
from markupsafe import Markup

from service import markdown
from service.access import public
from service.core import core
from service.host import Plugin
from service.retention import rules
from service.settings import Settings
from service.web import SERVICE_LOCALES, choose_locale

log = structlog.get_logger("stegvis.texts")
NAMES = ("privacy", "terms", "accessibility")
LANGUAGE_NAMES = {"sv": "Svenska", "en": "English", "lv": "Latviešu"}
SHIPPED = Path(__file__).parent / "texts"
MAX_BYTES = 200_000
PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
PLACEHOLDERS = frozenset({"operator", "contact", "parts", "kept", "launch_hours", "export_days", "export_downloads"})
EMAIL = re.compile(r"[^\s<>@]+@[^\s<>@]+")


@dataclass(frozen=True)
class Text:
    """One of the texts in one language: its heading, and Markdown with placeholders."""

    locale: str
    title: str
    body: str


def add_pages(site: Blueprint) -> None:
    """Adds /privacy, /terms and /accessibility: endpoints `privacy`, `terms` and `accessibility`."""
    for name in NAMES:
        site.add_url_rule(f"/{name}", name, _show, defaults={"name": name})


@public("a registration names these pages, and everybody may read them before anything else")
def _show(name: str) -> Response:
    asked = request.args.get("lang", "")
    locale = asked if asked in SERVICE_LOCALES else choose_locale()
    with force_locale(locale):
        text = find(core().settings.texts_dir, name, locale)
        html = render_template(
            "site/text.html", text=text, body=filled(text.body, core().settings, list(core().host)),
            others=[(code, LANGUAGE_NAMES[code]) for code in SERVICE_LOCALES if code != locale],
        )  # fmt: skip
    return make_response(html)


def find(folder: Path | None, name: str, locale: str) -> Text:
    """Returns a text as the operator wants it, in that language, else in Swedish, else in English.

    Where the operator has replaced a text in one language only, that language is shown: what ships may say otherwise.
    """
    for where in (SHIPPED,) if folder is None else (folder, SHIPPED):
        for code in dict.fromkeys((locale, "sv", "en")):
            text = _read(where / f"{name}.{code}.md", code)
            if text is not None:
                return text
    raise FileNotFoundError(f"the installation lacks service/texts/{name}.en.md")


def filled(body: str, settings: Settings, plugins: list[Plugin]) -> Markup:
    """Returns the HTML of a text, its placeholders filled with what is so in this installation."""
    values: Mapping[str, Callable[[], str]] = {
        "operator": lambda: markdown.escape(settings.operator_name or _("[the operator has not filled in its name]")),
        "contact": lambda: _contact(settings.operator_contact),
        "parts": lambda: "\n".join(_parts(plugins)),
        "kept": lambda: "\n".join(_kept(settings, plugins)),
        "launch_hours": lambda: str(settings.launch_hours),
        "export_days": lambda: str(settings.export_days),
        "export_downloads": lambda: str(settings.export_downloads),
    }
    return markdown.render(PLACEHOLDER.sub(lambda found: values[found.group(1)](), body))


def _contact(value: str) -> str:
    if EMAIL.fullmatch(value) or re.fullmatch(r"https://[^\s<>]+", value):
        return f"<{value}>"
    return markdown.escape(value or _("[the operator has not filled in where to turn]"))


def _parts(plugins: list[Plugin]) -> Iterator[str]:
    for plugin in plugins:
        title, summary = str(plugin.manifest.title), str(plugin.manifest.summary)
        yield f"- **{markdown.escape(title)}**: {markdown.escape(summary)}"


def _kept(settings: Settings, plugins: list[Plugin]) -> Iterator[str]:
    for rule in rules.rules_of(settings, plugins):
        words = rules.sentence(rule, rule.declared.days)
        if rule.may_change:
            least, most = rule.limits
            words += " " + _("The training department may choose from %(least)d to %(most)d.", least=least, most=most)
        yield f"- **{markdown.escape(str(rule.holder))}**: {markdown.escape(words)}"
    for plugin in plugins:
        if not plugin.manifest.retention:
            words = _("no time limit is set; kept until the person is erased")
            yield f"- **{markdown.escape(str(plugin.manifest.title))}**: {markdown.escape(words)}"


def _read(path: Path, locale: str) -> Text | None:
    """A text, or None where there is no usable file. A file that cannot be used is told of once for each version of it."""
    try:
        stat = path.stat()
    except FileNotFoundError:
        return None
    except OSError as error:
        log.warning("text_unusable", file=path.name, why=type(error).__name__)
        return None
    return _parsed(path, locale, stat.st_mtime_ns, stat.st_size)


@lru_cache(maxsize=64)
def _parsed(path: Path, locale: str, _changed: int, _size: int) -> Text | None:
    try:
        return _text(path, locale)
    except (OSError, ValueError) as error:
        why = str(error) if type(error) is ValueError else type(error).__name__
        log.warning("text_unusable", file=path.name, why=why)
        return None


def _text(path: Path, locale: str) -> Text:
    with path.open("rb") as file:
        raw = file.read(MAX_BYTES + 1)
    if len(raw) > MAX_BYTES:
        raise ValueError(f"longer than {MAX_BYTES} bytes")
    first, _newline, body = raw.decode("utf-8-sig").strip().partition("\n")
    if not first.startswith("# ") or not first[2:].strip() or not body.strip():
        raise ValueError("does not begin with a heading '# …' and a text below it")
    unknown = sorted(set(PLACEHOLDER.findall(body)) - PLACEHOLDERS)
    if unknown:
        raise ValueError(f"unknown placeholder {unknown[0]!r}")
    return Text(locale, first[2:].strip(), body)
