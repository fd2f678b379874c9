"""The plugin host: finds plugins, checks them, and asks them.

It is built inside `create_app`; whatever is wrong with a plugin's declaration stops the start with one sentence. At run
time one failing plugin costs its own part of a page and nothing else.
"""

import inspect
import secrets
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from importlib import metadata
from types import ModuleType
from typing import Any, TypeVar

import pluggy
import structlog
from flask import Blueprint

from service.access import CORE_PERMISSIONS, Permission, Role
from service.answers import fitting
from service.catalogues import speaking
from service.cohorts.models import Cohort, Member, Person
from service.contract import hooks
from service.contract.manifest import KEY, RESERVED, Manifest
from service.contract.records import (
    Adopted,
    Card,
    ContentItem,
    DemoCast,
    Erased,
    Export,
    LeftOut,
    PersonalData,
    PluginSettings,
    Progress,
    Proposal,
    TimelineEvent,
)
from service.contract.reports import CohortReport, ProgrammeReport
from service.errors import StartRefused
from service.unit import current

ENTRY_POINTS = "stegvis.plugins"
log = structlog.get_logger("stegvis.host")
T = TypeVar("T")


@dataclass(frozen=True)
class Plugin:
    """A plugin that passed the checks."""

    key: str
    manifest: Manifest
    module: Any
    blueprint: Blueprint | None
    guest_blueprint: Blueprint | None
    content_items: Sequence[ContentItem]

    def implements(self, hook: str) -> bool:
        """Tells whether it answers a hook."""
        return _implements(self.module, hook)


@dataclass(frozen=True)
class Unavailable:
    """The slot of a plugin that failed: shown as "this part is unavailable" with the incident number."""

    plugin: Plugin
    incident: str


class Host:
    """All plugins of this process."""

    def __init__(self, modules: Mapping[str, Any]) -> None:
        self._manager = pluggy.PluginManager(hooks.PROJECT)
        self._manager.add_hookspecs(hooks)
        for name, module in modules.items():
            self._register(name, module)
        self._check_pending()
        loaded = [self._load(name, module) for name, module in modules.items()]
        self._plugins = {plugin.key: plugin for plugin in sorted(loaded, key=_order)}
        if len(self._plugins) != len(loaded):
            twice = sorted({p.key for p in loaded if sum(q.key == p.key for q in loaded) > 1})
            raise StartRefused(f"two plugins have the key {twice[0]!r}: remove one of them")
        self.permissions = {p.key: p for p in self._all_permissions()}
        self.feeds = {(plugin.key, feed.purpose): feed for plugin in self for feed in plugin.manifest.feeds}
        self.audit_words = {key: text for plugin in self for key, text in plugin.manifest.audit_words.items()}
        self.jobs = {kind.key: kind for plugin in self for kind in plugin.manifest.jobs}

    def _register(self, name: str, module: Any) -> None:
        try:
            self._manager.register(module, name)
        except (pluggy.PluginValidationError, ValueError) as error:
            raise StartRefused(f"plugin {name!r}: {str(error).splitlines()[-1].strip()}") from error

    def _check_pending(self) -> None:
        try:
            self._manager.check_pending()
        except pluggy.PluginValidationError as error:
            raise StartRefused(f"a plugin implements a hook that does not exist: {error}") from error

    def _load(self, name: str, module: Any) -> Plugin:
        manifest = _at_start(name, module, "manifest", Manifest)
        if manifest is None:
            raise StartRefused(f"plugin {name!r} has no manifest hook")
        key = manifest.key
        if not KEY.fullmatch(key) or key in RESERVED:
            raise StartRefused(f"plugin {name!r}: the key {key!r} is reserved or not of small letters, digits and _")
        pages = _at_start(name, module, "blueprint", Blueprint)
        guests = _at_start(name, module, "guest_blueprint", Blueprint)
        for blueprint in (pages, guests):
            if blueprint is not None and blueprint.name != key:
                raise StartRefused(f"plugin {key!r}: its blueprint is named {blueprint.name!r}, not {key!r}")
        items = _at_start(name, module, "content_items", Sequence) or ()
        return Plugin(key, manifest, module, pages, guests, items)

    def _all_permissions(self) -> Iterator[Permission]:
        yield from CORE_PERMISSIONS
        for plugin in self:
            for permission in plugin.manifest.permissions:
                if not permission.key.startswith(plugin.key + "."):
                    raise StartRefused(f"plugin {plugin.key!r}: permission {permission.key!r} lacks its prefix")
                yield permission

    def __iter__(self) -> Iterator[Plugin]:
        return iter(self._plugins.values())

    def __getitem__(self, key: str) -> Plugin:
        return self._plugins[key]

    def __contains__(self, key: object) -> bool:
        return key in self._plugins

    def for_cohort(self, enabled: Mapping[str, Mapping[str, Any]]) -> "Part":
        """Returns the plugins that are on for a cohort. `enabled` maps key to settings.

        This is the one place that knows whether a plugin is on; pages, cards, exports and completion all pass it.
        """
        return Part([plugin for plugin in self if plugin.key in enabled], enabled)

    def programme_report(
        self, cohorts: Mapping[str, Sequence[Cohort]]
    ) -> list[tuple[Plugin, ProgrammeReport | Unavailable]]:
        """Each plugin's part of the page over many cohorts. `cohorts` are those where each is on, by its key."""
        found = []
        for plugin in self:
            if cohorts.get(plugin.key) and plugin.implements("programme_report"):
                ask = partial(_answer, plugin.module, "programme_report", {"cohorts": cohorts[plugin.key]})
                found.append((plugin, guarded(plugin, ask)))
        return found

    def everyone(self) -> "Part":
        """Returns all plugins, on or off: for a person's own data, for erasing, and for the practice cohort."""
        return Part(list(self), {})


