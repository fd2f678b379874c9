"""Where the time goes: noting rounds of three to five working days. Reading them is in `rounds`."""

import uuid
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa

from plugins.ledarsteg import calculations
from plugins.ledarsteg.calculations import DAY_MINUTES, Category
from plugins.ledarsteg.models import TimeAudit, TimeRow
from plugins.ledarsteg.operations.changing import ChangedMeanwhile
from plugins.ledarsteg.operations.owner import Owner, alone, once, show
from plugins.ledarsteg.operations.rounds import (
    CATEGORY_TITLES,
    Round,
    find_round,
    get_round,
    get_row,
    own_rounds,
    rounds,
)
from service.contract import Invalid, lazy, ngettext, now, session

# How far ahead a round can be planned.
AHEAD = timedelta(days=14)


@dataclass(frozen=True)
class Stretch:
    """A stretch of time as she notes it. `starts_at` is minutes after midnight; `challengeable`: it may be dropped."""

    day: date
    category: Category
    minutes: int
    challengeable: bool = False
    starts_at: int | None = None
    what: str = ""


def start_round(owner: Owner, first_day: date) -> TimeAudit:
    """Begins a round of five working days from `first_day` on; while one is open, returns that.

    Raises Invalid for a day that has gone by, is no working day, or is more than two weeks ahead.
    """
    alone(owner)
    known = session().scalars(sa.select(TimeAudit).where(*own_rounds(owner)).order_by(TimeAudit.number)).all()
    if known and known[-1].finished_at is None:
        return known[-1]
    today = owner.today()
    if not today <= first_day <= today + AHEAD:
        raise Invalid(first_day=lazy("Choose today or a day within two weeks."))
    if not calculations.is_working_day(first_day):
        raise Invalid(first_day=lazy("Choose a day from Monday to Friday: it is your working time that you note."))
    audit = TimeAudit(
        cohort_id=owner.cohort_id, person_id=owner.person_id, first_day=first_day,
        number=known[-1].number + 1 if known else 1,
    )  # fmt: skip
    session().add(audit)
    session().flush()
    return audit


def add_row(owner: Owner, audit_id: uuid.UUID, stretch: Stretch, key: str = "") -> TimeRow:
    """Notes a stretch of time. The same form sent twice (`key`) is one row.

    Raises NotFound for a round that is not hers, and Invalid for a finished round, a day that is not one of the round or
    has not come yet, and more minutes than a day has.
    """
    alone(owner)
    found = get_round(owner, audit_id)
    row_id = once(owner, key, stretch)
    for row in found.rows:
        if row.id == row_id:
            return row
    _check(owner, found, stretch)
    made = TimeRow(id=row_id, audit_id=audit_id, person_id=owner.person_id, created_at=now(), **_values(stretch))
    session().add(made)
    session().flush()
    return made


def _values(stretch: Stretch) -> dict[str, Any]:
    return {
        "local_date": stretch.day, "category": stretch.category, "minutes": stretch.minutes,
        "challengeable": stretch.challengeable, "starts_at": stretch.starts_at, "what": stretch.what,
    }  # fmt: skip


def _check(owner: Owner, found: Round, stretch: Stretch, instead_of: TimeRow | None = None) -> None:
    if not found.is_open:
        raise Invalid(round=lazy("This round is finished. Open it again if something is missing in it."))
    if stretch.day not in found.days:
        raise Invalid(day=lazy("That day is not one of the round."))
    if stretch.day > owner.today():
        raise Invalid(day=lazy("That day has not come yet."))
    check_minutes(stretch.minutes)
    others = sum(row.minutes for row in found.rows if row.local_date == stretch.day and row is not instead_of)
    check_day(others, stretch.minutes)


def check_minutes(minutes: int) -> None:
    """Raises Invalid for less than a minute, and for more than a day has."""
    if minutes < 1:
        raise Invalid(minutes=lazy("Write at least one minute."))
    if minutes > DAY_MINUTES:
        text = lazy("A day has %(most)s minutes. You wrote %(number)s.", most=DAY_MINUTES, number=minutes)
        raise Invalid(minutes=str(text))


def check_day(others: int, minutes: int) -> None:
    """Raises Invalid where the minutes of a day would be more than it has. `others` is what the day has already."""
    if others + minutes > DAY_MINUTES:
        text = lazy(
            "A day has %(most)s minutes, and this day has %(others)s already. You wrote %(number)s.",
            most=DAY_MINUTES, others=others, number=minutes,
        )  # fmt: skip
        raise Invalid(minutes=str(text))


def change_row(owner: Owner, row_id: uuid.UUID, stretch: Stretch, revision: int) -> TimeRow:
    """Changes a row. Raises as `add_row`, and ChangedMeanwhile where another change came first."""
    alone(owner)
    found, row = get_row(owner, row_id)
    if row.revision != revision:
        raise ChangedMeanwhile
    _check(owner, found, stretch, row)
    for name, value in _values(stretch).items():
        setattr(row, name, value)
    row.revision += 1
    session().flush()
    return row


def delete_row(owner: Owner, audit_id: uuid.UUID, row_id: uuid.UUID) -> None:
    """Takes a row away; one that is gone is nothing to do. Raises NotFound for a round that is not hers."""
    found = get_round(owner, audit_id)
    if not found.is_open:
        raise Invalid(round=lazy("This round is finished. Open it again if something is missing in it."))
    session().execute(sa.delete(TimeRow).where(TimeRow.audit_id == audit_id, TimeRow.id == row_id))


def finish_round(owner: Owner, audit_id: uuid.UUID) -> None:
    """Ends a round. Raises Invalid while fewer than three days have a row."""
    alone(owner)
    found = get_round(owner, audit_id)
    if not found.is_open:
        return
    if found.days_missing:
        raise Invalid(round=missing_words(found))
    found.audit.finished_at = now()
    session().flush()


def missing_words(found: Round) -> str:
    """Says what a round needs before it can be finished."""
    return str(
        ngettext(
            "One more day with a note is needed: three days show more than one busy day does.",
            "%(num)d more days with a note are needed: three days show more than one busy day does.",
            found.days_missing,
        )
    )


def reopen_round(owner: Owner, audit_id: uuid.UUID) -> None:
    """Takes back that a round was finished; nobody else sees it then. Raises Invalid where a later round was begun."""
    alone(owner)
    known = rounds(owner)
    found = find_round(known, audit_id)
    if found is not known[0]:
        raise Invalid(round=lazy("You have begun another round since, so this one stays as it is."))
    found.audit.finished_at = None
    show(owner, found.audit, "audit", on=False)
    session().flush()


def discard_round(owner: Owner, audit_id: uuid.UUID) -> None:
    """Takes an open round away with its rows, so that another can begin. Raises Invalid for one that is finished."""
    found = get_round(owner, audit_id)
    if not found.is_open:
        raise Invalid(round=lazy("This round is finished. Open it again if something is missing in it."))
    session().execute(sa.delete(TimeRow).where(TimeRow.audit_id == audit_id))
    session().execute(sa.delete(TimeAudit).where(TimeAudit.id == audit_id))


def drop_words(owner: Owner, row_id: uuid.UUID) -> str:
    """Returns the words of a row, else what kind of time it was. Raises NotFound as `get_row` does."""
    _round, row = get_row(owner, row_id)
    return row.what or str(CATEGORY_TITLES[row.category])
