"""Coaching of managers: a coach she chooses, sessions that are followed up, homework in between."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from flask import Blueprint

from plugins.handledning import cards, data, demo, feeds, jobs, routes
from plugins.handledning.declarations import AUDIT_WORDS, BOTH, CONFIDENTIAL, PERMISSIONS
from plugins.handledning.operations import keeping
from plugins.handledning.settings import KEY, Settings, frame_of
from service.contract import (
    Adopted,
    Card,
    Cohort,
    CohortReport,
    ContentItem,
    DemoCast,
    Erased,
    Feed,
    LeftOut,
    Manifest,
    Member,
    NavItem,
    Person,
    PersonalData,
    PluginSettings,
    Progress,
    Proposal,
    Role,
    TimelineEvent,
    hook,
    lazy,
)


@hook
def manifest() -> Manifest:
    """What the plugin is."""
    return Manifest(
        key=KEY,
        title=lazy("Coaching"),
        summary=lazy(
            "A manager and a coach of her choice meet a few times a term, and follow up what she tries in between."
        ),
        permissions=PERMISSIONS,
        nav=(
            NavItem("start", lazy("Coaching"), BOTH, order=20),
            NavItem("training", lazy("Coaching"), frozenset({Role.TRAINING}), order=20),
        ),
        settings=Settings,
        retention=tuple(keeping.RULES),
        confidential=CONFIDENTIAL,
        audit_words=AUDIT_WORDS,
        periodic=jobs.PERIODIC,
        feeds=(Feed(feeds.PURPOSE, "text/calendar; charset=utf-8", feeds.sessions, "meetings.ics"),),
    )


@hook
def blueprint() -> Blueprint:
    """The pages."""
    return routes.pages


@hook
def content_items() -> Sequence[ContentItem]:
    """What a teacher can place in a course."""
    return [ContentItem("coaching", lazy("Coaching"), lazy("Before, during and after the conversations."))]


@hook
def home_cards(cohort: Cohort, member: Member) -> Sequence[Card]:
    """What comes next, on a manager's own page."""
    return cards.home_cards(cohort, member)


@hook
def timeline(cohort: Cohort, member: Member) -> Sequence[TimelineEvent]:
    """Her sessions, for the thread."""
    return cards.timeline(cohort, member)


@hook
def cohort_report(
    cohort: Cohort, members: Sequence[Member], audience: Role, viewer: UUID, settings: PluginSettings
) -> CohortReport:
    """The plugin's part of the cohort dashboard."""
    return cards.cohort_report(cohort, members, audience, viewer, frame_of(settings))


@hook
def progress(cohort: Cohort, members: Sequence[Member], settings: PluginSettings) -> Mapping[UUID, Progress]:
    """Sessions closed of the least a term asks."""
    return cards.progress(cohort, members, frame_of(settings))


@hook
def adopt(cohort: Cohort, member: Member, proposal: Proposal) -> Adopted | None:
    """Makes a goal of another plugin's result, where she has a coach."""
    return cards.adopt(cohort, member, proposal)


@hook
def personal_data(person: Person) -> Sequence[PersonalData]:
    """All rows about a person."""
    return data.personal_data(person)


@hook
def left_out(person: Person, asked: bool) -> Sequence[LeftOut]:  # noqa: FBT001 - hooks are called by name
    """Her coaches' own notes about her, which they look at first."""
    return data.left_out(person, asked=asked)


@hook
def erase(person: Person) -> Sequence[Erased]:
    """Erases a person."""
    return data.erase(person)


@hook
def seed_demo(cohort: Cohort, cast: DemoCast) -> None:
    """Fills the practice cohort."""
    demo.seed(cohort, cast)
