"""The files that can be asked for: the habits that are shared with a coach, and a manager's own time audit."""

from collections.abc import Iterator, Sequence
from datetime import date

import sqlalchemy as sa

from plugins.ledarsteg import calculations
from plugins.ledarsteg.calculations import DAY_MINUTES
from plugins.ledarsteg.models import Habit, Status, TimeAudit, TimeRow
from plugins.ledarsteg.operations import cohort as reading
from plugins.ledarsteg.operations.rounds import CATEGORY_TITLES
from service.contract import Cohort, Export, ExportScope, Member, Person, Role, lazy, session
from service.contract import gettext as _

Row = Sequence[str | int | float | date | None]


def shared_habits() -> Export:
    """Returns the declaration of the file."""
    return Export(
        key="shared_habits",
        title=lazy("Shared habits"),
        contains=lazy(
            "The habits that managers share with you: title, since when, days done, days in a row and strength."
        ),
        readers=lazy("You, as coach of the course."),
        roles=frozenset({Role.COACH}),
        headers=_headers,
        count=_count,
        rows=_rows,
    )


def _headers(_scope: ExportScope) -> Sequence[str]:
    return [
        _("Manager"), _("Habit"), _("Since"), _("Days done"), _("Days planned"), _("In a row now"),
        _("Habit strength, per cent"),
    ]  # fmt: skip


def _count(scope: ExportScope) -> int:
    query = (
        sa.select(sa.func.count())
        .select_from(Habit)
        .join(Member, sa.and_(Member.cohort_id == Habit.cohort_id, Member.person_id == Habit.person_id))
        .where(Habit.cohort_id == scope.cohort_id, Habit.shared, Habit.status == Status.ACTIVE, Member.active)
    )
    return session().scalar(query) or 0


def _rows(scope: ExportScope) -> Iterator[Row]:
    cohort = session().get_one(Cohort, scope.cohort_id)
    shared = reading.shared_habits(cohort.id, reading.today_of(cohort))
    people = session().scalars(
        sa.select(Person)
        .join(Member, Member.person_id == Person.id)
        .where(Member.cohort_id == cohort.id, Member.active)
        .order_by(Person.name, Person.id)
    )
    for person in people.all():
        for log in shared.get(person.id, ()):
            done, of = calculations.tally(log.periods)
            yield [
                person.display_name, log.habit.title, log.habit.starts_on.isoformat(), done, of,
                calculations.current_streak(log.periods), round(log.strength * 100),
            ]  # fmt: skip


def time_audit() -> Export:
    """Returns the declaration of the file with a manager's own time audit."""
    return Export(
        key="time_audit",
        title=lazy("Time audit"),
        contains=lazy(
            "What you noted of your time: day, when it began, minutes, what it went to, and whether it stands up to "
            "a challenge."
        ),
        readers=lazy("Only you."),
        roles=frozenset({Role.MANAGER}),
        headers=_time_headers,
        count=_time_count,
        rows=_time_rows,
    )


def _time_headers(_scope: ExportScope) -> Sequence[str]:
    return [_("Day"), _("Began"), _("Minutes"), _("Time to"), _("Stands up to a challenge")]


def _own_time(scope: ExportScope) -> sa.Select[TimeRow]:
    """Returns the rows of the person who asks for the file, of this cohort and nobody else's."""
    return (
        sa.select(TimeRow)
        .join(TimeAudit, TimeAudit.id == TimeRow.audit_id)
        .where(TimeAudit.cohort_id == scope.cohort_id, TimeAudit.person_id == scope.person_id)
    )


def _time_count(scope: ExportScope) -> int:
    return session().scalar(sa.select(sa.func.count()).select_from(_own_time(scope).subquery())) or 0


def _clock(minute: int | None) -> str | None:
    """Writes a time of day as ISO 8601 does, whatever the language: the file may be read by a program."""
    return None if minute is None else f"{minute // 60:02d}:{minute % 60:02d}"


def _time_rows(scope: ExportScope) -> Iterator[Row]:
    order = (TimeRow.local_date, sa.func.coalesce(TimeRow.starts_at, DAY_MINUTES), TimeRow.created_at, TimeRow.id)
    for row in session().scalars(_own_time(scope).order_by(*order)):
        yield [
            row.local_date, _clock(row.starts_at), row.minutes, str(CATEGORY_TITLES[row.category]),
            _("No") if row.challengeable else _("Yes"),
        ]  # fmt: skip
