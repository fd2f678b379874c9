"""The manifest: what a plugin is, where that needs no code, and what it declares to workers and operators."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from service.access import Permission, Role
from service.contract.records import PluginSettings, Text
from service.jobs.plugins import Work
from service.retention.due import Due
from service.tokens.tokens import TokenVisit

KEY = re.compile(r"[a-z][a-z0-9_]{2,38}")
# The core's own words under /l/<launch>/ and before its kinds of job: no plugin key may equal one.
RESERVED = frozenset({
    "about", "audit", "changes", "claim", "cohort", "completion", "connections", "copy", "data", "export", "exports",
    "home", "language", "leave", "lti", "mail", "members", "notices", "off", "own", "people", "place", "privacy",
    "programme", "retention", "review", "roster", "settings", "static", "switches", "terms", "thread", "undo", "who",
    "window", "words", "zone",
})  # fmt: skip


@dataclass(frozen=True)
class NavItem:
    """A tab. `endpoint` is the plugin's own (`today`), shown to the roles named."""

    endpoint: str
    title: Text
    roles: frozenset[Role]
    order: int = 50


@dataclass(frozen=True)
class Retention:
    """How long a kind of thing is kept, counted from when (in words), and what deletes it afterwards.

    An organisation may choose other days from `least` to `most`; left out, the days are as they are. `count` tells how
    many rows are due, by table; `delete` deletes some of them, about as many things as it is told, children first, and
    returns how many rows that were, by table: nothing once nothing is due. Both are asked in an open unit. A rule without
    them tells of what is deleted elsewhere at that moment. `kinds` are people's words for the tables. `whose` selects whose
    rows are due, a person's id and a cohort's: who wants mail is told a month before.
    """

    key: str
    what: Text
    days: int
    counted_from: Text
    least: int | None = None
    most: int | None = None
    count: Callable[[Due], Mapping[str, int]] | None = None
    delete: Callable[[Due, int], Mapping[str, int]] | None = None
    kinds: Mapping[str, Text] = field(default_factory=dict)
    whose: Callable[[Due], sa.Select[*tuple[Any, ...]]] | None = None


@dataclass(frozen=True)
class JobKind:
    """A kind of work that a worker does for the plugin. `key` begins with the plugin's: `group_maturity.close`.

    `run` is called in a worker with no unit open, and may be called again for the same subject: after a failure, or when
    its worker died. What it has done already, it finds done. An exception gives the job back, three tries in all.
    """

    key: str
    run: Callable[[Work], None]


@dataclass(frozen=True)
class Periodic:
    """What a worker's parent calls about once an hour, with no unit open. Two may run at once without harm.

    `run` opens its own units and returns how many rows it touched. Nothing else happens in that process meanwhile: what
    takes long is decided as a job.
    """

    key: str
    run: Callable[[], int]


@dataclass(frozen=True)
class Command:
    """What an operator may call: `stegvis plugin run KEY NAME`.

    `run` gets a function that prints a line, opens its own units, and returns the exit status.
    """

    name: str
    help: str
    run: Callable[[Callable[[str], None]], int]


@dataclass(frozen=True)
class Feed:
    """What a secret address reads: a calendar, for a program that cannot log in. `issue_token` makes such an address.

    `serve` is asked with a unit that only reads, and returns the whole of it; NotFound looks as any unknown address.
    `content_type` is sent as it stands, `filename` is what a browser saves it as.
    """

    purpose: str
    content_type: str
    serve: Callable[[TokenVisit], bytes | str]
    filename: str


@dataclass(frozen=True)
class SettingWords:
    """What one of the plugin's settings is called in the form that the core makes of them. `options`: by a choice's value."""

    title: Text
    hint: Text = ""
    options: Mapping[str, Text] = field(default_factory=dict)


@dataclass(frozen=True)
class Manifest:
    """What a plugin is, where that needs no code.

    `key` is also the table and template prefix and the path segment. `confidential` names `table.attribute` of every
    sealed text. `migrations` is the folder of a foreign plugin's own history; bundled plugins leave it out.
    `settings_words` names the settings that the training department may change in the core's form, by field.
    `shortcuts` are pages that a member's own page links to because they show how something of hers goes; like tabs, each
    is an endpoint without arguments. `audit_words` says for each action of `audit_view` what was opened, as its owner reads it.
    """

    key: str
    title: Text
    summary: Text
    permissions: tuple[Permission, ...]
    nav: tuple[NavItem, ...] = ()
    settings: type[PluginSettings] = PluginSettings
    settings_words: Mapping[str, SettingWords] = field(default_factory=dict)
    on_by_default: bool = True
    retention: tuple[Retention, ...] = ()
    confidential: frozenset[str] = frozenset()
    migrations: Path | None = None
    jobs: tuple[JobKind, ...] = ()
    periodic: tuple[Periodic, ...] = ()
    commands: tuple[Command, ...] = ()
    feeds: tuple[Feed, ...] = ()
    audit_words: Mapping[str, Text] = field(default_factory=dict)
    shortcuts: tuple[NavItem, ...] = ()
