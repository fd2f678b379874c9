"""The file that the cohort's coaches can ask for: the habits that are shared with them."""

from collections.abc import Iterator, Sequence

import sqlalchemy as sa

from plugins.ledarsteg import calculations
from plugins.ledarsteg.models import Habit, Status
from plugins.ledarsteg.operations import cohort as reading
from service.contract import Cohort, Export, ExportScope, Member, Person, Role, lazy, session
from service.contract import gettext as _

Row = Sequence[str | int | float | None]


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
