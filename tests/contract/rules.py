"""Every address of the application, so that a rule added tomorrow is tested today."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass

from flask import Flask
from werkzeug.routing import IntegerConverter, Rule, UUIDConverter

from service.access import is_public, permission_of
from service.cohorts.door import plugin_of

UNSAFE = ("POST", "PUT", "PATCH", "DELETE")


@dataclass(frozen=True)
class Address:
    """One rule with one method. `path` is below the launch or the pass."""

    endpoint: str
    method: str
    path: str
    permission: str
    plugin: str | None
    ids: tuple[str, ...]
    rule: Rule

    def with_id(self, app: Flask, value: uuid.UUID) -> str:
        """The path with the same id in every place that takes one."""
        return path_of(app, self.rule, value)

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def behind(app: Flask, door: str) -> Iterator[Address]:
    """Every address behind a door: `l` for launches, `g` for guests."""
    for rule in app.url_map.iter_rules():
        if not rule.endpoint.startswith(f"{door}.") or rule.endpoint.endswith(".static"):
            continue
        ids = tuple(
            name for name, kind in rule._converters.items() if isinstance(kind, UUIDConverter) and name != "launch"
        )
        permission = permission_of(app.view_functions[rule.endpoint]) or ""
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield Address(
                rule.endpoint, method, path_of(app, rule, uuid.uuid4()), permission, plugin_of(rule.endpoint), ids, rule
            )


def path_of(app: Flask, rule: Rule, value: uuid.UUID) -> str:
    launch, word = uuid.uuid4(), "pass-word"
    examples: dict[type, object] = {UUIDConverter: value, IntegerConverter: 1}
    given = {name: examples.get(type(kind), "example") for name, kind in rule._converters.items()}
    given |= {name: {"launch": launch, "guest_pass": word}[name] for name in ("launch", "guest_pass") if name in given}
    whole = app.url_map.bind("127.0.0.1").build(
        rule.endpoint, given, method=min((rule.methods or set()) - {"HEAD", "OPTIONS"})
    )
    return whole.split(str(launch) if "launch" in given else word, 1)[1]


def outside(app: Flask) -> Iterator[tuple[str, str]]:
    """The endpoints behind no door, with the reason why anybody may reach them."""
    for endpoint, view in app.view_functions.items():
        if not endpoint.startswith(("l.", "g.")) and endpoint != "static":
            yield endpoint, getattr(view, "stegvis_public", "") if is_public(view) else ""