class Part:
    """Some of the plugins, and the typed questions one may ask them. Each answer comes with who gave it."""

    def __init__(self, plugins: Sequence[Plugin], settings: Mapping[str, Mapping[str, Any]]) -> None:
        self.plugins = plugins
        self._settings = settings

    def __contains__(self, key: object) -> bool:
        return any(plugin.key == key for plugin in self.plugins)

    def __iter__(self) -> Iterator[Plugin]:
        return iter(self.plugins)

    def settings(self, key: str) -> PluginSettings:
        """Returns a plugin's settings for the cohort, defaults filled in."""
        plugin = next(p for p in self.plugins if p.key == key)
        return plugin.manifest.settings.model_validate(dict(self._settings.get(key, {})), strict=False)

    def home_cards(self, cohort: Cohort, member: Member) -> list[tuple[Plugin, Sequence[Card] | Unavailable]]:
        """Each plugin's cards for the member's own page."""
        return self._show("home_cards", cohort=cohort, member=member)

    def timeline(self, cohort: Cohort, member: Member) -> list[tuple[Plugin, Sequence[TimelineEvent] | Unavailable]]:
        """Each plugin's events for the member's thread."""
        return self._show("timeline", cohort=cohort, member=member)

    def cohort_report(
        self, cohort: Cohort, members: Sequence[Member], audience: Role, viewer: uuid.UUID
    ) -> list[tuple[Plugin, CohortReport | Unavailable]]:
        """Each plugin's part of the cohort dashboard, as the person `viewer` may see it."""
        return self._show("cohort_report", cohort=cohort, members=members, audience=audience, viewer=viewer)

    def exports(self, cohort: Cohort) -> list[tuple[Plugin, Sequence[Export] | Unavailable]]:
        """Each plugin's exports."""
        return self._show("exports", cohort=cohort)

    def progress(
        self, cohort: Cohort, members: Sequence[Member]
    ) -> list[tuple[Plugin, Mapping[uuid.UUID, Progress] | Unavailable]]:
        """Each plugin's progress by member id."""
        return self._show("progress", cohort=cohort, members=members)

    def adopt(self, cohort: Cohort, member: Member, proposal: Proposal) -> Adopted | None:
        """Carries a proposal to the first plugin that makes it its own; None when no plugin that is on wants it."""
        for plugin in self.plugins:
            if plugin.key != proposal.source and _implements(plugin.module, "adopt"):
                adopted: Adopted | None = plugin.module.adopt(cohort=cohort, member=member, proposal=proposal)
                if adopted is not None:
                    return adopted
        return None

    def personal_data(self, person: Person) -> list[tuple[Plugin, Sequence[PersonalData]]]:
        """All rows about a person. A failure is not hidden: an incomplete copy must not look complete."""
        return self._ask("personal_data", person=person)

    def left_out(self, person: Person, *, asked: bool) -> list[tuple[Plugin, Sequence[LeftOut]]]:
        """What a person's copy does not hold. A failure is not hidden, as with the copy itself."""
        return self._ask("left_out", person=person, asked=asked)

    def erase(self, person: Person) -> list[tuple[Plugin, Sequence[Erased]]]:
        """Erases a person everywhere. A failure stops it: half an erasure must not look done."""
        return self._ask("erase", person=person)

    def seed_demo(self, cohort: Cohort, cast: DemoCast) -> None:
        """Lets every plugin fill the practice cohort."""
        self._ask("seed_demo", cohort=cohort, cast=cast)

    def _ask(self, name: str, **arguments: Any) -> list[tuple[Plugin, Any]]:
        able = [plugin for plugin in self.plugins if _implements(plugin.module, name)]
        return [(plugin, _call(plugin.module, name, arguments)) for plugin in able]

    def _show(self, name: str, **arguments: Any) -> list[tuple[Plugin, Any]]:
        able = [plugin for plugin in self.plugins if _implements(plugin.module, name)]
        return [(plugin, guarded(plugin, partial(self._answered, plugin, name, arguments))) for plugin in able]

    def _answered(self, plugin: Plugin, name: str, arguments: Mapping[str, Any]) -> Any:
        return _answer(plugin.module, name, {**arguments, "settings": self.settings(plugin.key)})


