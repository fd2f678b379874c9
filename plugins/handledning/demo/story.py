"""Who chose a coach when, when they met, and what came of it."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from plugins.handledning import operations
from plugins.handledning.demo import maps, papers
from plugins.handledning.models import Outcome, Phase
from plugins.handledning.operations import Draft, HomeworkDraft, Meeting, OutcomeDraft, Party
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


# How long ago the manager after the last of these chose a coach: she has said whether this is the time, and waits.
JUST_CHOSEN = 2


def seed(cohort: Cohort, cast: DemoCast) -> None:
    """Fills the practice cohort."""
    coach = Party.of(cohort, cast.coach.person_id, Role.COACH)
    with cast.at(_moment(cohort, cast.today - timedelta(days=90))):
        operations.save_profile(coach, 0, papers.profile(cast.today))
    for place, (member, course) in enumerate(zip(cast.managers, COURSES, strict=False)):
        _engagement(cohort, cast, member, course, place)
    others = cast.managers[len(COURSES) :]
    if others:
        _beginning(cohort, cast, others[0])
    if others[1:]:
        training = Party.of(cohort, cast.training.person_id, Role.TRAINING)
        operations.propose_coach(training, others[1].person_id, cast.coach.person_id)


def _moment(cohort: Cohort, day: date, clock: time = time(13)) -> datetime:
    return datetime.combine(day, clock, ZoneInfo(cohort.zone)).astimezone(UTC)


def _beginning(cohort: Cohort, cast: DemoCast, member: Member) -> None:
    party = Party.of(cohort, member.person_id, Role.MANAGER)
    with cast.at(_moment(cohort, cast.today - timedelta(days=JUST_CHOSEN))):
        its = operations.choose_coach(party, cast.coach.person_id)
        operations.answer_readiness(operations.reach(party, its.id), (4, 4, 3))


def _engagement(cohort: Cohort, cast: DemoCast, member: Member, course: Course, place: int) -> None:
    party = Party.of(cohort, member.person_id, Role.MANAGER)
    coach = Party.of(cohort, cast.coach.person_id, Role.COACH)
    # She chose her coach some days before they first met, and they agreed on what it rests on.
    chosen_on = cast.today - timedelta(days=max(course.met) + 5)
    with cast.at(_moment(cohort, chosen_on)):
        its = operations.choose_coach(party, cast.coach.person_id)
        papers.agree(operations.reach(party, its.id), operations.reach(coach, its.id), chosen_on, place)
    for number, back in enumerate(course.met):
        day = cast.today - timedelta(days=back)
        last = number == len(course.met) - 1
        due = cast.today + timedelta(days=course.due) if last else day + timedelta(days=14)
        with cast.at(_moment(cohort, day, time(15, 45))):
            _talk(party, its.id, _moment(cohort, day), due, place + number)
    with cast.at(_moment(cohort, cast.today - timedelta(days=min(course.met)), time(16))):
        manager = operations.reach(party, its.id)
        papers.report_progress(manager, place)
        if place == 0:
            maps.draw(manager)
            operations.set_phase(manager, Phase.CHALLENGE)
    if course.coming is not None:
        start = _moment(cohort, cast.today + timedelta(days=course.coming))
        operations.plan_session(party, its.id, Meeting(start, 150))


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
