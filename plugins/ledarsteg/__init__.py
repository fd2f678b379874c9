"""Ledarsteg: small leadership habits with an if-then plan, noted day by day. This file is the table of contents."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from flask import Blueprint

from plugins.ledarsteg import feeds, jobs, operations
from plugins.ledarsteg.cards import cohort as cohort_cards
from plugins.ledarsteg.cards import home as home_page
from plugins.ledarsteg.cards import progress as progress_cards
from plugins.ledarsteg.exports import exports as files
from plugins.ledarsteg.operations import Owner, demo, keeping
from plugins.ledarsteg.routes import bp
from plugins.ledarsteg.settings import WORDS, LedarstegSettings
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
    Manifest,
    Member,
    NavItem,
    Periodic,
    Permission,
    Person,
    PersonalData,
    Progress,
    Proposal,
    Role,
    TimelineEvent,
    hook,
    lazy,
    plugin_url,
)

MANAGER = frozenset({Role.MANAGER})


@hook
def manifest() -> Manifest:
    """What the plugin is."""
    return Manifest(
        key="ledarsteg",
        title=lazy("Small steps"),
        summary=lazy("Small leadership habits: a plan, what to choose away for it, and a note each day."),
        permissions=(
            Permission("ledarsteg.own", MANAGER),
            Permission("ledarsteg.coach", frozenset({Role.COACH})),
            Permission("ledarsteg.texts", frozenset({Role.TRAINING})),
        ),
        nav=(
            NavItem("habits", lazy("Habits"), MANAGER, order=10),
            NavItem("texts", lazy("Texts and steps"), frozenset({Role.TRAINING}), order=11),
        ),
        shortcuts=(
            NavItem("habits", lazy("Habits and their strength"), MANAGER, order=10),
            NavItem("balance", lazy("Hard and soft"), MANAGER, order=11),
            NavItem("leader_time", lazy("Leader time"), MANAGER, order=12),
            NavItem("contributions", lazy("Leader contributions"), MANAGER, order=13),
            NavItem("archive", lazy("Earlier courses"), MANAGER, order=90),
        ),
        settings=LedarstegSettings,
        settings_words=WORDS,
        retention=keeping.RULES,
        audit_words={
            "ledarsteg.view_insights": lazy(
                "Insights, time audits and both\N{EN DASH}and that you share with the coaches of the course"
            ),
            "ledarsteg.view_shared": lazy("Habits that you share with the coaches of the course"),
            "ledarsteg.view_mate": lazy("Habits that you share with your step-mate"),
        },
        confidential=frozenset({
            "ledarsteg_habit.title", "ledarsteg_plan.cue", "ledarsteg_plan.action", "ledarsteg_plan.coping",
            "ledarsteg_drop_choice.what", "ledarsteg_entry.reason", "ledarsteg_entry.note", "ledarsteg_time_row.what",
            "ledarsteg_contribution.note", "ledarsteg_polarity.left", "ledarsteg_polarity.right", "ledarsteg_insight.text",
            "ledarsteg_review.contribution", "ledarsteg_review.being_text", "ledarsteg_review.doing_text",
            "ledarsteg_review.next_week", "ledarsteg_term_choice.why", "ledarsteg_comment.text", "ledarsteg_reminder.title",
        }),
        feeds=(Feed("reminders", "text/calendar; charset=utf-8", feeds.reminders, "stegvis.ics"),),
        periodic=(Periodic("ledarsteg.rollups", jobs.rollups),),
        commands=(
            Command("verify-rollups", "Compare the counts of habits with what was noted.", jobs.verify),
            Command("rebuild-rollups", "Make the counts of habits again from what was noted.", jobs.rebuild),
        ),
    )  # fmt: skip


@hook
def blueprint() -> Blueprint:
    """The pages."""
    return bp


@hook
def content_items() -> Sequence[ContentItem]:
    """What a teacher can place in a course."""
    return [ContentItem("habits", lazy("My small steps"), lazy("Leadership habits, one small step at a time."))]


@hook
def home_cards(cohort: Cohort, member: Member, settings: LedarstegSettings) -> Sequence[Card]:
    """Today's steps or the first week, the last two weeks, and beside them what comes next."""
    return home_page.cards(cohort, member, settings)


@hook
def timeline(cohort: Cohort, member: Member) -> Sequence[TimelineEvent]:
    """The first habit, and those that came from elsewhere."""
    return home_page.timeline(cohort, member)


@hook
def cohort_report(
    cohort: Cohort, members: Sequence[Member], audience: Role, settings: LedarstegSettings
) -> CohortReport:
    """Participation and shared habits for a coach, counts for the training department."""
    return cohort_cards.report(cohort, members, audience, settings)


@hook
def exports(cohort: Cohort) -> Sequence[Export]:
    """The shared habits of a cohort, for its coaches; a manager's own habits and time audit, for herself."""
    del cohort  # the same for every cohort
    return files()


@hook
def progress(cohort: Cohort, members: Sequence[Member], settings: LedarstegSettings) -> Mapping[UUID, Progress]:
    """Complete means: so many Friday reviews within so many weeks."""
    return progress_cards.progress(cohort, members, settings)


@hook
def adopt(cohort: Cohort, member: Member, proposal: Proposal) -> Adopted | None:
    """Makes a habit of another plugin's result."""
    if proposal.kind != "habit":
        return None
    made = operations.adopt_habit(Owner.of(cohort, member), proposal)
    return Adopted("ledarsteg", made.id, plugin_url("ledarsteg.habit", habit_id=made.id))


@hook
def personal_data(person: Person) -> Sequence[PersonalData]:
    """Everything about a person, opened."""
    return [
        PersonalData(name, rows, operations.KIND_TITLES[name]) for name, rows in operations.rows_about(person).items()
    ]


@hook
def erase(person: Person) -> Sequence[Erased]:
    """Deletes everything about a person; nothing stays."""
    gone = operations.erase_person(person)
    return [Erased(name, number, title=operations.KIND_TITLES[name]) for name, number in gone.items()]


@hook
def seed_demo(cohort: Cohort, cast: DemoCast) -> None:
    """Eight weeks of made-up habits, through the operations."""
    demo.seed(cohort, cast)
