"""Reading rounds of the time audit: their days and rows, and what of them may be chosen away."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import sqlalchemy as sa

from plugins.ledarsteg import calculations
from plugins.ledarsteg.calculations import DAY_MINUTES, LEAST_AUDIT_DAYS, Category, Spent
from plugins.ledarsteg.models import DropChoice, Habit, Status, TimeAudit, TimeRow
from plugins.ledarsteg.operations.owner import Owner, owned
from service.contract import NotFound, lazy, session

CATEGORY_TITLES: Mapping[Category, Any] = {
    Category.FIREFIGHTING: lazy("Fire-fighting"),
    Category.SEEMINGLY_URGENT: lazy("Seemingly urgent"),
    Category.ROUTINES: lazy("Routines"),
    Category.MEETINGS: lazy("Meetings"),
    Category.OLD_HABITS: lazy("Old habits"),
    Category.LEADER_CONTRIBUTION: lazy("Leader contribution"),
    Category.OTHER: lazy("Other"),
}


@dataclass
class Round:
    """One round with its rows, in the order of days and of times."""

    audit: TimeAudit
    rows: list[TimeRow] = field(default_factory=list)

    @property
    def days(self) -> list[date]:
        """The working days that it is about."""
        return calculations.working_days(self.audit.first_day)

    @property
    def noted(self) -> Mapping[date, int]:
        """The minutes noted on each day that has any, in order."""
        found: dict[date, int] = {}
        for row in self.rows:
            found[row.local_date] = found.get(row.local_date, 0) + row.minutes
        return found

    @property
    def spent(self) -> list[Spent]:
        """What the numbers follow from."""
        return [Spent(row.category, row.minutes, row.challengeable) for row in self.rows]

    @property
    def is_open(self) -> bool:
        """True until it is finished."""
        return self.audit.finished_at is None

    @property
    def days_missing(self) -> int:
        """How many more days need a row before it can be finished."""
        return max(0, LEAST_AUDIT_DAYS - len(self.noted))


def own_rounds(owner: Owner) -> tuple[sa.ColumnElement[bool], ...]:
    """Returns the condition that holds for the owner's rounds and nobody else's."""
    return (TimeAudit.cohort_id == owner.cohort_id, TimeAudit.person_id == owner.person_id)


def rounds(owner: Owner) -> list[Round]:
    """Returns all rounds of the owner, the newest first. Two statements."""
    audits = session().scalars(sa.select(TimeAudit).where(*own_rounds(owner)).order_by(TimeAudit.number.desc())).all()
    found = {audit.id: Round(audit) for audit in audits}
    query = (
        sa.select(TimeRow)
        .where(TimeRow.audit_id.in_(sa.select(TimeAudit.id).where(*own_rounds(owner))))
        .order_by(TimeRow.local_date, sa.func.coalesce(TimeRow.starts_at, DAY_MINUTES), TimeRow.created_at, TimeRow.id)
    )
    for row in session().scalars(query):
        found[row.audit_id].rows.append(row)
    return list(found.values())


def get_round(owner: Owner, audit_id: uuid.UUID) -> Round:
    """Returns one round. Raises NotFound: absent, or not hers here."""
    return find_round(rounds(owner), audit_id)


def find_round(among: Sequence[Round], audit_id: uuid.UUID) -> Round:
    """Returns one of those rounds. Raises NotFound where it is none of them."""
    found = next((one for one in among if one.audit.id == audit_id), None)
    if found is None:
        raise NotFound("time_audit")
    return found


def get_row(owner: Owner, row_id: uuid.UUID) -> tuple[Round, TimeRow]:
    """Returns one row and its round. Raises NotFound: absent, or not hers here."""
    for found in rounds(owner):
        for row in found.rows:
            if row.id == row_id:
                return found, row
    raise NotFound("time_row")


@dataclass(frozen=True)
class Candidate:
    """What may be chosen away: rows of one kind and with the same words. `row_id` is the newest of them."""

    row_id: uuid.UUID
    category: Category
    what: str
    minutes: int
    per_week: int


def candidates(found: Round) -> list[Candidate]:
    """Returns what she thinks may not stand being challenged, the most time first; words of any case are the same."""
    groups: dict[tuple[Category, str], list[TimeRow]] = {}
    for row in found.rows:
        if row.challengeable:
            groups.setdefault((row.category, row.what.casefold()), []).append(row)
    days = len(found.noted)
    made = [_candidate(rows, days) for rows in groups.values()]
    return sorted(made, key=lambda one: (-one.minutes, one.what))


def _candidate(rows: Sequence[TimeRow], days: int) -> Candidate:
    minutes, newest = sum(row.minutes for row in rows), rows[-1]
    return Candidate(
        newest.id, newest.category, newest.what, minutes, calculations.per_working_week(minutes, days)
    )  # fmt: skip


def freed_minutes(owner: Owner) -> int:
    """Returns how many minutes a week are freed by what is chosen away for habits that are going on."""
    query = (
        sa.select(DropChoice.minutes_per_week)
        .join(Habit, Habit.id == DropChoice.habit_id)
        .where(*owned(owner), Habit.status == Status.ACTIVE)
    )
    return calculations.freed(session().scalars(query))
