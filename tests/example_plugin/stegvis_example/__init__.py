"""Notes: a small plugin from outside. It shows every hook once and imports the contract alone."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from uuid import UUID

from flask import Blueprint

from service.contract import (
    Adopted,
    Card,
    Cohort,
    CohortReport,
    Command,
    ContentItem,
    DemoCast,
    Erased,
    Export,
    Feed,
    JobKind,
    LeftOut,
    Manifest,
    Member,
    NavItem,
    Periodic,
    Permission,
    Person,
    PersonalData,
    PluginSettings,
    ProgrammeReport,
    Progress,
    Proposal,
    Retention,
    Role,
    TimelineEvent,
    hook,
    lazy,
)
from stegvis_example import cards, demo, feeds, jobs, operations
from stegvis_example import exports as files
from stegvis_example.guests import guest_pages
from stegvis_example.routes import pages


class NoteSettings(PluginSettings):
    """What a training department may change for a cohort."""

    # How many notes a member is asked for.
    asked: int = 3


@hook
def manifest() -> Manifest:
    return Manifest(
        key="example",
        title=lazy("Notes"),
        summary=lazy("Short notes that only their writer reads."),
        permissions=(
            Permission("example.write", frozenset({Role.MANAGER})),
            Permission("example.read_newest", frozenset({Role.COACH})),
            Permission("example.visit", frozenset({Role.NONE})),
        ),
        nav=(NavItem("notes", lazy("Notes"), frozenset({Role.MANAGER}), order=90),),
        settings=NoteSettings,
        retention=(
            Retention(
                "notes",
                lazy("Notes"),
                365,
                lazy("the day they were written"),
                least=30,
                most=730,
                count=jobs.count_due,
                delete=jobs.delete_due,
                kinds={"example_note": lazy("Notes")},
            ),
        ),
        confidential=frozenset({"example_note.body"}),
        migrations=Path(__file__).parent / "migrations",
        jobs=(JobKind("example.clear", jobs.clear),),
        periodic=(Periodic("example.empty", jobs.remove_empty),),
        commands=(Command("count", "Tell how many notes there are.", jobs.count),),
        feeds=(Feed("days", "text/calendar; charset=utf-8", feeds.days, "notes.ics"),),
        audit_words={"example.view_newest": lazy("The day of your newest note")},
    )


@hook
def blueprint() -> Blueprint:
    return pages


@hook
def guest_blueprint() -> Blueprint:
    return guest_pages


@hook
def content_items() -> Sequence[ContentItem]:
    return (ContentItem("notes", lazy("Notes"), lazy("A page for short notes of one's own.")),)


@hook
def home_cards(cohort: Cohort, member: Member) -> Sequence[Card]:
    return cards.home_cards(member)


@hook
def timeline(cohort: Cohort, member: Member) -> Sequence[TimelineEvent]:
    return cards.timeline(member)


@hook
def cohort_report(cohort: Cohort, members: Sequence[Member], audience: Role) -> CohortReport:
    return cards.cohort_report(members, audience)


@hook
def programme_report(cohorts: Sequence[Cohort]) -> ProgrammeReport:
    return cards.programme_report(cohorts)


@hook
def exports(cohort: Cohort) -> Sequence[Export]:
    return (files.NOTES_EXPORT,)


@hook
def progress(cohort: Cohort, members: Sequence[Member], settings: NoteSettings) -> Mapping[UUID, Progress]:
    return cards.progress(members, asked=settings.asked)


@hook
def adopt(cohort: Cohort, member: Member, proposal: Proposal) -> Adopted | None:
    if proposal.kind != "goal":
        return None
    note = operations.write(cohort, member, proposal.title)
    return Adopted(plugin="example", ref=note.id, url="example.one")


@hook
def personal_data(person: Person) -> Sequence[PersonalData]:
    return operations.personal_data(person)


@hook
def left_out() -> Sequence[LeftOut]:
    return (LeftOut(lazy("Visits of guests"), lazy("A guest has no name here: nobody can tell whose a visit was.")),)


@hook
def erase(person: Person) -> Sequence[Erased]:
    return operations.erase(person)


@hook
def seed_demo(cohort: Cohort, cast: DemoCast) -> None:
    demo.seed(cohort, cast)
