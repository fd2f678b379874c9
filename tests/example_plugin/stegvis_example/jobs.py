"""What a worker does for the plugin, and what an operator may call."""

from collections.abc import Callable
from datetime import timedelta

import sqlalchemy as sa

from service.contract import Work, now, reading_unit, session, writing_unit
from stegvis_example.models import Note

AT_ONCE = 500
KEPT = timedelta(days=365)


def clear(work: Work) -> None:
    """Removes a member's notes, some at a time. Called again, it goes on with what is left."""
    some = sa.select(Note.id).where(Note.member_id == work.subject_id).limit(AT_ONCE)
    gone = True
    while gone:
        with work.writing():
            gone = bool(session().execute(sa.delete(Note).where(Note.id.in_(some)).returning(Note.id)).all())


def forget_old() -> int:
    """Removes notes whose time is up, and returns how many."""
    with writing_unit():
        old = Note.written_at < now() - KEPT
        return len(session().execute(sa.delete(Note).where(old).returning(Note.id)).all())


def count(echo: Callable[[str], None]) -> int:
    """Prints how many notes there are."""
    with reading_unit():
        echo(f"{session().scalar(sa.select(sa.func.count()).select_from(Note))} notes")
    return 0
