"""What the plugin can fill a file with: who has written how many notes, never what."""

import uuid
from collections.abc import Iterable, Sequence

import sqlalchemy as sa

from service.contract import Export, ExportScope, Member, Person, Role, gettext, lazy, session
from stegvis_example.models import Note


def headers(_scope: ExportScope) -> Sequence[str]:
    """Returns the titles of the columns."""
    return [gettext("Name"), gettext("Notes")]


def count(scope: ExportScope) -> int:
    """Returns how many rows there will be: one per manager."""
    query = sa.select(sa.func.count()).select_from(_members(scope).subquery())
    return session().scalar(query) or 0


def rows(scope: ExportScope) -> Iterable[Sequence[str | int]]:
    """Yields a row per manager, in the order of names."""
    number = sa.select(sa.func.count()).where(Note.member_id == Member.id).correlate(Member).scalar_subquery()
    query = _members(scope).add_columns(number).order_by(Person.name, Member.id)
    for name, _member_id, written in session().execute(query):
        yield [name, written]


def _members(scope: ExportScope) -> sa.Select[str, uuid.UUID]:
    return (
        sa.select(Person.name, Member.id)
        .join(Person, Person.id == Member.person_id)
        .where(Member.cohort_id == scope.cohort_id, Member.role == Role.MANAGER, Member.active)
    )


NOTES_EXPORT = Export(
    key="notes",
    title=lazy("Number of notes"),
    contains=lazy("Each manager's name and how many notes she has written. Never their text."),
    readers=lazy("You, who asked for it."),
    roles=frozenset({Role.COACH}),
    headers=headers,
    count=count,
    rows=rows,
)
