"""The file that the cohort's coaches can ask for: the habits that are shared with them."""

from collections.abc import Iterator, Sequence
from datetime import date

import sqlalchemy as sa

from plugins.ledarsteg import calculations
from plugins.ledarsteg.cards import words
from plugins.ledarsteg.models import Habit, Status
from plugins.ledarsteg.operations import load
from service.contract import Cohort, Export, ExportScope, Member, Person, Role, lazy, local_date, now, session, unit
from service.contract import gettext as _

Row = Sequence[str | int | float | date | None]
# So many people are read at once.
AT_ONCE = 50


def shared_habits() -> Export:
    """Returns the declaration of the file."""
    return Export(
        key="shared_habits",
        title=lazy("Shared habits"),
        contains=lazy(
            "The habits that managers share with you: title, how often, since when, done, in a row and strength."
        ),
        readers=lazy("You, as coach of the course."),
        roles=frozenset({Role.COACH}),
        headers=_headers,
        count=_count,
        rows=_rows,
    )


def _headers(_scope: ExportScope) -> Sequence[str]:
    return [
        _("Manager"), _("Habit"), _("How often"), _("Since"), _("Done"), _("Planned"), _("In a row now"),
        _("Habit strength, per cent"),
    ]  # fmt: skip


def _shared(scope: ExportScope) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        Habit.cohort_id == scope.cohort_id,
        sa.and_(Habit.shared),
        Habit.status == Status.ACTIVE,
        sa.and_(Member.active),
    )


def _count(scope: ExportScope) -> int:
    query = (
        sa.select(sa.func.count())
        .select_from(Habit)
        .join(Member, sa.and_(Member.cohort_id == Habit.cohort_id, Member.person_id == Habit.person_id))
        .where(*_shared(scope))
    )
    return session().scalar(query) or 0


def _rows(scope: ExportScope) -> Iterator[Row]:
    cohort = session().get_one(Cohort, scope.cohort_id)
    query = (
        sa.select(Person)
        .join(Member, Member.person_id == Person.id)
        .join(Habit, sa.and_(Habit.person_id == Person.id, Habit.cohort_id == Member.cohort_id))
        .where(*_shared(scope))
        .distinct()
        .order_by(Person.name, Person.id)
    )
    people = session().scalars(query).all()
    for start in range(0, len(people), AT_ONCE):
        some = people[start : start + AT_ONCE]
        unit().vault.fetch(person.id for person in some)
        for person in some:
            yield from _of_person(cohort, person)


def _of_person(cohort: Cohort, person: Person) -> Iterator[Row]:
    hers = sa.select(Habit.id).where(
        Habit.cohort_id == cohort.id, Habit.person_id == person.id, Habit.shared, Habit.status == Status.ACTIVE
    )
    for log in load(hers, local_date(now(), person.zone or cohort.zone), (Habit.created_at, Habit.id)):
        done, of = calculations.totals(log.periods)
        yield [
            person.display_name, log.habit.title, words.often(log.habit.kind, log.rhythm),
            log.habit.starts_on, done, of, calculations.current_streak(log.periods),
            round(log.strength * 100),
        ]  # fmt: skip
