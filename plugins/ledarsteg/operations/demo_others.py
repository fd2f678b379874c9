"""The practice cohort with others: two step-mates, a nudge, and a thread about a shared habit. All of it is made up."""

import uuid
from collections.abc import Sequence
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from plugins.ledarsteg.models import Habit, Status
from plugins.ledarsteg.operations import comments, mates
from plugins.ledarsteg.operations.owner import Owner, owned
from plugins.ledarsteg.operations.sharing import With, share
from service.contract import Cohort, DemoCast, session

# The coach's line first; so many days ago, at so many hours.
THREAD: Sequence[tuple[int, int, bool, str]] = (
    (9, 13, True, "Vad händer i rummet när du inte svarar direkt?"),
    (8, 8, False, "Det blir tyst en stund. Sedan kommer någon med ett eget förslag."),
    (1, 15, True, "Hur skulle det låta på ledningsmötet?"),
)


def seed(cohort: Cohort, cast: DemoCast, owners: Sequence[Owner]) -> None:
    """Pairs the first two managers of the story, and lets the coach write to the first about what she shares."""
    if len(owners) > 1:
        _pair(cast, *owners[:2])
    for owner in owners[:1]:
        _talk(cohort, cast, owner)


def _at(cast: DemoCast, owner: Owner, days: int, hour: int) -> datetime:
    return datetime.combine(cast.today - timedelta(days), time(hour), ZoneInfo(owner.zone))


def _first(owner: Owner, *where: sa.ColumnElement[bool]) -> Sequence[Habit]:
    """Returns her first such habit, or none."""
    query = sa.select(Habit).where(*owned(owner), Habit.status == Status.ACTIVE, *where)
    return session().scalars(query.order_by(Habit.created_at, Habit.id).limit(1)).all()


def _pair(cast: DemoCast, one: Owner, other: Owner) -> None:
    with cast.at(_at(cast, one, 30, 9)):
        mates.ask(one, other.person_id, [other.person_id])
    with cast.at(_at(cast, other, 29, 9)):
        mates.ask(other, one.person_id, [one.person_id])
        for owner in (one, other):
            for habit in _first(owner):
                share(owner, habit.id, With.MATE)
    for shown in _first(one, Habit.shared_mate.is_(True)):
        with cast.at(_at(cast, other, 1, 16)):
            mates.nudge(other, shown.id)


def _talk(cohort: Cohort, cast: DemoCast, owner: Owner) -> None:
    for habit in _first(owner, sa.and_(Habit.shared)):
        _say(cohort, cast, owner, habit)


def _say(cohort: Cohort, cast: DemoCast, owner: Owner, habit: Habit) -> None:
    for number, (days, hour, coach, text) in enumerate(THREAD):
        form = uuid.uuid5(habit.id, str(number))
        with cast.at(_at(cast, owner, days, hour)):
            if coach:
                comments.say_to(cohort, cast.coach.person_id, habit.id, text, form)
            else:
                comments.say(owner, habit.id, text, form)
