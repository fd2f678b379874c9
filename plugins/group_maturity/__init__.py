"""Group maturity: a manager's own picture of her group, as something to talk about. See README.md."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from flask import Blueprint

from plugins.group_maturity import cards, operations, practice, rows
from plugins.group_maturity.routes import bp
from plugins.group_maturity.settings import GroupSettings
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
    Progress,
    Role,
    TimelineEvent,
    hook,
    lazy,
)

MANAGERS = frozenset({Role.MANAGER})


@hook
def manifest() -> Manifest:
    """What the plugin is."""
    return Manifest(
        key="group_maturity",
        title=lazy("The group"),
        summary=lazy("Rate your group in 24 statements and yourself in 6, and get something to talk about."),
        permissions=(Permission("group_maturity.own", MANAGERS),),
        nav=(NavItem("start", lazy("Group"), MANAGERS, order=30),),
        settings=GroupSettings,
        confidential=frozenset({"group_maturity_self_rating.answers", "group_maturity_self_rating.contribution"}),
    )


@hook
def blueprint() -> Blueprint:
    """The pages."""
    return bp


@hook
def content_items() -> Sequence[ContentItem]:
    """What a teacher can place in a course."""
    text = lazy("Rate your group in ten minutes and see your own picture of it.")
    return (ContentItem("group_maturity", lazy("Our group right now"), text),)


@hook
def home_cards(cohort: Cohort, member: Member) -> Sequence[Card]:
    """A reminder to rate, when it is time."""
    return cards.home_cards(cohort, member)


@hook
def timeline(cohort: Cohort, member: Member) -> Sequence[TimelineEvent]:
    """Ratings made, and the next."""
    return list(cards.timeline(cohort, member))


@hook
def cohort_report(cohort: Cohort, members: Sequence[Member], audience: Role) -> CohortReport:
    """Who has rated and when, for a coach; how many, for the training department."""
    return cards.cohort_report(cohort, members, audience)


@hook
def progress(cohort: Cohort, members: Sequence[Member]) -> Mapping[UUID, Progress]:
    """One step: a rating submitted."""
    latest = operations.latest_by_person(cohort, [member.person_id for member in members])
    return {member.id: Progress(int(member.person_id in latest), 1) for member in members}


@hook
def personal_data(person: Person) -> Sequence[PersonalData]:
    """Every rating with what was answered and written."""
    return (PersonalData("group_maturity_self_rating", rows.everything(person), rows.TITLE),)


@hook
def erase(person: Person) -> Sequence[Erased]:
    """Every rating; nothing stays."""
    return (Erased("group_maturity_self_rating", operations.erase_all(person), title=rows.TITLE),)


@hook
def seed_demo(cohort: Cohort, cast: DemoCast) -> None:
    """Five of the practice cohort's managers have rated their groups, one of them twice."""
    practice.fill(cohort, cast)
