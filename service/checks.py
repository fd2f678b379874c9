"""What must be true before the first request: each failure is one sentence and stops the start."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, Flask

from service import pdf
from service.cohorts.door import check_routes
from service.confidential import ConfidentialText
from service.db import Base
from service.errors import StartRefused
from service.host import Host, Plugin

# What follows the plugin's key in the name of a job kind or of periodic work, and what a command is called.
WORD = re.compile(r"[a-z][a-z0-9_-]*")
# As wide as `job.kind`.
LONGEST_NAME = 60


def check(app: Flask, host: Host) -> None:
    """Raises StartRefused with the first thing that does not fit."""
    problems = [problem for plugin in host for problem in _plugin_problems(plugin)]
    problems += [*_ownerless(host), *check_routes(app, host)]
    if problems:
        raise StartRefused(problems[0])


def _plugin_problems(plugin: Plugin) -> list[str]:
    return [
        *_tables(plugin), *_templates(plugin), *_confidential(plugin), *_work(plugin), *_keeping(plugin),
        *_pdf_templates(plugin),
    ]  # fmt: skip


def _models(plugin: Plugin) -> list[Any]:
    package = plugin.module.__name__
    return [
        mapper.class_
        for mapper in Base.registry.mappers
        if mapper.class_.__module__ == package or mapper.class_.__module__.startswith(package + ".")
    ]


def _tables(plugin: Plugin) -> list[str]:
    names = [model.__tablename__ for model in _models(plugin)]
    return [
        f"plugin {plugin.key!r}: table {name!r} lacks the prefix {plugin.key + '_'!r}"
        for name in names
        if not name.startswith(plugin.key + "_")
    ]


def _ownerless(host: Host) -> list[str]:
    """A table without a class tells nobody where it comes from, so its name alone must."""
    mapped = {table.name for mapper in Base.registry.mappers for table in mapper.tables if isinstance(table, sa.Table)}
    prefixes = tuple(f"{plugin.key}_" for plugin in host)
    names = sorted(name for name in Base.metadata.tables if name not in mapped and not name.startswith(prefixes))
    return [f"table {name!r} belongs to no plugin: its name must begin with the plugin's key" for name in names]


def _templates(plugin: Plugin) -> list[str]:
    roots = [root for root in map(_template_root, (plugin.blueprint, plugin.guest_blueprint)) if root is not None]
    files = [(root, found) for root in roots for found in sorted(root.rglob("*")) if found.is_file()]
    return [
        f"plugin {plugin.key!r}: template {found.name!r} is not in templates/{plugin.key}/"
        for root, found in files
        if found.relative_to(root).parts[0] != plugin.key
    ]


def _pdf_templates(plugin: Plugin) -> list[str]:
    folder = Path(str(plugin.module.__file__)).parent / "templates"
    return [
        f"plugin {plugin.key!r}: PDF template {name!r} fetches something or runs text as markup"
        for name in pdf.problems(folder)
    ]


def _template_root(blueprint: Blueprint | None) -> Path | None:
    if blueprint is None or blueprint.template_folder is None:
        return None
    return Path(blueprint.root_path) / blueprint.template_folder


def _work(plugin: Plugin) -> Iterator[str]:
    """What a worker or an operator does for the plugin: each under a name of its own, and under the plugin's."""
    manifest, own = plugin.manifest, plugin.key + "."
    declared = [
        *(("job kind", kind.key, own) for kind in manifest.jobs),
        *(("periodic work", work.key, own) for work in manifest.periodic),
        *(("audited action", action, own) for action in manifest.audit_words),
        *(("command", command.name, "") for command in manifest.commands),
        *(("feed", feed.purpose, "") for feed in manifest.feeds),
        *(("rule of keeping", rule.key, "") for rule in manifest.retention),
    ]
    for what, name, prefix in declared:
        if not name.startswith(prefix):
            yield f"plugin {plugin.key!r}: {what} {name!r} lacks the prefix {prefix!r}"
        elif not WORD.fullmatch(name.removeprefix(prefix)) or len(name) > LONGEST_NAME:
            yield f"plugin {plugin.key!r}: {what} {name!r} is not of small letters, digits, _ and -, at most {LONGEST_NAME}"
        elif declared.count((what, name, prefix)) > 1:
            yield f"plugin {plugin.key!r}: {what} {name!r} is declared twice"


def _keeping(plugin: Plugin) -> Iterator[str]:
    """A rule whose days are not within its limits, or that counts what it never deletes, promises what is not so."""
    for rule in plugin.manifest.retention:
        least, most = rule.days if rule.least is None else rule.least, rule.days if rule.most is None else rule.most
        if not 0 <= least <= rule.days <= most:
            yield f"plugin {plugin.key!r}: rule of keeping {rule.key!r} has days outside its own limits"
        if (rule.count is None) is not (rule.delete is None) or (rule.delete is None and least < most):
            yield f"plugin {plugin.key!r}: rule of keeping {rule.key!r} needs both count and delete, or fixed days and neither"


def _confidential(plugin: Plugin) -> list[str]:
    sealed = {
        f"{model.__tablename__}.{name}"
        for model in _models(plugin)
        for name, value in vars(model).items()
        if isinstance(value, ConfidentialText)
    }
    wrong = sorted(sealed ^ plugin.manifest.confidential)
    return [f"plugin {plugin.key!r}: manifest and models disagree on confidential text {name!r}" for name in wrong]