def guarded(plugin: Plugin, work: Callable[[], T]) -> T | Unavailable:
    """Runs a plugin's display work in a savepoint, in its own words.

    A failure becomes an `Unavailable` slot with an incident number.
    """
    try:
        with speaking(plugin.key), current().session.begin_nested():
            return work()
    except Exception:
        incident = secrets.token_hex(4).upper()
        log.exception("plugin_failed", plugin=plugin.key, incident=incident)
        return Unavailable(plugin, incident)


def _at_start(plugin: str, module: Any, hook: str, kind: Any) -> Any:
    """Asks a start-up hook; None where the plugin lacks it. Raises StartRefused when it fails or answers otherwise."""
    if not _implements(module, hook):
        return None
    try:
        answer = getattr(module, hook)()
    except Exception as error:
        raise StartRefused(f"plugin {plugin!r}: its hook {hook} failed: {error!r}") from error
    if not isinstance(answer, kind):
        raise StartRefused(f"plugin {plugin!r}: its hook {hook} did not answer with a {kind.__name__}")
    return answer


def _answer(module: Any, name: str, arguments: Mapping[str, Any]) -> Any:
    return fitting(name, _call(module, name, arguments))


def _call(module: Any, name: str, arguments: Mapping[str, Any]) -> Any:
    function = getattr(module, name)
    wanted = inspect.signature(function).parameters
    return function(**{key: value for key, value in arguments.items() if key in wanted})


def _implements(module: Any, name: str) -> bool:
    return bool(getattr(getattr(module, name, None), f"{hooks.PROJECT}_impl", None))


def _order(plugin: Plugin) -> tuple[int, str]:
    return (min((item.order for item in plugin.manifest.nav), default=99), plugin.key)


def discover() -> dict[str, ModuleType]:
    """Loads the plugins that the installed distributions declare. Raises StartRefused when one does not load."""
    found: dict[str, ModuleType] = {}
    for entry in metadata.entry_points(group=ENTRY_POINTS):
        if entry.name in found:
            raise StartRefused(f"two plugins have the key {entry.name!r}: remove one of them")
        try:
            found[entry.name] = entry.load()
        except Exception as error:
            raise StartRefused(f"plugin {entry.name!r} cannot be loaded: {error}") from error
    return found
