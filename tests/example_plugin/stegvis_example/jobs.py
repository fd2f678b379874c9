"""What a worker does for the plugin, and what an operator may call."""

from collections.abc import Callable, Mapping

import sqlalchemy as sa

from service.contract import Due, Work, count_rows, delete_rows, reading_unit, session, writing_unit
from stegvis_example.models import Note

AT_ONCE = 500


def clear(work: Work) -> None:
    """Removes a member's notes, some at a time. Called again, it goes on with what is left."""
    some = sa.select(Note.id).where(Note.member_id == work.subject_id).limit(AT_ONCE)
    gone = True
    while gone:
        with work.writing():
            gone = bool(session().execute(sa.delete(Note).where(Note.id.in_(some)).returning(Note.id)).all())


def remove_empty() -> int:
    """Removes notes without words, and returns how many."""
    with writing_unit():
        return len(session().execute(sa.delete(Note).where(Note.body_sealed.is_(None)).returning(Note.id)).all())


def due_notes(due: Due) -> sa.ColumnElement[bool]:
    """Returns which notes are kept no longer."""
    return sa.and_(Note.cohort_id.in_(due.cohorts()), Note.written_at < due.before)


def count_due(due: Due) -> Mapping[str, int]:
    """Tells how many notes are due."""
    return count_rows([(Note, due_notes(due))])


def delete_due(due: Due, limit: int) -> Mapping[str, int]:
    """Deletes some of them."""
    some = session().scalars(sa.select(Note.id).where(due_notes(due)).limit(limit)).all()
    return delete_rows([(Note, Note.id.in_(some))])


def count(echo: Callable[[str], None]) -> int:
    """Prints how many notes there are."""
    with reading_unit():
        echo(f"{session().scalar(sa.select(sa.func.count()).select_from(Note))} notes")
    return 0
