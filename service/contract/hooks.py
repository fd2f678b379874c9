"""The hooks: one sentence each. A plugin implements those it needs with `@hook`; a hook returns data and the core acts.

Hooks without `cohort` as first argument are asked once at start-up, or of every plugin whether on or off. Hooks with
`cohort` first are asked only where the plugin is on, and get its `settings` there. An implementation leaves out the
arguments it does not need. A hook with `cohorts` first gets those of an organisation in which the plugin is on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING
from uuid import UUID

import pluggy

if TYPE_CHECKING:
    from flask import Blueprint

    from service.access import Role
    from service.cohorts.models import Cohort, Member, Person
    from service.contract.manifest import Manifest
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

PROJECT = "stegvis"
spec = pluggy.HookspecMarker(PROJECT)
hook = pluggy.HookimplMarker(PROJECT)

# The hooks by when they are asked; the host and the tests read these.
AT_START = ("manifest", "blueprint", "guest_blueprint", "content_items")
PER_COHORT = ("home_cards", "timeline", "cohort_report", "exports", "progress")
PER_PROGRAMME = ("programme_report",)
TO_ONE = ("adopt",)
ALWAYS = ("personal_data", "left_out", "erase", "seed_demo")


@spec
def manifest() -> Manifest:
    """Asked first, at start-up: returns what the plugin is."""
    raise NotImplementedError


@spec
def blueprint() -> Blueprint:
    """Asked at start-up: returns the pages, named as the plugin's key; the core hangs them under the launch door."""
    raise NotImplementedError


@spec
def guest_blueprint() -> Blueprint:
    """Asked at start-up: returns the guests' pages, named as the key; the core hangs them under the guest door."""
    raise NotImplementedError


@spec
def content_items() -> Sequence[ContentItem]:
    """Asked at start-up: returns what a teacher can place in a course."""
    raise NotImplementedError


@spec
def home_cards(cohort: Cohort, member: Member, settings: PluginSettings) -> Sequence[Card]:
    """Asked when a member opens her own page: returns the plugin's parts of it."""
    raise NotImplementedError


@spec
def timeline(cohort: Cohort, member: Member, settings: PluginSettings) -> Sequence[TimelineEvent]:
    """Asked when a member opens her own page: returns her events for the thread, oldest first."""
    raise NotImplementedError


@spec
def cohort_report(
    cohort: Cohort, members: Sequence[Member], audience: Role, viewer: UUID, settings: PluginSettings
) -> CohortReport:
    """Asked when a coach or the training department opens the cohort: returns the plugin's part of the dashboard.

    `members` are the managers, all at once; the number of queries does not grow with them. Only what `audience` may see
    is returned, and what concerns two people only where `viewer`, the id of the person who reads, is one of them.
    """
    raise NotImplementedError


@spec
def programme_report(cohorts: Sequence[Cohort]) -> ProgrammeReport:
    """Asked when the training department opens its page over many cohorts: returns what may be shown of all together.

    The number of queries does not grow with the cohorts.
    """
    raise NotImplementedError


@spec
def exports(cohort: Cohort, settings: PluginSettings) -> Sequence[Export]:
    """Asked when the export page opens and when a worker writes a file: returns what the plugin can fill with rows."""
    raise NotImplementedError


@spec
def progress(cohort: Cohort, members: Sequence[Member], settings: PluginSettings) -> Mapping[UUID, Progress]:
    """Asked after changes: returns how far each member is, by id; the core tells the platform completion only."""
    raise NotImplementedError


@spec
def adopt(cohort: Cohort, member: Member, proposal: Proposal) -> Adopted | None:
    """Asked of the plugins that are on, until one makes the proposal its own; the others return None."""
    raise NotImplementedError


@spec
def personal_data(person: Person) -> Sequence[PersonalData]:
    """Asked when a person wants her data, of every plugin, on or off: returns all rows about her."""
    raise NotImplementedError


@spec
def left_out(person: Person, asked: bool) -> Sequence[LeftOut]:  # noqa: FBT001 - hooks are called by name
    """Asked of every plugin, on or off, beside `personal_data`: returns what her copy does not hold, and why.

    `asked` once she asks for a copy: what somebody has to look at first is begun then. Asked again it changes nothing.
    """
    raise NotImplementedError


@spec
def erase(person: Person) -> Sequence[Erased]:
    """Asked when a person is erased, of every plugin, on or off: erases her rows and says what stays and why."""
    raise NotImplementedError


@spec
def seed_demo(cohort: Cohort, cast: DemoCast) -> None:
    """Asked when the practice cohort is made: fills it through the plugin's own operations."""
    raise NotImplementedError
