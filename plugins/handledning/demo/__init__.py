"""The practice cohort: engagements in different places, made by the plugin's own operations, each at its own time."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from plugins.handledning import operations
from plugins.handledning.calculations import Progress
from plugins.handledning.demo.goals import halfway, rate_goals, write_goals
from plugins.handledning.demo.talks import Two, coming, in_between, some_days_later, talk
from plugins.handledning.models import Ethics, ItemKind, Whose
from plugins.handledning.operations import Access, ContractDraft, ItemDraft, Party, ProfileDraft
from service.contract import Cohort, DemoCast, Member, Role


@dataclass(frozen=True)
class Course:
    """One made-up engagement: days back of each closed session, days ahead of the next, and of the last homework."""

    met: Sequence[int]
    coming: int | None
    due: int = 12


# Who writes more than the least; enough of them for sums that are shown from five people on.
BUSY = range(6)

# In the order of the cast; whoever comes after the last has not chosen a coach yet.
COURSES = (
    Course(met=(53, 24), coming=9, due=7),
    Course(met=(66, 39), coming=16, due=-6),
    Course(met=(72, 31), coming=None, due=4),
    Course(met=(68, 25), coming=7, due=5),
    Course(met=(41,), coming=None, due=3),
    Course(met=(75, 46, 5), coming=51, due=20),
    Course(met=(73, 38, 11), coming=15, due=10),
)


def seed(cohort: Cohort, cast: DemoCast) -> None:
    """Fills the practice cohort."""
    coach = Party.of(cohort, cast.coach.person_id, Role.COACH)
    with cast.at(_moment(cohort, cast.today - timedelta(days=90))):
        operations.save_profile(
            coach,
            0,
            ProfileDraft(
                ethics=Ethics.ICF,
                ethics_version="2025",
                ethics_on=cast.today - timedelta(days=400),
                about="Jag har själv varit chef i vården i femton år och har coachat chefer sedan 2014.",
                way="Jag frågar mer än jag svarar. Vi börjar alltid med det du har gjort sedan sist.",
            ),
        )
    for place, (member, course) in enumerate(zip(cast.managers, COURSES, strict=False)):
        _engagement(cohort, cast, member, course, place)


def _moment(cohort: Cohort, day: date, clock: time = time(13)) -> datetime:
    return datetime.combine(day, clock, ZoneInfo(cohort.zone)).astimezone(UTC)


def _engagement(cohort: Cohort, cast: DemoCast, member: Member, course: Course, place: int) -> None:
    party = Party.of(cohort, member.person_id, Role.MANAGER)
    coach = Party.of(cohort, cast.coach.person_id, Role.COACH)
    # She chose her coach some days before they first met, and they agreed on what it rests on.
    chosen_on = cast.today - timedelta(days=max(course.met) + 5)
    with cast.at(_moment(cohort, chosen_on)):
        its = operations.choose_coach(party, cast.coach.person_id)
        _agree(operations.reach(party, its.id), operations.reach(coach, its.id), chosen_on)
        two = Two(party, coach, its.id)
        goals = write_goals(two, chosen_on) if place in BUSY else []
    for number, back in enumerate(course.met):
        day = cast.today - timedelta(days=back)
        last = number == len(course.met) - 1
        due = cast.today + timedelta(days=course.due) if last else day + timedelta(days=14)
        with cast.at(_moment(cohort, day, time(15, 45))):
            held = talk(two, _moment(cohort, day), due, place + number, busy=place in BUSY)
            if goals:
                rate_goals(two, goals, number, held)
        if place in BUSY:
            called, clock = some_days_later(day)
            with cast.at(_moment(cohort, called, clock)):
                in_between(two, called, place + number)
                if place == 0 and last:
                    halfway(two, goals, called)
    if course.coming is not None:
        coming(two, _moment(cohort, cast.today + timedelta(days=course.coming)))


def _agree(manager: Access, coach: Access, day: date) -> None:
    """Readiness, the coach's yes, and both papers accepted by both."""
    operations.answer_readiness(manager, (5, 4, 4))
    operations.accept_manager(coach)
    written = operations.write_contract(manager, 1, 1, _contract(day))
    for access in (manager, coach):
        operations.accept_agreement(access, 1)
        operations.accept_contract(access, written.number, written.version)
    first = operations.contract(manager).of(ItemKind.INTERMEDIATE)[0]
    operations.set_progress(manager, first.key, Progress.PARTLY)


def _contract(day: date) -> ContractDraft:
    def after(weeks: int) -> date:
        return day + timedelta(weeks=weeks)

    items = [
        ItemDraft(uuid.uuid4(), ItemKind.RESULT, "Teamet planerar sin egen vecka, och jag har två timmar ledartid."),
        ItemDraft(uuid.uuid4(), ItemKind.RESPONSIBILITY, "Jag beslutar och prövar mellan tillfällena.", Whose.CLIENT),
        ItemDraft(uuid.uuid4(), ItemKind.RESPONSIBILITY, "Amira håller ihop processen och frågar.", Whose.COACH),
        ItemDraft(
            uuid.uuid4(),
            ItemKind.RISK,
            "Omorganisationen tar all tid.",
            None,
            3,
            4,
            "Vi tar upp det först och kortar målen.",
        ),
        ItemDraft(
            uuid.uuid4(), ItemKind.INTERMEDIATE, "Teamet lägger sitt schema en vecka.", due_on=after(6), weight=1
        ),
        ItemDraft(
            uuid.uuid4(), ItemKind.INTERMEDIATE, "Två bokade timmar ledartid varje vecka.", due_on=after(16), weight=1
        ),
    ]
    return ContractDraft(day, after(20), items=items)
