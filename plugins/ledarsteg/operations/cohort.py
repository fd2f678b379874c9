"""Reading a whole cohort at once: who takes part, and what is shared. The number of statements is fixed."""

import uuid
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import sqlalchemy as sa

from plugins.ledarsteg.calculations import WEEK
from plugins.ledarsteg.models import Entry, Habit, Status
from plugins.ledarsteg.operations.reading import HabitLog, load
from service.contract import Cohort, local_date, now, session, unit

WEEKS = 8
QUIET_DAYS = 14


@dataclass(frozen=True)
class Participation:
    """Who takes part, by person: since when a habit is going on, and the days with a note of the last eight weeks."""

    today: date
    active_since: Mapping[uuid.UUID, date]
    noted: Mapping[uuid.UUID, frozenset[date]]

    def noted_lately(self, person_id: uuid.UUID) -> int:
        """Returns on how many of the last 14 days the person noted something."""
        return sum(day > self.today - timedelta(QUIET_DAYS) for day in self.noted.get(person_id, ()))

    def weeks(self) -> list[date]:
        """Returns the Mondays of the last eight weeks, oldest first."""
        monday = self.today - timedelta(self.today.weekday())
        return [monday - timedelta(WEEK * back) for back in reversed(range(WEEKS))]


def today_of(cohort: Cohort) -> date:
    """Returns the calendar day where the cohort is."""
    return local_date(now(), cohort.zone)


def participation(cohort: Cohort) -> Participation:
    """Reads who takes part, in two statements."""
    today = today_of(cohort)
    started = session().execute(
        sa.select(Habit.person_id, sa.func.min(Habit.starts_on))
        .where(Habit.cohort_id == cohort.id, Habit.status == Status.ACTIVE)
        .group_by(Habit.person_id)
    )
    return Participation(
        today, {row[0]: row[1] for row in started}, noted_days(cohort, today - timedelta(WEEK * WEEKS))
    )


def noted_days(cohort: Cohort, after: date = date.min) -> dict[uuid.UUID, frozenset[date]]:
    """Returns the days on which each person noted anything, later than `after`."""
    rows = session().execute(
        sa.select(Habit.person_id, Entry.local_date)
        .join(Entry, Entry.habit_id == Habit.id)
        .where(Habit.cohort_id == cohort.id, Entry.local_date > after)
        .distinct()
    )
    days: defaultdict[uuid.UUID, set[date]] = defaultdict(set)
    for person_id, day in rows:
        days[person_id].add(day)
    return {person_id: frozenset(found) for person_id, found in days.items()}


def last_noted(cohort: Cohort) -> dict[uuid.UUID, date]:
    """Returns the latest day on which each person noted anything."""
    rows = session().execute(
        sa.select(Habit.person_id, sa.func.max(Entry.local_date))
        .join(Entry, Entry.habit_id == Habit.id)
        .where(Habit.cohort_id == cohort.id)
        .group_by(Habit.person_id)
    )
    return {row[0]: row[1] for row in rows}


def shared_habits(cohort_id: uuid.UUID, today: date) -> dict[uuid.UUID, list[HabitLog]]:
    """Returns the active habits that are shared with the cohort's coaches, by person, in the order they were made."""
    wanted = sa.select(Habit.id).where(
        Habit.cohort_id == cohort_id, Habit.shared, Habit.status == Status.ACTIVE
    )  # fmt: skip
    by_person: defaultdict[uuid.UUID, list[HabitLog]] = defaultdict(list)
    for log in load(wanted, today, (Habit.created_at, Habit.id)):
        by_person[log.habit.person_id].append(log)
    unit().vault.fetch(by_person)
    return dict(by_person)
