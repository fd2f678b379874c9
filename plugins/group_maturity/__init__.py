"""Group maturity: a manager's picture of her group beside the group's own, as something to talk about. See README.md."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from flask import Blueprint

from plugins.group_maturity import cards, guests, jobs, practice, programme, rows
from plugins.group_maturity import exports as files
from plugins.group_maturity.operations import keeping
from plugins.group_maturity.routes import bp
from plugins.group_maturity.settings import WORDS, GroupSettings
from service.contract import (
    Card,
    Cohort,
    CohortReport,
    ContentItem,
    DemoCast,
    Erased,
    Export,
    LeftOut,
    Manifest,
    Member,
    NavItem,
    Permission,
    Person,
    PersonalData,
    ProgrammeReport,
    Progress,
    Role,
    TimelineEvent,
    hook,
    lazy,
)

MANAGERS = frozenset({Role.MANAGER})
COACHES = frozenset({Role.COACH})
TRAINING = frozenset({Role.TRAINING})


@hook
def manifest() -> Manifest:
    """What the plugin is."""
    return Manifest(
        key="group_maturity",
        title=lazy("The group"),
        summary=lazy("Rate your group in 24 statements and yourself in 6, and get something to talk about."),
        permissions=(
            Permission("group_maturity.own", MANAGERS),
            Permission("group_maturity.shared", COACHES),
            Permission("group_maturity.instruments", TRAINING),
            Permission("group_maturity.aggregate", TRAINING),
            Permission("group_maturity.answer", frozenset({Role.NONE})),
        ),
        nav=(
            NavItem("start", lazy("Group"), MANAGERS, order=30),
            NavItem("shared", lazy("Group reports"), COACHES, order=30),
            NavItem("training", lazy("Groups"), TRAINING, order=30),
        ),
        shortcuts=(NavItem("start", lazy("The group and your contribution"), MANAGERS, order=30),),
        settings=GroupSettings,
        settings_words=WORDS,
        audit_words={"group_maturity.view_report": lazy("The report of your group that you share with a coach")},
        jobs=jobs.JOBS,
        periodic=jobs.PERIODIC,
        retention=keeping.RULES,
        confidential=frozenset(
            {
                "group_maturity_self_rating.answers",
                "group_maturity_self_rating.contribution",
                "group_maturity_measurement.label",
                "group_maturity_measurement.box_key",
                "group_maturity_measurement.codes",
                "group_maturity_report.moments",
                "group_maturity_report.comments",
            }
        ),
    )


@hook
def blueprint() -> Blueprint:
    """The pages."""
    return bp


@hook
def guest_blueprint() -> Blueprint:
    """The pages of those who answer."""
    return guests.bp


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
def cohort_report(cohort: Cohort, members: Sequence[Member], audience: Role, viewer: UUID) -> CohortReport:
    """Who has rated and asked, for a coach, and what is shared with her; how many, for the training department."""
    return cards.cohort_report(cohort, members, audience, viewer)


@hook
def programme_report(cohorts: Sequence[Cohort]) -> ProgrammeReport:
    """Mean profiles over many cohorts."""
    return programme.programme_report(cohorts)


@hook
def exports(cohort: Cohort) -> Sequence[Export]:  # noqa: ARG001 - the same files in every cohort
    """What reports show, for their manager and for coaches they are shared with; means over at least five teams."""
    return (files.measured(), files.shared(), files.means())


@hook
def progress(cohort: Cohort, members: Sequence[Member]) -> Mapping[UUID, Progress]:
    """Two steps: an own rating submitted, and a measurement that has ended, also when nothing of it may be shown."""
    return cards.progress(cohort, members)


@hook
def personal_data(person: Person) -> Sequence[PersonalData]:
    """Ratings, measurements, shares and uploads; the group's answers cannot be found."""
    return rows.personal_data(person)


@hook
def left_out() -> Sequence[LeftOut]:
    """What nobody can find."""
    return rows.left_out()


@hook
def erase(person: Person) -> Sequence[Erased]:
    """All of that; what was shown of whole groups stays without her."""
    return rows.erase(person)


@hook
def seed_demo(cohort: Cohort, cast: DemoCast) -> None:
    """Five of the practice cohort's managers have rated their groups, one of them twice."""
    practice.fill(cohort, cast)
