"""The practice cohort: engagements in different places, made by the plugin's own operations, each at its own time."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from plugins.handledning import operations
from plugins.handledning.calculations import Progress
from plugins.handledning.models import Ethics, ItemKind, Outcome, Whose
from plugins.handledning.operations import (
    Access,
    ContractDraft,
    Draft,
    HomeworkDraft,
    ItemDraft,
    Meeting,
    OutcomeDraft,
    Party,
    ProfileDraft,
)
from service.contract import Cohort, DemoCast, Member, Role


@dataclass(frozen=True)
class Course:
    """One made-up engagement: days back of each closed session, days ahead of the next, and of the last homework."""

    met: Sequence[int]
    coming: int | None
    due: int = 12


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

# (process, result) minutes, decision, what is expected of it, homework, how it shows
TALKS = (
    (70, 80, "Schemaansvaret ligger hos teamet från vecka 2. Jag går bara in om någon ber mig två gånger.",
     "Färre frågor på morgonmötet. Två timmar i veckan till ledartid.",
     "Låt teamet lägga schemat en vecka", "Schemat är klart fredag utan att någon frågat mig"),
    (85, 65, "Jag slutar svara på frågor som gruppen kan svara på själv.",
     "Att fler vänder sig till varandra.",
     "Fråga teamet vad de saknar från mig", "Jag har tre svar nedskrivna"),
    (60, 75, "Enskilda samtal går före mejlen på tisdagar.",
     "Att jag vet hur det står till innan det brinner.",
     "Boka samtal med två medarbetare", "Tiderna står i båda kalendrarna"),
)  # fmt: skip


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
    for number, back in enumerate(course.met):
        day = cast.today - timedelta(days=back)
        last = number == len(course.met) - 1
        due = cast.today + timedelta(days=course.due) if last else day + timedelta(days=14)
        with cast.at(_moment(cohort, day, time(15, 45))):
            _talk(party, its.id, _moment(cohort, day), due, place + number)
    if course.coming is not None:
        start = _moment(cohort, cast.today + timedelta(days=course.coming))
        operations.plan_session(party, its.id, Meeting(start, 150))


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


def _talk(party: Party, engagement_id: uuid.UUID, start: datetime, due: date, which: int) -> None:
    process, result, decision, expected, homework, criterion = TALKS[which % len(TALKS)]
    planned = operations.plan_session(party, engagement_id, Meeting(start, 150))
    sheet = operations.sheet(party, planned.id)
    outcomes = [
        OutcomeDraft(item.id, Outcome.PARTLY if (which + n) % 3 else Outcome.DONE, "Det gick bättre än jag trodde.")
        for n, item in enumerate(sheet.follow_up)
    ]
    draft = Draft(
        meeting=Meeting(start, 150, process, result),
        decision=decision,
        expected=expected,
        outcomes=outcomes,
        homework=[HomeworkDraft(uuid.uuid4(), homework, criterion, due, 3)],
    )
    operations.save_session(party, planned.id, planned.version, draft)
    operations.close_session(party, planned.id)
