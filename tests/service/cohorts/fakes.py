"""Tiny plugins for tests of the core: each hook is a function given by the test."""

from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any

from flask import Blueprint
from jinja2 import DictLoader

from service.access import EVERYONE, MEMBERS, Permission, requires
from service.contract import Manifest, hook
from service.contract.manifest import NavItem, SettingWords
from service.contract.records import PluginSettings


class Kept(PluginSettings):
    """What a fake plugin can be set to."""

    kept: int = 0


def plugin(
    key: str,
    *,
    templates: Mapping[str, str] | None = None,
    on_by_default: bool = True,
    title: str = "",
    settings: type[PluginSettings] = Kept,
    settings_words: Mapping[str, SettingWords] | None = None,
    **hooks: Callable[..., Any],
) -> ModuleType:
    """A plugin with one page at its root, `templates` by name below its own folder, and the hooks given."""
    module = ModuleType(key)
    module.__file__ = f"/nowhere/{key}/__init__.py"

    def manifest() -> Manifest:
        permissions = (Permission(f"{key}.use", MEMBERS), Permission(f"{key}.guest", EVERYONE))
        nav = (NavItem("today", title or key.title(), MEMBERS),)
        return Manifest(
            key, title or key.title(), f"What {key} does.", permissions, nav, settings, settings_words or {}, on_by_default
        )  # fmt: skip

    def blueprint() -> Blueprint:
        pages = Blueprint(key, __name__)
        pages.jinja_loader = DictLoader({f"{key}/{name}": text for name, text in (templates or {}).items()})  # type: ignore[misc]
        pages.add_url_rule("/", "today", requires(f"{key}.use")(lambda: f"page of {key}"))
        return pages

    for name, function in {"manifest": manifest, "blueprint": blueprint, **hooks}.items():
        function.__name__ = name
        setattr(module, name, hook(function))
    return module


def plugins(*modules: ModuleType) -> dict[str, Any]:
    """Modules by their key, as create_app takes them."""
    return {module.__name__: module for module in modules}
