"""Coaching of managers: a coach she chooses, sessions that are followed up, homework in between."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from flask import Blueprint

from plugins.handledning import cards, data, demo, routes
from plugins.handledning.settings import KEY, Settings, frame_of
from service.contract import (
    Card,
    Cohort,
    CohortReport,
    ContentItem,
    DemoCast,
    Erased,
    Manifest,
    Member,
    NavItem,
    Permission,
    Person,
    PersonalData,
    PluginSettings,
    Progress,
    Retention,
    Role,
    TimelineEvent,
    hook,
    lazy,
)

_BOTH = frozenset({Role.MANAGER, Role.COACH})


@hook
def manifest() -> Manifest:
    """What the plugin is."""
    return Manifest(
        key=KEY,
        title=lazy("Coaching"),
        summary=lazy(
            "A manager and a coach of her choice meet a few times a term, and follow up what she tries in between."
        ),
        permissions=(
            Permission("handledning.own", frozenset({Role.MANAGER})),
            Permission("handledning.coach", frozenset({Role.COACH})),
            Permission("handledning.take_part", _BOTH),
        ),
        nav=(NavItem("start", lazy("Coaching"), _BOTH, order=20),),
        settings=Settings,
        retention=(
            Retention(lazy("Coaching sessions, decisions and homework"), 180, lazy("the end of the engagement")),
        ),
        audit_words={
            "handledning.view_engagement": lazy("The overview of your coaching"),
            "handledning.view_session": lazy("A coaching session"),
        },
        confidential=frozenset(
            {
                "handledning_decision.text",
                "handledning_decision.expected",
                "handledning_homework.text",
                "handledning_homework.criterion",
                "handledning_homework.outcome_note",
            }
        ),
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
def personal_data(person: Person) -> Sequence[PersonalData]:
    """All rows about a person."""
    return data.personal_data(person)


@hook
def erase(person: Person) -> Sequence[Erased]:
    """Erases a person."""
    return data.erase(person)


@hook
def seed_demo(cohort: Cohort, cast: DemoCast) -> None:
    """Fills the practice cohort."""
    demo.seed(cohort, cast)
