"""Who chose a coach when, when they met, and what came of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from plugins.handledning import operations
from plugins.handledning.demo import maps, papers
from plugins.handledning.demo.goals import halfway, rate_goals, write_goals
from plugins.handledning.demo.talks import Two, coming, in_between, some_days_later, talk
from plugins.handledning.models import Phase
from plugins.handledning.operations import Party
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
    with cast.at(_moment(cohort, cast.today - timedelta(days=min(course.met)), time(16))):
        _afterwards(two, place)
    if course.coming is not None:
        coming(two, _moment(cohort, cast.today + timedelta(days=course.coming)))


def _afterwards(two: Two, place: int) -> None:
    """What a manager says and draws once they have met."""
    manager = operations.reach(two.manager, two.engagement_id)
    papers.report_progress(manager, place)
    if place == 0:
        maps.draw(manager)
        operations.set_phase(manager, Phase.CHALLENGE)
